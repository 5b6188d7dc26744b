"""Processes that perform requests with the candidate's code, and the clock that they run under."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from prodev.errors import Unavailable
from prodev.grading.clock import PATIENCE, PROGRAM_FLOORS, START_S
from prodev.grading.functions import Functions
from prodev.grading.nursery import fork
from prodev.grading.wire import ANSWER_BYTES, Deadline, WireClosed, WireTimeout, WireTooLong, receive, send

WORKERS = "prodev.grading.worker:host"
"""What a nursery hosts so that ``Worker`` can be born of it."""

_STACK_BYTES = 20_000
_FORGETTING_S = 1.0


class Servant(Protocol):
    """Something that performs requests with the candidate's code."""

    def ask(self, request: dict[str, Any], functions: Functions) -> dict[str, Any]:
        """Perform ``request``, answering for ``functions`` meanwhile. Raises Overrun or Ended."""
        ...

    def close(self) -> None:
        """Forget the candidate's code and all that it did."""
        ...


class Process(Protocol):
    """What a worker needs of its process; ``nursery.Child`` is one."""

    @property
    def pid(self) -> int: ...

    def kill(self) -> None:
        """End it, and whatever it left."""
        ...

    def status(self) -> int | None:
        """How it ended, as subprocess has it; None if it had to be ended."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class Overrun(Exception):
    """A request took longer than its budget; the message says how long and where it hung."""


class Ended(Exception):
    """The candidate's process ended under a request; the message says how, as a verb phrase."""


class Worker:
    """A servant in a process of its own, forked from a nursery and killed when closed."""

    def __init__(
        self,
        channel: socket.socket,
        stack: Any,
        process: Process,
        *,
        floor_s: float,
        reference: Callable[[], Worker] | None,
    ) -> None:
        self._channel = channel
        self._stack = stack
        self._child = process
        self._floor_s = floor_s
        self._reference = reference
        self._is_ready = False

    @classmethod
    def start(
        cls,
        nursery: socket.socket,
        payload: dict[str, Any],
        *,
        output: Any,
        reference: Callable[[], Worker] | None,
        line: socket.socket | None = None,
    ) -> Worker:
        """Fork it from ``nursery``; with a ``line``, it is a zygote that attends to it."""
        ours, theirs = socket.socketpair()
        stack = tempfile.TemporaryFile()  # noqa: SIM115
        with theirs:
            fds = [end.fileno() for end in (theirs, output, stack, line) if end is not None]
            process = fork(nursery, payload, fds)
        return cls(ours, stack, process, floor_s=payload["floor_s"], reference=reference)

    def twin(self, channel: socket.socket, stack: Any, process: Process) -> Worker:
        """Another of the same candidate's, behind ``channel``."""
        return Worker(channel, stack, process, floor_s=self._floor_s, reference=self._reference)

    @property
    def pid(self) -> int:
        """Id of the process."""
        return self._child.pid

    def ask(self, request: dict[str, Any], functions: Functions) -> dict[str, Any]:
        """Perform ``request`` within its budget, answering for ``functions``. Raises Overrun or Ended."""
        self.wait_until_ready()
        floor = self._floor_s * (PROGRAM_FLOORS if request["verb"] == "run" else 1)
        began, allowed = time.monotonic(), floor

        def extend() -> float:
            nonlocal allowed
            allowed = self._budget(request, functions, floor)
            return began + allowed

        try:
            send(self._channel, request | {"stack_after": self._floor_s * 0.9})
            return self._receive(Deadline(began + floor, extend), functions)
        except WireTimeout:
            waited = f"{floor:g} s" if allowed == floor else f"{PATIENCE:.0f} times what the reference takes here"
            raise Overrun(f"{waited}{self._where_it_hung()}.") from None
        except (WireTooLong, ValueError, LookupError, TypeError) as error:
            self._child.kill()
            raise Ended(f"sent an answer that cannot be read: {error}. Return plain, small data.") from None
        except WireClosed:
            raise Ended(_ending(self._child.status())) from None

    def wait_until_ready(self, *, within: float = START_S) -> None:
        """Let the process start, which is our machine's time and not the candidate's.

        Raises Unavailable when it does not.
        """
        if not self._is_ready:
            try:
                receive(self._channel, deadline=Deadline(time.monotonic() + within), limit=ANSWER_BYTES)
            except (WireTimeout, WireClosed):
                raise Unavailable("A process for your code could not be started on this machine.") from None
            self._is_ready = True

    def forgets(self) -> bool:
        """Whether the process says that it is again what it was before its first request."""
        try:
            send(self._channel, {"verb": "forget"})
            answer = receive(self._channel, deadline=Deadline(time.monotonic() + _FORGETTING_S), limit=ANSWER_BYTES)
        except (WireTimeout, WireClosed, WireTooLong, ValueError, OSError):
            return False
        return bool(answer == {"value": ""})

    def close(self) -> None:
        """Kill the process, and all that it left in its group."""
        self._child.kill()
        self._channel.close()
        self._child.close()
        self._stack.close()

    def _receive(self, deadline: Deadline, functions: Functions) -> dict[str, Any]:
        while True:
            answer = receive(self._channel, deadline=deadline, limit=ANSWER_BYTES)
            if isinstance(answer, dict) and "ask" in answer:
                send(self._channel, functions.answer(answer["ask"], answer["args"], answer["kwargs"]))
            elif isinstance(answer, dict) and answer.keys() & {"value", "raised", "broken"}:
                return answer
            else:
                raise ValueError("it is not an answer")

    def _budget(self, request: dict[str, Any], functions: Functions, floor: float) -> float:
        """Seconds for this request: what the reference takes for it on this machine, times PATIENCE.

        What leaves traces on our side cannot be put to the reference as well: there the floor is the budget.
        Raises Unavailable when the reference overruns it too: that is this machine's fault.
        """
        if self._reference is None or functions:
            return floor
        reference = self._reference()
        try:
            reference.wait_until_ready()
            began = time.monotonic()
            reference.ask(request, Functions())
        except Overrun:
            raise Unavailable("This machine is too slow, just now, for the answer that we know to be right.") from None
        except Ended:
            return floor
        finally:
            reference.close()
        return max(floor, PATIENCE * (time.monotonic() - began))

    def _where_it_hung(self) -> str:
        self._stack.seek(0)
        tree = f"{os.sep}tree{os.sep}"
        for line in self._stack.read(_STACK_BYTES).decode("utf-8", "replace").splitlines():
            if line.lstrip().startswith("File ") and tree in line:
                file, _, rest = line.partition('", ')
                return f"; it was still at {file.rsplit(tree, 1)[1]} {rest.partition(' in ')[0]}"
        return ""


