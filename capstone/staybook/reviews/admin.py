"""Reviews for staff, who read them, and take away what must not stand."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from staybook.reviews import services
from staybook.reviews.models import Review


@admin.register(Review)
class ReviewAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """What guests said."""

    list_display = ("property", "rating", "guest", "created_at")
    list_filter = ("rating",)
    list_select_related = ("property", "guest")
    search_fields = ("property__title", "text")
    readonly_fields = ("public_id", "booking", "property", "guest", "rating", "text", "created_at")
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def delete_model(self, request: HttpRequest, obj: Review) -> None:
        services.remove_review(review=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Review]) -> None:
        for review in queryset:
            services.remove_review(review=review)
