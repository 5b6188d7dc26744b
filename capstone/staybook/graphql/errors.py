"""Errors as GraphQL tells them: ours with their code, GraphQL's own as they are, anything else as a bug of ours.

``extensions`` of an error: ``code`` (stable, for programs), ``request_id``, and where there are any ``fields`` and
``retry_after_s``. Source: GraphQL specification, October 2021, section 7.1.2 (errors).
"""

from __future__ import annotations

import logging
from typing import Any

from graphql import GraphQLError
from strawberry.utils.str_converters import to_camel_case

from staybook.common import errors
from staybook.common.context import request_id

_log = logging.getLogger(__name__)

_STATUSES: dict[type[errors.StaybookError], int] = {
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.TooMany: 429,
    errors.Busy: 503,
}


def told(error: GraphQLError) -> dict[str, Any]:
    """``error`` for the caller. What nobody expected is logged here, and its words stay here."""
    shown: dict[str, Any] = {"message": str(error.message)}
    cause = cause_of(error)
    if isinstance(cause, errors.StaybookError):
        shown = {"message": cause.detail, "extensions": _extensions(cause)}
    elif cause is None:
        shown["extensions"] = {"code": "graphql_invalid", "request_id": request_id.get()}
    else:
        _log.error("graphql failed", exc_info=cause, extra={"path": error.path})
        shown = {"message": "Something went wrong on our side.", "extensions": {"code": "internal_error"}}
        shown["extensions"]["request_id"] = request_id.get()
    if error.locations:
        shown["locations"] = [place.formatted for place in error.locations]
    if error.path:
        shown["path"] = error.path
    return shown


def cause_of(error: GraphQLError) -> BaseException | None:
    """What was raised by our code; None for an error that GraphQL found in the request."""
    cause: BaseException | None = error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause


def status_of(error: GraphQLError) -> int:
    """The status of an answer that has ``error`` and no data, as application/graphql-response+json wants it."""
    cause = cause_of(error)
    if isinstance(cause, errors.StaybookError):
        return next((status for kind, status in _STATUSES.items() if isinstance(cause, kind)), 400)
    return 400 if cause is None else 500


def _extensions(error: errors.StaybookError) -> dict[str, Any]:
    shown: dict[str, Any] = {"code": error.code, "request_id": request_id.get()}
    if error.fields:
        shown["fields"] = {to_camel_case(name): words for name, words in error.fields.items()}
    if isinstance(error, errors.Busy):
        shown["retry_after_s"] = error.retry_after_s
    return shown
