"""A cohort's result in the formats that other programs read: CSV, JUnit XML, Markdown, Gradescope's JSON.

Names, messages and output come from strangers: whatever a spreadsheet, a parser of XML, a renderer of Markdown
or a runner of pipelines would obey in them is defused.
"""

from __future__ import annotations

import csv
import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from prodev.cohort.results import Asked, CohortReport, Handed, Result
from prodev.errors import ProDevError
from prodev.grading import Report, TaskResult, TestResult
from prodev.show.cohort_text import Ungraded, amount, legal, one_line, reason_of, ungraded_of
from prodev.show.text import counted, tail

COLUMNS = (
    *("submission", "exercise", "module", "title", "outcome", "points", "earned", "awarded", "late"),
    *("tasks_passed", "tasks", "misconceptions", "problem", "commit", "handed_in", "seed", "key"),
)
_FORMULA = re.compile(r"[\s·']*[=+\-@＝＋－＠]")
_MARKUP = re.compile(r"([\\`*_\[\]<>|#&~@!$:]|(?<=www)\.)", re.IGNORECASE)
_PRINTED_LINES = 20
_LONGEST_MESSAGE = 4_000
_DETAILED_TASKS = 20
_NAMES = 20


def csv_bytes(report: CohortReport) -> bytes:
    """One row a learner and exercise, in UTF-8, under ``COLUMNS``.

    What was not graded has no ``earned`` and no ``awarded``; ``outcome`` is then ``ungraded``, or ``missing`` when
    there is no result at all. A text that a spreadsheet would take for a formula begins with an apostrophe.
    """
    found = {(result.submission, result.exercise): result for result in report.results}
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for handed in report.submissions:
        for asked in report.exercises:
            result = found.get((handed.name, asked.slug))
            writer.writerow([_cell(value) for value in _row(handed, asked, result)])
    return text.getvalue().encode()


def _row(handed: Handed, asked: Asked, result: Result | None) -> tuple[str | int | float, ...]:
    about = (handed.name, asked.slug, asked.module, asked.title)
    if result is None:
        outcome = "ungraded" if handed.problem else "missing"
        return (*about, outcome, asked.points, *[""] * 6, handed.problem, handed.commit, handed.at, "", "")
    graded = result.report.outcome != "ungraded"
    return (
        *about,
        result.report.outcome,
        asked.points,
        result.report.earned if graded else "",
        round(result.awarded, 2) if graded else "",
        result.late,
        sum(task.outcome == "passed" for task in result.report.tasks),
        len(result.report.tasks),
        " ".join(result.misconceptions),
        reason_of(result.report) or result.report.problem,
        handed.commit,
        handed.at,
        result.report.seed,
        result.key,
    )


def _cell(value: str | int | float) -> str | int | float:
    if not isinstance(value, str):
        return value
    text = one_line(value)
    return f"'{text}" if _FORMULA.match(value) or _FORMULA.match(text) else text


def junit_bytes(report: CohortReport) -> bytes:
    """JUnit XML as Jenkins, GitLab and others read it (schema ``junit-10.xsd``).

    One suite a submission and exercise, one case a graded test. A test that could not be graded is *skipped*, with
    its reason; a submission of which nothing could be graded is a suite with one *error*.
    """
    suites = [_failed_suite(handed) for handed in report.submissions if handed.problem]
    suites += [_suite(result) for result in report.results]
    root = ET.Element("testsuites", {"name": legal(report.title), **_sums(suites, "tests", "failures", "errors")})
    root.extend(suites)
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _sums(suites: Sequence[ET.Element], *names: str) -> dict[str, str]:
    return {name: str(sum(int(suite.get(name, "0")) for suite in suites)) for name in names}


def _failed_suite(handed: Handed) -> ET.Element:
    counts = {"tests": "1", "failures": "0", "errors": "1", "skipped": "0"}
    suite = ET.Element("testsuite", {"name": legal(handed.name), **counts})
    case = ET.SubElement(suite, "testcase", classname="submission", name="The submission can be read")
    _say(ET.SubElement(case, "error", type="submission"), handed.problem)
    return suite


