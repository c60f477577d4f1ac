"""A notice as the page tells it: its words, when, and where to see more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import NoReverseMatch, reverse

from faza.manual_entry.telling import PAGE
from faza.notifications import words
from faza.notifications.models import Notice, Topic
from faza.notifications.words import Told
from faza.ui import formats


@dataclass(frozen=True, slots=True)
class Row:
    """A notice in words; `when` it was told, by the clock of the point or of the installation."""

    pk: int
    told: Told
    when: str
    moment: datetime
    topic: str
    is_read: bool
    leads: bool


def of(notice: Notice) -> Row:
    zone = notice.usage_point.zone if notice.usage_point else settings.TIME_ZONE
    return Row(
        pk=notice.pk,
        told=words.told(notice.kind, notice.payload, zone),
        when=formats.moment(notice.created_at, ZoneInfo(zone)),
        moment=notice.created_at,
        topic=str(dict(Topic.choices).get(notice.topic, "")),
        is_read=notice.read_at is not None,
        leads=bool(address(notice)),
    )


def address(notice: Notice) -> str:
    """Where what a notice is about is seen; empty where there is no such page."""
    if notice.topic == Topic.CASES:
        number = notice.payload.get("number")
        return reverse("cabinet:case", args=[number]) if isinstance(number, int) else ""
    if notice.topic == Topic.ORDERS:
        return reverse("cabinet:meters")
    if notice.topic == Topic.ENTRY:
        return PAGE
    if notice.topic == Topic.SECURITY:
        return reverse("cabinet:devices")
    point = notice.usage_point
    if notice.topic == Topic.VERIFICATION:
        number = notice.payload.get("number") if notice.payload.get("what") == "meter" else ""
        query: dict[str, Any] = {"q": number or (point.name if point else "")}
        return f"{reverse('cabinet:meters')}?{urlencode(query)}"
    told = {"point": point.code} if point else {}
    if notice.topic == Topic.THRESHOLD:
        day = date.fromordinal(notice.payload["day"]).isoformat()
        return f"{reverse('cabinet:explorer')}?{urlencode(told | {'period': 'day', 'on': day})}"
    try:
        page = reverse("cabinet:events")
    except NoReverseMatch:  # an installation without the journal
        page = reverse("cabinet:explorer")
    return f"{page}?{urlencode(told)}" if told else page
