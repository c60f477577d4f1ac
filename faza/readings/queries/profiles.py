"""Profiles: every interval of a channel, with what is missing among them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from faza.core.periods import Period
from faza.core.quality import Quality, is_estimated, is_present
from faza.core.windows import Windows
from faza.readings import store
from faza.readings.queries.channels import intervals_near
from faza.readings.queries.grid import (
    DEFAULT_INTERVAL,
    Grid,
    Span,
    day_starts,
    grid,
    laid,
    nearest,
    spans_of,
    spans_of_days,
)

I64 = npt.NDArray[np.int64]
I16 = npt.NDArray[np.int16]
U8 = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """The intervals of a channel that lie wholly in a window and in the period asked for.

    usage_point: id. reading_type: code of core.ReadingType. zone: IANA name, the point's.
    starts (n,) int64: unix seconds, UTC, ascending. minutes (n,) int16: length of each.
    values (n,) int64: in the type's quantum, on the primary side; 0 where there is none.
    quality (n,) uint8: core.Quality; MISSING where there is no value, on days without any too.
    Arrays may be read-only.
    """

    usage_point: int
    reading_type: int
    zone: str
    starts: I64
    minutes: I16
    values: I64
    quality: U8

    @property
    def ends(self) -> I64:
        """(n,) int64 unix seconds at which the intervals end."""
        return self.starts + self.minutes.astype(np.int64) * 60

    @property
    def present(self) -> npt.NDArray[np.bool_]:
        """(n,) bool: where there is a value, measured or estimated."""
        return is_present(self.quality)

    @property
    def n_expected(self) -> int:
        return len(self.quality)

    @property
    def n_present(self) -> int:
        return int(np.count_nonzero(self.present))

    @property
    def n_missing(self) -> int:
        return self.n_expected - self.n_present

    @property
    def n_estimated(self) -> int:
        return int(np.count_nonzero(is_estimated(self.quality)))

    @property
    def total(self) -> int:
        """Sum of the present values; of no use for types that are not additive."""
        return int(self.values.sum())

    @property
    def completeness(self) -> Fraction | None:
        """Present of expected; None where nothing is expected."""
        return Fraction(self.n_present, self.n_expected) if self.n_expected else None


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch [start, end) of a channel without values; unix seconds."""

    usage_point: int
    reading_type: int
    start: int
    end: int

    @property
    def hours(self) -> float:
        return (self.end - self.start) / 3600


def profiles(
    windows: Windows,
    reading_types: Collection[int],
    period: Period,
    *,
    until: datetime | None = None,
    as_of: datetime | None = None,
    delivered: bool = False,
) -> list[Profile]:
    """Profiles of the windows that share time with the period, each in every reading type.

    In the order of the windows, types ascending; two windows of a point are two profiles. An
    interval that reaches over an edge of the window or of the period is left out. What is not
    stored is missing, on the grid of the channel's nearest day, else in half-hours.
    until: intervals that end after it are left out; they have not arrived, which is not missing.
    as_of: what was known at that moment, before what has come, was corrected or estimated since;
    where nothing was, on the grid of today's nearest day.
    delivered: what was delivered, whatever verdicts, estimates and overrides stand over it; not
    together with as_of.
    One query; another one where a channel has no day in the answer.
    """
    if delivered and as_of is not None:
        raise ValueError("What was delivered as of a moment is not kept.")
    fetch = store.fetch_delivered if delivered else store.reader(as_of).fetch
    return _laid_out(spans_of(windows, period, until), reading_types, fetch)


def gaps(
    windows: Windows,
    reading_types: Collection[int],
    first: date,
    end: date,
    *,
    until: datetime | None = None,
    delivered: bool = False,
) -> list[Gap]:
    """Stretches without values in the civil days [first, end), by channel and time.

    delivered: without delivered values, whether or not they were estimated since.
    """
    found = []
    fetch = store.fetch_delivered if delivered else store.fetch
    for profile in _laid_out(spans_of_days(windows, first, end, until), reading_types, fetch):
        missing = np.zeros(profile.n_expected + 2, np.int8)
        missing[1:-1] = ~profile.present
        edges = np.flatnonzero(np.diff(missing))
        starts, ends = profile.starts[edges[::2]], profile.ends[edges[1::2] - 1]
        found += [
            Gap(profile.usage_point, profile.reading_type, start, stop)
            for start, stop in zip(starts.tolist(), ends.tolist(), strict=True)
        ]
    return found


