"""What a learner reads when the database refuses their SQL."""

from __future__ import annotations


class SqlRefused(AssertionError):
    """The database refused the learner's SQL: their failure, never the grader's, so not a ``ProDevError``.

    It is an ``AssertionError``, so that a judge fails the test with this message as it stands.

    ``by`` is the product that refused it, and ``sqlstate`` the code that it gave.
    ``str()`` is the message for the learner: what was refused, the line, and what to try next.
    """

    def __init__(
        self,
        message: str,
        *,
        sqlstate: str = "",
        sql: str = "",
        offset: int | None = None,
        advice: str = "",
        by: str = "PostgreSQL",
    ) -> None:
        self.message = message
        self.by = by
        self.sqlstate = sqlstate
        self.advice = advice
        self.line, self.column, self.source_line = _place(sql, offset)
        super().__init__(self._told())

    def _told(self) -> str:
        where = f" on line {self.line} of your SQL" if self.line else ""
        start = f"{self.by} refused a statement" if self.sqlstate else "This SQL cannot be run"
        told = [f"{start}{where}: {self.message}"]
        if self.line:
            margin = f"  {self.line} | "
            pointer = "".join("\t" if mark == "\t" else " " for mark in self.source_line[: self.column - 1])
            told += [margin + self.source_line, " " * (len(margin) - 2) + "| " + pointer + "^"]
        if self.advice:
            told.append(self.advice)
        return "\n".join(told)


def _place(sql: str, offset: int | None) -> tuple[int, int, str]:
    """Return the line and column (both from 1, 0 when unknown) of ``offset`` in ``sql``, and that line's text."""
    if offset is None or not sql:
        return 0, 0, ""
    offset = min(max(offset, 0), len(sql))
    start = sql.rfind("\n", 0, offset) + 1
    end = sql.find("\n", start)
    text = sql[start : len(sql) if end < 0 else end].rstrip("\r")
    return sql.count("\n", 0, offset) + 1, offset - start + 1, text
