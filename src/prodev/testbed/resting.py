"""The judge's own session on a leased database, kept from one candidate to the next that has the same database."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import psycopg
from psycopg import pq

if TYPE_CHECKING:
    from prodev.testbed.engine import Connection


class Resting:
    """At most one session, and the lease that it is on; see ``Database``, which wakes it and puts it to rest."""

    def __init__(self) -> None:
        self._lease = ""
        self._session: Connection | None = None

    @property
    def pids(self) -> list[int]:
        """Which of the server's processes serves it, for whoever ends all others."""
        return [self._session.info.backend_pid] if self._session is not None else []

    def wake(self, lease: str) -> Connection | None:
        """Give up the session on ``lease``, if it is the one that rests; any other is closed."""
        session, self._session = self._session, None
        if session is not None and self._lease != lease:
            with contextlib.suppress(psycopg.Error):
                session.close()
            return None
        return session

    def rest(self, session: Connection, lease: str) -> None:
        """Keep ``session``, which must be as clean as a new one, unless it is broken or in the middle of something."""
        self.wake("")
        if session.closed or session.info.transaction_status != pq.TransactionStatus.IDLE:
            session.close()
        else:
            self._session, self._lease = session, lease
