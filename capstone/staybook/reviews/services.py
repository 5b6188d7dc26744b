"""A guest says how a stay was, once it is over; the property counts it in the same transaction."""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from staybook.accounts.models import User
from staybook.booking.models import Booking, Status
from staybook.catalog.services import announce, count_up
from staybook.common import clock, outbox
from staybook.common.errors import Conflict, Invalid, NotFound
from staybook.reviews.models import Review


@transaction.atomic
def write_review(*, guest: User, booking_id: UUID, rating: int, text: str = "") -> Review:
    """Review a stay: one review for a booking, by its guest, from the day of check-out where the property stands.

    Raises NotFound for a booking that is not the guest's; Conflict for one that was not stayed, is not over, or has
    its review; Invalid for a rating that is not 1 to 5.
    """
    if not 1 <= rating <= 5:
        raise Invalid("Some fields are not right.", fields={"rating": "1 to 5."})
    bookings = Booking.objects.select_related("property__city")
    booking = bookings.filter(public_id=booking_id, guest=guest).first()
    if booking is None:
        raise NotFound("There is no such booking of yours.")
    _check_is_over(booking)
    place = booking.property
    try:
        with transaction.atomic():
            review = Review.objects.create(booking=booking, property=place, guest=guest, rating=rating, text=text)
    except IntegrityError as error:
        raise Conflict("This stay has its review.", code="already_reviewed") from error
    count_up(place, rating_sum=F("rating_sum") + rating, rating_count=F("rating_count") + 1)
    announce(place)
    outbox.publish("review.written", review_id=review.pk)
    return review


def _check_is_over(booking: Booking) -> None:
    """A confirmed stay whose last night is over counts as completed: the beat that says so may be late."""
    if booking.status not in {Status.CONFIRMED, Status.COMPLETED}:
        raise Conflict("Only stays that took place are reviewed.", code="not_stayed")
    if clock.today_in(booking.property.city.timezone) < booking.check_out:
        raise Conflict("This stay is not over.", code="not_over")


@transaction.atomic
def remove_review(*, review: Review) -> None:
    """Take a review away, and its stars out of the property's sum."""
    place = review.property
    rating = review.rating
    if Review.objects.filter(pk=review.pk).delete()[0]:
        count_up(place, rating_sum=F("rating_sum") - rating, rating_count=F("rating_count") - 1)
        announce(place)
