"""Each city's three most-booked listings, ties kept, and no listing that more than two others beat."""

from collections import Counter
from typing import NamedTuple

import pytest
from top_three_per_city_worlds import (
    a_few_cities,
    a_wide_world,
    hardly_booked,
    much_is_cancelled,
    not_placed_yet,
    tied_for_first,
    tied_for_second,
    tied_for_third,
    two_of_one_name,
)

from prodev.testbed import Asking, explain

LESSON = "Lesson 'Aggregates, windows and NULL', section 'Three ways to number'"


class Row(NamedTuple):
    """One row of the answer."""

    city_id: int
    city: str
    listing_id: int
    bookings: int
    place: int


@pytest.fixture(scope="module")
def asking(database, draw):
    return Asking(database, draw, Row, tables=tables_of)


@pytest.fixture
def ask(candidate, asking):
    """Make a world, run query.sql in it, and return the world and its rows."""
    return lambda world: asking.ask(world, candidate.text("query.sql"))


def tables_of(world):
    return {
        "city": [{"id": id, "name": name} for id, name in world.cities.items()],
        "listing": [{"id": id, "city_id": city, "title": f"House {id}"} for id, city in world.listings.items()],
        "booking": [
            {"id": id, "listing_id": listing, "status": status} for id, (listing, status) in enumerate(world.bookings)
        ],
    }


@pytest.mark.task("per-city")
@pytest.mark.parametrize("world", [a_few_cities, two_of_one_name])
def test_every_city_has_its_own_top(ask, world):
    """The three most-booked listings of every city come out, and those of fewer where there are fewer."""
    world, rows = ask(world)
    wanted = Counter(world.listings[listing] for listing in world.top())

    got = Counter(row.city_id for row in rows)
    short = {city: count for city, count in wanted.items() if got[city] < count}

    assert not short, explain(
        did=world.told,
        saw=f"I see {len(rows)} rows for the whole world. "
        + " ".join(
            f"{world.cities[city]} (city {city}) has {got[city]} of them; I expected {count}."
            for city, count in list(short.items())[:2]
        ),
        why=_why_too_few(world, rows, short),
        look=f"What starts the numbering anew: PARTITION BY, and by which column. {LESSON}.",
    )


@pytest.mark.task("per-city")
@pytest.mark.parametrize("world", [a_few_cities, two_of_one_name, not_placed_yet])
def test_a_listing_is_shown_under_its_own_city(ask, world):
    """Each row is one listing, once, beside the city that it is in."""
    world, rows = ask(world)

    times = Counter(row.listing_id for row in rows)
    homeless = [row for row in rows if row.city_id is None or world.listings.get(row.listing_id) is None]
    strange = [row for row in rows if world.cities.get(world.listings.get(row.listing_id)) != row.city]
    strange += [row for row in rows if world.listings.get(row.listing_id) != row.city_id or times[row.listing_id] > 1]

    assert not homeless, explain(
        did=world.told,
        saw=f"Your answer shows listing {spelled(homeless[0].listing_id)} in city {spelled(homeless[0].city_id)}.",
        why="NULL is no city: all listings whose city is not known would compete in one place that does not exist.",
        look="The join of listing and city, and which rows it keeps.",
    )
    assert not strange, explain(
        did=world.told,
        saw=f"You show listing {strange[0].listing_id} {times[strange[0].listing_id]} times, the first time in "
        f"{strange[0].city} (city {strange[0].city_id}); it is in city {world.listings.get(strange[0].listing_id)}.",
        why="The front page links each listing once, on the page of its city.",
        look="ON: a listing's city_id is the id of its city.",
    )


@pytest.mark.task("ties")
@pytest.mark.parametrize("world", [tied_for_third, tied_for_first, a_wide_world])
def test_who_ties_with_the_third_is_shown(ask, world):
    """Listings with as many bookings as the third are all shown."""
    world, rows = ask(world)

    shown = {row.listing_id for row in rows}
    lost = sorted(world.top() - shown)

    assert not lost, explain(
        did=world.told,
        saw=f"Missing: {some(lost, world)}.",
        why=_why_lost(lost[0], shown, world),
        look=f"The function that numbers the listings: equals must get equal numbers. {LESSON}.",
    )


