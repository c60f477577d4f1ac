"""Rules that compare a day with the weeks before it: V05, V06 and V13. Pure, over arrays."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from faza.core.reading_types import A_PLUS, BY_CHANNEL
from faza.readings.validation.cells import painted, present, runs
from faza.readings.validation.day_rules import MINUTE, energy_of, flagged
from faza.readings.validation.history_shapes import History
from faza.readings.validation.index import Index
from faza.readings.validation.shapes import Days, Flags
from faza.readings.validation.summary import ENERGY, Summary
from faza.readings.validation.usual import Usual

I64 = npt.NDArray[np.int64]
I8 = npt.NDArray[np.int8]
Mask = npt.NDArray[np.bool_]
Parameters = Mapping[str, float]

VOLTAGES = tuple(BY_CHANNEL[name].code for name in ("U", "UA", "UB", "UC"))
_VOLT = int(1 / BY_CHANNEL["U"].quantum)


def spikes(history: History, summary: Summary, usual: Usual, parameters: Parameters) -> Flags:
    """V05: far above the maxima of the weeks before, and far from what that hour usually has.

    Above `factor` times the third highest of the daily maxima and the floor, and by `score`
    deviations (MAD) above the median of the same interval of like days.
    """
    batch = history.days.batch
    floor = energy_of(history.days, parameters["floor"])
    rows = np.flatnonzero(
        history.looked & ENERGY[batch.reading_types] & (summary.greatest > floor)
    )  # fmt: skip
    third = usual.peaks(rows, parameters["days"])
    some = (third >= 0) & (summary.greatest[rows] > floor[rows] + parameters["factor"] * third)
    rows, third = rows[some], third[some]
    middle, deviation = usual.profiles(rows, parameters["days"])
    score = (batch.values[rows] - middle) / deviation
    most = floor[rows] + parameters["factor"] * third
    mask = (batch.values[rows] > most[:, None]) & (score > parameters["score"])
    mask &= present(history.days.take(rows))
    numbers = np.where(mask, score, 0).max(axis=1, initial=0).round(1)
    return flagged(rows, mask, greatest=summary.greatest[rows], third=third, score=numbers)


def zeros(
    history: History, summary: Summary, usual: Usual, index: Index, parameters: Parameters
) -> Flags:
    """V06: no consumption for `zero` hours of a day, while voltage is there and use is usual."""
    batch = history.days.batch
    rows = np.flatnonzero(history.looked & (batch.reading_types == A_PLUS.code))
    before = usual.totals(rows, parameters["days"])
    rows, before = rows[before >= parameters["use"]], before[before >= parameters["use"]]
    some = history.days.take(rows)
    powered = _powered(history.days, index, rows, parameters["volts"])
    none = present(some) & (batch.values[rows] == 0) & powered
    places, first, end = runs(none)
    long = (end - first) * some.steps()[places] >= parameters["zero"] * 60 * MINUTE
    mask = painted(none.shape, places[long], first[long], end[long])
    return flagged(rows, mask, value=np.zeros(len(rows), np.int64), usual=before)


def _powered(days: Days, index: Index, rows: I64, volts: float) -> Mask:
    """(m, k) in which intervals the voltage of any phase is known to be there."""
    found = np.zeros((len(rows), days.batch.values.shape[1]), bool)
    for code in VOLTAGES:
        beside = index.beside(rows, code)
        there = np.flatnonzero(beside >= 0)
        high = days.batch.values[beside[there]] >= volts * _VOLT
        found[there] |= high & present(days.take(beside[there]))
    return found


def use(history: History, summary: Summary, usual: Usual, parameters: Parameters) -> Flags:
    """V13: the first of days in turn whose use is `factor` times the usual, or `low` % of it."""
    batch = history.days.batch
    energy = ENERGY[batch.reading_types] & summary.whole
    rows = np.flatnonzero(history.looked & energy)
    day = usual.keys
    yesterday = np.searchsorted(day, day[rows] - 1).clip(max=max(len(day) - 1, 0))
    known = (day[yesterday] == day[rows] - 1) & energy[yesterday]
    asked = np.unique(np.concatenate([rows, yesterday[known]]))
    before = usual.totals(asked, parameters["days"])
    side = np.zeros(len(batch), np.int8)
    side[asked] = _sides(summary.total[asked], before, parameters)
    new = (side[rows] != 0) & ~(known & (side[yesterday] == side[rows]))
    rows = rows[new]
    mask = np.arange(batch.values.shape[1]) < batch.lengths[rows, None]
    return flagged(
        rows, mask, use=summary.total[rows], usual=before[np.searchsorted(asked, rows)]
    )  # fmt: skip


def _sides(totals: I64, before: I64, parameters: Parameters) -> I8:
    """1 where a day is high, -1 where it is low, 0 where neither or not known."""
    high = (totals > parameters["factor"] * before) & (totals >= parameters["use"])
    low = (totals < parameters["low"] / 100 * before) & (before >= parameters["use"])
    sides: I8 = np.where(before < 0, 0, high.astype(np.int8) - low)
    return sides
