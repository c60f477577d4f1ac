"""Readings and consumption: what registers showed at both ends of a period, and the difference.

Source of the meaning of the ticks: design/rules.md, «Reports».
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from faza.core.periods import Period
from faza.core.windows import Windows
from faza.readings import registers
from faza.reports import wording
from faza.reports.between import Between, Row, read
from faza.reports.gathering import (
    Point,
    asked_of,
    batches,
    civil,
    numbers,
    texts,
    told,
    zones_of,
)
from faza.reports.parameters import Parameters
from faza.reports.registry import Field, KindOfReport
from faza.reports.table import Block, Cells, Column, Kind, Role, State, Table
from faza.ui import formats


def make(windows: Windows, parameters: Parameters, at: datetime) -> Table:
    points, windows = asked_of(windows, parameters.commodity)
    unit, digits = wording.unit(parameters), parameters.digits
    opening, closing = _("At the beginning"), _("At the end")
    columns = (
        Column("point", _("Usage point")),
        Column("code", _("Code")),
        Column("meter", _("Meter")),
        Column("register", pgettext("column", "Register")),
        Column("opened", _("Moment"), Kind.MOMENT, group=opening),
        Column("opening", _("Reading"), Kind.NUMBER, unit, digits, opening),
        Column("closed", _("Moment"), Kind.MOMENT, group=closing),
        Column("closing", _("Reading"), Kind.NUMBER, unit, digits, closing),
        Column("difference", _("Difference"), Kind.NUMBER, unit, digits),
        Column("ratio", _("Ratio")),
        Column("used", pgettext("report", "Consumption"), Kind.NUMBER, unit, digits),
        Column("note", _("Note")),
    )
    table = Table(
        str(KIND.title), wording.period(parameters.shown, points), columns, (), at,
        facts=wording.facts(
            parameters, points,
            wording.tick(pgettext("tick", "Tariffs"), is_on=parameters.tariffs),
            wording.tick(_("Fixed readings only"), is_on=parameters.only_fixed),
            wording.tick(_("With replacements"), is_on=parameters.with_replacements),
        ),
        notes=[*wording.nothing(points), *_unfinished(points, parameters, at)],
    )  # fmt: skip
    table.blocks = _blocks(table, points, windows, parameters)
    return table


def period_of(parameters: Parameters, zone: str, at: datetime) -> Period | None:
    """From the start of the first day to the end of the last one that is over; None for none."""
    today: date = at.astimezone(ZoneInfo(zone)).date()
    end = min(parameters.end, today)
    return Period.of_days(parameters.first, end, zone) if parameters.first < end else None


def _unfinished(points: Sequence[Point], parameters: Parameters, at: datetime) -> list[str]:
    """A footnote where the period is not over; days of points in several zones end apart."""
    if not wording.unfinished(parameters.shown, points, at):
        return []
    today = at.astimezone(ZoneInfo(points[0].zone if points else wording.MOSCOW)).date()
    return [_("The period is not over: readings are those of the beginning of %(day)s.")
            % {"day": formats.day(today)}]  # fmt: skip


class _Counts:
    """What notes and totals are made of, over all points."""

    def __init__(self) -> None:
        self.used = Fraction(0)
        self.known = self.points = self.replaced = self.fell = self.carried = self.other = 0

    def add(self, found: Between) -> None:
        """The rows of one point."""
        self.points += 1
        self.replaced += found.is_replaced
        self.fell += sum(row.fell for row in found.rows)
        for row in found.rows:
            self.carried += State.CARRIED in (row.opening_state, row.closing_state)
            self.other += row.is_of_other_moments
        if found.used is not None:
            self.known += 1
            self.used += found.used


def _blocks(
    table: Table, points: Sequence[Point], windows: Windows, parameters: Parameters
) -> Iterator[Block]:
    counts = _Counts()
    for zone in zones_of(points):
        mine = [point for point in points if point.zone == zone]
        period = period_of(parameters, zone, table.made_at)
        if period is None:
            continue
        for some, seen in batches(mine, windows):
            rows: list[Row] = []
            names: list[Point] = []
            found = read(some, seen, period, parameters, at=table.made_at)
            for point, between in zip(some, found, strict=True):
                counts.add(between)
                rows += between.rows
                names += [point] * len(between.rows)
                if between.is_several:
                    yield _block(rows, names, zone, parameters)
                    rows, names = [], []
                    yield _sum(between, point, parameters)
            if rows:
                yield _block(rows, names, zone, parameters)
    if counts.points > 1:
        yield _total(counts, parameters)
    table.notes += _notes(counts, parameters)


def _block(
    rows: Sequence[Row], points: Sequence[Point], zone: str, parameters: Parameters
) -> Block:
    kind, digits = parameters.reading_type, parameters.digits

    def moments(name: str) -> Cells:
        return Cells(civil(np.array([getattr(row, name) for row in rows], np.int64), zone))

    def values(name: str, state: str) -> Cells:
        shown = np.array([told(getattr(row, name), kind, digits) for row in rows], np.float64)
        return numbers(shown, np.array([getattr(row, state) for row in rows], np.uint8))

    return Block(
        (
            texts(point.name for point in points),
            texts(point.code for point in points),
            texts(row.meter for row in rows),
            texts(_register(row, parameters) for row in rows),
            moments("opened_at"),
            values("opening", "opening_state"),
            moments("closed_at"),
            values("closing", "closing_state"),
            values("difference", "used_state"),
            texts(_ratio(row.ratio) for row in rows),
            values("used", "used_state"),
            texts(_note(row) for row in rows),
        )
    )


def _register(row: Row, parameters: Parameters) -> str:
    if row.tariff:
        return f"T{row.tariff} {row.zone}".strip()
    return pgettext("register", "Sum")


def _ratio(ratio: Fraction | None) -> str:
    if ratio is None:
        return ""
    return str(ratio.numerator) if ratio.denominator == 1 else formats.number(float(ratio), 4)


def _note(row: Row) -> str:
    said = []
    if row.is_missing:
        said.append(_("no meter at the point"))
    if row.fell:
        said.append(_("the reading fell: not counted"))
    if row.rolled:
        said.append(_("the register went over its greatest number"))
    if row.is_of_other_moments:
        said.append(_("by readings of other moments"))
    if row.is_late:
        said.append(_("the meter was replaced: only the present one"))
    elif row.is_cut:
        said.append(_("a part of the period without a meter"))
    return "; ".join(said)


def _sum(between: Between, point: Point, parameters: Parameters) -> Block:
    """Of a point that several rows make up: its consumption by all of them."""
    return Block(
        _sum_cells(
            between.used, between.state, parameters, point.name, point.code,
            _("sum of the meters"),
        ),
        Role.SUBTOTAL,
    )  # fmt: skip


def _total(counts: _Counts, parameters: Parameters) -> Block:
    state = State.MEASURED if counts.known == counts.points else State.PARTLY
    used = counts.used if counts.known else None
    note = _("%(known)s points of %(all)s") % {
        "known": formats.number(counts.known), "all": formats.number(counts.points)
    }  # fmt: skip
    cells = _sum_cells(used, state if counts.known else State.MISSING, parameters, "", "", note)
    return Block(cells, Role.TOTAL)


def _sum_cells(
    used: Fraction | None, state: State, parameters: Parameters, name: str, code: str, note: str
) -> tuple[Cells, ...]:
    value = np.array([told(used, parameters.reading_type, parameters.digits)])
    nowhere, nan = np.array(["NaT"], "datetime64[m]"), np.array([np.nan])
    return (
        texts([name]), texts([code]), texts([""]), texts([""]), Cells(nowhere), Cells(nan),
        Cells(nowhere), Cells(nan), Cells(nan), texts([""]),
        numbers(value, np.array([state], np.uint8)), texts([note]),
    )  # fmt: skip


def _notes(counts: _Counts, parameters: Parameters) -> list[str]:
    said = []
    if parameters.only_fixed:
        said.append(_("Only readings that the meter captured at the very boundary; where there is"
                      " none stands a dash."))  # fmt: skip
    if counts.carried:
        said.append(_("Readings carried to the boundary by the load profile: %(count)s.")
                    % {"count": formats.number(counts.carried)})  # fmt: skip
    if counts.other:
        said.append(
            _("Rows by readings of other moments than the boundaries: %(count)s; their consumption"
              " is that between the moments told.") % {"count": formats.number(counts.other)}
        )  # fmt: skip
    if counts.replaced:
        text = (
            _("Meters were replaced at points: %(count)s; each meter is a row of its own.")
            if parameters.with_replacements
            else _("Meters were replaced at points: %(count)s; only the present meter is told.")
        )
        said.append(text % {"count": formats.number(counts.replaced)})
    if counts.fell:
        said.append(_("Readings that fell and are not counted: %(count)s.")
                    % {"count": formats.number(counts.fell)})  # fmt: skip
    if counts.known < counts.points:
        said.append(_("Points of which the consumption is not known: %(count)s.")
                    % {"count": formats.number(counts.points - counts.known)})  # fmt: skip
    return said


def rows(parameters: Parameters, n_points: int) -> int:
    """A row a point; with tariffs a row more for each of two zones."""
    is_zoned = parameters.tariffs and parameters.reading_type.code not in registers.SINGLE
    return n_points * (3 if is_zoned else 1)


KIND = KindOfReport(
    code="readings",
    title=gettext_lazy("Readings and consumption"),
    description=gettext_lazy("at the beginning and at the end, by zones"),
    icon="gauge",
    make=make,
    rows=rows,
    fields=frozenset(
        {
            Field.RESOURCE,
            Field.CHANNEL,
            Field.DIGITS,
            Field.TARIFFS,
            Field.FIXED,
            Field.REPLACEMENTS,
        }
    ),  # fmt: skip
    place=2,
)
