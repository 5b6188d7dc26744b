"""As strangers find it: behind a proxy of ours that speaks TLS, with the settings that production has."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
from django.test import Client

from staybook.accounts.models import Role
from staybook.config import env as config
from staybook.config.env import Environment
from staybook.traffic import middleware
from tests.factories import PASSWORD, make_user
from tests.unit.test_environment import EVERYTHING

OF_THIS_RUN = {"DATABASES", "CACHES", "PASSWORD_HASHERS", "LOGGING"}
OF_COLLECTED_FILES = {"STATIC_ROOT", "STORAGES", "WHITENOISE_AUTOREFRESH", "WHITENOISE_USE_FINDERS"}
BEHIND_TLS = {"X-Forwarded-Proto": "https", "Host": "staybook.example"}
SETTINGS = Path(config.__file__).with_name("settings.py")
LOGIN = "/admin/login/"


@pytest.fixture
def production(monkeypatch, settings):
    """Let settings.py say what it says in production; give a client that is asked for proxies, and checks CSRF."""

    def begin(proxies=1, **others):
        environment = EVERYTHING | {"TRUSTED_PROXIES": str(proxies)} | others
        for name in Environment.model_fields:
            monkeypatch.delenv(name.upper(), raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(config, "env", Environment())
        monkeypatch.setattr(middleware, "env", config.env)
        for name, value in runpy.run_path(str(SETTINGS)).items():
            if name.isupper() and name not in OF_THIS_RUN | OF_COLLECTED_FILES:
                setattr(settings, name, value)
        return Client(enforce_csrf_checks=True, headers=BEHIND_TLS)

    return begin


def log_in(client, password=PASSWORD, **headers):
    """Fill in the form of the staff, as a browser does."""
    page = client.get(LOGIN, headers={name: headers[name] for name in ("Host",) if name in headers})
    form = {"username": "ada@example.com", "password": password}
    token = {"csrfmiddlewaretoken": page.context["csrf_token"]}
    return page, client.post(LOGIN, form | token, headers=headers)


def test_whoever_comes_without_tls_is_sent_to_it(production):
    answer = production().get("/api/v1/search?city=nairobi", headers={"X-Forwarded-Proto": "http"})

    assert (answer.status_code, answer["Location"]) == (301, "https://staybook.example/api/v1/search?city=nairobi")


@pytest.mark.django_db
def test_who_comes_by_tls_is_told_to_come_by_nothing_else(production):
    answer = production().get("/")

    assert answer.status_code == 200
    assert answer["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"


def test_without_a_proxy_of_ours_a_stranger_says_it_was_tls(production):
    assert production(proxies=0).get("/").status_code == 301


def test_a_host_that_is_not_ours_is_refused(production):
    assert production().get("/", headers={"Host": "elsewhere.example"}).status_code == 400


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("probe", ["/healthz", "/readyz"])
def test_probes_come_by_address_and_without_tls(production, probe):
    client = production()

    answer = client.get(probe, headers={"Host": "10.0.0.7:8000", "X-Forwarded-Proto": "http"})

    assert (answer.status_code, answer.json()["status"]) == (200, "ok")


@pytest.mark.django_db
def test_cookies_travel_by_tls_alone(production):
    make_user(Role.ADMIN, email="ada@example.com", password=PASSWORD)
    client = production()

    page, answer = log_in(client, Origin="https://staybook.example")

    assert answer.status_code == 302
    assert page.cookies["csrftoken"]["secure"]
    session = answer.cookies["sessionid"]
    assert (session["secure"], session["httponly"], session["samesite"]) == (True, True, "Lax")


@pytest.mark.django_db
@pytest.mark.parametrize(("origin", "status"), [("https://staybook.example", 302), ("https://elsewhere.example", 403)])
def test_a_proxy_may_ask_us_under_a_name_of_our_own(production, origin, status):
    """Forms are then sent from PUBLIC_URL to a host that is not its."""
    make_user(Role.ADMIN, email="ada@example.com", password=PASSWORD)
    client = production(ALLOWED_HOSTS="staybook-web")

    _, answer = log_in(client, Host="staybook-web", Origin=origin)

    assert answer.status_code == status


@pytest.mark.django_db
def test_logins_are_counted_by_the_address_that_our_proxy_saw(production):
    client = production(LIMIT_AUTH="2")
    body = {"email": "ada@example.com", "password": "wrong"}

    def log_in_from(forwarded):
        headers = {"X-Forwarded-For": forwarded}
        return client.post("/api/v1/auth/login", body, "application/json", headers=headers).status_code

    assert [log_in_from(f"198.51.100.{number}, 203.0.113.7") for number in range(3)] == [401, 401, 429]
    assert log_in_from("203.0.113.7, 198.51.100.9") == 401
