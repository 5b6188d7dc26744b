"""What a grader elsewhere, a worker or a container, sends back for a job."""

from __future__ import annotations

import socket
from collections.abc import Mapping

import msgspec

from prodev.cohort.candidates import Candidate
from prodev.cohort.editions import job_key
from prodev.cohort.engine import Desk, Graded, Job, graded_blank
from prodev.course import Exercise


class Answer(msgspec.Struct, frozen=True):
    """What is sent back: ``graded``, or the ``problem`` that keeps this grader from grading at all."""

    key: str
    graded: Graded | None = None
    problem: str = ""


def answer_to(job: Job, candidate: Candidate, exercises: Mapping[str, Exercise], desk: Desk) -> Answer:
    """Grade ``candidate`` at ``desk``, unless this machine has other tests, or another grader, than whoever asks."""
    exercise = exercises.get(job.exercise)
    if exercise is None or job_key(exercise, candidate.digest) != job.key:
        return Answer(job.key, problem=f"The worker on {socket.gethostname()} has another edition of {job.exercise}.")
    try:
        return Answer(job.key, desk.grade(exercise, job, candidate))
    except Exception as error:  # one submission that cannot be graded costs the others nothing
        problem = f"It could not be graded: {type(error).__name__}: {error}"
        return Answer(job.key, graded_blank(exercise, job, outcome="ungraded", problem=problem))
