"""Reading payments."""

from __future__ import annotations

from uuid import UUID

from staybook.accounts.models import Role, User
from staybook.common.errors import NotFound
from staybook.payments.models import Payment


def payment_for(*, reader: User, payment_id: UUID) -> Payment:
    """A payment with its booking and its refunds, for its guest and for staff. Raises NotFound for everybody else."""
    found = Payment.objects.filter(public_id=payment_id).select_related("booking").prefetch_related("refunds")
    if reader.role != Role.ADMIN:
        found = found.filter(booking__guest=reader)
    payment = found.first()
    if payment is None:
        raise NotFound("There is no such payment.")
    return payment
