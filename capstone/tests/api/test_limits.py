"""Limits, request ids and addresses, over HTTP and through every middleware."""

from __future__ import annotations

import logging
import re

import pytest

from staybook.accounts.models import Role
from staybook.traffic import blocking, middleware, tracking
from staybook.traffic.models import BlockedNetwork, RequestRecord
from tests.factories import make_user

pytestmark = pytest.mark.django_db
WRONG = {"email": "nobody@example.com", "password": "wrong password"}


@pytest.fixture(autouse=True)
def a_long_period(request, monkeypatch):
    """What was used does not come back while a test runs, however slow the machine is."""
    if request.node.get_closest_marker("in_a_minute") is None:
        monkeypatch.setattr(middleware, "PERIOD_S", 86_400)


def proxies(monkeypatch, count):
    monkeypatch.setattr(middleware, "env", middleware.env.model_copy(update={"trusted_proxies": count}))


def log_ins(api, times, **headers):
    return [api.post("/api/v1/auth/login", WRONG, **headers) for _ in range(times)]


def test_ten_logins_a_minute_by_one_address(api):
    answers = log_ins(api, 12)

    assert [answer.status_code for answer in answers] == [401] * 10 + [429] * 2
    assert log_ins(api.at("203.0.113.8"), 1)[0].status_code == 401


@pytest.mark.in_a_minute
def test_who_is_refused_is_told_until_when(api):
    refused = log_ins(api, 11)[-1]

    assert refused["Content-Type"] == "application/problem+json"
    assert (refused.json()["code"], refused.json()["status"]) == ("too_many_requests", 429)
    assert 1 <= int(refused["Retry-After"]) <= 6
    assert refused["RateLimit-Policy"] == '"auth";q=10;w=60'
    assert re.fullmatch(r'"auth";r=0;t=(59|60)', refused["RateLimit"])


@pytest.mark.in_a_minute
def test_everybody_is_told_what_is_left(api):
    remaining = [re.search(r";r=(\d+);", answer["RateLimit"])[1] for answer in log_ins(api, 3)]

    assert remaining == ["9", "8", "7"]
    assert api.get("/api/v1/me")["RateLimit-Policy"] == '"reads";q=600;w=60'


def test_a_token_gives_no_more_logins(api):
    for _ in range(10):
        log_ins(api.as_(make_user()), 1)

    assert log_ins(api.as_(make_user()), 1)[0].status_code == 429


def test_the_admins_login_counts_too(api):
    answers = [api.upload("/admin/login/", {"username": "a", "password": "b"}) for _ in range(11)]

    assert answers[-1].status_code == 429


def test_a_spoofed_header_changes_nothing(api):
    answers = [log_ins(api, 1, X_Forwarded_For=f"192.0.2.{number}")[0] for number in range(12)]

    assert [answer.status_code for answer in answers] == [401] * 10 + [429] * 2


def test_behind_a_proxy_callers_are_told_apart_and_what_they_write_is_not_believed(api, monkeypatch):
    proxies(monkeypatch, 1)
    answers = [log_ins(api, 1, X_Forwarded_For=f"10.0.0.{number}, 192.0.2.1")[0] for number in range(11)]

    assert answers[-1].status_code == 429
    assert log_ins(api, 1, X_Forwarded_For="192.0.2.2")[0].status_code == 401


def test_changes_count_by_user_and_not_by_address(api):
    ada, bob = api.as_(make_user()), api.as_(make_user())
    answers = [ada.patch("/api/v1/me", {}) for _ in range(61)]

    assert [answer.status_code for answer in answers] == [200] * 60 + [429]
    assert bob.patch("/api/v1/me", {}).status_code == 200
    assert ada.at("192.0.2.9").patch("/api/v1/me", {}).status_code == 429


def test_an_invented_token_is_its_address(api):
    answers = [api.patch("/api/v1/me", {}, Authorization=f"Bearer {number}") for number in range(61)]

    assert [answer.status_code for answer in answers] == [401] * 60 + [429]


def test_reading_writes_nothing_to_the_database(api, django_assert_num_queries):
    with django_assert_num_queries(0):
        api.get("/api/v1/nowhere")


def test_reads_have_a_limit_as_well(api, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"reads": 3}

    assert [api.get("/api/v1/me").status_code for _ in range(4)] == [401] * 3 + [429]


@pytest.mark.parametrize(
    ("body", "policy"),
    [
        ({"query": "{ me { name } }"}, "reads"),
        ({"query": "query { me { name } }"}, "reads"),
        ({"query": "mutation { cancel }"}, "writes"),
        (b'{"query": "\\u006dutation { cancel }"}', "writes"),
        ([{"query": "{ a }"}, {"query": "mutation { b }"}], "writes"),
        (b"{", "writes"),
        ([1], "writes"),
    ],
)
def test_graphql_counts_as_what_it_asks(api, body, policy):
    assert f'"{policy}";' in api.post("/graphql", body)["RateLimit-Policy"]


