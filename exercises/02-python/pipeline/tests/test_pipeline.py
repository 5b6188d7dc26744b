"""Bookings flow through the stages one at a time, and a bad line stops nobody."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from prodev.testbed import explain

LESSON = "Lesson 'Generators: work on demand'"
BAD = {
    "a date that is none": "Bo;tomorrow;2026-05-04;50",
    "a check-out that is none": "Bo;2026-05-01;2026-05-32;50",
    "a price that is none": "Bo;2026-05-01;2026-05-04;fifty",
    "no price": "Bo;2026-05-01;2026-05-04",
    "a field too many": "Bo;2026-05-01;2026-05-04;50;late",
    "no night": "Bo;2026-05-04;2026-05-04;50",
    "a check-out before the check-in": "Bo;2026-05-04;2026-05-01;50",
    "a price of 0": "Bo;2026-05-01;2026-05-04;0",
    "a price below 0": "Bo;2026-05-01;2026-05-04;-50",
    "a price of NaN": "Bo;2026-05-01;2026-05-04;NaN",
    "an endless price": "Bo;2026-05-01;2026-05-04;Infinity",
    "nothing at all": "",
}


@pytest.fixture
def good(rng):
    """Eleven good lines, as the stays that they stand for; one is nearly for nothing."""
    return [*(stay(rng) for _ in range(10)), ["Emre", date(2026, 5, 1), date(2026, 5, 2), Decimal("0.50")]]


def stay(rng):
    check_in = date(2026, 1, 1) + timedelta(days=rng.randrange(300))
    nights = rng.randint(1, 14)
    return [rng.choice(["Ada", "Chidi", "Dina"]), check_in, check_in + timedelta(days=nights), amount(rng)]


def amount(rng):
    return Decimal(rng.randint(4_000, 90_000)) / 100


def line(stay):
    return ";".join(map(str, stay))


@pytest.mark.task("cleans")
def test_good_lines_become_stays(candidate, good):
    """Every good line comes out once, in order, in Python's types."""
    seen = candidate.probe("read", lines=[line(each) for each in good])

    assert (seen["stays"], seen["rejected"]) == (good, []), explain(
        did=f"I handed you {len(good)} good lines, {line(good[0])} the first.",
        saw=f"You yielded {len(seen['stays'])} stays, {seen['stays'][:1]} the first; rejected were {seen['rejected']}.",
        why="Each line is a guest who will stand at the door.",
        look="How you take a line apart, and which fields are turned into dates and a Decimal.",
    )


@pytest.mark.task("cleans")
def test_a_stay_costs_its_nights(candidate, good):
    """A booking costs the nights from check-in to check-out, times the price."""
    wanted = [[guest, (check_out - check_in).days * each] for guest, check_in, check_out, each in good]

    seen = candidate.probe("read", lines=[line(each) for each in good])

    assert seen["priced"] == wanted, explain(
        did=f"I priced {len(good)} stays; the first is {line(good[0])}.",
        saw=f"You yielded {[str(total) for _, total in seen['priced']]}; "
        f"I expected {[str(total) for _, total in wanted]}.",
        why="The day of check-out belongs to the next guest: who counts it charges a night too many.",
        look="The nights: check_out - check_in, in days.",
    )


@pytest.mark.task("rejects")
@pytest.mark.parametrize("what", BAD)
def test_a_bad_line_is_put_aside_and_the_rest_goes_on(candidate, good, rng, what):
    """A bad line lands in `rejected`, with its number, and the lines after it are read."""
    place = rng.randrange(1, len(good))
    lines = [line(each) for each in good]
    lines.insert(place, BAD[what])

    seen = candidate.probe("read", lines=lines)

    assert (seen["stays"], seen["rejected"], seen["error"]) == (good, [[place + 1, BAD[what]]], None), explain(
        did=f"I handed you {len(lines)} lines; line {place + 1} has {what}: {BAD[what]!r}.",
        saw=f"Line {place + 1} is broken; the {len(good)} others were fine. You yielded {len(seen['stays'])} stays"
        f"{', then raised ' + seen['error'] if seen['error'] else ''}; rejected were {seen['rejected']}.",
        why="A feed is written by strangers: who stops at their first mistake reads none of it, "
        "and who drops it in silence cannot tell them.",
        look="How much of your code stands under the `try`, what its `except` catches, what you check, "
        "and whether you append to the list that you were handed.",
    )


@pytest.mark.task("rejects")
def test_says_what_was_wrong(candidate):
    """Every rejected line has a reason."""
    seen = candidate.probe("read", lines=[BAD["a date that is none"], BAD["no night"]])

    assert len(seen["reasons"]) == 2 and all(seen["reasons"]), explain(
        did=f"I handed you the lines {BAD['a date that is none']!r} and {BAD['no night']!r}.",
        saw=f"Their reasons are {seen['reasons']}.",
        why="Somebody will mend the line: the reason is all that they have.",
        look="The error that you caught knows what was wrong: str(error).",
    )


