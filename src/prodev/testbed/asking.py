"""Ask a candidate's SELECT in worlds: each of them stored and asked once, however many tests look at the rows."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from prodev.testbed.answer import Result
from prodev.testbed.explain import explain

Tables = Mapping[str, Sequence[Mapping[str, object]]]


class Asked(Protocol):
    """A database that can be filled and asked: ``Database``, or ``MySqlDatabase``."""

    def load(self, tables: Tables, /) -> None:
        """Replace the content of these tables."""

    def run(self, sql: str, /) -> Result:
        """Run the candidate's SQL; parameters come by name."""


class Asking:
    """What one candidate's queries answer in each world, as rows of ``row``, a NamedTuple.

    A world is made by a function of a ``random.Random``. ``tables`` says what it stores (referenced tables first;
    the rows of each are stored in no order), ``parameters`` what stands for the names in the query.

        asking = Asking(database, draw, Row, tables=tables_of, parameters=lambda world: {"today": world.today})
        world, rows = asking.ask(a_busy_coast, candidate.text("query.sql"))
    """

    def __init__(
        self,
        database: Asked,
        draw: Callable[[str], random.Random],
        row: type[Any],
        *,
        tables: Callable[[Any], Tables],
        parameters: Callable[[Any], Mapping[str, object]] = lambda _: {},
    ) -> None:
        self._database = database
        self._draw = draw
        self._row = row
        self._tables = tables
        self._parameters = parameters
        self._known: dict[tuple[object, str], tuple[Any, list[Any]]] = {}

    def ask(
        self, make_world: Callable[[random.Random], Any], text: str, *, named: str = "query.sql"
    ) -> tuple[Any, list[Any]]:
        """Return the world and the rows that ``text`` answers in it; messages call the query ``named``.

        Raises ``SqlRefused``, and ``AssertionError`` with a message for the learner where columns have other names.
        """
        if (make_world, text) not in self._known:
            world = make_world(self._draw(make_world.__name__))
            self._known[make_world, text] = world, self._rows(world, text, named)
        return self._known[make_world, text]

    def _rows(self, world: Any, text: str, named: str) -> list[Any]:
        shuffled = self._draw("order").sample
        self._database.load({name: shuffled(rows, len(rows)) for name, rows in self._tables(world).items()})
        answer = self._database.run(text, **self._parameters(world))
        wanted = self._row._fields
        assert sorted(answer.columns) == sorted(wanted), explain(
            did=f"I ran {named} and looked at the names of its columns.",
            saw=f"They are {', '.join(answer.columns) or 'none'}; I expected {', '.join(wanted)}.",
            why="Whoever reads the answer finds each value by the name of its column.",
            look="The list after SELECT: `expression AS name` gives a column its name.",
        )
        return [self._row(**dict(zip(answer.columns, row, strict=True))) for row in answer.rows]
