"""How staybook writes its log: one JSON object a line."""

import json
import logging
import logging.config
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TextIO

from redaction import redact

_PLAIN = set(vars(logging.LogRecord("", 0, "", 0, "", None, None))) | {"message", "asctime", "taskName"}


def configure_logging(environ: Mapping[str, str] | None = None, stream: TextIO | None = None) -> None:
    """Write every record of this process to ``stream``, one JSON object a line, with nothing private in it.

    ``environ["LOG_LEVEL"]`` is the lowest level that is written. Raises ValueError when nobody knows it.
    """
    if environ is None:
        environ = os.environ
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "filters": {"private": {"()": PrivateFilter}},
            "formatters": {"json": {"()": JsonFormatter}},
            "handlers": {
                "stream": {
                    "class": "logging.StreamHandler",
                    "stream": stream,
                    "filters": ["private"],
                    "formatter": "json",
                }
            },
            "root": {"level": environ.get("LOG_LEVEL", "").upper() or "INFO", "handlers": ["stream"]},
        }
    )


class PrivateFilter(logging.Filter):
    """Redact a record before anything is made of it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = redact(record.getMessage())
        record.args = None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = redact(record.exc_text)
        for name in set(vars(record)) - _PLAIN:
            setattr(record, name, redacted(getattr(record, name)))
        return True


class JsonFormatter(logging.Formatter):
    """Write a record as one line."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": datetime.fromtimestamp(record.created, tz=UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_text:
            entry["error"] = record.exc_text
        for name, value in vars(record).items():
            if name not in _PLAIN:
                entry.setdefault(name, value)
        return json.dumps(entry, ensure_ascii=False)


def redacted(value: Any) -> Any:
    match value:
        case None | bool():
            return value
        case int() | float():
            text = redact(str(value))
            return value if text == str(value) else text
        case dict():
            return {redact(str(key)): redacted(item) for key, item in value.items()}
        case list() | tuple():
            return [redacted(item) for item in value]
        case _:
            return redact(str(value))
