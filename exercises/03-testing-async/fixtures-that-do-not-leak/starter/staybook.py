"""Prices, bookings, error pages and exports of a small shop."""

import csv
import os
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS booking (number INTEGER PRIMARY KEY, guest TEXT NOT NULL, nights INTEGER NOT NULL)
"""


def quote(rates: Mapping[str, Mapping[str, int]], listing: str, *, weekday: int = 0, weekend: int = 0) -> int:
    """Price so many nights of the listing. Raises KeyError if it has no rates."""
    rate = rates[listing]
    return weekday * rate["weekday"] + weekend * rate["weekend"]


def connect(path: str | Path) -> sqlite3.Connection:
    """Open the database at this path (":memory:" for none), and make its table if it is new."""
    db = sqlite3.connect(path)
    db.execute(SCHEMA)
    return db


def book(db: sqlite3.Connection, guest: str, nights: int) -> int:
    """Keep a booking, for good, and return its number."""
    with db, closing(db.execute("INSERT INTO booking (guest, nights) VALUES (?, ?)", (guest, nights))) as cursor:
        return cursor.lastrowid or 0


def cancel(db: sqlite3.Connection, number: int) -> None:
    """Remove a booking, for good."""
    with db:
        db.execute("DELETE FROM booking WHERE number = ?", (number,))


def bookings(db: sqlite3.Connection) -> list[tuple[int, str, int]]:
    """Return number, guest and nights of every booking."""
    return db.execute("SELECT number, guest, nights FROM booking ORDER BY number").fetchall()


def error_page(error: Exception) -> str:
    """Tell developers what went wrong (DEBUG=1), and guests that something did."""
    if os.environ.get("DEBUG") == "1":
        return f"{type(error).__name__}: {error}"
    return "Sorry, something went wrong."


def export(rows: Iterable[Iterable[object]], folder: Path) -> Path:
    """Write the rows to the next free file in the folder: bookings-1.csv, bookings-2.csv…"""
    path = folder / f"bookings-{len(list(folder.iterdir())) + 1}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path
