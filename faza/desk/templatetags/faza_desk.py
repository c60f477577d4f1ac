"""`{% load faza_desk %}`: the desk's menu, what waits, ages and terms in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django import template
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from faza.audit import queries
from faza.contracts.permissions import Right, may
from faza.desk import deeds, menu
from faza.desk.dates import last_day
from faza.ui import formats

register = template.Library()

MINUTE = timedelta(minutes=1)


@register.simple_tag(takes_context=True)
def desk_entries(context: template.Context) -> list[menu.Entry]:
    """The desk's sections for this page and this person."""
    request = context["request"]
    return menu.entries(request, request.user)


@register.simple_tag(takes_context=True)
def is_allowed(context: template.Context, right: str) -> bool:
    """Whether the person may do something; a page shows no button for what they may not."""
    return may(context["request"].user, Right(right))


@register.filter
def age(since: datetime | None) -> str:
    """How long something has waited: «1 д 4 ч», «22 ч», «12 мин»."""
    return "" if since is None else formats.duration(max(timezone.now() - since, MINUTE))


@register.filter
def term(moment: datetime | None) -> str:
    """How long is left to a term, or by how much it is over."""
    if moment is None:
        return ""
    left = moment - timezone.now()
    if left < timedelta(0):
        return _("overdue by %(span)s") % {"span": formats.duration(-left)}
    return _("%(span)s left") % {"span": formats.duration(left)}


@register.filter
def in_words(done: Iterable[queries.Deed]) -> list[deeds.Told]:
    """Deeds as a page tells them."""
    return deeds.told(done)


@register.inclusion_tag("desk/parts/history.html")
def history(thing: models.Model, *others: models.Model) -> dict[str, object]:
    """What was done to an object, and to others that belong to it: `{% history meter %}`."""
    return {"deeds": queries.history_of(thing, *others)}


@register.filter
def until_day(end: datetime | None) -> str:
    """The last day of what ends at a moment; a dash where no end is set."""
    return formats.day(last_day(end))


@register.filter
def from_day(start: datetime | None) -> str:
    """The first day of what begins at a moment."""
    return formats.day(None if start is None else timezone.localtime(start))
