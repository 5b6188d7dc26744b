"""Break the toy course in every way that the promises speak of; the words must name the fault and the mend."""

import pytest

from prodev.authoring import PROMISES, on_trial
from prodev.authoring.evidence import Evidence
from prodev.course import Course

EVERY = [promise for promise in PROMISES if not promise.mutates]
COLLECTED = [promise for promise in PROMISES if not promise.grades]
READ = COLLECTED[1:]
"""Those that start no process: the first promise collects the suite."""
GRADED_ONCE = [promise for promise in EVERY[1:] if promise.keep is not on_trial.reports_repeat]

SUITE = "E/tests/test_nights.py"
BRIEF = "E/README.md"
TOML = "E/exercise.toml"
TABLE = "S/misconceptions.toml"

IN_THE_SUITE = {
    "task without a test": (
        lambda toy: toy.write(
            TOML, toy.at(TOML).read_text() + '\n[[task]]\nid = "leap"\ntitle = "Knows leap years"\npoints = 1\n'
        ),
        ["Task 'leap' of exercise.toml has no test.", '@pytest.mark.task("leap")'],
    ),
    "test of an unknown task": (
        lambda toy: toy.replace(SUITE, '@pytest.mark.task("refuses")', '@pytest.mark.task("refusal")'),
        ["marked with task 'refusal', which exercise.toml does not have", "Use one of half-open, refuses"],
    ),
    "test without a mark": (
        lambda toy: toy.replace(SUITE, '@pytest.mark.task("refuses")\n', ""),
        ["test_refuses_a_stay_without_a_night carries 0 task marks", "Give it exactly one"],
    ),
    "test with two marks": (
        lambda toy: toy.replace(SUITE, "def test_refuses", '@pytest.mark.task("half-open")\ndef test_refuses'),
        ["carries 2 task marks"],
    ),
    "test without a docstring": (
        lambda toy: toy.replace(SUITE, '    """Dates with no night between them raise ValueError."""\n', ""),
        ["test_refuses_a_stay_without_a_night has no docstring", "one sentence"],
    ),
    "suite that does not load": (
        lambda toy: toy.replace(SUITE, "import pytest\n", "import pytest\nimport nothing_like_it\n"),
        ["tests does not load", "No module named 'nothing_like_it'", "Mend the suite's imports"],
    ),
}

