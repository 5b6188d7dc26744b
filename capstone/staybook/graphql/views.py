"""GraphQL over HTTP. Source: the GraphQL-over-HTTP draft (github.com/graphql/graphql-over-http), sections "Request",
"Response" and "Status Codes".

Only POST with a JSON object runs anything. GET is the explorer's page: a query in a URL would be kept in logs, and
sent by a link on another site. Batches are refused, so that one request is one operation.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from graphql import GraphQLError
from strawberry.schema.exceptions import CannotGetOperationTypeError
from strawberry.types import ExecutionResult

from staybook.common.errors import Invalid, StaybookError
from staybook.graphql import errors
from staybook.graphql.caller import Caller
from staybook.graphql.schema import schema

LARGEST_BODY = 64 * 1024
RESPONSE_TYPE = "application/graphql-response+json"
_TYPES = [RESPONSE_TYPE, "application/json"]
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Asked(NamedTuple):
    """One operation as it came."""

    query: str
    variables: dict[str, Any]
    operation: str | None


class _Unreadable(Exception):
    """No well-formed GraphQL-over-HTTP request."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


@csrf_exempt  # nothing here reads a cookie: who asks is said by the Authorization header alone
def graphql(request: HttpRequest) -> HttpResponse:
    """Answer an operation, or show the explorer."""
    if request.method in ("GET", "HEAD") and "query" not in request.GET:
        return _explorer(request)
    wanted = request.get_preferred_type(_TYPES)
    media_type = wanted or RESPONSE_TYPE
    try:
        if wanted is None:
            raise _Unreadable(406, f"Accept {' or '.join(_TYPES)}.")
        asked = _read(request)
        result = _run(asked, Caller(request))
    except _Unreadable as error:
        refusal = GraphQLError(str(error), original_error=Invalid(str(error), code="graphql_unreadable"))
        return _answer({"errors": [errors.told(refusal)]}, error.status, media_type)
    except StaybookError as error:  # a token that is not valid: not permitted to ask at all
        refusal = GraphQLError(error.detail, original_error=error)
        return _answer({"errors": [errors.told(refusal)]}, errors.status_of(refusal), media_type)
    return _answer_of(result, media_type)


def _explorer(request: HttpRequest) -> HttpResponse:
    page = render(request, "graphql/explorer.html")
    page["Content-Security-Policy"] = _POLICY
    return page


def _read(request: HttpRequest) -> Asked:
    """Raises _Unreadable."""
    if request.method != "POST":
        raise _Unreadable(405, "Send the query by POST.")
    if request.content_type != "application/json":
        raise _Unreadable(415, "Send JSON, as application/json.")
    if int(request.headers.get("Content-Length") or 0) > LARGEST_BODY:
        raise _Unreadable(413, f"A request has at most {LARGEST_BODY} bytes.")
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        raise _Unreadable(400, "This is not JSON.") from None
    if isinstance(body, list):
        raise _Unreadable(400, "Send one operation: batches are not answered.")
    if not isinstance(body, dict) or not isinstance(body.get("query"), str) or not body["query"].strip():
        raise _Unreadable(400, 'Send an object with a text as its "query".')
    variables, operation = body.get("variables"), body.get("operationName")
    if not isinstance(variables, dict | None) or not isinstance(operation, str | None):
        raise _Unreadable(400, '"variables" is an object, and "operationName" a text, where they are there.')
    return Asked(body["query"], variables or {}, operation or None)


def _run(asked: Asked, caller: Caller) -> ExecutionResult:
    try:
        return schema.execute_sync(asked.query, asked.variables, context_value=caller, operation_name=asked.operation)
    except CannotGetOperationTypeError:
        words = "The document has no operation of this name."
        return ExecutionResult(data=None, errors=[GraphQLError(words)], extensions=None)


def _answer_of(result: ExecutionResult, media_type: str) -> HttpResponse:
    """Request errors, which leave no data, have a status of their own where the media type lets a client trust it.

    Who may not ask at all gets 401 in any media type: that is HTTP's to say. Source: RFC 9110, section 15.5.2.
    """
    body: dict[str, Any] = {}
    failed = bool(result.errors) and not _has_begun(result)
    if not failed:
        body["data"] = result.data
    if result.errors:
        body["errors"] = [errors.told(error) for error in result.errors]
    if result.extensions:
        body["extensions"] = result.extensions
    status = errors.status_of(result.errors[0]) if failed and result.errors else 200
    return _answer(body, status if status == 401 or media_type == RESPONSE_TYPE else 200, media_type)


def _has_begun(result: ExecutionResult) -> bool:
    """Whether the operation was executed: then an error has a path, and the answer has data, which may be null."""
    return result.data is not None or any(error.path for error in result.errors or ())


def _answer(body: dict[str, Any], status: int, media_type: str) -> HttpResponse:
    text = json.dumps(body, cls=DjangoJSONEncoder, separators=(",", ":"))
    response = HttpResponse(text, status=status, content_type=f"{media_type}; charset=utf-8")
    response["Cache-Control"] = "no-store"
    response["Vary"] = "Accept, Authorization"
    if status == 405:
        response["Allow"] = "GET, POST"
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer error="invalid_token"'
    return response
