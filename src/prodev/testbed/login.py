"""The opening of a PostgreSQL session: what a client asks for, and logging in to a server in its place."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import socket
import struct

from prodev.testbed.wire import WireError

CANCEL = 80877102
ENCRYPTION = (80877103, 80877104)
"""The codes with which a client asks for TLS or GSS encryption."""

_LONGEST = 10_000


def read_exactly(source: socket.socket, count: int) -> bytes:
    """Read ``count`` bytes; raises ``WireError`` when the other side closes earlier."""
    data = b""
    while len(data) < count:
        piece = source.recv(count - len(data))
        if not piece:
            raise WireError("the connection was closed in the middle of a message")
        data += piece
    return data


def read_opening(client: socket.socket) -> tuple[int, bytes]:
    """Read a client's first packet; return its code and the whole packet."""
    head = read_exactly(client, 8)
    length, code = struct.unpack("!ii", head)
    if not 8 <= length <= _LONGEST:
        raise WireError(f"the first packet claims to be {length} bytes long")
    return code, head + read_exactly(client, length - 8)


def parameters(opening: bytes) -> dict[str, str]:
    """Return the parameters, such as ``user`` and ``database``, of a start-up packet."""
    texts = [part.decode("utf-8", "replace") for part in opening[8:].split(b"\0")]
    return dict(zip(texts[0::2], texts[1::2], strict=False))


def read_message(source: socket.socket) -> tuple[bytes, bytes]:
    """Read one message; return its kind and its body."""
    head = read_exactly(source, 5)
    length = int.from_bytes(head[1:], "big") - 4
    if not 0 <= length <= _LONGEST:
        raise WireError("a message of the login is longer than any should be")
    return head[:1], read_exactly(source, length)


def message(kind: bytes, body: bytes) -> bytes:
    """Frame ``body``."""
    return kind + struct.pack("!i", len(body) + 4) + body


def refusal(text: str) -> bytes:
    """Frame the error with which a server turns a client away."""
    fields = (b"SFATAL", b"VFATAL", b"C28000", b"M" + text.encode())
    return message(b"E", b"\0".join(fields) + b"\0\0")


def ask_password(client: socket.socket) -> str:
    """Ask the client for a password in clear, which stays on this machine."""
    client.sendall(message(b"R", struct.pack("!i", 3)))
    kind, body = read_message(client)
    return body.rstrip(b"\0").decode("utf-8", "replace") if kind == b"p" else ""


def log_in(server: socket.socket, *, user: str, password: str) -> bytes:
    """Answer the server's questions until it has let us in; return its last message, or its refusal.

    What it returns is for the client, who has proved to us, not to the server, that it may come in.
    """
    scram: _Scram | None = None
    aside = b""
    while True:
        kind, body = read_message(server)
        if kind in (b"N", b"v"):  # a notice, or the version that the server would rather speak
            aside += message(kind, body)
            continue
        asked = int.from_bytes(body[:4], "big")
        if kind != b"R" or asked == 0:
            return aside + message(kind, body)
        if asked == 3:
            server.sendall(message(b"p", password.encode() + b"\0"))
        elif asked == 5:
            inner = hashlib.md5((password + user).encode()).hexdigest()
            outer = hashlib.md5(inner.encode() + body[4:8]).hexdigest()
            server.sendall(message(b"p", b"md5" + outer.encode() + b"\0"))
        elif asked == 10:
            scram = _Scram(password)
            first = scram.first().encode()
            server.sendall(message(b"p", b"SCRAM-SHA-256\0" + struct.pack("!i", len(first)) + first))
        elif asked == 11 and scram is not None:
            server.sendall(message(b"p", scram.last(body[4:].decode()).encode()))
        elif asked != 12:
            raise WireError(f"the server asks for authentication {asked}, which the tap does not speak")


class _Scram:
    """The client's side of SCRAM-SHA-256 (RFC 5802, RFC 7677), without channel binding."""

    def __init__(self, password: str) -> None:
        self._password = password
        self._bare = "n=,r=" + secrets.token_hex(12)

    def first(self) -> str:
        """Return the first message."""
        return "n,," + self._bare

    def last(self, challenge: str) -> str:
        """Return the proof that answers the server's ``challenge``."""
        fields = dict(part.split("=", 1) for part in challenge.split(","))
        salt = base64.b64decode(fields["s"])
        salted = hashlib.pbkdf2_hmac("sha256", self._password.encode(), salt, int(fields["i"]))
        client = hmac.digest(salted, b"Client Key", "sha256")
        stored = hashlib.sha256(client).digest()
        unproved = f"c=biws,r={fields['r']}"
        signature = hmac.digest(stored, f"{self._bare},{challenge},{unproved}".encode(), "sha256")
        proof = bytes(left ^ right for left, right in zip(client, signature, strict=True))
        return f"{unproved},p={base64.b64encode(proof).decode()}"
