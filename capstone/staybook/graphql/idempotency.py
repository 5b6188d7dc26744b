"""``idempotencyKey`` of a mutation means what the header Idempotency-Key means over REST.

What is kept is the card that the mutation answered with, or its refusal: the same key and arguments give the same
facts, whatever fields are asked of them. Links to other things lead to those as they are now.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from strawberry.types import Info

from staybook.common import errors
from staybook.common.idempotency import Answer, Asked
from staybook.graphql.caller import Caller, demand_user

Card = dict[str, Any]

_DONE, _REFUSED = 200, 400
_KINDS = {
    kind.__name__: kind for kind in (errors.Invalid, errors.NotFound, errors.Forbidden, errors.Conflict, errors.Stale)
}
"""Refusals that are kept. "Try again" never is."""


def once(info: Info[Caller, None], key: str, arguments: dict[str, Any], effect: Callable[[], Card]) -> Card:
    """What ``effect`` answers, in one transaction with the claim of ``key``, and again when the same is asked again.

    Raises what ``effect`` raises; Unauthenticated; Invalid, Conflict and Busy as ``common.idempotency``.
    """
    asked = _asked(info, key, arguments)
    refusals: list[errors.StaybookError] = []

    def do() -> Answer:
        refusals.clear()
        try:
            return Answer(_DONE, _bytes(effect()))
        except errors.StaybookError as refusal:
            refusals.append(refusal)
            raise

    try:
        answer, was_replayed = asked.do_once(do)
    except errors.StaybookError as refusal:  # what was begun is rolled back; the answer is kept by itself
        if refusal in refusals:
            _keep_refusal(asked, refusal)
        raise
    info.context.was_replayed |= was_replayed
    return _read(answer)


def once_in_steps(info: Info[Caller, None], key: str, arguments: dict[str, Any], effect: Callable[[], Card]) -> Card:
    """As ``once``, for what asks another service between two transactions of its own, and is harmless twice at once."""
    asked = _asked(info, key, arguments)
    if earlier := asked.answered():
        info.context.was_replayed = True
        return _read(earlier)
    try:
        card = effect()
    except errors.StaybookError as refusal:
        _keep_refusal(asked, refusal)
        raise
    return _read(asked.keep(Answer(_DONE, _bytes(card))))


def _asked(info: Info[Caller, None], key: str, arguments: dict[str, Any]) -> Asked:
    told = f"graphql {info.field_name} {json.dumps(arguments, sort_keys=True, default=str)}"
    return Asked.of(user_id=demand_user(info).pk, key=key, told=told.encode())


def _keep_refusal(asked: Asked, refusal: errors.StaybookError) -> None:
    if type(refusal).__name__ in _KINDS:
        told = {"code": refusal.code, "detail": refusal.detail, "fields": refusal.fields}
        asked.keep(Answer(_REFUSED, _bytes({"kind": type(refusal).__name__} | told)))


def _read(answer: Answer) -> Card:
    """The card. Raises the refusal that was kept."""
    card: Card = json.loads(answer.body)
    if answer.status != _REFUSED:
        return card
    raise _KINDS[card["kind"]](card["detail"], code=card["code"], fields=card["fields"])


def _bytes(card: Card) -> bytes:
    return json.dumps(card).encode()
