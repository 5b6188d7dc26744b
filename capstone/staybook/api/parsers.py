"""Reading bodies, up to a length: DRF reads from the stream, past Django's own limit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from django.conf import settings
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser


class TooLong(APIException):
    """The body is longer than we read. Source: RFC 9110, section 15.5.14."""

    status_code = 413
    default_code = "too_long"
    default_detail = "The body is too long."


def _refuse(name: str) -> NoReturn:
    """Python reads Infinity and NaN, which are not JSON. Source: RFC 8259, section 6."""
    raise ValueError(f"Out of range float values are not JSON compliant: {name}")


_READER = json.JSONDecoder(parse_constant=_refuse)
"""One for all: to make it costs more than to read a small body."""


class BoundedJSONParser(JSONParser):
    """JSON of at most DATA_UPLOAD_MAX_MEMORY_SIZE bytes; a server never passes on more than Content-Length says."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Raises TooLong, and ParseError for what is not JSON."""
        length = int((parser_context or {})["request"].META.get("CONTENT_LENGTH") or 0)
        if length > (settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0):
            raise TooLong
        try:
            return _READER.decode(stream.read().decode())
        except (ValueError, RecursionError) as error:  # ValueError of what is not UTF-8, too
            raise ParseError(f"JSON parse error - {error}") from error
