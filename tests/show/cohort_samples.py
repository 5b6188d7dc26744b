"""Cohorts to show: a small one with everything in it, one whose every text bites, and a large one."""

from __future__ import annotations

import itertools
import random

from prodev.cohort.results import Alike, Asked, CohortReport, Handed, Result, Timings
from prodev.grading import Report, TaskResult, TestResult

SUBJECTS = ("stays", "rows", "pages", "keys", "cache", "queue")
NAMES = ("Ada Lane", "Ben Okoro", "Cho Min-jun", "María-José Díaz de la Vega")
BITES = (
    "\x1b[2J\x1b[32mpassed\x1b[0m",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    '=HYPERLINK("http://evil.example";"x")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "::set-output name=points::100",
    "\n::error::pwned",
    "##[set-env name=PATH]x",
    "##vso[task.complete result=Succeeded]",
    "\u202egnp.exe\u2066",
    "lone \ud800 and \udfff surrogates",
    "nul \x00, bell \x07, \x9b31m C1, \ufffe \uffff",
    "]]></testcase><testcase name='free'/>",
    "| a | b |\n| --- | --- |\n```\n</details><h1>x</h1>",
    "{{ 7 * 7 }}{% raw %}",
    '" onmouseover="alert(1)',
    "![x](http://evil.example/x.png) [y](javascript:alert(1)) @everyone",
    "javascript:alert(1)",
    "see www.evil.example or <http://evil.example>",
    "</style></title></pre></details><style>*{display:none}</style><svg/onload=alert(1)>",
    "<!-- --!> <![CDATA[ &#x3C;script&#x3E; &lt;b&gt;",
    "<a href='javascript:alert(1)'>x</a><form action=//evil.example><input autofocus onfocus=alert(1)>",
    "' style='position:fixed' id='l0' class='",
    "z" + "\u0301\u0338" * 200,
    "</p>" + "long" * 2_500,
)


def a_test(test_id: str, title: str, outcome: str = "passed", message: str = "", output: str = "") -> TestResult:
    return TestResult(f"test_it.py::{test_id}", title, test_id, outcome, message, output)  # type: ignore[arg-type]


def task_of(task_id: str, points: int, *tests: TestResult) -> TaskResult:
    outcomes = {test.outcome for test in tests}
    outcome = "failed" if "failed" in outcomes else "ungraded" if "ungraded" in outcomes else "passed"
    title = f"The task {task_id}"
    return TaskResult(task_id, title, outcome, points, points if outcome == "passed" else 0, tests=tests)


def report_of(exercise: str, *tasks: TaskResult, problem: str = "", remedy: str = "", seed: int = 7) -> Report:
    outcomes = {task.outcome for task in tasks}
    return Report(
        exercise=exercise,
        edition="2026.1",
        digest="d" * 64,
        outcome="failed" if "failed" in outcomes else "ungraded" if "ungraded" in outcomes or not tasks else "passed",
        points=sum(task.points for task in tasks),
        earned=sum(task.earned for task in tasks),
        tasks=tasks,
        seed=seed,
        seconds=0,
        isolation="L3 namespaces",
        engines={"postgres": "PostgreSQL 18.6 (embedded)"},
        problem=problem,
        remedy=remedy,
    )


def graded(name: str, report: Report, *, late: str = "", keeps: float = 1.0, held: tuple[str, ...] = ()) -> Result:
    return Result(name, report.exercise, report, f"key-{name}", report.earned * keeps, late, held)


def small_cohort() -> CohortReport:
    """Ada has everything, Ben holds a wrong belief and is late, Cho met no database, Dan's archive is broken."""
    right = a_test("half-open", "Counts nights"), a_test("refuses", "Refuses dates in the wrong order")
    said = "I asked for 1 to 3 May.\nI got 3.\nThe last day belongs to the next guest.\nSee 'Half-open stays'."
    wrong = a_test("half-open", "Counts nights", "failed", said, "counting…\n")
    dead = a_test("lazy", "Fetches a row when asked", "ungraded", "No PostgreSQL answers on port 5432.")
    lazy = a_test("lazy", "Fetches a row when asked")
    nights = [
        report_of("count-nights", task_of("half-open", 2, test), task_of("refuses", 1, right[1]))
        for test in (right[0], wrong)
    ]
    streams = [report_of("stream-bookings", task_of("lazy", 4, test)) for test in (lazy, dead)]
    code = "def nights(a, b):\n    if b < a:\n        raise ValueError(a)\n    return (b - a).days\n"
    copied = "def n(x, y):\n    if y < x:\n        raise ValueError(x)\n    return (y - x).days\n"
    return CohortReport(
        edition="2026.1",
        title="Spring cohort",
        isolation="L3 namespaces, Landlock, seccomp",
        submissions=(
            Handed("Ada", "ada.zip", "a" * 40, "2026-05-01T10:00:00Z"),
            Handed("Ben", "ben.zip", notes=("helper.py is not graded.",)),
            Handed("Cho", "cho/"),
            Handed("Dan", "dan.zip", problem="The archive ends in the middle of a file."),
        ),
        exercises=(
            Asked("count-nights", "02-python", "Count the nights of a stay", 3, {"last-day": "The last day counts."}),
            Asked("stream-bookings", "02-python", "Stream bookings", 4),
        ),
        results=(
            graded("Ada", nights[0]),
            graded("Ada", streams[0]),
            graded("Ben", nights[1], late="2 days late: 20 % less", keeps=0.8, held=("last-day",)),
            graded("Ben", streams[0]),
            graded("Cho", nights[0]),
            graded("Cho", streams[1]),
        ),
        alike=(
            Alike(
                "count-nights",
                "Ada",
                "Cho",
                0.91,
                {"stay.py": code},
                {"stay.py": copied},
                (("stay.py", 2, 4, "stay.py", 2, 4),),
            ),
        ),
    )


