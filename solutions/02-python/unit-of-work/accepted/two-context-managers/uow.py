"""Several statements as one."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType

from pool import Connection


class UnitOfWork:
    """A block of statements that happen all or not at all; an inner block can fail alone."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._blocks: list[AbstractContextManager[Connection]] = []
        self._current: Connection | None = None

    def __enter__(self) -> Connection:
        """Begin, on a connection of the pool or, inside of a block, on the same one."""
        block = self._inner(f"block_{len(self._blocks)}") if self._blocks else self._outer()
        self._current = block.__enter__()
        self._blocks.append(block)
        return self._current

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Keep what the block did, or undo it, and give the connection back."""
        self._blocks.pop().__exit__(kind, error, traceback)

    @contextmanager
    def _outer(self) -> Iterator[Connection]:
        connection = self._connect()
        try:
            connection.execute("BEGIN")
            yield connection
            connection.execute("COMMIT")
        finally:
            try:
                connection.rollback()
            finally:
                connection.close()

    @contextmanager
    def _inner(self, name: str) -> Iterator[Connection]:
        self._current.execute(f"SAVEPOINT {name}")
        try:
            yield self._current
        except BaseException:
            self._current.execute(f"ROLLBACK TO {name}")
            raise
        finally:
            self._current.execute(f"RELEASE {name}")
