"""A cohort as a mentor meets it in the middle of a course: 36 learners, 12 exercises, and a bit of everything."""

from __future__ import annotations

import random

from cohort_samples import a_test, graded, report_of, task_of

from prodev.cohort.alike import alike
from prodev.cohort.results import Alike, Asked, CohortReport, Handed, Result
from prodev.grading import TaskResult

GIVEN = """
Amara Ben Chidi Dana Elif Farid Grace Hana Ivan Jonas Kemi Lena Mateo Nadia Omar Priya Quentin Rosa
"""
FAMILY = """
Okafor Lindqvist Haddad Novák Tanaka Silva Mbeki Kowalska Rahman Castillo O’Brien Sørensen
"""
ODD = {7: "Nguyễn Thị Minh Khai", 13: "محمد الأحمد", 21: "李小龍", 29: "María-José Díaz de la Vega y Santos-Oliveira"}

ASKED = [
    ("read-the-traceback", "00-warm-up", "Read the traceback before the code", 3, {}),
    ("branch-and-commit", "00-warm-up", "Put the change on a branch of its own", 3, {}),
    (
        *("left-means-keep", "01-sql", "Keep the listings that nobody booked", 8),
        {
            "where-after-join": "A condition on the joined table can stand in WHERE just as well as in ON.",
            "count-star": "count(*) counts the bookings, so a listing without any gets 0.",
        },
    ),
    (
        *("revenue-without-fan-out", "01-sql", "Add up revenue without counting a payment twice", 10),
        {
            "distinct-heals": "DISTINCT removes the rows that a join has multiplied, so the sum is right again.",
            "join-both": "Two one-to-many tables can be joined in one query before summing.",
        },
    ),
    (
        *("index-budget", "01-sql", "Make three queries quick with two indexes", 10),
        {"order-is-free": "The order of the columns in an index makes no difference."},
    ),
    (
        *("no-double-booking", "01-sql", "Never sell the same night twice", 12),
        {
            "check-then-insert": "A SELECT just before the INSERT is enough to know that the nights are free.",
            "inclusive-end": "The day of check-out belongs to the stay.",
        },
    ),
    (
        *("stream-bookings", "02-python", "Stream bookings without loading them", 10),
        {"list-is-lazy": "A list that is built inside a generator function is lazy too."},
    ),
    (
        *("retry-with-backoff", "02-python", "Retry what may pass, give up on what will not", 12),
        {
            "every-error-heals": "Whatever went wrong, trying again cannot hurt.",
            "cap-after-the-draw": "It makes no difference whether the cap comes before the draw or after it.",
            "attempts-are-retries": "`attempts` counts the repetitions, and the first call is not one.",
        },
    ),
    ("kill-the-mutants", "03-testing-async", "Write the tests that would have noticed", 10, {}),
    (
        *("kill-the-n-plus-one", "04-django", "Answer the list in three queries", 12),
        {
            "select-related-all": "select_related fetches whatever is related, lists included.",
            "count-in-loop": "count() on a prefetched relation costs nothing.",
        },
    ),
    ("api-probe", "09-shell", "Probe an API and say what is wrong with it", 8, {}),
    ("unpack-the-log", "09-shell", "Find the slowest request in a day of logs", 6, {}),
]
TASKS = ("the-plain-case", "the-edges", "says-what-is-wrong")
TITLES = ("Gives the right answer in {}, plain case", "{} holds at the edges", "{} says what is wrong, and where")
SAID = (
    "I asked {} for the nights of listing 7 from 1 to 3 May.\nYou answered 3 rows; there are 2.\n"
    "The day of check-out belongs to the next guest, who would find the night sold.\nSee lesson 'Half-open stays'."
)
RETRY = """def retry(operation, *, attempts, base, cap, sleep, random):
    last = None
    for attempt in range(attempts):
        try:
            return operation()
        except Transient as error:
            last = error
            if attempt + 1 == attempts:
                break
            ceiling = min(cap, base * 2**attempt)
            sleep(random() * ceiling)
        except Permanent as error:
            raise GaveUp(attempt + 1) from error
    raise GaveUp(attempts) from last


def delays_of(log):
    found = []
    for before, after in zip(log, log[1:]):
        if after.started < before.ended:
            raise ValueError(f"{after} begins before {before} ends")
        found.append((after.started - before.ended).total_seconds())
    return found
"""
ALONE = """def retry(operation, *, attempts, base, cap, sleep, random):
    waits = (min(cap, base << n) * random() for n in itertools.count())
    while attempts := attempts - 1:
        with contextlib.suppress(Transient):
            return operation()
        sleep(next(waits))
    return operation()
"""
STARTER = "def retry(operation, *, attempts, base, cap, sleep, random):\n    raise NotImplementedError('TODO')\n"


