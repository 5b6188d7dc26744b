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

from django.db import OperationalError

from staybook.common import clock
from staybook.common.errors import Busy, Conflict, Invalid
from staybook.common.models import IdempotencyKey
from staybook.common.transactions import in_transaction, insert_unless_taken, is_contention

KEPT = timedelta(hours=24)
_KEY = re.compile(r"[!#-~]{1,255}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request got. ``status`` says how to read ``body``."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)

    def written_to(self, row: IdempotencyKey) -> IdempotencyKey:
        row.status, row.body, row.headers = self.status, self.body, self.headers
        return row


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
            row = self._row()
            if earlier := self._answered_or_inserted(row):
                return earlier, True
            answer = effect()
            answer.written_to(row).save(update_fields=["status", "body", "headers"])
            return answer, False

        return in_transaction(claim_and_do, may_join=False)

    def keep(self, answer: Answer) -> Answer:
        """Keep ``answer`` for the next time; or give the one that the same request was given meanwhile."""
        row = answer.written_to(self._row())
        return in_transaction(lambda: self._answered_or_inserted(row)) or answer

    def _row(self) -> IdempotencyKey:
        return IdempotencyKey(user_id=self.user_id, key=self.key, fingerprint=self.fingerprint)

    def _answered_or_inserted(self, row: IdempotencyKey) -> Answer | None:
        while True:
            try:
                if insert_unless_taken(row):
                    return None
            except OperationalError as error:
                if is_contention(error):
                    words = "The first request with this key is still going on."
                    raise Busy(words, code="idempotency_key_in_use") from error
                raise
            if earlier := self.answered():
                return earlier


def clean() -> int:
    """Delete the keys that are too old to be answered; return how many."""
    return IdempotencyKey.objects.filter(created_at__lt=clock.now() - KEPT).delete()[0]