def _suite(result: Result) -> ET.Element:
    tests = list(_cases(result.report))
    outcomes = [test.outcome for test in tests]
    counts = {"tests": len(tests), "failures": outcomes.count("failed"), "skipped": outcomes.count("ungraded")}
    suite = ET.Element("testsuite", name=legal(f"{result.submission} / {result.exercise}"), errors="0")
    suite.attrib.update({name: str(count) for name, count in counts.items()})
    titles = [test.title for test in tests]
    for test in tests:
        title = test.title if test.title and titles.count(test.title) == 1 else f"{test.title} ({test.id})".strip()
        suite.append(_case(result, test, title))
    return suite


def _cases(report: Report) -> Iterator[TestResult]:
    """Every test; for a task, or a whole exercise, that came to no test, one that says so."""
    for task in report.tasks:
        said = "" if task.outcome == "passed" else f"{report.problem}\n{report.remedy}".strip() or "No test ran."
        yield from task.tests or [TestResult(task.id, task.title, task.id, task.outcome, said)]
    if not report.tasks:
        yield TestResult("suite", "The exercise can be graded", "suite", report.outcome, report.problem)


def _case(result: Result, test: TestResult, title: str) -> ET.Element:
    case = ET.Element("testcase", classname=legal(f"{result.exercise}.{test.task}"), name=legal(title))
    if test.outcome == "failed":
        _say(ET.SubElement(case, "failure", type="failed"), test.message)
    elif test.outcome == "ungraded":
        _say(ET.SubElement(case, "skipped", type="ungraded"), test.message)
    if test.outcome != "passed" and test.output.strip():
        ET.SubElement(case, "system-out").text = _printed(test.output)
    return case


def _say(element: ET.Element, message: str) -> None:
    element.set("message", one_line(message)[:200])
    element.text = legal(message)[:_LONGEST_MESSAGE]


def _printed(output: str) -> str:
    return legal("\n".join(tail(output[-_LONGEST_MESSAGE:], _PRINTED_LINES)))


def markdown_text(report: CohortReport) -> str:
    """The result for the summary of a CI job: a table of submissions, then what could not be graded.

    For a single submission the table has a row for each exercise instead, and the first messages follow. There is no
    HTML in it, and no line that a runner would take for a command of its own.
    """
    parts = [f"## {_plain(report.title)}", _facts(report)]
    if len(report.submissions) == 1:
        parts += [_exercise_table(report), *_messages(report.results)]
    else:
        parts.append(_submission_table(report))
    if ungraded := ungraded_of(report):
        parts.append("### Could not be graded\n\n" + "\n".join(_ungraded_line(found) for found in ungraded))
    return "\n\n".join(parts) + "\n"


def _facts(report: CohortReport) -> str:
    exercises = counted(len(report.exercises), "exercise")
    found = f"{counted(len(report.submissions), 'submission')}, {exercises}, edition {report.edition}."
    return f"{_plain(found).capitalize()} Isolation: {_plain(report.isolation)}."


def _submission_table(report: CohortReport) -> str:
    rows = ["| Submission | Points | Passed | Not graded | Late |", "| --- | ---: | ---: | ---: | ---: |"]
    found = _by_submission(report)
    points = sum(asked.points for asked in report.exercises)
    for handed in report.submissions:
        results = found[handed.name]
        outcomes = [result.report.outcome for result in results]
        late = sum(bool(result.late) for result in results)
        got = "?" if handed.problem else f"{amount(sum(result.awarded for result in results))}/{points}"
        passed = f"{outcomes.count('passed')}/{len(report.exercises)}"
        ungraded = "all" if handed.problem else outcomes.count("ungraded") or ""
        rows.append(f"| {_plain(handed.name)} | {got} | {passed} | {ungraded} | {late or ''} |")
    return "\n".join(rows)


