"""Which rows a meter made and still holds: where its clock passed ends, and what befell them.

Moments are true seconds since 1970 UTC, stamps are by the meter's clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from faza.protocols.metered import I64, Mask
from faza.simulator.clocks import Clock

Span = tuple[int, int]


@dataclass(slots=True)
class History:
    """What befell a meter's rows. born: when this meter began to count.

    dark: without power. stopped: it counted without keeping rows. missing: rows of these spans
    are lost. twice: the first row after each is kept twice. erased: rows until then are gone.
    """

    born: int
    dark: list[Span] = field(default_factory=list)
    stopped: list[Span] = field(default_factory=list)
    missing: list[Span] = field(default_factory=list)
    twice: list[int] = field(default_factory=list)
    erased: int = -(1 << 60)


@dataclass(frozen=True, slots=True, eq=False)
class Captures:
    """Rows in the order in which they were made, (n,) each.

    stamps: ends of their intervals by the clock. begins, moments: what is counted in them flowed
    in [begin, moment). doubtful: power was off, or the clock was set in them. held: they are
    still there.
    """

    stamps: I64
    begins: I64
    moments: I64
    doubtful: Mask
    held: Mask

    def __getitem__(self, chosen: slice | Mask | I64) -> Captures:
        return Captures(
            self.stamps[chosen],
            self.begins[chosen],
            self.moments[chosen],
            self.doubtful[chosen],
            self.held[chosen],
        )

    def __len__(self) -> int:
        return len(self.stamps)


def made(
    history: History, clock: Clock, *, period: int, phase: int, until: int, since: int | None = None
) -> Captures:
    """All rows made in the true stretch (since, until], those that are gone again included.

    A row holds what was counted since the row before. Where power fails, the interval that was
    open is closed with its own end, and those that were wholly dark have no rows. `since` leaves
    out older rows, and the first after it, whose beginning is not known.
    """
    start = history.born if since is None else max(since, history.born)
    passed = clock.boundaries(period, since=start, until=until, phase=phase)
    kept = _kept(history, passed.moments)
    stamps, moments = passed.stamps[kept], passed.moments[kept]
    begins = np.concatenate([np.array([start], np.int64), moments[:-1]])[: len(moments)]
    doubtful = passed.forced[kept] > 0
    for setting in clock.settings():
        touched = np.searchsorted(moments, setting), np.searchsorted(moments, setting, "right")
        doubtful[touched[0] : touched[1] + 1] = True
    for begin, end in history.dark + history.stopped:
        touched = np.searchsorted(moments, begin, "right"), np.searchsorted(moments, end)
        doubtful[touched[0] : touched[1] + 1] = True
    rows = Captures(stamps, begins, moments, doubtful, moments > history.erased)
    if start > history.born:
        rows = rows[1:]
    return _damaged(history, rows)


def _kept(history: History, moments: I64) -> Mask:
    """Which ends that the clock passed made a row."""
    kept = np.ones(len(moments), bool)
    for begin, end in history.dark:
        # The first end in the dark closes the interval in which power failed.
        first = int(np.searchsorted(moments, begin, side="right")) + 1
        last = int(np.searchsorted(moments, end, side="right"))
        kept[first:last] = False
    for begin, end in history.stopped:
        first, last = np.searchsorted(moments, (begin, end), side="left")
        kept[first:last] = False
    return kept


def _damaged(history: History, rows: Captures) -> Captures:
    """Rows without those that are lost, and with those that are there twice."""
    lost = np.zeros(len(rows), bool)
    for begin, end in history.missing:
        lost |= (rows.moments > begin) & (rows.moments <= end)
    rows = rows[~lost]
    times = np.ones(len(rows), np.int64)
    for moment in history.twice:
        place = int(np.searchsorted(rows.moments, moment, side="right"))
        if place < len(rows):
            times[place] = 2
    return rows[np.repeat(np.arange(len(rows)), times)] if (times > 1).any() else rows


def held(rows: Captures, capacity: int) -> Captures:
    """The youngest rows that are there, at most `capacity`."""
    there = rows[rows.held]
    return there[max(len(there) - capacity, 0) :]
