"""A service that is not there: never a learner's failure."""

from __future__ import annotations

from prodev.errors import Unavailable

__all__ = ["START_SERVICES", "Unavailable"]

START_SERVICES = "docker compose --profile services up -d"
"""The command that starts what docker-compose.yml publishes on the standard ports."""
