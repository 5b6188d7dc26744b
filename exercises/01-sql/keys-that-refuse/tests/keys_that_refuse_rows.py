"""A small marketplace that keeps every rule, and the rows that keep or break them."""

from typing import NamedTuple

STORED = {
    "host": [{"id": 1, "name": "Hana"}, {"id": 2, "name": "Ivo"}],
    "guest": [
        {"id": 11, "name": "Ada", "email": "ada@example.org"},
        {"id": 12, "name": "Bola", "email": "Bola@Example.org"},
    ],
    "listing": [
        {"id": 21, "host_id": 1, "title": "Harbour loft", "price": "120.00", "status": "published"},
        {"id": 22, "host_id": 2, "title": "New attic", "price": "80.00", "status": "draft"},
    ],
    "photo": [
        {"id": 31, "listing_id": 21, "url": "/loft.jpg"},
        {"id": 32, "listing_id": 22, "url": "/attic.jpg"},
        {"id": 33, "listing_id": 22, "url": "/stairs.jpg"},
    ],
    "booking": [
        {"id": 41, "guest_id": 11, "listing_id": 21, "check_in": "2026-05-01", "check_out": "2026-05-05"},
        {"id": 42, "guest_id": 12, "listing_id": 21, "check_in": "2026-06-01", "check_out": "2026-06-03"},
    ],
    "review": [{"id": 51, "booking_id": 41, "rating": 4, "comment": "Quiet."}],
}
NEW = {
    "host": {"id": 7, "name": "Jun"},
    "guest": {"id": 17, "name": "Chidi", "email": "chidi@example.org"},
    "listing": {"id": 27, "host_id": 1, "title": "Garden room", "price": "95.00", "status": "published"},
    "photo": {"id": 37, "listing_id": 21, "url": "/door.jpg"},
    "booking": {"id": 47, "guest_id": 12, "listing_id": 21, "check_in": "2026-07-01", "check_out": "2026-07-04"},
    "review": {"id": 57, "booking_id": 42, "rating": 5, "comment": "Sunny."},
}
"""A row for each table that keeps every rule; the rows below change one thing in it."""


class Row(NamedTuple):
    """A row that is inserted: what is changed in that of NEW, and what is to be said about it."""

    table: str
    changed: dict
    why: str

    @property
    def values(self):
        return {**NEW[self.table], **self.changed}

    def __str__(self):
        return f"{self.table}: " + ", ".join(f"{name} {spelled(value)}" for name, value in self.values.items())


def spelled(value):
    """A value as SQL shows it."""
    return "NULL" if value is None else repr(value) if isinstance(value, str) else str(value)


NO_ID = "A row without an id cannot be named: no booking can refer to it, no page can link to it. UNIQUE lets NULL in."
TWICE = "Of two rows with one id, a reference means both: one booking, two guests."
NULL_REFERENCE = "NULL passes every foreign key: 'no row' is not a row that is missing. It needs NOT NULL as well."
DANGLING = "It names a row that does not exist. Every page that follows the reference breaks."
MISSING = "A CHECK lets unknown through, and UNIQUE does, too: only NOT NULL refuses a value that is not there."

SAME_AGAIN = [
    *(Row(table, {"id": rows[0]["id"]}, TWICE) for table, rows in STORED.items()),
    *(Row(table, {"id": None}, NO_ID) for table in STORED),
    Row(
        "guest",
        {"email": "ADA@example.org"},
        "ada@example.org and ADA@example.org are now two guests, and one mailbox: uniqueness must ignore case.",
    ),
    Row("guest", {"email": "ada@example.org"}, "One address for two guests: who of them is logged in by it?"),
    Row("review", {"booking_id": 41}, "Booking 41 has its review already: with another one, a stay votes twice."),
    Row("review", {"booking_id": 41, "rating": 4}, "Whoever presses the button twice has voted twice."),
]
POINTING_NOWHERE = [
    Row(table, {column: value}, why)
    for table, column in [
        ("listing", "host_id"),
        ("photo", "listing_id"),
        ("booking", "guest_id"),
        ("booking", "listing_id"),
        ("review", "booking_id"),
    ]
    for value, why in [(999, DANGLING), (None, NULL_REFERENCE)]
]
SENSELESS = [
    Row("review", {"rating": 6}, "One review of 6 stars lifts an average that ends at 5."),
    Row("review", {"rating": 0}, "A rating of 0 is no rating: the scale begins at 1."),
    Row("booking", {"check_out": "2026-07-01"}, "A stay without a night blocks nothing, and is invoiced all the same."),
    Row("booking", {"check_out": "2026-06-28"}, "The guest leaves before they arrive: the stay has -3 nights."),
    Row("listing", {"price": "-1.00"}, "The host would pay the guest."),
    Row("listing", {"status": "publish"}, "A search for 'published' never finds it, and nobody learns why."),
]
WITHOUT_A_VALUE = [
    Row(table, {column: None}, MISSING)
    for table, columns in {
        "host": ["name"],
        "guest": ["name", "email"],
        "listing": ["title", "price", "status"],
        "photo": ["url"],
        "booking": ["check_in", "check_out"],
        "review": ["rating"],
    }.items()
    for column in columns
]
GOOD = [
    Row("host", {"name": "Hana"}, "Two hosts may have one name: that is what ids are for."),
    Row("guest", {"name": "Ada"}, "Two guests may have one name."),
    Row("guest", {"email": "CHIDI@Example.org"}, "Guests may type capitals; only the comparison ignores them."),
    Row("listing", {"title": "Harbour loft"}, "A host may have two houses of one title."),
    Row("listing", {"price": "0.00", "status": "draft"}, "A host may take nothing for a house."),
    Row("photo", {"url": "/loft.jpg"}, "Nothing forbids to show a picture twice."),
    Row("booking", {"guest_id": 11, "check_in": "2026-05-05", "check_out": "2026-05-06"}, "Ada stays one night more."),
    Row(
        "booking",
        {"check_in": "2019-12-30", "check_out": "2020-01-02"},
        "Past stays are in the table, too: the day on which a backup is restored, all of them are inserted again.",
    ),
    Row("review", {"rating": 1, "comment": None}, "A guest may rate without a word."),
    Row("review", {"rating": 5}, "Five stars are on the scale."),
]
