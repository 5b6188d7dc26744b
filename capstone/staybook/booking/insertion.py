"""How a held booking comes into the database: with its nights, its message, and the key that it was asked for under.

PostgreSQL does it by one statement, in which each part stands on the one before: the key is claimed; then the property
is locked, if its terms are those of the price still; then the booking goes in, unless its nights are taken; and only
then its nights and its message. Where a part has nothing to stand on the statement fails by the name of the reason, so
that nothing of it stays. SQLite, which changes one table by a statement, does the same step by step.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import DatabaseError, IntegrityError, connection
from psycopg.types.json import Jsonb

from staybook.booking.models import Booking, BookingNight
from staybook.booking.operations import NAME as NO_OVERLAP
from staybook.booking.operations import REFUSED
from staybook.catalog.models import Property
from staybook.common import idempotency, outbox, prepared
from staybook.common.context import request_id
from staybook.common.errors import Conflict
from staybook.common.idempotency import Claim
from staybook.common.transactions import at_once, in_transaction, insert_unless_taken

TOPIC = "booking.held"
TERMS = ("nightly", "cleaning_fee", "currency", "cancellation_policy", "sleeps", "is_listed")
"""What a price was made of, and must still be when the property is locked."""
KEY_TAKEN, LISTING_CHANGED, NIGHTS_TAKEN = "key_taken", "listing_changed", "nights_taken"


def insert(booking: Booking, key: Claim | None = None) -> None:
    """Claim ``key``, if there is one, and insert ``booking`` with its ledger and the message that it is held.

    All of it or nothing; who is inserting the same key or the same nights at this moment is waited for. Raises
    idempotency.Taken, Conflict ``listing_changed`` and ``nights_taken``, Busy ``idempotency_key_in_use`` when the key
    is waited for too long, and Busy when others were in the way twice.
    """
    if connection.vendor == "postgresql":
        by_one_statement(booking, key)
    else:
        step_by_step(booking, key)


_CLAIM = """
  INSERT INTO common_idempotencykey (user_id, key, fingerprint, status, headers, body, created_at)
  VALUES (%(user)s, %(key)s, %(fingerprint)s, %(answer_status)s, %(answer_headers)s, %(answer_body)s, %(created_at)s)
  ON CONFLICT DO NOTHING RETURNING id
