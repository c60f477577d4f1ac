"""The band of a forecast: between what bounds four of five months end, by the point's own past.

A forecast's log errors are those it would have made on earlier days. Their tenth and ninetieth
percentiles are the band; while there are few of them they are drawn to those of other homes.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from faza.charges.forecast.levels import F64

COVERS = 0.80
"""Share of months that ends within the band."""
TAILS = ((1 - COVERS) / 2, (1 + COVERS) / 2)
OTHERS = (-0.4, 0.4)
"""The same percentiles of homes without a history; measured by faza.bench.forecasting."""
WEIGHT = 2.0
"""As how many forecasts that do not overlap those of others count."""
KEPT = 64
"""Errors that are kept with a forecast, for the band of several points together."""
STEP = 4
"""Days between two of them."""
NONE = np.int16(-32768)
SCALE = 1_000
"""Kept errors are thousandths."""


def bounds(log_errors: F64, h: int) -> F64:
    """(p, 2) log of the lower and the upper bound to the forecast of h days, from errors (p, t)."""
    return _drawn(_percentiles(log_errors), np.isfinite(log_errors).sum(axis=1) / h)


def kept(log_errors: F64) -> npt.NDArray[np.int16]:
    """(p, 64) errors every four days in thousandths, the newest last; `NONE` for none."""
    p, t = log_errors.shape
    picked = log_errors[:, ::-1][:, ::STEP][:, :KEPT][:, ::-1]
    found = np.full((p, KEPT), NONE, np.int16)
    if picked.shape[1]:
        whole = np.clip(np.round(np.nan_to_num(picked) * SCALE), -32_000, 32_000)
        found[:, -picked.shape[1] :] = np.where(np.isfinite(picked), whole, NONE)
    return found


def together(rest: F64, errors: npt.NDArray[np.int16], h: int) -> tuple[float, float]:
    """Lower and upper bound in Wh of the sum of points' `rest` (p,), by kept `errors` (p, 64).

    On each earlier day all points' errors of that day are taken together, so that what makes all
    of them err alike, as cold does, stays in the band. Points without an error of that day err as
    the others do.
    """
    total = float(rest.sum())
    if total <= 0:
        return 0.0, 0.0
    there = errors != NONE
    ratio = np.exp(errors / SCALE)
    known = (rest[:, None] * there).sum(axis=0)
    came = (rest[:, None] * np.where(there, ratio, 0.0)).sum(axis=0)
    log_errors = np.where(known > 0.5 * total, np.log(np.maximum(came, 1.0)), np.nan)
    log_errors -= np.log(np.maximum(known, 1.0))
    n = np.isfinite(log_errors).sum() * STEP / h
    low, high = _drawn(_percentiles(log_errors[None]), np.array([n]))[0]
    return total * float(np.exp(low)), total * float(np.exp(high))


def _percentiles(log_errors: F64) -> F64:
    """(p, 2) the tails of each row; 0 where there is nothing."""
    found = np.zeros((len(log_errors), 2))
    some = np.isfinite(log_errors).any(axis=1)
    if some.any():
        found[some] = np.nanquantile(log_errors[some], TAILS, axis=1).T
    return found


def _drawn(own: F64, n: npt.NDArray[np.float64]) -> F64:
    """(p, 2) own percentiles, drawn to those of others as far as n (p,) forecasts are few."""
    return (own * n[:, None] + WEIGHT * np.array(OTHERS)) / (n[:, None] + WEIGHT)
