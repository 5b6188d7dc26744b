"""What the environment may say is written down, and production starts with nothing of a developer's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from staybook.config import settings
from staybook.config.env import Environment

CAPSTONE = Path(__file__).parents[2]
EVERYTHING = {
    "STAYBOOK_ENV": "production",
    "SECRET_KEY": "secret" * 9,
    "JWT_KEY": "another" * 8,
    "ALLOWED_HOSTS": "staybook.example",
    "PUBLIC_URL": "https://staybook.example",
    "DATABASE_URL": "postgresql://nobody@localhost/staybook",
    "GATEWAYS": "stripe",
    "STRIPE_URL": "https://stripe.example",
    "STRIPE_SECRET_KEY": "sk",
    "STRIPE_WEBHOOK_SECRET": "whsec",
}


@pytest.fixture(autouse=True)
def bare(monkeypatch):
    for name in Environment.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def written():
    lines = (CAPSTONE / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_the_example_names_everything_with_its_default():
    defaults = {}
    for name, value in Environment().model_dump().items():
        defaults[name.upper()] = value.get_secret_value() if isinstance(value, SecretStr) else str(value)

    assert written() == defaults


def test_production_starts_with_everything(monkeypatch):
    for name, value in EVERYTHING.items():
        monkeypatch.setenv(name, value)

    assert Environment().is_production


@pytest.mark.parametrize("missing", sorted(EVERYTHING.keys() - {"STAYBOOK_ENV", "GATEWAYS"}))
def test_production_says_what_is_missing(monkeypatch, missing):
    for name, value in EVERYTHING.items():
        if name != missing:
            monkeypatch.setenv(name, value)

    with pytest.raises(ValidationError, match=rf"production needs {missing} in the environment"):
        Environment()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("JWT_KEY", "short", "JWT_KEY must have 50 characters"),
        ("RELAY", "celery", "production needs BROKER_URL"),
        ("GATEWAYS", "stripe,chapa", "production needs CHAPA_URL, CHAPA_SECRET_KEY, CHAPA_WEBHOOK_SECRET"),
        ("TRUSTED_PROXIES", "many", "trusted_proxies"),
        ("PUBLIC_URL", "http://staybook.example", "PUBLIC_URL must begin with https://"),
    ],
)
def test_production_refuses_what_cannot_be(monkeypatch, name, value, said):
    for key, usual in (EVERYTHING | {name: value}).items():
        monkeypatch.setenv(key, usual)

    with pytest.raises(ValidationError, match=said):
        Environment()


def test_passwords_are_kept_by_a_hash_that_costs():
    """Ours are cheaper: ``conftest`` says so to all other tests."""
    assert settings.PASSWORD_HASHERS == ["django.contrib.auth.hashers.ScryptPasswordHasher"]


def test_no_secret_is_printed():
    assert "only-for-development" not in repr(Environment())


def test_a_deployment_has_nothing_to_be_warned_of():
    environ = {"PATH": os.environ["PATH"], **EVERYTHING, "DJANGO_SETTINGS_MODULE": "staybook.config.settings"}

    done = subprocess.run(
        [sys.executable, "-W", "error", "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=CAPSTONE,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