def _ending(status: int | None) -> str:
    if status is None:
        return "closed its line to me but is still running."
    if status < 0:
        with contextlib.suppress(ValueError):
            return f"crashed its process ({signal.Signals(-status).name})."
    return f"ended its own process with status {status} instead of answering."


class Inline:
    """A servant in the test's own process, for debuggers. Never decides a grade: it hides nothing and stops nothing."""

    def __init__(self, payload: dict[str, Any]) -> None:
        from prodev.grading.performer import Performer

        self._folder = tempfile.TemporaryDirectory(dir=payload["scratch"], ignore_cleanup_errors=True)
        self._modules, self._path = set(sys.modules), list(sys.path)
        os.environ.update({key: value for key, value in payload["env"].items() if key.endswith("_URL")})
        self._performer = Performer(
            tree=Path(payload["tree"]),
            folder=Path(self._folder.name),
            probes=Path(payload["probes"]) if payload["probes"] else None,
            app=payload["app"],
            ask_back=lambda *asked: self._functions.answer(*asked),
        )
        self._functions = Functions()
        self._keeps_modules = payload["app"] is not None

    def ask(self, request: dict[str, Any], functions: Functions) -> dict[str, Any]:
        """Perform ``request``, however long it takes."""
        self._functions = functions
        return self._performer.perform(request)

    def close(self) -> None:
        """Forget what was imported, unless a framework would not survive it."""
        self._folder.cleanup()
        sys.path[:] = self._path
        if not self._keeps_modules:
            for name in set(sys.modules) - self._modules:
                origin = getattr(sys.modules[name], "__file__", None) or ""
                if origin.startswith(str(self._performer.tree)):
                    del sys.modules[name]
