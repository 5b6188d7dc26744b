"""Grade a cohort: take in, grade what is not known yet, put the report together."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from prodev import __version__
from prodev.cohort.bank import Signature, bank_of, beliefs_of, held, signature
from prodev.cohort.editions import job_key, seed_of
from prodev.cohort.engine import Engine, Graded, Job
from prodev.cohort.late import Late, award, days_late
from prodev.cohort.results import Alike, Asked, CohortReport, Result, Timings
from prodev.cohort.sources import Called, Taken, take_in
from prodev.cohort.store import Store
from prodev.course import Course, Exercise
from prodev.grading.grader import ISOLATION

Isolation = Literal["auto", "required"]
FindAlike = Callable[[Exercise, dict[str, dict[str, str]], dict[str, str]], tuple[Alike, ...]]


@dataclasses.dataclass(frozen=True)
class Step:
    """How far it is. ``known`` of ``total`` jobs needed no grading, ``done`` were graded now."""

    stage: Literal["intake", "grading"]
    total: int
    known: int = 0
    done: int = 0
    last: str = ""


def asked_of(course: Course, called: Called, slugs: Sequence[str] = ()) -> list[Exercise]:
    """The exercises to grade, in the course's order: those named, or those of the roster, or all.

    Raises CourseError for a name that is none.
    """
    wanted = {course.exercise(slug).slug for slug in slugs or called.exercises}
    return [exercise for exercise in course.exercises if not wanted or exercise.slug in wanted]


def grade_cohort(
    called: Called,
    exercises: Sequence[Exercise],
    *,
    store: Store,
    engine: Engine,
    isolation: Isolation = "auto",
    only_handed_in: bool = True,
    tell: Callable[[Step], None] = lambda _: None,
    find_alike: FindAlike | None = None,
) -> tuple[CohortReport, Timings]:
    """Grade every submission on every exercise; what ``store`` knows already is not graded again.

    With ``only_handed_in``, exercises that nobody handed in are left out. ``tell`` hears of every step.
    The report is the same however often a run before it was interrupted.
    """
    began = time.monotonic()
    taken, digests = _take_all(called, exercises, store, tell)
    handed_in = {slug for held_by in digests.values() for slug in held_by}
    asked = [each for each in exercises if not only_handed_in or each.slug in handed_in]
    known = _grade_all(asked, digests, store=store, engine=engine, isolation=isolation, tell=tell)
    results = _results(asked, taken, digests, known, called.late)
    report = CohortReport(
        edition=__version__,
        title=called.title,
        isolation="; ".join(sorted({result.report.isolation for result in results})) or ISOLATION,
        submissions=tuple(each.handed for each in taken),
        exercises=tuple(Asked(each.slug, each.module, each.title, each.points, beliefs_of(each)) for each in asked),
        results=results,
        alike=_alike(asked, digests, store, find_alike) if find_alike else (),
    )
    return report, _timings(results, known, began)


@dataclasses.dataclass(frozen=True)
class _Known:
    """Results by exercise and candidate's digest, and the signatures of each exercise's misconceptions."""

    graded: dict[tuple[str, str], Graded]
    signatures: dict[str, dict[str, Signature]]


Digests = Mapping[str, Mapping[str, str]]
"""Of each candidate: by submission, then exercise."""


def _take_all(
    called: Called, exercises: Sequence[Exercise], store: Store, tell: Callable[[Step], None]
) -> tuple[list[Taken], Digests]:
    taken: list[Taken] = []
    digests: dict[str, dict[str, str]] = {}
    for source in called.sources:
        tell(Step("intake", len(called.sources), done=len(taken), last=source.name))
        one = take_in(source, exercises)
        digests[source.name] = {slug: store.keep_candidate(each) for slug, each in one.candidates.items()}
        taken.append(dataclasses.replace(one, candidates={}))
    return taken, digests


def _grade_all(
    asked: Sequence[Exercise],
    digests: Digests,
    *,
    store: Store,
    engine: Engine,
    isolation: Isolation,
    tell: Callable[[Step], None],
) -> _Known:
    banks = {each.slug: {name: store.keep_candidate(c) for name, c in bank_of(each).items()} for each in asked}
    jobs: dict[tuple[str, str], Job] = {}
    for exercise in asked:
        submitted = [held_by[exercise.slug] for held_by in digests.values() if exercise.slug in held_by]
        for digest in [*submitted, *banks[exercise.slug].values()]:
            key = job_key(exercise, digest, isolation=isolation)
            jobs[exercise.slug, digest] = Job(exercise.slug, key, digest, seed_of(exercise, digest))
    graded = {place: found for place, job in jobs.items() if (found := store.graded(job)) is not None}
    missing = [job for place, job in jobs.items() if place not in graded]
    step = Step("grading", len(jobs), known=len(graded))
    tell(step)
    for done, result in enumerate(engine(missing, store.candidate), start=1):
        if result.is_whole:
            store.keep(result)
        graded[result.exercise, result.candidate] = result
        tell(dataclasses.replace(step, done=done, last=result.exercise))
    signatures = {
        slug: {name: signature(graded[slug, digest].report) for name, digest in bank.items()}
        for slug, bank in banks.items()
    }
    return _Known(graded, signatures)


def _results(
    asked: Sequence[Exercise], taken: Sequence[Taken], digests: Digests, known: _Known, late: Late | None
) -> tuple[Result, ...]:
    results = []
    for one in taken:
        for exercise in asked:
            digest = digests[one.handed.name].get(exercise.slug)
            if digest is None:
                continue
            graded = known.graded[exercise.slug, digest]
            days = days_late(one.at, one.deadline, late or Late()) if one.at and one.deadline else 0
            awarded, said = award(graded.report.earned, days, late)
            results.append(
                Result(
                    submission=one.handed.name,
                    exercise=exercise.slug,
                    report=graded.report,
                    key=graded.key,
                    awarded=awarded,
                    late=said,
                    misconceptions=held(graded.report, known.signatures[exercise.slug]),
                )
            )
    return tuple(results)


def _timings(results: Sequence[Result], known: _Known, began: float) -> Timings:
    seconds = {graded.key: graded.seconds for graded in known.graded.values()}
    grading: dict[str, dict[str, float]] = {}
    for result in results:
        grading.setdefault(result.submission, {})[result.exercise] = seconds[result.key]
    return Timings(round(time.monotonic() - began, 3), grading)


def _alike(asked: Sequence[Exercise], digests: Digests, store: Store, find_alike: FindAlike) -> tuple[Alike, ...]:
    pairs: list[Alike] = []
    for exercise in asked:
        answers = {
            name: _texts(store.candidate(held_by[exercise.slug]).files)
            for name, held_by in digests.items()
            if exercise.slug in held_by
        }
        starter = {
            path: (exercise.starter / path).read_text(encoding="utf-8", errors="replace")
            for path in exercise.edited_files(exercise.starter)
        }
        if len(answers) > 1:
            pairs += find_alike(exercise, answers, starter)
    return tuple(pairs)


def _texts(files: Mapping[str, bytes]) -> dict[str, str]:
    return {path: content.decode("utf-8", "replace") for path, content in files.items()}
