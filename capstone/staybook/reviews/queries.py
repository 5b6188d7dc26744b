"""Reviews as everybody sees them: by first words and stars, never by address."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from staybook.reviews.models import Review

NEWEST = ("-id",)


def of_property(property_id: int) -> QuerySet[Review, dict[str, Any]]:
    """Rows for ``shown``, not in order."""
    rows: Any = Review.objects.filter(property_id=property_id)
    found: QuerySet[Review, dict[str, Any]] = rows.values(
        "id", "public_id", "rating", "text", "created_at", "guest__name"
    )
    return found


def shown(row: dict[str, Any]) -> dict[str, Any]:
    """One review, plain."""
    return {
        "id": str(row["public_id"]),
        "rating": row["rating"],
        "text": row["text"],
        "guest": {"name": row["guest__name"]},
        "created_at": row["created_at"].isoformat(),
    }


def one(review: Review) -> dict[str, Any]:
    """A review that was just written."""
    return shown(of_property(review.property_id).get(pk=review.pk))
