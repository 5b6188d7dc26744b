"""How staybook writes its log: one JSON object a line."""

import json
import logging
import os
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from typing import Any, TextIO

from redaction import redact

Event = dict[str, Any]


def configure_logging(environ: Mapping[str, str] | None = None, stream: TextIO | None = None) -> None:
    """Write every record of this process to ``stream``, one JSON object a line, with nothing private in it.

    ``environ["LOG_LEVEL"]`` is the lowest level that is written. Raises ValueError when nobody knows it.
    """
    settings = os.environ if environ is None else environ
    root = logging.getLogger()
    root.setLevel((settings.get("LOG_LEVEL") or "info").upper())
    for handler in [each for each in root.handlers if isinstance(each, _EventHandler)]:
        root.removeHandler(handler)
    root.addHandler(_EventHandler(stream or sys.stderr, [_as_plain_json, _private]))


class _EventHandler(logging.Handler):
    """Hand each record, as a dict, from one processor to the next, and write what comes out."""

    standard = frozenset(vars(logging.makeLogRecord({})))

    def __init__(self, stream: TextIO, processors: list[Callable[[Event], Event]]) -> None:
        super().__init__()
        self.stream, self.processors = stream, processors

    def emit(self, record: logging.LogRecord) -> None:
        try:
            event = self.event_of(record)
            for processor in self.processors:
                event = processor(event)
            print(json.dumps(event), file=self.stream, flush=True)
        except Exception:
            self.handleError(record)

    def event_of(self, record: logging.LogRecord) -> Event:
        seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        event = {key: value for key, value in vars(record).items() if key not in self.standard}
        event["time"] = f"{seconds}.{record.msecs:03.0f}Z"
        event["level"], event["logger"], event["message"] = record.levelname, record.name, record.getMessage()
        event.pop("error", None)
        if record.exc_info:
            event["error"] = "".join(traceback.format_exception(*record.exc_info))
        return event


def _as_plain_json(event: Event) -> Event:
    return json.loads(json.dumps(event, default=str))


def _private(value: Any) -> Any:
    if isinstance(value, dict):
        return {_private(key): _private(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_private(item) for item in value]
    if isinstance(value, str):
        return redact(value)
    if type(value) is int and redact(str(value)) != str(value):
        return redact(str(value))
    return value
