"""A meter's clock: it drifts and is set, and rows are captured where it passes their ends.

All moments are whole seconds since 1970 UTC; what the clock shows is told as UTC too.
Between two settings it shows `shown + floor(elapsed x pace)`, so both ways are exact.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from faza.protocols.metered import I64

BILLION = 1_000_000_000


class Segment(NamedTuple):
    """From the true moment `at` on the clock went on from `shown`."""

    at: int
    shown: int


class Boundaries(NamedTuple):
    """Ends of intervals that the clock passed, in the order in which it did: (n,) each.

    stamps: what they are by the clock. moments: when that truly was. forced: the clock was put
    on over the end, so that the interval was closed at once.
    """

    stamps: I64
    moments: I64
    forced: I64


class Clock:
    """drift: parts per million by which it is fast."""

    def __init__(self, at: int, *, drift: float) -> None:
        self.pace = BILLION + round(drift * 1000)
        self.segments = [Segment(at, at)]
        self.is_doubtful = False

    def shown(self, at: int) -> int:
        """What it shows at a moment not before the last setting."""
        return self._in(self.segments[-1], at)

    def set(self, shown: int, at: int) -> None:
        """Let it show `shown` at `at`, not before the last setting."""
        self.segments.append(Segment(at, shown))

    def settings(self) -> list[int]:
        """When it was set or jumped."""
        return [segment.at for segment in self.segments[1:]]

    def reached(self, shown: int) -> int:
        """When it shows that at the earliest, if nothing is done to it."""
        start = self.segments[-1]
        return int(self._moments(start, np.array([shown]))[0])

    def boundaries(self, period: int, *, since: int, until: int, phase: int = 0) -> Boundaries:
        """Ends x with (x + phase) % period == 0, passed in the true stretch (since, until].

        A setting over an end closes the interval that was open, with that end, at once; ends
        further on are skipped. A setting back lets the clock pass ends again.
        """
        stamps, moments, forced = [], [], []
        ends = [segment.at for segment in self.segments[1:]] + [until]
        for n, (segment, end) in enumerate(zip(self.segments, ends, strict=True)):
            stop = min(end, until)
            if stop <= since or stop < segment.at:
                continue
            start = max(segment.at, since)
            first = (self._in(segment, start) + phase) // period + 1
            last = (self._in(segment, stop) + phase) // period
            passed = np.arange(first, last + 1, dtype=np.int64) * period - phase
            stamps.append(passed)
            moments.append(self._moments(segment, passed))
            forced.append(np.zeros(len(passed), np.int64))
            if stop == end and n + 1 < len(self.segments):
                due = (last + 1) * period - phase
                if self.segments[n + 1].shown >= due:
                    stamps.append(np.array([due]))
                    moments.append(np.array([end]))
                    forced.append(np.ones(1, np.int64))
        if not stamps:
            none = np.empty(0, np.int64)
            return Boundaries(none, none, none)
        return Boundaries(*(np.concatenate(parts) for parts in (stamps, moments, forced)))

    def _in(self, segment: Segment, at: int) -> int:
        return segment.shown + (at - segment.at) * self.pace // BILLION

    def _moments(self, segment: Segment, shown: I64) -> I64:
        """When a segment shows each of them first."""
        elapsed: I64 = segment.at - (-(shown - segment.shown) * BILLION // self.pace)
        return elapsed
