"""How staybook writes its log: one JSON object a line."""

import logging
import os
from collections.abc import Mapping
from typing import TextIO

from redaction import redact

LINE = '{"time": "%(asctime)s", "level": "%(levelname)s", "logger": "%(name)s", "message": "%(message)s"}'


def configure_logging(environ: Mapping[str, str] | None = None, stream: TextIO | None = None) -> None:
    """Write every record of this process to ``stream``, one JSON object a line, with nothing private in it.

    ``environ["LOG_LEVEL"]`` is the lowest level that is written. Raises ValueError when nobody knows it.
    """
    environ = os.environ if environ is None else environ
    level = (environ.get("LOG_LEVEL") or "INFO").upper()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Redacted(LINE))
    logging.basicConfig(handlers=[handler], level=level, force=True)


class _Redacted(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))
