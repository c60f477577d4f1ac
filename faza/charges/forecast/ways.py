"""Simple ways to say what the next days will take, each at the end of every day of a history."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from faza.charges.forecast.levels import F64, HALF_LIVES, I64, History, Levels

YEAR = 364
"""Days to the same weekday of the year before."""
AVERAGE = 0
"""The row of the plain average of the days of the month that are known."""
FEWEST = 3
"""Days that the plain average is taken of at the very beginning of a month."""
SHORT = (7, 14)
"""Days of the two other plain averages."""
SEASONED = HALF_LIVES.index(5.0)
"""The level that the year before is applied to."""
COUNT = 1 + len(SHORT) + len(HALF_LIVES) + 2
STEADY = (AVERAGE, 1 + len(SHORT) + HALF_LIVES.index(3.0), 1 + len(SHORT) + SEASONED)
"""Ways that are averaged where a point has no history to choose by."""


@dataclass(frozen=True, slots=True, eq=False)
class Ahead:
    """What each way says at the end of each day, and what came.

    said (w, p, d): Wh of the next h days. came (p, d - h): Wh of those days, NaN where less than
    nine tenths of them are there. behind (p, d): Wh of the days of the month known by then.
    n_learned (p, d): whole days up to each day.
    factor (p,): what the next days of the last day take, in average days.
    """

    said: F64
    came: F64
    behind: F64
    n_learned: F64
    factor: F64


def ahead(history: History, known: Levels, coming: I64, days_known: int) -> Ahead:
    """All ways for the days whose classes are `coming` (h,), `days_known` of the month being there.

    `days_known` counts the days of the month up to the last day of the history; 0 before it.
    """
    h, d = len(coming), len(history.classes)
    energy, whole = history.whole_energy, history.is_whole
    sums, counts = _running(energy), _running(whole.astype(np.float64))
    factors = _factors(known.factors, history.classes, coming)
    fading = known.levels.transpose(2, 1, 0) * factors
    seasoned = fading[SEASONED]
    rows = [_mean(sums, counts, n) * h for n in (max(days_known, FEWEST), *SHORT)]
    ratio, level = _year_before(sums, counts, h)
    rows += list(fading)
    rows.append(seasoned * np.where(np.isnan(ratio), 1.0, np.sqrt(np.clip(ratio, 0.5, 2.0))))
    rows.append(np.where(np.isnan(level), seasoned, (seasoned + level * h) / 2))
    n_after = counts[:, h + 1 : d + 1] - counts[:, 1 : d - h + 1]
    after = sums[:, h + 1 : d + 1] - sums[:, 1 : d - h + 1]
    came = np.where(n_after >= 0.9 * h, after * h / np.maximum(n_after, 1), np.nan)
    behind = _mean(sums, counts, max(days_known, FEWEST)) * days_known
    return Ahead(np.stack(rows), came, behind, counts[:, 1:], factors[:, -1])


def _running(values: F64) -> F64:
    """(p, d + 1) sums of the days before each."""
    return np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1)], axis=1)


def _mean(sums: F64, counts: F64, days: int) -> F64:
    """(p, d) the mean of the last `days` days at the end of each; of all before, where none is."""
    d = sums.shape[1] - 1
    low = np.maximum(np.arange(1, d + 1) - days, 0)
    energy, n = sums[:, 1:] - sums[:, low], counts[:, 1:] - counts[:, low]
    before = sums[:, 1:] / np.maximum(counts[:, 1:], 1)
    return np.where(n > 0, energy / np.maximum(n, 1), before)


def _factors(factors: F64, classes: I64, coming: I64) -> F64:
    """(p, d) what the next h days take, in average days.

    Of the last day by the classes that are coming; of the days before by weekdays alone, for
    what is measured there is the way, not the calendar.
    """
    h = len(coming)
    weeks, rest = divmod(h, 7)
    found = np.full(factors.shape[:2], 7.0 * weeks)
    place = np.arange(len(classes))
    for after in range(1, rest + 1):
        found += factors[place, :, (classes + after) % 7]
    found[-1] = factors[-1][:, coming].sum(axis=1)
    return found.T


def _year_before(sums: F64, counts: F64, h: int) -> tuple[F64, F64]:
    """Of the year before: (p, d) the ratio of the next h days' mean to the four weeks' before them,
    and that mean; NaN where less than seven tenths of either are there.
    """
    p, d = sums.shape[0], sums.shape[1] - 1
    ratio, level = np.full((p, d), np.nan), np.full((p, d), np.nan)
    at = np.arange(YEAR + 27, d)
    if not len(at):
        return ratio, level
    now, low = at + 1 - YEAR, at + 1 - YEAR - 28
    n_before, n_after = counts[:, now] - counts[:, low], counts[:, now + h] - counts[:, now]
    before = (sums[:, now] - sums[:, low]) / np.maximum(n_before, 1)
    after = (sums[:, now + h] - sums[:, now]) / np.maximum(n_after, 1)
    good = (n_before >= 0.7 * 28) & (n_after >= 0.7 * h)
    level[:, at] = np.where(good, after, np.nan)
    ratio[:, at] = np.where(good & (before > 0), after / np.maximum(before, 1e-9), np.nan)
    return ratio, level