def spring_cohort(learners: int = 36, *, seed: int = 5) -> CohortReport:
    """The same for the same seed; some late, some not graded, some alike, one archive broken."""
    chance = random.Random(seed)
    given, family = GIVEN.split(), FAMILY.split()
    names = [ODD.get(n, f"{given[n % 18]} {family[(n * 7 + n // 18) % 12]}") for n in range(learners)]
    problem = "The archive ends in the middle of a file: ask for it again."
    handed = [
        Handed(
            name,
            f"incoming/{name.split()[0].casefold()}-{n:02}.zip",
            f"{n:08x}" * 5,
            f"2026-05-0{1 + n % 4}T1{n % 10}:20:00Z",
            problem if n == 17 else "",
            ("notes.txt is not graded.",) if n % 9 == 4 else (),
        )
        for n, name in enumerate(names)
    ]
    results = [
        result
        for n, one in enumerate(handed)
        if not one.problem
        for column in range(len(ASKED))
        if (result := _result(chance, one.name, column, skill=((n * 29 + 3) % 36) / 36, late=n % 11 == 6)) is not None
    ]
    return CohortReport(
        "2026.1",
        "Backend, spring 2026: week 6",
        "L3: namespaces, Landlock, seccomp, rlimits",
        tuple(handed),
        tuple(Asked(*asked) for asked in ASKED),
        tuple(results),
        _pairs(names),
    )


def _result(chance: random.Random, name: str, column: int, *, skill: float, late: bool) -> Result | None:
    slug, _, _, points, beliefs = ASKED[column]
    if chance.random() > 0.82 + 0.6 * skill - 0.03 * column:
        return None
    right = [chance.random() < 0.72 + 0.5 * skill - 0.02 * column - 0.08 * n for n in range(3)]
    if column >= 9 and chance.random() < 0.12:
        return graded(name, report_of(slug, *_tasks(slug, points, ["ungraded"] * 3)))
    tasks = _tasks(slug, points, ["passed" if each else "failed" for each in right])
    held = (chance.choice(sorted(beliefs)),) if beliefs and not all(right) and chance.random() < 0.7 else ()
    said = "2 days late: 80 % of the points earned" if late and column >= 6 else ""
    return graded(name, report_of(slug, *tasks), late=said, keeps=0.8 if said else 1.0, held=held)


def _tasks(slug: str, points: int, outcomes: list[str]) -> list[TaskResult]:
    said = {"failed": SAID.format(slug), "ungraded": "No PostgreSQL answers on 127.0.0.1:5432.", "passed": ""}
    shares = (points - 2 * (points // 3), points // 3, points // 3)
    return [
        task_of(
            name,
            share,
            a_test(f"{slug}-{name}", title.format(slug.replace("-", " ").capitalize()), outcome, said[outcome]),
        )
        for name, title, share, outcome in zip(TASKS, TITLES, shares, outcomes, strict=True)
    ]


def _pairs(names: list[str]) -> tuple[Alike, ...]:
    renamed = RETRY.replace("attempt", "turn").replace("error", "exc").replace("found", "gaps")
    moved = "\n\n".join(reversed(renamed.split("\n\n\n"))).replace("last", "why")
    starter = {"retry.py": STARTER}
    two = {names[3]: {"retry.py": RETRY}, names[11]: {"retry.py": f"# my own\n{moved}"}}
    four = {names[n]: {"log.py": RETRY.replace("operation", word)} for n, word in ((5, "a"), (8, "b"), (20, "c"))}
    alone = {names[n]: {"retry.py": ALONE} for n in (1, 2)}
    return (
        *alike("retry-with-backoff", two | alone, starter),
        *alike("unpack-the-log", four, {}),
        *alike("stream-bookings", two, starter),
    )
