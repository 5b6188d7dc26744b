"""The fixture ``mysql``: one leased database on a MySQL or MariaDB, as suites see it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pymysql
from pymysql.cursors import SSCursor

from prodev.testbed.answer import LONGEST_VALUE, Result
from prodev.testbed.mysql import MySqlLease, connect
from prodev.testbed.refused import SqlRefused

if TYPE_CHECKING:
    from typing import Self

PATIENCE_S = 10
MOST_ROWS = 20_000

_MODE = "STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
_SETTINGS = {
    "MySQL": f"SET SESSION sql_mode = 'ONLY_FULL_GROUP_BY,{_MODE}', max_execution_time = {PATIENCE_S * 1000}",
    # MariaDB's ONLY_FULL_GROUP_BY does not know that a key decides the rest of its row, as MySQL 8 and the standard do.
    "MariaDB": f"SET SESSION sql_mode = '{_MODE}', max_statement_time = {PATIENCE_S}",
}
_ADVICE = {
    1054: "No table of that query has a column of this name: look at its aliases.",
    1055: "Name the column in GROUP BY, or aggregate it.",
    1056: "An aggregate or a window is computed after GROUP BY: group by what it is computed from.",
    1064: "Look at the text that it quotes, and just before it.",
    1140: "Name the column in GROUP BY, or aggregate it.",
    1142: "A report reads: let it be one SELECT on the tables of the brief.",
    1146: "The tables are those of the brief; names of a WITH clause are known in its own statement only.",
    1305: "It knows no such function: look up its own name for it.",
    1370: "It knows no such function: look up its own name for it.",
    1630: "It knows no such function; between its name and the bracket stands no space.",
    1969: "It took too long: is a join condition missing?",
    3024: "It took too long: is a join condition missing?",
}


class MySqlDatabase:
    """A leased database; close it, or use it in a ``with`` statement."""

    def __init__(self, lease: MySqlLease) -> None:
        self.lease = lease
        self._writer: pymysql.Connection[Any] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def product(self) -> str:
        """``MySQL`` or ``MariaDB``."""
        return self.lease.product

    def load(self, tables: Mapping[str, Sequence[Mapping[str, object]]]) -> None:
        """Replace the content of the tables named by these rows, in this order; referenced tables come first."""
        if self._writer is None:
            self._writer = self._open(self.lease.name)
        self._writer.begin()
        with self._writer.cursor() as cursor:
            for table in reversed(list(tables)):
                cursor.execute(f"DELETE FROM `{table}`")
            for table, rows in tables.items():
                if rows:
                    names, places = ", ".join(f"`{name}`" for name in rows[0]), ", ".join(["%s"] * len(rows[0]))
                    insert = f"INSERT INTO `{table}` ({names}) VALUES ({places})"
                    cursor.executemany(insert, [tuple(row.values()) for row in rows])
        self._writer.commit()

    def run(self, sql: str) -> Result:
        """Run one statement as a role that can only read, in a session of its own, and return its rows.

        The columns' names are in small letters, since MySQL does not tell City from city.

        Raises ``SqlRefused``, also for a statement that takes too long or returns too much.
        """
        session = self._open(self.lease.reader)
        cursor = session.cursor(SSCursor)
        try:
            cursor.execute(sql)
            columns = [column[0].lower() for column in cursor.description or ()]
            rows = list(cursor.fetchmany(MOST_ROWS + 1))
        except pymysql.err.Error as error:
            raise self._as_refused(error) from error
        finally:
            _abandon(session)
        if len(rows) > MOST_ROWS:
            raise SqlRefused(f"it returns more than {MOST_ROWS:,} rows", advice="Is a join condition missing?")
        return Result(columns, rows)

    def close(self) -> None:
        """End the session that fills the tables."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _open(self, role: str) -> pymysql.Connection[Any]:
        return connect(
            {"host": self.lease.host, "port": self.lease.port, "user": role, "database": self.lease.name},
            password=self.lease.password,
            init_command=_SETTINGS[self.product],
            read_timeout=PATIENCE_S + 5,
            max_allowed_packet=16 * LONGEST_VALUE,
        )

    def _as_refused(self, error: pymysql.err.Error) -> SqlRefused:
        code, said = (*error.args, "", "")[:2]
        return SqlRefused(
            self._public(str(said)) or str(error),
            sqlstate=str(code),
            advice=_ADVICE.get(code, "") if isinstance(code, int) else "",
            by=self.product,
        )

    def _public(self, said: str) -> str:
        """``said`` without the names that only we use."""
        told = re.sub(rf"user '{self.lease.reader}'@'[^']*'", "a role that may only read", said)
        return told.replace(f"`{self.lease.name}`.", "").replace(f"{self.lease.name}.", "")


def _abandon(session: pymysql.Connection[Any]) -> None:
    """End ``session`` at once: by itself the driver first reads whatever the server would still send."""
    if session._result is not None:
        session._result.unbuffered_active = False
    session._force_close()
