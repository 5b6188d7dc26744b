"""Plain data crosses the line unchanged; nothing else crosses it at all."""

import datetime as dt
import enum
import socket
import time
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

import pytest

from prodev.grading.wire import (
    Deadline,
    Opaque,
    Raised,
    Record,
    WireClosed,
    WireTimeout,
    WireTooLong,
    decode,
    encode,
    receive,
    send,
)

PLAIN = [
    None,
    True,
    0,
    -(2**80),
    1.5,
    float("inf"),
    "Zoë\ud800",
    b"\x00\xff",
    Decimal("120.50"),
    dt.date(2026, 5, 1),
    dt.datetime(2026, 5, 1, 14, 30, tzinfo=dt.UTC),
    dt.time(14, 30),
    dt.timedelta(days=2, microseconds=5),
    [1, [2, "three"]],
    (1, (2,)),
    {1, 2},
    frozenset({"a"}),
    {"a": 1, "b": {"c": None}},
    {1: "one", (2, 3): "pair"},
    {"$": "not a tag"},
    Raised("ValueError", "bad card", "pay.py line 3", ("Exception",), Raised("KeyError", "x")),
    Opaque("generator", "<generator>"),
]


def across(value):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        send(ours, encode(value))
        return decode(receive(theirs, deadline=Deadline(time.monotonic() + 5)))


@pytest.mark.parametrize("value", PLAIN, ids=repr)
def test_plain_data_arrives_as_it_left(value):
    arrived = across(value)

    assert arrived == value
    assert type(arrived) is type(value)


def test_dataclasses_and_named_tuples_arrive_as_their_fields():
    @dataclass
    class Stay:
        nights: int

    class Guest(NamedTuple):
        name: str

    stay, guest = across([Stay(3), Guest("Ada")])

    assert (stay, stay.type, stay.nights) == ({"nights": 3}, "Stay", 3)
    assert isinstance(guest, Record)
    assert guest.name == "Ada"


def test_a_dressed_up_int_arrives_undressed():
    class Status(enum.IntEnum):
        PAID = 2

    class Liar(int):
        def __eq__(self, other):
            return True

        __hash__ = int.__hash__

    arrived = across([Status.PAID, Liar(7)])

    assert arrived == [2, 7]
    assert [type(item) for item in arrived] == [int, int]


def test_what_is_not_plain_arrives_as_its_type_and_text():
    assert across(object()).type == "object"
    assert across(iter([])).type == "list_iterator"


def test_a_structure_without_end_is_cut():
    endless: list = []
    endless.append(endless)

    assert "nested too deeply" in str(across(endless))


def test_silence_ends_at_the_deadline():
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(WireTimeout):
        receive(ours, deadline=Deadline(time.monotonic() + 0.01))


def test_a_deadline_that_is_put_off_loses_nothing_of_a_frame_half_read():
    ours, theirs = socket.socketpair()
    frame = b'\x00\x00\x00\x07"whole"'
    with ours, theirs:
        ours.sendall(frame[:6])

        def later():
            ours.sendall(frame[6:])
            return time.monotonic() + 5

        assert receive(theirs, deadline=Deadline(time.monotonic() + 0.01, later)) == "whole"


def test_a_closed_line_is_noticed():
    ours, theirs = socket.socketpair()
    theirs.close()

    with ours, pytest.raises(WireClosed):
        receive(ours, deadline=Deadline(time.monotonic() + 5))


def test_a_frame_over_the_limit_is_refused_before_it_is_read():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        send(ours, "x" * 1000)

        with pytest.raises(WireTooLong, match="1,002 bytes"):
            receive(theirs, deadline=Deadline(time.monotonic() + 5), limit=100)


@pytest.mark.parametrize("tag", [{"$": "lambda", "v": 1}, {"$": "__import__"}])
def test_an_unknown_tag_is_refused(tag):
    with pytest.raises(ValueError, match="unknown kind"):
        decode(tag)
