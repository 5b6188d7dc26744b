"""Plain data over a socket: what the two sides of a grading may say to each other.

A frame is a 4-byte big-endian length and that many bytes of UTF-8 JSON. Values beyond JSON travel
as ``{"$": kind, ...}``. Decoding builds only the types named here, so a candidate's own class can
never reach the trusted side: what arrives is compared by Python's own ``==``.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import json
import select
import socket
import struct
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import PurePath
from typing import Any

ANSWER_BYTES = 8 * 1024 * 1024
DEEPEST = 60
LONGEST_TEXT = 400


@dataclasses.dataclass(frozen=True)
class Raised:
    """An exception that left the candidate's code.

    ``type`` is the class's name and ``bases`` those of its parents, nearest first; ``where`` is the
    last place in the candidate's own files, such as ``stream.py line 12`` (empty if none).
    """

    type: str
    message: str
    where: str = ""
    bases: tuple[str, ...] = ()
    cause: Raised | None = None

    def is_a(self, name: str) -> bool:
        """Whether the exception is a ``name`` or a kind of it."""
        return name == self.type or name in self.bases

    def __str__(self) -> str:
        place = f" at {self.where}" if self.where else ""
        return f"{self.type}: {self.message}{place}" if self.message else f"{self.type}{place}"


class Record(dict[str, Any]):
    """A dataclass or named tuple of the candidate's, as its fields; ``type`` is its class's name."""

    type: str = ""

    @classmethod
    def of(cls, type_name: str, fields: dict[str, Any]) -> Record:
        record = cls(fields)
        record.type = type_name
        return record

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"{self.type} has no field '{name}'") from None


@dataclasses.dataclass(frozen=True)
class Opaque:
    """A value that is not plain data: the name of its type and the beginning of its repr."""

    type: str
    text: str = ""

    def __str__(self) -> str:
        return self.text or f"<{self.type}>"


@dataclasses.dataclass(frozen=True)
class Remote:
    """A function of the trusted side's, by its number: calling its stand-in asks the other side."""

    number: int
    awaitable: bool = False


class WireClosed(Exception):
    """The other side is gone."""


class WireTimeout(Exception):
    """No whole frame before the deadline."""


class WireTooLong(Exception):
    """A frame longer than the reader accepts."""


_EXACT = (bool, type(None), str)
_SUBCLASSED: tuple[Any, ...] = (str, int, float, bytes, Decimal)


def encode(value: Any, depth: int = 0) -> Any:
    """Turn ``value`` into JSON's types; what is not plain data becomes an Opaque, never an error."""
    kind = type(value)
    if kind in _EXACT:
        return value
    if depth > DEEPEST:
        return {"$": "opaque", "type": _name(kind), "text": "nested too deeply"}
    if kind is int:
        return value if abs(value) < 2**63 else {"$": "int", "v": hex(value)}
    if kind is float:
        return {"$": "float", "v": value.hex()} if value != value or value in (float("inf"), -float("inf")) else value
    if kind is list:
        return [encode(item, depth + 1) for item in value]
    if kind is dict:
        return _encode_dict(value, depth)
    return _encode_tagged(value, kind, depth)


def _encode_dict(value: dict[Any, Any], depth: int) -> Any:
    if all(type(key) is str for key in value) and "$" not in value:
        return {key: encode(item, depth + 1) for key, item in value.items()}
    return {"$": "dict", "v": [[encode(key, depth + 1), encode(item, depth + 1)] for key, item in value.items()]}


def _encode_tagged(value: Any, kind: type, depth: int) -> Any:
    if kind is Raised:
        cause = encode(value.cause, depth + 1)
        fields = {"type": value.type, "message": value.message, "where": value.where, "bases": list(value.bases)}
        return {"$": "raised", **fields, "cause": cause}
    if kind is Opaque:
        return {"$": "opaque", "type": value.type, "text": value.text}
    if kind is Remote:
        return {"$": "remote", "v": [value.number, value.awaitable]}
    if kind is tuple or kind is set or kind is frozenset:
        return {"$": kind.__name__, "v": [encode(item, depth + 1) for item in value]}
    if kind is bytes or kind is bytearray:
        return {"$": "bytes", "v": base64.b64encode(value).decode()}
    if kind is Decimal:
        return {"$": "decimal", "v": str(value)}
    if kind is dt.datetime or kind is dt.date or kind is dt.time:
        return {"$": kind.__name__, "v": value.isoformat()}
    if kind is dt.timedelta:
        return {"$": "timedelta", "v": [value.days, value.seconds, value.microseconds]}
    return _encode_object(value, kind, depth)


