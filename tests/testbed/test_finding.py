"""Which Postgres serves: the one in the environment, on the standard port, or embedded."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from prodev.errors import ProDevError
from prodev.testbed import Engine, Unavailable, find_engine, postgres


@pytest.fixture
def nothing_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Point the standard address at a port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    monkeypatch.setitem(postgres.STANDARD, "port", str(port))


def test_the_report_names_version_and_road(engine: Engine) -> None:
    assert engine.served.startswith("PostgreSQL ")
    assert engine.served.endswith(("server at 127.0.0.1:5432", "embedded"))


def test_a_given_url_is_used(engine: Engine) -> None:
    url = engine.url("postgres")
    url += ("&" if "?" in url else "?") + "application_name=learner"

    with find_engine({"DATABASE_URL": url}) as found:
        assert found.served.partition(",")[0] == engine.served.partition(",")[0]


def test_a_given_url_that_does_not_answer_is_not_passed_over() -> None:
    with pytest.raises(Unavailable, match="does not serve") as refused:
        find_engine({"DATABASE_URL": "postgresql://postgres@127.0.0.1:1/postgres"})

    assert "DATABASE_URL" in refused.value.remedy


def test_a_given_url_of_another_database_is_refused_in_words() -> None:
    with pytest.raises(Unavailable, match="not a PostgreSQL address"):
        find_engine({"DATABASE_URL": "sqlite:///db.sqlite3"})


@pytest.mark.usefixtures("nothing_listens")
def test_without_any_server_the_embedded_one_serves(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))

    with find_engine({}) as found:
        assert found.served.endswith(", embedded")


@pytest.mark.usefixtures("nothing_listens")
def test_without_server_and_without_the_embedded_one_the_remedy_starts_one() -> None:
    with pytest.raises(Unavailable, match=r"No PostgreSQL answers at 127\.0\.0\.1") as refused:
        find_engine({"PRODEV_ENGINE": "server"})

    assert refused.value.remedy == "docker compose --profile services up -d"


def test_something_else_on_the_port_is_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        monkeypatch.setitem(postgres.STANDARD, "port", str(other.getsockname()[1]))

        with pytest.raises(Unavailable, match="does not let us in"):
            find_engine({"PRODEV_ENGINE": "server"})


def test_a_server_that_refuses_our_credentials_is_passed_over(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(postgres.STANDARD, "user", "nobody_of_this_name")
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))

    with find_engine({}) as found:
        assert found.served.endswith(", embedded")


def test_a_login_that_is_no_superuser_is_refused_in_words(engine: Engine) -> None:
    lease = engine.lease(engine.template("any"))
    try:
        with pytest.raises(Unavailable, match=r"not a superuser|does not serve"):
            find_engine({"DATABASE_URL": lease.url})
    finally:
        engine.release(lease)


def test_an_unknown_engine_is_an_error_in_words() -> None:
    with pytest.raises(ProDevError, match="PRODEV_ENGINE is 'oracle'"):
        find_engine({"PRODEV_ENGINE": "oracle"})
