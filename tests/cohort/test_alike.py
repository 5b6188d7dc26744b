"""Copies are found under other names and layouts; what everybody was given or writes is no copy."""

from __future__ import annotations

import random
from pathlib import Path

import msgspec
import pytest

from prodev.cohort import alike as module
from prodev.cohort.alike import alike
from prodev.course import Course

STARTER = '''"""Prices of stays."""

from datetime import date
from decimal import Decimal


def price(first: date, last: date, rates: dict[str, Decimal], guests: int) -> Decimal:
    """Say what a stay costs, from the night of ``first`` to the night before ``last``."""
    raise NotImplementedError("TODO: add up the nights")
'''
BODY = """\
    if last <= first:
        raise ValueError("a stay has a night")
    total = Decimal(0)
    for offset in range((last - first).days):
        night = first + timedelta(days=offset)
        rate = rates["weekend"] if night.weekday() in (4, 5) else rates["week"]
        total += rate * max(guests, 1)
    if (last - first).days >= 7:
        total = total * Decimal("0.9")
    return total.quantize(Decimal("0.01"))
"""
RENAMED = """\
    # all my own work
    if last <= first: raise ValueError('no nights!')

    s = Decimal(1)
    for i in range((last - first).days):   # every night

        n = first + timedelta(days = i)
        r = rates["we"] if n.weekday() in (5, 6) else rates["wk"]
        s += r * max(guests, 2)
    if (last - first).days >= 14:
        s = s * Decimal("0.85")
    return s.quantize(Decimal("1"))
"""
OTHER = """\
    nights = [first + timedelta(n) for n in range((last - first).days)]
    assert nights, "no night"
    weekends = sum(night.isoweekday() > 4 and night.isoweekday() < 7 for night in nights)
    base = weekends * rates["weekend"] + (len(nights) - weekends) * rates["week"]
    return (base * guests * (Decimal(9) / 10 if len(nights) > 6 else 1)).quantize(Decimal(".01"))
"""
HEAD = STARTER.partition("    raise")[0]


def answer(body: str, path: str = "price.py") -> dict[str, str]:
    return {path: HEAD + body}


def pairs(answers: dict[str, dict[str, str]], starter: str = STARTER) -> list[tuple[str, str]]:
    return [(found.one, found.other) for found in alike("price", answers, {"price.py": starter})]


def written_by(seed: int, lines: int = 30) -> str:
    """A text of about ten tokens a line that shares no long run with that of another seed."""
    chance = random.Random(seed)
    marks = (
        "+",
        "-",
        "*",
        "/",
        "(",
        ")",
        "[",
        "]",
        ",",
        ".",
        ":",
        "<",
        "if",
        "for",
        "in",
        "not",
        "and",
        "yield",
        "x",
        "1",
    )
    return "\n".join(" ".join(chance.choice(marks) for _ in range(10)) for _ in range(lines)) + "\n"


def test_a_copy_under_other_names_comments_numbers_and_layout_is_found():
    found = alike("price", {"Ben": answer(RENAMED), "Ada": answer(BODY)}, {"price.py": STARTER})

    assert [(pair.exercise, pair.one, pair.other) for pair in found] == [("price", "Ada", "Ben")]
    assert found[0].share > 0.9
    assert found[0].left == answer(BODY)


def test_the_matching_lines_are_those_of_the_learners_own():
    (pair,) = alike("price", {"Ada": answer(BODY), "Ben": answer(RENAMED)}, {"price.py": STARTER})
    head = HEAD.count("\n")

    assert pair.marks[0][:1] + pair.marks[0][3:4] == ("price.py", "price.py")
    assert min(mark[1] for mark in pair.marks) == head + 1
    assert max(mark[2] for mark in pair.marks) == head + BODY.count("\n")
    assert max(mark[5] for mark in pair.marks) == head + RENAMED.count("\n")


def test_two_answers_of_their_own_are_no_pair():
    assert pairs({"Ada": answer(BODY), "Ben": answer(OTHER)}) == []


def test_what_was_given_is_no_copy():
    given = HEAD + BODY

    assert pairs({"Ada": {"price.py": given}, "Ben": {"price.py": given}}, starter=given) == []
    assert pairs({"Ada": {"price.py": given}, "Ben": {"price.py": given}}, starter="") == [("Ada", "Ben")]


def test_a_copy_in_another_file_is_found():
    (pair,) = alike("price", {"Ada": answer(BODY), "Ben": answer(BODY, "other.py")}, {"price.py": STARTER})

    assert {(mark[0], mark[3]) for mark in pair.marks} == {("price.py", "other.py")}


