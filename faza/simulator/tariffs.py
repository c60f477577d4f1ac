"""Which tariff counts in each half-hour, by the calendars that were in force one after another.

Tariffs change with the civil time of the meter's zone: its drift is too little to be seen in a
half-hour. A change within a half-hour counts from the next one on.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import date, timedelta

import numpy as np

from faza.protocols.metered import I64, TariffCalendar
from faza.simulator.load import HALF_HOUR
from faza.simulator.shapes import SLOTS

TARIFFS = 8
EPOCH = date(1970, 1, 1)


def fault(calendar: TariffCalendar) -> str | None:
    """Why a meter refuses a calendar; None if it takes it."""
    kinds = {day.number for day in calendar.days}
    if not calendar.seasons or not calendar.days:
        return "a calendar needs a season and a day"
    used = {kind for season in calendar.seasons for kind in season.week}
    used |= {kind for *_, kind in calendar.special}
    if used - kinds:
        return f"no such kind of day: {min(used - kinds)}"
    for day in calendar.days:
        minutes = [minute for minute, _ in day.switches]
        if minutes[:1] != [0] or minutes != sorted(set(minutes)) or minutes[-1] >= 24 * 60:
            return f"day {day.number} does not go from midnight through itself"
        if any(not 1 <= tariff <= TARIFFS for _, tariff in day.switches):
            return f"day {day.number} has a tariff that is not"
    return None


class Calendars:
    """offset: minutes east of UTC. The first calendar holds for all time before, too."""

    def __init__(self, calendar: TariffCalendar, *, offset: int) -> None:
        self.shift = offset * 60 // HALF_HOUR
        self.since: list[int] = [-(1 << 60)]
        self.calendars = [calendar]
        self._tables = [_Table(calendar)]

    @property
    def present(self) -> TariffCalendar:
        return self.calendars[-1]

    def change(self, calendar: TariffCalendar, at: int) -> None:
        """From the first half-hour on that begins at `at` or later."""
        self.since.append(-(-at // HALF_HOUR))
        self.calendars.append(calendar)
        self._tables.append(_Table(calendar))

    def of_half_hours(self, first: int, end: int) -> I64:
        """(end - first,) tariffs, 0 for T1, of half-hours since 1970 UTC."""
        local = np.arange(first, end) + self.shift
        days = np.arange(local[0] // SLOTS, local[-1] // SLOTS + 1)
        found = np.empty(end - first, np.int64)
        for n in range(bisect_right(self.since, first) - 1, bisect_right(self.since, end - 1)):
            table = self._tables[n]
            whole = np.concatenate([table.of_day(int(day)) for day in days])
            begins = max(self.since[n], first) - first
            found[begins:] = whole[begins + int(local[0] % SLOTS) :][: end - first - begins]
        return found


class _Table:
    """A calendar by day."""

    def __init__(self, calendar: TariffCalendar) -> None:
        self.calendar = calendar
        self.days = {day.number: _half_hours(day.switches) for day in calendar.days}
        self.seasons = sorted(calendar.seasons, key=lambda season: season.start)

    def of_day(self, number: int) -> I64:
        day = EPOCH + timedelta(days=number)
        for month, of_month, year, kind in self.calendar.special:
            if (month, of_month) == (day.month, day.day) and year in (None, day.year):
                return self.days[kind]
        present = self.seasons[-1]
        for season in self.seasons:
            if season.start <= (day.month, day.day):
                present = season
        return self.days[present.week[day.weekday()]]


def _half_hours(switches: tuple[tuple[int, int], ...]) -> I64:
    minutes = np.arange(SLOTS) * 30
    places = np.searchsorted([minute for minute, _ in switches], minutes, side="right") - 1
    return np.array([tariff - 1 for _, tariff in switches])[places]
