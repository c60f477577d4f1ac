"""Brings files away: by mail through the installation's mail server, or to an SFTP place.

Before anything goes out it is written down that it does. Whoever finds that later, because the
process was killed, sends the same bytes again, and says that they may have arrived twice: the
same mail has the same Message-ID, and a file at a place replaces itself.
"""

from __future__ import annotations

import hashlib
import logging
import smtplib
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from faza.accounts.models import User
from faza.audit import services as audit
from faza.collection.exchange import sftp
from faza.collection.exchange.sending import content_of
from faza.collection.models import Delivery, ExchangeProfile
from faza.collection.secrets import WrongKey

LEASE = timedelta(minutes=10)
"""After so long nobody is at it any more."""
PAUSES = tuple(timedelta(minutes=m) for m in (5, 15, 30, 60, 120, 240, 480, 720))
"""Between attempts; after the last one it is given up, and a person may send again."""
REASON = 300
log = logging.getLogger(__name__)
State = Delivery.State


def due(at: datetime) -> QuerySet[Delivery]:
    """What waits and is due, and what a killed process has left."""
    left = Q(state=State.SENDING, begun_at__lte=at - LEASE)
    return Delivery.objects.filter(Q(state=State.WAITING, due_at__lte=at) | left)


def deliver(*, at: datetime, now: Callable[[], datetime] | None = None) -> tuple[int, int]:
    """Send all that is due; how many went and how many did not.

    `now` gives the moment of each success where time passes; without it that is `at`.
    """
    sent = failed = 0
    rows = due(at).select_related("dispatch__profile", "place").order_by("due_at", "pk")
    for delivery in rows:
        if not _take(delivery, at):
            continue
        try:
            _send(delivery)
        except (OSError, smtplib.SMTPException, sftp.Trouble, WrongKey) as problem:
            log.warning("%s to %s: %s", delivery.dispatch.name, delivery, problem)
            _fail(delivery, str(problem) or type(problem).__name__, at)
            failed += 1
        else:
            moment = now() if now else at
            _own(delivery).update(state=State.SENT, sent_at=moment, reason="")
            sent += 1
    return sent, failed


@transaction.atomic
def send_again(delivery: Delivery, *, at: datetime, by: User | None = None) -> bool:
    """Send once more what was given up, the same bytes; whether that is possible."""
    if not delivery.dispatch.content:
        return False
    given_up = Delivery.objects.filter(pk=delivery.pk, state=State.GIVEN_UP)
    if not given_up.update(state=State.WAITING, attempts=0, due_at=at, reason=""):
        return False
    told = {"name": delivery.dispatch.name}
    audit.note("collection.delivery.retried", of=delivery.dispatch, by=by, at=at, after=told)
    return True


def message_id(delivery: Delivery) -> str:
    """The same for each attempt, so that a mail that came twice can be recognised."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    told = f"{settings.SECRET_KEY}exchange{delivery.pk}"
    return f"<{hashlib.sha256(told.encode()).hexdigest()[:32]}@{domain}>"


def _take(delivery: Delivery, at: datetime) -> bool:
    """Write down that it goes out now; False if somebody else was faster."""
    was_left = delivery.state == State.SENDING
    found = _own(delivery).filter(state=delivery.state)
    if not found.update(
        state=State.SENDING, begun_at=at, attempts=F("attempts") + 1,
        maybe_twice=delivery.maybe_twice or was_left,
    ):  # fmt: skip
        return False
    delivery.attempts += 1
    delivery.state = State.SENDING
    return True


def _own(delivery: Delivery) -> QuerySet[Delivery]:
    return Delivery.objects.filter(pk=delivery.pk, attempts=delivery.attempts)


def _send(delivery: Delivery) -> None:
    dispatch = delivery.dispatch
    content = content_of(dispatch)
    if not content:
        raise OSError("the file is not kept any more")
    if hashlib.sha256(content).hexdigest() != dispatch.sha256:
        raise OSError("the kept file is damaged")
    if delivery.place is not None:
        with sftp.connected(delivery.place) as client:
            sftp.put(client, delivery.place.outbox, dispatch.name, content)
        return
    mail_of(delivery, content).send()


def mail_of(delivery: Delivery, content: bytes) -> EmailMessage:
    """The mail with a file: its name is the subject, its days and numbers are the text."""
    dispatch = delivery.dispatch
    profile: ExchangeProfile = dispatch.profile
    with translation.override("ru"):
        told = {
            "sender": profile.sender_name or profile.sender_inn,
            "first": f"{dispatch.first:%d.%m.%Y}",
            "last": f"{dispatch.last:%d.%m.%Y}",
        }
        text = _("%(sender)s: interval values of %(first)s to %(last)s.") % told
        if dispatch.again:
            text += "\n" + _("Days that were sent before have changed since; this replaces them.")
    mail = EmailMessage(dispatch.name, f"{text}\n", to=[delivery.address])
    mail.extra_headers = {
        "Message-ID": message_id(delivery),
        "Auto-Submitted": "auto-generated",
        "X-Faza-Kind": "exchange",
    }
    kind = "application/zip" if dispatch.name.endswith(".zip") else "application/xml"
    mail.attach(dispatch.name, content, kind)
    return mail


def _fail(delivery: Delivery, reason: str, at: datetime) -> None:
    reason = " ".join(reason.split())[:REASON]
    if delivery.attempts > len(PAUSES):
        _own(delivery).update(state=State.GIVEN_UP, reason=reason)
        return
    pause = PAUSES[delivery.attempts - 1]
    _own(delivery).update(state=State.WAITING, due_at=at + pause, reason=reason)
