"""One refresh token, many uses at one moment: one of them rotates, and then the family ends."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from staybook.accounts import services
from staybook.accounts.models import RefreshToken
from staybook.common import clock
from staybook.common.errors import Unauthenticated
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db(transaction=True)
CALLERS, ROUNDS = 8, 5


def naive_refresh(*, token):
    """The control: reads whether the token was used, then writes that it is."""
    with transaction.atomic():
        found = RefreshToken.objects.select_related("user").get(digest=services._digest(token))
        if found.used_at or found.revoked_at:
            services._end(found.family)
            raise Unauthenticated("used")
        found.used_at = clock.now()
        found.save(update_fields=["used_at"])
        return services._issue(found.user, found.family)


def rush(together, refresh):
    """In each round, how many pairs one token gave, and how many of their successors still refresh afterwards."""
    given, alive = [], []
    user = make_user(password=PASSWORD)
    for _ in range(ROUNDS):
        token = services.log_in(email=user.email, password=PASSWORD).refresh
        answers = together([lambda token=token: refresh(token=token)] * CALLERS)
        assert all(isinstance(answer, services.Tokens | Unauthenticated) for answer in answers)
        pairs = [answer for answer in answers if isinstance(answer, services.Tokens)]
        given.append(len(pairs))
        alive.append(sum(map(refreshes, pairs)))
    return given, alive


def refreshes(pair):
    try:
        return bool(services.refresh(token=pair.refresh))
    except Unauthenticated:
        return False


def test_one_use_rotates_and_the_others_end_the_family(together):
    assert rush(together, services.refresh) == ([1] * ROUNDS, [0] * ROUNDS)


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one writer in at a time: nothing to race for")
def test_control_reading_before_writing_gives_more_than_one_pair(together):
    given, _ = rush(together, naive_refresh)

    assert max(given) > 1
