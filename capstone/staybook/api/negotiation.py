"""How an answer is worded: in JSON, and who accepts nothing of that is told so."""

from __future__ import annotations

from collections.abc import Iterable

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class Negotiation(DefaultContentNegotiation):
    """DRF's, which is not asked where there is one answer: its reading of ``Accept`` costs as much as the JSON."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """The first renderer for whoever takes anything. Raises NotAcceptable."""
        first = next(iter(renderers))
        is_plain = format_suffix is None and "format" not in request.GET
        if is_plain and request.META.get("HTTP_ACCEPT", "*/*") in ("*/*", first.media_type):
            return first, str(first.media_type)
        chosen: tuple[BaseRenderer, str] = super().select_renderer(request, renderers, format_suffix)
        return chosen
