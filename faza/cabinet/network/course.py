"""How quantities went: what is asked of the store at once, and its table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from django.utils.translation import gettext as _

from faza.cabinet.network import pictures
from faza.core.periods import Period
from faza.core.windows import Windows
from faza.readings.network import queries
from faza.readings.network.queries import Course
from faza.ui import formats

DAY = timedelta(days=1)
SHORT = 48
"""Intervals that a table lists one by one; of more it tells each day's least, mean, greatest."""


@dataclass(frozen=True, slots=True)
class Times:
    """The chart's time [start, end), the 24 hours and the month before its end."""

    start: datetime
    day: datetime
    month: datetime
    end: datetime

    @classmethod
    def of(cls, end: datetime, length: timedelta, tz: ZoneInfo) -> Times:
        """Up to a moment, on whole half-hours."""
        # A moment amid an interval: up to the interval's end.
        over = timedelta(minutes=end.minute % 30, seconds=end.second)
        whole = end + (timedelta(minutes=30) - over if over else timedelta())
        local = (end - timedelta(seconds=1)).astimezone(tz)
        month = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        return cls(whole - length, whole - DAY, month.astimezone(UTC), whole)

    @property
    def all(self) -> Period:
        return Period(min(self.start, self.day, self.month), self.end)


@dataclass(frozen=True, slots=True)
class Table:
    """heads: of the columns of numbers. rows: when, the texts, and whether it is a whole day."""

    first: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def fetch(windows: Windows, quantity: str, phases: int, times: Times) -> Course:
    """Voltages, and the quantity, over all that the page tells of. One question."""
    letters = "ABC" if phases == 3 else "A"
    names = ["U", *(f"U{letter}" for letter in letters)]
    if quantity != "U":
        names += [quantity, *(f"{quantity}{letter}" for letter in letters if quantity != "F")]
    names += ["IN"] * (quantity == "I")
    energies = {"P": ["A+", "A-"], "Q": ["R+", "R-"]}.get(quantity, [])
    found = queries.course(windows, [*dict.fromkeys(names), *energies], times.all)
    return Course(found.starts, found.minutes, queries.with_power_course(found.values))


def table(quantity: str, course: Course, phases: int, tz: ZoneInfo) -> Table | None:
    """The numbers of the chart; None where there are none."""
    drawn = pictures.lines(quantity, course.values, phases)
    if not drawn or not len(course.starts):
        return None
    decimals = pictures.FINE[quantity]
    names = tuple(pictures.line_name(letter) for letter in drawn)
    if len(course.starts) <= SHORT * 30 // course.minutes:
        return Table(_("Interval"), names, tuple(_each(course, drawn, decimals, tz)))
    parts = ", ".join((_("least"), _("mean"), _("greatest")))
    return Table(
        _("Day"), tuple(f"{name}: {parts}" for name in names),
        tuple(_by_day(course, drawn, decimals, tz)),
    )  # fmt: skip


def _each(
    course: Course, drawn: dict[str, np.ndarray], decimals: int, tz: ZoneInfo
) -> Iterator[tuple[str, tuple[str, ...]]]:
    for place, start in enumerate(course.starts.tolist()):
        begin = datetime.fromtimestamp(start, tz)
        end = datetime.fromtimestamp(start + 60 * course.minutes, tz)
        label = f"{begin:%d.%m}{formats.NBSP}{formats.clock(begin)}–{formats.clock(end)}"
        yield label, tuple(_text(one[place], decimals) for one in drawn.values())


def _by_day(
    course: Course, drawn: dict[str, np.ndarray], decimals: int, tz: ZoneInfo
) -> Iterator[tuple[str, tuple[str, ...]]]:
    starts = [datetime.fromtimestamp(start, tz) for start in course.starts.tolist()]
    days = np.array([start.toordinal() for start in starts])
    for day in np.unique(days).tolist():
        inside = days == day
        label = formats.day(date.fromordinal(day))
        yield label, tuple(_range(one[inside], decimals) for one in drawn.values())


def _range(values: np.ndarray, decimals: int) -> str:
    known = values[~np.isnan(values)]
    if not len(known):
        return formats.DASH
    numbers = (known.min(), known.mean(), known.max())
    return " · ".join(formats.number(float(one), decimals) for one in numbers)


def _text(value: float, decimals: int) -> str:
    return formats.DASH if np.isnan(value) else formats.number(float(value), decimals)
