"""Whether a typed reading is plausible: against the last one, the own history and the power.

Pure. It warns and asks, and never refuses what the meter may show. All values are whole quanta of
the register (Wh for energy) as the meter shows them, before ratios.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

I64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

WIDEN = 1.5
"""The band is the own history's range, so much wider: a reading outside is asked about."""
LEAST_STRETCHES = 3
"""With fewer stretches of history the band is taken from the power alone."""
STRETCHES = 13
"""So many stretches before the last reading are looked at: of monthly readings a year and a month.

A choice of ours."""
DAY = 86_400
_TIME_BITS = 33


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
    """(n,) what a register counted in stretches before its last reading, oldest first.

    moments, values (m,): its readings, oldest first. See `histories`.
    """
    group = np.zeros(len(moments), np.int64)
    counts, known = histories(group, moments, values, np.array([elapsed], np.int64))
    return counts[known]


def histories(groups: I64, moments: I64, values: I64, elapsed: I64) -> tuple[I64, Mask]:
    """(g, STRETCHES) what registers counted in stretches before their last readings; which known.

    groups (m,): of which register 0 … g - 1 a reading is, ascending; moments, values (m,): of
    each oldest first. elapsed (g,): seconds since its last one, which a stretch has too. The last
    reading before each edge counts, no other; between those the register is taken to count
    evenly, and a fall (roll-over, another meter) counts nothing.
    """
    shape = (len(elapsed), STRETCHES)
    if not len(moments):
        return np.zeros(shape, np.int64), np.zeros(shape, bool)
    numbers = np.arange(len(elapsed))
    first, stop = (np.searchsorted(groups, numbers, side) for side in ("left", "right"))
    edges = edges_of(moments[stop.clip(min=1) - 1], elapsed)
    keys, wanted = (groups << _TIME_BITS) + moments, (numbers << _TIME_BITS)[:, None] + edges
    place = np.searchsorted(keys, wanted, side="right") - 1
    is_read = (place >= first[:, None]) & ((stop - first > 1) & (elapsed > 0))[:, None]
    counted = np.diff(_at_edges(np.where(is_read, place, 0), edges, moments, values), axis=1)
    part = elapsed / np.maximum(elapsed, DAY)
    known = is_read[:, :-1]
    return np.where(known, counted * part[:, None], 0).astype(np.int64), known


def edges_of(last: I64, elapsed: I64) -> I64:
    """(g, STRETCHES + 1) where the stretches before last readings (g,) begin and end, oldest first.

    Stretches under a day are taken as a day.
    """
    length: I64 = np.maximum(elapsed, DAY)
    steps: I64 = np.arange(STRETCHES, -1, -1, dtype=np.int64)
    return np.asarray(last[:, None] - length[:, None] * steps, np.int64)


def _at_edges(place: I64, edges: I64, moments: I64, values: I64) -> npt.NDArray[np.float64]:
    """(g, e) what registers had counted at edges, from the readings `place` (g, e) before them."""
    steps = np.maximum(np.diff(values[place], axis=1), 0)
    grown = np.cumsum(np.pad(steps, ((0, 0), (1, 0))), axis=1)
    before, after = moments[place], moments[place]
    then = grown.copy()
    # An edge lies between the reading before it and the next other one that counts.
    for n in range(place.shape[1] - 2, -1, -1):
        is_other = place[:, n + 1] > place[:, n]
        after[:, n] = np.where(is_other, before[:, n + 1], after[:, n + 1])
        then[:, n] = np.where(is_other, grown[:, n + 1], then[:, n + 1])
    share = (edges - before) / np.maximum(after - before, 1)
    return np.asarray(grown + (then - grown) * share)


def band(counts: I64, *, elapsed: int, max_power: int | None, ratio: float) -> Band:
    """The band of what is counted in `elapsed` seconds.

    counts (n,): as of `history`. max_power: W of the usage point, None where not known; ratio: of
    its transformers, for the register counts before them.
    """
    most = most_of(max_power, elapsed, ratio)
    known = np.ones((1, len(counts)), bool)
    return bands(counts[None], known, np.array([elapsed], np.int64), [most])[0]


def most_of(max_power: int | None, elapsed: int, ratio: float) -> int | None:
    """What a register can count at all in `elapsed` seconds; None where the power is not known."""
    return None if max_power is None else int(max_power * elapsed / 3600 / ratio)


def bands(
    counts: I64, known: Mask, elapsed: I64, most: Sequence[int | None]
) -> list[Band]:  # fmt: skip
    """The bands of registers: counts, known (g, n) as of `histories`, elapsed and most (g,)."""
    low = counts.min(axis=1, where=known, initial=np.iinfo(np.int64).max) / WIDEN
    low = np.where(elapsed < DAY, 0, low).astype(np.int64)
    high = np.ceil(counts.max(axis=1, where=known, initial=0) * WIDEN).astype(np.int64)
    told = known.sum(axis=1) >= LEAST_STRETCHES
    rows = zip(told.tolist(), low.tolist(), high.tolist(), most, strict=True)
    return [Band(a, b, top) if is_told else Band(None, None, top) for is_told, a, b, top in rows]


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
