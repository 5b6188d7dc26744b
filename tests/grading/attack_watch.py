"""Neighbours, listeners and tempting files around a hostile run, and what became of them."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

from filelock import FileLock

HOME = Path(__file__).parents[2]
TOY = HOME / "tests/toy_course"
PLAYGROUND = Path("/tmp/prodev-attack")
NEIGHBOUR = PLAYGROUND / "neighbour/nights.py"
NEIGHBOURS_ANSWER = TOY / "solutions/00-stays/count-nights/reference/nights.py"
TOKEN = "PRODEV_ATTACK_TOKEN"
PORT = 47611
LEFT = "prodev-attack-was-here"
PLACES = (Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"), Path.home(), HOME, TOY)


class Watch:
    """A context manager; one at a time on a machine.

    ``harms`` inside it: ``tcp``, ``udp``, ``unix``, ``abstract`` (something arrived there), ``kills`` (the decoy
    is dead), ``changes`` (the neighbour's file is), ``leaves`` (a file lies where none was), ``outlives`` (a process
    of the attack still runs).
    """

    def __enter__(self):
        self._lock = FileLock(f"/tmp/prodev-attack-{os.getuid()}.lock")
        self._lock.acquire(timeout=300)
        shutil.rmtree(PLAYGROUND, ignore_errors=True)
        NEIGHBOUR.parent.mkdir(parents=True)
        shutil.copy(NEIGHBOURS_ANSWER, NEIGHBOUR)
        self._token = Path.home() / ".prodev-attack-token"
        self._token.write_text("a token of the mentor's")
        self._decoy = subprocess.Popen(
            ["prodev-attack-decoy", "600"], executable="/bin/sleep", env=dict(os.environ) | {TOKEN: "a neighbour's"}
        )
        self._listeners = {
            "tcp": _listener(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", PORT)),
            "udp": _listener(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", PORT)),
            "unix": _listener(socket.AF_UNIX, socket.SOCK_STREAM, str(PLAYGROUND / "socket")),
        }
        (PLAYGROUND / "socket").chmod(0o777)
        if sys.platform == "linux":
            self._listeners["abstract"] = _listener(socket.AF_UNIX, socket.SOCK_STREAM, "\0prodev-attack")
        return self

    def harms(self):
        found = {name for name, listener in self._listeners.items() if _has_heard(listener)}
        checks = {
            "kills": self._decoy.poll() is not None,
            "changes": not NEIGHBOUR.exists() or NEIGHBOUR.read_bytes() != NEIGHBOURS_ANSWER.read_bytes(),
            "leaves": bool(_left()),
            "outlives": bool(_strays()),
        }
        return found | {name for name, is_so in checks.items() if is_so}

    def __exit__(self, *_):
        self._decoy.kill()
        self._decoy.wait()
        for listener in self._listeners.values():
            listener.close()
        for pid in _strays():
            os.kill(pid, signal.SIGKILL)
        for path in (PLAYGROUND, *_left()):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        self._token.unlink()
        self._lock.release()


def _listener(family, kind, address):
    listener = socket.socket(family, kind)
    if family == socket.AF_INET:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(address)
    if kind == socket.SOCK_STREAM:
        listener.listen()
    listener.setblocking(False)
    return listener


def _has_heard(listener):
    try:
        if listener.type == socket.SOCK_DGRAM:
            listener.recv(1000)
        else:
            listener.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def _left():
    return [path for place in PLACES for path in place.glob(f"{LEFT}*")]


def _strays():
    listed = subprocess.run(["ps", "-A", "-o", "pid=,args="], capture_output=True, text=True, check=True).stdout
    return [int(line.split()[0]) for line in listed.splitlines() if line.split()[1:2] == ["prodev-attack-stray"]]
