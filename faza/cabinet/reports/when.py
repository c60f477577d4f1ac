"""Who finds a personal report, and when it is mailed: the fields of its page as they were typed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_location
from django.conf import settings
from django.http import QueryDict
from django.utils.dates import WEEKDAYS
from django.utils.translation import get_language

from faza.cabinet.reports.own import number_of
from faza.collection.grid.values import ZONES
from faza.reports.models import PersonalReport, Schedule
from faza.reports.registry import Format

NONE = 99
"""A day or an hour that there is not: what is no number."""


@dataclass(frozen=True, slots=True)
class When:
    """`every` is day, week or month, "" for never; weekday 1 (Monday) to 7; customer: a key."""

    every: str = ""
    weekday: int = 1
    monthday: int = 2
    hour: int = 8
    zone: str = ""
    format: str = Format.XLSX.value
    customer: str = ""

    @property
    def on_day(self) -> int:
        """The day that counts for `every`."""
        return {"week": self.weekday, "month": self.monthday}.get(self.every, 0)


def saved(report: PersonalReport | None, schedule: Schedule | None) -> When:
    """What a report was saved with; of a new one what is offered first."""
    customer = str(report.customer_id or "") if report else ""
    if schedule is None:
        return When(zone=settings.TIME_ZONE, customer=customer)
    return When(
        schedule.every,
        schedule.on_day if schedule.every == "week" else 1,
        schedule.on_day if schedule.every == "month" else 2,
        schedule.hour,
        schedule.zone,
        schedule.format,
        customer,
    )


def read(posted: QueryDict) -> When:
    """What was typed, wrong or not: a service says what is wrong with it."""
    return When(
        posted.get("every", ""),
        number_of(posted.get("weekday", ""), unlike=NONE),
        number_of(posted.get("monthday", ""), unlike=NONE),
        number_of(posted.get("hour", ""), unlike=NONE),
        posted.get("zone", ""),
        posted.get("format", ""),
        posted.get("customer", ""),
    )


def weekdays() -> list[tuple[int, str]]:
    return [(number + 1, str(name)) for number, name in WEEKDAYS.items()]


def zones(current: str, *, at: datetime) -> list[tuple[str, str]]:
    """(zone, «Екатеринбург, UTC+5»): the hour zones of Russia, and the one that is chosen."""
    listed = dict.fromkeys(ZONES.values())
    known = [*listed, *([current] if current and current not in listed else [])]
    return [(zone, named) for zone in known if (named := _named(zone, at))]


def _named(zone: str, at: datetime) -> str:
    """The zone in words; "" for what is none."""
    try:
        local = at.astimezone(ZoneInfo(zone))
    except (KeyError, ValueError, OSError):
        return ""
    locale = (get_language() or "ru")[:2]
    city = get_timezone_location(local, locale=locale, return_city=True)
    offset = f"{local:%z}"
    minutes = f":{offset[3:]}" if offset[3:] != "00" else ""
    return f"{city}, UTC{offset[0]}{int(offset[1:3])}{minutes}"
