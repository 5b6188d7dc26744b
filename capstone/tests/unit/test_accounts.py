"""Accounts and logins, as services."""

from __future__ import annotations

from datetime import timedelta

import jwt
import pytest
from django.contrib.auth.hashers import ScryptPasswordHasher
from django.db import IntegrityError, transaction

from staybook.accounts import services, tokens
from staybook.accounts.models import RefreshToken, Role, User
from staybook.common import clock
from staybook.common.errors import Conflict, Forbidden, Invalid, Unauthenticated
from staybook.config.env import env
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
KEY = env.jwt_key.get_secret_value()


class CountingHasher(ScryptPasswordHasher):
    """Scrypt at its lowest cost, which counts how often it is asked."""

    work_factor = 2
    calls = 0

    def encode(self, *args, **options):
        type(self).calls += 1
        return super().encode(*args, **options)


@pytest.fixture(autouse=True)
def hasher(settings):
    settings.PASSWORD_HASHERS = ["tests.unit.test_accounts.CountingHasher"]
    CountingHasher.calls = 0
    return CountingHasher


def claims(**changes):
    now = clock.now()
    facts = {"iss": "staybook", "aud": "staybook-api", "sub": str(make_user().public_id), "iat": now}
    return facts | {"exp": now + timedelta(minutes=15)} | changes


def test_an_address_is_kept_in_lower_case_and_given_once():
    user = services.register(email=" Ada@Example.com ", password=PASSWORD, name="Ada")

    assert (user.email, user.role) == ("ada@example.com", Role.GUEST)
    with pytest.raises(Conflict) as refused:
        services.register(email="ADA@example.com", password=PASSWORD, name="Another")
    assert refused.value.code == "email_taken"
    assert User.objects.count() == 1


def test_whoever_wants_to_let_registers_as_host():
    assert services.register(email="h@example.com", password=PASSWORD, name="H", role="host").role == Role.HOST


@pytest.mark.parametrize("role", ["admin", "superuser", ""])
def test_nobody_makes_themselves_staff(role):
    with pytest.raises(Forbidden):
        services.register(email="a@example.com", password=PASSWORD, name="A", role=role)
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "nobody"),
        ("email", "a@b@c.example"),
        ("email", "a" * 250 + "@example.com"),
        ("password", "short"),
        ("password", "password123"),
        ("password", "ada.lovelace@example.com"),
        ("name", ""),
        ("name", "   "),
        ("name", "x" * 81),
        ("name", "a\x00b"),
        ("password", "correct horse \ud800"),
    ],
)
def test_what_cannot_be_registered(field, value):
    facts = {"email": "ada.lovelace@example.com", "password": PASSWORD, "name": "Ada"}

    with pytest.raises(Invalid) as refused:
        services.register(**facts | {field: value})

    assert field in refused.value.fields


def test_logging_in_ignores_the_case_of_the_address():
    user = make_user(password=PASSWORD)

    pair = services.log_in(email=user.email.upper(), password=PASSWORD)

    assert tokens.read_access(pair.access) == user
    assert pair.expires_in_s == 900


@pytest.mark.parametrize("case", ["unknown", "wrong password", "no password", "closed"])
def test_every_failed_login_costs_one_hash_and_says_the_same(case, hasher):
    user = make_user(password=None if case == "no password" else PASSWORD, is_active=case != "closed")
    hasher.calls = 0

    with pytest.raises(Unauthenticated) as refused:
        services.log_in(
            email="stranger@example.com" if case == "unknown" else user.email,
            password="another password" if case == "wrong password" else PASSWORD,
        )

    assert hasher.calls == 1
    assert (refused.value.code, refused.value.detail) == ("login_failed", "The address or the password is wrong.")


def test_only_digests_of_refresh_tokens_are_kept():
    pair = services.log_in(email=make_user(password=PASSWORD).email, password=PASSWORD)

    (row,) = RefreshToken.objects.values()
    assert pair.refresh not in str(row)
    assert len(row["digest"]) == 64


def log_in():
    return services.log_in(email=make_user(password=PASSWORD).email, password=PASSWORD).refresh


def test_each_refresh_gives_a_token_for_the_next():
    first = log_in()
    second = services.refresh(token=first).refresh
    third = services.refresh(token=second).refresh

    assert len({first, second, third}) == 3
    assert RefreshToken.objects.values("family").distinct().count() == 1


def test_a_second_use_ends_the_whole_family_and_no_other():
    other = log_in()
    first = log_in()
    second = services.refresh(token=first).refresh

    for token in (first, second):
        with pytest.raises(Unauthenticated):
            services.refresh(token=token)
    assert services.refresh(token=other).refresh


