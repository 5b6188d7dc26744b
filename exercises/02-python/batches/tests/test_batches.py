"""Batches lose no row; pages stay in step with a table that changes."""

import pytest

from prodev.testbed import explain

LESSON = "Lesson 'Generators: work on demand'"


@pytest.fixture
def ids(rng):
    """Eleven ids from 1 on, with gaps."""
    return [1, *sorted(rng.sample(range(3, 90), 10))]


@pytest.mark.task("batches")
@pytest.mark.parametrize("more", [-1, 0, 1], ids=["one short", "full", "one over"])
def test_every_row_is_in_one_batch(candidate, rng, more):
    """Whether the rows fill the last batch or not, all of them come out, in order."""
    size = rng.randint(3, 6)
    rows = list(range(101, 101 + 2 * size + more))

    got = candidate.probe("take_batches", rows=rows, size=size)
    lost = [row for row in rows if not any(row in batch for batch in got)]

    assert got == cut(rows, size), explain(
        did=f"I handed you {len(rows)} rows, {rows[0]} to {rows[-1]}, in batches of {size}.",
        saw=f"The rows {lost} are in no batch; you yielded {got}." if lost else f"You yielded {got}.",
        why="Rows do not come in multiples of the batch: the bookings at the end of the year are somebody's money.",
        look="What your loop does with the rows that it holds when the source ends, and with a list once yielded.",
    )


@pytest.mark.task("batches")
def test_small_sources(candidate):
    """No rows make no batch, and one row makes one."""
    got = [candidate.probe("take_batches", rows=rows, size=size) for rows, size in [([], 3), ([7], 3), ([7, 8], 1)]]

    assert got == [[], [[7]], [[7], [8]]], explain(
        did="I asked for batches of no rows, then of the row 7 in threes, then of the rows 7 and 8 in ones.",
        saw=f"You yielded {got[0]}, then {got[1]}, then {got[2]}.",
        why="An empty batch is an empty file or an empty e-mail at the other end.",
        look="The condition under which you yield.",
    )


@pytest.mark.task("batches")
def test_an_empty_row_is_a_row(candidate):
    """None, 0 and empty text are rows like any other."""
    rows = [0, None, "", 4, 5]

    got = candidate.probe("take_batches", rows=rows, size=2)

    assert got == cut(rows, 2), explain(
        did=f"I handed you the rows {rows} in batches of 2.",
        saw=f"You yielded {got}.",
        why="A value that looks like nothing is not the end of the rows: everything after it would be lost.",
        look="How you notice that the source has ended. next(rows, None) cannot tell.",
    )


@pytest.mark.task("batches")
def test_a_list_can_be_batched_too(candidate):
    """A list, which has no next row of its own, is cut as well."""
    got = candidate.probe("take_batches_of_a_list", rows=[1, 2, 3], size=2)

    assert got == [[1, 2], [3]], explain(
        did="I handed you the list [1, 2, 3] in batches of 2.",
        saw=f"You yielded {got}.",
        why="A list begins anew each time it is read; only its iterator remembers the place.",
        look="iter(rows), once, before the loop.",
    )


@pytest.mark.task("batches")
@pytest.mark.parametrize("size", [0, -2])
def test_refuses_a_size_that_makes_no_batch(candidate, size):
    """A size below 1 raises ValueError."""
    seen = candidate.probe("ask_for_batches_of", size=size)

    assert seen["error"] == "ValueError", explain(
        did=f"I asked for batches of {size}, of the rows 1, 2 and 3.",
        saw=f"You raised {seen['error']}." if seen["error"] else f"You yielded {seen['batches']}, and no ValueError.",
        why="A batch size from a settings file may be 0; then a job that reads nothing looks like a job well done.",
        look="The first line of batched.",
    )


@pytest.mark.task("lazy")
def test_takes_what_it_hands_over(candidate, rng):
    """Two batches of rows that never end cost two batches of rows."""
    size = rng.randint(3, 7)
    taken = []

    def pull():
        taken.append(len(taken))
        return len(taken)

    got = candidate.probe("take_the_first", pull=pull, size=size, wanted=2)

    assert got == cut(list(range(1, 2 * size + 1)), size) and len(taken) == 2 * size, explain(
        did=f"I asked for two batches of {size} from a feed that has no end.",
        saw=f"You took {len(taken)} rows from it; {2 * size} are needed.",
        why="A feed that does not end cannot be read to the end first, and one that does may not fit into memory.",
        look=f"Anything that collects all rows: list(rows), len(rows). {LESSON}, section 'Explain'.",
    )


@pytest.mark.task("pages")
@pytest.mark.parametrize("size", [1, 4, 11, 50])
def test_pages_through_the_table(candidate, ids, size):
    """All bookings come out once, in the order of id, whatever gaps there are."""
    seen = candidate.probe("read_pages", ids=ids, size=size)

    assert seen["pages"] == cut(bookings(ids), size), explain(
        did=f"I stored the bookings {ids} and read them in pages of {size}.",
        saw=f"The pages held {ids_of(seen)}; I expected {cut(ids, size)}.",
        why="Deleted bookings leave gaps, so the next id is not the last one plus one.",
        look="The WHERE and the ORDER BY of your query.",
    )


