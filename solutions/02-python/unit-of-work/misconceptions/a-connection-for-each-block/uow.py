"""Several statements as one."""

from collections.abc import Callable
from contextlib import closing
from types import TracebackType

from pool import Connection


class UnitOfWork:
    """A block of statements that happen all or not at all; an inner block can fail alone."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._connections: list[Connection] = []

    def __enter__(self) -> Connection:
        """Begin, on a connection of the pool or, inside of a block, on the same one."""
        connection = self._connect()
        try:
            connection.execute("BEGIN")
        except BaseException:
            connection.close()
            raise
        self._connections.append(connection)
        return connection

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Keep what the block did, or undo it, and give the connection back."""
        with closing(self._connections.pop()) as connection:
            try:
                if kind is None:
                    connection.commit()
            finally:
                connection.rollback()
