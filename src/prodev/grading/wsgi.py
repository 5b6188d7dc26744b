"""One request through the candidate's WSGI application, in the candidate's process."""

from __future__ import annotations

import base64
import contextlib
import io
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit

Application = Callable[..., Any]

_errors: list[BaseException] = []


def load(module: str, attribute: str) -> Application:
    """Fetch the application and listen for the errors that Django turns into a page."""
    application: Application = getattr(sys.modules[module], attribute)
    if "django" in sys.modules:
        from django.urls import get_resolver

        with contextlib.suppress(Exception):  # a request meets it again, and tells
            get_resolver().url_patterns  # noqa: B018
        listen_for_errors()
    return application


def listen_for_errors() -> None:
    """Hear of the errors that Django turns into a page."""
    from django.core.signals import got_request_exception

    got_request_exception.connect(_note_error, weak=False, dispatch_uid="prodev")


def point_django_at(url: str) -> None:
    """Send a Django that was set up before the database existed to the database at ``url``."""
    from dj_database_url import parse
    from django.db import connections

    known, found = connections.settings["default"], parse(url)
    known.setdefault("OPTIONS", {}).update(found.pop("OPTIONS", {}))
    for key in ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT"):  # the rest is for the settings to say
        known[key] = found[key]


def rehearse(tree: str, *, keep: bool) -> None:
    """Do ahead what every first request does: read each model of the application, with what it points to.

    ``keep`` leaves open a connection that the settings keep (``CONN_MAX_AGE``); it then serves the candidate.
    """
    from django.apps import apps
    from django.db import connections

    with contextlib.suppress(Exception):  # whatever it is, the candidate meets it where it can be told
        for model in apps.get_models():
            file = getattr(sys.modules[model.__module__], "__file__", None) or ""
            if file.startswith(tree):
                related = [field.name for field in model._meta.concrete_fields if field.is_relation]
                list(model._base_manager.select_related(*related)[:1])
        if not keep:
            connections.close_all()


def exchange(application: Application, request: dict[str, Any]) -> tuple[dict[str, Any], BaseException | None]:
    """Send ``request`` and return the answer with the exception behind a 500, if there was one."""
    _errors.clear()
    started: dict[str, Any] = {}

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        del exc_info
        started.update(status=int(status.split(" ", 1)[0]), headers=[[key, value] for key, value in headers])

    chunks = application(_environ(request), start_response)
    try:
        body = b"".join(chunks)
    finally:
        if hasattr(chunks, "close"):
            chunks.close()
    return {**started, "body": body}, _errors[-1] if _errors else None


def _environ(request: dict[str, Any]) -> dict[str, Any]:
    parts = urlsplit(request["path"])
    body = base64.b64decode(request["body"])
    environ = {
        "REQUEST_METHOD": request["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(parts.path, "latin-1"),
        "QUERY_STRING": parts.query,
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for key, value in request["headers"].items():
        name = key.upper().replace("-", "_")
        environ[name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"] = value
    return environ


def _note_error(**_: Any) -> None:
    error = sys.exc_info()[1]
    if error is not None:
        _errors.append(error)
