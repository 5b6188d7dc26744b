"""Each listing's revenue and rating, with no payment and no review counted twice, and no listing lost."""

from collections import Counter, defaultdict
from decimal import Decimal
from typing import NamedTuple

import pytest
from revenue_without_fan_out_worlds import (
    a_quiet_village,
    a_street,
    a_whole_coast,
    average,
    many_of_one_price,
    nothing_happened_yet,
)

from prodev.testbed import Asking, explain

EXPLAINED = "Lesson 'Joins are set questions', section 'Explain'"
BROKEN = "Lesson 'Joins are set questions', section 'Break it'"


class Row(NamedTuple):
    """One row of the answer."""

    listing_id: int
    title: str
    revenue: Decimal
    average_rating: Decimal | None


WHERE_ALL_IS_PAID_AND_RATED = pytest.mark.parametrize("world", [a_street, a_whole_coast])
WHERE_THERE_ARE_GAPS = pytest.mark.parametrize("world", [a_quiet_village, nothing_happened_yet])


@pytest.fixture(scope="module")
def asking(database, draw):
    return Asking(database, draw, Row, tables=tables_of)


@pytest.fixture
def ask(candidate, asking):
    """Make a world, run query.sql in it, and return the world and its rows."""
    return lambda world: asking.ask(world, candidate.text("query.sql"))


def tables_of(world):
    return {
        "listing": [{"id": id, "title": title} for id, title in world.listings.items()],
        "booking": [{"id": id, "listing_id": listing} for id, listing in world.bookings.items()],
        "payment": [
            {"id": id, "booking_id": booking, "amount": amount, "status": status}
            for id, (booking, amount, status) in enumerate(world.payments)
        ],
        "review": [
            {"id": id, "booking_id": booking, "rating": rating} for id, (booking, rating) in enumerate(world.reviews)
        ],
    }


@pytest.mark.task("revenue")
@WHERE_ALL_IS_PAID_AND_RATED
def test_revenue_is_what_was_paid(ask, world):
    """A listing's revenue is the sum of its paid payments, each counted once."""
    world, rows = ask(world)
    wanted = world.revenue()

    got = {row.listing_id: row.revenue for row in rows}
    wrong = {listing: got.get(listing) for listing in sorted(wanted) if got.get(listing) != wanted[listing]}

    assert not wrong, explain(
        did=world.told,
        saw=f"The revenue of {len(wrong)} of {len(wanted)} listings is not what was paid. "
        + compared("earned", wrong, wanted, world),
        why=_why_not_the_revenue(wrong, world),
        look=f"The rows that you add up: how often each payment is among them, and with which status. {EXPLAINED}.",
    )


@pytest.mark.task("revenue")
def test_revenue_is_exact(ask):
    """Money stays numeric: it never passes through a float."""
    world, rows = ask(a_street)

    floats = [row for row in rows if isinstance(row.revenue, float)]

    assert not floats, explain(
        did=world.told,
        saw=f"The revenue comes out as a floating-point number, {floats[0].revenue!r}.",
        why="A float holds 0.10 only nearly: after enough payments the cents are wrong, and the books do not balance.",
        look="Casts in your query: a SUM over numeric is numeric, and stays exact.",
    )


@pytest.mark.task("rating")
@WHERE_ALL_IS_PAID_AND_RATED
def test_rating_is_the_average_over_the_reviews(ask, world):
    """A listing's rating is the average over its reviews, each of the same weight."""
    world, rows = ask(world)
    wanted = world.average_rating()

    got = {row.listing_id: _as_decimal(row.average_rating) for row in rows}
    wrong = {listing: got.get(listing) for listing in sorted(wanted) if got.get(listing) != wanted[listing]}

    assert not wrong, explain(
        did=world.told,
        saw=f"The rating of {len(wrong)} of {len(wanted)} listings is not the average over its reviews. "
        + compared("is rated", wrong, wanted, world),
        why=_why_not_the_rating(wrong, world),
        look=f"Which rows the average runs over, and that it is rounded to two decimals. {EXPLAINED}.",
    )


