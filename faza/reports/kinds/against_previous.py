"""Month against previous: energy and roubles of a period beside those of the one before it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from faza.charges.queries import charged
from faza.core.reading_types import A_PLUS
from faza.core.windows import Windows
from faza.readings.queries import consumption
from faza.reports import wording
from faza.reports.gathering import (
    I64,
    Floats,
    Point,
    Tally,
    asked_of,
    batches,
    numbers,
    rounded,
    shares,
    states_of,
    texts,
    zones_of,
)
from faza.reports.parameters import Parameters
from faza.reports.registry import Field, KindOfReport
from faza.reports.table import Block, Cells, Chart, Column, Kind, Role, Series, State, States, Table
from faza.ui import formats

MOST_BARS = 40
"""Points of the chart; of more there is none."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Civil days [first, end)."""

    first: date
    end: date

    @property
    def label(self) -> str:
        return formats.dates(self.first, self.end - timedelta(days=1))


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One period of points, all (p,): energy in quanta, numbers of intervals, kopecks.

    money: State of the kopecks.
    """

    total: I64
    expected: I64
    present: I64
    estimated: I64
    kopecks: I64
    money: States

    @property
    def states(self) -> States:
        return states_of(self.expected, self.present, self.estimated)


def stretches_of(parameters: Parameters, zone: str, at: datetime) -> tuple[Stretch, Stretch]:
    """The period and the one before; of one that is not over the same number of whole days."""
    before = parameters.stepped(-1)
    today = at.astimezone(ZoneInfo(zone)).date()
    if today >= parameters.end:
        return Stretch(parameters.first, parameters.end), Stretch(before.first, before.end)
    end = max(parameters.first, today)
    length = end - parameters.first
    stop = min(before.end, before.first + length)
    return Stretch(parameters.first, end), Stretch(before.first, stop)


def make(windows: Windows, parameters: Parameters, at: datetime) -> Table:
    points, windows = asked_of(windows, parameters.commodity)
    zones = zones_of(points)
    now, before = stretches_of(parameters, zones[0] if zones else wording.MOSCOW, at)
    is_over = now.end == parameters.end
    has_money = parameters.reading_type == A_PLUS and is_over
    table = Table(
        str(KIND.title), wording.period(parameters.shown, points),
        _columns(parameters, now, before, has_money=has_money), (), at,
        facts=wording.facts(
            parameters, points, (_("Compared with"), before.label)
        ),
        notes=[*wording.nothing(points), *wording.unfinished(parameters.shown, points, at)],
    )  # fmt: skip
    if not is_over:
        table.notes.append(
            _("Whole days are compared: %(now)s with %(before)s.")
            % {"now": now.label, "before": before.label}
        )
    if has_money:
        table.notes.append(_("Roubles are a reference calculation, not a bill."))
    table.n_rows = len(points) + (len(points) > 1)
    blocks = _blocks(table, points, windows, parameters, has_money=has_money)
    if len(points) > MOST_BARS:
        table.blocks = blocks
        return table
    table.blocks = made = list(blocks)
    table.chart = _chart(made, parameters, now, before)
    return table


def _columns(
    parameters: Parameters, now: Stretch, before: Stretch, *, has_money: bool
) -> tuple[Column, ...]:
    unit, digits = wording.unit(parameters), parameters.digits
    energy, money = wording.channel(parameters), _("Cost")
    columns = [
        Column("point", _("Usage point")),
        Column("code", _("Code")),
        Column("now", now.label, Kind.NUMBER, unit, digits, energy),
        Column("before", before.label, Kind.NUMBER, unit, digits, energy),
        Column("change", pgettext("report", "Change"), Kind.NUMBER, unit, digits, energy),
        Column("percent", pgettext("report", "Change"), Kind.PERCENT, "%", 1, energy),
        Column("complete", _("Completeness"), Kind.PERCENT, "%", 1, energy),
        Column("complete_before", _("Completeness before"), Kind.PERCENT, "%", 1, energy),
    ]
    if has_money:
        columns += [
            Column("roubles", now.label, Kind.MONEY, "₽", 2, money),
            Column("roubles_before", before.label, Kind.MONEY, "₽", 2, money),
            Column("roubles_change", pgettext("report", "Change"), Kind.MONEY, "₽", 2, money),
        ]
    return tuple(columns)


def _blocks(
    table: Table, points: Sequence[Point], windows: Windows, parameters: Parameters, *,
    has_money: bool,
) -> Iterator[Block]:  # fmt: skip
    sums: list[list[Side]] = []
    whole = Tally()
    for zone in zones_of(points):
        stretches = stretches_of(parameters, zone, table.made_at)
        is_over = stretches[0].end == parameters.end
        mine = [point for point in points if point.zone == zone]
        for some, seen in batches(mine, windows):
            sides = [
                _side(some, seen, parameters, stretch, table.made_at,
                      has_money=has_money and is_over)
                for stretch in stretches
            ]  # fmt: skip
            whole.add(sides[0].total, sides[0].expected, sides[0].present, sides[0].estimated)
            sums.append([_together(side) for side in sides])
            yield Block(
                (
                    texts(point.name for point in some), texts(point.code for point in some),
                    *_cells(sides[0], sides[1], parameters, has_money=has_money),
                )
            )  # fmt: skip
    if len(points) > 1:
        now, before = (_together(_joined([pair[side] for pair in sums])) for side in (0, 1))
        cells = _cells(now, before, parameters, has_money=has_money)
        yield Block((texts([""]), texts([""]), *cells), Role.TOTAL)
    table.notes += wording.quality(whole) if points else []


def _side(
    points: Sequence[Point], windows: Windows, parameters: Parameters, stretch: Stretch,
    at: datetime, *, has_money: bool,
) -> Side:  # fmt: skip
    """One period of points in their order. Eight queries at most."""
    ids = np.array([point.id for point in points], np.int64)
    found = consumption(
        windows, [parameters.reading_type.code], stretch.first, stretch.end, "month", until=at
    )
    place = np.searchsorted(found.usage_points, ids)
    there = np.isin(ids, found.usage_points)
    place = place.clip(max=max(len(found.usage_points) - 1, 0))

    def sums(values: npt.NDArray[np.int64] | npt.NDArray[np.int32]) -> I64:
        made = np.zeros(len(ids), np.int64)
        made[there] = values.sum(axis=1, dtype=np.int64)[place[there]]
        return made

    kopecks, money = np.zeros(len(ids), np.int64), np.full(len(ids), State.MISSING, np.uint8)
    if has_money:
        kopecks, money = _roubles(ids, windows, stretch)
    return Side(sums(found.total), sums(found.n_expected), sums(found.n_present),
                sums(found.n_estimated), kopecks, money)  # fmt: skip


def _roubles(ids: I64, windows: Windows, stretch: Stretch) -> tuple[I64, States]:
    """Kopecks (p,) of whole months and their states. Two queries."""
    rows = charged(windows, stretch.first, stretch.end)
    order = np.argsort(ids)
    place = order[np.searchsorted(ids, rows.usage_points, sorter=order)] if len(rows) else (
        np.zeros(0, np.int64)
    )  # fmt: skip
    kopecks, known, asked, expected, present, estimated = np.zeros((6, len(ids)), np.int64)
    for made, values in (
        (kopecks, np.where(rows.known, rows.kopecks, 0)), (known, rows.known), (asked, 1),
        (expected, rows.n_expected), (present, rows.n_present), (estimated, rows.n_estimated),
    ):  # fmt: skip
        np.add.at(made, place, values)
    states = np.full(len(ids), State.MEASURED, np.uint8)
    states[estimated > 0] = State.ESTIMATED
    states[(known < asked) | (present < expected)] = State.PARTLY
    states[known == 0] = State.MISSING
    return kopecks, states


def _joined(sides: Sequence[Side]) -> Side:
    """Sums of batches, one below another."""
    parts = {
        name: np.concatenate([getattr(side, name) for side in sides]) for name in Side.__slots__
    }
    return Side(**parts)


def _together(side: Side) -> Side:
    """All points as one."""
    told = side.money[side.money != State.MISSING]
    money = State.MISSING
    if len(told):
        # PARTLY is more than ESTIMATED, and that more than MEASURED.
        money = State.PARTLY if len(told) < len(side.money) else State(int(told.max()))
    sums = {name: getattr(side, name).sum(keepdims=True) for name in Side.__slots__[:5]}
    return Side(**sums, money=np.array([money], np.uint8))


def _cells(
    now: Side, before: Side, parameters: Parameters, *, has_money: bool
) -> list[Cells]:  # fmt: skip
    kind, digits = parameters.reading_type, parameters.digits
    change = _worse(now.states, before.states)
    there = (change != State.MISSING) & (before.total != 0)
    percent = np.full(len(change), np.nan)
    difference = now.total - before.total
    percent[there] = np.round(100 * difference[there] / before.total[there], 1)
    made = [
        numbers(rounded(now.total, kind, digits), now.states),
        numbers(rounded(before.total, kind, digits), before.states),
        numbers(rounded(difference, kind, digits), change),
        Cells(percent, change),
        Cells(shares(now.present, now.expected)),
        Cells(shares(before.present, before.expected)),
    ]
    if has_money:
        made += [
            numbers(_exact(now.kopecks), now.money),
            numbers(_exact(before.kopecks), before.money),
            numbers(_exact(now.kopecks - before.kopecks), _worse(now.money, before.money)),
        ]
    return made


def _exact(kopecks: I64) -> Floats:
    return np.asarray(kopecks / 100, np.float64)


def _worse(one: States, other: States) -> States:
    """(p,) the state of a difference; of MEASURED, ESTIMATED, PARTLY, MISSING the greater."""
    return np.maximum(one, other)


def _chart(
    blocks: Sequence[Block], parameters: Parameters, now: Stretch, before: Stretch
) -> Chart | None:
    rows = [block for block in blocks if block.role == Role.ROWS]
    if not rows:
        return None
    labels = tuple(wording.short(name) for block in rows for name in block.cells[0].values)
    series = tuple(
        Series(
            stretch.label,
            np.concatenate([block.cells[column].values for block in rows]),
            np.concatenate([block.cells[column].states for block in rows]),
        )
        for stretch, column in ((before, 3), (now, 2))
    )
    return Chart(wording.channel(parameters), wording.unit(parameters), labels, series)


def rows(parameters: Parameters, n_points: int) -> int:
    return n_points


KIND = KindOfReport(
    code="against-previous",
    title=gettext_lazy("Month against the previous one"),
    description=gettext_lazy("difference in kWh and ₽"),
    icon="calendar-stats",
    make=make,
    rows=rows,
    fields=frozenset({Field.RESOURCE, Field.CHANNEL, Field.DIGITS}),
    place=5,
    units=("month", "quarter", "year"),
)
