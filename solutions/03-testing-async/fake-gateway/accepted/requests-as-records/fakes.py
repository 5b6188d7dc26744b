"""A payment gateway for tests: in memory, and as strict as the real one."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from gateway import Charge, Declined, GatewayError, Invalid, KeyReused, NotFound


@dataclass
class _Taken:
    cents: int
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    refunded: int = 0

    def told(self) -> Charge:
        return Charge(id=self.id, cents=self.cents, refunded=self.refunded)


@dataclass(frozen=True)
class _Request:
    cents: int
    card: str


class FakeGateway:
    """Does what the sandbox does, without a network."""

    def __init__(self) -> None:
        self._taken: list[_Taken] = []
        self._seen: dict[str, tuple[_Request, Callable[[], Charge]]] = {}

    def charge(self, cents: int, *, card: str, key: str) -> Charge:
        """Take the cents, once for each key. Raises Invalid, KeyReused or Declined."""
        if type(cents) is not int or cents <= 0:
            raise Invalid("amount")
        request = _Request(cents, card)
        earlier, answer = self._seen.get(key, (request, None))
        if earlier != request:
            raise KeyReused(key)
        if answer is None:
            answer = self._decide(request)
            self._seen[key] = (request, answer)
        return answer()

    def refund(self, id: str, cents: int) -> Charge:
        """Give cents of a charge back, and return it as it is now. Raises NotFound or Invalid."""
        for taken in self._taken:
            if taken.id == id:
                if type(cents) is not int or not 0 < cents <= taken.cents - taken.refunded:
                    raise Invalid("amount")
                taken.refunded += cents
                return taken.told()
        raise NotFound(id)

    def charges(self) -> list[Charge]:
        """Return all charges as they are now, the oldest first."""
        return [taken.told() for taken in self._taken]

    def _decide(self, request: _Request) -> Callable[[], Charge]:
        def refuse(error: type[GatewayError], reason: str) -> Charge:
            raise error(reason)

        if request.card.endswith("0002"):
            return lambda: refuse(Declined, "insufficient_funds")
        if request.card.endswith("0069"):
            return lambda: refuse(Declined, "expired_card")
        taken = _Taken(request.cents)
        self._taken.append(taken)
        first = taken.told()
        return lambda: first
