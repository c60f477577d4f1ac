"""Sums of many points remembered from page to page: a year of a fleet is a million rows.

What is remembered holds a number for each day (`changed`); a day that changed since is added up
anew. The last days, in which something changes all the time, are a few minutes old at most.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from django.core.cache import cache

from faza.charges import changed, sums
from faza.charges.queries import kept_until, next_month
from faza.charges.sums import MonthSums
from faza.core.periods import Period
from faza.core.windows import Windows
from faza.readings import queries
from faza.readings.queries import DayTotals

MANY = 100
"""Of fewer points nothing is remembered: to add them up takes no longer."""
LIVE = timedelta(days=3)
"""So many days back from now are not remembered by their changes, but for AGE."""
AGE = timedelta(minutes=5)
"""So old may be what the last days came to."""
BEHIND = timedelta(hours=1)
"""Where the job is later than that nothing is remembered: it has not told what changed."""
LASTS = 24 * 3600
"""Seconds that a sum nobody asks for is kept."""
ALONE = 2
"""So many stretches of changed days are asked apart; of more, the days between come along."""
DAY = timedelta(days=1)
I64 = npt.NDArray[np.int64]
Days = npt.NDArray[np.datetime64]
OF_DAY = ("total", "n_expected", "n_missing", "n_estimated", "n_points")
MONTHS_OF = tuple(
    field.name for field in fields(MonthSums) if field.name not in {"months", "as_of"}
)
Stretch = tuple[date, date]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fleet:
    """The windows of a page. `key` is empty where nothing is remembered of them.

    Days before `until` are remembered by their changes. now: the present moment. kept: up to when
    kept months hold, where that is known.
    """

    windows: Windows
    key: str
    until: date
    now: datetime
    kept: datetime | None = None

    @classmethod
    def of(
        cls, windows: Windows, *, at: datetime, now: datetime, kept: datetime | None = None
    ) -> Fleet:
        """at: up to when data are shown, which is `now` where nothing has ended. No query."""
        until = (at.astimezone(UTC) - LIVE).date()
        key = _digest(windows, now) if len(windows) > MANY else ""
        return cls(windows, key, until, now, kept)

    def day_totals(
        self, reading_type: int, first: date, end: date, *, until: datetime
    ) -> DayTotals:
        """As readings.queries.day_totals, of one reading type. Its queries for the last days, and
        for each stretch of days that changed, three at most; one or two more."""
        numbers = self._numbers(first)
        if numbers is None:
            return queries.day_totals(self.windows, [reading_type], first, end, until=until)
        days = np.arange(np.datetime64(first), np.datetime64(end))
        past = days < np.datetime64(self.until)
        key = f"{self.key}:days:{reading_type}:{first}"
        now = np.array([numbers.get(day, 0) for day in days.tolist()], np.int64)
        told, known = _recalled(key, days, now)
        made = DayTotals(np.array([reading_type], np.int16), days, *told)
        for begin, stop in stretches(days, past & ~known):
            _put(made, queries.day_totals(self.windows, [reading_type], begin, stop))
        begin = max(first, self.until)
        if begin < end:
            _put(made, self.lately(
                f"last:{reading_type}:{begin}:{end}",
                lambda: queries.day_totals(self.windows, [reading_type], begin, end, until=until),
            ))  # fmt: skip
        if not known[past].all():
            remembered = np.stack([getattr(made, name)[0, past] for name in OF_DAY])
            cache.set(key, (days[past], now[past], remembered), LASTS)
        return made

    def month_sums(self, first: date, end: date) -> MonthSums:
        """As sums.month_sums: charges of the months [first, end). Twice its queries at most, and
        one or two more."""
        # A month is charged by its last day as well.
        whole = min(end, self.until.replace(day=1))
        changes = self._numbers(first) if first < whole else None
        if changes is None:
            return sums.month_sums(self.windows, first, end)
        key, numbers = f"{self.key}:months:{first}:{whole}", _of_months(changes, first, whole)
        found = cache.get(key)
        if found is None or found[0] != numbers:
            found = numbers, sums.month_sums(self.windows, first, whole)
            cache.set(key, found, LASTS)
        past: MonthSums = found[1]
        rest = self.lately(
            f"months:{whole}:{end}", lambda: sums.month_sums(self.windows, whole, end)
        )
        joined: dict[str, Any] = {
            name: np.concatenate([getattr(past, name), getattr(rest, name)])
            for name in ("months", *MONTHS_OF)
        }
        return replace(rest, **joined)

    def lately(self, name: str, make: Callable[[], T]) -> T:
        """What `make` says of the windows, or said less than AGE ago; nothing else is in it."""
        if not self.key:
            return make()
        key = f"{self.key}:{name}"
        found: Any = cache.get(key)
        if found is None or not timedelta(0) <= self.now - found[0] < AGE:
            found = self.now, make()
            cache.set(key, found, AGE.total_seconds())
        made: T = found[1]
        return made

    def _numbers(self, first: date) -> dict[date, int] | None:
        """Numbers of the changes of days from `first` on; None where nothing is remembered."""
        if not self.key or not changed.earliest(self.now) <= first < self.until:
            return None
        kept = self.kept or kept_until()
        if kept is None or self.now - kept > BEHIND:
            return None
        return changed.numbers(first, self.until)


def _of_months(changes: dict[date, int], first: date, end: date) -> tuple[int, ...]:
    """The last change of each month of [first, end)."""
    found, month = [], first
    while month < end:
        after = next_month(month)
        found.append(max((n for day, n in changes.items() if month <= day < after), default=0))
        month = after
    return tuple(found)


def stretches(days: Days, wanted: npt.NDArray[np.bool_]) -> list[Stretch]:
    """The stretches of wanted days, half-open, a few: narrow gaps between them are filled."""
    places = np.flatnonzero(wanted)
    if not len(places):
        return []
    gaps = np.diff(places)
    widest = [n for n in np.argsort(gaps, kind="stable")[::-1][:ALONE].tolist() if gaps[n] > 1]
    parts = np.split(places, np.sort(np.array(widest, np.int64)) + 1)
    return [(days[part[0]].item(), days[part[-1]].item() + DAY) for part in parts]


def _put(into: DayTotals, part: DayTotals) -> None:
    place = np.searchsorted(into.days, part.days)
    for name in OF_DAY:
        getattr(into, name)[:, place] = getattr(part, name)


def _recalled(key: str, days: Days, now: I64) -> tuple[Sequence[I64], npt.NDArray[np.bool_]]:
    """Sums of days, each (1, d), and which are known; they hold the numbers `now` still."""
    told = [np.zeros((1, len(days)), np.int64) for _ in OF_DAY]
    known = np.zeros(len(days), bool)
    found: Any = cache.get(key)
    if found is not None:
        of, numbers, values = found
        place = np.searchsorted(of, days)
        inside = np.flatnonzero((days >= of[0]) & (days <= of[-1]))
        inside = inside[numbers[place[inside]] == now[inside]]
        known[inside] = True
        for n, array in enumerate(told):
            array[0, inside] = values[n, place[inside]]
    return told, known


def _digest(windows: Windows, now: datetime) -> str:
    """A name of what the windows let through: one that goes on has no end.

    One that ended, were it a moment ago, is another one: the last days are remembered as well.
    """
    named: dict[tuple[str, str, str], int] = {}
    periods, number = [], 0
    before: tuple[Period, str] | None = None
    for _, zone, period in windows:
        # Thousands of windows have few periods, and those of many follow one another.
        if before is None or period is not before[0] or zone != before[1]:
            before = period, zone
            end = "" if period.end >= now else period.end.isoformat()
            number = named.setdefault((period.start.isoformat(), end, zone), len(named))
        periods.append(number)
    points = np.array([window.usage_point for window in windows], np.int64)
    told = hashlib.sha256(
        points.tobytes() + np.array(periods, np.int64).tobytes() + repr(list(named)).encode()
    )
    return f"charges.fleet:{told.hexdigest()}"
