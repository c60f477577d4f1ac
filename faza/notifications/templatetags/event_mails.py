"""Events in a mail: what, when and where, in the words of the mail's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone
from django.utils.translation import ngettext

from faza.events import catalogue
from faza.notifications.templatetags.mails import moment

register = template.Library()
Line = Mapping[str, Any]  # JSON, as `collection.warnings` wrote it


@register.filter
def event_words(one: Line) -> str:
    """What happened."""
    return str(catalogue.find(one["journal"], one["code"]).words)


@register.filter
def event_lines(events: Iterable[Line]) -> list[str]:
    """Events one a line: when by the clock of the place, what, where."""
    return [
        f"{_local(one['at'], one['zone'])} – {event_words(one)}. {one['place']}" for one in events
    ]


@register.filter
def event_counts(counts: Iterable[Line]) -> list[str]:
    """Kinds of events one a line: what, how often, from when to when."""
    return [f"{event_words(one)}: {_times(one)}" for one in counts]


def _times(one: Line) -> str:
    first, last = (moment(datetime.fromisoformat(one[edge])) for edge in ("first", "last"))
    if one["count"] == 1:
        return first
    told = {"count": one["count"], "first": first, "last": last}
    return (
        ngettext(
            "%(count)s time from %(first)s to %(last)s",
            "%(count)s times from %(first)s to %(last)s",
            one["count"],
        )
        % told
    )


@register.filter
def casts_doubt(events: Iterable[Line]) -> bool:
    """Whether readings are marked because of any of these."""
    return any(catalogue.find(one["journal"], one["code"]).doubts for one in events)


@register.filter
def event_total(events: list[Line], more: int) -> str:
    """How many events in all, as a subject says it."""
    total = len(events) + more
    told = {"count": total}
    return ngettext("%(count)s event of meters", "%(count)s events of meters", total) % told


def _local(text: str, zone: str) -> str:
    with timezone.override(ZoneInfo(zone)):
        return moment(datetime.fromisoformat(text))
