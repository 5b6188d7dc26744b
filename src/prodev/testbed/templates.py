"""Databases built once, kept on the engine between runs, and copied for every lease."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg

from prodev.errors import ProDevError
from prodev.testbed import leases, roles
from prodev.testbed.leases import BUILD_PREFIX
from prodev.testbed.roles import GROUP

if TYPE_CHECKING:
    from prodev.testbed.engine import Connection, Engine

_EDITION = "2"
"""Changes when the way templates are built does, so that older ones are not used."""

_PREFIX = "prodev_tpl_"
EMPTY = f"{_PREFIX}0_{hashlib.sha256(_EDITION.encode()).hexdigest()[:12]}"
_LONGEST_SLUG = 38


@dataclass(frozen=True)
class Template:
    """A database to copy, and how it is built."""

    key: str
    build: Callable[[str], object] | str
    version: str = ""

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing is built in it."""
        return isinstance(self.build, str) and not self.build.strip()

    @property
    def slug(self) -> str:
        """Return ``key`` as part of a database's name."""
        slug = re.sub(r"[^a-z0-9]+", "_", self.key.lower()).strip("_") or "unnamed"
        if len(slug) <= _LONGEST_SLUG:
            return slug
        return slug[: _LONGEST_SLUG - 9] + "_" + hashlib.sha256(self.key.encode()).hexdigest()[:8]

    @property
    def name(self) -> str:
        """Return the database's name, which follows from what is built; every empty template is the same one."""
        if self.is_empty:
            return EMPTY
        made_of = self.build if isinstance(self.build, str) else ""
        recipe = "\0".join((_EDITION, self.key, self.version, made_of))
        return f"{_PREFIX}{self.slug}_{hashlib.sha256(recipe.encode()).hexdigest()[:12]}"


def ensure(engine: Engine, template: Template) -> int:
    """Make sure that ``template`` stands on ``engine``, whoever else is building it now; return its size in bytes."""
    size = size_of(engine, template.name)
    if size is not None:
        return size
    key = leases.lock_key(template.name)
    engine.admin.execute("SELECT pg_advisory_lock(%s)", [key])
    try:
        if size_of(engine, template.name) is None:
            _make_group(engine.admin)
            _build(engine, template)
            _drop_older(engine, template)
        return size_of(engine, template.name) or 0
    finally:
        engine.admin.execute("SELECT pg_advisory_unlock(%s)", [key])


def size_of(engine: Engine, name: str) -> int | None:
    """Return the size in bytes of database ``name``, ``None`` when there is none."""
    found = engine.admin.execute("SELECT pg_database_size(oid) FROM pg_database WHERE datname = %s", [name]).fetchone()
    return int(found[0]) if found else None


def _make_group(admin: Connection) -> None:
    """Make the role that owns what templates hold, unless it is there."""
    if admin.execute("SELECT FROM pg_roles WHERE rolname = %s", [GROUP]).fetchone() is None:
        try:
            admin.execute(roles.MAKE_GROUP.encode())
        except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
            pass  # another process made it in between


def _build(engine: Engine, template: Template) -> None:
    """Build under another name and rename at the end, so that half a template is never found."""
    admin = engine.admin
    now = admin.execute("SELECT extract(epoch FROM now())::bigint").fetchone()
    assert now is not None
    name = leases.new_name(BUILD_PREFIX, now=now[0])
    password = engine.make_role(name)
    try:
        made = f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8' {_collation(engine)}"
        admin.execute(f"{made} ALLOW_CONNECTIONS false".encode())
        admin.execute(
            f'GRANT CREATE, TEMPORARY ON DATABASE "{name}" TO {GROUP}; {roles.to_open(name, name)}'
            f'ALTER ROLE "{name}" SET role = {GROUP}; ALTER ROLE "{name}" SET statement_timeout = \'10min\''.encode()
        )
        with engine.connect(name) as inside:
            inside.execute(roles.TO_FURNISH.encode())
        _fill(template, engine.url(name, role=name, password=password))
        _publish(engine, template, name)
    finally:
        engine.drop(name)


def _fill(template: Template, url: str) -> None:
    """Run the template's recipe as the candidates' group, so that the group owns what it makes."""
    if not isinstance(template.build, str):
        template.build(url)
        return
    if template.is_empty:
        return
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(template.build.encode())
    except psycopg.Error as error:
        raise ProDevError(
            f"The SQL that builds the template {template.key!r} was refused: {error}",
            remedy="Correct that SQL; it runs as an unprivileged role that owns the schema 'public'.",
        ) from error


def _publish(engine: Engine, template: Template, name: str) -> None:
    """Freeze the finished database, close it to connections, and give it its name."""
    if not template.is_empty:
        with engine.connect(name) as inside:
            inside.execute(f'REASSIGN OWNED BY "{name}" TO {GROUP}'.encode())
            inside.execute("VACUUM (FREEZE, ANALYZE)")
            inside.execute("VACUUM (FREEZE)")  # Postgres 18 marks pages all-visible on the second pass only
    admin = engine.admin
    engine.disconnect(name)
    admin.execute(
        f'REVOKE ALL ON DATABASE "{name}" FROM {GROUP}; REVOKE ALL ON DATABASE "{name}" FROM "{name}";'
        f'ALTER DATABASE "{name}" RENAME TO "{template.name}"'.encode()
    )
    admin.execute(f'ALTER DATABASE "{template.name}" ALLOW_CONNECTIONS false'.encode())


def _collation(engine: Engine) -> str:
    """Choose byte order everywhere, so that rows sort the same on every engine, and UTF-8 letters where we can."""
    if engine.version >= 17:
        return "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LC_COLLATE 'C' LC_CTYPE 'C'"
    found = engine.admin.execute("SELECT datctype FROM pg_database WHERE datname = 'template0'").fetchone()
    ctype = str(found[0]).replace("'", "''") if found else "C"
    provider = "LOCALE_PROVIDER libc " if engine.version >= 15 else ""
    return f"{provider}LC_COLLATE 'C' LC_CTYPE '{ctype}'"


def _drop_older(engine: Engine, template: Template) -> None:
    """Drop the templates that earlier versions of the same exercise left."""
    older = engine.admin.execute(
        "SELECT datname FROM pg_database WHERE datname ~ %s AND datname <> %s",
        [f"^{_PREFIX}{'0' if template.is_empty else template.slug}_[0-9a-f]{{12}}$", template.name],
    ).fetchall()
    for (name,) in older:
        engine.admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
