"""How an answer is worded: in JSON, and who accepts nothing of that is told so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class Negotiation(DefaultContentNegotiation):
    """DRF's, which is not asked where there is one answer: its reading of ``Accept`` costs as much as the JSON."""

    def select_renderer(
        self, request: Request, renderers: Sequence[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """The first renderer for whoever takes anything. Raises NotAcceptable."""
        first = renderers[0]
        is_plain = format_suffix is None and "format" not in request.GET
        if is_plain and request.META.get("HTTP_ACCEPT", "*/*") in ("*/*", first.media_type):
            return first, first.media_type
        chosen: Any = super().select_renderer(request, renderers, format_suffix)  # type: ignore[arg-type]
        return chosen
