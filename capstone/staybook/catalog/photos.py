"""Pictures of properties: files that begin as pictures do, under names of ours, in an order that the host gives."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import F, Max

from staybook.accounts.models import User
from staybook.catalog.models import Photo, Property
from staybook.catalog.services import announce, count_up, own_property
from staybook.common.errors import Conflict, Invalid, NotFound
from staybook.common.ids import uuid7

MOST_BYTES = 5 * 1024 * 1024
MOST_PHOTOS = 20
_ASIDE = 10_000


def kind_of(content: bytes) -> str | None:
    """The suffix that the first bytes tell: jpg, png or webp; None for anything else.

    Sources: ISO/IEC 10918-1 (SOI marker), RFC 2083 section 3.1, RFC 9649 section 2.4.
    """
    if content.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    return None


def add_photo(*, actor: User, property_id: UUID, content: bytes, caption: str = "") -> Photo:
    """Put a picture behind the others of a property.

    Raises NotFound, Forbidden; Invalid for what is no picture or over 5 MiB; Conflict with 20 pictures there.
    """
    suffix = kind_of(content)
    if suffix is None:
        raise Invalid("Some fields are not right.", fields={"image": "A JPEG, PNG or WebP file."})
    if len(content) > MOST_BYTES:
        raise Invalid("Some fields are not right.", fields={"image": f"At most {MOST_BYTES // 1024**2} MiB."})
    photo = Photo(caption=caption)
    try:
        with transaction.atomic():
            place = _locked(actor, property_id)
            last = place.photos.aggregate(last=Max("position"))["last"]
            if place.photos.count() >= MOST_PHOTOS:
                raise Conflict(f"A property has at most {MOST_PHOTOS} photos.", code="too_many_photos")
            photo.property, photo.position = place, 0 if last is None else last + 1
            photo.image.save(f"{uuid7()}.{suffix}", ContentFile(content), save=False)
            photo.save()
    except Exception:
        if photo.image:
            photo.image.delete(save=False)
        raise
    return photo


@transaction.atomic
def remove_photo(*, actor: User, property_id: UUID, photo_id: int) -> None:
    """Take a picture away, and its file once that is committed. Raises NotFound and Forbidden."""
    place = _locked(actor, property_id)
    photo = place.photos.filter(pk=photo_id).first()
    if photo is None:
        raise NotFound("There is no such photo.")
    storage, name = photo.image.storage, photo.image.name
    photo.delete()
    transaction.on_commit(lambda: storage.delete(str(name)))


@transaction.atomic
def order_photos(*, actor: User, property_id: UUID, photo_ids: Sequence[int]) -> None:
    """Show the pictures in this order; the first is the cover.

    Raises NotFound and Forbidden; Invalid unless each picture of the property is named once.
    """
    place = _locked(actor, property_id)
    if sorted(photo_ids) != sorted(place.photos.values_list("pk", flat=True)):
        raise Invalid("Some fields are not right.", fields={"photos": "Name each photo of the property once."})
    place.photos.update(position=F("position") + _ASIDE)  # two photos have one position at no moment
    for position, key in enumerate(photo_ids):
        place.photos.filter(pk=key).update(position=position)


def _locked(actor: User, property_id: UUID) -> Property:
    place = own_property(actor=actor, property_id=property_id)
    count_up(place)
    announce(place)
    return place