ON_PAPER = {
    "test that is skipped by a mark": (
        lambda toy: toy.replace(SUITE, "def test_refuses", "@pytest.mark.skipif(True, reason='')\ndef test_refuses"),
        ["tests/test_nights.py line", "uses pytest.mark.skipif", "a mark that skips or excuses has no effect there"],
    ),
    "test that skips itself": (
        lambda toy: toy.write("E/tests/probes.py", "from pytest import skip as leave\n\nleave('not today')\n"),
        ["tests/probes.py line 3 uses pytest.skip", "a call counts as the learner's failure", "'services' or 'tools'"],
    ),
    "test that may fail": (
        lambda toy: toy.replace(SUITE, "def test_refuses", "@pytest.mark.xfail\ndef test_refuses"),
        ["uses pytest.mark.xfail"],
    ),
    "task worth nothing": (
        lambda toy: toy.replace(TOML, "points = 1\n", ""),
        ["Task 'refuses' is worth 0 points", "given = true"],
    ),
    "starter without TODO": (
        lambda toy: toy.replace("E/starter/nights.py", "TODO: ", ""),
        ["Nothing in exercises/00-stays/count-nights/starter says TODO", "Name the spot"],
    ),
    "edited file that is not in the starter": (
        lambda toy: toy.replace(TOML, '["nights.py"]', '["nights.py", "months.py"]'),
        ["starter has no months.py, which 'edit' lists", "correct 'edit'"],
    ),
    "brief without a section": (
        lambda toy: toy.replace(BRIEF, "**Example.**", "So:"),
        ["README.md has no section Example", "**Situation.**"],
    ),
    "brief longer than a screen": (
        lambda toy: toy.write(BRIEF, toy.at(BRIEF).read_text() + "more\n" * 60),
        ["no longer fits a screen (60)", "Cut it"],
    ),
    "brief with another title": (
        lambda toy: toy.replace(BRIEF, "# Count the nights", "# Count all nights"),
        ["does not begin with '# Count the nights of a stay'", "Use one title"],
    ),
    "brief with another time": (
        lambda toy: toy.replace(BRIEF, "10 minutes", "20 minutes"),
        ["does not say '10 minutes'", "Make the two agree"],
    ),
    "two misconceptions": (
        lambda toy: (
            toy.remove("S/misconceptions/repairs-the-dates"),
            toy.write(TABLE, toy.at(TABLE).read_text().split("[repairs-the-dates]")[0]),
        ),
        ["misconceptions holds 2 wrong ideas; 3 are the least", "Add what a learner would really write"],
    ),
    "no accepted variant": (
        lambda toy: toy.remove("S/accepted"),
        ["accepted holds no variant", "another right answer"],
    ),
    "no why.md": (lambda toy: toy.remove("S/why.md"), ["why.md is missing", "what it costs"]),
    "no reference": (
        lambda toy: toy.remove("S/reference/nights.py"),
        ["reference holds no answer", "Put nights.py there"],
    ),
    "misconception that the table does not have": (
        lambda toy: toy.at("S/misconceptions/last-day-counts").rename(toy.at("S/misconceptions/every-day-counts")),
        ["The folder misconceptions/every-day-counts is not in", "describes [last-day-counts], which has no folder"],
    ),
    "misconception that fails a task that is none": (
        lambda toy: toy.replace(TABLE, 'fails = ["half-open"]', 'fails = ["half-closed"]'),
        ["[last-day-counts] fails 'half-closed', which is no task", "The tasks are half-open, refuses"],
    ),
    "unknown key in the table": (
        lambda toy: toy.replace(TABLE, "belief =", "believes ="),
        ["misconceptions.toml", "belie", "Did you mean 'belief'?"],
    ),
    "misconception that equals the reference": (
        lambda toy: toy.write(
            "S/misconceptions/last-day-counts/nights.py", toy.at("S/reference/nights.py").read_text()
        ),
        ["misconceptions/last-day-counts/nights.py equals the reference's", "Remove that copy"],
    ),
    "file that nothing uses": (
        lambda toy: toy.write("S/misconceptions/last-day-counts/notes.txt", "?"),
        ["misconceptions/last-day-counts/notes.txt is stray", "Remove it"],
    ),
    "file left by an editor": (
        lambda toy: toy.write("E/tests/test_nights.py.orig", "?"),
        ["tests/test_nights.py.orig is stray"],
    ),
    "two suites with a module of one name": (
        lambda toy: toy.at("exercises/00-stays/price-tag/tests/test_tag.py").rename(
            toy.at("exercises/00-stays/price-tag/tests/test_nights.py")
        ),
        ["has the name of exercises/00-stays/price-tag/tests/test_nights.py", "Put the slug in the module's name"],
    ),
    "other parameters in the reference": (
        lambda toy: toy.replace("S/reference/nights.py", "check_in: date, check_out", "arrival: date, check_out"),
        ["the starter promises 'def nights(check_in: date, check_out: date) -> int'", "Make the two signatures one"],
    ),
    "public name that only the reference has": (
        lambda toy: toy.write(
            "S/reference/nights.py", toy.at("S/reference/nights.py").read_text() + "\n\ndef check():\n    pass\n"
        ),
        ["the reference has 'check', which the starter does not promise", "call it '_check'"],
    ),
    "dead link in the brief": (
        lambda toy: toy.replace(BRIEF, "../price-tag/README.md", "../prize-tag/README.md"),
        ["README.md links to '../prize-tag/README.md', which does not exist"],
    ),
    "dead anchor in the brief": (
        lambda toy: toy.replace(BRIEF, "../price-tag/README.md", "../price-tag/README.md#the-prize"),
        ["'../price-tag/README.md#the-prize', and that file has no such heading"],
    ),
    "dead link in a hint": (
        lambda toy: toy.replace(TOML, "called days.", "called [days](starter/days.py)."),
        ["A hint of task 'half-open' links to 'starter/days.py', which does not exist"],
    ),
    "exercise spoken of that does not exist": (
        lambda toy: toy.replace("S/why.md", "It costs", "See the exercise `count-days`. It costs"),
        ["why.md speaks of the exercise `count-days`, which does not exist"],
    ),
    "lesson that does not exist": (
        lambda toy: toy.replace(TOML, '"half-open-stays"', '"closed-stays"'),
        ["lesson 'closed-stays' does not exist", "Name the stem of a notebook"],
    ),
    "lesson that comes later": (
        lambda toy: toy.replace(
            "M/module.toml", '"half-open-stays", "count-nights"', '"count-nights", "half-open-stays"'
        ),
        ["lesson 'half-open-stays' comes after it in 'order'"],
    ),
    "exercise required that comes later": (
        lambda toy: toy.replace(TOML, "minutes = 10", 'minutes = 10\nrequires = ["price-tag"]'),
        ["requires 'price-tag', which comes later in the course"],
    ),
    "exercise required that does not exist": (
        lambda toy: toy.replace(TOML, "minutes = 10", 'minutes = 10\nrequires = ["count-days"]'),
        ["requires 'count-days', which is no exercise"],
    ),
    "exercise that no module orders": (
        lambda toy: toy.replace("M/module.toml", '"count-nights", ', ""),
        ["module.toml does not order 'count-nights': no learner meets it"],
    ),
    "service that is none": (
        lambda toy: toy.replace(TOML, "minutes = 10", 'minutes = 10\nservices = ["oracle"]'),
        ["exercise.toml reads", "oracle"],
    ),
    "tool that is a path": (
        lambda toy: toy.replace(TOML, "minutes = 10", 'minutes = 10\ntools = ["/bin/bash"]'),
        ["'/bin/bash' is no name of a program"],
    ),
    "application that is not there": (
        lambda toy: toy.replace(TOML, "minutes = 10", 'minutes = 10\napp = "config.wsgi:application"'),
        ["app 'config.wsgi:application' is not in the starter"],
    ),
    "unknown key in exercise.toml": (
        lambda toy: toy.replace(TOML, "minutes = 10", "minutes = 10\nminuets = 3"),
        ["exercise.toml reads", "minuets", "Did you mean 'minutes'?"],
    ),
    "text that is not UTF-8": (
        lambda toy: toy.at("S/why.md").write_bytes(b"# Na\xefve\n"),
        ["cannot be read", "Save it as UTF-8"],
    ),
}

