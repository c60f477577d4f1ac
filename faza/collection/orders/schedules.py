"""The tariff calendar that a meter should have, and in what the one it has differs.

Compared is what they mean on each day, not how they are written: meters number kinds of day and
name seasons as they like. No Django here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from faza.protocols.metered import DaySchedule, Season, TariffCalendar
from faza.tariffs import rules
from faza.tariffs.rules import Hours

Switches = tuple[tuple[int, int], ...]
"""From when in the day, minutes after midnight, which tariff."""
Zones = Sequence[tuple[int, Hours]]
"""Number and hours of all zones of a tariff."""
WORKING_DAY, DAY_OFF = 1, 2
AHEAD = 366
"""Days that are compared: a year, with all its special days."""


class NoZones(Exception):
    """A tariff has no zones, or they do not divide the day."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Days that the meter counts otherwise: the first, how many, what should be and what is.

    `is_now` is None where the meter has no schedule for them.
    """

    first: date
    days: int
    wanted: Switches
    is_now: Switches | None


def expected(name: str, zones: Zones, off: Zones, exceptions: Mapping[date, str]) -> TariffCalendar:
    """The calendar of a tariff: zones of working days, those of days off (empty: the same).

    Where they differ, the exceptions of the production calendar are special days. Raises NoZones.
    """
    working = _switches(zones)
    days_off = _switches(off) if off else working
    days = [DaySchedule(WORKING_DAY, working)]
    if days_off == working:
        season = Season("1", (1, 1), (1, 1, 1, 1, 1, 1, 1))
        return TariffCalendar(name, (season,), tuple(days))
    days.append(DaySchedule(DAY_OFF, days_off))
    special = tuple(
        (day.month, day.day, day.year, WORKING_DAY if is_worked else DAY_OFF)
        for day in sorted(exceptions)
        if (is_worked := rules.is_working_day(day, exceptions)) != (day.weekday() < 5)
    )
    season = Season("1", (1, 1), (1, 1, 1, 1, 1, 2, 2))
    return TariffCalendar(name, (season,), tuple(days), special)


def _switches(zones: Zones) -> Switches:
    try:
        of_minute = rules.zone_of_minutes(zones)
    except rules.ZonesOverlapOrGap as problem:
        raise NoZones(str(problem)) from problem
    if not zones:
        raise NoZones
    return _merged(tuple(enumerate(of_minute)))


def differences(wanted: TariffCalendar, found: TariffCalendar, *, first: date) -> list[Difference]:
    """In what a meter's calendar differs from what it should be, from a day on for a year."""
    told: dict[tuple[Switches, Switches | None], list[date]] = {}
    days = (first + timedelta(n) for n in range(AHEAD))
    for day, should, has in zip(days, _year(wanted, first), _year(found, first), strict=True):
        if should is not None and should != has:
            told.setdefault((should, has), []).append(day)
    return [Difference(days[0], len(days), *pair) for pair, days in told.items()]


def is_same(wanted: TariffCalendar, found: TariffCalendar, *, first: date) -> bool:
    return not differences(wanted, found, first=first)


def _year(calendar: TariffCalendar, first: date) -> Iterator[Switches | None]:
    days = {day.number: _merged(day.switches) for day in calendar.days}
    special = {(month, day, year): number for month, day, year, number in calendar.special}
    seasons = sorted(calendar.seasons, key=lambda season: season.start)
    for n in range(AHEAD):
        day = first + timedelta(n)
        every, once = (day.month, day.day, None), (day.month, day.day, day.year)
        number = special.get(once, special.get(every))
        if number is None and seasons:
            number = _season(seasons, day).week[day.weekday()]
        yield days.get(number) if number is not None else None


def _season(seasons: Sequence[Season], day: date) -> Season:
    """The last one that began in the year, else the one that the year before ended with."""
    begun = [season for season in seasons if season.start <= (day.month, day.day)]
    return begun[-1] if begun else seasons[-1]


def _merged(switches: Switches) -> Switches:
    """Without switches to the tariff that counts already, from the beginning of the day.

    Before the first switch the last one of the day before counts on.
    """
    ordered = sorted(switches)
    if not ordered:
        return ()
    if ordered[0][0] > 0:
        ordered.insert(0, (0, ordered[-1][1]))
    kept = [one for n, one in enumerate(ordered) if n == 0 or ordered[n - 1][1] != one[1]]
    return tuple(kept)
