"""A real HTTP server on loopback that answers as a script says, for clients and shell answers to talk to."""

from __future__ import annotations

import contextlib
import functools
import json as jsonlib
import socket
import sys
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from typing import Self

_LONGEST_LINE = 64 * 1024
_MOST_HEADERS = 200
_MOST_OPEN = 200
_MOST_KEPT = 256 * 1024 * 1024
_LONGEST_BODY = 16 * 1024 * 1024
_HTML = "text/html; charset=utf-8"
_NOT_FOUND = b"<!doctype html>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n<p>Nothing is served here.</p>\n"


@dataclass(frozen=True)
class Request:
    """One request as it arrived; ``at_index`` counts the server's requests from 0, ``headers`` are lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    at_index: int

    @property
    def text(self) -> str:
        """Return the body as UTF-8 text."""
        return self.body.decode("utf-8", "replace")

    @property
    def json(self) -> Any:
        """Return the body read as JSON."""
        return jsonlib.loads(self.body)


@dataclass
class Answer:
    """What is sent for one request."""

    status: int
    content: bytes
    headers: dict[str, str]
    seconds_before: float = 0.0
    seconds_between: float = 0.0
    pieces: int = 1
    cut_after: int | None = None


class ScriptedServer:
    """A server that answers what it was told and writes down what it was asked.

        with ScriptedServer() as server:
            server.answers("/listings/7", json={"id": 7})
            server.answers("/flaky", status=503).then(status=503).then(json=[])
            ...
            assert [request.path for request in server.log] == ["/listings/7"]

    It listens from construction on, at ``listener`` where one is given; ``close`` returns at once,
    whatever answer is under way.
    """

    def __init__(self, listener: socket.socket | None = None) -> None:
        self.log: list[Request] = []
        self._routes: dict[tuple[str, str], Route] = {}
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._open: set[socket.socket] = set()
        self._kept = 0
        self._listener = listener or socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._acceptor = threading.Thread(target=self._accept, name="scripted-server", daemon=True)
        self._acceptor.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def answers(
        self,
        path: str,
        *,
        method: str = "",
        status: int = 200,
        json: object = None,
        text: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Route:
        """Say what ``path`` (without its query) answers to ``method``, to any method without it.

        What it returns is refined with ``body``, ``slow`` and ``drops_after``, and followed up with ``then``;
        the last answer is repeated for ever. A second call for the same path replaces the first.
        """
        route = Route(_answer(status, json, text, headers))
        with self._lock:
            self._routes[method.upper(), path] = route
        return route

    def requests(self, path: str, *, method: str = "") -> list[Request]:
        """Return the requests for ``path`` so far, of one method where it is given."""
        return [each for each in list(self.log) if each.path == path and method.upper() in ("", each.method)]

    def close(self) -> None:
        """Cut every connection and stop listening."""
        if self._closing.is_set():
            return
        self._closing.set()
        with contextlib.suppress(OSError):  # wakes the thread in accept; not so on macOS, where connecting does
            self._listener.shutdown(socket.SHUT_RDWR)
        if sys.platform == "darwin":
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        self._acceptor.join(timeout=1)
        self._listener.close()
        with self._lock:
            for each in self._open:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._closing.is_set():
                client.close()
                return
            if len(self._open) > _MOST_OPEN:
                client.close()
                continue
            threading.Thread(target=self._serve, args=(client,), name="scripted-client", daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        """Answer the requests of one connection, one after another."""
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._open.add(client)
        try:
            with client.makefile("rb") as source:
                while (asked := _read(client, source)) is not None and not self._closing.is_set():
                    request, answer = self._note(asked)
                    if not self._send(client, request, answer):
                        return
        except (OSError, ValueError):
            return
        finally:
            with self._lock:
                self._open.discard(client)
            client.close()

    def _note(self, asked: dict[str, Any]) -> tuple[Request, Answer]:
        """Write the request down and choose its answer."""
        with self._lock:
            self._kept += len(asked["body"])
            if self._kept > _MOST_KEPT:
                asked["body"] = b""  # a client that floods us does not fill the judge's memory
            request = Request(**asked, at_index=len(self.log))
            self.log.append(request)
            route = self._routes.get((request.method, request.path)) or self._routes.get(("", request.path))
            if route is None and request.method == "HEAD":
                route = self._routes.get(("GET", request.path))
            return request, route.next() if route else Answer(404, _NOT_FOUND, {"Content-Type": _HTML})

    def _send(self, client: socket.socket, request: Request, answer: Answer) -> bool:
        """Send ``answer``; return whether the connection may be used again."""
        if answer.seconds_before and self._closing.wait(answer.seconds_before):
            return False
        client.sendall(_head(answer))
        content = b"" if request.method == "HEAD" else answer.content
        if answer.cut_after is not None:
            content = content[: answer.cut_after]
        size = max(1, -(-len(content) // answer.pieces))
        for start in range(0, len(content), size):
            if start and answer.seconds_between and self._closing.wait(answer.seconds_between):
                return False
            client.sendall(content[start : start + size])
        return answer.cut_after is None and request.headers.get("connection", "").lower() != "close"


class Route:
    """The answers of one path, in order."""

    def __init__(self, first: Answer) -> None:
        self._waiting = deque([first])

    def body(self, content: bytes, *, type: str = "application/octet-stream") -> Route:
        """Let the latest answer send these bytes."""
        latest = self._waiting[-1]
        latest.content = content
        latest.headers["Content-Type"] = type
        return self

    def slow(self, seconds: float, *, between: float = 0.0, pieces: int = 1) -> Route:
        """Let the latest answer wait before its head, and ``between`` the ``pieces`` of its body."""
        latest = self._waiting[-1]
        latest.seconds_before, latest.seconds_between, latest.pieces = seconds, between, max(1, pieces)
        return self

    def drops_after(self, count: int) -> Route:
        """Let the latest answer promise its whole body and cut the connection after ``count`` bytes of it."""
        self._waiting[-1].cut_after = count
        return self

    def then(
        self,
        *,
        status: int = 200,
        json: object = None,
        text: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Route:
        """Add what the next request gets; the last answer is repeated for ever."""
        self._waiting.append(_answer(status, json, text, headers))
        return self

    def next(self) -> Answer:
        """Return the answer for the next request."""
        return self._waiting.popleft() if len(self._waiting) > 1 else self._waiting[0]


@functools.cache
def dead_port() -> str:
    """Return a URL on loopback where nothing listens; the port stays ours, so that nothing ever will."""
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    port = taken.getsockname()[1]
    taken.detach()
    return f"http://127.0.0.1:{port}"


def _answer(status: int, json: object, text: str | None, headers: Mapping[str, str] | None) -> Answer:
    """Make an answer; ``json`` wins over ``text``."""
    content, kind = b"", ""
    if json is not None:
        content, kind = jsonlib.dumps(json).encode(), "application/json"
    elif text is not None:
        content, kind = text.encode(), "text/plain; charset=utf-8"
    return Answer(status, content, ({"Content-Type": kind} if kind else {}) | dict(headers or {}))


def _head(answer: Answer) -> bytes:
    """Write the status line and headers; the length promised is that of the whole body, cut or not."""
    try:
        reason = HTTPStatus(answer.status).phrase
    except ValueError:
        reason = "Unknown"
    lines = [f"HTTP/1.1 {answer.status} {reason}"]
    headers = {"Content-Length": str(len(answer.content)), **answer.headers}
    if answer.status == 204:
        del headers["Content-Length"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _read(client: socket.socket, source: BinaryIO) -> dict[str, Any] | None:
    """Read one request; ``None`` where the client has ended the connection."""
    first = source.readline(_LONGEST_LINE).split()
    if len(first) != 3:
        return None
    headers: dict[str, str] = {}
    while line := source.readline(_LONGEST_LINE).strip():
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
        if len(headers) > _MOST_HEADERS:
            raise ValueError("too many headers")
    if headers.get("expect", "").lower() == "100-continue":
        client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    target = urlsplit(first[1].decode("latin-1"))
    body = _body(source, headers)
    return {"method": first[0].decode("latin-1").upper(), "path": target.path, "query": target.query,
            "headers": headers, "body": body}  # fmt: skip


def _body(source: BinaryIO, headers: Mapping[str, str]) -> bytes:
    """Read a request's body, sent with its length or in chunks."""
    if headers.get("transfer-encoding", "").lower() != "chunked":
        length = int(headers.get("content-length", "0"))
        if not 0 <= length <= _LONGEST_BODY:
            raise ValueError("the body is too long")
        return source.read(length)
    body = b""
    while size := int(source.readline(_LONGEST_LINE).split(b";")[0], 16):
        if len(body) + size > _LONGEST_BODY:
            raise ValueError("the body is too long")
        body += source.read(size)
        source.readline(_LONGEST_LINE)
    while source.readline(_LONGEST_LINE).strip():
        pass
    return body