ON_TRIAL = {
    "starter that earns points": (
        lambda toy: toy.replace("E/starter/nights.py", "raise NotImpl", 'raise ValueError("TODO")\n    raise NotImpl'),
        ["starter passes task 'refuses' before the learner has done anything", "Take the answer out"],
    ),
    "starter that does not import": (
        lambda toy: toy.replace("E/starter/nights.py", "from datetime", "import nothing_like_it\nfrom datetime"),
        ["starter cannot be asked: nights.py does not import", "import nothing that is missing"],
    ),
    "reference that is wrong": (
        lambda toy: toy.replace("S/reference/nights.py", ").days", ").days + 1"),
        ["reference fails task 'half-open': I asked for the nights", "Correct that answer"],
    ),
    "accepted variant that is refused": (
        lambda toy: toy.replace("S/accepted/by-ordinals/nights.py", "ValueError", "TypeError"),
        ["accepted/by-ordinals fails task 'refuses'", "the test that refuses a right one"],
    ),
    "misconception that passes": (
        lambda toy: toy.replace("S/misconceptions/last-day-counts/nights.py", ".days + 1", ".days + 0"),
        ["last-day-counts passes task 'half-open', which misconceptions.toml says it fails", "Add or sharpen a test"],
    ),
    "misconception that fails more than it names": (
        lambda toy: toy.replace("S/misconceptions/backwards-is-fine/nights.py", ".days", ".days - 1"),
        ["backwards-is-fine also fails task 'half-open', which misconceptions.toml does not name"],
    ),
    "phrase that nobody says": (
        lambda toy: toy.replace(TABLE, "belongs to the next guest", "belongs to the previous guest"),
        ["last-day-counts is not answered with 'belongs to the previous guest': the learner reads: I asked"],
    ),
    "task that nothing fails": (
        lambda toy: (
            toy.remove("S/misconceptions/last-day-counts"),
            toy.write(TABLE, "[backwards" + toy.at(TABLE).read_text().split("[backwards")[1]),
        ),
        ["No misconception of count-nights fails task 'half-open'", "nothing shows that its tests can say no"],
    ),
    "message that does not teach": (
        lambda toy: toy.replace(
            SUITE, "assert answer == expected, explain(", "assert answer == expected, str or dict("
        ),
        ["which is not the four lines of explain()", "Give every assert explain("],
    ),
    "message that shows where we are": (
        lambda toy: toy.replace(SUITE, 'saw=f"I saw {answer}', 'saw=f"In {__file__} I saw {answer}'),
        ["which shows a path of the grading machine", "Name files as the learner does"],
    ),
    "message that names no lesson": (
        lambda toy: toy.replace(SUITE, "See lesson 'Half-open stays'", "See lesson 'Closed stays'"),
        ["sends the learner to lesson 'Closed stays'", "which does not exist"],
    ),
    "message that names no section": (
        lambda toy: toy.replace(SUITE, "section 'Explain'", "section 'Excuse'"),
        ["sends the learner to section 'Excuse' of lesson 'Half-open stays'", "Its sections: Predict, Run, Explain"],
    ),
    "suite that takes too long": (
        lambda toy: toy.replace(TOML, "timeout_s = 10", "timeout_s = 0.01"),
        ["'timeout_s' allows 0.01 s", "Make the suite quicker"],
    ),
}


