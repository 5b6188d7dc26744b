"""``python -m fakegateway --port 8010 --mail-port 8025``: serve until told to end."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading

from fakegateway.app import build
from fakegateway.mail import catch_mail
from fakegateway.webhooks import Dashboard


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="fakegateway", description="Payment providers that misbehave on request.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8010)
    parser.add_argument("--mail-port", type=int, default=8025, help="0 for none")
    parser.add_argument("--pages", default="", help="where browsers find this program")
    parser.add_argument("--shop", default="http://127.0.0.1:8000", help="webhooks go to SHOP/api/v1/webhooks/…")
    return parser.parse_args()


def main() -> int:
    """Serve. Secrets of webhooks are CHAPA_WEBHOOK_SECRET and STRIPE_WEBHOOK_SECRET, as the shop has them."""
    given = _arguments()
    dashboards = {
        name: Dashboard(f"{given.shop}/api/v1/webhooks/{name}", os.environ.get(f"{name}_WEBHOOK_SECRET".upper(), known))
        for name, known in {"chapa": "chapa-development", "stripe": "whsec_development"}.items()
    }
    try:
        server, mailbox = build(given.host, given.port, dashboards, given.pages)
        mail = catch_mail(mailbox, given.host, given.mail_port) if given.mail_port else None
    except OSError as error:
        print(f"fakegateway cannot listen on {given.host}: {error}", file=sys.stderr)
        return 1
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    print(f"fakegateway listens on {given.host}:{server.server_port}", flush=True)
    server.serve_forever(poll_interval=0.1)
    server.server_close()
    if mail:
        mail.stop()
    return 0


sys.exit(main())
