"""One process for one test after another, for as long as it can be brought back to what it was before the first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from prodev.errors import Unavailable
from prodev.grading.functions import Functions
from prodev.grading.servant import Ended, Overrun, Worker


class Turns:
    """Servants for tests: ``start`` begins a process, which serves the next test when it has forgotten the last.

    Whether it has is the candidate's to forge, and decides nothing: a lie keeps the candidate's own leftovers.
    """

    def __init__(self, start: Callable[[], Worker]) -> None:
        self._start = start
        self._waiting: Worker | None = None
        self._is_untouched = True
        self._is_over = False

    def get_ready(self) -> None:
        """Start the process that the first test will have, in place of one that waits."""
        self.close()
        self._waiting, self._is_untouched = self._start(), True

    def hire(self) -> Turn:
        """A servant with nothing behind it."""
        worker = self._waiting or self._start()
        worker.wait_until_ready()  # untouched until then: only now does what it asks of a database count
        self._waiting, self._is_untouched = None, False
        return Turn(worker, self._take_back)

    def is_untouched(self, pid: int) -> bool:
        """Whether ``pid`` waits for the first test, and has not seen the candidate's code yet."""
        return self._is_untouched and self._waiting is not None and self._waiting.pid == pid

    def dismiss(self) -> None:
        """End, from now on, what is given back: nobody is served after this."""
        self._is_over = True

    def close(self) -> None:
        """End the process that waits."""
        if self._waiting is not None:
            self._waiting.close()
            self._waiting = None

    def _take_back(self, worker: Worker) -> None:
        if self._waiting is None and not self._is_over and worker.forgets():
            self._waiting = worker
        else:
            worker.close()


class Turn:
    """A servant for one test."""

    def __init__(self, worker: Worker, give_back: Callable[[Worker], None]) -> None:
        self._worker = worker
        self._give_back = give_back

    def ask(self, request: dict[str, Any], functions: Functions) -> dict[str, Any]:
        """See ``Servant.ask``."""
        try:
            return self._worker.ask(request, functions)
        except (Overrun, Ended, Unavailable):
            self._give_back = Worker.close
            raise

    def close(self) -> None:
        """Let the next test have the process, or nobody."""
        self._give_back(self._worker)
