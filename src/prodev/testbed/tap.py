"""A counting proxy on the wire between a candidate and Postgres.

It stands in the judge's process: a counter kept in the candidate's own process could be made to lie. It has a
password of its own, so that the candidate, who never learns the lease's, cannot go round it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import struct
import tempfile
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psycopg import conninfo

from prodev.testbed import leases, login
from prodev.testbed.querylog import Executed, QueryLog
from prodev.testbed.relay import Session, cut
from prodev.testbed.wire import Conversation, WireError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from prodev.testbed.leases import Lease

    Overlook = Callable[[int], bool]

_LONGEST_SOCKET = 90
_MOST_OPEN = 200
_MOST_RESTING = 2
_PATIENCE_S = 20.0
"""For a client that connects and says nothing."""
_PORT = 5432
_taps: weakref.WeakSet[Tap] = weakref.WeakSet()


class Tap:
    """A proxy to one lease. ``url`` is the address for the candidate; close it, or use it in a ``with`` statement.

    It listens on a Unix socket in ``folder`` (a new temporary one without it), or on loopback where there are
    no Unix sockets. ``overlook`` is asked for each statement with the id of the process that sent it, which the
    kernel vouches for (0 where it does not tell): what it is true for is passed on and not logged.
    """

    def __init__(self, lease: Lease, *, folder: Path | None = None, overlook: Overlook | None = None) -> None:
        self._overlook = overlook or _nobody
        self._server = conninfo.conninfo_to_dict(lease.url)
        self._role, self._database = lease.role, lease.name
        self._password = secrets.token_hex(16)
        self._logs: list[QueryLog] = []
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._resting: list[Session] = []
        self._is_closed = False
        self._folder = Path(tempfile.mkdtemp(prefix="prodev-tap-", dir=folder))
        self._listener, where = self._listen()
        self.url = leases.make_url(where, database=lease.name, role=lease.role, password=self._password)
        _taps.add(self)
        threading.Thread(target=self._accept, name="tap", daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def statements(self) -> Iterator[QueryLog]:
        """Log what is executed while the block runs; the log stays readable afterwards."""
        log = QueryLog()
        with self._lock:
            self._logs.append(log)
        try:
            yield log
        finally:
            with self._lock:
                self._logs = [other for other in self._logs if other is not log]

    def close(self) -> None:
        """Cut every connection and stop listening."""
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
            sockets = [self._listener, *self._open, *(session.server for session in self._resting)]
        with contextlib.suppress(OSError):
            self._reach(self._listener.getsockname()).close()  # wakes the thread that waits in accept
        for each in sockets:
            cut(each)
        for session in self._resting:
            session.server.close()
        self._listener.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _listen(self) -> tuple[socket.socket, dict[str, Any]]:
        """Open the listening socket; return it and its address as libpq's parameters."""
        path = self._folder / f".s.PGSQL.{_PORT}"
        if hasattr(socket, "AF_UNIX") and len(str(path)) <= _LONGEST_SOCKET + 20:
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(str(path))
            # The candidate may run as another user; what keeps others out is the password.
            self._folder.chmod(0o711)
            path.chmod(0o666)
            where: dict[str, Any] = {"host": str(self._folder), "port": _PORT}
        else:
            listener = socket.create_server(("127.0.0.1", 0))
            where = {"host": "127.0.0.1", "port": listener.getsockname()[1]}
        listener.listen(64)
        return listener, where

    def _accept(self) -> None:
        """Take clients until the tap is closed."""
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._is_closed:
                client.close()
                return
            with self._lock:
                is_crowded = len(self._open) > _MOST_OPEN
                if not is_crowded:
                    self._open.add(client)  # counted here: its thread may begin after the next has been accepted
            if is_crowded:
                client.close()
                continue
            threading.Thread(target=self._serve, args=(client,), name="tap-client", daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        """Take one client from its first packet to its end."""
        with self._kept(client):
            try:
                client.settimeout(_PATIENCE_S)
                code, opening = login.read_opening(client)
                while code in login.ENCRYPTION:
                    client.sendall(b"N")
                    code, opening = login.read_opening(client)
                if code == login.CANCEL:
                    with self._kept(self._connect()) as server:
                        server.sendall(opening)
                        server.recv(1)
                elif self._lets_in(client, opening):
                    self._relay(client, opening)
            except (OSError, WireError):
                return

    def _lets_in(self, client: socket.socket, opening: bytes) -> bool:
        """Check that the client asks for the lease's database, as its role, with the tap's password."""
        asked = login.parameters(opening)
        user = asked.get("user", "")
        if (user, asked.get("database", user)) != (self._role, self._database):
            client.sendall(login.refusal(f"this address leads to the database {self._database} only"))
            return False
        if not secrets.compare_digest(login.ask_password(client).encode(), self._password.encode()):
            client.sendall(login.refusal("the password is not the one in DATABASE_URL"))
            return False
        return True

    def _relay(self, client: socket.socket, opening: bytes) -> None:
        """Log in to the server, unless a session of the same kind rests, and pass everything on, both ways."""
        session, sender = self._rested(opening), peer_of(client)
        server = session.server if session else self._connect()
        with self._kept(server):
            if session is None:
                password = str(self._server.get("password", ""))
                session = Session.begin(server, opening, user=self._role, password=password)
            client.settimeout(None)
            if session.serve(client, Conversation(lambda executed: self._record(executed, sender))):
                self._rest(Session(server.dup(), opening, session.greeting))

    def _rested(self, opening: bytes) -> Session | None:
        """A session that begins like this one and is as good as new."""
        with self._lock:
            resting, self._resting = self._resting, []
            fitting = [session for session in resting if session.opening == opening and session.is_silent()]
            self._resting = fitting[1:]
            for session in resting:
                if session not in fitting:
                    session.server.close()
            return fitting[0] if fitting else None

    def _rest(self, session: Session) -> None:
        with self._lock:
            if self._is_closed or len(self._resting) >= _MOST_RESTING:
                session.server.close()
            else:
                self._resting.append(session)

    def _record(self, executed: Executed, sender: int) -> None:
        if self._overlook(sender):
            return
        with self._lock:
            for log in self._logs:
                log.add(executed)

    def _connect(self) -> socket.socket:
        """Open a connection to the server."""
        host, port = str(self._server.get("host") or "127.0.0.1"), int(self._server.get("port") or _PORT)
        return self._reach(f"{host}/.s.PGSQL.{port}" if host.startswith("/") else (host, port))

    @staticmethod
    def _reach(address: Any) -> socket.socket:
        """Connect to a Unix socket's path or to a host and port."""
        if not isinstance(address, str):
            reached = socket.create_connection(address[:2])
            reached.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return reached
        reached = socket.socket(socket.AF_UNIX)
        try:
            reached.connect(address)
        except OSError:
            reached.close()
            raise
        return reached

    @contextmanager
    def _kept(self, connection: socket.socket) -> Iterator[socket.socket]:
        """Keep ``connection`` where ``close`` finds it, and close it in the end."""
        with self._lock:
            self._open.add(connection)
            if self._is_closed:
                cut(connection)
        try:
            yield connection
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()

    def forget_after_fork(self) -> None:
        """Close what a forked child inherited: a candidate must not reach sessions that nobody counts."""
        for each in (self._listener, *self._open, *(session.server for session in self._resting)):
            os.close(each.detach())


def peer_of(connection: socket.socket) -> int:
    """Return the id of the process at the other end of a Unix socket, or 0 where the kernel does not tell."""
    if connection.family != socket.AF_UNIX or not hasattr(socket, "SO_PEERCRED"):
        return 0
    pid: int = struct.unpack("iII", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]
    return pid


def _nobody(_sender: int) -> bool:
    return False


def _forget_all_after_fork() -> None:
    for tap in list(_taps):
        tap.forget_after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all_after_fork)
