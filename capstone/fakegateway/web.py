"""A small HTTP server over the standard library: routes, requests and answers."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Request:
    """What was asked. ``words`` are the parts of the path that the route left open."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    words: tuple[str, ...] = ()

    def form(self) -> dict[str, str]:
        """The body as a form."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    def json(self) -> dict[str, Any]:
        """The body as an object. Raises ``Answer`` with status 400 for anything else."""
        try:
            found = json.loads(self.body or b"{}")
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise Answer(400, {"message": "the body must be a JSON object"})
        return found

    def fields(self) -> dict[str, Any]:
        """The body, as a form or as JSON, whichever its type says."""
        return self.json() if "json" in self.headers.get("content-type", "") else self.form()


@dataclass
class Answer(Exception):
    """What is answered, returned or raised: JSON, or a page where ``content`` is text. ``cut`` sends nothing at all."""

    status: int
    content: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    after_s: float = 0.0

    @property
    def payload(self) -> bytes:
        """The bytes of the body."""
        return self.content.encode() if isinstance(self.content, str) else json.dumps(self.content).encode()


Handler = Callable[[Request], Answer]


class Routes:
    """Handlers by method and path; ``*`` stands for one part of a path."""

    def __init__(self) -> None:
        self._routes: list[tuple[str, re.Pattern[str], Handler]] = []

    def add(self, method: str, path: str, handler: Handler) -> None:
        """Let ``handler`` answer."""
        self._routes.append((method, re.compile(re.escape(path).replace(r"\*", "([^/]+)")), handler))

    def answer(self, request: Request) -> Answer:
        """What the first fitting handler answers; 404 or 405 where none does."""
        known = False
        for method, pattern, handler in self._routes:
            if found := pattern.fullmatch(request.path):
                known = True
                if method == request.method:
                    try:
                        return handler(Request(**{**vars(request), "words": found.groups()}))
                    except Answer as answer:
                        return answer
        return Answer(405 if known else 404, {"message": "no such route"})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Server

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {key.lower(): value for key, value in self.headers.items()}
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        answer = self.server.routes.answer(Request(self.command, parts.path, query, headers, body))
        if answer.after_s:
            time.sleep(answer.after_s)
        if answer.cut:
            self.close_connection = True
            return
        self._send(answer)

    def _send(self, answer: Answer) -> None:
        self.send_response_only(answer.status, HTTPStatus(answer.status).phrase)
        kind = "text/html; charset=utf-8" if isinstance(answer.content, str) else "application/json"
        for key, value in {"Content-Type": kind, "Content-Length": str(len(answer.payload)), **answer.headers}.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(answer.payload)

    do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815, the names that http.server looks for


class Server(ThreadingHTTPServer):
    """A thread for each connection, on loopback unless told otherwise."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, routes: Routes, host: str, port: int) -> None:
        self.routes = routes
        super().__init__((host, port), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that went away is no news; everything else is."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)
