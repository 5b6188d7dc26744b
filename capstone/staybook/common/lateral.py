"""Questions that are asked for each row that a page comes to, and for no other."""

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce


def has_any(rows: QuerySet[Any, Any]) -> Q:
    """Whether there is one among ``rows``, which name the outer query by OuterRef.

    Says what EXISTS says. But that PostgreSQL turns into a join, by which it reads every booking there is to show
    twenty properties; and of a bare IS NULL it believes that one row in two hundred passes, and sorts them all. A
    COALESCE of a subquery with LIMIT it leaves where it is, and believes that half of them pass.
    """
    yes = rows.order_by().annotate(has_any=Value(True)).values("has_any")[:1]
    return Q(Coalesce(Subquery(yes), Value(False), output_field=BooleanField()))
