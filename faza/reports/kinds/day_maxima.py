"""Day maxima of a month: the greatest power of each day, and when it was.

By hours of the day's own beginning (two half-hours), or by shorter stretches. What was estimated,
the spread energy of a gap among it, is no maximum: it is left out and counted.
Source: design/rules.md, «Reports».
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from faza.core.periods import Period
from faza.core.quality import is_estimated, is_present
from faza.core.windows import Windows
from faza.readings.queries import Profile, profiles
from faza.readings.queries.grid import day_starts
from faza.reports import wording
from faza.reports.gathering import (
    I64,
    Point,
    asked_of,
    batches,
    civil,
    numbers,
    rounded,
    same,
    zones_of,
)
from faza.reports.parameters import Parameters
from faza.reports.registry import Field, KindOfReport
from faza.reports.table import Block, Cells, Chart, Column, Kind, Role, Series, State, Table
from faza.ui import formats

MOST_BARS = 4
"""Points of the chart; of more there is none."""
A_DAY = 48
POWER = {"kWh": "kW", "kvarh": "kvar"}
"""The unit of energy in an hour; of others it is the unit by the hour."""


@dataclass(frozen=True, slots=True, eq=False)
class Maxima:
    """Maxima of d days of a point, all (d,).

    energy: quanta in the stretch of the maximum, at: unix seconds at which it begins, 0 where
    nothing was measured throughout. expected, missing, estimated: numbers of intervals.
    """

    energy: I64
    at: I64
    expected: I64
    missing: I64
    estimated: I64

    @property
    def states(self) -> np.ndarray:
        states = np.full(len(self.at), State.MEASURED, np.uint8)
        # What was left out may have hidden a greater one.
        states[self.missing + self.estimated > 0] = State.PARTLY
        states[self.at == 0] = State.MISSING
        return states


def maxima(found: Sequence[Profile], days: I64, minutes: int) -> Maxima:
    """The maxima of a point's profiles over civil days, (d + 1,) unix seconds of their starts."""
    starts, lengths, values, quality = (
        np.concatenate([getattr(one, name) for one in found])
        for name in ("starts", "minutes", "values", "quality")
    )
    count = len(days) - 1
    day = np.searchsorted(days, starts, "right") - 1
    present, estimated = is_present(quality), is_estimated(quality)
    counts = [
        np.bincount(day[mask], minlength=count)
        for mask in (np.ones(len(day), bool), ~present, estimated)
    ]
    energy, at = np.zeros(count, np.int64), np.zeros(count, np.int64)
    if len(starts):
        stretch = days[day] + (starts - days[day]) // (minutes * 60) * (minutes * 60)
        edges = np.flatnonzero(np.append(True, stretch[1:] != stretch[:-1]))
        measured = np.where(present & ~estimated, lengths, 0).astype(np.int64)
        whole = np.add.reduceat(measured, edges) == minutes
        sums = np.add.reduceat(values, edges)
        of_day, begins = day[edges], stretch[edges]
        # The greatest of each day, of equal ones the first.
        order = np.lexsort((begins, -sums, of_day))
        order = order[whole[order]]
        told, first = np.unique(of_day[order], return_index=True)
        best = order[first]
        energy[told], at[told] = sums[best], begins[best]
    return Maxima(energy, at, *counts)


def make(windows: Windows, parameters: Parameters, at: datetime) -> Table:
    points, windows = asked_of(windows, parameters.commodity)
    unit, digits = _unit(parameters), parameters.digits
    excluded = _("Left out, intervals")
    columns = (
        Column("point", _("Usage point")),
        Column("code", _("Code")),
        Column("day", pgettext("column", "Day"), Kind.DAY),
        Column("maximum", _("Maximum"), Kind.NUMBER, unit, digits),
        Column("from", pgettext("of a stretch", "From"), Kind.MOMENT),
        Column("to", pgettext("of a stretch", "To"), Kind.MOMENT),
        Column("expected", pgettext("intervals", "Expected"), Kind.COUNT),
        Column("estimated", pgettext("intervals", "Estimated"), Kind.COUNT, group=excluded),
        Column("missing", pgettext("intervals", "Missing"), Kind.COUNT, group=excluded),
    )
    over = _("%(minutes)s minutes") % {"minutes": parameters.interval}
    table = Table(
        str(KIND.title), wording.period(parameters.shown, points), columns, (), at,
        facts=wording.facts(parameters, points, (_("Maximum over"), over)),
        notes=[*wording.nothing(points), *wording.unfinished(parameters.shown, points, at)],
    )  # fmt: skip
    drawn: list[tuple[str, Block]] = []
    blocks = _blocks(table, points, windows, parameters, drawn)
    if len(points) > MOST_BARS:
        table.blocks = blocks
        return table
    table.blocks = made = list(blocks)
    table.n_rows = sum(len(block) for block in made)
    table.chart = _chart(drawn, parameters)
    return table


def _unit(parameters: Parameters) -> str:
    unit = parameters.reading_type.unit
    if unit in POWER:
        return formats.unit_name(POWER[unit])
    return f"{formats.unit_name(unit)}/{formats.unit_name('h')}"


