"""Versions of a property over HTTP: who has it is sent nothing, and of two who change it one is told."""

from __future__ import annotations

import pytest

from staybook.catalog import services
from tests.api.paths import PROPERTIES, at

pytestmark = pytest.mark.django_db


class TestNotModified:
    def test_who_has_it_is_sent_nothing(self, api, place):
        tag = api.get(at(place))["ETag"]

        answer = api.get(at(place), If_None_Match=tag)

        assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", tag)

    @pytest.mark.parametrize("header", ['"x", W/"v1"', "*"])
    def test_if_none_match_compares_weakly_and_in_lists(self, api, place, header):
        assert api.get(at(place), If_None_Match=header).status_code == 304

    def test_who_has_another_is_sent_it(self, api, place):
        assert api.get(at(place), If_None_Match='"v0"').status_code == 200

    def test_lists_have_tags_too(self, api, host, place, django_capture_on_commit_callbacks):
        tag = api.get(PROPERTIES)["ETag"]
        assert api.get(PROPERTIES, If_None_Match=tag).status_code == 304

        with django_capture_on_commit_callbacks(execute=True):
            api.as_(host).patch(at(place), {"title": "Another"}, If_Match="*")

        assert api.get(PROPERTIES, If_None_Match=tag).status_code == 200


class TestTwoWhoChangeTheSameVersion:
    def _race(self, together, place) -> list[str]:
        def change(number: int):
            return services.change_property(
                actor=place.host, property_id=place.public_id, versions={1}, changes={"title": f"Title {number}"}
            )

        done = together([lambda number=number: change(number) for number in range(6)])
        return sorted(type(result).__name__ for result in done)

    @pytest.mark.django_db(transaction=True)
    def test_one_is_heard_and_the_others_are_told(self, together, place):
        assert self._race(together, place) == ["Property"] + ["Stale"] * 5

    @pytest.mark.django_db(transaction=True)
    def test_the_control_without_the_version_in_the_update_all_overwrite_one_another(
        self, together, place, monkeypatch
    ):
        count_up = services.count_up
        monkeypatch.setattr(services, "count_up", lambda place, versions=None, **columns: count_up(place, **columns))

        assert self._race(together, place) == ["Property"] * 6
