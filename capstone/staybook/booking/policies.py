"""What a guest gets back who cancels a confirmed booking.

======== ====================== =====================
policy   all of the nights      half of the nights
======== ====================== =====================
flexible 1 day before or sooner on the day of arrival
moderate 5 days or sooner       1 to 4 days before
strict   14 days or sooner      7 to 13 days before
======== ====================== =====================

Days are counted to ``check_in`` on the calendar where the property stands. Later than the table says, nothing of the
nights comes back. The cleaning fee comes back until the day of arrival, whatever the policy; after it, nothing does.
Each night is rounded by itself, half up, from the price in the ledger. When the host or staff cancel, the guest gets
everything back (``services.cancel``).
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from staybook.booking.models import Booking
from staybook.catalog.models import CancellationPolicy
from staybook.common.money import Money

_ALL, _HALF, _NOTHING = Decimal(1), Decimal("0.5"), Decimal(0)
SHARES: dict[str, tuple[tuple[int, Decimal], ...]] = {
    CancellationPolicy.FLEXIBLE: ((1, _ALL), (0, _HALF)),
    CancellationPolicy.MODERATE: ((5, _ALL), (1, _HALF)),
    CancellationPolicy.STRICT: ((14, _ALL), (7, _HALF)),
}
"""By policy: from so many days before arrival on, such a share of each night; the first that fits."""


def refund_for(booking: Booking, at: datetime) -> Money:
    """What the guest gets back for cancelling at ``at``, of what they paid. Reads the ledger, and the city's zone."""
    today = at.astimezone(ZoneInfo(booking.property.city.timezone)).date()
    days = (booking.check_in - today).days
    share = next((share for least, share in SHARES[booking.cancellation_policy] if days >= least), _NOTHING)
    refund = Money(booking.cleaning_fee if days >= 0 else _NOTHING, booking.currency)
    for night in booking.ledger:
        refund += Money(night.price, booking.currency).times(share)
    return refund