@pytest.mark.task("lazy")
@pytest.mark.parametrize("stages", ["take_stays", "take"], ids=["clean", "clean and price"])
def test_one_in_one_out(candidate, rng, stages):
    """Some bookings of an endless feed cost as many lines."""
    wanted, taken = rng.randint(2, 5), []

    def pull():
        taken.append(len(taken) + 1)
        return f"guest {len(taken)};2026-05-01;2026-05-04;50"

    got = candidate.probe(stages, pull=pull, wanted=wanted)

    assert (got, len(taken)) == ([f"guest {n + 1}" for n in range(wanted)], wanted), explain(
        did=f"I asked for {wanted} bookings of a feed that has no end.",
        saw=f"You took {len(taken)} lines from it before I had them; {wanted} are needed.",
        why="A stage that reads to the end first never begins on a feed that has none.",
        look=f"Anything that collects: a list that is returned, list(…), sorted(…). {LESSON}, section 'Explain'.",
    )


@pytest.mark.task("summary")
@pytest.mark.parametrize("as_list", [False, True], ids=["read once", "a list"])
def test_counts_adds_and_ranks(candidate, rng, as_list):
    """Count, sum and the dearest come from one reading."""
    bookings = [[f"guest {n}", amount(rng) + n] for n in range(20)]
    k = rng.randint(2, 6)
    wanted = summary_of(bookings, k)

    seen = candidate.probe("summary", bookings=bookings, k=k, as_list=as_list)

    assert seen == wanted, explain(
        did=f"I handed you {'a list' if as_list else 'a generator'} of 20 bookings, and k={k}.",
        saw=("Second report is empty: a generator is spent once. " if emptied(seen) else "")
        + f"You returned {spelled(seen)}; I expected {spelled(wanted)}.",
        why="A report without its second half looks as if nobody had booked.",
        look="How many times your function goes through `priced`, and in what order it returns the dearest.",
    )


@pytest.mark.task("summary")
def test_of_equals_the_first_stands_first(candidate, rng):
    """Bookings that cost the same are ranked as they came."""
    dear, cheap = sorted([amount(rng) + 1, amount(rng) + 1000], reverse=True)
    bookings = [["Zoe", cheap], ["Yan", dear], ["Ada", dear], ["Mia", dear], ["Bo", cheap]]
    wanted = summary_of(bookings, 2)

    seen = candidate.probe("summary", bookings=bookings, k=2)

    assert seen == wanted, explain(
        did=f"I handed you, in this order, {', '.join(f'{guest} {total}' for guest, total in bookings)}, and k=2.",
        saw=f"You returned {spelled(seen)}; I expected {spelled(wanted)}.",
        why="Who books first wins the prize; an order that depends on names or on luck is disputed.",
        look="What your heap compares when two totals are equal.",
    )


@pytest.mark.task("summary")
def test_there_may_be_fewer_than_k(candidate):
    """Few bookings, or none, make a short summary."""
    bookings = [["Ada", Decimal("50.00")]]

    seen = [candidate.probe("summary", bookings=given, k=3) for given in (bookings, [])]
    wanted = [summary_of(bookings, 3), summary_of([], 3)]

    assert seen == wanted, explain(
        did="I asked for the three dearest of one booking, and of none.",
        saw=f"You returned {spelled(seen[0])}, and {spelled(seen[1])}.",
        why="The first morning of the year has no bookings, and a report all the same.",
        look="What your code does before the heap is full.",
    )


@pytest.mark.task("bounded")
@pytest.mark.parametrize("order", ["rising", "falling", "mixed"])
def test_holds_about_k_bookings(candidate, rng, order):
    """While a long feed goes by, no more than about k bookings are alive."""
    totals = list(range(1, 501)) if order == "rising" else list(range(500, 0, -1))
    if order == "mixed":
        rng.shuffle(totals)

    most = candidate.probe("most_alive", totals=totals, k=5)

    assert most <= 10, explain(
        did=f"I handed you 500 bookings, {order}, with k=5, and counted how many were in memory at once.",
        saw=f"At one time there were {most}; 5 to keep, and a few on their way, are enough.",
        why="The feed has no end, and memory has: what you keep for every booking adds up until the machine kills you.",
        look="sorted(…) and list(…) hold everything; a heap holds k.",
    )


def summary_of(bookings, k):
    return {
        "count": len(bookings),
        "total": sum((total for _, total in bookings), Decimal(0)),
        "top": sorted(bookings, key=lambda booking: booking[1], reverse=True)[:k],
    }


def emptied(seen):
    return not (seen["top"] and seen["total"] and seen["count"])


def spelled(seen):
    return f"{seen['count']} bookings, {seen['total']}, " + repr([f"{guest} {total}" for guest, total in seen["top"]])
