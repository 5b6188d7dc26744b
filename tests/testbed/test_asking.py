"""A candidate's SELECT, asked once in each world."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from prodev.testbed import Asking, Database, SqlRefused


class Row(NamedTuple):
    guest: str
    nights: int


def a_few(rng: random.Random) -> dict[str, int]:
    return {"Ada": rng.randint(1, 9), "Bola": rng.randint(1, 9), "Chidi": rng.randint(1, 9)}


def tables_of(world: dict[str, int]) -> dict[str, list[dict[str, Any]]]:
    ids = {name: id for id, name in enumerate(world, start=1)}
    return {
        "guest": [{"id": id, "name": name} for name, id in ids.items()],
        "booking": [{"guest_id": ids[name], "nights": nights} for name, nights in world.items()],
    }


def draw(name: str) -> random.Random:
    return random.Random(f"7:{name}")


SELECT = "SELECT name AS guest, nights FROM guest JOIN booking ON guest_id = guest.id WHERE nights >= :least"


@pytest.fixture
def asking(database: Database) -> Asking:
    return Asking(database, draw, Row, tables=tables_of, parameters=lambda world: {"least": min(world.values())})


def test_the_rows_are_named_whatever_their_order(asking: Asking) -> None:
    world, rows = asking.ask(a_few, SELECT.replace("name AS guest, nights", "nights, name AS guest"))

    assert {row.guest: row.nights for row in rows} == world == a_few(draw("a_few"))


def test_rows_are_stored_in_no_order(asking: Asking) -> None:
    made = Asking(asking._database, draw, Row, tables=lambda _: tables_of({f"Guest {n}": n for n in range(1, 60)}))

    _, rows = made.ask(a_few, "SELECT name AS guest, nights FROM booking JOIN guest ON guest.id = guest_id")

    assert sorted(row.nights for row in rows) == list(range(1, 60))
    assert [row.nights for row in rows] != list(range(1, 60))


def test_a_world_is_made_and_asked_once(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    run = asking._database.run
    monkeypatch.setattr(asking._database, "run", lambda sql, **given: asked.append(sql) or run(sql, **given))

    first = asking.ask(a_few, SELECT)
    again = asking.ask(a_few, SELECT)
    asking.ask(a_few, SELECT + " ORDER BY name")

    assert again is first
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("SELECT name, nights FROM guest JOIN booking ON guest_id = guest.id", "They are name, nights;"),
        ("SELECT 'Ada' AS guest", "They are guest;"),
        ("SELECT 'Ada' AS guest WHERE false", "They are guest;"),
        ("CREATE TABLE other ()", "They are none;"),
    ],
)
def test_other_names_are_told_in_the_words_of_the_learner(asking: Asking, text: str, seen: str) -> None:
    with pytest.raises(AssertionError, match=r"I ran mine.sql .*\n?.*I expected guest, nights") as told:
        asking.ask(a_few, text, named="mine.sql")

    assert seen in str(told.value)


def test_what_is_refused_is_refused_again(asking: Asking) -> None:
    for _ in range(2):
        with pytest.raises(SqlRefused, match="no_such"):
            asking.ask(a_few, "SELECT no_such FROM guest")


def test_a_world_that_no_row_answers_has_no_rows(asking: Asking) -> None:
    ask: Callable[..., Any] = asking.ask

    assert ask(a_few, SELECT + " AND false")[1] == []
