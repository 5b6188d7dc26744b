"""The moves of a payment. Each is one UPDATE that names where it comes from, so that it happens once.

initiated → pending → succeeded | failed | abandoned; failed or abandoned → succeeded, when money shows up late;
succeeded → partly_refunded → refunded; paid, but not kept: refund_due → refunded.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from staybook.common import clock
from staybook.common.errors import NotFound
from staybook.payments.models import Payment, PaymentStatus


def lock(payment_id: int) -> Payment:
    """The payment, changed by nobody else until this transaction ends. Raises NotFound.

    Whoever needs a booking's or a property's lock as well takes it after this one.
    """
    payment = Payment.objects.select_for_update(no_key=True).filter(pk=payment_id).first()
    if payment is None:
        raise NotFound("There is no such payment.")
    return payment


def move(payment_id: int, origins: Iterable[PaymentStatus], to: PaymentStatus, **facts: Any) -> bool:
    """Move a payment that is at one of ``origins``; say whether it was."""
    found = Payment.objects.filter(pk=payment_id, status__in=list(origins))
    return found.update(status=to, checked_at=clock.now(), **facts) == 1
