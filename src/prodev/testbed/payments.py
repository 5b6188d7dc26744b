"""A payment gateway's sandbox: an HTTP server on loopback that takes no money, for code that charges and refunds.

    with PaymentSandbox() as sandbox:
        HttpGateway(sandbox.url).charge(8990, card="4242424242424242", key="booking-7")

It models what the sandboxes of card gateways have in common: test cards that are declined by their number, amounts
in cents, idempotency keys that repeat the first answer, refunds in parts, and the statuses 201, 402, 404, 409, 422.
Left out: currencies, authentication, 3-D Secure, webhooks, and keys that expire. ``python -m prodev.testbed.payments``
serves one until Ctrl-C.

Source of the rules: RFC 9110, section 15, for 402, 404, 409 and 422; draft-ietf-httpapi-idempotency-key-header for
keys (its section 2.7 answers a key that is used for another request with 422; like the large gateways, this one
says 409).
"""

from __future__ import annotations

import itertools
import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import Self

DECLINED = {"0002": "insufficient_funds", "0069": "expired_card"}
"""Why a card is declined, by the last four digits of its number."""

Answer = tuple[int, Any]


class Ledger:
    """What the sandbox knows; each method returns a status and a body."""

    def __init__(self) -> None:
        self._charges: dict[str, dict[str, Any]] = {}
        self._answers: dict[str, tuple[Any, Answer]] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def charge(self, key: str, sent: dict[str, Any]) -> Answer:
        """Check the amount, the key and the card, in this order, and charge."""
        with self._lock:
            if not _is_amount(sent.get("cents")):
                return 422, {"reason": "cents must be a whole number from 1 on"}
            asked = (sent["cents"], sent.get("card"))
            if key in self._answers:
                first, answer = self._answers[key]
                return answer if first == asked else (409, {"reason": "this key was used for another charge"})
            self._answers[key] = (asked, self._ask_the_bank(*asked))
            return self._answers[key][1]

    def refund(self, id: str, sent: dict[str, Any]) -> Answer:
        """Give a part of a charge back, or the rest."""
        with self._lock:
            charge = self._charges.get(id)
            if charge is None:
                return 404, {"reason": "there is no such charge"}
            cents = sent.get("cents")
            if not _is_amount(cents) or charge["refunded"] + cents > charge["cents"]:
                return 422, {"reason": "cents must be a whole number from 1 to what is left"}
            charge["refunded"] += cents
            return 201, dict(charge)

    def charges(self) -> Answer:
        """List the charges, the oldest first."""
        with self._lock:
            return 200, [dict(charge) for charge in self._charges.values()]

    def _ask_the_bank(self, cents: int, card: Any) -> Answer:
        if reason := DECLINED.get(str(card)[-4:]):
            return 402, {"reason": reason}
        id = f"ch_{next(self._numbers):06}"
        self._charges[id] = {"id": id, "cents": cents, "refunded": 0}
        return 201, dict(self._charges[id])


class PaymentSandbox:
    """A sandbox with a ledger of its own, at ``url`` from construction on; ``close`` ends it."""

    def __init__(self, port: int = 0) -> None:
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.ledger = Ledger()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), name="payments", daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    ledger: Ledger

    def server_bind(self) -> None:
        """Bind without asking a name server who we are, as HTTPServer would."""
        socket.socket.bind(self.socket, self.server_address)
        self.server_name, self.server_port = str(self.socket.getsockname()[0]), int(self.socket.getsockname()[1])


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 10

    def do_GET(self) -> None:
        self._send(self.server.ledger.charges() if self.path == "/charges" else (404, {"reason": "no such page"}))

    def do_POST(self) -> None:
        parts, key, sent = self.path.strip("/").split("/"), self.headers.get("Idempotency-Key", ""), self._sent()
        if sent is None:
            self._send((400, {"reason": "the body must be a JSON object"}))
        elif parts == ["charges"] and not key:
            self._send((400, {"reason": "a charge needs an Idempotency-Key"}))
        elif parts == ["charges"]:
            self._send(self.server.ledger.charge(key, sent))
        elif len(parts) == 3 and parts[0] == "charges" and parts[2] == "refunds":
            self._send(self.server.ledger.refund(parts[1], sent))
        else:
            self._send((404, {"reason": "no such page"}))

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""

    def _sent(self) -> dict[str, Any] | None:
        try:
            sent = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        except ValueError:
            return None
        return sent if isinstance(sent, dict) else None

    def _send(self, answer: Answer) -> None:
        content = json.dumps(answer[1]).encode()
        self.send_response(answer[0])
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _is_amount(cents: Any) -> bool:
    return type(cents) is int and cents >= 1


if __name__ == "__main__":
    with PaymentSandbox(port=8402) as running:
        print(f"The sandbox listens at {running.url}. End it with Ctrl-C.")  # noqa: T201
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            pass
