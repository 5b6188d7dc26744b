"""The program put together, for the command and for tests."""

from __future__ import annotations

from fakegateway.bank import Bank
from fakegateway.chapa import Chapa
from fakegateway.checkout import Checkout
from fakegateway.control import Control
from fakegateway.faults import Faults
from fakegateway.mail import Mailbox
from fakegateway.stripe import Stripe
from fakegateway.web import Routes, Server
from fakegateway.webhooks import Dashboard, Webhooks


def build(host: str, port: int, dashboards: dict[str, Dashboard], pages: str = "") -> tuple[Server, Mailbox]:
    """A server that listens, and its mailbox. ``pages`` is where browsers find it."""
    faults = Faults()
    bank = Bank(faults, lambda order, what: webhooks.tell(order, what))
    webhooks = Webhooks(faults, bank.now)
    webhooks.dashboards = dashboards
    routes, mailbox = Routes(), Mailbox()
    server = Server(routes, host, port)
    pages = pages or f"http://127.0.0.1:{server.server_port}"
    stripe = Stripe(bank, pages)
    for part in (Chapa(bank, pages), stripe, Checkout(bank), Control(bank, webhooks, stripe.reset), mailbox):
        part.add_to(routes)
    return server, mailbox