def harmless(bites: tuple[str, ...] = BITES) -> tuple[str, ...]:
    """Texts of as many lines as ``bites``, each another, with nothing in them."""
    return tuple(f"harmless {number}" + "\nand more" * bite.count("\n") for number, bite in enumerate(bites))


def biting_cohort(bites: tuple[str, ...] = BITES) -> CohortReport:
    """Every text that a stranger may have written is one of ``bites``, in names, messages, output and code."""
    submissions, results = [], []
    for number, bite in enumerate(bites):
        problem = bite if number % 5 == 4 else ""
        submissions.append(Handed(bite, bite, bite, bite, problem, (bite,)))
        outcome = "failed" if number % 3 else "ungraded"
        task = task_of("one", 2, a_test("one", bite, outcome, f"{bite}\n{bite}", f"{bite}\n{bite}"))
        results.append(graded(bite, report_of("bites", task, problem=bite), late=bite, held=("belief",)))
    pairs = [
        Alike(
            "bites", one, other, 1.0, {one: f"{one}\n{one}"}, {other: f"{other}\n{other}"}, ((one, 1, 1, other, 1, 2),)
        )
        for one, other in itertools.pairwise(bites)
    ]
    asked = Asked("bites", "02-python", bites[1], 2, {"belief": bites[1]})
    return CohortReport("2026.1", bites[1], bites[1], tuple(submissions), (asked,), tuple(results), tuple(pairs))


def large_cohort(learners: int = 300, exercises: int = 30, *, seed: int = 1) -> CohortReport:
    """A cohort as large as they come, with a bit of everything, the same for the same seed."""
    chance = random.Random(seed)
    slugs = [f"exercise-about-{chance.choice(SUBJECTS)}-{n}" for n in range(exercises)]
    names = [f"{chance.choice(NAMES)} {n}" for n in range(learners)]
    beliefs = {f"wrong-idea-{n}": f"The wrong idea number {n} is held by a few of them." for n in range(4)}
    asked = [
        Asked(slug, f"{n // 3 + 1:02}-module-{n // 3 + 1}", f"Exercise {n} of the course", 10, beliefs)
        for n, slug in enumerate(slugs)
    ]
    handed = [
        Handed(name, f"{name}.zip", problem="It is no archive." if n % 97 == 96 else "") for n, name in enumerate(names)
    ]
    results = [_drawn(chance, name.name, slug) for name in handed if not name.problem for slug in slugs]
    code = "\n".join(f"    total = total + rate_of(night_{n}) * {n}" for n in range(60)) + "\n"
    pairs = [
        Alike(
            chance.choice(slugs),
            *chance.sample(names, 2),
            0.6 + 0.02 * n,
            {"pay.py": code},
            {"pay.py": code},
            (("pay.py", 3, 20, "pay.py", 5, 22), ("pay.py", 30, 41, "pay.py", 33, 44)),
        )
        for n in range(20)
    ]
    return CohortReport("2026.1", "Large cohort", "L3", tuple(handed), tuple(asked), tuple(results), tuple(pairs))


def _drawn(chance: random.Random, name: str, slug: str) -> Result:
    tasks = []
    for task, points in (("first", 5), ("second", 3), ("third", 2)):
        outcome = chance.choices(("passed", "failed", "ungraded"), (80, 18, 2))[0]
        message = "" if outcome == "passed" else f"I called {task} on {slug}.\nIt was wrong.\nWhy.\nLook."
        tasks.append(task_of(task, points, a_test(task, f"Does the {task} thing", outcome, message)))
    held = (f"wrong-idea-{chance.randrange(4)}",) if any(task.outcome == "failed" for task in tasks) else ()
    late = "1 day late: 10 % less" if chance.random() < 0.05 else ""
    return graded(name, report_of(slug, *tasks), late=late, keeps=0.9 if late else 1.0, held=held)


def timings_of(report: CohortReport) -> Timings:
    grading = {handed.name: {} for handed in report.submissions}
    for number, result in enumerate(report.results):
        grading[result.submission][result.exercise] = 0.1 + number % 7 / 10
    return Timings(12.5, grading)
