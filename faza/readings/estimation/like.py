"""Like days: days of the same class near by, brought to the level of the day in question."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from faza.readings.estimation.cells import Cells
from faza.readings.estimation.shapes import F64, I8, I64, Channels, State

WORKING, SATURDAY, HOLIDAY = 0, 1, 2

AROUND = 3
"""Days before and after over which a day's level is taken: a week about it."""
ENOUGH = 0.8
"""Share of a day's intervals that have to be measured for the day to say something of a level."""
FEWEST_DAYS = 2
"""Days that a level needs."""
POWER = 0.5
"""How far like days follow the level: its ratio's square root was best by measurement."""
MOST_CHANGE = 2.0
"""As much at most, up or down, for half-hours of a flat that was empty say nothing of the next."""


def day_classes(
    days: npt.NDArray[np.datetime64],
    *,
    off: Collection[date] = (),
    working: Collection[date] = (),
) -> I8:
    """(d,) classes of civil days: working days, Saturdays, Sundays with holidays.

    off: holidays. working: weekend days that are worked. Finer classes were tried: by weekday
    there are too few like days near by (docs/reference/estimation.md).
    """
    weekday = (days.astype("datetime64[D]").astype(np.int64) + 3) % 7
    classes = np.where(weekday < 5, WORKING, np.where(weekday == 5, SATURDAY, HOLIDAY))
    classes[np.isin(days, np.array(sorted(off), "datetime64[D]"))] = HOLIDAY
    classes[np.isin(days, np.array(sorted(working), "datetime64[D]"))] = WORKING
    return classes.astype(np.int8)


@dataclass(frozen=True, slots=True, eq=False)
class Likeness:
    """What like days say of cells: profile (n,) float, NaN where there are too few of them.

    days: (n, most) indexes of the days averaged, -1 where fewer.
    """

    profile: F64
    days: npt.NDArray[np.int32]


def likeness(channels: Channels, cells: Cells, *, weeks: int, most: int, fewest: int) -> Likeness:
    """The mean of up to `most` like days, of the `weeks` before; if fewer than `fewest`, after."""
    chosen = _chosen(channels, cells, weeks=weeks, most=most, fewest=fewest)
    chosen[(chosen >= 0).sum(axis=1) < fewest] = -1
    there = chosen >= 0
    day = np.where(there, chosen, 0)
    channel, slot = cells.channels[:, None], cells.slots[:, None]
    ratio = _ratios(channels, cells, day)
    factor = np.clip(ratio**POWER, 1 / MOST_CHANGE, MOST_CHANGE)
    total = np.where(there, channels.values[channel, day, slot] * factor, 0).sum(axis=1)
    count = there.sum(axis=1)
    profile = np.where(count >= fewest, total / np.maximum(count, 1), np.nan)
    return Likeness(profile, chosen)


def _ratios(channels: Channels, cells: Cells, day: npt.NDArray[np.int32]) -> F64:
    """(n, most) the level of the week about each cell's day against that about each like day.

    Of days that are nearly whole only, for a morning says little of an evening; and of as many
    days of each class on both sides, for a week that lacks its Sunday is no higher one. 1 where
    too little is known.
    """
    measured = channels.state == State.MEASURED
    count = measured.sum(axis=2)
    whole = (count > 0) & (count >= ENOUGH * (channels.state != State.ABSENT).sum(axis=2))
    energy = np.where(measured, channels.values, 0).sum(axis=2)
    own_days = np.zeros(len(cells), np.int64)
    own, theirs = np.zeros(day.shape), np.zeros(day.shape)
    for kind in np.unique(channels.classes):
        mine = whole & (channels.classes == kind)
        days = around(mine.astype(np.int64), AROUND)
        cells_measured = around(np.where(mine, count, 0), AROUND)
        mean = around(np.where(mine, energy, 0), AROUND) / np.maximum(cells_measured, 1)
        here = days[cells.channels, cells.days]
        there = days[cells.channels[:, None], day] > 0
        weight = np.where(there, here[:, None], 0)
        own += weight * mean[cells.channels, cells.days][:, None]
        theirs += weight * mean[cells.channels[:, None], day]
        own_days += here
    follows = (own > 0) & (theirs > 0) & (own_days >= FEWEST_DAYS)[:, None]
    ratio: F64 = np.where(follows, own, 1) / np.where(follows, theirs, 1)
    return ratio


def around(numbers: I64, reach: int) -> I64:
    """(c, d) sums over the days within `reach` of each day."""
    c, d = numbers.shape
    before = np.concatenate([np.zeros((c, 1), np.int64), np.cumsum(numbers, axis=1)], axis=1)
    day = np.arange(d)
    return before[:, np.minimum(day + reach + 1, d)] - before[:, np.maximum(day - reach, 0)]


def _chosen(
    channels: Channels, cells: Cells, *, weeks: int, most: int, fewest: int
) -> npt.NDArray[np.int32]:
    classes = np.atleast_2d(channels.classes)
    kinds, kind_of = np.unique(classes, axis=0, return_inverse=True)
    kind_of = np.broadcast_to(kind_of.reshape(-1), channels.state.shape[:1])
    kind = kind_of[cells.channels]
    found = np.full((len(cells), most), -1, np.int32)
    count = np.zeros(len(cells), np.int64)
    active = np.arange(len(cells))
    for step in (-1, 1):
        tables = _padded([_near(row, step, weeks * 7) for row in kinds])
        for place in range(tables.shape[2]):
            day = tables[kind[active], cells.days[active], place]
            active, day = active[day >= 0], day[day >= 0]
            if not len(active):
                break
            good = (
                channels.state[cells.channels[active], day, cells.slots[active]] == State.MEASURED
            )
            rows = active[good]
            found[rows, count[rows]] = day[good]
            count[rows] += 1
            active = active[count[active] < most]
        active = np.flatnonzero(count < fewest)
    return found


def _padded(tables: Sequence[npt.NDArray[np.int32]]) -> npt.NDArray[np.int32]:
    """(t, d, m) tables of several widths as one: channels lack days of their own."""
    width = max(table.shape[1] for table in tables)
    wide = [np.pad(t, ((0, 0), (0, width - t.shape[1])), constant_values=-1) for t in tables]
    return np.stack(wide)


def _near(classes: npt.NDArray[np.integer], step: int, reach: int) -> npt.NDArray[np.int32]:
    """(d, m) days of a day's class to one side of it, the nearest first; -1: no more."""
    d = len(classes)
    distance = np.arange(1, min(reach, d - 1) + 1) if d > 1 else np.arange(0)
    day = np.arange(d)[:, None] + step * distance
    inside = (day >= 0) & (day < d)
    alike = inside & (classes[np.where(inside, day, 0)] == classes[:, None])
    order = np.argsort(~alike, axis=1, kind="stable")
    width = int(alike.sum(axis=1).max(initial=0))
    near = np.where(alike, day, -1)
    return np.take_along_axis(near, order, axis=1)[:, :width].astype(np.int32)
