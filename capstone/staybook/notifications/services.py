"""Mail: written in the transaction of the consumer that wants it, sent by whoever finds it waiting.

How often does one arrive? ``dedupe_key`` makes it one row for each event, however often the event is told. The row is
locked while it is sent, so that two senders never send it, and marked in the same transaction. There exactly once
ends: a process that is killed after the SMTP server said yes and before the mark is committed leaves a mail that is
sent again. No sender can close that gap alone. Both copies have the same Message-ID, made from ``dedupe_key``, by which
the receiver can drop the second. Source: RFC 5322, section 3.6.4.
"""

from __future__ import annotations

import hashlib
import logging
from datetime import timedelta
from email.utils import parseaddr
from smtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPException,
    SMTPHeloError,
    SMTPServerDisconnected,
)

from django.conf import settings
from django.core.mail import EmailMessage as Mail
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction

from staybook.common import clock
from staybook.common.transactions import insert_unless_taken
from staybook.notifications.models import GIVEN_UP, EmailMessage

_MOST = 200
_FIRST_DELAY, _LONGEST_DELAY = timedelta(seconds=30), timedelta(hours=6)
_AWAY = (
    ConnectionError,
    TimeoutError,
    SMTPServerDisconnected,
    SMTPConnectError,
    SMTPHeloError,
    SMTPAuthenticationError,
)
"""The server's trouble, not the mail's."""
_log = logging.getLogger(__name__)


def write(*, dedupe_key: str, to: str, subject: str, body: str) -> None:
    """Leave a mail to be sent, in the caller's transaction; the second one with the same key is none."""
    subject = " ".join(subject.split())[:150]
    insert_unless_taken(EmailMessage(dedupe_key=dedupe_key, to=to, subject=subject, body=body))


def send_waiting() -> int:
    """Send what waits, at most 200 mails; return how many were.

    A mail that the server refuses has another turn later, ten in all. A server that is away ends the round.
    """
    sent, last = 0, 0
    server = get_connection()
    try:
        while sent < _MOST and (tried := _try_next(server, after=last)):
            last = tried.pk
            sent += tried.sent_at is not None
    except _AWAY as error:
        _log.warning("mail server away", extra={"error": repr(error)})
    finally:
        server.close()
    return sent


def _try_next(server: BaseEmailBackend, *, after: int) -> EmailMessage | None:
    """Send the next mail that nobody else is sending, and mark it; None when there is none."""
    with transaction.atomic():
        waiting = EmailMessage.objects.filter(
            sent_at=None, due_at__lte=clock.now(), attempts__lt=GIVEN_UP, pk__gt=after
        )
        mail = waiting.order_by("pk").select_for_update(skip_locked=True).first()
        if mail is None:
            return None
        try:
            server.open()
            _as_mail(mail, server).send()
        except _AWAY:
            raise
        except (SMTPException, ValueError) as error:
            mail.due_at = clock.now() + min(_FIRST_DELAY * 2**mail.attempts, _LONGEST_DELAY)
            mail.attempts += 1
            facts = {"email_id": mail.pk, "attempts": mail.attempts, "error": type(error).__name__}
            _log.log(logging.ERROR if mail.attempts == GIVEN_UP else logging.WARNING, "mail refused", extra=facts)
        else:
            mail.sent_at = clock.now()
        mail.save(update_fields=["sent_at", "due_at", "attempts"])
        return mail


def _as_mail(mail: EmailMessage, server: BaseEmailBackend) -> Mail:
    name = hashlib.sha256(mail.dedupe_key.encode()).hexdigest()[:32]
    host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    headers = {"Message-ID": f"<{name}@{host}>", "Auto-Submitted": "auto-generated"}  # RFC 3834, section 5
    return Mail(mail.subject, mail.body, to=[mail.to], headers=headers, connection=server)
