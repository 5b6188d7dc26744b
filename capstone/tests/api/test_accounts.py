"""Accounts over HTTP: register, log in, stay logged in, log out, and who one is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from staybook.accounts import tokens
from staybook.accounts.models import Role, User
from staybook.common import clock
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
ADA = {"email": "ada@example.com", "password": PASSWORD, "name": "Ada"}


def register(api, **changes):
    return api.post("/api/v1/auth/register", ADA | changes)


def log_in(api, user):
    return api.post("/api/v1/auth/login", {"email": user.email, "password": PASSWORD}).json()


def test_from_registering_to_logging_out(api):
    assert register(api).status_code == 201
    pair = api.post("/api/v1/auth/login", {"email": "ADA@example.com", "password": PASSWORD}).json()
    me = api.get("/api/v1/me", Authorization=f"Bearer {pair['access']}")
    assert (me.status_code, me.json()["email"], me.json()["role"]) == (200, "ada@example.com", "guest")

    newer = api.post("/api/v1/auth/refresh", {"refresh": pair["refresh"]}).json()
    assert newer["refresh"] != pair["refresh"]
    assert api.post("/api/v1/auth/logout", {"refresh": newer["refresh"]}).status_code == 204

    ended = api.post("/api/v1/auth/refresh", {"refresh": newer["refresh"]})
    assert (ended.status_code, ended.json()["code"]) == (401, "refresh_invalid")


def test_a_second_use_of_a_refresh_token_logs_everybody_out_who_has_one_of_it(api):
    first = log_in(api, make_user(password=PASSWORD))["refresh"]
    second = api.post("/api/v1/auth/refresh", {"refresh": first}).json()["refresh"]

    assert api.post("/api/v1/auth/refresh", {"refresh": first}).status_code == 401
    assert api.post("/api/v1/auth/refresh", {"refresh": second}).status_code == 401


def test_a_host_registers_as_one_and_an_admin_does_not(api):
    assert register(api, role="host").json()["role"] == "host"

    refused = register(api, email="eve@example.com", role="admin")
    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["role"])
    assert not User.objects.filter(role=Role.ADMIN).exists()


@pytest.mark.parametrize(
    "extra", [{"is_superuser": True}, {"is_staff": True}, {"is_active": False}, {"public_id": "7"}, {"id": 7}]
)
def test_registering_sets_nothing_else(api, extra):
    assert register(api, **extra).status_code == 201
    user = User.objects.get()
    assert (user.is_superuser, user.is_staff, user.is_active) == (False, False, True)


@pytest.mark.parametrize("role", [Role.GUEST, Role.HOST])
@pytest.mark.parametrize("wanted", ["host", "admin", "guest"])
def test_nobody_changes_their_role_or_address(api, role, wanted):
    user = make_user(role)

    answer = api.as_(user).patch(
        "/api/v1/me", {"name": "New", "role": wanted, "email": "x@example.com", "is_superuser": True}
    )

    user.refresh_from_db()
    assert (answer.status_code, answer.json()["role"], user.role) == (200, role, role)
    assert (user.name, user.is_superuser) == ("New", False)
    assert user.email != "x@example.com"


def test_an_address_has_one_account(api):
    register(api)
    again = register(api, email="Ada@Example.com")

    assert (again.status_code, again.json()["code"]) == (409, "email_taken")


def test_unknown_and_wrong_are_answered_alike(api):
    user = make_user(password=PASSWORD)
    answers = [
        api.post("/api/v1/auth/login", {"email": email, "password": "another password"})
        for email in (user.email, "stranger@example.com")
    ]

    assert [answer.status_code for answer in answers] == [401, 401]
    bodies = [answer.json() | {"request_id": ""} for answer in answers]
    assert bodies[0] == bodies[1]


@pytest.mark.parametrize(
    ("header", "code", "challenge"),
    [
        ("", "unauthenticated", "Bearer"),
        ("Bearer", "token_invalid", 'Bearer error="invalid_token"'),
        ("Basic YTpi", "token_invalid", 'Bearer error="invalid_token"'),
        ("Bearer nonsense", "token_invalid", 'Bearer error="invalid_token"'),
        ("expired", "token_expired", 'Bearer error="invalid_token"'),
    ],
)
def test_without_a_valid_token_nobody_is_anybody(api, monkeypatch, header, code, challenge):
    if header == "expired":
        long_ago = clock.now() - timedelta(minutes=16)
        monkeypatch.setattr(clock, "now", lambda: long_ago)
        header = f"Bearer {tokens.issue_access(make_user())}"
    answer = api.get("/api/v1/me", **({"Authorization": header} if header else {}))

    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert answer["WWW-Authenticate"] == challenge
    assert answer["Content-Type"] == "application/problem+json"


def test_an_old_token_does_not_keep_one_from_logging_in(api):
    user = make_user(password=PASSWORD)

    answer = api.post("/api/v1/auth/login", {"email": user.email, "password": PASSWORD}, Authorization="Bearer old")

    assert answer.status_code == 200


def test_tokens_and_what_one_sees_of_oneself_are_kept_by_nobody(api):
    user = make_user(password=PASSWORD)

    assert api.as_(user).get("/api/v1/me")["Cache-Control"] == "no-store"
    login = api.post("/api/v1/auth/login", {"email": user.email, "password": PASSWORD})
    assert login["Cache-Control"] == "no-store"


def test_who_one_is_costs_one_statement(api, django_assert_num_queries):
    client = api.as_(make_user())

    with django_assert_num_queries(1):
        client.get("/api/v1/me")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"email": "a\x00b@example.com"}, "email"),
        ({"password": "short"}, "password"),
        ({"password": "1234567890"}, "password"),
        ({"name": ""}, "name"),
        ({"name": "\ud800"}, "name"),
        ({"name": ["a"]}, "name"),
        ({"role": "king"}, "role"),
    ],
)
def test_what_is_wrong_is_said_by_field(api, body, field):
    answer = register(api, **body)

    assert (answer.status_code, answer.json()["code"], list(answer.json()["fields"])) == (400, "invalid", [field])
    assert PASSWORD not in answer.content.decode()


@pytest.mark.parametrize("path", ["register", "login", "refresh", "logout"])
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"a"', b"null", b"\xff", b'{"email": NaN}'])
def test_what_cannot_be_read_is_a_bad_request(api, path, body):
    answer = api.post(f"/api/v1/auth/{path}", body)

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


def test_a_name_is_changed_alone(api):
    user = make_user()
    client = api.as_(user)

    assert client.patch("/api/v1/me", {}).json()["name"] == user.name
    assert client.patch("/api/v1/me", {"name": " Ada "}).json()["name"] == "Ada"
    assert client.patch("/api/v1/me", {"name": "x" * 81}).status_code == 400


@pytest.mark.parametrize("path", ["/api/v1/me", "/api/v1/bookings"])
def test_a_session_of_the_admins_opens_nothing_of_the_api(client, path):
    client.force_login(make_user(Role.ADMIN, is_superuser=True))

    answer = client.get(path)

    assert answer.status_code == 401
    assert "Cookie" not in answer.get("Vary", "")
    assert client.get("/admin/").status_code == 200
