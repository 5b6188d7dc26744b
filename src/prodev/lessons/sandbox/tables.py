"""Small tables and rounded figures, as a lesson shows them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from html import escape
from typing import Any

_SHOWN_ROWS = 12


class Table(Sequence[tuple[Any, ...]]):
    """A few rows that show themselves, as a table in HTML and as aligned text."""

    def __init__(self, rows: Iterable[Sequence[Any]], columns: Sequence[str]) -> None:
        self.rows = [tuple(row) for row in rows]
        self.columns = tuple(columns)

    def __getitem__(self, index: Any) -> Any:
        return self.rows[index]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def value(self) -> Any:
        """Return the one value of a table that has one row and one column."""
        ((value,),) = self.rows
        return value

    def column(self, name: str) -> list[Any]:
        """Return one column's values, from the first row to the last."""
        at = self.columns.index(name)
        return [row[at] for row in self.rows]

    def _cells(self) -> list[list[str]]:
        names = [name == "id" or name.endswith("_id") for name in self.columns]
        return [
            [str(value) if is_name else _spelled(value) for value, is_name in zip(row, names, strict=True)]
            for row in self.rows[:_SHOWN_ROWS]
        ]

    def _is_number(self, at: int) -> bool:
        return any(isinstance(row[at], int | float | Decimal) for row in self.rows)

    def _left_out(self) -> str:
        rest = len(self.rows) - _SHOWN_ROWS
        return f"… and {rest:,} more rows" if rest > 0 else ""

    def __repr__(self) -> str:
        cells = [list(self.columns), *self._cells()]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        cells.insert(1, ["-" * width for width in widths])
        right = [self._is_number(at) for at in range(len(widths))]
        lines = (
            "  ".join(
                text.rjust(width) if to_the_right else text.ljust(width)
                for text, width, to_the_right in zip(row, widths, right, strict=True)
            ).rstrip()
            for row in cells
        )
        return "\n".join([*lines, *filter(None, [self._left_out()])])

    def _repr_html_(self) -> str:
        aligned = [' style="text-align: right"' if self._is_number(at) else "" for at in range(len(self.columns))]
        head = "".join(f"<th{how}>{escape(name)}</th>" for name, how in zip(self.columns, aligned, strict=True))
        body = [
            "<tr>" + "".join(f"<td{how}>{escape(text)}</td>" for text, how in zip(row, aligned, strict=True)) + "</tr>"
            for row in self._cells()
        ]
        if rest := self._left_out():
            body.append(f'<tr><td colspan="{len(self.columns)}">{rest}</td></tr>')
        return "\n".join(["<table>", f"<thead><tr>{head}</tr></thead>", "<tbody>", *body, "</tbody>", "</table>"])


def table(rows: Iterable[Sequence[Any]], columns: Sequence[str]) -> Table:
    """Show ``rows`` under the names of ``columns``."""
    return Table(rows, columns)


def _spelled(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int | Decimal) else str(value)


def about(count: float, unit: str = "") -> str:
    """Spell a figure that may differ between machines: two digits, with the word that says so.

    ``unit="B"`` turns bytes into kB or MB.
    """
    if unit == "B":
        size, unit = next(((size, name) for size, name in ((1e6, "MB"), (1e3, "kB")) if count >= size), (1, "bytes"))
        count /= size
    rounded = float(f"{count:.1e}")
    return f"about {rounded:,.{0 if rounded >= 10 or rounded == int(rounded) else 1}f} {unit}".rstrip()
