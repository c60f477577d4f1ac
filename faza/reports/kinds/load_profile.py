"""Load profile: every interval of the chosen points, side by side or one below another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from faza.core.windows import Windows
from faza.reports import steps, wording
from faza.reports.gathering import (
    VALUES,
    Point,
    Tally,
    asked_of,
    batches,
    civil,
    key_of,
    none,
    numbers,
    rounded,
    same,
    states_of,
    stretches,
    texts,
    zones_of,
)
from faza.reports.parameters import Layout, Parameters, Resolution
from faza.reports.registry import TABLES, Field, Format, KindOfReport
from faza.reports.steps import Steps
from faza.reports.table import (
    Block,
    Cells,
    Chart,
    Column,
    Kind,
    Role,
    Series,
    State,
    States,
    Table,
)
from faza.reports.zoned import Told
from faza.ui import formats

MOST_COLUMNS = 100
"""Points that stand side by side; more stand one below another."""
MOST_LINES = 6
MOST_DRAWN = 3_000
"""Lines of the chart, and steps of time in it."""
A_DAY = 48
"""Half-hours: the steps of a day, about."""


def make(windows: Windows, parameters: Parameters, at: datetime) -> Table:
    points, windows = asked_of(windows, parameters.commodity)
    table = Table(
        str(KIND.title), wording.period(parameters.shown, points), (), (), at,
        facts=wording.facts(parameters, points),
        notes=[*wording.nothing(points), *wording.unfinished(parameters.shown, points, at)],
    )  # fmt: skip
    if parameters.layout == Layout.COLUMNS and points:
        if len(points) <= MOST_COLUMNS and len(zones_of(points)) == 1:
            return _side_by_side(table, points, windows, parameters)
        table.notes.append(_("The points stand one below another: they are too many to stand side"
                             " by side, or their days begin at different moments."))  # fmt: skip
    return _below(table, points, windows, parameters)


def _minutes(windows: Windows, parameters: Parameters) -> int:
    if parameters.resolution == Resolution.HOUR or not len(windows):
        return 60
    code = parameters.reading_type.code
    return steps.step_of(windows, code, parameters.first, parameters.end)


def _side_by_side(
    table: Table, points: Sequence[Point], windows: Windows, parameters: Parameters
) -> Table:
    unit = wording.unit(parameters)
    of_points = [
        Column(key_of(point), point.name, Kind.NUMBER, unit, parameters.digits) for point in points
    ]
    together = [Column("all", _("Together"), Kind.NUMBER, unit, parameters.digits)]
    zones = Told(windows, parameters)
    table.columns = (
        Column("start", pgettext("of an interval", "Beginning"), Kind.MOMENT),
        *zones.columns,
        *of_points,
        *(together if len(points) > 1 else ()),
        Column("state", pgettext("column", "State")),
    )
    minutes = _minutes(windows, parameters)
    table.notes.append(_step(minutes))
    drawn: list[Steps] = []
    blocks = _rows_side_by_side(table, points, windows, parameters, minutes, drawn, zones)
    days = (parameters.end - parameters.first).days
    if days * 1440 // minutes * len(points) > VALUES:
        table.blocks = blocks
        return table
    made = list(blocks)
    table.blocks = made
    table.n_rows = sum(len(block) for block in made)
    table.chart = _chart(points, drawn, parameters)
    return table


def _rows_side_by_side(
    table: Table, points: Sequence[Point], windows: Windows, parameters: Parameters, minutes: int,
    drawn: list[Steps], zones: Told,
) -> Iterator[Block]:  # fmt: skip
    """Blocks of stretches of days, sums of zones, the total. drawn: gets what they are made of."""
    kind, digits = parameters.reading_type, parameters.digits
    tallies = [Tally() for _point in points]
    whole = Tally()
    each = len(points) * 1440 // minutes
    for first, end in stretches(parameters.first, parameters.end, each):
        found = steps.steps_of(
            points, windows, kind.code, first, end, minutes=minutes, at=table.made_at
        )
        told = np.flatnonzero(found.expected.any(axis=0))
        if not len(told):
            continue
        if sum(len(one.starts) for one in drawn) <= MOST_DRAWN:
            drawn.append(found)
        states = found.states[:, told]
        columns = [Cells(civil(found.starts[told], points[0].zone))]
        columns += zones.cells(zones.add(points, found)[:, told])
        for row, tally in enumerate(tallies):
            values = rounded(found.total[row, told], kind, digits)
            columns.append(numbers(values, states[row]))
            tally.add(
                found.total[row], found.expected[row], found.present[row], found.estimated[row]
            )
        sums = [
            getattr(found, name)[:, told].sum(axis=0)
            for name in ("total", "expected", "present", "estimated")
        ]
        together = states_of(*sums[1:])
        if len(points) > 1:
            columns.append(numbers(rounded(sums[0], kind, digits), together))
        else:
            together = states[0]
        columns.append(texts(_named(together)))
        yield Block(tuple(columns))
    for tally in tallies:
        whole.join(tally)
    for title, of_zone in zones.sums(points) if whole.expected else ():
        yield _total(of_zone, parameters, [same(title, 1)])
    if whole.expected:
        yield _total(tallies, parameters, [same("", 1)] if zones.columns else [])
    table.notes += wording.quality(whole) if points else []
    table.notes += zones.notes(whole)


def _total(tallies: Sequence[Tally], parameters: Parameters, zone: list[Cells]) -> Block:
    """The sum of each point and of all together."""
    kind, digits = parameters.reading_type, parameters.digits
    whole = Tally()
    for tally in tallies:
        whole.join(tally)
    cells = [Cells(np.array(["NaT"], "datetime64[m]")), *zone]
    cells += [tally.cell(kind, digits) for tally in tallies]
    cells += [whole.cell(kind, digits)] if len(tallies) > 1 else []
    return Block((*cells, same("", 1)), Role.TOTAL)


def _below(
    table: Table, points: Sequence[Point], windows: Windows, parameters: Parameters
) -> Table:
    unit = wording.unit(parameters)
    zones = Told(windows, parameters)
    table.columns = (
        Column("point", _("Usage point")),
        Column("code", _("Code")),
        Column("start", pgettext("of an interval", "Beginning"), Kind.MOMENT),
        *zones.columns,
        Column("minutes", _("Length"), Kind.COUNT, formats.unit_name("min")),
        Column("value", wording.channel(parameters), Kind.NUMBER, unit, parameters.digits),
        Column("state", pgettext("column", "State")),
    )
    table.blocks = _rows_below(table, points, windows, parameters, zones)
    return table


def _rows_below(
    table: Table, points: Sequence[Point], windows: Windows, parameters: Parameters, zones: Told
) -> Iterator[Block]:
    """Blocks of points, each with its sum, then the total."""
    kind, digits = parameters.reading_type, parameters.digits
    days = (parameters.end - parameters.first).days
    whole = Tally()
    for zone in zones_of(points):
        mine = [point for point in points if point.zone == zone]
        for some, seen in batches(mine, windows, days * A_DAY):
            minutes = _minutes(seen, parameters)
            found = steps.steps_of(
                some, seen, kind.code, parameters.first, parameters.end, minutes=minutes,
                at=table.made_at,
            )  # fmt: skip
            moments, states = civil(found.starts, zone), found.states
            of_zones = zones.add(some, found)
            for row, point in enumerate(some):
                told = np.flatnonzero(found.expected[row])
                tally = Tally()
                tally.add(found.total[row], found.expected[row], found.present[row],
                          found.estimated[row])  # fmt: skip
                whole.join(tally)
                if not len(told):
                    continue
                count = len(told)
                yield Block(
                    (
                        same(point.name, count), same(point.code, count), Cells(moments[told]),
                        *zones.cells(of_zones[[row]][:, told]),
                        Cells(np.full(count, float(minutes))),
                        numbers(rounded(found.total[row, told], kind, digits), states[row, told]),
                        texts(_named(states[row, told])),
                    ),
                    title=point.name,
                )  # fmt: skip
                for title, (of_zone,) in zones.sums([point]):
                    yield _sum(of_zone, point, parameters, [same(title, 1)])
                yield _sum(tally, point, parameters, [same("", 1)] if zones.columns else [])
    if len(points) > 1 and whole.expected:
        yield _sum(whole, None, parameters, [same("", 1)] if zones.columns else [])
    table.notes += wording.quality(whole) if points else []
    table.notes += zones.notes(whole)


def _sum(tally: Tally, point: Point | None, parameters: Parameters, zone: list[Cells]) -> Block:
    """Of a point, or of all of them."""
    name, code = (point.name, point.code) if point else ("", "")
    cells = (
        same(name, 1), same(code, 1), Cells(np.array(["NaT"], "datetime64[m]")), *zone, none(1),
        tally.cell(parameters.reading_type, parameters.digits), same("", 1),
    )  # fmt: skip
    return Block(cells, Role.SUBTOTAL if point else Role.TOTAL, name)


def _step(minutes: int) -> str:
    return _("Each row is what was used in %(minutes)s minutes.") % {"minutes": minutes}


def _named(states: States) -> list[str]:
    names = {
        State.MEASURED: pgettext("state", "measured"),
        State.ESTIMATED: pgettext("state", "estimated"),
        State.PARTLY: pgettext("state", "partly"),
        State.MISSING: pgettext("state", "no data"),
        State.CARRIED: pgettext("state", "carried"),
        State.MANUAL: pgettext("state", "typed in"),
    }
    listed = [names[State(code)] for code in range(len(names))]
    return [listed[state] for state in states.tolist()]


def _chart(points: Sequence[Point], drawn: Sequence[Steps], parameters: Parameters) -> Chart | None:
    """A line a point over the intervals; of many intervals over days, of many points their sum."""
    if not drawn:
        return None
    total, expected, present, estimated = (
        np.concatenate([getattr(one, name) for one in drawn], axis=1)
        for name in ("total", "expected", "present", "estimated")
    )
    starts = np.concatenate([one.starts for one in drawn])
    moments = civil(starts, points[0].zone)
    if len(starts) > MOST_DRAWN:
        days, place = np.unique(moments.astype("datetime64[D]"), return_index=True)
        total, expected, present, estimated = (
            np.add.reduceat(part, place, axis=1)
            for part in (total, expected, present, estimated)
        )  # fmt: skip
        labels = tuple(f"{day.astype(object):%d.%m.%Y}" for day in days)
    else:
        labels = tuple(f"{moment.astype(object):%d.%m %H:%M}" for moment in moments)
    names = [wording.short(point.name) for point in points]
    if len(points) > MOST_LINES:
        total, expected, present, estimated = (
            part.sum(axis=0, keepdims=True) for part in (total, expected, present, estimated)
        )
        names = [_("Together")]
    states = states_of(expected, present, estimated)
    series = tuple(
        Series(name, numbers(rounded(values, parameters.reading_type, parameters.digits),
                             state).values, state)
        for name, values, state in zip(names, total, states, strict=True)
    )  # fmt: skip
    return Chart(wording.channel(parameters), wording.unit(parameters), labels, series,
                 is_line=True)  # fmt: skip


def rows(parameters: Parameters, n_points: int) -> int:
    """Half-hours or hours of the period; of each point where they stand one below another."""
    each = 24 if parameters.resolution == Resolution.HOUR else A_DAY
    count = (parameters.end - parameters.first) // timedelta(days=1) * each
    is_wide = parameters.layout == Layout.COLUMNS and n_points <= MOST_COLUMNS
    return count if is_wide else count * n_points


KIND = KindOfReport(
    code="load-profile",
    title=gettext_lazy("Load profile"),
    description=gettext_lazy("every half-hour, by point"),
    icon="table",
    make=make,
    rows=rows,
    fields=frozenset({Field.RESOURCE, Field.CHANNEL, Field.RESOLUTION, Field.LAYOUT, Field.DIGITS}),
    place=1,
    resolutions=(Resolution.INTERVAL, Resolution.HOUR),
    formats=(*TABLES, Format.X80020),
)
