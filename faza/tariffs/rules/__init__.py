"""Verdicts on days and zones of the day, from plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

MINUTES = 24 * 60
"""Of a civil day by the wall clock, whatever its true length."""

HOLIDAY, WORKING, SHORT = "holiday", "working", "short"
"""Kinds of exceptional days: off; worked though a weekend; worked, but shorter."""

Hours = list[tuple[int, int]]
"""Half-open ranges [from, to) in minutes of the local day."""


LARGE = 670_000
"""W of the largest power from which price categories 1 and 2 are not open.
Source: design/rules.md, Cost [?]: ПП 442, from memory."""
NOT_FOR_LARGE = (1, 2)


class MalformedHours(Exception):
    """A text does not say hours of the day."""


class ZonesOverlapOrGap(Exception):
    """Zones do not divide the day: some minute is in none or in two."""


def is_working_day(day: date, exceptions: Mapping[date, str]) -> bool:
    """Whether people work on a day: Monday to Friday, but for the exceptions."""
    kind = exceptions.get(day)
    return day.weekday() < 5 if kind is None else kind != HOLIDAY


def add_working_days(day: date, count: int, exceptions: Mapping[date, str]) -> date:
    """The working day that is `count` working days after a day; the day itself is not counted.

    For 0 the day itself, or the first working day after it.
    """
    if count == 0 and not is_working_day(day, exceptions):
        count = 1
    while count > 0:
        day += timedelta(days=1)
        count -= is_working_day(day, exceptions)
    return day


def parse_hours(text: str) -> Hours:
    """The ranges of "07:00-10:00 17:00-21:00"; one that passes midnight is cut in two.

    Raises MalformedHours.
    """
    hours = []
    for part in text.split():
        try:
            start, end = (_minute(edge) for edge in part.split("-"))
        except ValueError as why:
            raise MalformedHours(f"{part!r} of {text!r}") from why
        hours += [(start, end)] if start < end else [(start, MINUTES), (0, end)]
    if not hours:
        raise MalformedHours("no hours")
    return sorted((start, end) for start, end in hours if start < end)


def _minute(text: str) -> int:
    hour, minute = (int(part) for part in text.split(":"))
    if not (0 <= minute < 60 and 0 <= hour * 60 + minute <= MINUTES):
        raise ValueError(text)
    return hour * 60 + minute


def zone_of_minutes(zones: Iterable[tuple[int, Hours]]) -> list[int]:
    """The zone number of every minute of the local day, from (number, hours) of all zones.

    Raises ZonesOverlapOrGap unless each minute is in exactly one zone.
    """
    of_minute = [0] * MINUTES
    for number, hours in zones:
        for start, end in hours:
            for minute in range(start, end):
                if of_minute[minute]:
                    raise ZonesOverlapOrGap(f"minute {minute}: T{of_minute[minute]}, T{number}")
                of_minute[minute] = number
    if 0 in of_minute:
        raise ZonesOverlapOrGap(f"minute {of_minute.index(0)} is in no zone")
    return of_minute


def whole_hours(text: str) -> tuple[int, ...]:
    """The hours (0..23, ascending) of "08:00-12:00 16:00-20:00".

    Raises MalformedHours, also where an hour is cut.
    """
    hours: set[int] = set()
    for start, end in parse_hours(text):
        if start % 60 or end % 60:
            raise MalformedHours(f"{text!r} cuts an hour")
        hours.update(range(start // 60, end // 60))
    return tuple(sorted(hours))
