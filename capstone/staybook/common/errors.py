"""The one base class of what goes wrong in the domain, and its kinds by what the caller can do about it.

Edges turn them into answers (``api.problems``, ``graphql``); the domain never names a status code.
"""

from __future__ import annotations


class StaybookError(Exception):
    """Something was refused. ``code`` is stable, for programs; ``detail`` is a sentence for people.

    ``fields`` maps names of inputs to what is wrong with them.
    """

    code = "refused"

    def __init__(self, detail: str, *, code: str = "", fields: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or type(self).code
        self.fields = fields or {}


class Invalid(StaybookError):
    """The input breaks a rule: correct it."""

    code = "invalid"


class NotFound(StaybookError):
    """There is no such thing, or it is none of the caller's business."""

    code = "not_found"


class Forbidden(StaybookError):
    """The caller is known, and may not do this."""

    code = "forbidden"


class Unauthenticated(StaybookError):
    """The caller is not known: log in."""

    code = "unauthenticated"


class Conflict(StaybookError):
    """The state of things does not allow it, now: look again, and choose another."""

    code = "conflict"


class Stale(StaybookError):
    """The caller changes a version that is no longer the current one: read again."""

    code = "stale"


class Busy(StaybookError):
    """Others were in the way for too long: the same request may succeed after ``retry_after_s``."""

    code = "busy"

    def __init__(self, detail: str, *, retry_after_s: int = 1, code: str = "") -> None:
        super().__init__(detail, code=code)
        self.retry_after_s = retry_after_s


class TooMany(Busy):
    """The caller asks too often."""

    code = "too_many_requests"


class GatewayFailed(StaybookError):
    """A payment provider did not do what was asked: the same request may succeed later."""

    code = "gateway_failed"
