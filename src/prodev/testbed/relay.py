"""Passing a session on between a client and the server, and keeping the server's end for the client's next one.

A new session costs the server a process that reads the catalogue from the beginning; one that was emptied by
DISCARD ALL is to its next client what a new one is.
"""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prodev.testbed import login
from prodev.testbed.wire import WireError

if TYPE_CHECKING:
    from collections.abc import Callable

    from prodev.testbed.wire import Conversation

_CHUNK = 64 * 1024
_TERMINATE = login.message(b"X", b"")
_DISCARD = login.message(b"Q", b"DISCARD ALL\0")
_READY = b"Z\0\0\0\5"


@dataclass(frozen=True)
class Session:
    """The server's end of a session, and ``greeting``: what it says to a client that begins with ``opening``."""

    server: socket.socket
    opening: bytes
    greeting: bytes

    @classmethod
    def begin(cls, server: socket.socket, opening: bytes, *, user: str, password: str) -> Session:
        """Log in for a client whose first packet is ``opening``; a refusal is a greeting as well."""
        server.sendall(opening)
        greeting = login.log_in(server, user=user, password=password)
        kind = b"R" if greeting[:1] != b"E" else b"E"
        while kind not in (b"Z", b"E"):
            kind, body = login.read_message(server)
            greeting += login.message(kind, body)
        return cls(server, opening, greeting)

    def is_silent(self) -> bool:
        """Whether the server has said nothing since: it says so when it ends the session."""
        return not select.select([self.server], [], [], 0)[0]

    def serve(self, client: socket.socket, talk: Conversation) -> bool:
        """Pass everything on until one side ends; whether the session is as good as new for another client."""
        client.sendall(self.greeting)
        front = threading.Thread(target=self._forth, args=(client, talk), name="tap-client-reads", daemon=True)
        front.start()
        try:
            return self._back(client, talk)
        finally:
            front.join()

    def _forth(self, client: socket.socket, talk: Conversation) -> None:
        """From the client to the server; a goodbye at rest is answered here, and not passed on."""

        def send(data: bytes) -> None:
            if data == _TERMINATE and talk.is_at_rest:
                talk.is_over = True
                data = _DISCARD
            else:
                talk.frontend(data)
            self.server.sendall(data)

        pump(client, send, until=lambda: talk.is_over)
        if not talk.is_over:
            with contextlib.suppress(OSError):
                self.server.shutdown(socket.SHUT_WR)

    def _back(self, client: socket.socket, talk: Conversation) -> bool:
        """From the server to the client, and after its goodbye to nobody."""
        last = b""

        def send(data: bytes) -> None:
            nonlocal last
            if talk.is_over:
                last = (last + data)[-len(_READY) - 1 :]
            else:
                talk.backend(data)
                client.sendall(data)

        pump(self.server, send, until=lambda: last.startswith(_READY))
        with contextlib.suppress(OSError):
            client.shutdown(socket.SHUT_WR)
        return last == _READY + b"I"


def pump(source: socket.socket, send: Callable[[bytes], None], *, until: Callable[[], bool]) -> None:
    """Give what ``source`` says to ``send``, until it ends or ``until`` is true; cut it off where that fails."""
    try:
        while data := source.recv(_CHUNK):
            send(data)
            if until():
                return
    except (OSError, WireError):
        cut(source)


def cut(connection: socket.socket) -> None:
    """End both directions at once, which wakes whoever waits on it."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