def test_what_most_of_a_class_writes_is_left_out():
    whole = {f"learner {n}": {"price.py": BODY + written_by(n)} for n in range(10)}

    assert pairs(whole) == []
    assert pairs(dict.fromkeys(list(whole)[:2], answer(BODY))) == [("learner 0", "learner 1")]


def test_five_submissions_are_no_class_yet():
    five = {f"learner {n}": answer(BODY) for n in range(5)}

    assert {name for pair in pairs(five) for name in pair} == set(five)
    assert pairs(five | {"learner 5": answer(BODY)}) == []


def test_two_who_copy_in_a_class_are_found_among_the_others():
    whole = {f"learner {n:03}": answer(written_by(n)) for n in range(200)}
    copied = written_by(17).replace("x", "mine").replace("1", "2.5")

    assert pairs(whole | {"copier": answer(copied)}) == [("copier", "learner 017")]


def test_in_a_ring_everybody_is_named_but_not_with_everybody():
    whole = {f"learner {n:03}": answer(written_by(n)) for n in range(100)}
    ring = {f"ring {n:02}": answer(BODY) for n in range(40)}

    found = pairs(whole | ring)

    assert {name for pair in found for name in pair} == set(ring)
    assert 20 <= len(found) <= len(ring) * module.CLOSEST


def test_short_answers_say_nothing():
    assert pairs({"Ada": {"a.py": "print(1 + 2)\n"}, "Ben": {"a.py": "print(1 + 2)\n"}}, starter="") == []


FEW_LINES = (
    "    total = sum((stay.nights for stay in {0} if stay.paid), start=0)\n    return total * {1}\n",
    "    return {1} * sum(s.nights for s in {0} if s.paid)\n",
    "    {0} = [stay for stay in {0} if stay.paid]\n    return {1} * sum([each.nights for each in {0}])\n",
    "    all = 0\n    for x in {0}:\n        if x.paid:\n            all += x.nights * {1}\n    return all\n",
    "    paid = filter(lambda {0}: {0}.paid, stays)\n    return sum(map(lambda {0}: {0}.nights, paid)) * {1}\n",
)


@pytest.mark.parametrize("learners", [2, 5, 6, 60])
def test_right_answers_of_a_few_lines_accuse_nobody(learners):
    head = "def nights_paid(stays, per_night):\n"
    forms = [FEW_LINES[n * n % len(FEW_LINES)] for n in range(learners)]
    answers = {
        f"learner {n}": {"stay.py": head + form.format(("rows", "xs", "all_of_them")[n % 3], n)}
        for n, form in enumerate(forms)
    }

    assert pairs(answers | {"another": answers["learner 0"]}, starter=head + "    raise NotImplementedError\n") == []


def test_functions_in_another_order_and_file_are_found():
    parts = [f"def part_{n}(a, b):\n" + "".join(f"    {line}\n" for line in _lines_by(n)) for n in range(6)]
    moved = [part.replace("part_", "own_").replace("a, b", "left, right") for part in reversed(parts)]

    (pair,) = alike("x", {"Ada": {"a.py": "\n".join(parts)}, "Ben": {"a.py": moved[0], "b.py": "".join(moved[1:])}}, {})

    assert pair.share > 0.7
    assert {(mark[0], mark[3]) for mark in pair.marks} == {("a.py", "a.py"), ("a.py", "b.py")}


def _lines_by(seed: int) -> list[str]:
    return written_by(seed, 6).splitlines()


