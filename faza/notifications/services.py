"""Delivers the outbox: to pages first, then by e-mail to those who want it so."""

from __future__ import annotations

import logging
import os
import smtplib
import socket
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend

from faza.notifications import mails, placing
from faza.outbox import queries
from faza.outbox import services as outbox
from faza.outbox.models import Message

SENT, LATER, NEVER = "sent", "later", "never"
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Delivered:
    """How many messages were accepted by the mail server, put off, given up, and need no mail."""

    sent: int = 0
    later: int = 0
    never: int = 0
    unmailed: int = 0

    @property
    def count(self) -> int:
        """How many were tried."""
        return self.sent + self.later + self.never + self.unmailed


def deliver(*, at: datetime, limit: int = 20) -> Delivered:
    """Put what is due on pages and send it; call it again as long as its `count` is not 0.

    The page has everything before a mail server is spoken to, and whatever that says.
    Two workers never send the same message: each leases what it sends. Only where one is killed
    between the server's answer and writing it down the message is sent again, with the same
    Message-ID. A message that cannot be delivered holds up no other.
    """
    told = Delivered()
    placing.place_due(at=at)
    if not queries.due(at=at).exists():  # a look does not lock SQLite, as a claim does
        return told
    watch = _Watch(at)
    claimed = outbox.claim(worker=_name(), at=at, limit=limit)
    connection = get_connection()
    broken = _open(connection)
    try:
        for message in claimed:
            if message.placed_at is None and not placing.place(message.pk, at=at):
                told.unmailed += 1
            elif broken:
                _fail(message, broken, watch, told)
            elif outbox.renew(message, at=watch.now):
                broken = _send(message, connection, watch, told)
    finally:
        _close(connection)
    return told


class _Watch:
    """Moments after a given one: a stop-watch, no clock."""

    def __init__(self, at: datetime) -> None:
        self._at, self._began = at, time.monotonic()

    @property
    def now(self) -> datetime:
        return self._at + timedelta(seconds=time.monotonic() - self._began)


def _send(message: Message, connection: BaseEmailBackend, watch: _Watch, told: Delivered) -> str:
    """Try one message; why the server is of no use for the others, empty if it is."""
    try:
        mail = mails.compose(message, at=watch.now)
        mail.connection = connection
        mail.send()
    except mails.Undeliverable as problem:
        _fail(message, str(problem), watch, told, for_good=True)
    except (OSError, smtplib.SMTPException) as problem:  # of which many are OSErrors
        _close(connection)
        _fail(message, reason_of(problem), watch, told, for_good=is_for_good(problem))
        return "" if concerns_one_mail(problem) else reason_of(problem)
    except Exception as problem:
        # A template or a payload that does not fit: the next message may.
        log.exception("message %s (%s)", message.pk, message.kind)
        _fail(message, f"{type(problem).__name__}: {problem}", watch, told)
    else:
        outbox.mark_delivered(message, at=watch.now)
        told.sent += 1
    return ""


def _fail(
    message: Message, reason: str, watch: _Watch, told: Delivered, *, for_good: bool = False
) -> None:
    given_up = outbox.mark_failed(message, reason=reason, at=watch.now, for_good=for_good)
    told.never += given_up
    told.later += not given_up
    log.warning(
        "message %s (%s) %s: %s",
        message.pk, message.kind, "given up" if given_up else "not sent yet", reason,
    )  # fmt: skip


def _open(connection: BaseEmailBackend) -> str:
    """Open the connection to the server; why it is not to be had, empty if it is."""
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as problem:
        return reason_of(problem)
    return ""


def _close(connection: BaseEmailBackend) -> None:
    try:
        connection.close()
    except (OSError, smtplib.SMTPException):
        log.debug("the mail server did not say good-bye")


def is_for_good(problem: Exception) -> bool:
    """Whether the server refuses this mail for ever: 5xx for the recipient or the content.

    5xx for the sender or the sign-in is a wrong setting, which somebody may correct.
    Source: RFC 5321, 4.2.1.
    """
    return concerns_one_mail(problem) and all(code >= 500 for code in _codes(problem))


def concerns_one_mail(problem: Exception) -> bool:
    """Whether the server would take another mail nevertheless."""
    return isinstance(problem, smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError)


def _codes(problem: Exception) -> Iterable[int]:
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        return [code for code, _ in problem.recipients.values()]
    return [problem.smtp_code] if isinstance(problem, smtplib.SMTPResponseException) else [0]


def reason_of(problem: Exception) -> str:
    """What the server said, in one line and without anybody's address."""
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        answers = {f"{code} {_text(said)}" for code, said in problem.recipients.values()}
        told = "; ".join(sorted(answers))
        for address in problem.recipients:
            told = told.replace(address, "…")
        return told
    if isinstance(problem, smtplib.SMTPResponseException):
        return f"{problem.smtp_code} {_text(problem.smtp_error)}"
    return f"{type(problem).__name__}: {problem}"


def _text(said: bytes | str) -> str:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return " ".join(text.split())


def _name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"
