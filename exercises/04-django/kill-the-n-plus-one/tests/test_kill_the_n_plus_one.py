"""The catalogue costs the same few statements for five listings and for fifty, and fetches what it shows."""

import json
import re
from datetime import date, timedelta
from decimal import Decimal

import pytest

from prodev.testbed import explain

LESSON = "Lesson 'The ORM's query bill'"
MOST_COLUMNS = 12
FIRST_DAY = date(2026, 1, 5)
AMENITIES = ("balcony", "crib", "garden", "pool", "sauna", "sea view", "wifi", "café next door")


def marketplace(rng, listings, reviews=4, amenities=4):
    """Tables with so many listings: the first has so many published reviews and amenities, the second has none.

    The others have up to four reviews. The first has twice as many hidden ones, any other has two.
    """
    hosts = [person(rng, n, about="") for n in range(1, max(2, listings // 2) + 1)]
    guests = [person(rng, n, address="1 Quay Street") for n in range(1, 2 * listings + 1)]
    known = [{"id": n, "name": name, "icon": "dot"} for n, name in enumerate(AMENITIES, start=1)]
    rows = [listing(rng, n, rng.choice(hosts)["id"]) for n in range(1, listings + 1)]
    links, written = [], []
    for row in rows:
        has = rng.sample(known, {1: amenities, 2: 0}.get(row["id"], rng.randint(0, amenities)))
        links += [{"listing_id": row["id"], "amenity_id": amenity["id"]} for amenity in has]
        shown = {1: reviews, 2: 0}.get(row["id"], rng.randint(0, 4))
        hidden = 2 * reviews if row["id"] == 1 else 2
        written += [review(rng, row["id"], rng.choice(guests)["id"], n < shown) for n in range(shown + hidden)]
    rng.shuffle(written)
    return {
        "stays_host": hosts,
        "stays_guest": guests,
        "stays_amenity": rng.sample(known, len(known)),
        "stays_listing": rows[::-1],
        "stays_listing_amenities": links,
        "stays_review": [row | {"id": n} for n, row in enumerate(written, start=1)],
    }


def person(rng, n, **more):
    name = f"{rng.choice(['Ada', 'Bo', 'Cleo', 'Dag', 'Eve'])} {rng.choice(['Ito', 'Kim', 'Núñez', 'Oyelaran'])} {n}"
    return {"id": n, "name": name, "email": f"{n}@example.com", "phone": "", "joined_on": FIRST_DAY, **more}


def listing(rng, n, host):
    city, country, currency = rng.choice([("Lisbon", "PT", "EUR"), ("Nairobi", "KE", "KES"), ("Oslo", "NO", "NOK")])
    shown = {"id": n, "host_id": host, "title": f"{rng.choice(['Loft', 'Villa', 'Cabin'])} {n}", "city": city}
    price = {"nightly": Decimal(rng.randint(4_000, 90_000)).scaleb(-2), "currency": currency}
    rooms = {"sleeps": 4, "bedrooms": 2, "bathrooms": 1, "check_in_from": "15:00"}
    words = dict.fromkeys(("description", "house_rules", "directions"), "Left at the mill, then uphill. " * 8)
    return {**shown, **price, **rooms, **words, "country": country, "listed_on": FIRST_DAY}


def review(rng, listing, guest, published):
    day = FIRST_DAY + timedelta(days=rng.randint(0, 9))
    text = rng.choice(["Quiet.", "Would come again.", "Cold shower.", "The café is loud."])
    whose = {"listing_id": listing, "guest_id": guest, "is_published": published, "written_on": day}
    return {**whose, "rating": rng.randint(1, 5), "text": text, "reply": ""}


def expected(tables):
    """The bytes that the starter answers."""
    names = {
        table: {row["id"]: row["name"] for row in tables[f"stays_{table}"]} for table in ("host", "guest", "amenity")
    }
    shown = []
    for row in sorted(tables["stays_listing"], key=lambda row: row["id"]):
        has = [link["amenity_id"] for link in tables["stays_listing_amenities"] if link["listing_id"] == row["id"]]
        reviews = [review for review in published(tables) if review["listing_id"] == row["id"]]
        reviews.sort(key=lambda review: (-review["written_on"].toordinal(), review["id"]))
        shown.append({
            **{key: str(row[key]) if key == "nightly" else row[key] for key in ("id", "title", "city", "nightly")},
            "currency": row["currency"],
            "host": names["host"][row["host_id"]],
            "amenities": sorted(names["amenity"][amenity] for amenity in has),
            "reviews": [
                {"guest": names["guest"][review["guest_id"]], "rating": review["rating"], "text": review["text"]}
                for review in reviews
            ],
        })  # fmt: skip
    return json.dumps({"listings": shown})


def published(tables):
    return [review for review in tables["stays_review"] if review["is_published"]]


def catalogue(candidate, database, tables):
    """What GET /listings/ answers when the database holds ``tables``, and the statements that it took."""
    database.load(tables)
    with database.statements() as log:
        answer = candidate.http.get("/listings/")

    assert answer.status == 200, explain(
        did=f"I stored {len(tables['stays_listing'])} listings and asked for GET /listings/.",
        saw=f"You answered {answer.status}{f': {answer.raised}' if answer.raised else ''}.",
        why="A catalogue that does not open sells nothing.",
        look="The line that is named above. select_related follows one row to one row; "
        "prefetch_related follows one row to many.",
    )
    return answer, log


@pytest.fixture(scope="module")
def seen():
    """What came of asking for five listings, once, for every test that looks at it."""
    return {}


@pytest.fixture
def five(candidate, database, draw, seen):
    """The tables that held five listings, what GET /listings/ answered, and the statements that it took."""
    if "five" not in seen:
        tables = marketplace(draw("five"), listings=5, reviews=24, amenities=8)
        seen["five"] = (tables, *catalogue(candidate, database, tables))
    return seen["five"]


@pytest.mark.task("answers")
def test_the_answer_is_the_same_as_before(five):
    """The JSON is the same, byte for byte, as before your change."""
    tables, answer, _ = five

    assert answer.text == expected(tables), explain(
        did="I stored 5 listings and asked for GET /listings/.",
        saw=f"The answer is not what it was before your change: {difference(answer.text, expected(tables))}.",
        why="Phones that you cannot update read this JSON; a faster answer that is another one is a bug.",
        look="Order and filter of what you fetch: listings by id, amenities by name, reviews newest first "
        "(then by id), published ones only, and listings without any.",
    )


@pytest.mark.task("answers")
def test_the_answer_follows_the_data(candidate, database, rng):
    """A second request sees what changed since the first."""
    catalogue(candidate, database, marketplace(rng, listings=2))
    tables = marketplace(rng, listings=3)

    answer, _ = catalogue(candidate, database, tables)

    assert answer.text == expected(tables), explain(
        did="I asked for GET /listings/ with 2 listings in the table, stored 3 others, and asked again.",
        saw=f"The second answer is wrong: {difference(answer.text, expected(tables))}.",
        why="A catalogue from this morning offers what was sold at noon.",
        look="Anything that outlives a request: a cache, a global, a queryset that was evaluated at import.",
    )


@pytest.mark.task("answers")
def test_an_empty_catalogue(candidate, database, rng):
    """Without listings, the list is empty."""
    tables = marketplace(rng, listings=1) | {"stays_listing": [], "stays_listing_amenities": [], "stays_review": []}

    answer, _ = catalogue(candidate, database, tables)

    assert answer.text == '{"listings": []}', explain(
        did="I emptied the tables and asked for GET /listings/.",
        saw=f"You answered {answer.text[:80]!r}; before your change it was '{{\"listings\": []}}'.",
        why="A new market begins without a listing.",
        look="What your code makes of no rows: an aggregate of nothing is NULL.",
    )


@pytest.mark.task("constant")
def test_fifty_listings_cost_what_five_cost(candidate, five, database, rng):
    """The number of statements does not grow with the number of listings."""
    _, _, small = five
    candidate.fresh()
    _, large = catalogue(candidate, database, marketplace(rng, listings=50))

    assert large.count == small.count, explain(
        did="I asked for GET /listings/ with 5 listings in the table, then with 50, and counted on the wire.",
        saw=f"You sent {queries(small)} for 5 listings and {queries(large)} for 50. {loudest(large)}",
        why="Each query is a trip to the database: at 1 ms a trip, 50 listings are slow, and 500 are an outage.",
        look=f"The line that sends it: an attribute that follows a relation, a field that was not fetched, or a "
        f"filter() or order_by() on what is prefetched. {LESSON}.",
    )


@pytest.mark.task("frugal")
def test_few_columns(five):
    """No statement returns more than a dozen columns."""
    _, _, log = five
    widest = max(log, key=lambda statement: statement.columns)

    assert widest.columns <= MOST_COLUMNS, explain(
        did="I asked for GET /listings/ with 5 listings in the table and counted the columns that came back.",
        saw=f"One query returned {widest.columns} columns, {MOST_COLUMNS} are the limit: {short(widest.text, 220)}",
        why="Descriptions, rules and directions are most of a listing's bytes, and the catalogue shows none of them.",
        look="only(…) on each queryset names what is shown, also across a relation: only('rating', 'guest__name').",
    )


@pytest.mark.task("frugal")
def test_few_rows(five):
    """No row is fetched that the answer does not show."""
    tables, _, log = five
    # A listing comes with its host, and a review with its guest, in the same row or in another.
    shown = 2 * len(tables["stays_listing"]) + 2 * len(published(tables)) + len(tables["stays_listing_amenities"])

    assert sum(log.rows) <= shown, explain(
        did=f"I stored 5 listings with {len(published(tables))} published reviews "
        f"and {len(tables['stays_review']) - len(published(tables))} hidden ones, and counted the rows that came back.",
        saw=f"Your queries returned {sum(log.rows)} rows; the answer is made of {shown} at most. "
        f"The largest share, {max(log.rows)} rows, came from: {short(max(log, key=lambda sent: sent.rows).text, 220)}",
        why="A row that you throw away was read, sent and made into an object first.",
        look="Where hidden reviews are left out: in the database (filter in the queryset of a Prefetch), "
        "or in Python, afterwards? And a join of two lists multiplies them.",
    )


def queries(log):
    return "1 query" if log.count == 1 else f"{log.count} queries"


def loudest(log):
    """The statements that went out most often, without their values."""
    often = [f"{times} times: {short(text, 160)}" for text, times in log.repeated()[:2]]
    return f"Sent again and again, {'; and '.join(often)}" if often else ""


def short(text, most):
    """The statement without its list of columns."""
    flat = " ".join(re.sub(r"(?is)^select\s.*?\sfrom\s", "SELECT … FROM ", text, count=1).split())
    return flat if len(flat) <= most else f"{flat[:most]}…"


def difference(got, wanted):
    """Where two texts part, with what stands there in each."""
    at = next((n for n, (a, b) in enumerate(zip(got, wanted, strict=False)) if a != b), min(len(got), len(wanted)))
    start = max(0, at - 25)
    return f"at character {at} it says …{got[start : at + 30]}… where it said …{wanted[start : at + 30]}…"