def test_the_most_alike_come_first_and_the_order_of_submissions_changes_nothing():
    whole = {"Ada": answer(BODY + written_by(1, 4)), "Ben": answer(RENAMED + written_by(2, 4)), "Cho": answer(BODY)}

    found = alike("price", whole, {})

    assert [pair.share for pair in found] == sorted((pair.share for pair in found), reverse=True)
    assert found == alike("price", dict(reversed(whole.items())), {})


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("q.sql", "SELECT l.id, sum(p.amount) -- {}\nFROM listing l JOIN payment p ON p.listing = l.id\n"
                  "WHERE p.paid AND l.city = 'Kraków' /* {} */ GROUP BY l.id HAVING count(*) > 3 ORDER BY 2 DESC;\n"
                  "SELECT max(paid_at) - min(paid_at) FROM payment WHERE listing IN (SELECT id FROM listing);\n"),
        ("run.sh", "set -eu\nfor f in \"$1\"/*.csv; do # {}\n curl -s --data @\"$f\" \"$URL\" | jq -r .id >>ids\n"
                   "done # {}\nsort -u ids | while read -r id; do echo \"$id\"; grep -c \"$id\" ids || true; done\n"),
        ("Dockerfile", "FROM python:3.13-slim # {}\nWORKDIR /app\nCOPY . /app\nRUN pip install --no-cache-dir . \\\n"
                       " && useradd app && chown app /data # {}\nUSER app\nEXPOSE 80\n"
                       "ENV PORT=80 HOME=/data LANG=C.UTF-8\nHEALTHCHECK --interval=5s CMD curl -f http://[::1]/up\n"
                       "CMD [\"gunicorn\", \"-b\", \"0:80\"]\n"),
        ("p.js", "const a = b.map((x) => x.id); // {}\nget(`/api/${a}`).then((r) => r.json()).then((j) => show(j.c))\n"
                 ".catch((e) => { console.error(e); /* {} */ retry(3, e.code, e.name, () => show([])); });\n"),
    ],
)  # fmt: skip
def test_other_languages_are_compared_without_their_comments(path, text):
    ada, ben = text.replace("{}", "by Ada"), text.replace("{}", "written by\tBen").replace("    ", "\t")

    (pair,) = alike("price", {"Ada": {path: ada}, "Ben": {path: ben}}, {})

    assert pair.share == 1.0
    assert pair.marks == ((path, 1, text.count("\n"), path, 1, text.count("\n")),)


BROKEN = {
    "an open bracket": "(" * 30_000,
    "an open string": 'x = """' + "\\'" * 30_000,
    "quotes": "'\"" * 30_000,
    "escaped quotes": "\\'" * 30_000,
    "triple quotes and a backslash": "'''\\" * 15_000 + "\\",
    "prefixes": "rb" * 30_000,
    "comments that do not end": "/*" * 30_000,
    "other comments that do not end": "<!--" * 15_000,
    "spaces": " \n" * 30_000,
    "indentation": "".join(f"{' ' * n}if x:\n" for n in range(300)),
    "one long word": "a" * 60_000,
    "lone surrogates": "\ud800 = '\udfff'\n" * 9_000,
    "control characters": "\x00\x1b[31m\r\x0b\x85\u2028" * 9_000,
    "one line again and again": "x = x + 1\n" * 6_000,
    "digits": "1." * 30_000,
}


@pytest.mark.parametrize("path", ["x.py", "x.sql", "x.js", "x"])
@pytest.mark.parametrize("name", BROKEN)
def test_no_file_stops_the_comparison(name, path):
    found = alike(
        "x", {name: {path: BROKEN[name]}, "Ada": {path: BODY}, "Ben": {path: BODY}}, {path: BROKEN[name][:99]}
    )

    assert ("Ada", "Ben") in {(pair.one, pair.other) for pair in found}


@pytest.mark.parametrize("name", BROKEN)
def test_what_was_found_in_broken_files_can_be_written_and_points_at_lines_that_exist(name):
    found = alike("x", {"Ada": {"x.py": BROKEN[name] + BODY}, "Ben": {"x.py": BROKEN[name] + BODY}}, {})

    for pair in found:
        for path, first, last, its_path, its_first, its_last in pair.marks:
            assert 1 <= first <= last <= pair.left[path].count("\n") + 1
            assert 1 <= its_first <= its_last <= pair.right[its_path].count("\n") + 1
    assert msgspec.json.decode(msgspec.json.encode(found), type=tuple[module.Alike, ...]) == found


def test_only_the_beginning_of_an_endless_answer_is_looked_at():
    endless = {f"{n}.py": written_by(n, 1_000) for n in range(9)}

    (pair,) = alike("x", {"Ada": endless, "Ben": endless}, {})

    assert sum(map(len, pair.left.values())) == 64_000


def test_right_answers_of_different_make_are_no_copies_of_the_reference():
    found, compared = [], 0
    for exercise in Course(Path(__file__).resolve().parents[2]).exercises:
        folders = [exercise.starter, exercise.reference, *exercise.accepted]
        starter, reference, *variants = (
            {path: (folder / path).read_text() for path in exercise.edited_files(folder)} for folder in folders
        )
        pairs = [alike(exercise.slug, {"reference": reference, "other": reference | new}, starter) for new in variants]
        compared, found = compared + len(pairs), found + [exercise.slug for pair in pairs if pair]

    assert compared >= 20
    assert len(found) < 0.1 * compared, found
