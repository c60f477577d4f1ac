"""`{% load requests %}`: names, terms and spans as the queue of applications says them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from faza.contracts.models import Application
from faza.contracts.queries import Match
from faza.contracts.rules.applications import UNDO
from faza.desk.requests import words
from faza.desk.requests.evidence import Case, Choices
from faza.desk.requests.matching import FieldRow
from faza.desk.requests.queue import Asked
from faza.ui import formats

register = template.Library()

SOON = timedelta(hours=12)
"""A term that is nearer is told by what is left, a farther one by its day and hour."""
HURRY = timedelta(hours=1)


@register.filter
def applicant(application: Application) -> str:
    """Whose application it is: the organisation's where one applies."""
    return application.organisation or application.full_name


@register.filter
def short(full_name: str) -> str:
    return words.short_name(full_name)


@register.filter
def method(text: str) -> str:
    return words.method(text)


@register.filter
def span(seconds: float) -> str:
    """A stretch of time, «3 ч 20 мин»."""
    return formats.duration(max(timedelta(seconds=seconds), timedelta(minutes=1)))


@register.filter
def undo_left(decided_at: datetime) -> str:
    """For how long a decision can still be taken back."""
    left = decided_at + UNDO - timezone.now()
    return formats.duration(max(left, timedelta(minutes=1)))


@register.simple_tag
def due_tag(due: datetime, css: str = "") -> SafeString:
    """A term in words: over, near, or by its day; red only for what is over."""
    left = due - timezone.now()
    if left <= timedelta(0):
        told = _("overdue by %(span)s") % {"span": formats.duration(-left)}
        return format_html('<span class="sm nw bad due {}">{}</span>', css, told)
    if left <= SOON:
        told = _("%(span)s left") % {"span": formats.duration(left)}
        near = "warn due" if left <= HURRY else "t3"
        return format_html('<span class="sm nw {} {}">{}</span>', near, css, told)
    when = f"{timezone.localtime(due):%d.%m %H:%M}"
    told = _("until %(when)s") % {"when": when}
    return format_html('<span class="sm nw t3 {}">{}</span>', css, told)


@register.filter
def kept(asked: Asked) -> list[tuple[str, str]]:
    """The parts of the queue's address that a search in it keeps."""
    usual = Asked()
    names = ("tab", "order", "which")
    return [(n, getattr(asked, n)) for n in names if getattr(asked, n) != getattr(usual, n)]


@register.filter
def all_kept(asked: Asked) -> list[tuple[str, str]]:
    """All parts of the queue's address, for what leads back to it."""
    return [
        *kept(asked),
        *([("q", asked.q)] if asked.q else []),
        *([("matched", "1")] if asked.matched else []),
        *([("page", asked.page)] if asked.page != "1" else []),
    ]


@register.simple_tag
def agreement_url(asked: Asked, case: Case, agreement: int) -> str:
    """The same application beside another agreement; what was looked for by hand stays."""
    return asked.address(id=case.application.pk, agreement=agreement, find=case.choices.find)


@register.filter
def known_address(match: Match) -> str:
    """The address that the papers have, as compared."""
    return next((one.known for one in match.fields if one.field == "address"), "")


@register.filter
def is_offered(row: FieldRow, choices: Choices) -> bool:
    """Whether the contact of a row is ticked to be written down."""
    return row.offer in choices.contacts if choices.is_touched else row.is_offered


@register.filter
def names(told: Sequence[str]) -> str:
    """People in one line: three names, and how many more."""
    shown = ", ".join(words.short_name(name) for name in told[:3])
    if len(told) <= 3:
        return shown
    return _("%(names)s and %(count)s more") % {"names": shown, "count": len(told) - 3}