@pytest.mark.task("every-listing")
@WHERE_THERE_ARE_GAPS
def test_every_listing_comes_out_once(ask, world):
    """A listing that earned nothing, or was never rated, is in the report all the same."""
    world, rows = ask(world)

    times = Counter((row.listing_id, row.title) for row in rows)
    lost = [listing for listing, title in sorted(world.listings.items()) if not times[listing, title]]
    other = [f"{id} ({title})" for id, title in times if world.listings.get(id) != title or times[id, title] > 1]

    assert not lost, explain(
        did=world.told,
        saw=f"{len(lost)} of {len(world.listings)} listings did not come out: {', '.join(map(world.named, lost))}.",
        why=_why_lost(set(lost), world),
        look=f"Which table is first in FROM, how the others are joined to it, and what WHERE says. {BROKEN}.",
    )
    assert not other, explain(
        did=world.told,
        saw=f"Rows that are not one listing each: {', '.join(other)}.",
        why="The report has one row for each listing, under its title.",
        look="GROUP BY, and which table the id and the title are taken from.",
    )


@pytest.mark.task("every-listing")
@WHERE_THERE_ARE_GAPS
def test_nothing_paid_is_zero(ask, world):
    """Where there is no payment at all, the revenue is 0."""
    world, rows = ask(world)
    unpaid = set(world.listings) - {world.bookings[booking] for booking, _, _ in world.payments}

    wrong = {row.listing_id: row.revenue for row in rows if row.listing_id in unpaid and row.revenue != 0}

    assert not wrong, explain(
        did=world.told,
        saw=f"There is no payment for {world.named(min(wrong))}, and its revenue is {spelled(wrong[min(wrong)])}.",
        why="SUM over no row is NULL, 'not known'. That nobody paid is known: the revenue is 0.",
        look="COALESCE(…, 0), at the place where a missing sum comes out.",
    )


@pytest.mark.task("every-listing")
@WHERE_THERE_ARE_GAPS
def test_never_rated_is_null(ask, world):
    """Where there is no review, the rating is not known: NULL."""
    world, rows = ask(world)
    unrated = {listing for listing, rating in world.average_rating().items() if rating is None}

    wrong = {
        row.listing_id: row.average_rating
        for row in rows
        if row.listing_id in unrated and row.average_rating is not None
    }

    assert not wrong, explain(
        did=world.told,
        saw=f"There is no review of {world.named(min(wrong))}, and its rating is {spelled(wrong[min(wrong)])}.",
        why="Nobody gave it that rating. A 0 would rank a new listing below the worst one there is.",
        look="What stands around AVG: an average over nothing is NULL, and here that is the right answer.",
    )


@pytest.mark.task("order")
def test_the_highest_revenue_comes_first(ask):
    """The rows come by revenue, the highest first, and by id where two earned the same."""
    world, rows = ask(many_of_one_price)
    revenue = world.revenue()
    wanted = sorted(world.listings, key=lambda listing: (-revenue[listing], listing))

    got = [row.listing_id for row in rows]
    place = next((place for place, pair in enumerate(zip(got, wanted, strict=False)) if pair[0] != pair[1]), len(got))

    assert got == wanted, explain(
        did=world.told,
        saw=f"In place {place + 1} I expected {_earner(wanted, place, revenue)}; "
        f"there stands {_earner(got, place, revenue)}.",
        why="Without an ORDER BY that settles every tie, two runs of the same report differ, and so do its pages.",
        look="ORDER BY: by the number, not by its text; then by listing_id.",
    )


def compared(verb, wrong, wanted, world):
    """A few listings with what is true and what was reported."""
    shown = [
        f"{world.named(listing)} {verb} {wanted[listing]}; you report {spelled(value)}."
        for listing, value in list(wrong.items())[:3]
    ]
    return " ".join(shown)


