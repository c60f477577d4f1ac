"""The columns of the explorer: what is chosen, as numbers of one unit side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from faza.cabinet import measured, series, words
from faza.cabinet.choice import Chosen
from faza.cabinet.forms import View
from faza.cabinet.series import Cells, Compared, Total
from faza.core.reading_types import (
    A_MINUS,
    A_PLUS,
    GAS,
    HEAT,
    R_MINUS,
    R_PLUS,
    WATER,
    ReadingType,
)
from faza.core.windows import Windows
from faza.ui.periods import Shown, stepped

HUES = {
    A_PLUS.code: "a-plus",
    A_MINUS.code: "a-minus",
    R_PLUS.code: "r-plus",
    R_MINUS.code: "r-minus",
    WATER.code: "water",
    GAS.code: "gas",
    HEAT.code: "heat",
}


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A channel of the points together, or of one of them.

    points: cells of each point at the shown step. cells: the same added up, one row. finest:
    cells of each point as they came from the store.
    """

    label: str
    hue: str
    kind: ReadingType
    finest: Cells
    points: Cells
    cells: Cells
    total: Total
    before: Cells
    compared: Compared | None

    @property
    def unit(self) -> str:
        return self.kind.unit


def columns(
    chosen: Chosen, view: View, windows: Windows, *, until: datetime
) -> tuple[Column, ...]:  # fmt: skip
    """The columns of a view. One query where intervals are shown, four or fewer for days.

    until: up to when data ought to be there.
    """
    if not chosen.points:
        return ()
    zone, shown = chosen.zone, view.shown
    earlier = stepped(shown, -1)
    ask = measured.intervals if view.is_fine else measured.days
    # Both periods in one question: they follow one another.
    found = ask(windows, view.kinds, earlier.first, shown.end, zone, until=until)
    # Points that send no intervals at all would only spoil the completeness of the others.
    heard = {code: cells.heard() for code, cells in found.items()}
    if view.layout == "apart":
        cells = heard[view.kinds[0].code]
        sending = [point for point in chosen.points if point.id in cells.points]
        return tuple(
            _column(view, zone, cells.of([point.id]), point.name, f"s{place}")
            for place, point in enumerate(sending, 1)
        )
    return tuple(
        _column(view, zone, heard[kind.code], str(words.CHANNELS[kind.code][0]), HUES[kind.code])
        for kind in view.kinds
    )


def _column(view: View, zone: str, cells: Cells, label: str, hue: str) -> Column:
    shown, earlier = view.shown, stepped(view.shown, -1)
    now = series.during(cells, shown, zone)
    before = series.during(cells, earlier, zone)
    beside = beside_days(shown, earlier)
    pairs = series.pairs(now, before, zone, beside)
    edges = edges_of(view.step, shown, zone)
    stepped_cells = now if edges is None else now.by(edges)
    compared = series.compare(now, before, pairs)
    return Column(
        label=label,
        hue=hue,
        kind=cells.kind,
        finest=now,
        points=stepped_cells,
        cells=stepped_cells.together(),
        total=series.total(now),
        before=_moved(before, now, pairs, edges),
        compared=compared,
    )


def _moved(before: Cells, now: Cells, pairs: np.ndarray, edges: np.ndarray | None) -> Cells:
    """The period before on the axis of the one shown, added up by its steps."""
    beside = pairs >= 0
    sums = {
        name: np.where(beside, getattr(before, name)[:, pairs], 0) if len(before) else
        np.zeros_like(getattr(now, name))
        for name in measured.ARRAYS
    }  # fmt: skip
    moved = Cells(now.kind, now.points, now.start, now.end, **sums)
    return (moved if edges is None else moved.by(edges)).together()


def edges_of(step: str, shown: Shown, zone: str) -> np.ndarray | None:
    """Edges of the shown steps; None where cells are shown as they come."""
    if step == "interval":
        return None
    make = {"hour": series.hour_edges, "day": series.day_edges, "month": series.month_edges}
    return make[step](shown.first, shown.end, zone)


def beside_days(shown: Shown, earlier: Shown) -> Mapping[date, date]:
    """For each day shown, the day of the period before that it is compared with.

    By the day's number in the period; of years by the date.
    """
    count = (shown.end - shown.first).days
    days = [shown.first + timedelta(days=n) for n in range(count)]
    if shown.kind == "year":
        return {
            day: day.replace(year=day.year - 1) for day in days if (day.month, day.day) != (2, 29)
        }
    there = (earlier.end - earlier.first).days
    return {day: earlier.first + timedelta(days=n) for n, day in enumerate(days) if n < there}
