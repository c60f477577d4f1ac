"""How complete channels are, until when they have arrived, and what many points add up to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from operator import itemgetter
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from faza.core.periods import Period
from faza.core.quality import is_present
from faza.core.windows import Windows
from faza.readings import store
from faza.readings.queries import summing
from faza.readings.queries.channels import Channels, to_day
from faza.readings.queries.grid import (
    DEFAULT_INTERVAL,
    Span,
    day_starts,
    spans_of,
    spans_of_days,
)
from faza.readings.store.reading import among, day_param, rows

I64 = npt.NDArray[np.int64]
I16 = npt.NDArray[np.int16]

LOOK_BACK = timedelta(days=45)
"""How far `latest` looks back for a channel that has fallen silent."""


@dataclass(frozen=True, slots=True, eq=False)
class Completeness:
    """Numbers of intervals of c channels over a stretch of days; all arrays (c,).

    Rows by usage point and reading type, both ascending. Missing are expected - present;
    estimated are among the present. Where they are missing `gaps` tells.
    """

    usage_points: I64
    reading_types: I16
    expected: I64
    present: I64
    estimated: I64

    @property
    def share(self) -> npt.NDArray[np.float64]:
        """(c,) present of expected, 0 … 1; NaN where nothing is expected."""
        return np.where(self.expected > 0, self.present / np.maximum(self.expected, 1), np.nan)

    @property
    def come(self) -> I64:
        """(c,) how many intervals have a value that was not estimated: what collection brought."""
        return self.present - self.estimated

    @property
    def share_come(self) -> npt.NDArray[np.float64]:
        """(c,) come of expected, 0 … 1; NaN where nothing is expected."""
        return np.where(self.expected > 0, self.come / np.maximum(self.expected, 1), np.nan)


@dataclass(frozen=True, slots=True, eq=False)
class Latest:
    """Until when channels have arrived; all arrays (c,), rows as in Completeness.

    ends int64: unix seconds at which the last delivered interval ends; 0: none was found.
    """

    usage_points: I64
    reading_types: I16
    ends: I64


@dataclass(frozen=True, slots=True, eq=False)
class DayTotals:
    """Sums over many points, by reading type and civil day.

    reading_types (t,) int16 ascending. days (d,) datetime64[D], of each point in its own zone.
    All of (t, d): total int64, in the type's quantum; n_expected, n_missing, n_estimated int64,
    numbers of intervals; n_points int64, how many points have any value.
    """

    reading_types: I16
    days: npt.NDArray[np.datetime64]
    total: I64
    n_expected: I64
    n_missing: I64
    n_estimated: I64
    n_points: I64


def completeness(
    windows: Windows,
    reading_types: Collection[int],
    first: date,
    end: date,
    *,
    until: datetime | None = None,
    as_of: datetime | None = None,
) -> Completeness:
    """How many intervals of the civil days [first, end) are there. Queries as in consumption.

    as_of: what was known at that moment; see `profiles`.
    """
    spans = spans_of_days(windows, first, end, until)
    sums = summing.sums(spans, sorted(set(reading_types)), first, end, "month", as_of)
    return Completeness(
        usage_points=sums.channels.usage_points,
        reading_types=sums.channels.reading_types,
        expected=sums.expected.sum(axis=1, dtype=np.int64),
        present=sums.present.sum(axis=1, dtype=np.int64),
        estimated=sums.estimated.sum(axis=1, dtype=np.int64),
    )


def latest(
    windows: Windows,
    reading_types: Collection[int],
    *,
    before: datetime,
    within: timedelta = LOOK_BACK,
) -> Latest:
    """The end of the last interval of each channel that was delivered and ends by `before`.

    What was estimated since has not arrived. Looks for it in the windows and not further back
    than `within`. Two queries: the last two days of all channels, then all days of those that
    were silent in them.
    """
    spans = spans_of(windows, Period(before - within, before), None)
    kinds = sorted(set(reading_types))
    first = min((span.first for _, span in spans), default=before.date())
    end = max((span.end for _, span in spans), default=first)
    channels = Channels.of(spans, kinds, first)
    ends = np.zeros(len(channels), np.int64)
    recent = max(first, end - timedelta(days=2))
    _look(channels, channels.points.tolist(), (recent, end), ends)
    silent = (ends.reshape(len(channels.points), len(kinds)) == 0).any(axis=1)
    _look(channels, channels.points[silent].tolist(), (first, recent), ends)
    return Latest(channels.usage_points, channels.reading_types, ends)


def _look(channels: Channels, points: list[int], days: tuple[date, date], ends: I64) -> None:
    """Raise `ends` (c,) to the ends of the last delivered intervals of some days."""
    if not points or days[0] >= days[1]:
        return
    found = store.fetch_delivered(points, channels.kinds.tolist(), *days)
    rows = channels.place(found.usage_points, found.reading_types, found.days, found.intervals)
    for span, members in channels.members.items():
        mine = channels.rows_of(rows, members)
        starts = day_starts(channels.first, max(span.end, days[1]), span.zone)
        step = rows.intervals[mine, None] * 60
        stops = starts[rows.days[mine], None] + np.arange(1, found.values.shape[1] + 1) * step
        counts = is_present(found.quality[mine])
        counts &= (stops <= span.high) & (stops - step >= span.low)
        last = np.where(counts, stops, 0).max(axis=1, initial=0)
        np.maximum.at(ends, rows.channels[mine], last)


def day_totals(
    windows: Windows,
    reading_types: Collection[int],
    first: date,
    end: date,
    *,
    until: datetime | None = None,
) -> DayTotals:
    """Sums of all windows together over the civil days [first, end).

    Points whose windows hold all of the days are summed by the database, in one grouped query;
    the other windows, and the days from `until` on, are summed as in consumption. Of points
    without a block as many intervals are expected as of those with one.
    """
    kinds = sorted(set(reading_types))
    arrived = end
    if until is not None:
        # The first day that is not over in the zone that is the latest.
        days = [until.astimezone(ZoneInfo(zone)).date() for zone in {w.zone for w in windows}]
        arrived = min(end, max(first, min(days, default=first)))
    spans = spans_of_days(windows, first, arrived, None)
    whole = {span for span in set(map(itemgetter(1), spans)) if _is_whole(span, first, arrived)}
    zones = Counter(span.zone for _, span in spans if span in whole)
    answer = DayTotals(
        np.array(kinds, np.int16),
        np.arange(np.datetime64(first), np.datetime64(end)),
        *(np.zeros((len(kinds), (end - first).days), np.int64) for _ in range(5)),
    )
    _add_grouped(answer, [p for p, span in spans if span in whole], zones, first, arrived)
    parts = [s for s in spans if s[1] not in whole]
    _add_sums(answer, parts, first, arrived)
    _add_sums(answer, spans_of_days(windows, arrived, end, until), arrived, end)
    return answer


def _is_whole(span: Span, first: date, end: date) -> bool:
    starts = day_starts(first, end, span.zone)
    return bool(span.low <= starts[0] and span.high >= starts[-1])


def _add_grouped(
    answer: DayTotals, points: list[int], zones: Counter[str], first: date, end: date
) -> None:
    """Add the days [first, end) of whole points; zones: how many of them are in each."""
    kinds = answer.reading_types.tolist()
    if not points or not kinds or first >= end:
        return
    of_points, point_param = among("usage_point_id", points)
    of_types, type_param = among("reading_type", kinds)
    found = rows(
        "SELECT reading_type, day, CAST(sum(total) AS bigint),"  # noqa: S608 (store's conditions)
        " sum(n_valid), sum(n_missing), sum(n_estimated),"
        " sum(CASE WHEN n_valid + n_estimated > 0 THEN 1 ELSE 0 END),"
        " sum((n_valid + n_missing + n_estimated) * interval), max(interval) FROM readings_block"
        f" WHERE {of_points} AND {of_types} AND day >= %s AND day < %s"
        " GROUP BY reading_type, day",
        (point_param, type_param, day_param(first), day_param(end)),
    )
    n_days = (end - first).days
    shape = (len(kinds), n_days)
    stored, intervals = np.zeros(shape, np.int64), np.full(shape, DEFAULT_INTERVAL)
    if found:
        columns = list(zip(*found, strict=True))
        kind = np.searchsorted(answer.reading_types, np.array(columns[0], np.int16))
        day = (np.array(columns[1], "datetime64[D]") - np.datetime64(first)).astype(np.int64)
        total, valid, missing, estimated, some, length, interval = (
            np.array(column, np.int64) for column in columns[2:]
        )
        answer.total[kind, day] += total
        answer.n_expected[kind, day] += valid + missing + estimated
        answer.n_missing[kind, day] += missing
        answer.n_estimated[kind, day] += estimated
        answer.n_points[kind, day] += some
        stored[kind, day], intervals[kind, day] = length, interval
    minutes = sum(
        (np.diff(day_starts(first, end, zone)) // 60 * count for zone, count in zones.items()),
        np.zeros(n_days, np.int64),
    )
    silent = (minutes - stored) // intervals
    answer.n_expected[:, :n_days] += silent
    answer.n_missing[:, :n_days] += silent


def _add_sums(answer: DayTotals, spans: list[tuple[int, Span]], first: date, end: date) -> None:
    """Add the days [first, end) of spans."""
    kinds = answer.reading_types.tolist()
    if not spans or not kinds or first >= end:
        return
    sums = summing.sums(spans, kinds, first, end, "day")
    shape = (len(sums.channels.points), len(kinds), (end - first).days)
    start = int((np.datetime64(first) - answer.days[0]).astype(np.int64))
    days = slice(start, start + shape[2])
    answer.total[:, days] += sums.total.reshape(shape).sum(axis=0)
    answer.n_expected[:, days] += sums.expected.reshape(shape).sum(axis=0)
    answer.n_missing[:, days] += (sums.expected - sums.present).reshape(shape).sum(axis=0)
    answer.n_estimated[:, days] += sums.estimated.reshape(shape).sum(axis=0)
    answer.n_points[:, days] += (sums.present > 0).reshape(shape).sum(axis=0)


def reading_types_of(windows: Windows, first: date, end: date) -> dict[int, tuple[int, ...]]:
    """Which reading types have a day in the windows' part of [first, end), by usage point.

    Points without any are absent. One query.
    """
    spans = spans_of_days(windows, first, end, None)
    if not spans:
        return {}
    of_points, point_param = among("usage_point_id", {point for point, _ in spans})
    found = rows(
        "SELECT usage_point_id, reading_type, min(day), max(day)"  # noqa: S608 (store's conditions)
        " FROM readings_block"
        f" WHERE {of_points} AND day >= %s AND day < %s"
        " GROUP BY usage_point_id, reading_type",
        (point_param, day_param(first), day_param(end)),
    )
    kinds: dict[int, set[int]] = {}
    spans_by_point: dict[int, list[Span]] = {}
    for point, span in spans:
        spans_by_point.setdefault(point, []).append(span)
    for point, kind, low, high in found:
        stored = (to_day(low), to_day(high))
        if any(s.first <= stored[1] and stored[0] < s.end for s in spans_by_point[point]):
            kinds.setdefault(point, set()).add(kind)
    return {point: tuple(sorted(of_point)) for point, of_point in kinds.items()}
