"""The provider's own page, where a guest pays, is declined, or goes away: plain HTML that works without a script."""

from __future__ import annotations

from html import escape

from fakegateway.bank import Bank, Order
from fakegateway.web import Answer, Request, Routes

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 1.1rem/1.5 system-ui, sans-serif; max-width: 26rem; margin: 3rem auto; padding: 0 1rem;
       color: #1b1b1b; background: #fff; }}
button {{ font: inherit; width: 100%; padding: .8rem; margin: .4rem 0; border: 2px solid #1b1b1b;
         border-radius: .4rem; background: #fff; color: #1b1b1b; cursor: pointer; }}
button.first {{ background: #14532d; border-color: #14532d; color: #fff; }}
:focus-visible {{ outline: 3px solid #1d4ed8; outline-offset: 2px; }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
{content}
</main>
</body>
</html>
"""
_FORM = """<p>{amount} for <span>{reference}</span></p>
<p>No real money moves here.</p>
<form method="post">
<button class="first" name="choice" value="pay">Pay {amount}</button>
<button name="choice" value="decline">Let the card be declined</button>
<button name="choice" value="abandon">Go back without paying</button>
</form>
"""
_OVER = """<p role="status">{message}</p>
<p><a href="{url}">Back to the shop</a></p>
"""
_MESSAGES = {
    "paid": "This has been paid.",
    "failed": "The card was declined.",
    "closed": "This payment was closed by the shop.",
    "open": "The card was declined. You may try another one.",
}


class Checkout:
    """The page of both providers, below /<provider>/checkout/<id>."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank

    def add_to(self, routes: Routes) -> None:
        """Answer there."""
        for provider in ("chapa", "stripe"):
            routes.add("GET", f"/{provider}/checkout/*", self._show)
            routes.add("POST", f"/{provider}/checkout/*", self._choose)

    def _show(self, request: Request) -> Answer:
        order = self._find(request)
        if order.state != "open":
            return _over(order, 200)
        amount = f"{order.amount / 100:,.2f} {order.currency}"
        form = _FORM.format(amount=amount, reference=escape(order.reference))
        return Answer(200, _PAGE.format(title=f"Pay with {order.provider.title()}", content=form))

    def _choose(self, request: Request) -> Answer:
        order = self._find(request)
        choice = request.form().get("choice")
        if choice == "pay":
            return self._bank.faults.around("pay", order.reference, request, lambda _: self._pay(order))
        if choice == "decline":
            return _over(order, 402) if self._bank.decline(order) else _over(order, 409)
        if choice == "abandon":
            return _back(order.cancel_url)
        return Answer(400, _PAGE.format(title="Bad request", content="<p>Choose to pay, or not.</p>"))

    def _pay(self, order: Order) -> Answer:
        return _back(order.return_url) if self._bank.pay(order) else _over(order, 409)

    def _find(self, request: Request) -> Order:
        order = self._bank.find(request.path.split("/")[1], request.words[0])
        if order is None:
            raise Answer(404, _PAGE.format(title="Not found", content="<p>There is no such payment.</p>"))
        return order


def _over(order: Order, status: int) -> Answer:
    content = _OVER.format(message=_MESSAGES[order.state], url=escape(order.return_url or "#"))
    return Answer(status, _PAGE.format(title=f"{order.provider.title()}", content=content))


def _back(url: str) -> Answer:
    if not url.startswith(("http://", "https://")):
        return Answer(200, _PAGE.format(title="Thank you", content="<p>You may close this page.</p>"))
    return Answer(303, "", {"Location": url})