def _encode_object(value: Any, kind: type, depth: int) -> Any:
    try:
        for base in _SUBCLASSED:
            if issubclass(kind, base):  # an enum, or another dressed-up plain value
                plain = str.__str__(value) if base is str else base(value)
                return encode(plain, depth + 1)
        fields = _fields(value, kind)
        if fields is not None:
            return {
                "$": "record",
                "type": _name(kind),
                "v": {key: encode(item, depth + 1) for key, item in fields.items()},
            }
        if isinstance(value, PurePath):
            return encode(str(value))
    except Exception as error:
        return {"$": "opaque", "type": _name(kind), "text": f"its fields could not be read: {_name(type(error))}"}
    return {"$": "opaque", "type": _name(kind), "text": text_of(value)}


def _fields(value: Any, kind: type) -> dict[str, Any] | None:
    if dataclasses.is_dataclass(kind):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(kind)}
    if issubclass(kind, tuple) and hasattr(kind, "_fields"):
        return dict(zip(kind._fields, tuple(value), strict=True))
    return None


def _name(kind: type) -> str:
    return type.__getattribute__(kind, "__name__")[:80]  # type: ignore[no-any-return]


def text_of(value: Any) -> str:
    """The beginning of ``repr(value)``, whatever its ``__repr__`` does."""
    try:
        text = repr(value)
        return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "…"
    except BaseException as error:
        return f"<{_name(type(value))} whose repr raised {_name(type(error))}>"


def decode(data: Any) -> Any:
    """Build the plain value that ``encode`` wrote. Raises ValueError for a kind it does not know."""
    if isinstance(data, list):
        return [decode(item) for item in data]
    if not isinstance(data, dict):
        return data
    if "$" not in data:
        return {key: decode(item) for key, item in data.items()}
    return _decode_tagged(data)


def _decode_tagged(data: dict[str, Any]) -> Any:
    kind, value = data["$"], data.get("v")
    simple = _SIMPLE.get(kind)
    if simple is not None:
        return simple(value)
    if kind == "dict":
        return {_hashable(decode(key)): decode(item) for key, item in value or ()}
    if kind == "record":
        return Record.of(str(data["type"]), {str(key): decode(item) for key, item in (value or {}).items()})
    if kind == "opaque":
        return Opaque(str(data["type"]), str(data["text"]))
    if kind == "raised":
        cause = decode(data["cause"])
        bases = tuple(str(base) for base in data["bases"])
        cause = cause if isinstance(cause, Raised) else None
        return Raised(str(data["type"]), str(data["message"]), str(data["where"]), bases, cause)
    raise ValueError(f"unknown kind on the wire: {kind!r}")


def _hashable(value: Any) -> Any:
    try:
        hash(value)
    except TypeError:
        return repr(value)
    return value


_SIMPLE: dict[str, Any] = {
    "int": lambda v: int(v, 16),
    "float": float.fromhex,
    "tuple": lambda v: tuple(decode(item) for item in v),
    "set": lambda v: {_hashable(decode(item)) for item in v},
    "frozenset": lambda v: frozenset(_hashable(decode(item)) for item in v),
    "bytes": base64.b64decode,
    "remote": lambda v: Remote(*v),
    "decimal": Decimal,
    "datetime": dt.datetime.fromisoformat,
    "date": dt.date.fromisoformat,
    "time": dt.time.fromisoformat,
    "timedelta": lambda v: dt.timedelta(*v),
}


def send(sock: socket.socket, message: Any) -> None:
    """Write one frame. Raises WireClosed when nobody reads any more."""
    body = json.dumps(message, ensure_ascii=False).encode("utf-8", "surrogatepass")
    try:
        sock.sendall(struct.pack(">I", len(body)) + body)
    except (BrokenPipeError, ConnectionError) as error:
        raise WireClosed from error


class Deadline:
    """A moment of ``time.monotonic``; when it comes, ``extend`` may name a later one, once."""

    def __init__(self, at: float, extend: Callable[[], float] | None = None) -> None:
        self._at = at
        self._extend = extend

    def wait_for(self, sock: socket.socket) -> None:
        """Return when ``sock`` can be read. Raises WireTimeout when the moment comes first."""
        while not select.select([sock], [], [], max(0.0, self._at - time.monotonic()))[0]:
            if self._extend is None:
                raise WireTimeout
            self._at, self._extend = self._extend(), None


def receive(sock: socket.socket, *, deadline: Deadline | None = None, limit: int = 2**31) -> Any:
    """Read one frame before ``deadline``; without one, wait for ever.

    Raises WireTimeout, WireClosed, WireTooLong, or ValueError for bytes that are not a frame.
    """
    (length,) = struct.unpack(">I", _read(sock, 4, deadline))
    if length > limit:
        raise WireTooLong(f"{length:,} bytes")
    return json.loads(_read(sock, length, deadline).decode("utf-8", "surrogatepass"))


def _read(sock: socket.socket, size: int, deadline: Deadline | None) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        if deadline is not None:
            deadline.wait_for(sock)
        try:
            part = sock.recv(min(size - len(parts), 1 << 20))
        except ConnectionError as error:
            raise WireClosed from error
        if not part:
            raise WireClosed
        parts += part
    return bytes(parts)
