"""Payloads of the charts, as frontend/src/charts/payloads.ts describes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.utils.translation import gettext as _

from faza.cabinet import series
from faza.cabinet.columns import Column
from faza.cabinet.series import Cells, State
from faza.core.reading_types import ReadingType
from faza.core.units import decimals, floats
from faza.ui import formats

LONG = 2000
"""Of so many intervals the payload is packed: see charts/packed.ts."""
LARGER = {"kWh": "MWh", "kvarh": "Mvarh"}


def numbers(cells: Cells, row: int = 0) -> list[float | None]:
    """Values in the unit people read, None where nothing is present."""
    there = cells.present[row] > 0
    values = floats(cells.value[row], cells.kind).round(decimals(cells.kind)).tolist()
    if there.all():
        return values
    return [value if is_there else None for value, is_there in zip(values, there, strict=True)]


def measure(most: float, kind: ReadingType) -> tuple[float, str]:
    """By what to multiply values of a picture, and their unit: the thousandfold past 100,000."""
    if most > formats.LARGE and kind.unit in LARGER:
        return 0.001, formats.unit_name(LARGER[kind.unit])
    return 1.0, formats.unit_name(kind.unit)


def profile(
    columns: Sequence[Column], *, step: str, zone: str, start: datetime, end: datetime,
    until: datetime | None, compare: str = "", nights: Sequence[Sequence[int]] = (),
) -> dict[str, Any]:  # fmt: skip
    """The payload of a profile; `compare` is what the period before is called, if it is drawn.

    nights: stretches [from, to) to tint, in epoch milliseconds.
    """
    first = columns[0]
    made: dict[str, Any] = {
        "unit": formats.unit_name(first.unit),
        "decimals": decimals(first.kind) if step in {"interval", "hour"} else 1,
        "zone": zone,
        "step": _step(step, first.cells),
        "start": _iso(start, zone),
        "end": _iso(end, zone),
        "until": _iso(until, zone) if until is not None and until < end else None,
        "series": [_series(column, i, step) for i, column in enumerate(columns)],
    }
    if nights:
        made["nights"] = nights
    if compare and len(columns) == 1:
        made["compare"] = {
            "label": compare,
            "start": (first.before.start * 1000).tolist(),
            "value": numbers(first.before),
        }
    return made


def _series(column: Column, place: int, step: str) -> dict[str, Any]:
    cells = column.cells
    states = cells.pictured()
    made: dict[str, Any] = {
        "id": f"c{place}",
        "label": column.label,
        "hue": column.hue,
        "value": numbers(cells),
        "unit": formats.unit_name(column.unit),
    }
    is_long = len(cells) > LONG
    if not place:
        made["start"] = _even(cells.start) if is_long else (cells.start * 1000).tolist()
    if states.any():
        made["quality"] = _runs(states) if is_long else states.tolist()
    if notes := _notes(column, states):
        made["note"] = notes
    return made


def _even(starts: np.ndarray) -> dict[str, int] | list[int]:
    """Moments of one distance as the first, the distance and how many; others as they are.

    A year of half-hours is a quarter of a megabyte of them.
    """
    steps = np.diff(starts)
    if not len(steps) or (steps != steps[0]).any():
        told: list[int] = (starts * 1000).tolist()
        return told
    return {"from": int(starts[0]) * 1000, "step": int(steps[0]) * 1000, "count": len(starts)}


def _runs(states: np.ndarray) -> dict[str, list[list[int]]]:
    """States as [state, how many of it follow one another]."""
    edges = np.flatnonzero(np.diff(states)) + 1
    counts = np.diff(np.concatenate([[0], edges, [len(states)]]))
    firsts = states[np.concatenate([[0], edges])]
    return {"runs": [[one, n] for one, n in zip(firsts.tolist(), counts.tolist(), strict=True)]}


def _notes(column: Column, states: np.ndarray) -> list[str | None]:
    """What a tooltip adds where something is missing in a cell that has a value."""
    cells = column.cells
    partly = (cells.missing[0] > 0) & (cells.present[0] > 0)
    if not partly.any():
        return []
    notes: list[str | None] = [None] * len(cells)
    several = len(column.points.points) > 1
    for i in np.flatnonzero(partly).tolist():
        if several:
            notes[i] = lacking(column.points, i)
        else:
            gap = formats.duration(timedelta(minutes=int(cells.missing[0, i])))
            notes[i] = _("%(time)s without data") % {"time": gap}
    return notes


def lacking(points: Cells, place: int) -> str:
    """«нет данных по 2 из 5 точек»."""
    parts = {
        "some": int((points.missing[:, place] > 0).sum()),
        "all": int((points.minutes[:, place] > 0).sum()),
    }
    return _("without %(some)s of %(all)s points") % parts


def _step(step: str, cells: Cells) -> int | str:
    if step in {"day", "month"}:
        return step
    return int(cells.end[0] - cells.start[0]) if len(cells) else 1800


def _iso(moment: datetime, zone: str) -> str:
    return moment.astimezone(ZoneInfo(zone)).isoformat()


def _since(cells: Cells, end: int, zone: str) -> np.ndarray:
    """(end,) seconds of the wall clock from the start of the first cell to each cell's end."""
    first, last = series.walls(np.array([cells.start[0], cells.end[end - 1]]), zone)
    if first.utcoffset() == last.utcoffset():
        # A month does not change its clocks there and back.
        return np.asarray(cells.end[:end] - cells.start[0])
    walls = series.walls(cells.end[:end], zone)
    start = first.replace(tzinfo=None)
    return np.array([int((w.replace(tzinfo=None) - start).total_seconds()) for w in walls])


def cumulative(cells: Cells, kind: ReadingType, zone: str) -> list[list[float | None]]:
    """A running total: [days since the first midnight, total so far], four points a day.

    It ends with the last cell that has a value. Where six hours have none the total is None: the
    line breaks instead of running level, as if nothing had been used.
    """
    there = np.flatnonzero(cells.present[0] > 0)
    points: list[list[float | None]] = [[0, 0]]
    if not len(there):
        return points
    end = int(there[-1]) + 1
    running = floats(np.cumsum(cells.value[0, :end]), kind)
    since_midnight = _since(cells, end, zone)
    ends = np.flatnonzero((since_midnight % 21600 == 0) | (np.arange(end) == end - 1))
    known = np.cumsum(cells.present[0, :end] > 0)[ends]
    is_silent = np.diff(known, prepend=0) == 0
    before = running[np.maximum(np.append(0, ends[:-1] + 1) - 1, 0)]
    told = (since_midnight[ends] / 86400, running[ends], before, is_silent)
    for place, total, at_first, silent in zip(*(column.tolist() for column in told), strict=True):
        if not silent and points[-1][1] is None:
            points.append([points[-1][0], round(at_first, 3)])
        points.append([round(place, 4), None if silent else round(total, 3)])
    return points


__all__ = ["State", "cumulative", "lacking", "numbers", "profile"]