"""
_NO_CLAIM = "SELECT 0 AS id"
_LOCK = "FOR NO KEY UPDATE"
"""Nobody else holds or changes the property until we are done. Not its key: bookings may refer to it meanwhile."""
_INSERT = """
WITH claim AS ({claim}), place AS (
  SELECT id FROM catalog_property
  WHERE id = %(property)s AND EXISTS (SELECT FROM claim)
    AND (nightly, cleaning_fee, currency, cancellation_policy, sleeps, is_listed)
      = (%(nightly)s, %(cleaning_fee)s, %(currency)s, %(cancellation_policy)s, %(sleeps)s, %(is_listed)s)
  {lock}
), booked AS (
  INSERT INTO booking_booking (public_id, property_id, guest_id, check_in, check_out, guests, status, hold_expires_at,
    cleaning_fee, total, currency, cancellation_policy, created_at)
  SELECT %(public_id)s, id, %(guest)s, %(check_in)s, %(check_out)s, %(guests)s, %(status)s, %(hold_expires_at)s,
    %(cleaning_fee)s, %(total)s, %(currency)s, %(cancellation_policy)s, %(created_at)s
  FROM place ON CONFLICT DO NOTHING RETURNING id
), ledger AS (
  INSERT INTO booking_bookingnight (booking_id, night, price)
  SELECT id, night, price
  FROM booked, unnest(%(nights)s::text::date[], %(prices)s::text::numeric[]) AS each (night, price)
), message AS (
  INSERT INTO common_outboxmessage (topic, payload, request_id, created_at, due_at, attempts)
  SELECT %(topic)s, jsonb_build_object('booking_id', id), %(request_id)s, %(created_at)s, %(created_at)s, 0 FROM booked
)
SELECT coalesce((SELECT id FROM booked), booking_refuse(CASE
  WHEN NOT EXISTS (SELECT FROM claim) THEN %(key_taken)s
  WHEN NOT EXISTS (SELECT FROM place) THEN %(listing_changed)s
  ELSE %(nights_taken)s
END))
"""
_REASONS = {name: name for name in (KEY_TAKEN, LISTING_CHANGED, NIGHTS_TAKEN)}


def by_one_statement(booking: Booking, key: Claim | None) -> None:
    """``insert`` on PostgreSQL."""
    sql = _INSERT.format(claim=_NO_CLAIM if key is None else _CLAIM, lock=_LOCK)
    facts = _facts_of(booking) | _REASONS | ({} if key is None else _facts_of_key(key))

    def statement() -> int:
        try:
            with prepared.cursor() as cursor:
                cursor.execute(sql, facts)
                return int(cursor.fetchone()[0])
        except DatabaseError as error:
            if told := _told_by(error):
                raise told from error
            raise

    number = at_once(statement)
    booking.pk, booking._state.adding, booking._state.db = number, False, connection.alias


def step_by_step(booking: Booking, key: Claim | None) -> None:
    """``insert`` on any database that Django speaks."""

    def steps() -> None:
        if key is not None and not idempotency.claim(key.row()):
            raise _refusal(KEY_TAKEN)
        place = Property.objects.select_for_update(no_key=True).filter(pk=booking.property_id)
        if place.values_list(*TERMS).first() != tuple(getattr(booking.property, name) for name in TERMS):
            raise _refusal(LISTING_CHANGED)
        if not _is_inserted(booking):
            raise _refusal(NIGHTS_TAKEN)
        nights = [BookingNight(booking=booking, night=each.night, price=each.price) for each in booking.ledger]
        BookingNight.objects.bulk_create(nights)
        outbox.publish(TOPIC, booking_id=booking.pk)

    in_transaction(steps, may_join=False)


def _is_inserted(booking: Booking) -> bool:
    try:
        return insert_unless_taken(booking)
    except IntegrityError as error:  # of a trigger; it ends its statement and nothing else
        if NO_OVERLAP in str(error):
            return False
        raise


def _told_by(error: DatabaseError) -> Exception | None:
    """What a failure of the statement means to who books, if it means anything."""
    cause: Any = error.__cause__
    if getattr(cause, "sqlstate", None) == REFUSED:
        return _refusal(cause.diag.message_primary)
    return idempotency.in_use(error)


def _refusal(reason: str) -> Exception:
    if reason == KEY_TAKEN:
        return idempotency.Taken()
    if reason == LISTING_CHANGED:
        return Conflict("The listing has just changed. Look at it again.", code=LISTING_CHANGED)
    return Conflict("Some of these nights are taken.", code=NIGHTS_TAKEN)


def _facts_of(booking: Booking) -> dict[str, Any]:
    facts = {name: getattr(booking.property, name) for name in TERMS}
    return facts | {
        "public_id": booking.public_id,
        "property": booking.property_id,
        "guest": booking.guest_id,
        "check_in": booking.check_in,
        "check_out": booking.check_out,
        "guests": booking.guests,
        "status": str(booking.status),
        "hold_expires_at": booking.hold_expires_at,
        "total": booking.total,
        "created_at": booking.created_at,
        "nights": _array(each.night for each in booking.ledger),
        "prices": _array(each.price for each in booking.ledger),
        "topic": TOPIC,
        "request_id": request_id.get(),
    }


def _array(values: Iterable[date | Decimal]) -> str:
    """As PostgreSQL writes an array; dates and numbers need no quotes."""
    return "{" + ",".join(map(str, values)) + "}"


def _facts_of_key(key: Claim) -> dict[str, Any]:
    asked, answer = key
    return {
        "user": asked.user_id,
        "key": asked.key,
        "fingerprint": asked.fingerprint,
        "answer_status": answer.status,
        "answer_headers": Jsonb(answer.headers),
        "answer_body": answer.body,
    }
