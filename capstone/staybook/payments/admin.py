"""Payments in the admin: to look at, and to ask about. Nothing about money is typed in here."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from staybook.common.admin import ReadOnly
from staybook.common.errors import StaybookError
from staybook.payments import refunds, services
from staybook.payments.models import Payment, Refund, RefundStatus, WebhookEvent


class _RefundLines(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = Refund
    fields = ("reference", "amount", "reason", "status", "attempts", "done_at")


@admin.register(Payment)
class PaymentAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """What was asked for, and what came of it."""

    list_display = ("reference", "provider", "status", "amount", "captured", "currency", "created_at", "checked_at")
    list_filter = ("status", "provider", "created_at")
    search_fields = ("reference", "provider_id", "public_id", "booking__public_id")
    list_select_related = ("booking",)
    date_hierarchy = "created_at"
    inlines = (_RefundLines,)
    readonly_fields = ("checkout_url",)
    actions = ("ask_the_provider",)

    @admin.action(description="Ask the provider now", permissions=["view"])
    def ask_the_provider(self, request: HttpRequest, queryset: QuerySet[Payment]) -> None:
        """Settle each of them."""
        for payment in queryset:
            try:
                settled = services.settle(payment_id=payment.pk)
            except StaybookError as error:
                self.message_user(request, f"{payment}: {error.detail}", messages.ERROR)
            else:
                self.message_user(request, f"{payment} is {settled.get_status_display().lower()}.")


@admin.register(Refund)
class RefundAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """What goes back, and why."""

    list_display = ("reference", "payment", "amount", "reason", "status", "attempts", "created_at", "done_at")
    list_filter = ("status", "created_at")
    search_fields = ("reference", "payment__reference")
    list_select_related = ("payment",)
    actions = ("ask_the_provider",)

    @admin.action(description="Ask the provider now", permissions=["view"])
    def ask_the_provider(self, request: HttpRequest, queryset: QuerySet[Refund]) -> None:
        """Let what is due be given, and try once more what was refused."""
        for refund in queryset.exclude(status=RefundStatus.DONE).select_related("payment"):
            try:
                refunds.try_again(refund)
                done = refunds.give_back(refund)
            except StaybookError as error:
                self.message_user(request, f"{refund}: {error.detail}", messages.ERROR)
            else:
                self.message_user(request, f"{refund} is {'done' if done else 'refused'}.")


@admin.register(WebhookEvent)
class WebhookEventAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """What the providers told us."""

    list_display = ("dedupe_key", "provider", "reference", "received_at", "handled_at")
    list_filter = ("provider", ("handled_at", admin.EmptyFieldListFilter), "received_at")
    search_fields = ("dedupe_key", "reference")
    exclude = ("body",)
    actions = ("ask_the_provider",)

    @admin.action(description="Ask the provider now", permissions=["view"])
    def ask_the_provider(self, request: HttpRequest, queryset: QuerySet[WebhookEvent]) -> None:
        """Do again what each of them asks for; it is harmless."""
        for event in queryset:
            try:
                services.handle_webhook(event_id=event.pk)
            except StaybookError as error:
                self.message_user(request, f"{event}: {error.detail}", messages.ERROR)
            else:
                self.message_user(request, f"{event} is handled.")
