"""Grade a cohort: take in, grade what is not known yet, put the report together."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

from prodev import __version__
from prodev.cohort.alike import alike
from prodev.cohort.bank import Signature, bank_of, beliefs_of, held, signature, starter_digest
from prodev.cohort.editions import edition_digest, job_key, seed_of, suite_digest
from prodev.cohort.engine import Engine, Graded, Job
from prodev.cohort.isolation import ENOUGH, level_of
from prodev.cohort.late import Late, award, days_late
from prodev.cohort.results import Alike, Asked, CohortReport, Result, Timings
from prodev.cohort.sources import Called, Source, Taken, take_in
from prodev.cohort.store import Store
from prodev.course import Course, Exercise
from prodev.errors import ProDevError
from prodev.grading import Report


@dataclasses.dataclass(frozen=True)
class Step:
    """How far it is: ``done`` of ``total``. ``known`` of them needed no work."""

    stage: Literal["intake", "grading"]
    total: int
    known: int = 0
    done: int = 0


Tell = Callable[[Step], None]


def asked_of(course: Course, called: Called, slugs: Sequence[str] = ()) -> list[Exercise]:
    """The exercises to grade, in the course's order: those named, or those of the roster, or all.

    Raises CourseError for a name that is none.
    """
    wanted = {course.exercise(slug).slug for slug in slugs or called.exercises}
    return [exercise for exercise in course.exercises if not wanted or exercise.slug in wanted]


@dataclasses.dataclass(frozen=True)
class Grading:
    """One run: where results are kept, what grades, and how.

    ``fresh``: also what is known is graded, once more. ``walled``: what was graded with less than the full walls
    is graded again. ``jobs``: submissions opened side by side. ``tell`` hears of every step.
    """

    store: Store
    engine: Engine
    jobs: int = 1
    fresh: bool = False
    walled: bool = False
    tell: Tell = lambda _: None

    def grade(
        self, called: Called, exercises: Sequence[Exercise], *, only_handed_in: bool = True
    ) -> tuple[CohortReport, Timings]:
        """Grade every submission on every exercise, as far as it is not known.

        With ``only_handed_in``, exercises that nobody handed in are left out. The report is the same however
        often a run before it was interrupted.
        """
        began = time.monotonic()
        taken, digests = self._take_all(called, exercises)
        handed_in = {slug for held_by in digests.values() for slug in held_by}
        asked = [each for each in exercises if not only_handed_in or each.slug in handed_in]
        known = self._grade_all(asked, digests)
        results = _results(asked, taken, digests, known, called.late)
        report = CohortReport(
            edition=__version__,
            title=called.title,
            isolation="; ".join(sorted({result.report.isolation for result in results} - {""})),
            submissions=tuple(each.handed for each in taken),
            exercises=tuple(
                Asked(each.slug, each.module, each.title, each.points, beliefs_of(each), suite_digest(each))
                for each in asked
            ),
            results=results,
            alike=tuple(_alike(asked, digests, self.store)),
            grader=edition_digest(),
        )
        return report, _timings(results, known, began)

    def _take_all(self, called: Called, exercises: Sequence[Exercise]) -> tuple[list[Taken], Digests]:
        def open_one(source: Source) -> tuple[Taken, dict[str, str]]:
            one = take_in(source, exercises)
            kept = {slug: self.store.keep_candidate(each) for slug, each in one.candidates.items()}
            return dataclasses.replace(one, candidates={}), kept

        taken: list[Taken] = []
        digests: dict[str, dict[str, str]] = {}
        total = len(called.sources)
        self.tell(Step("intake", total))
        with ThreadPoolExecutor(self.jobs) as openers:
            try:
                for one, kept in openers.map(open_one, called.sources):
                    taken.append(one)
                    digests[one.handed.name] = kept
                    self.tell(Step("intake", total, done=len(taken)))
            finally:
                openers.shutdown(cancel_futures=True)
        return taken, digests

    def _grade_all(self, asked: Sequence[Exercise], digests: Digests) -> _Known:
        banks = {each.slug: {name: self.store.keep_candidate(c) for name, c in bank_of(each).items()} for each in asked}
        jobs = dict(_jobs(asked, digests, banks))
        graded = {place: found for place, job in jobs.items() if (found := self._known(job)) is not None}
        missing = [job for place, job in jobs.items() if place not in graded]
        step = Step("grading", len(jobs), known=len(graded))
        self.tell(step)
        with contextlib.closing(self.engine(missing, self.store.candidate)) as results:
            for done, result in enumerate(results, start=1):
                if result.is_whole and self._is_walled(result):
                    self.store.keep(result)
                graded[result.exercise, result.candidate] = result
                self.tell(dataclasses.replace(step, done=done))
        self._refuse_unwalled(graded.values())
        signatures = {
            slug: {
                name: signature(graded[slug, digest].report)
                for name, digest in bank.items()
                if graded[slug, digest].is_whole
            }
            for slug, bank in banks.items()
        }
        return _Known(graded, signatures, {each.slug: starter_digest(each) for each in asked})

    def _known(self, job: Job) -> Graded | None:
        found = None if self.fresh else self.store.graded(job.exercise, job.key)
        return found if found is not None and self._is_walled(found) else None

    def _is_walled(self, result: Graded) -> bool:
        """Whether enough stood around the candidate; nothing is needed around one that was not run."""
        in_force = result.report.isolation
        return not (self.walled and in_force) or level_of(in_force) >= ENOUGH

    def _refuse_unwalled(self, results: Iterable[Graded]) -> None:
        below = {result.report.isolation for result in results if not self._is_walled(result)}
        if below:
            raise ProDevError(
                f"--isolation required: some answers were graded with {'; '.join(sorted(below))}.",
                remedy="Nothing of that is kept. Type: prodev doctor",
            )


@dataclasses.dataclass(frozen=True)
class _Known:
    """Results by exercise and candidate's digest, and by exercise the misconceptions' signatures and the starter."""

    graded: dict[tuple[str, str], Graded]
    signatures: dict[str, dict[str, Signature]]
    starters: dict[str, str]

    def misconceptions(self, exercise: str, report: Report) -> tuple[str, ...]:
        """Those that are held; none by whoever has not begun, though the starter may fail the same tests."""
        return () if report.digest == self.starters[exercise] else held(report, self.signatures[exercise])


Digests = Mapping[str, Mapping[str, str]]
"""Of each candidate: by submission, then exercise; or by exercise, then misconception."""


def _jobs(asked: Sequence[Exercise], digests: Digests, banks: Digests) -> Iterator[tuple[tuple[str, str], Job]]:
    for exercise in asked:
        submitted = [held_by[exercise.slug] for held_by in digests.values() if exercise.slug in held_by]
        for digest in [*submitted, *banks[exercise.slug].values()]:
            job = Job(exercise.slug, job_key(exercise, digest), digest, seed_of(exercise, digest))
            yield (exercise.slug, digest), job


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
                    misconceptions=known.misconceptions(exercise.slug, graded.report),
                    candidate=digest,
                )
            )
    return tuple(results)


def _timings(results: Sequence[Result], known: _Known, began: float) -> Timings:
    seconds = {graded.key: graded.seconds for graded in known.graded.values()}
    grading: dict[str, dict[str, float]] = {}
    for result in results:
        grading.setdefault(result.submission, {})[result.exercise] = seconds[result.key]
    return Timings(round(time.monotonic() - began, 3), grading)


def _alike(asked: Sequence[Exercise], digests: Digests, store: Store) -> Iterator[Alike]:
    for exercise in asked:
        answers = {
            name: _texts(store.candidate(held_by[exercise.slug]).files)
            for name, held_by in digests.items()
            if exercise.slug in held_by
        }
        paths = exercise.edited_files(exercise.starter)
        starter = {path: (exercise.starter / path).read_text(encoding="utf-8", errors="replace") for path in paths}
        yield from alike(exercise.slug, answers, starter)


def _texts(files: Mapping[str, bytes]) -> dict[str, str]:
    return {path: content.decode("utf-8", "replace") for path, content in files.items()}
