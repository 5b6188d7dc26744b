"""Bookings for staff: to be read, and cancelled with a refund through the service. Nothing is edited by hand."""

from __future__ import annotations

from typing import cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from staybook.accounts.models import User
from staybook.booking import services
from staybook.booking.models import Booking, BookingNight
from staybook.common.admin import ReadOnly
from staybook.common.errors import StaybookError


class NightInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """The ledger."""

    model = BookingNight
    ordering = ("night",)


@admin.register(Booking)
class BookingAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Every booking, newest first."""

    list_display = ("public_id", "property", "guest", "check_in", "check_out", "status", "total", "currency")
    list_filter = ("status", "currency", "cancellation_policy")
    list_select_related = ("property", "guest")
    search_fields = ("public_id", "guest__email", "property__title")
    date_hierarchy = "check_in"
    ordering = ("-id",)
    show_full_result_count = False
    inlines = (NightInline,)
    actions = ("cancel_with_refund",)

    @admin.action(description="Cancel, and give everything back", permissions=["view"])
    def cancel_with_refund(self, request: HttpRequest, chosen: QuerySet[Booking]) -> None:
        for booking in chosen:
            try:
                services.cancel(actor=cast("User", request.user), booking_id=booking.public_id)
            except StaybookError as error:
                self.message_user(request, f"{booking.public_id}: {error.detail}", messages.ERROR)
            else:
                self.message_user(request, f"{booking.public_id} is cancelled.", messages.SUCCESS)
