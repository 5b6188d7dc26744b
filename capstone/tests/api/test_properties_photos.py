"""Photos of a property over HTTP: what is a picture, whose it is, and where it stands."""

from __future__ import annotations

import io

import pytest

from staybook.accounts.models import Role
from tests.api.paths import at
from tests.factories import make_user

pytestmark = pytest.mark.django_db
PICTURE = b"\x89PNG\r\n\x1a\n" + b"pixels"


class TestPhotos:
    @pytest.fixture(autouse=True)
    def _media(self, settings, tmp_path):
        settings.MEDIA_ROOT = tmp_path
        self.folder = tmp_path

    def _upload(self, api, place, content=PICTURE, **fields):
        return api.upload(at(place, "/photos"), {"image": io.BytesIO(content), **fields})

    def _files(self):
        return [path for path in self.folder.rglob("*") if path.is_file()]

    @pytest.mark.parametrize(
        ("content", "suffix"),
        [(PICTURE, "png"), (b"\xff\xd8\xff\xe0jfif", "jpg"), (b"RIFF\0\0\0\0WEBPVP8 ", "webp")],
    )
    def test_a_picture_is_known_by_its_first_bytes(self, api, host, place, content, suffix):
        answer = self._upload(api.as_(host), place, content, caption="The front")

        assert (answer.status_code, answer.json()["caption"]) == (201, "The front")
        assert answer.json()["url"].endswith(f".{suffix}")
        assert [path.read_bytes() for path in self._files()] == [content]

    @pytest.mark.parametrize("content", [b"<svg onload=alert(1)>", b"GIF89a", b"RIFF\0\0\0\0WAVE", b"MZ"])
    def test_what_is_no_picture_is_refused(self, api, host, place, content):
        answer = self._upload(api.as_(host), place, content)

        assert (answer.status_code, list(answer.json()["fields"])) == (400, ["image"])
        assert not self._files()

    def test_a_picture_that_is_too_large_is_refused(self, api, host, place):
        answer = self._upload(api.as_(host), place, PICTURE + bytes(5 * 1024 * 1024))

        assert (answer.status_code, list(answer.json()["fields"])) == (400, ["image"])

    def test_a_property_has_twenty_at_most_and_the_file_of_the_next_goes(self, api, host, place):
        for number in range(20):
            place.photos.create(position=number, image=f"{number}.jpg")

        assert self._upload(api.as_(host), place).json()["code"] == "too_many_photos"
        assert not self._files()

    def test_only_its_host_adds_and_removes(self, api, host, place):
        other = api.as_(make_user(Role.HOST))
        mine = self._upload(api.as_(host), place).json()["id"]

        assert self._upload(other, place).status_code == 403
        assert other.delete(at(place, f"/photos/{mine}")).status_code == 403
        assert other.put(at(place, "/photos"), {"photos": [mine]}).status_code == 403

    def test_they_are_put_in_order(self, api, host, place):
        mine = api.as_(host)
        first, second = (self._upload(mine, place).json()["id"] for _ in range(2))

        assert mine.put(at(place, "/photos"), {"photos": [second, first]}).status_code == 204
        assert [photo["id"] for photo in api.get(at(place)).json()["photos"]] == [second, first]

    @pytest.mark.parametrize("wrong", [[], [1], "twice"])
    def test_an_order_names_each_once(self, api, host, place, wrong):
        mine = api.as_(host)
        photo = self._upload(mine, place).json()["id"]
        named = [photo, photo] if wrong == "twice" else [photo + 1 for _ in wrong]

        assert mine.put(at(place, "/photos"), {"photos": named}).status_code == 400

    def test_what_is_removed_is_gone_with_its_file(self, api, host, place, django_capture_on_commit_callbacks):
        mine = api.as_(host)
        photo = self._upload(mine, place).json()["id"]

        with django_capture_on_commit_callbacks(execute=True):
            assert mine.delete(at(place, f"/photos/{photo}")).status_code == 204
        assert (api.get(at(place)).json()["photos"], self._files()) == ([], [])
        assert mine.delete(at(place, f"/photos/{photo}")).status_code == 404

    def test_each_change_counts_the_version_up(self, api, host, place):
        self._upload(api.as_(host), place)

        assert api.get(at(place))["ETag"] == '"v2"'
