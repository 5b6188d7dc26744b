"""Templates: built once, whole or not at all, and replaced when what they are built from changes."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable

import psycopg
import pytest

from prodev.errors import ProDevError
from prodev.testbed import Engine, Lease, Template

Leaser = Callable[[Template], Lease]


def databases(engine: Engine, pattern: str) -> list[str]:
    """Return the names of databases that match ``pattern``."""
    return [name for (name,) in engine.admin.execute("SELECT datname FROM pg_database WHERE datname ~ %s", [pattern])]


def test_a_callable_fills_the_template_through_a_url(engine: Engine, lease: Leaser, mark: str) -> None:
    def build(url: str) -> None:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE SCHEMA shop; CREATE TABLE shop.item (id int PRIMARY KEY)")
            connection.execute("INSERT INTO shop.item VALUES (7)")

    made = lease(engine.template(f"{mark}-callable", build, version="1"))

    with psycopg.connect(made.url, autocommit=True) as connection:
        assert connection.execute("SELECT id FROM shop.item").fetchone() == (7,)
        connection.execute("ALTER TABLE shop.item ADD COLUMN name text; DROP SCHEMA shop CASCADE")


def test_the_same_text_is_built_once(engine: Engine, mark: str) -> None:
    built = []
    for _ in range(2):
        engine.template(f"{mark}-once", lambda url: built.append(url), version="1")

    assert len(built) == 1


def test_a_template_is_found_again_by_another_run(engine: Engine, mark: str) -> None:
    built = []
    engine.template(f"{mark}-kept", lambda url: built.append(url), version="1")
    engine._templates.clear()

    engine.template(f"{mark}-kept", lambda url: built.append(url), version="1")

    assert len(built) == 1


def test_another_text_replaces_the_older_template_of_the_same_exercise(engine: Engine, mark: str) -> None:
    first = engine.template(f"{mark}-changing", "CREATE TABLE a (id int)")
    second = engine.template(f"{mark}-changing", "CREATE TABLE b (id int)")

    assert databases(engine, f"^prodev_tpl_{mark.replace('-', '_')}_changing_") == [second.name]
    assert first.name != second.name


def test_an_exercise_whose_name_begins_alike_keeps_its_template(engine: Engine, mark: str) -> None:
    longer = engine.template(f"{mark}-alike-more", "CREATE TABLE a (id int)")

    engine.template(f"{mark}-alike", "CREATE TABLE a (id int)")
    engine.template(f"{mark}-alike", "CREATE TABLE b (id int)")

    assert databases(engine, f"^{longer.name}$") == [longer.name]


def test_a_template_that_somebody_dropped_is_built_again(engine: Engine, lease: Leaser, mark: str) -> None:
    template = engine.template(f"{mark}-dropped", "CREATE TABLE a (id int)")
    engine.admin.execute(f'DROP DATABASE "{template.name}"'.encode())

    made = lease(template)

    with psycopg.connect(made.url) as connection:
        assert connection.execute("SELECT count(*) FROM a").fetchone() == (0,)


def test_sql_that_is_refused_leaves_nothing_behind(engine: Engine, mark: str) -> None:
    with pytest.raises(ProDevError, match="syntax error"):
        engine.template(f"{mark}-wrong", "CREATE TABLE a (id int); CREATE TABEL b (id int)")

    assert databases(engine, f"^prodev_tpl_{mark.replace('-', '_')}_wrong") == []
    assert databases(engine, "^prodev_b_") == []


def test_a_builder_that_fails_leaves_nothing_behind(engine: Engine, mark: str) -> None:
    def build(url: str) -> None:
        raise RuntimeError(f"no luck with {len(url)} characters")

    with pytest.raises(RuntimeError, match="no luck"):
        engine.template(f"{mark}-failing", build)

    assert databases(engine, f"^prodev_tpl_{mark.replace('-', '_')}_failing") == []


def test_the_longest_names_fit(engine: Engine, lease: Leaser, mark: str) -> None:
    template = engine.template(f"{mark}-" + "long-" * 40, "CREATE TABLE a (id int)")

    assert len(template.name) <= 63
    assert databases(engine, f"^{template.name}$") == [template.name]
    lease(template)


def test_several_threads_share_an_engine(engine: Engine, mark: str) -> None:
    made: list[Lease] = []

    def work() -> None:
        made.append(engine.lease(engine.template(f"{mark}-threads", "CREATE TABLE a (id int)")))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({each.name for each in made}) == 4
    for each in made:
        engine.release(each)


def test_processes_that_build_at_the_same_moment_build_once(engine: Engine, mark: str) -> None:
    code = f"""
import sys
from prodev.testbed import find_engine
def build(url):
    print("built")
with find_engine({{"DATABASE_URL": sys.argv[1]}}) as engine:
    engine.release(engine.lease(engine.template("{mark}-race", build, version="1")))
"""
    command = [sys.executable, "-c", code, engine.url("postgres")]

    racing = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    said = [process.communicate(timeout=60)[0] for process in racing]

    assert [process.returncode for process in racing] == [0, 0, 0, 0]
    assert "".join(said).count("built") == 1