def _blocks(
    table: Table, points: Sequence[Point], windows: Windows, parameters: Parameters,
    drawn: list[tuple[str, Block]],
) -> Iterator[Block]:  # fmt: skip
    left_out = np.zeros(2, np.int64)
    n_longer = 0
    for zone in zones_of(points):
        mine = [point for point in points if point.zone == zone]
        days = day_starts(parameters.first, parameters.end, zone)
        period = Period.of_days(parameters.first, parameters.end, zone)
        for some, seen in batches(mine, windows, len(days) * A_DAY):
            by_point: dict[int, list[Profile]] = defaultdict(list)
            code = parameters.reading_type.code
            for profile in profiles(seen, [code], period, until=table.made_at):
                by_point[profile.usage_point].append(profile)
            for point in some:
                found = by_point[point.id]
                if not any(len(one.starts) for one in found):
                    continue
                told = maxima(found, days, parameters.interval)
                left_out += told.estimated.sum(), told.missing.sum()
                n_longer += any((one.minutes > parameters.interval).any() for one in found)
                block = _block(told, point, parameters)
                drawn += [(wording.short(point.name), block)] if len(drawn) < MOST_BARS else []
                yield block
                yield _sum(told, point, parameters)
    table.notes += _notes(left_out, n_longer) if points else []


def _block(told: Maxima, point: Point, parameters: Parameters) -> Block:
    shown = np.flatnonzero(told.expected)
    day = np.arange(np.datetime64(parameters.first), np.datetime64(parameters.end))
    cells = _cells(told, shown, point, parameters)
    return Block((same(point.name, len(shown)), same(point.code, len(shown)), Cells(day[shown]),
                  *cells), title=point.name)  # fmt: skip


def _cells(told: Maxima, shown: I64, point: Point, parameters: Parameters) -> list[Cells]:
    minutes = parameters.interval
    power = rounded(
        told.energy[shown], parameters.reading_type, parameters.digits, factor=60 // minutes
    )
    ends = np.where(told.at > 0, told.at + minutes * 60, 0)
    return [
        numbers(power, told.states[shown]),
        Cells(civil(told.at[shown], point.zone)),
        Cells(civil(ends[shown], point.zone)),
        Cells(told.expected[shown].astype(np.float64)),
        Cells(told.estimated[shown].astype(np.float64)),
        Cells(told.missing[shown].astype(np.float64)),
    ]


def _sum(told: Maxima, point: Point, parameters: Parameters) -> Block:
    """The maximum of the month, the first of equal ones."""
    measured = np.where(told.at > 0, told.energy, np.iinfo(np.int64).min)
    best = int(np.argmax(measured))
    whole = Maxima(
        told.energy[[best]], told.at[[best]],
        *(getattr(told, name).sum(keepdims=True) for name in ("expected", "missing", "estimated")),
    )  # fmt: skip
    cells = _cells(whole, np.zeros(1, np.int64), point, parameters)
    # The day stands in the moments; in its own column it would be taken for one more day.
    day = Cells(np.array(["NaT"], "datetime64[D]"))
    return Block((same(point.name, 1), same(point.code, 1), day, *cells), Role.SUBTOTAL,
                 point.name)  # fmt: skip


def _notes(left_out: I64, n_longer: int) -> list[str]:
    estimated, missing = left_out.tolist()
    said = [_("A maximum is the mean power of a stretch that was measured throughout; estimated"
              " intervals, the spread energy of gaps among them, are left out.")]  # fmt: skip
    if estimated or missing:
        said.append(
            _("Left out: %(estimated)s estimated and %(missing)s missing intervals; a day with any"
              " may have had a greater maximum.")
            % {"estimated": formats.number(estimated), "missing": formats.number(missing)}
        )  # fmt: skip
    if n_longer:
        said.append(
            _("Points measured by longer intervals than the maximum is asked over: %(count)s.")
            % {"count": formats.number(n_longer)}
        )
    return said


def _chart(drawn: Sequence[tuple[str, Block]], parameters: Parameters) -> Chart | None:
    """Bars of each point by days; only where they have the same days."""
    if not drawn:
        return None
    days = drawn[0][1].cells[2].values
    if any(not np.array_equal(block.cells[2].values, days) for _name, block in drawn):
        return None
    series = tuple(
        Series(name, block.cells[3].values, block.cells[3].states) for name, block in drawn
    )
    labels = tuple(f"{day:%d.%m}" for day in _dates(days))
    return Chart(_("Maximum of the day"), _unit(parameters), labels, series)


def _dates(days: np.ndarray) -> list[date]:
    listed: list[date] = days.astype(object).tolist()
    return listed


def rows(parameters: Parameters, n_points: int) -> int:
    return n_points * ((parameters.end - parameters.first).days + 1)


KIND = KindOfReport(
    code="day-maxima",
    title=gettext_lazy("Day maxima of a month"),
    description=gettext_lazy("power and its time"),
    icon="chart-bar",
    make=make,
    rows=rows,
    fields=frozenset({Field.RESOURCE, Field.CHANNEL, Field.DIGITS, Field.INTERVAL}),
    place=6,
    units=("month",),
)
