import json

import pytest
import rivals  # noqa: F401  it puts the folder of the next two on the path
import trial
from comparison import Comparison, Row, Trial, markdown

ATTACKS = {
    "leaves": {"attempts": "Leaves early.", "earns": 0},
    "half": {"attempts": "Is right in part.", "earns": 2},
    "odd": {"attempts": "Is right.", "earns": 3},
}
CASE = '<testcase name="{name}">{inside}</testcase>'


@pytest.fixture
def out(tmp_path, monkeypatch):
    monkeypatch.setattr(trial, "OUT", tmp_path)
    return tmp_path


def junit(out, *, refuses="", counts=3):
    cases = [CASE.format(name=f"test_counts_the_nights[{number}]", inside="") for number in range(counts)]
    cases += [CASE.format(name=f"test_refuses[{number}]", inside=refuses) for number in range(2)]
    (out / "junit.xml").write_text(f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>")


def test_a_task_counts_when_all_of_its_cases_passed(out):
    junit(out)

    assert trial.points("pytest", 0) == {"report": 3, "exit code": 3}


@pytest.mark.parametrize("inside", ["<failure/>", "<error/>", "<skipped/>"])
def test_a_case_that_failed_or_was_skipped_earns_nothing(out, inside):
    junit(out, refuses=inside)

    assert trial.points("pytest", 1) == {"report": 2, "exit code": 0}


def test_a_case_that_is_missing_earns_nothing(out):
    junit(out, counts=2)

    assert trial.points("pytest-timeout", 0) == {"report": 1}


@pytest.mark.parametrize("rival", ["pytest", "pytest-timeout", "check50", "otter", "prodev"])
@pytest.mark.parametrize("text", [None, "", "[]", "{}", "<testsuites>"])
def test_no_report_that_can_be_read_is_no_points(out, rival, text):
    if text is not None:
        for name in ("junit.xml", "results.json"):
            (out / name).write_text(text)

    assert trial.points(rival, 1)["report"] == 0


def test_check50_names_a_check_that_could_not_be_made_null(out):
    checks = [{"name": f"counts_{number}", "passed": True} for number in range(3)]
    checks += [{"name": "refuses_0", "passed": True}, {"name": "refuses_1", "passed": None}]
    (out / "results.json").write_text(json.dumps({"results": checks}))

    assert trial.points("check50", 0) == {"report": 2}


def test_otter_counts_its_own_points(out):
    tests = [{"name": "Public Tests"}, {"name": "half-open", "score": 2.0}, {"name": "refuses", "score": 0.0}]
    (out / "results.json").write_text(json.dumps({"tests": tests}))

    assert trial.points("otter", 0) == {"report": 2}


@pytest.fixture
def row():
    trials = {
        "leaves": Trial(points={"report": 3.0}, harms=["leaves"]),
        "half": Trial(points={"report": 2.0}, stopped=True),
        "odd": Trial(points={"report": 1.0}),
    }
    return Row("check50", "check50", "report", seconds=1.04, trials=trials)


def test_a_row_counts_what_was_not_deserved_and_what_was_lost(row):
    comparison = Comparison([row], [], {}, ATTACKS, corpus=9)

    assert comparison.cells(row) == ["check50", "1", "1", "1", "1", "1", "1.0 s"]


def test_the_page_names_the_rivals_that_were_not_run_and_the_attacks_that_tell(row):
    page = markdown(Comparison([row], ["otter-grader could not be run."], {"check50": "3"}, ATTACKS, corpus=9))

    assert "- *Not in the table*: otter-grader could not be run.\n" in page
    assert "| Leaves early. | 0 | 3 |" in page
    assert "Is right in part." not in page
    assert "$" not in page
