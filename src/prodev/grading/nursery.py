"""A process that has imported what its children need, and forks one whenever it is asked.

The nursery itself never runs a candidate's code and has one thread, so a fork is safe and costs
a few milliseconds where a fresh interpreter with pytest or Django would cost hundreds.
Started by ``Nursery``; ``python -I -m prodev.grading.nursery SOCKET LIFE SETUP`` is its inside.
"""

from __future__ import annotations

import array
import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import traceback
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from prodev.grading.walls import Enclosure

Birth = tuple[dict[str, Any], list[int]]
"""What was asked of a child: a payload and descriptors."""


class Attend(Protocol):
    """Forks on request, and returns in each child only."""

    def __call__(self, enclosure: Enclosure | None = None) -> Birth:
        """With an ``enclosure``, children are born inside it."""
        ...


_IS_DEBUGGED = bool(os.environ.get("PRODEV_DEBUG"))
"""Whether a maintainer wants to see what the processes of the grader print: what they know reaches the report."""

_MOST_FDS = 6
_LONGEST_REQUEST = 60_000
_LONGEST_NEWS = 2000
PACKETS = socket.SOCK_SEQPACKET if sys.platform == "linux" else socket.SOCK_DGRAM
_CREDENTIALS = struct.Struct("iII")
_ROOM_FOR_CREDENTIALS = socket.CMSG_SPACE(_CREDENTIALS.size)
_SCM_CREDENTIALS = 2


class Child:
    """A process that a nursery forked; the leader of its own session and process group."""

    def __init__(self, news: socket.socket) -> None:
        self._news = news
        self._pid: int | None = None
        self._status: int | None = None
        self._lock = threading.Lock()

    @property
    def pid(self) -> int:
        """Its process id on this side; 0 when the nursery ended before it could fork."""
        with self._lock:
            if self._pid is None:
                told, sender = self._hear()
                self._pid = sender if told == 0 else told or 0
            return self._pid

    def kill(self) -> None:
        """End the child and whatever is left of its process group."""
        for end in (os.killpg, os.kill):  # the second for a child so young that it leads no group yet
            with contextlib.suppress(ProcessLookupError, PermissionError):
                if self.pid:
                    end(self.pid, signal.SIGKILL)

    def status(self, timeout: float = 5.0) -> int | None:
        """Exit status, negative for a signal, as subprocess has it; None if it still runs."""
        if self.pid and self._status is None and select.select([self._news], [], [], timeout)[0]:
            self._status = self._hear()[0] or 0
        return self._status

    def close(self) -> None:
        """Stop listening for news of it."""
        self._news.close()

    def _hear(self) -> tuple[int | None, int]:
        """The number in the next piece of news, None at their end, and the process id that the kernel vouches for."""
        try:
            line, ancillary, _, _ = self._news.recvmsg(_LONGEST_NEWS, _ROOM_FOR_CREDENTIALS)
        except ConnectionError:
            return None, 0
        vouched = [_CREDENTIALS.unpack(data)[0] for _, kind, data in ancillary if kind == _SCM_CREDENTIALS]
        return (int(line) if line else None), (vouched[0] if vouched else 0)


class Nursery:
    """The outside of the process: start it, ask for children, close it (and with it, them all).

    It imports ``preload`` with ``path`` before all else. ``host``, a ``module:function``, gets further
    before it lets children be born: it is called with an ``Attend`` and ``hosted``.
    """

    def __init__(
        self,
        *preload: str,
        path: Sequence[str] = (),
        environ: dict[str, str] | None = None,
        host: str = f"{__name__}:host",
        hosted: dict[str, Any] | None = None,
    ) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        alive, self._life = os.pipe()
        for buffer in (ours, theirs):
            buffer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * _LONGEST_REQUEST)
        command = [sys.executable, "-I", "-m", __name__, str(theirs.fileno()), str(alive)]
        self.socket = ours
        self.process = subprocess.Popen(
            [*command, json.dumps({"path": list(path), "preload": preload, "host": host, "hosted": hosted or {}})],
            pass_fds=(theirs.fileno(), alive),
            stdin=subprocess.DEVNULL,
            stdout=None if _IS_DEBUGGED else subprocess.DEVNULL,
            stderr=None if _IS_DEBUGGED else subprocess.DEVNULL,
            start_new_session=True,
            env=environ,
        )
        theirs.close()
        os.close(alive)

    def close(self) -> None:
        """Let it end: it kills its children first."""
        self.socket.close()
        with contextlib.suppress(OSError):
            os.close(self._life)
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def fork(nursery: socket.socket, payload: dict[str, Any], fds: Sequence[int] = ()) -> Child:
    """Ask the nursery behind ``nursery`` for a child that is given ``payload`` and ``fds``."""
    news = _ask(nursery, {"payload": payload}, fds)
    if hasattr(socket, "SO_PASSCRED"):
        news.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    return Child(news)


def listen(nursery: socket.socket) -> socket.socket:
    """Ask for a socket that listens on loopback as the nursery's children know it, and accepts here."""
    with contextlib.closing(_ask(nursery, {"wants": "listener"})) as news:
        _, (listener,), _, _ = socket.recv_fds(news, _LONGEST_NEWS, 1)
    return socket.socket(fileno=listener)


