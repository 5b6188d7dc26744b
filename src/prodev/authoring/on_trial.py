"""The promises that grading keeps: who must pass, who must fail, and with which words."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from prodev.authoring.evidence import (
    FIRST_SEED,
    OTHER_ORDER,
    OTHER_SEED,
    Breach,
    Evidence,
    failed_tasks,
    failing_messages,
)
from prodev.grading import Report

PARTS = 4
"""Lines of a message that ``explain`` made."""

_HOUSE_WORDS = (" and stopped waiting after ", " and your code crashed", " and your code ended")


def starter_passes_what_is_given(evidence: Evidence) -> Iterator[Breach]:
    """Pass exactly the given tasks with the untouched starter."""
    place = evidence.place(evidence.exercise.starter)
    for task, result in zip(evidence.exercise.tasks, evidence.reports[evidence.exercise.starter].tasks, strict=True):
        if result.outcome == "passed" and not task.given:
            yield Breach(
                f"{place} passes task '{task.id}' before the learner has done anything.",
                "Take the answer out of the starter, add a test that the untouched file fails, or mark the task given.",
            )
        if result.outcome != "passed" and task.given:
            yield Breach(
                f"{place} fails task '{task.id}', which is given: {result.first_message.splitlines()[0]}",
                "Mend the starter, or drop 'given = true'.",
            )


def starter_imports(evidence: Evidence) -> Iterator[Breach]:
    """Import the starter cleanly, as the suite does."""
    for _, message in failing_messages(evidence.reports[evidence.exercise.starter]):
        if " does not import. " in message or " has no '" in message:
            yield Breach(
                f"{evidence.place(evidence.exercise.starter)} cannot be asked: {message.splitlines()[0]}",
                "Keep the names and signatures, import nothing that is missing, and raise inside the function.",
            )
            return


def reference_is_perfect(evidence: Evidence) -> Iterator[Breach]:
    """Pass every task with the reference."""
    yield from _imperfections(evidence, evidence.exercise.reference)


def accepted_are_perfect(evidence: Evidence) -> Iterator[Breach]:
    """Pass every task with every accepted variant."""
    for folder in evidence.accepted:
        yield from _imperfections(evidence, folder)


def misconceptions_fail_what_they_name(evidence: Evidence) -> Iterator[Breach]:
    """Fail, with each misconception, the tasks that misconceptions.toml names and no other."""
    exercise = evidence.exercise
    for folder in evidence.misconceptions:
        idea = exercise.misconceptions.get(folder.name)
        if idea is None:
            continue
        failed = failed_tasks(evidence.reports[folder])
        place = evidence.place(folder)
        for task in [task for task in idea.fails if task not in failed]:
            yield Breach(
                f"{place} passes task '{task}', which misconceptions.toml says it fails: a wrong answer gets in.",
                f"Add or sharpen a test of '{task}', or correct 'fails'.",
            )
        for task in [task for task in failed if task not in idea.fails]:
            message = next(result.first_message for result in evidence.reports[folder].tasks if result.id == task)
            yield Breach(
                f"{place} also fails task '{task}', which misconceptions.toml does not name: {message.splitlines()[0]}",
                "Make the misconception wrong in one way only, or add the task to 'fails'.",
            )


def misconceptions_are_told(evidence: Evidence) -> Iterator[Breach]:
    """Show the phrase of 'says' in the first message of a task that the misconception fails."""
    exercise = evidence.exercise
    for folder in evidence.misconceptions:
        idea = exercise.misconceptions.get(folder.name)
        if idea is None or not failed_tasks(evidence.reports[folder]):
            continue
        messages = [task.first_message for task in evidence.reports[folder].tasks if task.id in idea.fails]
        if not idea.says.strip() or not any(idea.says in message for message in messages):
            shown = " / ".join(" ".join(message.split()) for message in messages)
            yield Breach(
                f"{evidence.place(folder)} is not answered with '{idea.says}': the learner reads: {shown}",
                "Correct 'says' to a phrase of that message, or make the message speak to this belief.",
            )


def every_task_is_failed(evidence: Evidence) -> Iterator[Breach]:
    """Fail every task with some misconception."""
    exercise = evidence.exercise
    failed = {task for folder in evidence.misconceptions for task in failed_tasks(evidence.reports[folder])}
    for task in exercise.tasks:
        if task.id not in failed:
            yield Breach(
                f"No misconception of {exercise.slug} fails task '{task.id}': nothing shows that its tests can say no.",
                f"Add a folder to {evidence.place(exercise.solution)}/misconceptions with an idea that fails it.",
            )


def reports_repeat(evidence: Evidence) -> Iterator[Breach]:
    """Give the same report a second time, in another order, and with other drawn inputs."""
    reference = evidence.exercise.reference
    again = evidence.report(reference, FIRST_SEED, None, 2)
    yield from _differences(evidence, reference, again, "a second time, with the same inputs")
    for folder in evidence.candidates:
        other = evidence.report(folder, OTHER_SEED, OTHER_ORDER)
        yield from _differences(evidence, folder, other, "in another order and with another seed")


def ends_in_time(evidence: Evidence) -> Iterator[Breach]:
    """End within ``timeout_s`` for the starter, the reference and every accepted variant."""
    exercise = evidence.exercise
    for folder in [exercise.starter, exercise.reference, *evidence.accepted]:
        other = evidence.report(folder, OTHER_SEED, OTHER_ORDER)
        seconds = min(evidence.reports[folder].seconds, other.seconds)
        if seconds > exercise.timeout_s:
            yield Breach(
                f"{evidence.place(folder)} takes {seconds:.1f} s; 'timeout_s' allows {exercise.timeout_s:g} s.",
                "Make the suite quicker, or raise 'timeout_s'.",
            )


def messages_teach(evidence: Evidence) -> Iterator[Breach]:
    """Say each failure of the bank in the four parts of ``explain``, and show no path of this machine."""
    exercise = evidence.exercise
    private = (str(evidence.course.root), tempfile.gettempdir() + "/prodev-", f"{Path.home()}/")
    for folder in evidence.candidates:
        for test, message in failing_messages(evidence.reports[folder]):
            where = f"{test.split('::')[-1]} says to {evidence.place(folder)}: '{' '.join(message.split())}'"
            taught = len(message.splitlines()) == PARTS or any(words in message for words in _HOUSE_WORDS)
            if not taught and (folder != exercise.starter or "could not make sense" in message):
                yield Breach(
                    f"{where}, which is not the four lines of explain().",
                    "Give every assert explain(did=, saw=, why=, look=), and expect what a wrong answer returns.",
                )
            if any(path in message for path in private):
                yield Breach(f"{where}, which shows a path of the grading machine.", "Name files as the learner does.")


def _imperfections(evidence: Evidence, folder: Path) -> Iterator[Breach]:
    for task in evidence.reports[folder].tasks:
        if task.outcome != "passed":
            yield Breach(
                f"{evidence.place(folder)} fails task '{task.id}': {' '.join(task.first_message.split())}",
                "Correct that answer, or the test that refuses a right one.",
            )


def _differences(evidence: Evidence, folder: Path, other: Report, how: str) -> Iterator[Breach]:
    before, after = set(failed_tasks(evidence.reports[folder])), set(failed_tasks(other))
    for task in sorted(before ^ after):
        change = "failed and then passed" if task in before else "passed and then failed"
        yield Breach(
            f"{evidence.place(folder)} graded {how}: task '{task}' {change} (seeds {FIRST_SEED} and {other.seed}).",
            "Find what the tests share or leave to luck: state between tests, time, an input that rarely bites.",
        )
