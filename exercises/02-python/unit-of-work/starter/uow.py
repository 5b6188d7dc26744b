"""Several statements as one."""

from collections.abc import Callable
from types import TracebackType

from pool import Connection


class UnitOfWork:
    """A block of statements that happen all or not at all; an inner block can fail alone."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect

    def __enter__(self) -> Connection:
        """Begin, on a connection of the pool or, inside of a block, on the same one."""
        # TODO: borrow a connection and begin.
        raise NotImplementedError("TODO: begin")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Keep what the block did, or undo it, and give the connection back."""
        # TODO: commit or roll back, and close.
        raise NotImplementedError("TODO: end")
