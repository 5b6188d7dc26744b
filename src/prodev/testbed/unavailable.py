"""A service that is not there: never a learner's failure."""

from __future__ import annotations

from prodev.errors import ProDevError


class Unavailable(ProDevError):
    """A suite needs a service and none serves: could not grade. ``remedy`` is the command that starts one."""
