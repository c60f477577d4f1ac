"""What registers say of a stretch in which a meter was replaced within an interval.

The readings of the replacement stand within an interval, so they bound none. Together they do:
what the old meter counted from its last good reading on, and the new one up to its first.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from faza.readings.vee.points import Complex

if TYPE_CHECKING:
    from faza.readings.vee.registers import Read

I64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


class Side(NamedTuple):
    """One meter's part: what it counted, as shown, and between which moments (unix seconds)."""

    of: Complex
    shown: int
    start: int
    end: int


def over_replacements(readings: Read, values: I64, known: Mask) -> Iterator[tuple[Side, Side]]:
    """Old and new meter's part, of replacements whose own readings bound nothing.

    values, known (r,): of one energy. known: readings that may be believed.
    """
    first = np.searchsorted(readings.complexes, np.arange(len(readings.of) + 1))
    for place, (old, new) in enumerate(zip(readings.of, readings.of[1:], strict=False)):
        if old.usage_point != new.usage_point or old.end != new.start:
            continue
        before = _ends(readings, values, known, slice(first[place], first[place + 1]), -1)
        after = _ends(readings, values, known, slice(first[place + 1], first[place + 2]), 1)
        if before is None or after is None or before.end != old.end or after.start != new.start:
            continue
        yield before, after


def _ends(readings: Read, values: I64, known: Mask, rows: slice, direction: int) -> Side | None:
    """From the good reading next to the replacement to the one at it; None: there are none.

    direction: -1: the replacement is the last of the rows, 1: the first.
    """
    inner = np.flatnonzero(known[rows])[::direction]
    if not len(inner) or readings.good[rows][inner[0]]:
        return None
    good = inner[readings.good[rows][inner]]
    if not len(good):
        return None
    low, high = sorted((int(good[0]), int(inner[0])))
    moments = readings.rows.moments[rows]
    of = readings.of[int(readings.complexes[rows][low])]
    shown = int(values[rows][high] - values[rows][low])
    capacity = 1000 * 10**of.digits
    if shown < 0 and shown <= -capacity // 2:
        shown += capacity
    if shown < 0:
        return None
    return Side(of, shown, int(moments[low]), int(moments[high]))


def energy(sides: tuple[Side, Side]) -> int:
    """Of both parts on the primary side, rounded."""
    return round(sum((one.shown * one.of.ratio for one in sides), Fraction(0)))
