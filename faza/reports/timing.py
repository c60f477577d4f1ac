"""When a scheduled report is due."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


def next_after(*, every: str, on_day: int, hour: int, zone: str, after: datetime) -> datetime:
    """The first moment after `after` at which a schedule is due, in UTC.

    An hour that clocks leave out falls on the one after it; one that comes twice counts once.
    """
    clock = ZoneInfo(zone)
    day = after.astimezone(clock).date()
    while True:
        due = _at(day, hour, clock)
        if due > after and _is_due_on(day, every, on_day):
            return due
        day += timedelta(days=1)


def _is_due_on(day: date, every: str, on_day: int) -> bool:
    if every == "week":
        return day.isoweekday() == on_day
    return every == "day" or day.day == on_day


def _at(day: date, hour: int, clock: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=clock).astimezone(UTC)