def test_a_successor_that_the_ending_did_not_see_has_ended_too():
    first = log_in()
    second = services.refresh(token=first).refresh
    RefreshToken.objects.filter(used_at__isnull=False).update(revoked_at=clock.now())

    with pytest.raises(Unauthenticated):
        services.refresh(token=second)


def test_logging_out_ends_the_family_and_may_be_done_twice():
    first = log_in()
    second = services.refresh(token=first).refresh

    services.log_out(token=first)
    services.log_out(token=first)
    services.log_out(token="unknown")

    with pytest.raises(Unauthenticated):
        services.refresh(token=second)


def test_logging_out_everywhere_spares_others():
    user = make_user(password=PASSWORD)
    mine = [services.log_in(email=user.email, password=PASSWORD).refresh for _ in range(2)]
    other = log_in()

    assert services.log_out_everywhere(user=user) == 2

    for token in mine:
        with pytest.raises(Unauthenticated):
            services.refresh(token=token)
    assert services.refresh(token=other)


@pytest.mark.parametrize("token", ["", "unknown", "\ud800", "x" * 10_000])
def test_an_unknown_refresh_token_is_refused(token):
    with pytest.raises(Unauthenticated):
        services.refresh(token=token)


def test_a_refresh_token_ends_after_thirty_days():
    token = log_in()
    RefreshToken.objects.update(expires_at=clock.now())

    with pytest.raises(Unauthenticated):
        services.refresh(token=token)


def test_a_closed_account_refreshes_no_more():
    token = log_in()
    User.objects.update(is_active=False)

    with pytest.raises(Unauthenticated):
        services.refresh(token=token)


def test_old_tokens_are_forgotten_a_week_after_their_end():
    log_in()
    token = log_in()
    RefreshToken.objects.exclude(digest=services._digest(token)).update(expires_at=clock.now() - timedelta(days=8))

    assert services.forget_old_tokens() == 1
    assert services.refresh(token=token)


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": 1_700_000_000},
        {"iss": "another"},
        {"aud": "another"},
        {"sub": "1"},
        {"sub": "00000000-0000-7000-8000-000000000000"},
        {"nbf": 4_000_000_000},
    ],
)
def test_access_tokens_with_other_claims_are_refused(changes):
    with pytest.raises(Unauthenticated):
        tokens.read_access(jwt.encode(claims(**changes), KEY, "HS256"))


@pytest.mark.parametrize("missing", ["iss", "aud", "sub", "exp"])
def test_access_tokens_lack_no_claim(missing):
    facts = claims()
    del facts[missing]

    with pytest.raises(Unauthenticated):
        tokens.read_access(jwt.encode(facts, KEY, "HS256"))


def test_only_our_key_and_our_algorithm_are_believed():
    forged = [
        jwt.encode(claims(), None, "none"),
        jwt.encode(claims(), "k" * 64, "HS256"),
        jwt.encode(claims(), KEY + "0" * 64, "HS512"),
        jwt.encode(claims(), KEY * 3, "HS384"),
        "a.b.c",
        "",
        log_in(),
    ]

    for token in forged:
        with pytest.raises(Unauthenticated):
            tokens.read_access(token)
    assert tokens.read_access(jwt.encode(claims(), KEY, "HS256"))


def test_a_token_that_was_good_ends_all_the_same(monkeypatch):
    token = tokens.issue_access(user := make_user())
    assert tokens.subject_of(token) == user.public_id
    later = clock.now() + tokens.ACCESS_LIFETIME
    monkeypatch.setattr(clock, "now", lambda: later)

    with pytest.raises(Unauthenticated) as caught:
        tokens.subject_of(token)

    assert caught.value.code == "token_expired"


def test_a_token_of_a_closed_account_is_refused_at_once():
    user = make_user()
    token = tokens.issue_access(user)
    User.objects.update(is_active=False)

    with pytest.raises(Unauthenticated):
        tokens.read_access(token)


def test_the_database_keeps_addresses_in_lower_case():
    with pytest.raises(IntegrityError, match="user_email_is_lower"), transaction.atomic():
        make_user(email="Ada@Example.com")


def test_the_managers_make_users_and_staff():
    assert User.objects.create_user(" A@Example.com", PASSWORD, name="A").email == "a@example.com"
    staff = User.objects.create_superuser("s@example.com", PASSWORD, name="S")
    assert staff.is_staff
    assert User.objects.get_by_natural_key("S@example.com") == staff