def _exercise_table(report: CohortReport) -> str:
    rows = ["| Exercise | Outcome | Points | Late |", "| --- | --- | ---: | --- |"]
    titles = {asked.slug: asked.title for asked in report.exercises}
    for result in report.results:
        title = _plain(titles.get(result.exercise, result.exercise))
        points = f"{amount(result.awarded)}/{result.report.points}"
        rows.append(f"| {title} | {result.report.outcome} | {points} | {_plain(result.late)} |")
    return "\n".join(rows)


def _messages(results: Sequence[Result]) -> Iterator[str]:
    tasks = [(result, task) for result in results for task in result.report.tasks if task.outcome == "failed"]
    for result, task in tasks[:_DETAILED_TASKS]:
        message = task.first_message or result.report.problem
        yield f"**{_plain(result.exercise)}: {_plain(task.title)}**\n\n{_block(message)}"
    if len(tasks) > _DETAILED_TASKS:
        yield f"{len(tasks) - _DETAILED_TASKS} more failing tasks are in the report."


def _ungraded_line(found: Ungraded) -> str:
    names = ", ".join(_plain(name) for name in found.submissions[:_NAMES])
    more = f" and {len(found.submissions) - _NAMES} more" if len(found.submissions) > _NAMES else ""
    where = f", {_plain(found.exercise)}" if found.exercise else ""
    return f"- {names}{more}{where}: {_plain(found.reason[:_LONGEST_MESSAGE])}"


def _by_submission(report: CohortReport) -> dict[str, list[Result]]:
    found: dict[str, list[Result]] = {handed.name: [] for handed in report.submissions}
    for result in report.results:
        found[result.submission].append(result)
    return found


def _plain(text: str) -> str:
    """One line of Markdown that shows ``text`` and nothing else."""
    return _MARKUP.sub(r"\\\1", one_line(text))


def _block(text: str) -> str:
    """``text`` between fences longer than any in it, a bar before each line: no runner finds a command at its start."""
    shown = re.sub(r"##(?=\[|vso)", "#·#", legal(text)[:_LONGEST_MESSAGE])
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", shown))])
    return "\n".join([f"{fence}text", *(f"│ {line}" for line in shown.splitlines()), fence])


def gradescope_bytes(report: CohortReport, submission: str) -> bytes:
    """One submission as Gradescope's ``results.json``: a test for each task, since points belong to tasks.

    ``score`` is after the late policy. A task that could not be graded has no score and no status. Raises
    ProDevError when there is no such submission.
    """
    handed = next((handed for handed in report.submissions if handed.name == submission), None)
    if handed is None:
        names = ", ".join(legal(handed.name) for handed in report.submissions[:10])
        raise ProDevError(f"There is no submission '{legal(submission)}' in this report.", remedy=f"It has: {names}")
    results = [result for result in report.results if result.submission == submission]
    said = [legal(handed.problem), *(legal(f"{result.exercise}: {result.late}") for result in results if result.late)]
    found = {
        "score": round(sum(result.awarded for result in results), 2),
        "output": "\n".join(text for text in said if text),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "tests": [_gradescope_test(result, task) for result in results for task in result.report.tasks],
    }
    return msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n"


def _gradescope_test(result: Result, task: TaskResult) -> dict[str, Any]:
    test: dict[str, Any] = {
        "name": one_line(f"{result.exercise}: {task.title}"),
        "max_score": task.points,
        "output": _told(result.report, task),
        "output_format": "text",
        "visibility": "visible",
    }
    return test if task.outcome == "ungraded" else test | {"score": task.earned, "status": task.outcome}


def _told(report: Report, task: TaskResult) -> str:
    messages = [test.message for test in task.tests if test.outcome != "passed"] or [report.problem]
    if task.outcome == "passed":
        return "" if task.earned == task.points else "It passes, and earns nothing while a given task fails."
    start = "Could not be graded, which is not counted against you.\n" if task.outcome == "ungraded" else ""
    return start + legal("\n\n".join(messages))[:_LONGEST_MESSAGE]
