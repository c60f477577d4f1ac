"""Whether a typed reading is plausible: against the last one, the own history and the power.

Pure. It warns and asks, and never refuses what the meter may show. All values are whole quanta of
the register (Wh for energy) as the meter shows them, before ratios.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

I64 = npt.NDArray[np.int64]

WIDEN = 1.5
"""The band is the own history's range, so much wider: a reading outside is asked about."""
LEAST_STRETCHES = 3
"""With fewer stretches of history the band is taken from the power alone."""
DAY = 86_400


class Doubt(StrEnum):
    """What is asked before a reading is sent."""

    ROLLED = "rolled"
    """Less than before, and the register may have gone over its end."""
    LESS = "less"
    """Less than before, and it cannot have gone over its end."""
    SAME = "same"
    """Nothing was consumed, where something always was."""
    LITTLE = "little"
    MUCH = "much"
    """Outside the band of the own history."""
    IMPOSSIBLE = "impossible"
    """More than the permitted power can take in that time."""


@dataclass(frozen=True, slots=True)
class Band:
    """What a register is expected to have counted since the last reading: [low, high], quanta.

    most: what the permitted power could take at all, None where it is not known.
    """

    low: int | None
    high: int | None
    most: int | None


@dataclass(frozen=True, slots=True)
class Judged:
    """counted: since the last reading, roll-over added; None where there is none to compare."""

    counted: int | None
    doubts: tuple[Doubt, ...]


def history(moments: I64, values: I64, elapsed: int) -> I64:
    """(n,) what a register counted in the stretches of `elapsed` seconds before its last reading.

    moments, values (m,): its readings, oldest first. Between readings it is taken to count evenly;
    a fall (roll-over, another meter) counts nothing. Stretches under a day are taken as a day.
    """
    if len(moments) < 2 or elapsed <= 0:
        return np.zeros(0, np.int64)
    length = max(elapsed, DAY)
    grown = np.append(0, np.cumsum(np.maximum(np.diff(values), 0)))
    edges = np.arange(moments[-1], moments[0] - 1, -length)[::-1]
    counted = np.diff(np.interp(edges, moments, grown))
    return (counted * (elapsed / length)).astype(np.int64)


def band(counts: I64, *, elapsed: int, max_power: int | None, ratio: float) -> Band:
    """The band of what is counted in `elapsed` seconds.

    counts (n,): as of `history`. max_power: W of the usage point, None where not known; ratio: of
    its transformers, for the register counts before them.
    """
    most = None if max_power is None else int(max_power * elapsed / 3600 / ratio)
    if len(counts) < LEAST_STRETCHES:
        return Band(None, None, most)
    low = 0 if elapsed < DAY else int(counts.min() / WIDEN)
    return Band(low, int(np.ceil(counts.max() * WIDEN)), most)


def judge(shown: int, last: int | None, *, capacity: int, expected: Band) -> Judged:
    """A typed value against the last one of the register.

    capacity: at which value the register begins anew (digits of the meter).
    """
    if last is None:
        return Judged(None, ())
    counted = shown - last
    doubts: list[Doubt] = []
    if counted < 0:
        around = counted + capacity
        if _may_have_rolled(around, capacity, expected):
            doubts.append(Doubt.ROLLED)
            counted = around
        else:
            return Judged(counted, (Doubt.LESS,))
    if expected.most is not None and counted > expected.most:
        doubts.append(Doubt.IMPOSSIBLE)
    elif expected.high is not None and counted > expected.high:
        doubts.append(Doubt.MUCH)
    elif expected.low is not None and counted < expected.low:
        doubts.append(Doubt.LITTLE if counted else Doubt.SAME)
    return Judged(counted, tuple(doubts))


def _may_have_rolled(around: int, capacity: int, expected: Band) -> bool:
    """As consumption counts a fall of more than half the register; and the power allows it."""
    if around > capacity // 2:
        return False
    return expected.most is None or around <= expected.most
