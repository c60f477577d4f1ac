"""The rules that look at a day alone: which intervals each names. Pure, over arrays.

Each takes the days, their summary and its own parameters, and looks closer only at days that
the summary makes suspect.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from faza.core.quality import Quality
from faza.core.reading_types import A_MINUS
from faza.readings.validation.cells import expected, painted, present, runs
from faza.readings.validation.index import Index
from faza.readings.validation.shapes import Days, Flags
from faza.readings.validation.summary import ADDITIVE, ENERGY, Summary

I64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Parameters = Mapping[str, float]

MINUTE, HOUR, DAY = 60, 3_600, 86_400


def flagged(rows: I64, mask: Mask, **numbers: npt.NDArray) -> Flags:
    """Flags of the rows in which the mask names an interval."""
    some = mask.any(axis=1)
    return Flags(rows[some], mask[some], {name: one[some] for name, one in numbers.items()})


def energy_of(days: Days, power: float) -> npt.NDArray[np.float64]:
    """(n,) the energy of an interval of each day at a mean power in W."""
    energy: npt.NDArray[np.float64] = days.steps() / HOUR * power
    return energy


def gaps(days: Days, summary: Summary, parameters: Parameters) -> Flags:
    """V01: absent intervals before the last present one of the day."""
    rows = np.flatnonzero(~summary.whole)
    some = days.take(rows)
    here = present(some)
    after = np.logical_or.accumulate(here[:, ::-1], axis=1)[:, ::-1]
    return flagged(rows, ~here & after & expected(some))


def negative(days: Days, summary: Summary, parameters: Parameters) -> Flags:
    """V03: below zero, of what adds up."""
    rows = np.flatnonzero((summary.least < 0) & ADDITIVE[days.batch.reading_types])
    mask = (days.batch.values[rows] < 0) & present(days.take(rows))
    return flagged(rows, mask, least=summary.least[rows])


def over_limit(days: Days, summary: Summary, parameters: Parameters) -> Flags:
    """V04: above the limit of the row and the margin, in percent."""
    most = days.limits * (1 + parameters["margin"] / 100)
    known = (days.limits > 0) & ENERGY[days.batch.reading_types]
    rows = np.flatnonzero((summary.greatest > most) & known)
    mask = (days.batch.values[rows] > most[rows, None]) & present(days.take(rows))
    return flagged(rows, mask, greatest=summary.greatest[rows], limit=days.limits[rows])


def spikes(days: Days, summary: Summary, parameters: Parameters) -> Flags:
    """V05: above `factor` times the third highest of the day, and the floor."""
    batch, factor = days.batch, parameters["factor"]
    floor = energy_of(days, parameters["floor"])
    rows = np.flatnonzero((summary.greatest > floor) & ENERGY[batch.reading_types])
    # The third highest is not less than the mean without the two highest.
    others = np.maximum(batch.lengths[rows] - 2, 1)
    mean = (summary.total[rows] - 2 * summary.greatest[rows]) / others
    some = summary.greatest[rows] > floor[rows] + factor * np.maximum(mean, 0)
    rows = rows[some & (batch.lengths[rows] >= 3)]
    values = batch.values[rows]
    third = np.partition(values, -3, axis=1)[:, -3] if len(rows) else np.zeros(0, np.int64)
    mask = values > (factor * third + floor[rows])[:, None]
    mask &= present(days.take(rows))
    return flagged(rows, mask, greatest=summary.greatest[rows], third=third)


def flat(days: Days, summary: Summary, parameters: Parameters) -> Flags:
    """V06: the same value, of `floor` W at least, for `hours`."""
    batch = days.batch
    floor = energy_of(days, parameters["floor"])
    rows = np.flatnonzero(
        summary.flat & (summary.greatest >= floor) & ENERGY[batch.reading_types]
    )  # fmt: skip
    some = days.take(rows)
    values = some.batch.values
    counts = present(some) & (values >= floor[rows, None]) & (values != 0)
    equal = np.zeros(values.shape, bool)
    equal[:, 1:] = (values[:, 1:] == values[:, :-1]) & counts[:, 1:] & counts[:, :-1]
    places, first, end = runs(equal)
    long = (end - first + 1) * some.steps()[places] >= parameters["hours"] * 60 * MINUTE
    places, first, end = places[long], first[long] - 1, end[long]
    named, back = np.unique(places, return_inverse=True)
    value = np.zeros(len(named), np.int64)
    value[back] = values[places, first]
    return flagged(
        rows[named], painted((len(named), values.shape[1]), back, first, end), value=value
    )


def clocks(days: Days, parameters: Parameters, index: Index) -> Flags:
    """V10: intervals in which a clock was changed by `least` seconds, or by nobody knows what."""
    size = days.clocks[:, 2] - days.clocks[:, 1]
    told = days.clocks[(size <= 1) | (size >= parameters["least"])]
    places, touched, first, end = index.touched_of_points(*told.T)
    rows, back = np.unique(touched, return_inverse=True)
    mask = painted((len(rows), days.batch.values.shape[1]), back, first, end)
    mask &= present(days.take(rows))
    seconds = np.zeros(len(rows), np.int64)
    np.maximum.at(seconds, back, (told[:, 2] - told[:, 1])[places])
    return flagged(rows, mask, seconds=seconds)


def not_installed(days: Days, summary: Summary, parameters: Parameters) -> Flags:
    """V11: values outside the time of a complex."""
    rows = np.flatnonzero((days.low > 0) | (days.high < days.batch.lengths))
    some = days.take(rows)
    return flagged(rows, present(some) & ~expected(some))


def future(days: Days, summary: Summary, parameters: Parameters) -> Flags:
    """V14: intervals that ended after they were delivered, by more than a clock may be ahead."""
    arrived, ends = _arrived(days), _ends(days)
    latest = arrived + int(parameters["ahead"] * MINUTE)
    rows = np.flatnonzero(ends > latest)
    some = days.take(rows)
    columns = np.arange(1, days.batch.values.shape[1] + 1)
    mask = some.midnights[:, None] + columns * some.steps()[:, None] > latest[rows, None]
    # What was measured at a moment stands in for an interval that still runs.
    mask &= some.batch.quality != Quality.RAW
    return flagged(rows, mask & present(some), seconds=(ends - arrived)[rows])


def late(days: Days, summary: Summary, parameters: Parameters) -> Flags:
    """V14: days of long before they were delivered, as a clock that was reset makes them."""
    age = _arrived(days) - _ends(days)
    rows = np.flatnonzero(age > parameters["late"] * DAY)
    return flagged(rows, present(days.take(rows)), seconds=age[rows])


def exports(days: Days, summary: Summary, parameters: Parameters) -> Flags:
    """V15: from the first to the last interval of the day in which energy was sent."""
    rows = np.flatnonzero(
        (days.batch.reading_types == A_MINUS.code)
        & ~days.exports
        & (summary.total >= parameters["energy"])
        & (summary.total > 0)
    )
    sent = (days.batch.values[rows] > 0) & present(days.take(rows))
    since = np.logical_or.accumulate(sent, axis=1)
    until = np.logical_or.accumulate(sent[:, ::-1], axis=1)[:, ::-1]
    return flagged(rows, since & until, sum=summary.total[rows])


def duplicates(
    days: Days, summary: Summary, parameters: Parameters, index: Index, back: int
) -> Flags:
    """V02: whole days whose curve is that of another day of the channel, `back` days before."""
    batch = days.batch
    rows = np.flatnonzero(summary.whole & (summary.greatest > 0))
    channels = index.of_row[rows]
    if not (channels[1:] == channels[:-1]).any():
        rows = rows[:0]
    rows, before = _alike(rows, summary, index)
    civil = batch.days.astype("datetime64[D]").astype(np.int64)
    same = (civil[rows] - civil[before] <= back) & (batch.lengths[rows] == batch.lengths[before])
    rows, before = rows[same], before[same]
    values = batch.values[rows]
    same = (values == batch.values[before]).all(axis=1)
    rows, before, values = rows[same], before[same], np.sort(values[same], axis=1)
    distinct = 1 + (values[:, 1:] != values[:, :-1]).sum(axis=1) - (values == 0).any(axis=1)
    some = distinct >= parameters["distinct"]
    order = np.argsort(rows[some])
    rows, before, distinct = rows[some][order], before[some][order], distinct[some][order]
    mask = np.arange(values.shape[1]) < batch.lengths[rows, None]
    return flagged(rows, mask, copied=days.midnights[before], distinct=distinct)


def _alike(rows: I64, summary: Summary, index: Index) -> tuple[I64, I64]:
    """Days of one channel with equal sum and maximum: each with the nearest such one before."""
    mixed = summary.total[rows] * 0x9E3779B1 + summary.greatest[rows]
    mixed = (mixed * 0x5851F42D4C957F2D) & 0x7FFFFFFF
    keys = (index.of_row[rows] << 31) | mixed
    order = np.argsort(keys, kind="stable")
    equal = np.flatnonzero(keys[order][1:] == keys[order][:-1])
    return rows[order[equal + 1]], rows[order[equal]]


def _arrived(days: Days) -> I64:
    if days.arrived is not None:
        return days.arrived
    return np.full(len(days), days.now, np.int64)


def _ends(days: Days) -> I64:
    ends: I64 = days.midnights + days.batch.lengths * days.steps()
    return ends
