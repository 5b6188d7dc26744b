"""What BEGIN, COMMIT and ROLLBACK in a candidate's text do: end transactions, or savepoints in the judge's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import pq

from prodev.testbed.sqltext import Statement

if TYPE_CHECKING:
    from prodev.testbed.engine import Connection

_BLOCK = "prodev_block"


def control_of(part: Statement) -> str:
    """Return ``begin``, ``commit`` or ``rollback`` for what starts or ends a transaction, else nothing."""
    first = part.words[0] if part.words else ""
    if first == "begin" or part.words[:2] == ("start", "transaction"):
        return "begin"
    if first in ("commit", "end"):
        return "commit"
    if first in ("rollback", "abort") and "to" not in part.words:
        return "rollback"
    return ""


class Real:
    """Statements as psql sends them; a transaction left open is committed."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(self, first: Statement) -> None:
        """Start nothing."""

    def controls(self, part: Statement) -> bool:  # noqa: ARG002 - the text's own transactions are real here
        """Leave every statement to the server."""
        return False

    def end(self) -> None:
        """Commit what is open."""
        if self._connection.info.transaction_status != pq.TransactionStatus.IDLE:
            self._connection.execute(b"COMMIT")


class Enclosed:
    """One transaction around everything; the text's own transactions become savepoints in it."""

    def __init__(self, connection: Connection, *, commit: bool) -> None:
        self._connection = connection
        self._commit = commit
        self._block = ""

    def begin(self, first: Statement) -> None:
        """Begin, with the isolation level that the text's first statement asks for."""
        starts = control_of(first) == "begin"
        self._block = "whole" if starts else ""
        self._connection.execute(first.text.encode() if starts else b"BEGIN")

    def controls(self, part: Statement) -> bool:
        """Act on a statement that starts or ends a transaction; tell whether it was one."""
        control = control_of(part)
        if control == "begin":
            if not self._block:
                self._block = "savepoint"
                self._connection.execute(f"SAVEPOINT {_BLOCK}".encode())
        elif control == "commit" and self._block:
            self._connection.execute(b"SET CONSTRAINTS ALL IMMEDIATE")
            self._close(undo=False)
        elif control == "rollback" and self._block:
            self._close(undo=True)
        return bool(control)

    def _close(self, *, undo: bool) -> None:
        if self._block == "whole":
            if undo:
                self._connection.execute(b"ROLLBACK")
                self._connection.execute(b"BEGIN")
        else:
            if undo:
                self._connection.execute(f"ROLLBACK TO SAVEPOINT {_BLOCK}".encode())
            self._connection.execute(f"RELEASE SAVEPOINT {_BLOCK}".encode())
        self._block = ""

    def end(self) -> None:
        """Commit or roll back, as the caller chose."""
        if self._commit:
            self._connection.execute(b"COMMIT")
        else:
            # What is deferred to the end has to hold in a transaction that is rolled back as well.
            self._connection.execute(b"SET CONSTRAINTS ALL IMMEDIATE")
            self._connection.execute(b"ROLLBACK")
