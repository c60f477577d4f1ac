"""What a usage point takes a day, as known at the end of each day of its history.

Plain NumPy over p points and d civil days; energies are float Wh, for they end in a forecast.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

HALF_LIVES = (2.0, 3.0, 5.0, 7.0, 14.0, 28.0)
"""Days after which a day counts half in a level."""
WEEKDAY_HALF_LIFE = 8.0
"""Weeks after which a day counts half in the usual share of its weekday."""
WEEKDAY_PRIOR = 2.0
"""Days of average use that each weekday begins with."""
WHOLE = 0.98
"""Share of a day that must be there for the day to be learned from."""


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """Days of p points that end together with the last day that is known.

    energy (p, d): Wh of what is there of a day; share (p, d): how much of the day that is, 0 to 1.
    classes (d,): 0 Monday … 6 Sunday; a holiday is a Sunday, a weekend day that is worked a Friday.
    """

    energy: F64
    share: F64
    classes: I64

    @property
    def is_whole(self) -> Mask:
        """(p, d) days that may be learned from."""
        whole: Mask = self.share >= WHOLE
        return whole

    @property
    def whole_energy(self) -> F64:
        """(p, d) Wh of whole days, 0 of others."""
        return np.where(self.is_whole, self.energy / np.maximum(self.share, WHOLE), 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """What is known at the end of each day.

    factors (d, p, 7): what a weekday takes, of an average day; mean 1.
    levels (d, p, 6): Wh of an average day, by HALF_LIVES; 0 where nothing is known yet.
    """

    factors: F64
    levels: F64


def levels(history: History) -> Levels:
    """Fading means of all days: weekdays' shares, and the level without them."""
    energy, whole = history.whole_energy, history.is_whole
    p, d = energy.shape
    fade = 0.5 ** (1 / np.array(HALF_LIVES))
    weekly = 0.5 ** (1 / WEEKDAY_HALF_LIFE)
    factors, found = np.ones((d, p, 7)), np.zeros((d, p, len(fade)))
    sums, weights = np.zeros((p, len(fade))), np.zeros((p, len(fade)))
    of_class, n_class = np.zeros((p, 7)), np.zeros((p, 7))
    usual = np.ones((p, 7))
    for day, class_ in enumerate(history.classes.tolist()):
        there = whole[:, day]
        # Energy to average days, summed apart: a weekend of little use is not drawn up to one.
        sums = fade * sums + energy[:, day, None]
        weights = fade * weights + (there * usual[:, class_])[:, None]
        found[day] = sums / np.maximum(weights, 1e-9)
        keeps = np.where(there, weekly, 1.0)
        of_class[:, class_] = of_class[:, class_] * keeps + energy[:, day]
        n_class[:, class_] = n_class[:, class_] * keeps + there
        usual = _shares(of_class, n_class)
        factors[day] = usual
    return Levels(factors, found)


def _shares(energy: F64, count: F64) -> F64:
    """(p, 7) what weekdays take of an average day, drawn to 1 where little is known."""
    mean = energy.sum(axis=1, keepdims=True) / np.maximum(count.sum(axis=1, keepdims=True), 1e-9)
    drawn = (energy + WEEKDAY_PRIOR * mean) / (count + WEEKDAY_PRIOR)
    floor = np.maximum(drawn, 0.02 * mean)
    return np.where(mean > 0, floor / np.maximum(floor.mean(axis=1, keepdims=True), 1e-9), 1.0)
