"""PostgreSQL's message protocol, read as far as it takes to tell which statements are executed.

Source of the formats: the PostgreSQL manual, chapter "Frontend/Backend Protocol", section "Message Formats".
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from itertools import takewhile
from typing import Final, TypeVar

from prodev.testbed import sqltext
from prodev.testbed.querylog import Executed, Prepared

_LONGEST_TEXT = 16 * 1024
_LONGEST_NAMES = 1024
_FRONTEND: Final = {
    ord("Q"): _LONGEST_TEXT,
    ord("P"): _LONGEST_TEXT,
    ord("B"): _LONGEST_NAMES,
    ord("D"): _LONGEST_NAMES,
    ord("E"): _LONGEST_NAMES,
    ord("C"): _LONGEST_NAMES,
    ord("F"): 0,
    ord("S"): 0,
}
_READY, _ROW, _COLUMNS, _NO_COLUMNS, _ERROR = map(ord, "ZDTnE")
_BACKEND: Final = {ord(kind): 0 for kind in "CIs"} | {_READY: 0, _ROW: 2, _COLUMNS: 2, _NO_COLUMNS: 0, _ERROR: 0}
_MOST_NAMES = 1000
_HEADER = struct.Struct("!BI").unpack_from
_Known = TypeVar("_Known")


class WireError(Exception):
    """The bytes are not PostgreSQL's protocol."""


class _Cutter:
    """Cuts a stream, which arrives in any pieces, into messages; keeps only the start of those asked for."""

    def __init__(self, kinds: Mapping[int, int]) -> None:
        self._kinds = kinds
        self._rest = b""
        self._skip = 0

    @property
    def is_between(self) -> bool:
        """Whether what has arrived ends with a message."""
        return not self._rest and not self._skip

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Yield the kind and the first bytes of every message that is known well enough by now."""
        kinds, at = self._kinds, 0
        if self._skip:
            at = min(self._skip, len(data))
            self._skip -= at
        if self._rest:
            data, self._rest = self._rest + data, b""
        size = len(data)
        while size - at >= 5:
            kind, length = _HEADER(data, at)
            if length < 4:
                raise WireError(f"a message of kind {kind} claims to be {length} bytes long")
            if kind in kinds:
                end = at + 5 + min(kinds[kind], length - 4)
                if size < end:
                    break
                yield kind, data[at + 5 : end]
            at += length + 1
        if at > size:
            self._skip = at - size
        else:
            self._rest = data[at:]


class Conversation:
    """One session between a client and the server: which statements, and what came back for each.

    ``frontend`` and ``backend`` are called from one thread each, with bytes that are not forwarded yet, so
    that a statement is on record before the server sees it and its columns before the client does.
    """

    def __init__(self, record: Callable[[Executed], None]) -> None:
        self._record = record
        self._from_client = _Cutter(_FRONTEND)
        self._from_server = _Cutter(_BACKEND)
        self._prepared: dict[bytes, Prepared] = {}
        self._portals: dict[bytes, tuple[Executed, bool]] = {}
        # What the server still owes an answer for: an Executed, a Prepared that is being described, None at a Sync.
        self._owed: deque[Executed | Prepared | None] = deque()
        self.is_over = False

    @property
    def is_at_rest(self) -> bool:
        """Whether every message has arrived whole, and the server has answered all of them."""
        return not self._owed and self._from_client.is_between and self._from_server.is_between

    def frontend(self, data: bytes) -> None:
        """Read what the client sends."""
        for kind, body in self._from_client.feed(data):
            match chr(kind):
                case "Q":
                    self._query(body)
                case "P":
                    name, text = _names(body)
                    _bounded(self._prepared)[name] = Prepared(_text(text))
                case "B":
                    portal, name = _names(body)
                    prepared = self._prepared.get(name) or Prepared("")
                    _bounded(self._portals)[portal] = (Executed(prepared), False)
                case "D":
                    self._describe(body)
                case "E":
                    self._execute(_names(body)[0])
                case "C":
                    self._forget(body)
                case "F":
                    self._run(Executed(Prepared("(a function call of the old protocol)")))
                case "S":
                    self._owed.append(None)

    def _query(self, body: bytes) -> None:
        """Take a simple query, which may hold several statements."""
        text = _text(body).strip().removesuffix(";")
        if text and ";" not in text and not text.startswith(("-", "/")):
            self._run(Executed(Prepared(text)))  # the usual case, without cutting it into tokens
        else:
            for statement in sqltext.statements(text):
                self._run(Executed(Prepared(statement.text)))
        self._owed.append(None)

    def _describe(self, body: bytes) -> None:
        name = _names(body[1:])[0]
        if body[:1] == b"S":
            self._owed.append(self._prepared.get(name) or Prepared(""))
        else:
            executed, _ = self._portals.get(name) or (Executed(Prepared("")), False)
            self._owed.append(executed.prepared)

    def _execute(self, portal: bytes) -> None:
        """Take an Execute; fetching more rows of the same portal is not another statement."""
        executed, is_running = self._portals.get(portal) or (Executed(Prepared("")), False)
        if is_running:
            self._owed.append(executed)
        else:
            self._portals[portal] = (executed, True)
            self._run(executed)

    def _forget(self, body: bytes) -> None:
        """Take a Close of a statement or a portal."""
        name = _names(body[1:])[0]
        if body[:1] == b"S":
            self._prepared.pop(name, None)
        else:
            self._portals.pop(name, None)

    def _run(self, executed: Executed) -> None:
        self._owed.append(executed)
        self._record(executed)

    def backend(self, data: bytes) -> None:
        """Read what the server answers."""
        owed = self._owed
        for kind, body in self._from_server.feed(data):
            first = owed[0] if owed else None
            if first is None:
                if kind == _READY and owed:
                    owed.popleft()
            elif kind == _ROW:
                if type(first) is Executed:
                    first.rows += 1
                    if first.prepared.columns is None:
                        first.prepared.columns = int.from_bytes(body, "big")
            else:
                self._settle(first, kind, body)

    def _settle(self, first: Executed | Prepared, kind: int, body: bytes) -> None:
        """Take an answer, other than a row, to ``first``."""
        if kind == _COLUMNS:
            prepared = first.prepared if isinstance(first, Executed) else first
            prepared.columns = int.from_bytes(body, "big")
            if first is prepared:
                self._owed.popleft()
        elif kind == _READY:
            while self._owed and self._owed.popleft() is not None:
                pass
        elif kind == _ERROR:
            for owed in takewhile(lambda owed: owed is not None, self._owed):
                if isinstance(owed, Executed):  # what follows it up to the Sync is not run at all
                    owed.refused = True
        elif (kind == _NO_COLUMNS) == isinstance(first, Prepared):
            self._owed.popleft()


def _names(body: bytes) -> tuple[bytes, bytes]:
    """Return the first two strings of a message's body."""
    first, _, rest = body.partition(b"\0")
    return first, rest.partition(b"\0")[0]


def _text(body: bytes) -> str:
    """Return the string that ``body`` starts with."""
    return body.partition(b"\0")[0].decode("utf-8", "replace")


def _bounded(names: dict[bytes, _Known]) -> dict[bytes, _Known]:
    """Return ``names``, emptied when a client has filled it beyond reason."""
    if len(names) > _MOST_NAMES:
        names.clear()
    return names
