"""What changes bookings. Each function is one transaction, or joins its caller's.

Locks are taken in one order: the property, then its bookings. Who only moves one booking locks that alone.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError, transaction

from staybook.accounts.models import User
from staybook.booking import policies, queries, states
from staybook.booking.insertion import NIGHTS_TAKEN, insert
from staybook.booking.models import LONGEST_STAY, Booking, Night, Status
from staybook.booking.operations import NAME as NO_OVERLAP
from staybook.catalog import freshness
from staybook.catalog.models import Property
from staybook.common import clock, outbox
from staybook.common.compiled import ByPublicId
from staybook.common.errors import Busy, Conflict, Forbidden, Invalid, NotFound
from staybook.common.idempotency import Claim
from staybook.common.money import Money
from staybook.common.transactions import in_transaction
from staybook.config.env import env

_listed = ByPublicId(lambda: Property.objects.select_related("city").filter(is_listed=True))
_MOST = Decimal("9999999999.99")
_BATCH = 500


def hold(*, guest: User, property_id: UUID, check_in: date, check_out: date, guests: int) -> Booking:
    """Hold a property's nights for ``guest``, for HOLD_MINUTES. Raises what ``offer`` and ``take`` raise."""
    return take(offer(guest=guest, property_id=property_id, check_in=check_in, check_out=check_out, guests=guests))


def offer(*, guest: User, property_id: UUID, check_in: date, check_out: date, guests: int) -> Booking:
    """The booking that ``take`` would make, at the price of now: everything that can be known without a lock.

    Raises Invalid for dates and guests that cannot be, NotFound for no such listing, Forbidden for one's own.
    """
    place = _listed(property_id)
    if place is None:
        raise NotFound("There is no such listing.")
    _check(guest=guest, place=place, check_in=check_in, check_out=check_out, guests=guests)
    return _priced(guest=guest, place=place, check_in=check_in, check_out=check_out, guests=guests)


def take(booking: Booking, *, key: Claim | None = None) -> Booking:
    """Hold what was offered, together with the claim of ``key``, which has the answer already: all of it or nothing.

    The database is asked whether the nights are free, by inserting. Raises Conflict ``nights_taken`` and
    ``listing_changed``, idempotency.Taken, and Busy when others were in the way twice.
    """
    try:
        insert(booking, key)
    except Conflict as conflict:
        if conflict.code != NIGHTS_TAKEN or not expire_overdue(property_id=booking.property_id):
            raise
        insert(booking, key)
    freshness.availability_changed(booking.property.public_id, booking.property.city.slug)
    return booking


def confirm(*, booking_id: int) -> bool:
    """Make a booking that was paid for certain; say whether it is, now or already.

    One whose hold has expired gets its nights back if they are free still. False is final: the money goes back.
    Raises Busy when others were in the way twice.
    """

    def work() -> bool:
        mine = Booking.objects.filter(pk=booking_id)
        if states.move(mine.filter(status=Status.HELD), Status.CONFIRMED) or _take_back(booking_id):
            outbox.publish("booking.confirmed", booking_id=booking_id)
            return True
        return mine.filter(status__in=(Status.CONFIRMED, Status.COMPLETED)).exists()

    return in_transaction(work)


def cancel(*, actor: User, booking_id: UUID) -> Booking:
    """End a booking before its time, as its guest, its host or staff; a second time changes nothing.

    A confirmed one is refunded: by its policy when the guest cancels, whole when anybody else does.
    Raises NotFound for a booking that is none of the actor's business, Conflict ``booking_over`` when there is nothing
    left to end, Busy when it changed again and again meanwhile.
    """

    def work() -> Booking:
        for _ in range(3):
            booking = queries.one(user=actor, booking_id=booking_id)
            if booking.status == Status.CANCELLED:
                return booking
            today = clock.today_in(booking.property.city.timezone)
            if booking.status not in states.FROM[Status.CANCELLED] or booking.check_out <= today:
                raise Conflict("This booking is over.", code="booking_over")
            now = clock.now()
            refund = _refund(booking, actor)
            as_read = Booking.objects.filter(pk=booking.pk, status=booking.status)
            if states.move(as_read, Status.CANCELLED, cancelled_at=now):
                outbox.publish("booking.cancelled", booking_id=booking.pk, refund=str(refund.amount))
                freshness.availability_changed(booking.property.public_id, booking.property.city.slug)
                booking.status, booking.hold_expires_at, booking.cancelled_at = Status.CANCELLED, None, now
                return booking
        raise Busy("This booking is being changed. Try again.")

    return in_transaction(work)