@pytest.mark.task("ties")
@pytest.mark.parametrize("world", [tied_for_second, tied_for_first, a_wide_world])
def test_who_is_behind_stays_out(ask, world):
    """A listing that three others beat is not shown."""
    world, rows = ask(world)
    places = world.places()

    behind = sorted({row.listing_id for row in rows} - world.top())

    assert not behind, explain(
        did=world.told,
        saw=f"You show {some(behind, world)}.",
        why=f"{places.get(behind[0], 1) - 1} listings of that city have more bookings: "
        "the top three would be a top of any length.",
        look="Whether your numbers count the listings ahead, or only the different counts: after 9, 7, 7 comes "
        f"place 4. {LESSON}.",
    )


@pytest.mark.task("bookings")
@pytest.mark.parametrize("world", [much_is_cancelled, a_few_cities])
def test_a_booking_counts_unless_it_is_cancelled(ask, world):
    """Beside each listing stands the number of its bookings that are not cancelled."""
    world, rows = ask(world)
    booked, cancelled = world.booked(), Counter(id for id, status in world.bookings if status == "cancelled")

    rows = [row for row in rows if booked[row.listing_id]]
    wrong = [row for row in rows if row.bookings != booked[row.listing_id]]

    assert rows, explain(
        did=world.told,
        saw="Not one listing with a booking came out.",
        why="An empty front page sells nothing.",
        look="The conditions of your query, one by one.",
    )
    assert not wrong, explain(
        did=world.told,
        saw=f"Listing {wrong[0].listing_id} has {booked[wrong[0].listing_id]} bookings and "
        f"{cancelled[wrong[0].listing_id]} cancelled ones; you count {spelled(wrong[0].bookings)}.",
        why="A house that every guest cancels would be the star of its city."
        if wrong[0].bookings == booked[wrong[0].listing_id] + cancelled[wrong[0].listing_id]
        else "The number stands on the front page, and its host counts along.",
        look="Which rows of booking you count: pending and confirmed ones, and no cancelled one.",
    )


@pytest.mark.task("bookings")
def test_who_was_never_booked_is_not_shown(ask):
    """A listing without a booking is not in the top three, even where a place is left."""
    world, rows = ask(hardly_booked)

    unbooked = [row for row in rows if not world.booked()[row.listing_id]]

    assert not unbooked, explain(
        did=world.told,
        saw=f"You show {world.named(unbooked[0].listing_id)} in place {unbooked[0].place}.",
        why="'Most booked' beside a house where nobody ever slept is a lie that guests see through.",
        look="The join of listing and booking: a LEFT JOIN keeps who has none, and count(*) makes 1 of that.",
    )


@pytest.mark.task("place")
@pytest.mark.parametrize("world", [tied_for_third, tied_for_second, tied_for_first])
def test_the_place_counts_who_is_ahead(ask, world):
    """Equals share a place, and the place after them is left free."""
    world, rows = ask(world)
    places = world.places()

    wrong = [row for row in rows if row.place != places.get(row.listing_id, row.place)]

    assert rows, explain(
        did=world.told,
        saw="Your answer has no row.",
        why="There are bookings, so there is a first place.",
        look="The conditions of your query, one by one.",
    )
    assert not wrong, explain(
        did=world.told,
        saw=f"{world.named(wrong[0].listing_id)} has place {spelled(wrong[0].place)} in your answer; "
        f"{places[wrong[0].listing_id] - 1} listings have more bookings, so it is place {places[wrong[0].listing_id]}.",
        why="Two hosts with equally many bookings compare their places, and one of them will ask.",
        look=f"row_number(), rank() and dense_rank() differ in nothing but this. {LESSON}.",
    )


def some(listings, world):
    """A few listings by name."""
    return ", ".join(map(world.named, listings[:2])) + (f" and {len(listings) - 2} more" if len(listings) > 2 else "")


def spelled(value):
    """A value as SQL shows it."""
    return "NULL" if value is None else str(value)


def _why_too_few(world, rows, short):
    """Say what the rows prove about how they were cut."""
    names = [world.cities[city] for city in short]
    if list(world.cities.values()).count(names[0]) > 1:
        return f"There are two cities called {names[0]}: numbered by name, they compete for the same three places."
    if len(rows) == 3:
        return "LIMIT cuts the answer as a whole: the busiest city takes all three places, and the others are empty."
    return f"Whoever looks for a stay in {names[0]} is shown too little, or nothing."


def _why_lost(listing, shown, world):
    """Say whom a lost listing is equal to."""
    booked = world.booked()
    city = world.listings[listing]
    equals = [each for each in shown if world.listings.get(each) == city and booked[each] == booked[listing]]
    if equals:
        return (
            f"It has as many bookings as listing {equals[0]}, which you do show: which of the two it is depends on "
            "the order in which the rows happen to lie, and may be the other one tomorrow."
        )
    return "Fewer than three listings of its city have more bookings."
