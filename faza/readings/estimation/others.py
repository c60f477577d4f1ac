"""What others and other years say: the control meter, the year before, the group."""

from __future__ import annotations

import numpy as np

from faza.readings.estimation.cells import Cells
from faza.readings.estimation.like import around
from faza.readings.estimation.shapes import F64, I64, Channels, Groups, Mask, Reference, State

MOST_CHANGE = 2.0
"""How much a year may change a level, up or down, for the year before to be scaled by it."""
REACH = 42
"""Days to either side over which points of a group have their means, as like days are sought."""
FEWEST_POINTS = 3
"""Points that a group's shape needs in a cell: with fewer it would tell of a neighbour."""


def by_control(cells: Cells, control: Reference) -> F64:
    """(n,) what the control meter counted; NaN where it did not."""
    known = control.known.reshape(-1)[cells.flat]
    return np.where(known, control.values.reshape(-1)[cells.flat], np.nan)


def by_last_year(channels: Channels, cells: Cells, past: Reference, *, reach: int) -> F64:
    """(n,) the day 364 days before, at the level of now: of all cells within `reach` days that
    were measured in both years; NaN where it was not measured then.
    """
    known = past.known.reshape(-1)[cells.flat]
    both = (channels.state == State.MEASURED) & past.known
    now, then = _sums(channels.values, both, reach), _sums(past.values, both, reach)
    ratio = np.where((now > 0) & (then > 0), now / np.maximum(then, 1), 1)
    ratio = np.clip(ratio, 1 / MOST_CHANGE, MOST_CHANGE)
    value = past.values.reshape(-1)[cells.flat] * ratio[cells.channels, cells.days]
    return np.where(known, value, np.nan)


def by_group(channels: Channels, cells: Cells, groups: Groups, *, reach: int) -> F64:
    """(n,) the group's shape times the channel's own average within `reach` days; else NaN."""
    measured = channels.state == State.MEASURED
    total = _sums(channels.values, measured, reach)
    count = around(measured.sum(axis=2), reach)
    own = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return group_weights(cells, groups) * own[cells.channels, cells.days]


def group_weights(cells: Cells, groups: Groups) -> F64:
    """(n,) the shape of each cell's group, NaN where there is none."""
    if not len(groups.shapes):
        return np.full(len(cells), np.nan)
    group = groups.of[cells.channels]
    weights = groups.shapes[np.maximum(group, 0), cells.days, cells.slots]
    return np.where(group >= 0, weights, np.nan)


def group_shape(values: I64, known: Mask, *, reach: int = REACH) -> F64:
    """(d, k) the mean of points' days, each by its own mean interval about the day; 1 is that.

    values, known: (p, d, k). NaN where fewer than FEWEST_POINTS points are known. reach: days
    before and after over which a mean is taken; what lies further off does not matter.
    """
    count = around(known.sum(axis=2), reach)
    mean = _sums(values, known, reach) / np.maximum(count, 1)
    uses = known & (mean > 0)[:, :, None]
    shares = np.where(uses, values / np.where(mean > 0, mean, 1)[:, :, None], 0)
    points = uses.sum(axis=0)
    return np.where(points >= FEWEST_POINTS, shares.sum(axis=0) / np.maximum(points, 1), np.nan)


def _sums(values: I64, where: Mask, reach: int) -> I64:
    return around(np.where(where, values, 0).sum(axis=2), reach)
