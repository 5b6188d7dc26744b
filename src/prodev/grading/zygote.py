"""A worker that imports the candidate's code once, and is forked for every test.

Each test begins with the candidate's modules as they are just after their import, and with nothing that
another test left; what that costs is a fork of a process that stands behind its walls already. A process
that cannot be forked faithfully (it has threads, open files or children of its own, or does not import)
says so, and then each test gets a worker of its own.

This is the judge's side; ``forking`` is the candidate's. What that says is the candidate's to forge, so it
is never more than the candidate's own answers are: a way to fail.
"""

from __future__ import annotations

import contextlib
import json
import select
import socket
import tempfile
from collections.abc import Callable
from typing import Any

from prodev.errors import Unavailable
from prodev.grading.functions import Functions
from prodev.grading.nursery import PACKETS
from prodev.grading.servant import Worker

_ENDING_S = 2.0
_GRACE_S = 0.2
_LONGEST_ANSWER = 100


class Zygote:
    """Servants for one test after another, forked from a worker that ``start`` begins on a line of its own.

    ``patience_s`` is what importing the candidate's code may take, and a fork.
    """

    def __init__(self, start: Callable[[socket.socket], Worker], *, patience_s: float) -> None:
        self._line, theirs = socket.socketpair(socket.AF_UNIX, PACKETS)
        self._patience_s = patience_s
        self._has_begun = False
        self._can_be_forked = True
        with theirs:
            self._worker = start(theirs)

    def is_untouched(self, pid: int) -> bool:
        """Whether ``pid`` is its process, and it has not seen the candidate's code yet."""
        return self._can_be_forked and not self._has_begun and self._worker.pid == pid

    def servant_for(self, request: dict[str, Any]) -> Worker | None:
        """A new servant whose first request will be ``request``; None when no faithful one can be had.

        Raises Unavailable when the process could not be started, before it saw anything of the candidate's.
        """
        if not self._can_be_forked:
            return None
        if not self._has_begun:
            self._worker.wait_until_ready()
            self._has_begun = True
            if self._ask({"prepare": _modules_of(request)}, self._patience_s) != b"alone":
                self.close()
                return None
        return self._fork()

    def end(self, *, grace_s: float) -> int | None:
        """End what was forked, after ``grace_s`` to end by itself, and all that it left behind.

        Returns its status, as subprocess has it, when it ended by itself.
        """
        answer = self._ask({"end": grace_s}, _ENDING_S + grace_s)
        try:
            return int(answer)
        except ValueError:
            return None

    def close(self) -> None:
        """End its process."""
        self._can_be_forked = False
        self._line.close()
        self._worker.close()

    def _fork(self) -> Worker | None:
        ours, theirs = socket.socketpair()
        stack = tempfile.TemporaryFile()  # noqa: SIM115
        servant = self._worker.twin(ours, stack, _Forked(self))
        with theirs:
            try:
                socket.send_fds(self._line, [b'{"fork": true}'], [theirs.fileno(), stack.fileno()])
                servant.wait_until_ready(within=self._patience_s)
            except (OSError, Unavailable):  # it saw the candidate's code before: no fault of this machine's
                self.close()
                servant.close()
                return None
        return servant

    def _ask(self, request: dict[str, Any], patience_s: float) -> bytes:
        """What it answers; empty when that does not come in time, or at all, and then it is closed."""
        answer = b""
        if self._can_be_forked:
            with contextlib.suppress(OSError):
                self._line.send(json.dumps(request).encode())
                if select.select([self._line], [], [], patience_s)[0]:
                    answer = self._line.recv(_LONGEST_ANSWER)
            if not answer:
                self.close()
        return answer


class LazyServant:
    """A servant for one test, had when its first request is known: of ``zygote``, or of its own by ``start``."""

    def __init__(self, zygote: Zygote, start: Callable[[], Worker]) -> None:
        self._zygote = zygote
        self._start = start
        self._worker: Worker | None = None

    def ask(self, request: dict[str, Any], functions: Functions) -> dict[str, Any]:
        """See ``Servant.ask``."""
        if self._worker is None:
            self._worker = self._zygote.servant_for(request) or self._start()
        return self._worker.ask(request, functions)

    def close(self) -> None:
        """End its process."""
        if self._worker is not None:
            self._worker.close()


class _Forked:
    """The process behind one servant, as its worker knows it; see ``nursery.Child``."""

    pid = 0

    def __init__(self, zygote: Zygote) -> None:
        self._zygote = zygote
        self._has_ended = False

    def kill(self) -> None:
        self.status(0.0)

    def status(self, timeout: float = _GRACE_S) -> int | None:
        if self._has_ended:
            return None
        self._has_ended = True
        return self._zygote.end(grace_s=timeout)

    def close(self) -> None:
        pass


def _modules_of(request: dict[str, Any]) -> dict[str, Any]:
    """What the candidate's process imports before it performs ``request``."""
    if request["verb"] == "call":
        return {"modules": [request["target"].partition(":")[0]], "app": False}
    return {"modules": request.get("imports", []), "app": request["verb"] == "http"}
