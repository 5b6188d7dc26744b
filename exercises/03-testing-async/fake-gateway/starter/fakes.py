"""A payment gateway for tests: in memory, and as strict as the real one."""

from gateway import Charge


class FakeGateway:
    """Does what the sandbox does, without a network."""

    def __init__(self) -> None:
        # TODO: what does a gateway have to remember?
        pass

    def charge(self, cents: int, *, card: str, key: str) -> Charge:
        """Take the cents, once for each key. Raises Invalid, KeyReused or Declined."""
        raise NotImplementedError("TODO: charge")

    def refund(self, id: str, cents: int) -> Charge:
        """Give cents of a charge back, and return it as it is now. Raises NotFound or Invalid."""
        raise NotImplementedError("TODO: refund")

    def charges(self) -> list[Charge]:
        """Return all charges as they are now, the oldest first."""
        raise NotImplementedError("TODO: list the charges")
