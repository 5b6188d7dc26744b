"""Cities, amenities and properties for staff. What is changed here is announced as hosts' changes are."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from staybook.catalog import services
from staybook.catalog.freshness import EVERYTHING
from staybook.catalog.models import Amenity, City, Photo, Property
from staybook.common import cache


@admin.register(City)
class CityAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Where properties are."""

    list_display = ("name", "slug", "country", "timezone")
    list_filter = ("country",)
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}

    def save_model(self, request: HttpRequest, obj: City, form: ModelForm[City], change: bool) -> None:
        super().save_model(request, obj, form, change)
        services.show_again(cities=[obj.pk])
        transaction.on_commit(lambda: cache.bump(EVERYTHING), robust=True)


@admin.register(Amenity)
class AmenityAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """What properties have."""

    list_display = ("name", "slug")
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}

    def save_model(self, request: HttpRequest, obj: Amenity, form: ModelForm[Amenity], change: bool) -> None:
        super().save_model(request, obj, form, change)
        services.show_again(amenities=[obj.pk])
        transaction.on_commit(lambda: cache.bump(EVERYTHING), robust=True)


class PhotoInline(admin.TabularInline):  # type: ignore[type-arg]
    """A property's pictures."""

    model = Photo
    extra = 0


@admin.register(Property)
class PropertyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Listings."""

    list_display = ("title", "city", "host", "nightly", "currency", "sleeps", "is_listed", "rating_count")
    list_filter = ("is_listed", "city", "currency", "cancellation_policy")
    list_select_related = ("city", "host")
    search_fields = ("title", "host__email")
    autocomplete_fields = ("city", "amenities")
    raw_id_fields = ("host",)
    readonly_fields = ("public_id", "version", "rating_sum", "rating_count", "created_at")
    inlines = (PhotoInline,)
    actions = ("withdraw",)
    show_full_result_count = False

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        services.count_up(form.instance)
        services.announce(form.instance)

    @admin.action(description="Take off the list")
    def withdraw(self, request: HttpRequest, queryset: QuerySet[Property]) -> None:
        """Withdraw what is selected."""
        for place in queryset:
            services.withdraw_property(actor=request.user, property_id=place.public_id)  # type: ignore[arg-type]
