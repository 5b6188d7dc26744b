"""What a cohort's result looks like to other programs: each format is read back by a reader that is not ours."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import junitparser
import markdown
import pytest
from cohort_samples import BITES, biting_cohort, large_cohort, small_cohort
from jsonschema import Draft202012Validator
from lxml import etree
from spring_cohort import spring_cohort

from prodev.cohort.results import CohortReport, cohort_json, cohort_schema
from prodev.errors import ProDevError
from prodev.show.cohort_text import legal
from prodev.show.exports import csv_bytes, gradescope_bytes, junit_bytes, markdown_text

DATA = Path(__file__).parent / "data"
SCHEMA = etree.XMLSchema(etree.parse(DATA / "junit-10.xsd"))
GRADESCOPE = Draft202012Validator(json.loads((DATA / "gradescope.schema.json").read_text()))
TAGS = {"h2", "h3", "p", "table", "thead", "tbody", "tr", "th", "td", "ul", "li", "strong", "pre", "code"}
AUTOLINK = re.compile(r"(?i)https?://|www\.|mailto:")  # GitHub makes links of these wherever they stand
UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def rows_of(report: CohortReport) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(csv_bytes(report).decode(), newline="")))


def suites_of(report: CohortReport) -> dict[str, junitparser.TestSuite]:
    return {suite.name: suite for suite in junitparser.JUnitXml.fromstring(junit_bytes(report))}


@pytest.mark.parametrize("bite", BITES)
def test_text_made_legal_can_be_written_and_obeys_nothing(bite):
    assert not UNSAFE.search(legal(bite))


def test_csv_has_a_row_for_every_learner_and_exercise():
    rows = rows_of(small_cohort())

    assert [(row["submission"], row["exercise"], row["outcome"]) for row in rows] == [
        ("Ada", "count-nights", "passed"),
        ("Ada", "stream-bookings", "passed"),
        ("Ben", "count-nights", "failed"),
        ("Ben", "stream-bookings", "passed"),
        ("Cho", "count-nights", "passed"),
        ("Cho", "stream-bookings", "ungraded"),
        ("Dan", "count-nights", "ungraded"),
        ("Dan", "stream-bookings", "ungraded"),
    ]


def test_csv_says_what_was_earned_what_the_policy_left_and_why():
    ben = rows_of(small_cohort())[2]

    assert (ben["points"], ben["earned"], ben["awarded"]) == ("3", "1", "0.8")
    assert (ben["late"], ben["misconceptions"]) == ("2 days late: 20 % less", "last-day")
    assert (ben["tasks_passed"], ben["tasks"]) == ("1", "2")


def test_csv_gives_no_points_and_a_reason_where_nothing_could_be_graded():
    rows = rows_of(small_cohort())

    assert (rows[5]["earned"], rows[5]["problem"]) == ("", "No PostgreSQL answers on port 5432.")
    assert (rows[6]["awarded"], rows[6]["problem"]) == ("", "The archive ends in the middle of a file.")


def test_an_exercise_without_a_result_is_missing_from_the_learner_not_from_the_csv():
    report = small_cohort()
    without = CohortReport("e", "t", "L3", report.submissions[:1], report.exercises, report.results[:1])

    assert [row["outcome"] for row in rows_of(without)] == ["passed", "missing"]


def test_no_cell_of_the_csv_is_a_formula_and_none_breaks_its_row():
    rows = rows_of(biting_cohort())
    cells = [cell for row in rows for cell in row.values()]

    assert len(rows) == len(BITES)
    assert not [cell for cell in cells if cell.lstrip(" ·")[:1] in tuple("=+-@\t\r＝")]
    assert not [cell for cell in cells if UNSAFE.search(cell) or "\n" in cell]
    assert rows[2]["submission"].startswith("'=HYPERLINK")


@pytest.mark.parametrize("cohort", [small_cohort, biting_cohort, lambda: large_cohort(20, 10)])
def test_junit_obeys_the_published_schema(cohort):
    SCHEMA.assertValid(etree.fromstring(junit_bytes(cohort())))


def test_junit_has_a_suite_for_each_exercise_and_a_case_for_each_test():
    suites = suites_of(small_cohort())
    ben = suites["Ben / count-nights"]

    assert [(case.name, case.classname, len(case.result)) for case in ben] == [
        ("Counts nights", "count-nights.half-open", 1),
        ("Refuses dates in the wrong order", "count-nights.refuses", 0),
    ]
    failure = next(iter(ben)).result[0]
    assert isinstance(failure, junitparser.Failure)
    assert failure.text.startswith("I asked for 1 to 3 May.\nI got 3.\n")
    assert next(iter(ben)).system_out == "counting…"
    assert (ben.tests, ben.failures, ben.errors, ben.skipped) == (2, 1, 0, 0)


def test_what_could_not_be_graded_is_no_failure_in_junit():
    suites = suites_of(small_cohort())
    skipped = next(iter(suites["Cho / stream-bookings"])).result[0]
    error = next(iter(suites["Dan"])).result[0]

    assert isinstance(skipped, junitparser.Skipped)
    assert skipped.message == "No PostgreSQL answers on port 5432."
    assert isinstance(error, junitparser.Error)
    assert error.message == "The archive ends in the middle of a file."
    assert suites["Cho / stream-bookings"].failures == 0


def test_no_text_of_a_submission_adds_a_case_to_junit():
    read = junitparser.JUnitXml.fromstring(junit_bytes(biting_cohort()))

    unread = sum(bool(handed.problem) for handed in biting_cohort().submissions)
    assert len([case for suite in read for case in suite]) == len(BITES) + unread
    assert (read.failures, read.errors) == (sum(1 for number in range(len(BITES)) if number % 3), unread)


def test_markdown_is_a_table_with_a_row_for_each_submission():
    page = markdown.markdown(markdown_text(small_cohort()), extensions=["tables"])
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall(r"(?s)<tr>(.*?)</tr>", page)[1:]]

    assert cells == [
        ["Ada", "7/7", "2/2", "", ""],
        ["Ben", "4.8/7", "1/2", "", "1"],
        ["Cho", "3/7", "1/2", "1", ""],
        ["Dan", "?", "0/2", "all", ""],
    ]


def test_markdown_of_one_submission_shows_its_exercises_and_first_messages():
    whole = small_cohort()
    ben = [result for result in whole.results if result.submission == "Ben"]
    text = markdown_text(CohortReport("e", "t", "L3", whole.submissions[1:2], whole.exercises, tuple(ben)))

    assert "| Count the nights of a stay | failed | 0.8/3 | 2 days late\\: 20 % less |" in text
    assert "│ The last day belongs to the next guest." in text


def test_markdown_names_what_could_not_be_graded_once_for_each_reason():
    text = markdown_text(small_cohort())

    assert "- Cho, stream-bookings: No PostgreSQL answers on port 5432." in text
    assert "- Dan: The archive ends in the middle of a file." in text


@pytest.mark.parametrize("cohort", [small_cohort, spring_cohort, lambda: large_cohort(20, 10)])
def test_json_obeys_the_published_schema(cohort):
    schema = cohort_schema()
    Draft202012Validator.check_schema(schema)

    assert not list(Draft202012Validator(schema).iter_errors(json.loads(cohort_json(cohort()))))


def test_the_schema_refuses_what_is_no_report():
    report = json.loads(cohort_json(small_cohort()))
    report["results"][0]["awarded"] = "all"
    del report["exercises"][0]["slug"]

    assert len(list(Draft202012Validator(cohort_schema()).iter_errors(report))) == 2


def one_at_a_time() -> list[CohortReport]:
    whole = biting_cohort()
    return [
        CohortReport("e", handed.name, "L3", (handed,), whole.exercises, (result,))
        for handed, result in zip(whole.submissions, whole.results, strict=True)
    ]


@pytest.mark.parametrize("report", [biting_cohort(), *one_at_a_time()], ids=lambda report: ascii(report.title)[:20])
def test_markdown_holds_no_html_no_commands_and_nothing_a_terminal_obeys(report):
    text = markdown_text(report)
    page = markdown.markdown(text, extensions=["tables", "fenced_code"])

    assert not UNSAFE.search(text)
    assert not [
        line for line in text.splitlines() if line.lstrip().startswith("::") or "##[" in line or "##vso[" in line
    ]
    assert set(re.findall(r"<(\w+)", page)) <= TAGS
    assert not AUTOLINK.search(re.sub(r"(?ms)^(`{3,}).*?^\1$", "", text))


@pytest.mark.parametrize("report", [report for number, report in enumerate(one_at_a_time()) if number % 3])
def test_the_message_of_a_stranger_stays_inside_its_fence(report):
    page = markdown.markdown(markdown_text(report), extensions=["tables", "fenced_code"])
    message = re.findall(r"(?s)<code[^>]*>(.*?)</code>", page)

    assert len(message) == 1
    assert all(line.startswith("│ ") for line in message[0].splitlines())


def test_gradescope_gets_a_test_for_each_task_and_the_score_after_the_late_policy():
    found = json.loads(gradescope_bytes(small_cohort(), "Ben"))

    assert found["score"] == 4.8
    assert found["output"] == "count-nights: 2 days late: 20 % less"
    assert [(test["name"], test["score"], test["max_score"], test["status"]) for test in found["tests"]] == [
        ("count-nights: The task half-open", 0, 2, "failed"),
        ("count-nights: The task refuses", 1, 1, "passed"),
        ("stream-bookings: The task lazy", 4, 4, "passed"),
    ]
    assert {test["visibility"] for test in found["tests"]} == {"visible"}
    assert {test["output_format"] for test in found["tests"]} == {"text"}


def test_gradescope_does_not_call_failed_what_could_not_be_graded():
    test = json.loads(gradescope_bytes(small_cohort(), "Cho"))["tests"][-1]

    assert "status" not in test
    assert "score" not in test
    assert test["output"].endswith("No PostgreSQL answers on port 5432.")


def test_gradescope_refuses_a_name_that_is_not_in_the_report():
    with pytest.raises(ProDevError, match="It has: Ada, Ben, Cho, Dan"):
        gradescope_bytes(small_cohort(), "Eve")


@pytest.mark.parametrize("cohort", [small_cohort, biting_cohort, spring_cohort])
def test_gradescope_gets_the_keys_and_values_that_it_documents(cohort):
    report = cohort()

    for handed in report.submissions:
        found = json.loads(gradescope_bytes(report, handed.name))
        assert not [error.message for error in GRADESCOPE.iter_errors(found)]
        graded = [test for test in found["tests"] if "score" in test]
        assert all(0 <= test["score"] <= test["max_score"] for test in graded)


@pytest.mark.parametrize("bite", BITES)
def test_gradescope_can_be_written_for_a_hostile_submission(bite):
    found = json.loads(gradescope_bytes(biting_cohort(), bite))

    assert not UNSAFE.search(json.dumps(found, ensure_ascii=False))


@pytest.mark.parametrize("export", [csv_bytes, junit_bytes, markdown_text])
def test_equal_reports_give_equal_bytes(export):
    assert export(large_cohort(8, 5)) == export(large_cohort(8, 5))
