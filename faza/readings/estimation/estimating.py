"""estimate: the whole of it, in order; each method has a module of its own."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from faza.readings.estimation import bridging, like, others
from faza.readings.estimation.bounding import NONE, Fallback, Met, bound
from faza.readings.estimation.cells import Cells, edges, find
from faza.readings.estimation.inputs import told_inputs
from faza.readings.estimation.shapes import (
    METHODS,
    ORDER,
    QUALITIES,
    Brackets,
    Channels,
    Estimates,
    Groups,
    Reference,
)

NO_BRACKETS = Brackets(*(np.zeros(0, np.int64) for _ in range(6)))


@dataclass(frozen=True, slots=True)
class Settings:
    """How long a gap is bridged by its edges alone, and how like days are chosen."""

    longest: int = 120
    """Minutes of a gap that interpolation bridges. Source: domain §5.5."""
    weeks: int = 6
    """How far like days are looked for: in so many weeks before, else in as many after."""
    most: int = 4
    """As many like days as are averaged at most."""
    fewest: int = 2
    """With fewer like days there is no estimate by them."""

    @property
    def reach(self) -> int:
        """Days before and after a day that an estimate of it draws upon, brackets aside."""
        return self.weeks * 7 + like.AROUND


def estimate(
    channels: Channels,
    *,
    brackets: Brackets | None = None,
    control: Reference | None = None,
    last_year: Reference | None = None,
    groups: Groups | None = None,
    order: Collection[str] = ORDER,
    settings: Settings = Settings(),
) -> Estimates:
    """Estimates of all UNKNOWN cells for which there is ground; the others stay untold.

    The outcome for a day is a function of the days within `settings.reach` of it and of the
    brackets that hold its cells with all their cells; the same whatever else is in the batch.
    order: which methods may be used; they are tried in the order of METHODS.

    Raises ValueError for a method that there is not.
    """
    if unknown := set(order) - set(ORDER):
        raise ValueError(f"no such method: {', '.join(sorted(unknown))}")
    brackets = NO_BRACKETS if brackets is None else brackets
    cells = find(channels, brackets)
    days = np.full((len(cells), settings.most), -1, np.int32)
    reach = settings.weeks * 7
    if control is not None and "control" in order:
        cells.put("control", others.by_control(cells, control))
    if {"interpolation", "like-days"} & set(order):
        likeness = like.likeness(
            channels, cells, weeks=settings.weeks, most=settings.most, fewest=settings.fewest
        )
        days = likeness.days
        if "interpolation" in order:
            line = bridging.bridge(
                edges(channels, cells), likeness.profile,
                interval=channels.interval, longest=settings.longest,
            )  # fmt: skip
            cells.put("interpolation", line)
        if "like-days" in order:
            cells.put("like-days", likeness.profile)
    if last_year is not None and "last-year" in order:
        cells.put("last-year", others.by_last_year(channels, cells, last_year, reach=reach))
    if groups is not None and "group" in order:
        cells.put("group", others.by_group(channels, cells, groups, reach=reach))
    met = bound(channels, cells, brackets, _fallback(cells, groups, order))
    return _told(channels, cells, days, brackets, met)


def _fallback(cells: Cells, groups: Groups | None, order: Collection[str]) -> Fallback:
    """What a bracket's energy is spread by where nothing else is known."""
    weights = np.full(len(cells), 1.0 if "flat" in order else np.nan)
    methods = np.full(len(cells), METHODS.index("flat"), np.uint8)
    if groups is not None and "group" in order:
        shape = others.group_weights(cells, groups)
        known = ~np.isnan(shape)
        weights[known] = shape[known]
        methods[known] = METHODS.index("group")
    return Fallback(weights, methods)


def _told(
    channels: Channels, cells: Cells, days: np.ndarray, brackets: Brackets, met: Met
) -> Estimates:
    """What is told: the days of cells that were asked for and have a value."""
    _, d, k = channels.state.shape
    chosen = np.flatnonzero(cells.told & (met.values != NONE))
    rows, row = np.unique(cells.flat[chosen] // k, return_inverse=True)
    place = (row, cells.slots[chosen])
    values = np.zeros((len(rows), k), np.int64)
    method = np.zeros((len(rows), k), np.uint8)
    values[place] = met.values[chosen]
    method[place] = cells.method[chosen]
    return Estimates(
        channels=rows // d,
        days=rows % d,
        values=values,
        quality=QUALITIES[method],
        method=method,
        inputs=told_inputs(channels, cells, chosen, row, days, brackets, met),
        residuals=met.residuals,
        complete=met.complete,
    )
