"""A request that is made once, however often it is sent, whatever it is sent over.

The claim of a key, the effect and the answer are one transaction: a process that dies leaves none of them. A duplicate
that comes meanwhile waits on the unique index (2 s by ``lock_timeout``), and gets the same answer.
Source: IETF draft "The Idempotency-Key HTTP Header Field", sections 2.1 to 2.7.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

from django.db import DatabaseError, OperationalError

from staybook.common import clock
from staybook.common.errors import Busy, Conflict, Invalid
from staybook.common.models import IdempotencyKey
from staybook.common.transactions import in_transaction, insert_unless_taken, is_contention

IN_USE = "idempotency_key_in_use"
KEPT = timedelta(hours=24)
_KEY = re.compile(r"[!#-~]{1,255}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request got. ``status`` says how to read ``body``."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


_NONE_YET = Answer(0, b"")


class Taken(Exception):
    """The key of a claim is another's: of the same request, or of another one. ``Asked.answered`` says which."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as its key knows it: whose it is, and what it told."""

    user_id: int
    key: str
    fingerprint: str

    @classmethod
    def of(cls, *, user_id: int, key: str, told: bytes) -> Asked:
        """Raises Invalid for a key that cannot be."""
        if not _KEY.fullmatch(key):
            raise Invalid("A key is 1 to 255 visible ASCII characters.", code="idempotency_key_invalid")
        return cls(user_id, key, hashlib.sha256(told).hexdigest())

    def answered(self) -> Answer | None:
        """The answer that this key has; one that is too old is forgotten.

        Raises Conflict ``idempotency_key_reused`` for the key of another request.
        """
        stored = IdempotencyKey.objects.filter(user_id=self.user_id, key=self.key)
        earlier = stored.first()
        if earlier is None:
            return None
        if earlier.created_at < clock.now() - KEPT:
            stored.filter(pk=earlier.pk).delete()
            return None
        if earlier.fingerprint != self.fingerprint:
            raise Conflict("This key belongs to another request. Take a new one.", code="idempotency_key_reused")
        return Answer(earlier.status, bytes(earlier.body), earlier.headers)

    def do_once(self, effect: Callable[[], Answer]) -> tuple[Answer, bool]:
        """The answer of ``effect``, and whether it is an earlier one's. What ``effect`` raises undoes the claim too.

        Raises Busy ``idempotency_key_in_use`` when the first request goes on for too long; Conflict as ``answered``.
        """

        def claim_and_do() -> tuple[Answer, bool]:
            row = self.claim().row()
            if earlier := self._answered_or_inserted(row):
                return earlier, True
            answer = effect()
            row.status, row.body, row.headers = answer.status, answer.body, answer.headers
            row.save(update_fields=["status", "body", "headers"])
            return answer, False

        return in_transaction(claim_and_do, may_join=False)

    def keep(self, answer: Answer) -> Answer:
        """Keep ``answer`` for the next time; or give the one that the same request was given meanwhile."""
        row = self.claim(answer).row()
        return in_transaction(lambda: self._answered_or_inserted(row)) or answer

    def claim(self, answer: Answer = _NONE_YET) -> Claim:
        """What is to be inserted: the key that has no answer yet, or that comes with it."""
        return Claim(self, answer)

    def _answered_or_inserted(self, row: IdempotencyKey) -> Answer | None:
        while not claim(row):
            if earlier := self.answered():
                return earlier
        return None


class Claim(NamedTuple):
    """A request and its answer, before the key is taken."""

    asked: Asked
    answer: Answer

    def row(self) -> IdempotencyKey:
        """The row that takes it."""
        facts = {"status": self.answer.status, "body": self.answer.body, "headers": self.answer.headers}
        return IdempotencyKey(
            user_id=self.asked.user_id, key=self.asked.key, fingerprint=self.asked.fingerprint, **facts
        )


def claim(row: IdempotencyKey) -> bool:
    """Insert ``row``, unless its key is taken; whoever is inserting it at this moment is waited for.

    Raises Busy ``idempotency_key_in_use`` when that takes too long.
    """
    try:
        return insert_unless_taken(row)
    except OperationalError as error:
        if is_contention(error):
            raise _in_use() from error
        raise


def in_use(error: DatabaseError) -> Busy | None:
    """What to raise for a statement that claimed a key among other things, if it was the key that it waited for.

    PostgreSQL tells the table in the error's context.
    """
    context = getattr(getattr(error.__cause__, "diag", None), "context", None) or ""
    is_ours = is_contention(error) and f'"{IdempotencyKey._meta.db_table}"' in context
    return _in_use() if is_ours else None


def _in_use() -> Busy:
    return Busy("The first request with this key is still going on.", code=IN_USE)


def clean() -> int:
    """Delete the keys that are too old to be answered; return how many."""
    return IdempotencyKey.objects.filter(created_at__lt=clock.now() - KEPT).delete()[0]