def spelled(value):
    """A value as SQL shows it."""
    if isinstance(value, float):
        return f"{value} (a float)"
    return "NULL" if value is None else repr(value) if isinstance(value, str) else str(value)


def _earner(ids, place, revenue):
    return f"listing {ids[place]}, which earned {revenue.get(ids[place])}" if place < len(ids) else "nothing"


def _as_decimal(rating):
    return Decimal(str(rating)) if isinstance(rating, float) else rating


def _why_lost(lost, world):
    """Name the cause where the lost listings are exactly those that it would lose."""
    earned = {listing for listing, revenue in world.revenue().items() if revenue}
    rated = {listing for listing, rating in world.average_rating().items() if rating is not None}
    causes = {
        "a paid payment": set(world.listings) - earned,
        "a review": set(world.listings) - rated,
        "a paid payment and a review": set(world.listings) - (earned & rated),
        "a booking": set(world.listings) - set(world.bookings.values()),
    }
    for what, listings in causes.items():
        if lost == listings:
            return (
                f"They are exactly the listings without {what}. An INNER JOIN loses them; so does a condition in WHERE "
                "on a table that was LEFT JOINed, because it is not true for the NULLs that stand there."
            )
    return "The host of a listing without revenue is the one to call; a report without it says that all is well."


def _why_not_the_revenue(wrong, world):
    """Name the cause where it explains every wrong number to the cent."""
    reviews = Counter(booking for booking, _ in world.reviews)
    listing = next(iter(wrong))
    paid = world.payments_of(listing)
    if isinstance(wrong[listing], float):
        return (
            "A float holds 0.10 only nearly: after enough payments the cents are wrong, and the books do not balance."
        )
    if _explains(wrong, lambda each: sum(amount * reviews[booking] for booking, amount, _ in world.payments_of(each))):
        sums = " + ".join(f"{amount} x {reviews[booking]}" for booking, amount, _ in paid)
        return (
            f"{wrong[listing]} is {sums}: each payment was counted once for every review of its booking. "
            "Aggregate before you join."
        )
    if _explains(wrong, lambda each: sum({amount for _, amount, _ in world.payments_of(each)})):
        amount, times = Counter(amount for _, amount, _ in paid).most_common(1)[0]
        return f"{times} payments of {amount} were counted once: DISTINCT removes equal amounts, not double rows."
    if _explains(wrong, lambda each: sum(amount for _, amount, _ in world.payments_of(each, status=None))):
        return "That is the sum over payments of every status: money that failed to arrive or went back is not earned."
    return "Revenue is the sum of the payments whose status is 'paid', each of them once."


def _why_not_the_rating(wrong, world):
    """Name the cause where it explains every wrong rating."""
    reviews_of = world.reviews_of
    for instalments in (
        Counter(booking for booking, _, _ in world.payments),
        Counter(booking for booking, _, status in world.payments if status == "paid"),
    ):
        if _explains(
            wrong,
            lambda each, n=instalments: average([r for booking, r in reviews_of(each) for _ in range(n[booking])]),
        ):
            return (
                "Each rating was counted once for every payment of its booking: who paid in three instalments votes "
                "three times. Aggregate before you join."
            )
    if _explains(wrong, lambda each: average({rating for _, rating in reviews_of(each)})):
        return "Equal ratings were counted once: DISTINCT removes equal numbers, not double rows."
    if _explains(wrong, lambda each: average(_averages_of_bookings(reviews_of(each)))):
        return "You averaged the bookings' averages: a booking with one review weighs as much as one with three."
    return "Each review is one vote: the rating is the sum of the ratings by their number, to two decimals."


def _explains(wrong, guess):
    return all(value == guess(listing) for listing, value in wrong.items())


def _averages_of_bookings(reviews):
    ratings = defaultdict(list)
    for booking, rating in reviews:
        ratings[booking].append(rating)
    return [Decimal(sum(each)) / len(each) for each in ratings.values()]
