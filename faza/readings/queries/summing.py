"""Sums over buckets, from counters of days or from unpacked days; what the questions share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import numpy.typing as npt

from faza.core.quality import Quality, is_estimated, is_present
from faza.core.reading_types import BY_CODE
from faza.readings import store
from faza.readings.queries.axis import Axis, axes_of
from faza.readings.queries.channels import Channels, Rows, intervals_near
from faza.readings.queries.grid import DEFAULT_INTERVAL, Span, nearest

I64 = npt.NDArray[np.int64]
I32 = npt.NDArray[np.int32]
I16 = npt.NDArray[np.int16]

NONE_LOWEST = np.iinfo(np.int64).max
NONE_PEAK = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """A row a channel, a column a bucket, (c, b); see Consumption.

    power (c, b): the peak as if it went on for an hour, to compare intervals of several lengths.
    """

    channels: Channels
    labels: npt.NDArray[np.datetime64]
    starts: I64
    total: I64
    expected: I32
    present: I32
    estimated: I32
    peak: I64
    power: I64
    peak_minutes: I16
    peak_days: npt.NDArray[np.datetime64]
    lowest: I64


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """Counters of pieces of days, all (n,): the cell of `sums` flattened, and what is added.

    minutes: the interval's length, 0 where nothing was measured. days: day of the axis.
    """

    cells: I64
    total: I64
    present: I64
    estimated: I64
    peak: I64
    minutes: I64
    days: I64
    lowest: I64 | None


def sums(
    spans: list[tuple[int, Span]], kinds: Sequence[int], first: date, end: date, by: str,
    as_of: datetime | None = None,
) -> Sums:  # fmt: skip
    """Sum spans of points over the buckets of [first, end); see queries.consumption."""
    labels, axes = axes_of({span.zone for _, span in spans}, first, end, by)
    channels = Channels.of(spans, kinds, first)
    job = _Job(_empty(channels, labels, axes), channels, axes, end, store.reader(as_of))
    if not spans or not kinds or first >= end:
        return job.out
    counted = [kind for kind in kinds if by != "hour" and BY_CODE[kind].additive]
    unpacked = [kind for kind in kinds if kind not in counted]
    if counted:
        job.count(counted)
    if unpacked:
        job.unpack(unpacked)
    return job.out


def _empty(
    channels: Channels, labels: npt.NDArray[np.datetime64], axes: Mapping[str, Axis]
) -> Sums:
    shape = (len(channels), len(labels))
    starts = np.full((1, len(labels)), -1, np.int64)
    if len(axes) == 1:
        starts = next(iter(axes.values())).starts(len(labels))[None, :]
    elif axes:
        by_point = np.zeros((len(channels.points), len(labels)), np.int64)
        for span, members in channels.members.items():
            by_point[members] = axes[span.zone].starts(len(labels))
        starts = np.repeat(by_point, len(channels.kinds), axis=0)
    return Sums(
        channels=channels,
        labels=labels,
        starts=np.broadcast_to(starts, shape),
        total=np.zeros(shape, np.int64),
        expected=np.zeros(shape, np.int32),
        present=np.zeros(shape, np.int32),
        estimated=np.zeros(shape, np.int32),
        peak=np.zeros(shape, np.int64),
        power=np.full(shape, NONE_PEAK, np.int64),
        peak_minutes=np.zeros(shape, np.int16),
        peak_days=np.full(shape, np.datetime64("NaT"), "datetime64[D]"),
        lowest=np.full(shape, NONE_LOWEST, np.int64),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    """One answer in the making, up to the day `end`."""

    out: Sums
    channels: Channels
    axes: dict[str, Axis]
    end: date
    reader: store.Reader

    def count(self, kinds: Sequence[int]) -> None:
        """Add the counters of whole days; days that a span cuts are unpacked."""
        points = self.channels.points.tolist()
        found = self.reader.totals(points, kinds, self.channels.first, self.end)
        rows = self.channels.place(found["usage_point"], found["reading_type"], found["day"],
                          found["interval"])  # fmt: skip
        self._expect(rows, kinds)
        for span, members in self.channels.members.items():
            days = self.axes[span.zone].days
            mine = self.channels.rows_of(rows, members)
            begin, stop = days[rows.days[mine]], days[rows.days[mine] + 1]
            whole = (begin >= span.low) & (stop <= span.high)
            mine = mine if whole.all() else mine[whole]
            part = found[mine]
            self._add(
                Tally(
                    cells=self._cells(rows.channels[mine], self._columns(span, rows.days[mine])),
                    total=part["total"],
                    present=part["valid"] + part["estimated"],
                    estimated=part["estimated"],
                    peak=part["peak"],
                    minutes=np.where(part["has_peak"], rows.intervals[mine], 0),
                    days=rows.days[mine],
                    lowest=None,
                )
            )
        self._unpack_cut(kinds)

    def unpack(self, kinds: Sequence[int]) -> None:
        """Add days interval by interval."""
        points = self.channels.points.tolist()
        found = self.reader.fetch(points, kinds, self.channels.first, self.end)
        rows = self.channels.place(
            found.usage_points, found.reading_types, found.days, found.intervals
        )
        self._expect(rows, kinds)
        for span, members in self.channels.members.items():
            self._add_unpacked(found, rows, self.channels.rows_of(rows, members), span)

    def _unpack_cut(self, kinds: Sequence[int]) -> None:
        """Add the days at the edges of spans; the first ones and the last ones by a query each."""
        firsts, lasts = {}, {}
        for span in self.channels.members:
            days, low = self.axes[span.zone].days, (span.first - self.channels.first).days
            last = (span.end - self.channels.first).days - 1
            if days[low] < span.low or (low == last and days[last + 1] > span.high):
                firsts[span] = low
            if low < last and days[last + 1] > span.high:
                lasts[span] = last
        for cut in (firsts, lasts):
            if not cut:
                continue
            points = {
                p
                for span in cut
                for p in self.channels.points[self.channels.members[span]].tolist()
            }
            low, high = min(cut.values()), max(cut.values())
            found = self.reader.fetch(
                points,
                kinds,
                self.channels.first + timedelta(days=low),
                self.channels.first + timedelta(days=high + 1),
            )
            rows = self.channels.place(
                found.usage_points, found.reading_types, found.days, found.intervals
            )
            for span, day in cut.items():
                mine = self.channels.rows_of(rows, self.channels.members[span])
                self._add_unpacked(found, rows, mine[rows.days[mine] == day], span)

    def _columns(self, span: Span, days: I64) -> I64:
        axis = self.axes[span.zone]
        return axis.columns[axis.first_piece[days]]

    def _cells(self, channels: I64, columns: I64) -> I64:
        return channels * len(self.out.labels) + columns

    def _expect(self, rows: Rows, kinds: Sequence[int]) -> None:
        """Add the numbers of intervals that the spans' grids have, of some reading types."""
        places = np.searchsorted(self.channels.kinds, kinds)
        n_days, n_buckets = (self.end - self.channels.first).days, len(self.out.labels)
        common = np.zeros(len(self.channels), np.int64)
        common[rows.channels] = rows.intervals
        mixed = np.zeros(len(common), bool)
        mixed[rows.channels[rows.intervals != common[rows.channels]]] = True
        self._guess(common, places)
        for span, members in self.channels.members.items():
            axis = self.axes[span.zone]
            channels = (members[:, None] * len(self.channels.kinds) + places).reshape(-1)
            even = channels[~mixed[channels]]
            for interval in np.unique(common[even]).tolist():
                counts = axis.expected(span, np.full(n_days, interval, np.int64), n_buckets)
                self.out.expected[even[common[even] == interval]] += counts.astype(np.int32)
            for channel in channels[mixed[channels]].tolist():
                low, high = np.searchsorted(rows.channels, (channel, channel + 1)).tolist()
                spread = nearest(rows.days[low:high], rows.intervals[low:high], n_days)
                self.out.expected[channel] += axis.expected(span, spread, n_buckets).astype(
                    np.int32
                )

    def _guess(self, common: I64, places: I64) -> None:
        """Fill in the lengths of intervals of channels that have no day in the answer."""
        width = len(self.channels.kinds)
        asked = np.isin(np.arange(len(common)) % width, places)
        empty = np.flatnonzero((common == 0) & asked)
        points, kinds = self.channels.usage_points[empty], self.channels.reading_types[empty]
        keys = list(zip(points.tolist(), kinds.tolist(), strict=True))
        near = intervals_near(keys, self.channels.first, self.end)
        common[empty] = [near.get(key, DEFAULT_INTERVAL) for key in keys]

    def _add_unpacked(self, found: store.Fetched, rows: Rows, mine: I64, span: Span) -> None:
        """Add some unpacked days, clipped to a span."""
        axis = self.axes[span.zone]
        begin, stop = axis.days[rows.days[mine]], axis.days[rows.days[mine] + 1]
        mine = mine[(stop > span.low) & (begin < span.high)]
        hourly = len(axis.pieces) != len(axis.days) - 1
        for interval in np.unique(rows.intervals[mine]).tolist():
            some = mine[rows.intervals[mine] == interval]
            days = rows.days[some]
            values, quality = found.values[some], found.quality[some]
            steps = axis.days[days][:, None] + np.arange(values.shape[1] + 1) * (interval * 60)
            outside = (steps[:, :-1] < span.low) | (steps[:, 1:] > span.high)
            values[outside], quality[outside] = 0, Quality.UNTOLD
            size = 60 // interval if hourly else max(values.shape[1], 1)
            values, quality = _in_pieces(values, quality, size)
            columns = axis.first_piece[days][:, None] + np.arange(values.shape[1])
            exists = columns < (axis.first_piece + axis.n_pieces)[days][:, None]
            row = np.repeat(np.arange(len(some)), exists.sum(axis=1))
            columns = axis.columns[columns[exists]]
            if exists.all():
                values, quality = values.reshape(-1, size), quality.reshape(-1, size)
            else:
                values, quality = values[exists], quality[exists]
            estimated = is_estimated(quality)
            present = is_present(quality)
            measured = present & ~estimated
            self._add(
                Tally(
                    cells=self._cells(rows.channels[some][row], columns),
                    total=values.sum(axis=1),
                    present=present.sum(axis=1),
                    estimated=estimated.sum(axis=1),
                    peak=np.where(measured, values, NONE_PEAK).max(axis=1, initial=NONE_PEAK),
                    minutes=np.where(measured.any(axis=1), interval, 0),
                    days=days[row],
                    lowest=np.where(measured, values, NONE_LOWEST).min(axis=1, initial=NONE_LOWEST),
                )
            )

    def _add(self, tally: Tally) -> None:
        """Add pieces of days to the cells that they belong to."""
        out, cells = self.out, tally.cells
        # Adding with repeated cells costs ten times as much; days and hours have none.
        once = bool((cells[1:] > cells[:-1]).all())
        for array, part in (
            (out.total, tally.total),
            (out.present, tally.present),
            (out.estimated, tally.estimated),
        ):
            flat = array.reshape(-1)
            if once:
                flat[cells] += part.astype(flat.dtype)
            else:
                np.add.at(flat, cells, part.astype(flat.dtype))
        additive = np.array([BY_CODE[kind].additive for kind in self.channels.kinds.tolist()], bool)
        sums_up = additive[cells // len(out.labels) % len(self.channels.kinds)]
        if tally.lowest is not None:
            low = np.where(sums_up, NONE_LOWEST, tally.lowest)
            np.minimum.at(out.lowest.reshape(-1), cells, low)
        measured = np.flatnonzero(tally.minutes > 0)
        factor = np.where(sums_up[measured], 60 // tally.minutes[measured], 1)
        power = tally.peak[measured] * factor
        best = np.arange(len(measured))
        if not once:
            # The greatest of each cell; of equal ones the first.
            order = np.lexsort((-measured, power, cells[measured]))
            ordered = cells[measured][order]
            best = order[np.append(ordered[1:] != ordered[:-1], np.ones(min(len(order), 1), bool))]
        best = best[power[best] > out.power.reshape(-1)[cells[measured][best]]]
        chosen = measured[best]
        at = cells[chosen]
        out.power.reshape(-1)[at] = power[best]
        out.peak.reshape(-1)[at] = tally.peak[chosen]
        out.peak_minutes.reshape(-1)[at] = tally.minutes[chosen]
        out.peak_days.reshape(-1)[at] = np.datetime64(self.channels.first) + tally.days[chosen]


def _in_pieces(
    values: I64, quality: npt.NDArray[np.uint8], size: int
) -> tuple[I64, npt.NDArray[np.uint8]]:
    """Days (n, k) as pieces (n, h, size), the last one filled up with UNTOLD."""
    missing = -values.shape[1] % size
    if missing or not values.shape[1]:
        values = np.pad(values, ((0, 0), (0, missing)))
        quality = np.pad(quality, ((0, 0), (0, missing)), constant_values=Quality.UNTOLD)
    shape = (len(values), -1 if values.size else 0, size)
    return values.reshape(shape), quality.reshape(shape)
