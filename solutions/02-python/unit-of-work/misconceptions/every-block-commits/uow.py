"""Several statements as one."""

from collections.abc import Callable
from contextlib import closing
from types import TracebackType

from pool import Connection


class UnitOfWork:
    """A block of statements that happen all or not at all; an inner block can fail alone."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._connection: Connection | None = None
        self._depth = 0

    def __enter__(self) -> Connection:
        """Begin, on a connection of the pool or, inside of a block, on the same one."""
        if self._depth == 0:
            self._connection = self._begin()
        else:
            pass
        self._depth += 1
        return self._connection

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Keep what the block did, or undo it, and give the connection back."""
        self._depth -= 1
        if self._depth == 0:
            self._end(kind is not None)
        else:
            self._end_inner(kind is not None)

    def _begin(self) -> Connection:
        connection = self._connect()
        try:
            connection.execute("BEGIN")
        except BaseException:
            connection.close()
            raise
        return connection

    def _end(self, failed: bool) -> None:
        with closing(self._connection) as connection:
            try:
                if not failed:
                    connection.commit()
            finally:
                connection.rollback()

    def _end_inner(self, failed: bool) -> None:
        if failed:
            self._connection.rollback()
        else:
            self._connection.commit()
        self._connection.execute("BEGIN")
