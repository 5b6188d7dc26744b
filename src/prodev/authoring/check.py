"""Keep every promise of every exercise, side by side, and say in words what breaks."""

from __future__ import annotations

import dataclasses
import multiprocessing
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from prodev.authoring.contents import module_breaches
from prodev.authoring.evidence import Breach, Evidence, SuiteBroken, breach_of
from prodev.authoring.promises import PROMISES, Promise
from prodev.course import Course, CourseError, Exercise
from prodev.errors import Unavailable
from prodev.grading import Grader


@dataclasses.dataclass
class Verdict:
    """What checking one exercise came to. ``broken`` pairs a promise's name with a breach of it."""

    slug: str
    broken: list[tuple[str, Breach]] = dataclasses.field(default_factory=list)
    ungraded: str = ""
    suite_broken: bool = False
    remarks: list[str] = dataclasses.field(default_factory=list)
    summary: str = ""
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        return not self.broken

    def lines(self) -> list[str]:
        """The verdict as an author reads it: one line when all is well."""
        if self.broken:
            lines = [f"{self.slug}: {len(self.broken)} broken. {self.summary}".rstrip()]
            for name, breach in self.broken:
                lines += [f"  ✗ {name}", f"    {breach.what}", f"    → {breach.mend}"]
        elif self.ungraded:
            lines = [f"{self.slug}: could not be graded, the rest is good. {self.ungraded}"]
        else:
            lines = [f"{self.slug}: good. {self.summary} ({self.seconds:.1f} s)"]
        return lines + [f"  · {remark}" for remark in self.remarks]


def check_exercise(
    course: Course, exercise: Exercise, *, promises: Sequence[Promise] = PROMISES, grader: Grader | None = None
) -> Verdict:
    """Keep every one of ``promises`` for one exercise, with a ``grader`` that is warm if there is one."""
    began = time.monotonic()
    verdict = Verdict(exercise.slug)
    with Evidence(course, exercise, grader=grader) as evidence:
        try:
            _ = exercise.tasks
        except CourseError as error:
            verdict.broken.append(("exercise.toml reads", breach_of(course, error)))
            return verdict
        for promise in promises:
            if not (promise.grades and (verdict.ungraded or verdict.suite_broken)):
                _keep(promise, evidence, verdict)
        verdict.summary = _summary(evidence)
        if evidence.hunted is not None:
            verdict.remarks += evidence.hunted.remarks
            verdict.remarks += [f"survived: {mutant.key} {mutant.told}" for mutant in evidence.hunted.unexplained]
    verdict.seconds = time.monotonic() - began
    return verdict


def _keep(promise: Promise, evidence: Evidence, verdict: Verdict) -> None:
    """Add to ``verdict`` what breaks ``promise``; a fault that an earlier promise named is not named again."""
    known = {breach for _, breach in verdict.broken}
    try:
        found = list(promise.keep(evidence))
    except Unavailable as error:
        verdict.ungraded = str(error)
        if os.environ.get("PRODEV_REQUIRE_SERVICES") != "1":
            return
        found = [Breach(f"It could not be graded: {error.problem}", error.remedy or "Start what is missing.")]
    except CourseError as error:
        verdict.suite_broken |= isinstance(error, SuiteBroken)
        found = [breach_of(evidence.course, error)]
    except (UnicodeDecodeError, IsADirectoryError) as error:
        found = [Breach(f"A file of {evidence.exercise.slug} cannot be read: {error}.", "Save it as UTF-8 text.")]
    verdict.broken += [(promise.name, breach) for breach in found if breach not in known]


def every_exercise(course: Course) -> list[Exercise]:
    """All that have a folder, by module and slug, whether or not a module orders them."""
    folders = sorted(path for path in course.root.glob("exercises/*/*") if path.is_dir())
    return [Exercise(course.root, folder.parent.name, folder.name) for folder in folders]


def check_module(course: Course, name: str) -> Verdict:
    """Keep the promises about ``module.toml`` and what it orders."""
    verdict = Verdict(f"modules/{name}", summary="Its order is complete.")
    verdict.broken = [("module.toml and the folders agree", breach) for breach in module_breaches(course, name)]
    return verdict


def check_course(
    course: Course,
    exercises: Sequence[Exercise] | None = None,
    *,
    promises: Sequence[Promise] = PROMISES,
    jobs: int = 2,
) -> Iterator[Verdict]:
    """Check ``exercises`` and the modules that they stand in, or everything; ``jobs`` at a time.

    Verdicts come in order: modules first, then exercises as given.
    """
    if exercises is None:
        exercises = every_exercise(course)
        modules = {path.name for path in course.root.glob("modules/*/")} | {each.module for each in exercises}
    else:
        modules = {each.module for each in exercises}
    for name in sorted(modules):
        yield check_module(course, name)
    if jobs <= 1 or len(exercises) <= 1:
        for exercise in exercises:
            yield check_exercise(course, exercise, promises=promises)
        return
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        waiting = [pool.submit(_check_apart, course.root, each.module, each.slug, promises) for each in exercises]
        for verdict in waiting:
            yield verdict.result()


def _check_apart(root: Path, module: str, slug: str, promises: Sequence[Promise]) -> Verdict:
    return check_exercise(Course(root), Exercise(root, module, slug), promises=promises)


def _summary(evidence: Evidence) -> str:
    exercise = evidence.exercise
    bank = f"{len(exercise.accepted)} accepted, {len(exercise.misconception_folders)} misconceptions"
    hunted = f" {evidence.hunted.summary}" if evidence.hunted is not None else ""
    return f"{len(exercise.tasks)} tasks, {bank}.{hunted}"
