"""What belongs to the request that is being served, wherever the code is: its id, and who sent it."""

from __future__ import annotations

from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Set by the first middleware, by the relay and by Celery's worker; read by logs and by the outbox."""
