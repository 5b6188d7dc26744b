"""What tests of payments and of refunds begin with."""

import pytest

from staybook.booking.models import Booking, Status
from tests.factories import make_booking


@pytest.fixture
def held() -> Booking:
    """A booking that waits for its payment."""
    return make_booking(status=Status.HELD)
