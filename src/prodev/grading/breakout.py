"""Prove each wall by trying to break it, from where a candidate stands.

``try_walls`` is the outside; the rest is what a worker runs in the place of a candidate's code.
"""

from __future__ import annotations

import contextlib
import ctypes
import mmap
import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

_MANY = 200
_LARGE = 3 * 1024**3
_FULL = 300 * 1024**2
_TRIES_S = 20.0


def try_walls() -> tuple[str, dict[str, bool]]:
    """Return what is said to be in force, and for each wall whether it held.

    Raises ChildProcessError when no process can be had to try them from.
    """
    from prodev.grading.functions import Functions
    from prodev.grading.nursery import Nursery, walls
    from prodev.grading.servant import WORKERS, Worker
    from prodev.grading.wire import decode, encode

    with contextlib.ExitStack() as opened:
        bench = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="prodev-", ignore_cleanup_errors=True)))
        outside = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="outside-")))
        outside.chmod(0o755)
        (outside / "secret").write_text("a token", encoding="ascii")
        path = outside / "socket"
        tcp = opened.enter_context(socket.create_server(("127.0.0.1", 0)))
        unix = opened.enter_context(socket.socket(socket.AF_UNIX))
        unix.bind(str(path))
        unix.listen()
        path.chmod(0o666)
        seat = bench / "seat"
        (seat / "tree").mkdir(parents=True)
        seat.chmod(0o755)
        shutil.copy(__file__, seat / "tree" / "breakout.py")
        (bench / "other").mkdir()
        (bench / "other").chmod(0o755)
        (bench / "other" / "answer").write_text("somebody else's", encoding="ascii")
        hosted = {"bench": str(bench), "readable": []}
        nursery = opened.enter_context(
            contextlib.closing(Nursery("prodev.grading.worker", host=WORKERS, hosted=hosted))
        )
        payload: dict[str, Any] = {
            "seat": str(seat), "tree": str(seat / "tree"), "scratch": str(seat), "warm_tree": "", "probes": None,
            "app": None, "rehearses": False, "may_connect": False, "floor_s": _TRIES_S, "env": {"PATH": os.defpath},
        }  # fmt: skip
        output = opened.enter_context(tempfile.TemporaryFile())
        worker = opened.enter_context(
            contextlib.closing(Worker.start(nursery.socket, payload, output=output, reference=None))
        )
        given = [str(outside), str(bench / "other" / "answer"), tcp.getsockname()[1], os.getpid()]
        request = {"verb": "call", "target": "breakout:climb", "args": encode(given), "kwargs": encode({})}
        answer = worker.ask(request, Functions())
        return walls(nursery.socket), decode(answer["value"]) if "value" in answer else {"all of them": False}


def climb(outside: str, others: str, port: int, somebody: int) -> dict[str, bool]:
    """Try every wall; ``True`` where it held."""
    tries: dict[str, Callable[[], object]] = {
        "reading files outside": lambda: Path(outside, "secret").read_text(encoding="ascii"),
        "reading another submission": lambda: Path(others).read_text(encoding="ascii"),
        "writing files outside": lambda: Path(outside, "mark").write_text("here", encoding="ascii"),
        "changing its own submission": lambda: Path(__file__).with_name("mark").write_text("here", encoding="ascii"),
        "TCP to this machine": lambda: socket.create_connection(("127.0.0.1", port), timeout=1).close(),
        "UDP": lambda: _send_datagram(port),
        "Unix sockets of this machine": lambda: _connect(f"{outside}/socket"),
        "signals to other processes": lambda: os.kill(somebody, 0),
        "tracing a process": lambda: _call("ptrace", 16, os.getpid()),
        "mounting": lambda: _call("mount", b"none", b"/", b"tmpfs", 0, None),
        "more namespaces": lambda: _call("unshare", 0x10000000),
        "much memory": lambda: mmap.mmap(-1, _LARGE).close(),
        "a full disk": _fill_the_disk,
        "many processes": _multiply,
    }
    return {name: not _succeeds(attempt) for name, attempt in tries.items()}


def _succeeds(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except Exception:
        return False
    return True


def _send_datagram(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect(("192.0.2.1", port))  # an address of RFC 5737 that nobody has: routing it is enough


def _connect(path: str) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(path)


def _call(name: str, *arguments: Any) -> None:
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments) < 0:
        raise OSError(ctypes.get_errno(), name)


def _fill_the_disk() -> None:
    try:
        for number in range(_FULL // 2**24):
            Path(f"filler-{number}").write_bytes(bytes(2**24))
    finally:
        for path in Path().glob("filler-*"):
            path.unlink()


def _multiply() -> None:
    born: list[int] = []
    try:
        for _ in range(_MANY):
            child = os.fork()
            if child == 0:
                signal.pause()
            born.append(child)
    finally:
        for child in born:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
