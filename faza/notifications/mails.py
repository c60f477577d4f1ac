"""Makes a mail of a message: one template gives its subject, its text and its HTML."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.utils import timezone, translation
from django.utils.dateparse import parse_date, parse_datetime

from faza.accounts import card
from faza.accounts.models import User
from faza.notifications import enclosing
from faza.outbox.models import Message

LINKS = ("url", "link")
DATES = ("when", "due", "valid_from", "valid_to")
KIND = "X-Faza-Kind"
LAYOUTS = "notifications/mail/layouts"


class Undeliverable(Exception):
    """No mail can be made of a message, now or later; the text says why."""


def compose(message: Message, *, at: datetime | None = None) -> EmailMultiAlternatives:
    """The mail of a message, in its language, for whoever it goes to.

    The same message always has the same Message-ID: a mail that is sent a second time, because a
    worker was killed after the server took it, can be recognised.

    at: when it goes, by which its files are given out; None: when it was due.

    Raises Undeliverable: nobody is there, or nobody knows such a kind.
    """
    user = _user(message)
    address = message.address or (user.email if user else "")
    if not address:
        raise Undeliverable(f"there is no user {message.recipient}")
    attached = list(enclosing.files_of(message, user, at=at or message.due_at)) if user else []
    language = message.language if translation.check_for_language(message.language) else "ru"
    with translation.override(language), timezone.override(ZoneInfo(settings.TIME_ZONE)):
        values = _values(message.payload, user, language) | {"is_enclosed": bool(attached)}
        subject = " ".join(_render(message.kind, "subject", values).split())
        text, page = _render(message.kind, "text", values), _render(message.kind, "html", values)
    mail = EmailMultiAlternatives(
        subject=html.unescape(subject), body=_plain(text), to=[address], headers=_headers(message)
    )
    mail.attach_alternative(page.strip() + "\n", "text/html")
    for name, content, content_type in attached:
        mail.attach(name, content, content_type)
    return mail


def template_of(kind: str) -> str:
    """Where the mail of a kind is written."""
    return f"notifications/mail/{kind.replace('.', '_')}.html"


def _render(kind: str, layout: str, values: Mapping[str, object]) -> str:
    try:
        template = get_template(template_of(kind))
    except TemplateDoesNotExist as missing:
        raise Undeliverable(f"no mail is written for {kind}") from missing
    context = {**values, "layout": f"{LAYOUTS}/{layout}.html", "is_html": layout == "html"}
    told: str = template.render(context)
    return told


def _user(message: Message) -> User | None:
    if message.recipient is None:
        return None
    return User.objects.filter(pk=message.recipient).only("email", "full_name").first()


def _values(
    payload: Mapping[str, Any], user: User | None, language: str
) -> dict[str, Any]:  # Any: as JSON is
    """What the template sees: links under our own address, moments as such, the organisation."""
    values: dict[str, Any] = dict(payload)
    for name in LINKS:
        if values.get(name):
            values[name] = own_address(str(values[name]))
    for name in DATES:
        if isinstance(values.get(name), str):
            values[name] = _moment(values[name])
    full_name = str(values.get("name") or (user.full_name if user else ""))
    return values | {
        "addressed": form_of_address(full_name),
        "card": card.current(),
        "site": settings.URL,
        "language": language,
    }


def own_address(url: str) -> str:
    """A link under FAZA_URL, whatever host it was built with: a request's Host is not to be had."""
    parts = urlsplit(url)
    path = "/" + parts.path.lstrip("/")
    query, fragment = parts.query and f"?{parts.query}", parts.fragment and f"#{parts.fragment}"
    return f"{settings.URL}{path}{query}{fragment}"


def form_of_address(full_name: str) -> str:
    """Given name and patronymic of "family given patronymic"; else the name as it stands."""
    words = full_name.split()
    return " ".join(words[1:] if len(words) == 3 else words)


def _moment(text: str) -> object:
    if len(text) > len("2026-01-31"):
        moment = parse_datetime(text)
        if isinstance(moment, datetime) and moment.tzinfo is not None:
            return moment
    return parse_date(text) or text


def _plain(text: str) -> str:
    """The text layout's output as people read it: no indentation, one empty line at a time."""
    lines = "\n".join(line.strip() for line in html.unescape(text).splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"


def _headers(message: Message) -> dict[str, str]:
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    # Not the key itself: it may say what others need not know.
    mark = hashlib.sha256(f"{settings.SECRET_KEY}{message.key}".encode()).hexdigest()[:32]
    return {
        "Message-ID": f"<{mark}@{domain}>",
        KIND: message.kind,
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Content-Language": message.language,
    }
