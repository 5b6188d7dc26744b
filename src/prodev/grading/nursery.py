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
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from typing import Any

Attend = Callable[[], tuple[dict[str, Any], list[int]]]
"""Forks on request and returns in each child only, with what was asked of it: a payload and descriptors."""

_MOST_FDS = 6
_LONGEST_REQUEST = 60_000


class Child:
    """A process that a nursery forked; the leader of its own session and process group."""

    def __init__(self, news: int) -> None:
        self._news = news
        self._pid: int | None = None
        self._lock = threading.Lock()
        self._status: int | None = None

    @property
    def pid(self) -> int:
        """Its process id; 0 when the nursery ended before it could fork."""
        with self._lock:
            if self._pid is None:
                self._pid = self._line() or 0
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
            self._status = self._line() or 0
        return self._status

    def close(self) -> None:
        """Stop listening for news of it."""
        os.close(self._news)

    def _line(self) -> int | None:
        """Read one number, byte by byte: a buffer would hide the next line from ``select``."""
        digits = b""
        while (byte := os.read(self._news, 1)) not in (b"\n", b""):
            digits += byte
        return int(digits) if digits else None


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
    news, theirs = os.pipe()
    rights = array.array("i", [*fds, theirs])
    try:
        nursery.sendmsg([json.dumps(payload).encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
    except (ConnectionError, FileNotFoundError) as error:
        os.close(news)
        raise ChildProcessError("the nursery is gone") from error
    finally:
        os.close(theirs)
    return Child(news)


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
        code = _named(setup["host"])(lambda: _attend(requests, life, wake, waker), setup["hosted"])
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


def _attend(requests: socket.socket, life: int, wake: int, waker: int) -> tuple[dict[str, Any], list[int]]:
    gc.collect()
    gc.freeze()
    children: dict[int, int] = {}
    while True:
        ready, _, _ = select.select([requests.fileno(), life, wake], [], [])
        if wake in ready:
            os.read(wake, 4096)
            _reap(children)
        if life in ready:
            break
        if requests.fileno() in ready:
            born = _fork(requests, children, keep_out=(life, wake, waker))
            if born is not None:
                return born
    for pid in children:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
    for pid in children:  # their scratch folders are removed next, so they must have ended by then
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


def _fork(
    requests: socket.socket, children: dict[int, int], *, keep_out: tuple[int, ...]
) -> tuple[dict[str, Any], list[int]] | None:
    body, fds, _, _ = socket.recv_fds(requests, _LONGEST_REQUEST, _MOST_FDS)
    if not body:
        return None  # closed: the life line is cut next
    news = fds.pop()
    pid = os.fork()
    if pid == 0:
        for fd in (*keep_out, news, requests.detach(), *children.values()):
            os.close(fd)
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        return json.loads(body), fds
    for fd in fds:
        os.close(fd)
    children[pid] = news
    _tell(news, pid)
    return None


def _reap(children: dict[int, int]) -> None:
    for pid in list(children):
        try:
            done, status = os.waitpid(pid, os.WNOHANG)
        except ChildProcessError:
            done, status = pid, 0
        if done:
            news = children.pop(pid)
            _tell(news, os.waitstatus_to_exitcode(status))
            os.close(news)


def _tell(news: int, number: int) -> None:
    with contextlib.suppress(BrokenPipeError):
        os.write(news, f"{number}\n".encode())


if __name__ == "__main__":
    main(sys.argv[1:])
