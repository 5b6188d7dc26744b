"""How staybook writes its log: one JSON object a line."""

import json
import logging
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TextIO

from redaction import redact

_ORDINARY = vars(logging.makeLogRecord({})).keys() | {"message", "asctime"}


def configure_logging(environ: Mapping[str, str] | None = None, stream: TextIO | None = None) -> None:
    """Write every record of this process to ``stream``, one JSON object a line, with nothing private in it.

    ``environ["LOG_LEVEL"]`` is the lowest level that is written. Raises ValueError when nobody knows it.
    """
    environ = os.environ if environ is None else environ
    level = (environ.get("LOG_LEVEL") or "INFO").upper()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_JsonFormatter())
    logging.basicConfig(handlers=[handler], level=level, force=True)


class _JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {name: value for name, value in vars(record).items() if name not in _ORDINARY}
        line |= {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        text = json.dumps(_public(line))
        if record.exc_info:
            text += "\n" + redact(self.formatException(record.exc_info))
        return text


def _public(value: Any) -> Any:
    """``value`` as JSON can hold it, without cards and e-mail addresses."""
    if isinstance(value, Mapping):
        return {redact(str(key)): _public(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_public(item) for item in value]
    text = str(value)
    is_json = value is None or isinstance(value, bool | int | float)
    return value if is_json and redact(text) == text else redact(text)
