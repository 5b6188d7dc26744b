"""Several statements as one."""

from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType

from pool import Connection


class UnitOfWork:
    """A block of statements that happen all or not at all; an inner block can fail alone."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._blocks: list[ExitStack] = []
        self._connection: Connection | None = None

    def __enter__(self) -> Connection:
        """Begin, on a connection of the pool or, inside of a block, on the same one."""
        with ExitStack() as block:
            if not self._blocks:
                self._connection = self._connect()
                block.callback(self._connection.close)
                self._connection.execute("BEGIN")
                block.push(self._commit_or_roll_back)
            else:
                self._connection.execute("SAVEPOINT block")
                block.push(self._release_or_undo)
            self._blocks.append(block.pop_all())
        return self._connection

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Keep what the block did, or undo it, and give the connection back."""
        self._blocks.pop().__exit__(kind, error, traceback)

    def _commit_or_roll_back(self, kind, error, traceback):
        if kind is not None:
            self._connection.rollback()
            return
        try:
            self._connection.commit()
        except BaseException:
            self._connection.rollback()
            raise

    def _release_or_undo(self, kind, error, traceback):
        for statement in ["RELEASE block"] if kind is None else ["ROLLBACK TO block", "RELEASE block"]:
            self._connection.execute(statement)
