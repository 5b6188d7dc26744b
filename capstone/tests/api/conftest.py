"""Whom the tests of properties are about; a file that needs others has fixtures of these names."""

from __future__ import annotations

import pytest

from staybook.accounts.models import Role, User
from staybook.catalog.models import Property
from tests.factories import make_property, make_user


@pytest.fixture
def host() -> User:
    return make_user(Role.HOST)


@pytest.fixture
def place(host: User) -> Property:
    return make_property(host, title="Loft")
