"""Where to look for an imbalance: which of the points that go out moves as it moves. Plain NumPy.

Nothing here is a proof. The numbers order the points and say what of them is unusual.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

WEEK, WEEKS = 7, 4
"""The usual of a day is the mean of the same weekday of so many weeks before."""
LEAST_DAYS = 7
"""Of fewer days no correlation is told."""
SIDE, BEFORE = 2, 5
"""A step is looked for where so many days lie after it and before it."""
STEEP, SHARP = 0.03, 4.0
"""A step is told from this change on, and if it is so many times the scatter."""
NORMAL = 1.4826
"""Median absolute deviation to standard deviation, of a normal distribution."""


@dataclass(frozen=True, slots=True, eq=False)
class Suspicion:
    """Of m points: usual (m,) float64 Wh, NaN where it is not known; change (m,): of the usual,
    −0.094 for 9.4 % less, NaN so; correlation (m,): −1 … 1 of the point's share with the
    imbalance, NaN where too few days count; since (m,): index of the day from which the share
    has been another one, −1: none, and turn (m,): by how much of it, −0.09 for 9 % less;
    score (m,): descending suspicion, 0 … 2.
    """

    usual: F64
    change: F64
    correlation: F64
    since: I64
    turn: F64
    score: F64

    def order(self) -> list[int]:
        """Rows by descending suspicion."""
        ties = np.nan_to_num(np.abs(self.correlation))
        rows: list[int] = np.lexsort((np.arange(len(ties)), -ties, -self.score)).tolist()
        return rows


def suspect(
    energy: I64, whole: Mask, received: I64, percent: F64, counts: Mask, day: int
) -> Suspicion:
    """Which points moved as the imbalance did, up to a day.

    energy (m, d): what went out by each, Wh, of days; whole (m, d): the point's own day is
    complete. received, percent, counts (d,): of the balance. day: the index that is looked at;
    later days do not count.
    """
    upto = slice(max(0, day - WEEK * WEEKS), day + 1)
    first = upto.start
    energy_then, whole_then = energy[:, upto].astype(np.float64), whole[:, upto]
    share = energy_then / np.where(received[upto] > 0, received[upto], 1)
    good = counts[upto] & np.isfinite(percent[upto])
    usual = _usual(energy, whole, day)
    now = np.where(whole[:, day], energy[:, day].astype(np.float64), np.nan)
    positive = np.where(usual > 0, usual, np.nan)
    change = (now - usual) / positive
    related = np.array([correlation(row, percent[upto], good) for row in share])
    steps = [step(row, good & own) for row, own in zip(share, whole_then, strict=True)]
    since = np.array([day for day, _ in steps], np.int64)
    imbalance = percent[day] / 100 * received[day] if np.isfinite(percent[day]) else np.nan
    # What of the imbalance the point's own change from its usual would explain.
    explained = (usual - now) / imbalance if imbalance else np.full(len(now), np.nan)
    told = np.clip(np.nan_to_num(explained), 0, 1)
    falling = np.clip(-np.nan_to_num(related), 0, 1)
    return Suspicion(
        usual=usual,
        change=change,
        correlation=related,
        since=np.where(since >= 0, since + first, -1),
        turn=np.array([turn for _, turn in steps], np.float64),
        score=falling * (1 + told),
    )


def _usual(energy: I64, whole: Mask, day: int) -> F64:
    """(m,) mean of the same weekday of the weeks before, of whole days; NaN where there is none."""
    days = [day - WEEK * back for back in range(1, WEEKS + 1) if day - WEEK * back >= 0]
    if not days:
        return np.full(len(energy), np.nan)
    there = whole[:, days]
    total = np.where(there, energy[:, days], 0).sum(axis=1)
    count = there.sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def correlation(one: F64, other: F64, where: Mask) -> float:
    """Pearson's coefficient over some days; NaN of fewer than LEAST_DAYS or where one is flat."""
    if int(where.sum()) < LEAST_DAYS:
        return float("nan")
    x, y = one[where] - one[where].mean(), other[where] - other[where].mean()
    scatter = sqrt(float((x * x).sum()) * float((y * y).sum()))
    if scatter <= 1e-12 * (1 + float(np.abs(one[where]).max() * np.abs(other[where]).max())):
        return float("nan")
    return float((x * y).sum()) / scatter


def step(values: F64, where: Mask) -> tuple[int, float]:
    """The first day of a lasting change of level up to the end, and by how much of it; −1, 0.0.

    The day parts the series so that both parts lie closest to their medians; it is told if these
    differ by STEEP, and by SHARP times the scatter inside the parts.
    """
    days = np.flatnonzero(where)
    told = values[days]
    cuts = range(BEFORE, len(told) - SIDE + 1)
    if not cuts:
        return -1, 0.0
    cut = min(cuts, key=lambda one: _apart(told[:one]) + _apart(told[one:]))
    before, after = told[:cut], told[cut:]
    low, high = float(np.median(before)), float(np.median(after))
    if low <= 0 or abs(high - low) < STEEP * low:
        return -1, 0.0
    rest = np.concatenate([before - low, after - high])
    scatter = NORMAL * float(np.median(np.abs(rest))) + 1e-6 * low
    if abs(high - low) < SHARP * scatter * sqrt(1 / len(before) + 1 / len(after)):
        return -1, 0.0
    return int(days[cut]), (high - low) / low


def _apart(values: F64) -> float:
    """How far values lie from their median, added up."""
    return float(np.abs(values - np.median(values)).sum())
