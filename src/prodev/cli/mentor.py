"""``prodev grade``: a mentor's cohort."""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from prodev.course import Course, Exercise
from prodev.errors import ProDevError

if TYPE_CHECKING:
    from prodev.cohort.engine import Engine
    from prodev.cohort.results import CohortReport, Timings
    from prodev.cohort.store import Store

ALL_GRADED, NOT_ALL_GRADED, STOPPED = 0, 3, 130


@dataclasses.dataclass(frozen=True)
class Wanted:
    """What the options of ``prodev grade`` ask for. ``against``: where the run is that this one is compared with."""

    out: Path
    exercises: tuple[str, ...] = ()
    jobs: int | None = None
    engine: Literal["local", "celery"] = "local"
    broker: str = ""
    isolation: Literal["auto", "required", "docker"] = "auto"
    fresh: bool = False
    against: Path | None = None


def grade_cohort(paths: Sequence[str], wanted: Wanted) -> int:
    """Grade what ``paths`` name, write the files, show a table; NOT_ALL_GRADED when something could not be graded."""
    from prodev.cohort.compare import compare
    from prodev.cohort.store import Store, read_results
    from prodev.show.cohort_files import write_changes, write_files
    from prodev.show.cohort_table import changes_block, cohort_block, files_block
    from prodev.show.cohort_text import ungraded_of
    from prodev.show.console import make_console

    if not paths:
        raise ProDevError("What should be graded?", remedy="prodev grade FOLDER, or: prodev grade --help")
    earlier = read_results(wanted.against) if wanted.against else None
    store = Store(wanted.out)
    try:
        with store.locked():
            report, timings = _graded(paths, wanted, store)
            files = write_files(wanted.out, report, timings)
            changes = compare(earlier, report) if earlier else ()
            if earlier:
                files.append(write_changes(wanted.out, changes))
    except KeyboardInterrupt:
        print("Stopped. What was graded is kept: the same command goes on from here.", file=sys.stderr)  # noqa: T201
        return STOPPED
    console = make_console()
    console.print(cohort_block(report))
    if earlier:
        console.print(changes_block(changes))
    console.print(files_block(files))
    return NOT_ALL_GRADED if ungraded_of(report) else ALL_GRADED


def _graded(paths: Sequence[str], wanted: Wanted, store: Store) -> tuple[CohortReport, Timings]:
    from prodev.cohort.grade import Grading, asked_of
    from prodev.cohort.isolation import require_walls
    from prodev.cohort.sources import call_in
    from prodev.show.cohort_progress import CohortProgress
    from prodev.show.console import make_console

    course = Course.here()
    modules = frozenset(module.name for module in course.modules)
    called = call_in(paths, modules=modules, apart_from=wanted.out)
    exercises = asked_of(course, called, wanted.exercises)
    is_walled = wanted.isolation != "auto"
    if wanted.isolation == "required":
        require_walls()
    jobs = wanted.jobs or _cores()
    engine = _engine(exercises, wanted, jobs=jobs)
    with CohortProgress(make_console(stderr=True)) as progress:
        grading = Grading(store, engine, jobs=jobs, fresh=wanted.fresh, walled=is_walled, tell=progress)
        return grading.grade(called, exercises, only_handed_in=not (wanted.exercises or called.exercises))


def explain_submission(name: str, *, out: Path, exercises: Sequence[str] = ()) -> int:
    """Show all that ``out`` keeps of one submission."""
    from prodev.cohort.store import Store, read_results
    from prodev.show.cohort_explained import explanation
    from prodev.show.console import make_console

    report = read_results(out)
    handed = report.submission(name)
    store = Store(out)
    kept = {}
    for result in report.results:
        if result.submission == handed.name:
            graded = store.graded(result.exercise, result.key)
            kept[result.exercise] = store.find_candidate(result.candidate), graded.seconds if graded else None
    only = frozenset(Course.here().exercise(slug).slug for slug in exercises)
    make_console().print(explanation(report, handed, kept, exercises=only))
    return ALL_GRADED


def serve_broker(broker: str, *, jobs: int | None, isolation: Literal["auto", "required"]) -> int:
    """Grade what ``broker`` hands out, until told to stop. Raises ProDevError as ``require_walls``, when required."""
    from prodev.cohort.isolation import require_walls

    distributed = _distributed()
    if isolation == "required":
        require_walls()
    exercises = {exercise.slug: exercise for exercise in Course.here().exercises}
    status: int = distributed.work(exercises, broker=broker or distributed.BROKER, slots=jobs or _cores())
    return status


def _engine(exercises: Sequence[Exercise], wanted: Wanted, *, jobs: int) -> Engine:
    by_slug = {exercise.slug: exercise for exercise in exercises}
    if wanted.engine == "celery":
        if wanted.isolation == "docker":
            raise ProDevError(
                "--isolation docker starts containers on this machine; what workers are behind is theirs to say.",
                remedy="Start the workers with --isolation required, and give that here too.",
            )
        distributed = _distributed()
        engine: Engine = distributed.CeleryEngine(by_slug, broker=wanted.broker or distributed.BROKER)
        return engine

    from prodev.cohort.local import LocalEngine

    if wanted.isolation == "docker":
        from prodev.cohort.container import Containers

        return LocalEngine(by_slug, slots=jobs, desk=Containers(exercises, root=Course.here().root).desk)
    return LocalEngine(by_slug, slots=jobs)


def _distributed() -> Any:
    try:
        from prodev.cohort import distributed
    except ModuleNotFoundError as error:
        raise ProDevError(
            f"Grading on many machines needs {error.name}, which is not installed.",
            remedy="python -m pip install -c constraints.txt -e '.[celery]'",
        ) from error
    return distributed


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
