"""The grid of civil days on which intervals lie, and the windows as stretches of it.

Nothing here asks the database. Arrays that come from a cache are read-only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from faza.core.periods import ALWAYS, Period, start_of_day
from faza.core.windows import Windows

I64 = npt.NDArray[np.int64]
I16 = npt.NDArray[np.int16]
Mask = npt.NDArray[np.bool_]

DEFAULT_INTERVAL = 30
"""Minutes of the intervals that are expected of a channel of which no day is stored."""
MAX_DAYS = 36_600
"""Longer than any archive: who asks for more has forgotten to bound the period."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a zone's grid: the intervals that lie wholly in [low, high), unix seconds.

    It touches the civil days [first, end) of the zone. Windows of many points share one.
    """

    zone: str
    low: int
    high: int
    first: date
    end: date


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Intervals of one length over civil days.

    starts (n,) int64 unix seconds, minutes (n,) int16, lengths (days,) int64: how many intervals
    each day has. inside (days, k) tells the cells that exist in a rectangle of days, None if all.
    """

    starts: I64
    minutes: I16
    lengths: I64
    inside: Mask | None


@lru_cache(maxsize=1024)
def day_starts(first: date, end: date, zone: str) -> I64:
    """Unix seconds at which the civil days first … end begin in a zone, both included."""
    count = (end - first).days
    days = (first + timedelta(days=n) for n in range(count + 1))
    starts = np.fromiter(
        (int(start_of_day(day, zone).timestamp()) for day in days), np.int64, count + 1
    )
    starts.flags.writeable = False
    return starts


@lru_cache(maxsize=128)
def grid(first: date, end: date, zone: str, interval: int) -> Grid:
    """Intervals of `interval` minutes over the civil days [first, end) of a zone."""
    starts = day_starts(first, end, zone)
    lengths = np.diff(starts) // (interval * 60)
    return laid(starts[:-1], lengths, np.full(len(lengths), interval, np.int16))


def laid(starts: I64, lengths: I64, intervals: I16) -> Grid:
    """Intervals laid over days: of each its start, number and length in minutes. All (days,)."""
    width = int(lengths.max(initial=0))
    cells = starts[:, None] + np.arange(width) * (intervals.astype(np.int64) * 60)[:, None]
    minutes = np.repeat(intervals, lengths)
    even = bool((lengths == width).all())
    inside = None if even else np.arange(width) < lengths[:, None]
    starts = cells.reshape(-1) if inside is None else cells[inside]
    for array in (starts, minutes, lengths):
        array.flags.writeable = False
    return Grid(starts, minutes, lengths, inside)


def nearest(places: I64, values: Any, count: int) -> Any:
    """An array of values at sorted places, taken to all of 0 … count - 1 from the nearest one."""
    wanted = np.arange(count)
    after = np.searchsorted(places, wanted).clip(max=len(places) - 1)
    before = (after - (places[after] > wanted)).clip(min=0)
    closer = np.abs(places[after] - wanted) < np.abs(wanted - places[before])
    return values[np.where(closer, after, before)]


def spans_of(windows: Windows, period: Period, until: datetime | None) -> list[tuple[int, Span]]:
    """(usage point, span) of each window that shares time with the period, in their order.

    `until` ends the period: what ends after it has not arrived yet.
    """
    arrived = _arrived(period, until)
    if arrived is None:
        return []
    shared = ((w.usage_point, w.zone, w.period.intersect(arrived)) for w in windows)
    return [(point, _span(part, zone)) for point, zone, part in shared if part]


def spans_of_days(
    windows: Windows, first: date, end: date, until: datetime | None
) -> list[tuple[int, Span]]:
    """The same for the civil days [first, end), in each window's own zone."""
    periods = {
        zone: _arrived(Period.of_days(first, end, zone), until)
        for zone in {window.zone for window in windows}
    }
    shared = (
        (w.usage_point, w.zone, w.period.intersect(arrived))
        for w in windows
        if (arrived := periods[w.zone])
    )
    return [(point, _span(part, zone)) for point, zone, part in shared if part]


def by_span(spans: Iterable[tuple[int, Span]]) -> dict[Span, list[int]]:
    """Usage points of each span; a fleet has few spans."""
    found: dict[Span, list[int]] = {}
    for point, span in spans:
        found.setdefault(span, []).append(point)
    return found


def ranges(starts: I64, ends: I64) -> I64:
    """All numbers of the half-open ranges, one range after the other."""
    sizes = ends - starts
    shift = np.repeat(starts - np.concatenate([[0], np.cumsum(sizes)[:-1]]), sizes)
    numbers: I64 = np.arange(int(sizes.sum())) + shift
    return numbers


def _arrived(period: Period, until: datetime | None) -> Period | None:
    return period.intersect(Period(ALWAYS, until)) if until is not None else period


@lru_cache(maxsize=8192)
def _span(period: Period, zone: str) -> Span:
    first, end = period.days(zone)
    if (end - first).days > MAX_DAYS:
        raise ValueError(f"{first} to {end}: bound the period")
    # Intervals begin and end on whole seconds: inwards, so that they lie wholly in the period.
    return Span(
        zone, -((EPOCH - period.start) // SECOND), (period.end - EPOCH) // SECOND, first, end
    )