@pytest.mark.parametrize("given", ["abc-123", "a" * 64])
def test_a_request_keeps_its_name(api, given):
    answer = api.get("/api/v1/nowhere", X_Request_Id=given)

    assert answer["X-Request-Id"] == given == answer.json()["request_id"]


@pytest.mark.parametrize("given", ["", "a" * 65, "a b", "ä", "a;b"])
def test_a_request_without_a_plain_name_is_given_one(api, given):
    answer = api.get("/api/v1/nowhere", X_Request_Id=given)

    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{21}", answer["X-Request-Id"])


def test_blocked_networks_get_a_problem(api):
    BlockedNetwork.objects.create(network="203.0.113.0/24", reason="scans")
    blocking.forget()

    answer = api.get("/api/v1/me")
    assert (answer.status_code, answer.json()["code"]) == (403, "blocked")
    assert api.at("192.0.2.1").get("/api/v1/me").status_code == 401
    assert api.get("/healthz").status_code == 200


def test_who_asked_is_recorded_with_the_user_of_the_token(api):
    user = make_user()
    api.as_(user).get("/api/v1/me")
    api.get("/api/v1/me", {"email": "ada@example.com"})
    tracking.write()

    rows = list(RequestRecord.objects.order_by("id").values_list("ip", "user", "method", "path", "status"))
    assert rows == [
        ("203.0.113.7", user.pk, "GET", "/api/v1/me", 200),
        ("203.0.113.7", None, "GET", "/api/v1/me", 401),
    ]


def test_the_access_line_has_the_routes_name_and_no_person(api, caplog):
    user = make_user()
    with caplog.at_level(logging.INFO, "staybook.access"):
        api.as_(user).get("/api/v1/me")

    (line,) = [record for record in caplog.records if record.name == "staybook.access"]
    assert (line.route, line.status, line.statements) == ("me-detail", 200, 1)
    assert not any(word in str(vars(line)) for word in (user.email, user.name, "203.0.113.7"))


def test_the_process_lives_without_asking_anybody(api, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert api.get("/healthz").json() == {"status": "ok"}


def test_ready_when_the_database_answers(api):
    answer = api.get("/readyz")

    assert (answer.status_code, answer.json()["database"]) == (200, "ok")
    assert answer.json()["broker"] in ("none", "ok", "down")


def test_probes_are_not_limited_and_not_recorded(api, settings):
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, 1)
    settings.SECURE_SSL_REDIRECT = True

    assert [api.get("/healthz").status_code for _ in range(5)] == [200] * 5
    assert "RateLimit" not in api.get("/readyz").headers
    assert tracking.write() == 0


def test_metrics_are_for_this_machine(api):
    local = api.at("127.0.0.1")

    assert b"staybook_requests_total" in local.get("/metrics").content
    assert api.get("/metrics").status_code == 403
    assert local.get("/metrics", X_Forwarded_For="127.0.0.1").status_code == 403
    assert local.get("/metrics", Forwarded="for=127.0.0.1").status_code == 403
    assert api.at("::1").get("/metrics").status_code == 200
    assert api.at("").get("/metrics").status_code == 403


def test_metrics_are_for_the_bearer_of_the_token_where_there_is_one(api, monkeypatch):
    from pydantic import SecretStr

    from staybook.traffic import probes

    monkeypatch.setattr(probes, "env", probes.env.model_copy(update={"metrics_token": SecretStr("secret")}))

    assert api.get("/metrics", Authorization="Bearer secret").status_code == 200
    assert api.get("/metrics", Authorization="Bearer other").status_code == 403
    assert api.at("127.0.0.1").get("/metrics").status_code == 403


def test_staff_find_their_way_in_the_admin(client):
    staff = make_user(Role.ADMIN, is_superuser=True)
    client.force_login(staff)
    seen = {"at": staff.created_at, "ip": "192.0.2.1", "method": "GET", "path": "/", "status": 200}
    record = RequestRecord.objects.create(**seen).pk
    BlockedNetwork.objects.create(network="192.0.2.1", reason="scans")

    for model in ("accounts/user", "accounts/refreshtoken", "traffic/blockednetwork", "traffic/requestrecord"):
        assert client.get(f"/admin/{model}/", {"q": "192.0.2"}).status_code == 200
    assert client.get(f"/admin/accounts/user/{staff.pk}/change/").status_code == 200
    assert client.get("/admin/accounts/user/add/").status_code == 200
    assert client.get(f"/admin/traffic/requestrecord/{record}/change/").status_code == 200
    for forbidden in (
        "traffic/requestrecord/add",
        f"traffic/requestrecord/{record}/delete",
        "accounts/refreshtoken/add",
    ):
        assert client.get(f"/admin/{forbidden}/").status_code == 403
