"""The forecast of a month: a blend of simple ways, weighted by how each has done at the point.

At the end of every day of the history each way says what the next days will take, as many days as
are left of the month now. Of those whose days have passed it is known how wrong they were. Ways
that were less wrong weigh more; the blend is tested in the same manner, at each day with the
weights of that day, so that its own errors are those of a forecast made then.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from faza.charges.forecast import ways
from faza.charges.forecast.levels import F64, I64, History, Mask, levels

WARM = 27
"""No forecast is tested that could learn from this many whole days or fewer."""
SHARPNESS = 12
"""How much more a better way weighs: weights are errors to the power of minus this."""
PRIOR_ERROR, PRIOR_COUNT = 0.15, 10
"""The relative error that each way begins with, and for how many forecasts it counts."""
CLEARLY = 1.1
"""The blend gives way to the plain average where its error has been greater than this, of its."""
LEAST_TESTED = 28
"""Forecasts that must have been tested before the own history chooses."""
TESTED = 365
"""Days back to which a forecast is tested against what came."""


@dataclass(frozen=True, slots=True, eq=False)
class Forecasts:
    """Of p points; energies in Wh.

    rest (p,): what the days after the last known take. factor (p,): as how many average days.
    log_errors (p, t): logarithms of what came to what was said, in forecasts that could have been
    made on the last t days but h, the newest last; NaN where that is not known.
    own_error, average_error (p,): mean error of the month's total, a share of it, of the blend and
    of the plain average of the days so far, in the same forecasts; NaN without any.
    n_tested (p,): how many those were. is_average (p,): the plain average has done as well or
    better, or there is no history to choose by: it is what `rest` says.
    """

    rest: F64
    factor: F64
    log_errors: F64
    own_error: F64
    average_error: F64
    n_tested: I64
    is_average: Mask


def forecast(history: History, coming: I64, days_known: int) -> Forecasts:
    """The days whose classes are `coming` (h,) after a history of d days, d >= 1, h >= 1.

    `days_known`: days of the month up to the history's last.
    """
    told = ways.ahead(history, levels(history), coming, days_known)
    h, n_origins = len(coming), told.came.shape[1]
    scale = _scale(history, h)
    blend = _blended(told, scale, h)
    average = told.said[ways.AVERAGE]
    oldest = max(n_origins - TESTED, 0)
    origins = slice(oldest, n_origins)
    came = np.where(_is_tested(told, n_origins), told.came, np.nan)[:, origins]
    own = _month_error(blend[:, origins], came, told.behind[:, origins])
    plain = _month_error(average[:, origins], came, told.behind[:, origins])
    n_tested = np.isfinite(came).sum(axis=1)
    is_average = (n_tested < LEAST_TESTED) | ~(own < CLEARLY * plain)
    said = np.where(is_average[:, None], average, blend)
    floor = 0.01 * scale[:, origins] + 1.0
    return Forecasts(
        rest=said[:, -1],
        factor=told.factor,
        log_errors=np.log((came + floor) / (said[:, origins] + floor)),
        own_error=np.where(is_average, plain, own),
        average_error=plain,
        n_tested=n_tested,
        is_average=is_average,
    )


def _scale(history: History, h: int) -> F64:
    """(p, d) Wh of h usual days, at the end of each day: the mean of all days before."""
    count = np.maximum(np.cumsum(history.is_whole, axis=1), 1)
    return np.cumsum(history.whole_energy, axis=1) / count * h


def _is_tested(told: ways.Ahead, n_origins: int) -> Mask:
    tested: Mask = np.isfinite(told.came) & (told.n_learned[:, :n_origins] > WARM)
    return tested


def _blended(told: ways.Ahead, scale: F64, h: int) -> F64:
    """(p, d) the blend at the end of each day, weighted by forecasts whose days had passed."""
    n_ways, p, d = told.said.shape
    n_origins = told.came.shape[1]
    tested = _is_tested(told, n_origins)
    came = np.where(tested, told.came, 0.0)
    usual = (came + scale[:, :n_origins]) / 2 + 1.0
    wrong = np.abs(told.said[:, :, :n_origins] - came) / usual * tested
    zero = np.zeros((n_ways, p, 1))
    errors = np.concatenate([zero, np.cumsum(wrong, axis=2)], axis=2)
    counts = np.concatenate([zero[0], np.cumsum(tested, axis=1)], axis=1)
    passed = np.clip(np.arange(d) - h + 1, 0, n_origins)
    begun = np.maximum(passed - TESTED, 0)
    error = errors[:, :, passed] - errors[:, :, begun] + PRIOR_ERROR * PRIOR_COUNT
    count = counts[:, passed] - counts[:, begun] + PRIOR_COUNT
    weights = np.maximum(error / count, 1e-3) ** -SHARPNESS
    few = (count - PRIOR_COUNT < LEAST_TESTED)[None]
    steady = np.isin(np.arange(n_ways), ways.STEADY)[:, None, None]
    weights = np.where(few, steady, weights)
    blended: F64 = (weights * told.said).sum(axis=0) / weights.sum(axis=0)
    return blended


def _month_error(said: F64, came: F64, behind: F64) -> F64:
    """(p,) mean of |said - came|, a share of the whole month; months near zero are left out."""
    month = behind + came
    counts = np.isfinite(came) & (month > 1.0)
    wrong = np.where(counts, np.abs(said - came) / np.where(counts, month, 1.0), 0.0)
    n = counts.sum(axis=1)
    return np.where(n > 0, wrong.sum(axis=1) / np.maximum(n, 1), np.nan)
