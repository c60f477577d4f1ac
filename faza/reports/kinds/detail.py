"""Consumption in detail: of each point by days, hours or months, one point below another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from faza.core.windows import Windows
from faza.reports import buckets, wording
from faza.reports.buckets import Buckets
from faza.reports.gathering import (
    Point,
    Tally,
    asked_of,
    batches,
    numbers,
    rounded,
    same,
    shares,
    states_of,
)
from faza.reports.parameters import Parameters, Resolution
from faza.reports.registry import Field, KindOfReport
from faza.reports.table import Block, Cells, Chart, Column, Kind, Role, Series, State, Table

MOST_BARS = 4
"""Points of the chart; of more there is none."""


def make(windows: Windows, parameters: Parameters, at: datetime) -> Table:
    points, windows = asked_of(windows, parameters.commodity)
    unit, digits = wording.unit(parameters), parameters.digits
    zones = buckets.zones_told(windows, parameters)
    columns = [
        Column("point", _("Usage point")),
        Column("code", _("Code")),
        buckets.column(parameters),
        Column("used", pgettext("report", "Consumption"), Kind.NUMBER, unit, digits),
        *(Column(f"t{one}", name, Kind.NUMBER, unit, digits, _("By zones of the day"))
          for one, name in zones.items()),
        Column("complete", _("Completeness"), Kind.PERCENT, "%", 1),
        Column("estimated", _("Estimated"), Kind.PERCENT, "%", 1),
    ]  # fmt: skip
    table = Table(
        str(KIND.title), wording.period(parameters.shown, points), tuple(columns), (), at,
        facts=wording.facts(
            parameters, points, (pgettext("report", "Rows"), buckets.called(parameters.resolution))
        ),
        notes=[*wording.nothing(points), *wording.unfinished(parameters.shown, points, at)],
    )  # fmt: skip
    drawn: list[tuple[Point, Block]] = []
    blocks = _blocks(table, points, windows, parameters, list(zones), drawn)
    if len(points) > MOST_BARS:
        table.blocks = blocks
        return table
    made = list(blocks)
    table.blocks, table.n_rows = made, sum(len(block) for block in made)
    table.chart = _chart(drawn, parameters)
    return table


def _blocks(
    table: Table, points: Sequence[Point], windows: Windows, parameters: Parameters,
    zones: Sequence[int], drawn: list[tuple[Point, Block]],
) -> Iterator[Block]:  # fmt: skip
    whole, in_zones = Tally(), [Tally() for _zone in zones]
    each = buckets.each(parameters)
    for some, seen in batches(points, windows, each):
        found = buckets.asked(seen, parameters, at=table.made_at)
        split = buckets.split(some, seen, parameters, zones, found, at=table.made_at)
        for row, point in enumerate(some):
            place = found.row(point.id)
            if place is None:
                continue
            tally = Tally()
            tally.add(*found.sums(place))
            of_zones = [Tally() for _zone in zones]
            for one, part in zip(of_zones, split, strict=True):
                one.add(*part.sums(row))
            told = np.flatnonzero(found.expected[place])
            if not len(told):
                continue
            block = Block(
                (
                    same(point.name, len(told)), same(point.code, len(told)),
                    Cells(found.labels[told]),
                    _numbers(found, place, told, parameters),
                    *_zones(found, place, split, row, told, parameters),
                    Cells(shares(found.present[place, told], found.expected[place, told])),
                    Cells(shares(found.estimated[place, told], found.present[place, told])),
                ),
                title=point.name,
            )  # fmt: skip
            drawn += [(point, block)] if len(drawn) < MOST_BARS else []
            yield block
            yield Block(_sum(tally, of_zones, point.name, point.code, parameters),
                        Role.SUBTOTAL, point.name)  # fmt: skip
            whole.join(tally)
            for one, more in zip(in_zones, of_zones, strict=True):
                one.join(more)
    if len(points) > 1 and whole.expected:
        yield Block(_sum(whole, in_zones, "", "", parameters), Role.TOTAL)
    table.notes += wording.quality(whole) if points else []
    if zones:
        table.notes.append(buckets.unzoned(whole, in_zones))


def _numbers(found: Buckets, row: int, told: np.ndarray, parameters: Parameters) -> Cells:
    states = states_of(
        found.expected[row, told], found.present[row, told], found.estimated[row, told]
    )
    values = rounded(found.total[row, told], parameters.reading_type, parameters.digits)
    return numbers(values, states)


def _zones(
    found: Buckets, place: int, split: Sequence[Buckets], row: int, told: np.ndarray,
    parameters: Parameters,
) -> list[Cells]:  # fmt: skip
    """Columns of zones. Where all of an hour or day is in other zones, a zone has used nothing:
    that is a zero, not a gap."""
    within = sum((part.expected[row, told] for part in split), np.zeros(len(told), np.int64))
    is_known = within == found.expected[place, told]
    made = []
    for part in split:
        total, *counts = (sums[told] for sums in part.sums(row))
        states = states_of(*counts)
        states[is_known & (counts[0] == 0)] = State.MEASURED
        values = rounded(total, parameters.reading_type, parameters.digits)
        made.append(numbers(values, states))
    return made


def _sum(
    tally: Tally, zones: Sequence[Tally], name: str, code: str, parameters: Parameters
) -> tuple[Cells, ...]:  # fmt: skip
    kind, digits = parameters.reading_type, parameters.digits
    return (
        same(name, 1), same(code, 1), buckets.nowhere(parameters),
        tally.cell(kind, digits), *(one.cell(kind, digits) for one in zones), tally.share(),
        tally.estimated_share(),
    )  # fmt: skip


def _chart(drawn: Sequence[tuple[Point, Block]], parameters: Parameters) -> Chart | None:
    """Bars of each point; of points whose times differ there is none."""
    if not drawn:
        return None
    labels = drawn[0][1].cells[2].values
    if any(not np.array_equal(block.cells[2].values, labels) for _point, block in drawn):
        return None
    series = tuple(
        Series(wording.short(point.name), block.cells[3].values, block.cells[3].states)
        for point, block in drawn
    )
    return Chart(wording.channel(parameters), wording.unit(parameters),
                 buckets.labelled(labels, parameters.resolution), series)  # fmt: skip


def rows(parameters: Parameters, n_points: int) -> int:
    return n_points * (buckets.count(parameters) + 1)


KIND = KindOfReport(
    code="detail",
    title=gettext_lazy("Consumption in detail"),
    description=gettext_lazy("by days or hours"),
    icon="list-details",
    make=make,
    rows=rows,
    fields=frozenset(
        {Field.RESOURCE, Field.CHANNEL, Field.RESOLUTION, Field.DIGITS, Field.TARIFFS}
    ),
    place=3,
    resolutions=(Resolution.DAY, Resolution.HOUR, Resolution.MONTH),
)
