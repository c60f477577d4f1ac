"""Consumption: what channels add up to by civil hours, days or months."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import numpy as np
import numpy.typing as npt

from faza.core.windows import Windows
from faza.readings.queries import summing
from faza.readings.queries.grid import spans_of_days

I64 = npt.NDArray[np.int64]
I32 = npt.NDArray[np.int32]
I16 = npt.NDArray[np.int16]

By = Literal["hour", "day", "month"]


@dataclass(frozen=True, slots=True, eq=False)
class Consumption:
    """Sums of c channels over b civil buckets.

    Channels, a row each, by usage point and reading type, both ascending:
    usage_points (c,) int64, reading_types (c,) int16. Several windows of a point are one row.
    Buckets, a column each: labels (b,) datetime64[D] of days, [M] of months or [s] of hours, in
    the civil time of the points. On the day when clocks go back an hour's label comes twice; on
    the other one, and where points of several zones are asked for together, an hour may not exist
    at a point: its start is -1 and nothing is expected of it.
    starts (c, b) int64: unix seconds at which the bucket begins at the point.

    All of (c, b), over the intervals that lie wholly in the windows:
    total int64: sum of present values, in the type's quantum.
    n_expected, n_missing, n_estimated int32: numbers of intervals.
    peak int64: the greatest measured interval; by power, where intervals differ in length.
    peak_minutes int16: its length; 0 where nothing was measured, then peak is 0.
    peak_days datetime64[D]: the civil day on which it was, NaT where nothing was measured; which
    interval of the day it was only a profile tells.
    lowest int64: the smallest measured interval of types that are not additive; 0 of others.

    Of types that are not additive (voltage, current, power) the mean, peak and lowest are what
    counts: their total means nothing by itself. Angles are averaged as numbers.
    """

    usage_points: I64
    reading_types: I16
    by: By
    labels: npt.NDArray[np.datetime64]
    starts: I64
    total: I64
    n_expected: I32
    n_missing: I32
    n_estimated: I32
    peak: I64
    peak_minutes: I16
    peak_days: npt.NDArray[np.datetime64]
    lowest: I64

    @property
    def n_present(self) -> I32:
        return self.n_expected - self.n_missing

    @property
    def mean(self) -> npt.NDArray[np.float64]:
        """(c, b) mean of the present values, in the type's quantum; NaN where there is none."""
        present = self.n_present
        return np.where(present > 0, self.total / np.maximum(present, 1), np.nan)

    def row(self, usage_point: int, reading_type: int) -> int:
        """The row of a channel. Raises KeyError if it was not asked for or has no window."""
        found = np.flatnonzero(
            (self.usage_points == usage_point) & (self.reading_types == reading_type)
        )
        if not len(found):
            raise KeyError((usage_point, reading_type))
        return int(found[0])


def consumption(
    windows: Windows,
    reading_types: Collection[int],
    first: date,
    end: date,
    by: By,
    *,
    until: datetime | None = None,
    as_of: datetime | None = None,
) -> Consumption:
    """Sums over the civil days [first, end) of the points that have a window in them.

    until: intervals that end after it are left out; they have not arrived, which is not missing.
    as_of: what was known at that moment; see `profiles`.
    Days and months come from counters of days; days that a window or `until` cuts, hours and
    types that are not additive are unpacked. At most six queries, however many points.
    """
    spans = spans_of_days(windows, first, end, until)
    sums = summing.sums(spans, sorted(set(reading_types)), first, end, by, as_of)
    return Consumption(
        usage_points=sums.channels.usage_points,
        reading_types=sums.channels.reading_types,
        by=by,
        labels=sums.labels,
        starts=sums.starts,
        total=sums.total,
        n_expected=sums.expected,
        n_missing=(sums.expected - sums.present).astype(np.int32),
        n_estimated=sums.estimated,
        peak=sums.peak,
        peak_minutes=sums.peak_minutes,
        peak_days=sums.peak_days,
        lowest=np.where(sums.lowest == summing.NONE_LOWEST, 0, sums.lowest),
    )
