"""A payment gateway for tests: in memory, and as strict as the real one."""

from dataclasses import replace

from gateway import Charge, Declined, Invalid, KeyReused, NotFound

_DECLINED = {"4000000000000002": "insufficient_funds", "4000000000000069": "expired_card"}


class FakeGateway:
    """Does what the sandbox does, without a network."""

    def __init__(self) -> None:
        self._charges: dict[str, Charge] = {}
        self._answers: dict[str, tuple[tuple[int, str], Charge | str]] = {}

    def charge(self, cents: int, *, card: str, key: str) -> Charge:
        """Take the cents, once for each key. Raises Invalid, KeyReused or Declined."""
        _check(cents)
        if key not in self._answers:
            self._answers[key] = ((cents, card), self._ask_the_bank(cents, card))
        asked, answer = self._answers[key]
        if asked != (cents, card):
            raise KeyReused(f"{key!r} was used for another charge")
        if isinstance(answer, str):
            raise Declined(answer)
        return answer

    def refund(self, id: str, cents: int) -> Charge:
        """Give cents of a charge back, and return it as it is now. Raises NotFound or Invalid."""
        if id not in self._charges:
            raise NotFound(f"there is no charge {id!r}")
        _check(cents)
        charge = self._charges[id]
        if charge.refunded + cents > charge.cents:
            raise Invalid(f"{charge.cents - charge.refunded} cents are left")
        self._charges[id] = replace(charge, refunded=charge.refunded + cents)
        return self._charges[id]

    def charges(self) -> list[Charge]:
        """Return all charges as they are now, the oldest first."""
        return list(self._charges.values())

    def _ask_the_bank(self, cents: int, card: str) -> Charge | str:
        if reason := _DECLINED.get(card):
            return reason
        charge = Charge(f"fake-{len(self._charges) + 1}", cents)
        self._charges[charge.id] = charge
        return charge


def _check(cents: int) -> None:
    if not isinstance(cents, int) or cents < 1:
        raise Invalid(f"{cents!r} is no amount in cents")