def _laid_out(
    spans: list[tuple[int, Span]], reading_types: Collection[int], fetch: store.Fetch
) -> list[Profile]:
    kinds = sorted(set(reading_types))
    if not spans or not kinds:
        return []
    first, end = min(span.first for _, span in spans), max(span.end for _, span in spans)
    fetched = fetch({point for point, _ in spans}, kinds, first, end)
    rows = channels_of(fetched)
    asked = [(point, kind, span) for point, span in spans for kind in kinds]
    empty = {(point, kind) for point, kind, _ in asked if (point, kind) not in rows}
    near = intervals_near(empty, first, end)
    return [
        _profile(point, kind, span, fetched, *rows[point, kind])
        if (point, kind) in rows
        else _missing(point, kind, span, near.get((point, kind), DEFAULT_INTERVAL))
        for point, kind, span in asked
    ]


def channels_of(fetched: store.Fetched) -> dict[tuple[int, int], tuple[int, int]]:
    """First row and the row after the last one of each (usage point, reading type)."""
    if not len(fetched):
        return {}
    points, kinds = fetched.usage_points, fetched.reading_types
    change = np.flatnonzero((points[1:] != points[:-1]) | (kinds[1:] != kinds[:-1])) + 1
    starts = [0, *change.tolist()]
    return {
        (int(points[start]), int(kinds[start])): (start, end)
        for start, end in zip(starts, [*starts[1:], len(points)], strict=True)
    }


def _profile(
    point: int, kind: int, span: Span, fetched: store.Fetched, first: int, end: int
) -> Profile:
    """The profile of rows [first, end) of what was fetched, over a span."""
    count = (span.end - span.first).days
    places = (fetched.days[first:end] - np.datetime64(span.first)).astype(np.int64)
    intervals = fetched.intervals[first:end]
    if (intervals == intervals[0]).all():
        cells = grid(span.first, span.end, span.zone, int(intervals[0]))
    else:
        days = day_starts(span.first, span.end, span.zone)
        spread = nearest(places, intervals, count)
        cells = laid(days[:-1], np.diff(days) // (spread.astype(np.int64) * 60), spread)
    if len(places) and (places[0] < 0 or places[-1] >= count):
        low, high = np.searchsorted(places, (0, count)).tolist()
        places, first, end = places[low:high], first + low, first + high
    rows = slice(first, end)
    values, quality = _cells(cells, places, fetched.values[rows], fetched.quality[rows])
    return _clipped(
        Profile(point, kind, span.zone, cells.starts, cells.minutes, values, quality), span
    )


def _missing(point: int, kind: int, span: Span, interval: int) -> Profile:
    """The profile of a channel of which nothing is stored."""
    cells = grid(span.first, span.end, span.zone, interval)
    values = np.zeros(len(cells.starts), np.int64)
    quality = np.full(len(values), Quality.MISSING, np.uint8)
    return _clipped(
        Profile(point, kind, span.zone, cells.starts, cells.minutes, values, quality), span
    )


def _clipped(whole: Profile, span: Span) -> Profile:
    """The intervals of a profile of whole days that lie in a span."""
    starts, minutes = whole.starts, whole.minutes
    if not len(starts):
        return whole
    if span.low <= starts[0] and starts[-1] + 60 * int(minutes[-1]) <= span.high:
        return whole
    inside = slice(
        int(np.searchsorted(starts, span.low)), int(np.searchsorted(whole.ends, span.high, "right"))
    )
    return replace(
        whole, starts=starts[inside], minutes=minutes[inside],
        values=whole.values[inside], quality=whole.quality[inside],
    )  # fmt: skip


def _cells(cells: Grid, places: I64, values: I64, quality: U8) -> tuple[I64, U8]:
    """Stored days on the grid's cells: values and quality (n,), MISSING where nothing is stored."""
    count = len(cells.lengths)
    width = cells.inside.shape[1] if cells.inside is not None else int(cells.lengths.max(initial=0))
    if len(places) == count and values.shape[1] == width:
        if cells.inside is None:
            return values.reshape(-1), quality.reshape(-1)
        return values[cells.inside], quality[cells.inside]
    numbers = np.zeros((count, width), np.int64)
    codes = np.full((count, width), Quality.MISSING, np.uint8)
    common = min(width, values.shape[1])
    numbers[places, :common], codes[places, :common] = values[:, :common], quality[:, :common]
    if cells.inside is None:
        return numbers.reshape(-1), codes.reshape(-1)
    return numbers[cells.inside], codes[cells.inside]
