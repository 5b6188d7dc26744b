"""A candidate's process that is forked for every test; the judge's side is ``zygote``.

Standard library only: whatever is imported here, every worker carries.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import socket
import time
from collections.abc import Callable

from prodev.grading.slate import descriptors, is_alone

_LONGEST_PACKET = 8000


def attend(line: socket.socket, prepare: Callable[[list[str], bool], None]) -> tuple[socket.socket, int]:
    """Fork on request; return in each child only: the socket that it serves, and its stack file.

    ``prepare`` imports modules, and the application where that is wanted.
    """
    child, known = 0, descriptors()
    while True:
        packet, fds, _, _ = socket.recv_fds(line, _LONGEST_PACKET, 2)
        if not packet:
            os._exit(0)
        asked = json.loads(packet)
        if "prepare" in asked:
            with contextlib.suppress(BaseException):  # it happens again, and is told, where a test asks
                prepare(asked["prepare"]["modules"], asked["prepare"]["app"])
                gc.freeze()
                line.send(b"alone" if is_alone(known) else b"in company")
                continue
            line.send(b"failed")
        elif "end" in asked:
            line.send(_end(child, asked["end"]))
        else:
            child = os.fork()
            if child == 0:
                line.close()
                os.setsid()
                return socket.socket(fileno=fds[0]), fds[1]
            for fd in fds:
                os.close(fd)


def _end(child: int, grace_s: float) -> bytes:
    """Kill ``child`` and what it left; its status, if it ended within the grace."""
    status, until = b"running", time.monotonic() + grace_s
    while grace_s:
        done, how = os.waitpid(child, os.WNOHANG)
        if done:
            status = str(os.waitstatus_to_exitcode(how)).encode()
        if done or time.monotonic() > until:
            break
        time.sleep(0.002)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if os.getpid() == 1:  # of a namespace of its own, with nobody else in it
            os.kill(-1, signal.SIGKILL)
        else:
            os.killpg(child, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1 if os.getpid() == 1 else child, 0):
            pass
    return status