def walls(nursery: socket.socket) -> str:
    """Ask what stands between the nursery's children and this machine; empty when it is gone."""
    with contextlib.closing(_ask(nursery, {"wants": "walls"})) as news:
        return news.recv(_LONGEST_NEWS).decode()


def is_set_up(nursery: socket.socket) -> bool:
    """Ask whether the web application was set up in the nursery, so that its children have it; see ``warm``."""
    with contextlib.closing(_ask(nursery, {"wants": "application"})) as news:
        return bool(news.recv(_LONGEST_NEWS))


def _ask(nursery: socket.socket, request: dict[str, Any], fds: Sequence[int] = ()) -> socket.socket:
    news, theirs = socket.socketpair(socket.AF_UNIX, PACKETS)
    rights = array.array("i", [*fds, theirs.fileno()])
    try:
        nursery.sendmsg([json.dumps(request).encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
    except OSError as error:
        news.close()
        raise ChildProcessError("the nursery is gone") from error
    finally:
        theirs.close()
    return news


def main(arguments: list[str]) -> None:
    """Preload, then let the host fork on request until the life line is cut."""
    requests = socket.socket(fileno=int(arguments[0]))
    life = int(arguments[1])
    setup = json.loads(arguments[2])
    sys.path[:0] = setup["path"]
    wake, waker = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC) if hasattr(os, "pipe2") else _pipe()
    signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for module in setup["preload"]:
        _preload(module)
    code = 70
    try:
        attend = _Attending(requests, life, wake, waker)
        code = _named(setup["host"])(attend, setup["hosted"])
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)  # taking down all that was imported would keep the learner waiting, for nothing


def host(attend: Attend, hosted: dict[str, Any]) -> int:
    """The plain host: each child runs the function named in ``hosted["entry"]``, and ends with what it returns."""
    entry = _named(hosted["entry"])
    status: int = entry(*attend())
    return status


def _named(target: str) -> Any:
    module, function = target.split(":")
    return getattr(importlib.import_module(module), function)


class _Attending:
    """The inside: waits for requests, the end of children, and the end of it all."""

    def __init__(self, requests: socket.socket, life: int, wake: int, waker: int) -> None:
        self._requests = requests
        self._life = life
        self._wake = wake
        self._waker = waker
        self._children: dict[int, socket.socket] = {}

    def __call__(self, enclosure: Enclosure | None = None) -> Birth:
        gc.collect()
        gc.freeze()
        while True:
            ready, _, _ = select.select([self._requests.fileno(), self._life, self._wake], [], [])
            if self._wake in ready:
                os.read(self._wake, 4096)
                self._reap()
            if self._life in ready:
                self._end()
            if self._requests.fileno() in ready:
                born = self._take(enclosure)
                if born is not None:
                    return born

    def _take(self, enclosure: Enclosure | None) -> Birth | None:
        body, fds, _, _ = socket.recv_fds(self._requests, _LONGEST_REQUEST, _MOST_FDS)
        if not body:
            return None  # closed: the life line is cut next
        request, news = json.loads(body), socket.socket(fileno=fds.pop())
        if "payload" in request:
            return self._fork(request["payload"], fds, news, enclosure)
        with contextlib.suppress(OSError), news:
            if request["wants"] == "walls":
                news.send(enclosure.in_force.encode() if enclosure else b"none")
            elif request["wants"] == "application":
                news.send(os.environ.get("DJANGO_SETTINGS_MODULE", "").encode())
            else:
                with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
                    socket.send_fds(news, [b"listener"], [listener.fileno()])
        return None

    def _fork(
        self, payload: dict[str, Any], fds: list[int], news: socket.socket, enclosure: Enclosure | None
    ) -> Birth | None:
        if enclosure is not None:
            enclosure.before_birth()
        pid = os.fork()
        if pid == 0:
            for fd in (self._life, self._wake, self._waker, self._requests.detach()):
                os.close(fd)
            for other in (news, *self._children.values()):
                other.close()
            os.setsid()
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            return payload, fds
        for fd in fds:
            os.close(fd)
        self._children[pid] = news
        if enclosure is not None and enclosure.has_namespaces:  # where it has another id than outside
            vouched = _CREDENTIALS.pack(pid, os.getuid(), os.getgid())
            with contextlib.suppress(OSError):
                news.sendmsg([b"0"], [(socket.SOL_SOCKET, _SCM_CREDENTIALS, vouched)])
        else:
            _tell(news, pid)
        return None

    def _reap(self) -> None:
        for pid in list(self._children):
            try:
                done, status = os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                done, status = pid, 0
            if done:
                news = self._children.pop(pid)
                _tell(news, os.waitstatus_to_exitcode(status))
                news.close()

    def _end(self) -> None:
        for pid in self._children:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
        for pid in self._children:  # their scratch folders are removed next, so they must have ended by then
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
        os._exit(0)


def _pipe() -> tuple[int, int]:
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    return reader, writer


def _preload(module: str) -> None:
    """Import ahead of need; a module that fails here fails again, visibly, where it is used."""
    try:
        importlib.import_module(module)
    except Exception:
        sys.modules.pop(module, None)


def _tell(news: socket.socket, number: int) -> None:
    with contextlib.suppress(OSError):
        news.send(str(number).encode())


if __name__ == "__main__":
    main(sys.argv[1:])
