"""Payment providers behind one shape. Only this package speaks HTTP to them.

``get`` finds the one that a payment names, with its address and its keys from the environment.
"""

from __future__ import annotations

from functools import cache

from staybook.common.errors import Invalid
from staybook.config.env import env
from staybook.payments.gateways.base import Charge, Event, Gateway, Outcome, Redirect, Refused, Silent
from staybook.payments.gateways.chapa import Chapa
from staybook.payments.gateways.stripe import Stripe
from staybook.payments.gateways.transport import Transport

__all__ = ["Charge", "Event", "Gateway", "Outcome", "Redirect", "Refused", "Silent", "enabled", "get"]


def enabled() -> tuple[str, ...]:
    """The names that guests may choose."""
    return tuple(name.strip() for name in env.gateways.split(","))


def get(name: str) -> Gateway:
    """The gateway of that name. Raises Invalid for one that is not enabled."""
    if name not in enabled():
        names = " or ".join(enabled())
        raise Invalid(f"Payments go through {names}.", code="provider_unknown", fields={"provider": f"Not {names}."})
    return _made(name)


@cache
def _made(name: str) -> Gateway:
    if name == "chapa":
        transport = Transport(env.chapa_url, env.chapa_secret_key.get_secret_value(), env.gateway_timeout_s)
        return Chapa(transport, env.chapa_webhook_secret.get_secret_value())
    transport = Transport(env.stripe_url, env.stripe_secret_key.get_secret_value(), env.gateway_timeout_s)
    return Stripe(transport, env.stripe_webhook_secret.get_secret_value())