def expire_overdue(*, property_id: int | None = None) -> int:
    """End holds whose time is over, of one property or of all, at most 500; return how many.

    One that somebody else is moving at this moment is left to them.
    """

    def work() -> int:
        overdue = Booking.objects.filter(status=Status.HELD, hold_expires_at__lte=clock.now())
        if property_id is not None:
            overdue = overdue.filter(property_id=property_id)
        locked = overdue.order_by("pk").select_for_update(skip_locked=True, no_key=True)
        ids = list(locked.values_list("pk", flat=True)[:_BATCH])
        if ids:
            states.move(Booking.objects.filter(pk__in=ids), Status.EXPIRED)
            outbox.publish_each("booking.expired", ({"booking_id": pk} for pk in ids))
        return len(ids)

    return in_transaction(work)


def complete_past() -> int:
    """Complete the stays whose last morning has come, each by the calendar where it was; return how many."""
    done = 0
    for zone in Property.objects.values_list("city__timezone", flat=True).distinct():
        past = Booking.objects.filter(property__city__timezone=zone, check_out__lte=clock.today_in(zone))
        done += states.move(past, Status.COMPLETED)
    return done


def _check(*, guest: User, place: Property, check_in: date, check_out: date, guests: int) -> None:
    if place.host_id == guest.pk:
        raise Forbidden("This listing is your own.", code="own_property")
    wrong: dict[str, str] = {}
    if check_in < clock.today_in(place.city.timezone):
        wrong["check_in"] = f"The day is over in {place.city.name}."
    if not 1 <= (check_out - check_in).days <= LONGEST_STAY:
        wrong["check_out"] = f"A stay has 1 to {LONGEST_STAY} nights."
    if not 1 <= guests <= place.sleeps:
        wrong["guests"] = f"1 to {place.sleeps} can sleep here."
    if not wrong and place.nightly * (check_out - check_in).days + place.cleaning_fee > _MOST:
        wrong["check_out"] = "This stay costs more than we can book."
    if wrong:
        raise Invalid("Some fields are not right.", fields=wrong)


def _priced(*, guest: User, place: Property, check_in: date, check_out: date, guests: int) -> Booking:
    nights = [check_in + timedelta(days=number) for number in range((check_out - check_in).days)]
    booking = Booking(
        guest=guest,
        property=place,
        check_in=check_in,
        check_out=check_out,
        guests=guests,
        hold_expires_at=clock.now() + timedelta(minutes=env.hold_minutes),
        cleaning_fee=place.cleaning_fee,
        total=place.nightly * len(nights) + place.cleaning_fee,
        currency=place.currency,
        cancellation_policy=place.cancellation_policy,
    )
    booking.ledger = [Night(night, place.nightly) for night in nights]
    return booking


def _take_back(booking_id: int) -> bool:
    """Confirm an expired booking, if its nights are free still."""
    expired = Booking.objects.filter(pk=booking_id, status=Status.EXPIRED)
    found = expired.values_list("property_id", "property__public_id", "property__city__slug").first()
    if found is None:
        return False
    property_id, public_id, city = found
    Property.objects.select_for_update(no_key=True).filter(pk=property_id).values_list("pk").first()
    expire_overdue(property_id=property_id)
    try:
        with transaction.atomic():
            is_ours = bool(states.move(expired, Status.CONFIRMED))
    except IntegrityError as error:
        if NO_OVERLAP in str(error):
            return False
        raise
    if is_ours:
        freshness.availability_changed(public_id, city)
    return is_ours


def _refund(booking: Booking, actor: User) -> Money:
    if booking.status == Status.HELD:
        return Money(Decimal(0), booking.currency)
    if actor.pk == booking.guest_id:
        return policies.refund_for(booking, clock.now())
    return Money(booking.total, booking.currency)
