"""What is usual of a channel: from its days of the weeks before. Plain NumPy.

Days after the one in question never matter, nor does anything that was found in those before:
so the order in which days came does not matter either, once they are there.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from faza.core.quality import is_present
from faza.readings.validation.history_shapes import BACK, History
from faza.readings.validation.index import Index
from faza.readings.validation.summary import Summary

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

NORMAL = 1.4826
"""Median absolute deviation x this is the standard deviation, of a normal distribution."""
ENOUGH = 0.75
"""Share of a day's intervals that must be there for it to tell. A choice of ours: a meter that
loses single rows each day has no whole day in weeks."""
CHUNK = 512
"""Days whose histories are gathered together: 42 x 48 values each."""


class Usual:
    """Earlier days of the rows asked for, of which nearly all is known."""

    def __init__(self, history: History, summary: Summary, index: Index) -> None:
        self.history, self.summary, self.index = history, summary, index
        self.batch = history.days.batch
        civil = self.batch.days.astype("datetime64[D]").astype(np.int64)
        # A channel's days lie together, ascending; channels are kept apart by far more than BACK.
        self.keys = (index.of_row << 32) + civil
        self.known, self.energy = summary.whole.copy(), summary.total.copy()
        torn = np.flatnonzero(~summary.whole)
        count = is_present(self.batch.quality[torn]).sum(axis=1)
        length = self.batch.lengths[torn]
        enough = count >= np.maximum(ENOUGH * length, 1)
        torn, count, length = torn[enough], count[enough], length[enough]
        self.known[torn] = True
        self.energy[torn] = self.energy[torn] * length // count

    def before(self, rows: I64) -> tuple[I64, Mask]:
        """Rows of known days of the same grid in the BACK days before, (m, BACK): row, whether."""
        low = np.searchsorted(self.keys, self.keys[rows] - BACK)
        places = low[:, None] + np.arange(BACK)
        there = places < rows[:, None]
        places = np.where(there, places, rows[:, None])
        there &= self.known[places]
        for grid in (self.batch.lengths, self.batch.intervals):
            there &= grid[places] == grid[rows][:, None]
        return places, there

    def alike(self, rows: I64, places: I64, there: Mask, days: float) -> Mask:
        """Of these days those of the same class, if there are as many as `days`; else all."""
        classes = self.history.classes
        same = there & (classes[places] == classes[rows][:, None])
        enough: Mask = same.sum(axis=1, keepdims=True) >= days
        return np.where(enough, same, there)

    def totals(self, rows: I64, days: float) -> I64:
        """(m,) median use of a like day before; -1 where fewer than `days` are known."""
        places, there = self.before(rows)
        there = self.alike(rows, places, there, days)
        middle = median(self.energy[places][:, :, None], there[:, :, None])[:, 0]
        return np.where(there.sum(axis=1) >= days, middle, -1)

    def peaks(self, rows: I64, days: float) -> I64:
        """(m,) the third highest of the daily maxima before; -1 where fewer than `days`."""
        places, there = self.before(rows)
        peaks = np.where(there, self.summary.greatest[places], np.iinfo(np.int64).min)
        third = np.partition(peaks, -3, axis=1)[:, -3] if len(rows) else peaks[:, 0]
        return np.where(there.sum(axis=1) >= max(days, 3), third, -1)

    def profiles(self, rows: I64, days: float) -> tuple[I64, F64]:
        """(m, k) median of each interval of like days before, and its deviation (1: at least)."""
        middles = np.zeros((len(rows), self.batch.values.shape[1]), np.int64)
        deviations = np.ones(middles.shape)
        for start in range(0, len(rows), CHUNK):
            part = slice(start, start + CHUNK)
            places, there = self.before(rows[part])
            there = self.alike(rows[part], places, there, days)
            values = self.batch.values[places]
            told = there[:, :, None] & is_present(self.batch.quality[places])
            middles[part] = median(values, told)
            away = median(np.abs(values - middles[part][:, None, :]), told)
            deviations[part] = np.maximum(NORMAL * away, 1)
        return middles, deviations


def median(values: I64, there: Mask) -> I64:
    """(m, k) the lower median over the middle axis of (m, d, k) of the values that are there.

    0 where none is.
    """
    top = np.iinfo(np.int64).max
    ordered = np.sort(np.where(there, values, top), axis=1)
    count = there.sum(axis=1)
    middle = ((count - 1) // 2).clip(min=0)
    found = np.take_along_axis(ordered, middle[:, None, :], axis=1)[:, 0, :]
    return np.where(count > 0, found, 0)
