"""A mail server that delivers to nobody: what it is given can be read at /mail."""

from __future__ import annotations

import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import escape
from typing import Any

from aiosmtpd.controller import Controller

from fakegateway.web import Answer, Request, Routes

_KEPT = 10_000
_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Mail</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem; color: #1b1b1b; }}
article {{ border-top: 1px solid #767676; padding: .6rem 0; }}
h2 {{ font-size: 1.1rem; margin: 0; }}
pre {{ white-space: pre-wrap; overflow-wrap: anywhere; }}
</style></head>
<body><main><h1>Mail</h1>{content}</main></body>
</html>
"""


class Mailbox:
    """What came, newest last."""

    def __init__(self) -> None:
        self._mails: list[dict[str, Any]] = []
        self._lock = threading.Lock()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: ARG002, N802, aiosmtpd's name
        """Keep a mail."""
        mail = message_from_bytes(envelope.content, policy=policy.default)
        body = mail.get_body(("plain", "html")) if isinstance(mail, EmailMessage) else None
        read = {
            "from": envelope.mail_from,
            "to": list(envelope.rcpt_tos),
            "subject": str(mail["subject"] or ""),
            "message_id": str(mail["message-id"] or ""),
            "body": body.get_content() if body else "",
        }
        with self._lock:
            self._mails = [*self._mails[-_KEPT + 1 :], read]
        return "250 OK"

    def add_to(self, routes: Routes) -> None:
        """Answer there: JSON at /mail.json or to whoever asks for it, a page to a browser."""
        routes.add("GET", "/mail", self._show)
        routes.add("GET", "/mail.json", lambda request: Answer(200, self.read(request.query.get("to", ""))))
        routes.add("DELETE", "/mail", self._empty)

    def read(self, to: str = "") -> list[dict[str, Any]]:
        """All of it, or what came to one address."""
        with self._lock:
            return [mail for mail in self._mails if not to or to in mail["to"]]

    def _show(self, request: Request) -> Answer:
        mails = self.read(request.query.get("to", ""))
        if "html" not in request.headers.get("accept", ""):
            return Answer(200, mails)
        content = "".join(
            f"<article><h2>{escape(mail['subject'])}</h2><p>to {escape(', '.join(mail['to']))}</p>"
            f"<pre>{escape(mail['body'])}</pre></article>"
            for mail in reversed(mails)
        )
        return Answer(200, _PAGE.format(content=content or "<p>Nothing has come yet.</p>"))

    def _empty(self, _: Request) -> Answer:
        with self._lock:
            self._mails = []
        return Answer(200, {})


def catch_mail(mailbox: Mailbox, host: str, port: int) -> Controller:
    """Let ``mailbox`` receive by SMTP, in a thread. Raises OSError when the port is taken."""
    controller = Controller(mailbox, hostname=host, port=port)
    controller.start()
    return controller
