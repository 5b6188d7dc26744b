"""Mail for staff: what has left, what waits, what was given up, and another turn for it."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from staybook.common import clock
from staybook.common.admin import ReadOnly
from staybook.notifications.models import EmailMessage


@admin.register(EmailMessage)
class EmailMessageAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Every mail, newest first. It is read here, never written."""

    list_display = ("id", "dedupe_key", "to", "subject", "created_at", "attempts", "sent_at")
    list_filter = (("sent_at", admin.EmptyFieldListFilter), "attempts")
    search_fields = ("dedupe_key", "to", "subject")
    ordering = ("-id",)
    show_full_result_count = False
    actions = ("send_again_soon",)

    @admin.action(description="Try again those that have not left", permissions=["view"])
    def send_again_soon(self, request: HttpRequest, chosen: QuerySet[EmailMessage]) -> None:
        count = chosen.filter(sent_at=None).update(due_at=clock.now(), attempts=0)
        self.message_user(request, f"{count} mails are due.")
