"""What the admin's pages share, and the outbox for staff: what waits, what fails, and another turn for it now."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from staybook.common import clock
from staybook.common.models import OutboxMessage


class ReadOnly(admin.options.BaseModelAdmin):  # type: ignore[type-arg]
    """For pages and inlines that staff read: their rows are made, changed and ended by services alone."""

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class OpenFilter(admin.SimpleListFilter):
    """Open ones, and those that have failed."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("open", "open"), ("failing", "open, taken 3 times or more"), ("done", "done")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[OutboxMessage]) -> QuerySet[OutboxMessage]:
        match self.value():
            case "open":
                return queryset.filter(published_at=None)
            case "failing":
                return queryset.filter(published_at=None, attempts__gte=3)
            case "done":
                return queryset.exclude(published_at=None)
        return queryset


@admin.register(OutboxMessage)
class OutboxAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Messages, newest first. Nobody writes them by hand, and nobody deletes what is open."""

    list_display = ("id", "topic", "payload", "attempts", "created_at", "due_at", "published_at", "request_id")
    list_filter = (OpenFilter, "topic")
    search_fields = ("request_id", "topic")
    ordering = ("-id",)
    show_full_result_count = False
    actions = ("let_it_come_now",)

    @admin.action(description="Try again now", permissions=["view"])
    def let_it_come_now(self, request: HttpRequest, chosen: QuerySet[OutboxMessage]) -> None:
        count = chosen.filter(published_at=None).update(due_at=clock.now(), attempts=0)
        self.message_user(request, f"{count} messages are due.")
