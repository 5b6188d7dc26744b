"""What drf-spectacular does not find out by itself: that errors of every operation are problem details."""

from __future__ import annotations

from typing import Any

from staybook.common.problems import CONTENT_TYPE

_PROBLEM = {
    "type": "object",
    "description": "What went wrong. Source: RFC 9457.",
    "required": ["type", "title", "status", "code", "detail", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable; for programs."},
        "detail": {"type": "string", "description": "A sentence for people."},
        "request_id": {"type": "string"},
        "fields": {
            "type": "object",
            "description": "What is wrong with which input.",
            "additionalProperties": {"type": "string"},
        },
    },
}
_WORDS = {
    "400": "Some of it cannot be read, or is not right.",
    "401": "No token, or one that is not valid.",
    "403": "Not for this caller.",
    "404": "There is no such thing, or it is none of the caller's business.",
    "429": "Too many requests.",
    "default": "Any other error.",
}


def document_problems(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add the Problem schema, and to every operation the errors that it may answer with; a postprocessing hook."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = _PROBLEM
    for path, item in result["paths"].items():
        for method, operation in item.items():
            for status in _statuses(path, method, operation):
                operation["responses"].setdefault(status, _response(status))
    return result


def _statuses(path: str, method: str, operation: dict[str, Any]) -> list[str]:
    found = ["429", "default"]
    if operation.get("parameters") or method in ("post", "put", "patch"):
        found.append("400")
    if any(operation.get("security", [])):
        found += ["401", "403"]
    return [*found, "404"] if "{" in path else found


def _response(status: str) -> dict[str, Any]:
    content = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    response: dict[str, Any] = {"description": _WORDS[status], "content": content}
    if status == "429":
        response["headers"] = {"Retry-After": {"schema": {"type": "integer", "minimum": 1}, "description": "Seconds."}}
    return response
