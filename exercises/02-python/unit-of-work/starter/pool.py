"""What a pool lends. This file stays as it is."""

from typing import Protocol


class Connection(Protocol):
    """What connections of sqlite3 and of psycopg (PostgreSQL) have in common; the pool's are in autocommit mode."""

    def execute(self, statement: str, /) -> object:
        """Run one statement, such as BEGIN or SAVEPOINT a."""

    def commit(self) -> None:
        """End the transaction, if there is one, and keep what it did."""

    def rollback(self) -> None:
        """End the transaction, if there is one, and undo what it did."""

    def close(self) -> None:
        """Give the connection back to the pool, as it is."""
