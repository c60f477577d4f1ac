"""Consumption in detail as one table: points side by side, or a row a point where they are many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from faza.core.windows import Windows
from faza.reports import buckets, wording
from faza.reports.buckets import Buckets
from faza.reports.gathering import (
    I64,
    Point,
    Tally,
    asked_of,
    batches,
    key_of,
    numbers,
    rounded,
    states_of,
    stretches,
    texts,
)
from faza.reports.parameters import Parameters, Resolution
from faza.reports.registry import Field, KindOfReport
from faza.reports.table import Block, Cells, Chart, Column, Kind, Role, Series, Table
from faza.ui.periods import Shown

MOST_COLUMNS = 100
"""Points that stand side by side; of more each has a row."""
MOST_TIMES = 800
"""Columns of time where each point has a row: the hours of a month and some."""
MOST_BARS = 6
MOST_DRAWN = 400
"""Rows of bars in the chart, and bars of each."""


def make(windows: Windows, parameters: Parameters, at: datetime) -> Table:
    points, windows = asked_of(windows, parameters.commodity)
    table = Table(
        str(KIND.title), wording.period(parameters.shown, points), (), (), at,
        facts=wording.facts(
            parameters, points, (pgettext("report", "Rows"), buckets.called(parameters.resolution))
        ),
        notes=[*wording.nothing(points), *wording.unfinished(parameters.shown, points, at)],
    )  # fmt: skip
    if len(points) > MOST_COLUMNS:
        return _a_row_a_point(table, points, windows, parameters)
    return _side_by_side(table, points, windows, parameters)


def _side_by_side(
    table: Table, points: Sequence[Point], windows: Windows, parameters: Parameters
) -> Table:
    unit, digits = wording.unit(parameters), parameters.digits
    together = Column("all", _("Together"), Kind.NUMBER, unit, digits)
    table.columns = (
        buckets.column(parameters),
        *(Column(key_of(point), point.name, Kind.NUMBER, unit, digits) for point in points),
        *((together,) if len(points) > 1 else ()),
    )
    blocks = _rows(table, points, windows, parameters)
    if buckets.count(parameters) > MOST_DRAWN or not points:
        table.blocks = blocks
        return table
    made = list(blocks)
    table.blocks, table.n_rows = made, sum(len(block) for block in made)
    table.chart = _chart(made, points, parameters)
    return table


def _rows(
    table: Table, points: Sequence[Point], windows: Windows, parameters: Parameters
) -> Iterator[Block]:
    tallies = [Tally() for _point in points]
    # Months are not cut: a stretch would end inside one.
    per_day = len(points) * (24 if parameters.resolution == Resolution.HOUR else 1)
    parts = (
        [(parameters.first, parameters.end)]
        if parameters.resolution == Resolution.MONTH
        else stretches(parameters.first, parameters.end, per_day)
    )
    for first, end in parts if points else ():
        part = replace(parameters, shown=Shown("any", first, end - timedelta(days=1)))
        found = buckets.asked(windows, part, at=table.made_at)
        if found.expected.any():
            yield _block(found, points, tallies, parameters)
    whole = Tally()
    for tally in tallies:
        whole.join(tally)
    if whole.expected:
        kind, digits = parameters.reading_type, parameters.digits
        sums = [tally.cell(kind, digits) for tally in tallies]
        sums += [whole.cell(kind, digits)] if len(points) > 1 else []
        yield Block((buckets.nowhere(parameters), *sums), Role.TOTAL)
    table.notes += wording.quality(whole) if points else []


def _block(
    found: Buckets, points: Sequence[Point], tallies: Sequence[Tally], parameters: Parameters
) -> Block:
    """All points at the times of which something is expected of any of them."""
    told = np.flatnonzero(found.expected.any(axis=0))
    columns = [Cells(found.labels[told])]
    for point, tally in zip(points, tallies, strict=True):
        row = found.row(point.id)
        sums = [part[told] for part in found.sums(row)] if row is not None else _nothing(told)
        tally.add(*sums)
        columns.append(_cells(sums, parameters))
    if len(points) > 1:
        columns.append(_cells([part.sum(axis=0)[told] for part in _parts(found)], parameters))
    return Block(tuple(columns))


def _parts(found: Buckets) -> tuple[I64, I64, I64, I64]:
    return found.total, found.expected, found.present, found.estimated


def _nothing(told: I64) -> list[I64]:
    return [np.zeros(len(told), np.int64)] * 4


def _cells(sums: Sequence[I64] | I64, parameters: Parameters) -> Cells:
    """A column of total, expected, present, estimated."""
    values = rounded(sums[0], parameters.reading_type, parameters.digits)
    return numbers(values, states_of(*sums[1:]))


def _a_row_a_point(
    table: Table, points: Sequence[Point], windows: Windows, parameters: Parameters
) -> Table:
    """Times are the columns: as many as a table bears, else coarser ones."""
    zones = {point.zone for point in points}
    latest = max(table.made_at.astimezone(ZoneInfo(zone)).date() for zone in zones)
    last = max(parameters.first, min(parameters.shown.last, latest))
    parameters = replace(parameters, shown=Shown("any", parameters.first, last))
    for resolution in (Resolution.DAY, Resolution.MONTH):
        if buckets.count(parameters) > MOST_TIMES and resolution != parameters.resolution:
            parameters = replace(parameters, resolution=resolution)
            table.notes.append(
                _("Too many columns for the rows asked for: the table is %(by)s.")
                % {"by": buckets.called(resolution)}
            )
    unit, digits = wording.unit(parameters), parameters.digits
    labels = buckets.labels_of(zones, parameters)
    names = buckets.labelled(labels, parameters.resolution)
    table.columns = (
        Column("point", _("Usage point")),
        Column("code", _("Code")),
        *(Column(key, name, Kind.NUMBER, unit, digits)
          for key, name in zip(_keys(labels), names, strict=True)),
        Column("all", pgettext("of all times", "Total"), Kind.NUMBER, unit, digits),
    )  # fmt: skip
    table.blocks = _points(table, points, windows, parameters, labels)
    table.n_rows = len(points) + 1
    return table


def _keys(labels: npt.NDArray[np.datetime64]) -> list[str]:
    """Stable names of columns; the hour that comes twice has its number at the end."""
    times = _times(labels).tolist()
    return [
        f"{label}{f'-{time + 1}' if time else ''}"
        for label, time in zip(labels.astype(str).tolist(), times, strict=True)
    ]


def _times(labels: npt.NDArray[np.datetime64]) -> I64:
    """(b,) how often each label has come before; labels ascending."""
    return np.asarray(np.arange(len(labels)) - np.searchsorted(labels, labels), np.int64)


def _points(
    table: Table, points: Sequence[Point], windows: Windows, parameters: Parameters,
    labels: npt.NDArray[np.datetime64],
) -> Iterator[Block]:  # fmt: skip
    whole = np.zeros((4, len(labels)), np.int64)
    for some, seen in batches(points, windows, buckets.count(parameters)):
        found = buckets.asked(seen, parameters, at=table.made_at)
        # Points of other zones may have other hours.
        places = np.searchsorted(labels, found.labels) + _times(found.labels)
        sums = np.zeros((4, len(some), len(labels)), np.int64)
        rows = np.searchsorted(found.points, [point.id for point in some])
        for name, part in enumerate(_parts(found)):
            there = np.isin([point.id for point in some], found.points)
            sums[name][np.ix_(there, places)] = part[rows[there]]
        whole += sums.sum(axis=1)
        columns = [_cells(sums[:, :, place], parameters) for place in range(len(labels))]
        yield Block(
            (
                texts(point.name for point in some), texts(point.code for point in some),
                *columns, _cells(sums.sum(axis=2), parameters),
            )
        )  # fmt: skip
    if whole[1].any():
        columns = [_cells(whole[:, [place]], parameters) for place in range(len(labels))]
        total = _cells(whole.sum(axis=1, keepdims=True), parameters)
        yield Block((texts([""]), texts([""]), *columns, total), Role.TOTAL)
    tally = Tally()
    tally.add(*whole)
    table.notes += wording.quality(tally)


def _chart(
    blocks: Sequence[Block], points: Sequence[Point], parameters: Parameters
) -> Chart | None:
    """Bars of each point; of many points those of their sum."""
    rows = [block for block in blocks if block.role == Role.ROWS]
    if not rows or not len(rows[0]):
        return None
    columns = range(1, len(points) + 1)
    names = [wording.short(point.name) for point in points]
    if len(points) > MOST_BARS:
        columns, names = range(len(points) + 1, len(points) + 2), [_("Together")]
    labels = np.concatenate([block.cells[0].values for block in rows])
    series = tuple(
        Series(
            name,
            np.concatenate([block.cells[column].values for block in rows]),
            np.concatenate([block.cells[column].states for block in rows]),
        )
        for name, column in zip(names, columns, strict=True)
    )
    return Chart(wording.channel(parameters), wording.unit(parameters),
                 buckets.labelled(labels, parameters.resolution), series)  # fmt: skip


def rows(parameters: Parameters, n_points: int) -> int:
    return n_points if n_points > MOST_COLUMNS else buckets.count(parameters)


KIND = KindOfReport(
    code="detail-together",
    title=gettext_lazy("Consumption in detail, one table"),
    description=gettext_lazy("all points side by side"),
    icon="table-column",
    make=make,
    rows=rows,
    fields=frozenset({Field.RESOURCE, Field.CHANNEL, Field.RESOLUTION, Field.DIGITS}),
    place=4,
    resolutions=(Resolution.DAY, Resolution.HOUR, Resolution.MONTH),
)