def test_the_toy_course_keeps_every_promise(toy):
    told = [toy.told(EVERY, slug) for slug in ("count-nights", "price-tag")]

    assert told == ["", ""]


@pytest.mark.parametrize("way", IN_THE_SUITE)
def test_a_breach_in_the_suite_is_named(toy, way):
    breaks, words = IN_THE_SUITE[way]
    breaks(toy)

    told = toy.told(COLLECTED)

    assert [word for word in words if word not in told] == [], told


@pytest.mark.parametrize("way", ON_PAPER)
def test_a_breach_on_paper_is_named(toy, way):
    breaks, words = ON_PAPER[way]
    breaks(toy)

    told = toy.told(READ)

    assert [word for word in words if word not in told] == [], told


def test_a_fixture_may_ask_for_others(toy):
    fixture = "\n\n@pytest.fixture{}\ndef stay({}):\n    return 2\n"
    for folder, made in (("E/starter", fixture.format("", "")), ("S/reference", fixture.format("()", "tmp_path"))):
        toy.write(f"{folder}/nights.py", toy.at(f"{folder}/nights.py").read_text() + made)

    assert "nights.py: the starter" not in toy.told(READ)


@pytest.mark.parametrize("way", ON_TRIAL)
def test_a_breach_on_trial_is_named(toy, grader, way):
    breaks, words = ON_TRIAL[way]
    breaks(toy)

    told = toy.told(GRADED_ONCE, grader=grader)

    assert [word for word in words if word not in told] == [], told


def test_a_suite_that_hangs_on_luck_is_named(toy, grader):
    drawn = """, rng, check_in, check_out, expected):
    \"\"\"The nights.\"\"\"
    expected += rng.random() < 0.5
"""
    toy.replace(SUITE, ", check_in, check_out, expected):\n", drawn)

    told = toy.told(EVERY, grader=grader)

    assert "in another order and with another seed: task 'half-open' failed and then passed" in told
    assert "Find what the tests share or leave to luck" in told


def test_a_folder_that_appears_while_the_check_runs_waits_for_the_next_one(toy):
    course = Course(toy.root)
    with Evidence(course, course.exercise("count-nights")) as evidence:
        assert len(evidence.reports) == len(evidence.candidates)
        for name in ("S/misconceptions/newly-thought-of", "S/accepted/newly-written"):
            toy.write(f"{name}/nights.py", "from a_folder_that_is_half_written import nights\n")

        told = [breach for promise in GRADED_ONCE if promise.grades for breach in promise.keep(evidence)]

    assert told == []
