"""The engine on this machine: so many slots side by side, each with a warm grader, or a container, of its own."""

from __future__ import annotations

import functools
import queue
import threading
from collections import deque
from collections.abc import Callable, Generator, Mapping, Sequence

from prodev.cohort.candidates import Candidate
from prodev.cohort.container import ContainerDesk
from prodev.cohort.engine import Desk, Graded, Job, graded_blank
from prodev.course import Exercise
from prodev.grading import Judges


class LocalEngine:
    """Grades exercise by exercise, in ``slots`` threads; the work itself is done by the processes of their desks."""

    def __init__(
        self,
        exercises: Mapping[str, Exercise],
        *,
        slots: int,
        desk: Callable[[], Desk | ContainerDesk] | None = None,
    ) -> None:
        self._exercises = exercises
        self._slots = slots
        self._desk = desk or functools.partial(Desk, Judges())

    def __call__(self, jobs: Sequence[Job], candidate_of: Callable[[str], Candidate]) -> Generator[Graded, None, None]:
        """Yield results as they come. Closing the iterator ends every grader."""
        order = {slug: place for place, slug in enumerate(self._exercises)}
        waiting = deque(sorted(jobs, key=lambda job: order[job.exercise]))
        done: queue.SimpleQueue[Graded | BaseException] = queue.SimpleQueue()
        slots = [
            threading.Thread(target=self._work, args=(waiting, done, candidate_of), daemon=True)
            for _ in range(min(self._slots, len(waiting)))
        ]
        for slot in slots:
            slot.start()
        try:
            for _ in range(len(jobs)):
                result = done.get()
                if isinstance(result, BaseException):
                    raise result
                yield result
        finally:
            waiting.clear()
            for slot in slots:
                slot.join()

    def _work(
        self,
        waiting: deque[Job],
        done: queue.SimpleQueue[Graded | BaseException],
        candidate_of: Callable[[str], Candidate],
    ) -> None:
        desk = self._desk()
        try:
            while True:
                try:
                    job = waiting.popleft()
                except IndexError:
                    return
                done.put(self._grade(desk, job, candidate_of))
        except BaseException as error:
            done.put(error)
        finally:
            desk.close()

    def _grade(self, desk: Desk | ContainerDesk, job: Job, candidate_of: Callable[[str], Candidate]) -> Graded:
        exercise = self._exercises[job.exercise]
        try:
            return desk.grade(exercise, job, candidate_of(job.candidate))
        except Exception as error:  # one submission that cannot be graded costs the others nothing
            problem = f"It could not be graded: {type(error).__name__}: {error}"
            return graded_blank(exercise, job, outcome="ungraded", problem=problem)