@pytest.mark.task("pages")
def test_an_empty_table_has_no_page(candidate):
    """No bookings, no page."""
    seen = candidate.probe("read_pages", ids=[], size=3)

    assert seen["pages"] == [], explain(
        did="I paged through an empty table.",
        saw=f"You yielded the pages {seen['pages']}.",
        why="An empty page becomes an empty screen, or an empty file in the archive.",
        look="What you do with a page before you yield it.",
    )


@pytest.mark.task("pages")
def test_a_row_inserted_above_repeats_nothing(candidate, ids):
    """A booking that appears on a page already read does not push another one onto the next."""
    inserted = "INSERT INTO stored VALUES (2, 'guest 2', -2)"

    seen = candidate.probe("read_pages", ids=ids, size=3, changes=[(1, inserted)])
    got = [id for page in ids_of(seen) for id in page]
    repeated = sorted({id for id in got if got.count(id) > 1})

    assert got == ids, explain(
        did=f"I read the bookings {ids} in pages of 3; after page 1 somebody inserted booking 2.",
        saw=f"A row inserted on page 1 made you repeat {numbers(repeated)}." if repeated else f"You yielded {got}.",
        why="Each repeated row is archived, mailed or charged twice.",
        look="Page by key, not by position: what does your second query begin with?",
    )


@pytest.mark.task("pages")
def test_a_row_deleted_above_loses_nothing(candidate, ids):
    """A booking that vanishes from a page already read does not pull another one out of sight."""
    seen = candidate.probe("read_pages", ids=ids, size=3, changes=[(1, f"DELETE FROM stored WHERE id = {ids[1]}")])
    got = [id for page in ids_of(seen) for id in page]
    lost = [id for id in ids if id not in got]

    assert got == ids, explain(
        did=f"I read the bookings {ids} in pages of 3; after page 1 somebody deleted booking {ids[1]}.",
        saw=f"A row deleted on page 1 made you skip {numbers(lost)}." if lost else f"You yielded {got}.",
        why="A row that slips between two pages is missing from the archive, and nothing reports it.",
        look="Page by key, not by position: what does your second query begin with?",
    )


@pytest.mark.task("pages")
def test_a_row_inserted_below_appears(candidate, ids):
    """A booking that comes in after the last id that was read is read in its turn."""
    inserted = "INSERT INTO stored VALUES (95, 'guest 95', -95)"

    seen = candidate.probe("read_pages", ids=ids, size=3, changes=[(2, inserted)])
    got = [id for page in ids_of(seen) for id in page]

    assert got == [*ids, 95], explain(
        did=f"I read the bookings {ids} in pages of 3; after page 2 somebody inserted booking 95.",
        saw=f"You yielded {got}.",
        why="A page that was read ahead is already old when it is shown.",
        look="When your queries are sent: each page's own when that page is asked for.",
    )


@pytest.mark.task("queries")
@pytest.mark.parametrize("count", [2, 5, 8])
def test_a_short_page_is_the_last(candidate, count):
    """After a page with fewer rows than asked for there is no further query."""
    seen = candidate.probe("read_pages", ids=list(range(1, count + 1)), size=3)
    needed = -(-count // 3)

    assert len(seen["queries"]) <= needed, explain(
        did=f"I read {count} bookings in pages of 3.",
        saw=f"You sent {len(seen['queries'])} queries for {needed} pages:\n" + "\n".join(seen["queries"]),
        why="A page with fewer rows than you asked for has told you that it is the end: "
        "the query that asks again is one more for every reader of every list.",
        look="What you know after a short page, and whether you use it.",
    )


@pytest.mark.task("queries")
def test_a_page_is_asked_for_when_it_is_wanted(candidate):
    """When page n is in the caller's hands, n queries have been sent."""
    seen = candidate.probe("read_pages", ids=list(range(1, 9)), size=3)

    assert seen["asked_at"] == [1, 2, 3], explain(
        did="I read 8 bookings in pages of 3, and counted the queries that were sent when I held each page.",
        saw=f"At the pages I counted {seen['asked_at']}; I expected [1, 2, 3].",
        why="A reader looks at a page for minutes: a cursor kept open so long holds its snapshot or its lock on the "
        "server, and a page fetched ahead is old when it is seen.",
        look="Where your query stands: inside the loop that yields, one for each page.",
    )


def bookings(ids):
    return [(id, f"guest {id}") for id in ids]


def cut(rows, size):
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def ids_of(seen):
    return [[row[0] for row in page] for page in seen["pages"]]


def numbers(ids):
    return ", ".join(f"#{id}" for id in ids)
