"""Interruptions of supply: «power off» of a meter paired with the «power on» that ended it.

What a meter writes into journal 2 of itself, so an outage is as long as the meter was without
power. A meter on reserve supply writes no such pair.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import numpy.typing as npt

from faza.core.periods import Period
from faza.core.windows import Windows
from faza.events import store
from faza.events.kinds import Pair
from faza.events.queries import keys_of

I64 = npt.NDArray[np.int64]
OFF: tuple[Pair, ...] = ((2, 1), (2, 29))
ON: Pair = (2, 2)
LOOK = timedelta(days=31)
"""So far before and after a period the other half of a pair is looked for."""


@dataclass(frozen=True, slots=True, eq=False)
class Outages:
    """Outages by point, meter and beginning, all (n,).

    starts, ends: unix seconds, half-open; an end that nobody has told is -1.
    """

    points: I64
    meters: I64
    starts: I64
    ends: I64

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def lengths(self) -> I64:
        """(n,) seconds; 0 where the end is not known."""
        return np.where(self.ends < 0, 0, self.ends - self.starts)

    @property
    def goes_on(self) -> npt.NDArray[np.bool_]:
        """(n,) of which no end is known."""
        return self.ends < 0


def outages(windows: Windows, period: Period) -> Outages:
    """Outages that have time in a period, as far as the windows show them. One query.

    Each is whole, also what of it lies outside the period. An end without a beginning bounds
    nothing; «off» while it is off already begins nothing.
    """
    around = Period(period.start - LOOK, period.end + LOOK)
    rows = store.occurrences(keys_of(windows, around), pairs=[*OFF, ON])
    found = paired(np.array(rows, np.int64).reshape(-1, 5))
    low, high = int(period.start.timestamp()), int(period.end.timestamp())
    last = np.where(found.ends < 0, np.maximum(found.starts + 1, low + 1), found.ends)
    inside = (found.starts < high) & (last > low)
    # What began long before and has no end may as well be over.
    inside &= (found.ends >= 0) | (found.starts >= low)
    return Outages(
        found.points[inside], found.meters[inside], found.starts[inside], found.ends[inside]
    )


def paired(rows: I64) -> Outages:
    """Outages of rows (n, 5) of point, meter, unix second, journal, code, sorted by them."""
    if not len(rows):
        none = np.empty(0, np.int64)
        return Outages(none, none, none, none)
    points, meters, moments = rows[:, 0], rows[:, 1], rows[:, 2]
    is_off = rows[:, 4] != ON[1]
    follows = np.zeros(len(rows), bool)  # the row before is of the same meter
    follows[1:] = (points[1:] == points[:-1]) & (meters[1:] == meters[:-1])
    begins = np.flatnonzero(is_off & ~(follows & np.roll(is_off, 1)))
    # The next row that is no «off» ends it, unless the rows of another meter come first.
    stops = np.append(np.flatnonzero(~is_off | ~follows), len(rows))
    stop = stops[np.searchsorted(stops, begins, side="right")]
    is_ended = (stop < len(rows)) & np.append(follows, False)[stop]
    ends = np.where(is_ended, np.append(moments, -1)[stop], -1)
    return Outages(points[begins], meters[begins], moments[begins], ends)


__all__ = ["LOOK", "OFF", "ON", "Outages", "outages", "paired"]
