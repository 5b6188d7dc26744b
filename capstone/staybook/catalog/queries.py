"""Properties as they are shown: plain dicts that JSON can carry, in two statements however many there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet, Value

from staybook.accounts.models import User
from staybook.catalog.models import Amenity, City, Photo, Property
from staybook.common import keyset
from staybook.common.errors import NotFound

Card = dict[str, Any]
NEWEST = ("-id",)

_COLUMNS = (
    "id",
    "public_id",
    "title",
    "city__slug",
    "city__name",
    "city__country",
    "sleeps",
    "nightly",
    "cleaning_fee",
    "currency",
    "cancellation_policy",
    "rating_sum",
    "rating_count",
    "host__public_id",
    "host__name",
)
_MORE = ("description", "city__timezone", "version", "is_listed", "created_at")


class Page(NamedTuple):
    """Some properties, and the position behind the last of them; None where there are no more."""

    cards: list[Card]
    rest: list[Any] | None


def page(rows: QuerySet[Property], *, order: Sequence[str], after: keyset.Position | None, limit: int) -> Page:
    """One page of ``rows``: two statements."""
    names = [name.removeprefix("-") for name in order]
    found = list(keyset.after(rows, order, after).values_list(*_COLUMNS)[: limit + 1])
    shown = found[:limit]
    rest = [shown[-1][_COLUMNS.index(name)] for name in names] if len(found) > limit else None
    return Page(_cards(shown), rest)


def listed(*, after: keyset.Position | None, limit: int) -> Page:
    """What everybody may see, newest first."""
    return page(Property.objects.filter(is_listed=True), order=NEWEST, after=after, limit=limit)


def of_host(host: User, *, after: keyset.Position | None, limit: int) -> Page:
    """The host's own, newest first, withdrawn ones too."""
    rows = Property.objects.filter(host=host)
    found = list(keyset.after(rows, NEWEST, after).values_list(*_COLUMNS, *_MORE)[: limit + 1])
    return Page(_cards(found[:limit]), [found[limit - 1][0]] if len(found) > limit else None)


def detail(property_id: UUID, *, seen_by: User | None = None) -> Card:
    """One property, whole: two statements. Raises NotFound; a withdrawn one is there for its host and for staff."""
    row = Property.objects.filter(public_id=property_id).values_list(*_COLUMNS, *_MORE).first()
    if row is not None:
        card = _cards([row])[0]
        if card["is_listed"] or (seen_by and (seen_by.is_staff or str(seen_by.public_id) == card["host"]["id"])):
            return card
    raise NotFound("There is no such property.")


def whereabouts(property_id: UUID) -> tuple[int, str]:
    """The key and the time zone of a listed property. Raises NotFound."""
    rows = Property.objects.filter(public_id=property_id, is_listed=True)
    found = rows.values_list("pk", "city__timezone").first()
    if found is None:
        raise NotFound("There is no such property.")
    return found


def cities() -> list[Card]:
    """All of them by name. One statement."""
    return [dict(row) for row in City.objects.values("slug", "name", "country", "timezone")]


def amenities() -> list[Card]:
    """All of them by name. One statement."""
    return [dict(row) for row in Amenity.objects.values("slug", "name")]


def photo_of(row: tuple[int, str, str]) -> Card:
    """A photo, from its id, the name of its file, and its caption."""
    return {"id": row[0], "url": settings.MEDIA_URL + row[1], "caption": row[2]}


def _cards(rows: Iterable[tuple[Any, ...]]) -> list[Card]:
    """Rows of ``_COLUMNS``, with or without ``_MORE``, as they are shown. One statement, or none for no rows."""
    rows = list(rows)
    amenities, photos = _extras([row[0] for row in rows])
    return [_card(row, amenities.get(row[0], []), photos.get(row[0], [])) for row in rows]


def _card(row: tuple[Any, ...], amenities: list[Card], photos: list[Card]) -> Card:
    (_, key, title, slug, city, country, sleeps, nightly, fee, currency, policy, total, count, host, name) = row[:15]
    card = {
        "id": str(key),
        "title": title,
        "city": {"slug": slug, "name": city, "country": country},
        "sleeps": sleeps,
        "nightly": str(nightly),
        "cleaning_fee": str(fee),
        "currency": currency,
        "cancellation_policy": policy,
        "rating": round(total / count, 2) if count else None,
        "review_count": count,
        "amenities": amenities,
        "photos": photos,
        "host": {"id": str(host), "name": name},
    }
    if len(row) > 15:
        description, timezone, version, is_listed, created_at = row[15:]
        card |= {"description": description, "timezone": timezone, "version": version}
        card |= {"is_listed": is_listed, "created_at": created_at.isoformat()}
    return card


def _extras(keys: Collection[int]) -> tuple[dict[int, list[Card]], dict[int, list[Card]]]:
    """The amenities and the photos of these properties, in one statement; amenities come with position -1."""
    amenities: dict[int, list[Card]] = defaultdict(list)
    photos: dict[int, list[Card]] = defaultdict(list)
    if not keys:
        return amenities, photos
    through: Any = Property.amenities.through.objects
    has = through.filter(property_id__in=keys).values_list(
        "property_id", Value(-1), "amenity_id", "amenity__slug", "amenity__name"
    )
    looks = Photo.objects.filter(property_id__in=keys).order_by()
    rows = has.union(looks.values_list("property_id", "position", "id", "image", "caption"), all=True)
    for key, position, pk, text, caption in sorted(rows, key=lambda row: (row[1], row[3])):
        if position < 0:
            amenities[key].append({"slug": text, "name": caption})
        else:
            photos[key].append(photo_of((pk, text, caption)))
    return amenities, photos
