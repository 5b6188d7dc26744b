"""Queries that are worded once find what Django finds."""

from __future__ import annotations

import uuid

import pytest

from staybook.accounts.models import User
from staybook.catalog.models import Property
from staybook.common.compiled import ByPublicId
from tests.factories import make_property, make_user

pytestmark = pytest.mark.django_db


def test_a_row_is_the_one_that_django_reads(django_assert_num_queries):
    expected = Property.objects.select_related("city").get(pk=make_property(nightly="99.50").pk)
    find = ByPublicId(lambda: Property.objects.select_related("city").filter(is_listed=True))
    make_property()

    with django_assert_num_queries(2):
        found, again = find(expected.public_id), find(expected.public_id)
        city = found.city

    assert found == again == expected
    for mine, its in ((found, expected), (city, expected.city)):
        assert {name: value for name, value in vars(mine).items() if name != "_state"} == {
            name: value for name, value in vars(its).items() if name != "_state"
        }
        assert (mine._state.adding, mine._state.db) == (its._state.adding, its._state.db)


def test_what_is_not_among_the_rows_is_not_found():
    find = ByPublicId(lambda: Property.objects.filter(is_listed=True))

    assert find(make_property(is_listed=False).public_id) is None
    assert find(uuid.uuid4()) is None


def test_rows_with_a_value_of_their_own_are_refused():
    somebody = make_user()

    with pytest.raises(ValueError, match="for ever"):
        ByPublicId(lambda: User.objects.filter(email=somebody.email))(somebody.public_id)
