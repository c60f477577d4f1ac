"""What a meter has counted by a moment: its load, without the times when nothing flowed.

Energy of a half-hour flows evenly in it. All is exact in tenths of Wh and varh, so that the
intervals of any profile sum to its registers. Sums are kept by day of UTC and tariff; half-hours
are made anew when asked for, which keeps a thousand meters small.
"""

from __future__ import annotations

import numpy as np

from faza.protocols.metered import I64
from faza.simulator.load import HALF_HOUR, Load
from faza.simulator.shapes import SLOTS
from faza.simulator.tariffs import TARIFFS, Calendars

DAY = SLOTS * HALF_HOUR
_CHUNK = 32
"""Days that are summed at once."""
_NEVER = 1 << 50


class Counter:
    """since: the moment from which it counts."""

    def __init__(self, load: Load, calendars: Calendars, *, since: int) -> None:
        self.load, self.calendars = load, calendars
        self.first_day = since // DAY
        self.since = since
        self._spans: list[tuple[int, int]] = [(-_NEVER, since)]
        self.cuts = self._spans
        self._sums = np.zeros((1, 4, TARIFFS), np.int64)

    def cut(self, start: int, end: int = _NEVER) -> None:
        """Nothing flows in [start, end)."""
        self._spans.append((start, end))
        self.cuts = _merged(self._spans)
        self.forget(start)

    def resume(self, at: int) -> None:
        """Cuts without an end end now."""
        self._spans = [(begin, at if end == _NEVER else end) for begin, end in self._spans]
        self.cuts = _merged(self._spans)
        self.forget(at)

    def forget(self, since: int) -> None:
        """Whatever was summed after a moment is summed anew: load or tariffs changed."""
        kept = max(since // DAY - self.first_day, 0) + 1
        self._sums = self._sums[:kept]

    def total(self, moments: I64) -> I64:
        """(n, 4) tenths that were counted by each moment, in all tariffs."""
        if not len(moments):
            return np.zeros((0, 4), np.int64)
        first, end = self._days(moments)
        flows = self.load.flows(first * SLOTS, end * SLOTS)
        return self._running(flows, self._before(first).sum(axis=1), first, moments)

    def by_tariff(self, moments: I64) -> I64:
        """(n, 4, 8) tenths that were counted by each moment."""
        found = np.zeros((len(moments), 4, TARIFFS), np.int64)
        if not len(moments):
            return found
        first, end = self._days(moments)
        flows = self.load.flows(first * SLOTS, end * SLOTS)
        tariffs = self.calendars.of_half_hours(first * SLOTS, end * SLOTS)
        before = self._before(first)
        found[:] = before
        for tariff in np.unique(tariffs):
            own = np.where(tariffs == tariff, flows, 0)
            found[:, :, tariff] = self._running(own, before[:, tariff], first, moments)
        return found

    def flows(self, first: int, end: int) -> I64:
        """(4, end - first) tenths of half-hours since 1970, without what was cut."""
        return self._lit_part(self.load.flows(first, end), first)

    def _lit_part(self, flows: I64, first: int) -> I64:
        """Of what would flow in half-hours from `first` on, what does."""
        starts = np.arange(first, first + flows.shape[1]) * HALF_HOUR
        return flows * self._lit(starts, HALF_HOUR) // HALF_HOUR

    def _running(self, flows: I64, before: I64, first: int, moments: I64) -> I64:
        """Sums by each moment, of what would flow in half-hours from the day `first` on: (n, 4).

        Cuts still to come in a half-hour change nothing in what went before.
        """
        whole = np.cumsum(self._lit_part(flows, first * SLOTS), axis=1)
        sums = np.concatenate([np.zeros((4, 1), np.int64), whole], axis=1)
        moments = np.maximum(moments, self.since)
        starts = moments // HALF_HOUR * HALF_HOUR
        places = moments // HALF_HOUR - first * SLOTS
        gone = flows[:, places] * self._lit(starts, moments - starts) // HALF_HOUR
        found: I64 = before + (sums[:, places] + gone).T
        return found

    def _lit(self, starts: I64, seconds: I64 | int) -> I64:
        """Seconds of [start, start + seconds) in which something flows."""
        lit = np.broadcast_to(np.asarray(seconds, np.int64), starts.shape).copy()
        ends = starts + lit
        if not len(starts):
            return lit
        low, high = starts.min(), ends.max()
        for begin, stop in self.cuts:
            if stop > low and begin < high:
                lit -= np.maximum(np.minimum(ends, stop) - np.maximum(starts, begin), 0)
        return lit

    def _days(self, moments: I64) -> tuple[int, int]:
        """Days of UTC since 1970 that hold all moments, [first, end)."""
        first = max(int(moments.min()) // DAY, self.first_day)
        return first, max(int(moments.max()) // DAY, first) + 1

    def _before(self, day: int) -> I64:
        """(4, 8) tenths that were counted before a day of UTC."""
        while len(self._sums) <= day - self.first_day:
            self._sum_on()
        found: I64 = self._sums[day - self.first_day]
        return found

    def _sum_on(self) -> None:
        first = (self.first_day + len(self._sums) - 1) * SLOTS
        end = first + _CHUNK * SLOTS
        flows, tariffs = self.flows(first, end), self.calendars.of_half_hours(first, end)
        by_day = np.zeros((_CHUNK, 4, TARIFFS), np.int64)
        for tariff in np.unique(tariffs):
            own = np.where(tariffs == tariff, flows, 0).reshape(4, _CHUNK, SLOTS)
            by_day[:, :, tariff] = own.sum(axis=2).T
        grown = self._sums[-1] + np.cumsum(by_day, axis=0)
        self._sums = np.concatenate([self._sums, grown])


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans in order, those that touch as one."""
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged
