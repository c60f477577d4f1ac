"""Where the days of a channel, a point and a moment lie among sorted rows."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt

from faza.readings.validation.shapes import Days

I64 = npt.NDArray[np.int64]
I16 = npt.NDArray[np.int16]

_TIME = 36
_TYPE = 16
"""Bits of a moment, and of a reading type, below the number of what they belong to."""


class Index:
    """Rows of days, sorted by key, by channel and moment.

    of_row (n,): the channel's number of each row, ascending. first (c,): the row at which each
    channel begins. points, types (c,): what each is.
    """

    def __init__(self, days: Days) -> None:
        batch = days.batch
        self.days = days
        begins = np.ones(len(batch), bool)
        begins[1:] = batch.usage_points[1:] != batch.usage_points[:-1]
        begins[1:] |= batch.reading_types[1:] != batch.reading_types[:-1]
        self.first: I64 = np.flatnonzero(begins)
        self.of_row: I64 = np.cumsum(begins) - 1
        self.points: I64 = batch.usage_points[self.first]
        self.types: I16 = batch.reading_types[self.first]

    @cached_property
    def ends(self) -> I64:
        """(n,) unix seconds at which each day ends."""
        return self.days.midnights + self.days.batch.lengths * self.days.steps()

    @cached_property
    def _begin_keys(self) -> I64:
        return (self.of_row << _TIME) + self.days.midnights

    @cached_property
    def _end_keys(self) -> I64:
        return (self.of_row << _TIME) + self.ends

    @cached_property
    def _places(self) -> I64:
        """(c,) channels as numbers that ascend: the rank of the point, then the type."""
        _, rank = np.unique(self.points, return_inverse=True)
        return (rank.astype(np.int64) << _TYPE) + self.types

    @cached_property
    def _points(self) -> I64:
        return np.unique(self.points)

    def channels(self, points: I64, types: npt.ArrayLike) -> I64:
        """The channels of points and reading types, -1 where there is none. (m,)"""
        if not len(self._points):
            return np.full(len(points), -1)
        rank = np.searchsorted(self._points, points).clip(max=len(self._points) - 1)
        wanted = (rank.astype(np.int64) << _TYPE) + np.asarray(types, np.int64)
        place = np.searchsorted(self._places, wanted).clip(max=len(self._places) - 1)
        there = (self._points[rank] == points) & (self._places[place] == wanted)
        return np.where(there, place, -1)

    def rows(self, channels: I64, starts: I64, ends: I64) -> tuple[I64, I64]:
        """First row and the one after the last whose days have time in [start, end). (m,)"""
        low = np.searchsorted(self._end_keys, (channels << _TIME) + starts, side="right")
        high = np.searchsorted(self._begin_keys, (channels << _TIME) + ends, side="left")
        return low, np.maximum(high, low)

    def beside(self, rows: I64, types: npt.ArrayLike) -> I64:
        """(m,) rows of the same point, day and grid of another reading type; -1: none."""
        batch = self.days.batch
        channels = self.channels(batch.usage_points[rows], types)
        begin = self.days.midnights[rows]
        found, _ = self.rows(channels.clip(min=0), begin, begin + 1)
        found = found.clip(max=max(len(batch) - 1, 0))
        same = (channels >= 0) & (self.of_row[found] == channels)
        same &= (self.days.midnights[found] == begin) & (self.ends[found] == self.ends[rows])
        same &= batch.intervals[found] == batch.intervals[rows]
        return np.where(same, found, -1)

    def touched(self, channels: I64, starts: I64, ends: I64) -> tuple[I64, I64, I64, I64]:
        """Which intervals stretches of channels touch: place, row, first column, end.

        Unix seconds, half-open; an empty stretch touches the interval that it lies in.
        """
        ends = np.maximum(ends, starts + 1)
        low, high = self.rows(channels, starts, ends)
        places, rows = spread(low, high)
        steps = self.days.steps()[rows]
        lengths = self.days.batch.lengths[rows].astype(np.int64)
        first = (starts[places] - self.days.midnights[rows]) // steps
        end = -((self.days.midnights[rows] - ends[places]) // steps)
        return places, rows, first.clip(0, lengths), end.clip(0, lengths)

    def touched_of_points(self, points: I64, starts: I64, ends: I64) -> tuple[I64, I64, I64, I64]:
        """The same of all channels of points."""
        low = np.searchsorted(self.points, points, side="left")
        high = np.searchsorted(self.points, points, side="right")
        places, channels = spread(low, high)
        inner, rows, first, end = self.touched(channels, starts[places], ends[places])
        return places[inner], rows, first, end


def spread(low: I64, high: I64) -> tuple[I64, I64]:
    """Ranges [low, high) as a list: the place of the range, and each number in it."""
    counts = high - low
    places = np.repeat(np.arange(len(low)), counts)
    begins = np.cumsum(counts) - counts
    return places, np.arange(len(places)) - begins[places] + low[places]
