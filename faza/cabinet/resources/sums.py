"""What points used in a month and the month before: kept sums, else their registers.

Pages of thousands of points read what the job keeps; only points without intervals are counted by
registers, and of these the first ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

import numpy as np

from faza.cabinet.arrival import Arrival
from faza.cabinet.choice import Point
from faza.charges import queries as charges
from faza.charges.fleets import Fleet
from faza.core.periods import Period, start_of_day
from faza.core.reading_types import OF_COMMODITY, Commodity, ReadingType
from faza.core.units import round_half_up
from faza.core.windows import Windows
from faza.readings import registers
from faza.readings.register_queries import register_consumptions

AROUND = timedelta(days=35)
BY_REGISTERS = 200
"""Of so many points without intervals the registers are looked at."""


@dataclass(frozen=True, slots=True)
class Used:
    """A point's month: quanta, and how many intervals were expected, present, estimated.

    seconds: between the readings that it was counted by, 0 where intervals were; the counts are 0
    then. None of value: nothing is known.
    """

    value: int | None = None
    expected: int = 0
    present: int = 0
    estimated: int = 0
    seconds: int = 0

    @property
    def by_registers(self) -> bool:
        return self.seconds > 0


NOTHING = Used()


@dataclass(frozen=True, slots=True)
class Sums:
    """By point: the shown month and the one before. as_of: up to when kept sums hold.

    unread: points without intervals whose registers were not looked at.
    """

    now: dict[int, Used]
    before: dict[int, Used]
    as_of: datetime | None
    unread: int = 0


def kind_of(point: Point) -> ReadingType:
    """What is consumed at a point."""
    return OF_COMMODITY[Commodity(point.resource)][0]


def sums(
    windows: Windows, points: Sequence[Point], month: date, come: Arrival, *, at: datetime
) -> Sums:  # fmt: skip
    """At most six questions, whatever the number of points."""
    earlier = (month - timedelta(days=1)).replace(day=1)
    kinds = {kind_of(point).code for point in points}
    found = Fleet.of(windows, at=at, now=at).lately(
        f"zone_months:{earlier}:{sorted(kinds)}",
        lambda: charges.zone_months(
            windows, earlier, charges.next_month(month), sorted(kinds), zones=(0,)
        ),
    )
    found = come.zone_months(found)
    own = {point.id: kind_of(point).code for point in points}
    kept = {earlier: _kept(found, earlier, own), month: _kept(found, month, own)}
    silent = [p for p in points if p.id not in kept[month] and p.id not in kept[earlier]]
    read = silent[:BY_REGISTERS]
    if read:
        for day, used in zip((earlier, month), _read(windows, read, earlier, month, at),
                             strict=True):  # fmt: skip
            kept[day] |= used
    return Sums(kept[month], kept[earlier], found.as_of, max(0, len(silent) - len(read)))


def _kept(found: charges.ZoneMonths, month: date, own: dict[int, int]) -> dict[int, Used]:
    """Sums of a month by point: of the whole month where it is shown, else of own times in it."""
    rows = np.flatnonzero((found.zones == 0) & (found.months == np.datetime64(month, "M")))
    whole: dict[int, Used] = {}
    parts: dict[int, Used] = {}
    for point, kind, agreement, total, expected, present, estimated in zip(
        *(getattr(found, name)[rows].tolist() for name in (
            "usage_points", "reading_types", "agreements", "total", "n_expected", "n_present",
            "n_estimated",
        )), strict=True,
    ):  # fmt: skip
        if own.get(point) != kind or not present:
            continue
        one = Used(total, expected, present, estimated)
        if agreement == 0:
            whole[point] = one
        else:
            parts[point] = _added(parts.get(point, NOTHING), one)
    return parts | whole


def _added(one: Used, other: Used) -> Used:
    return Used(
        (one.value or 0) + (other.value or 0), one.expected + other.expected,
        one.present + other.present, one.estimated + other.estimated,
    )  # fmt: skip


def _read(
    windows: Windows, points: Sequence[Point], earlier: date, month: date, at: datetime
) -> list[dict[int, Used]]:
    """Both months of points by their registers; months begin as the first point's zone has it."""
    zone = points[0].zone
    edges = [start_of_day(day, zone) for day in (earlier, month, charges.next_month(month))]
    edges = [min(edge, at) for edge in edges]
    spans = [Period(start, end) for start, end in zip(edges[:-1], edges[1:], strict=True)]
    numbers = {registers.register(kind_of(point).code) for point in points}
    of_them = windows.of_points([point.id for point in points])
    found = register_consumptions(of_them, spans, numbers, around=AROUND)
    made = []
    for one in found:
        columns = {number: place for place, number in enumerate(one.registers.tolist())}
        used = {}
        for point in points:
            column = columns[registers.register(kind_of(point).code)]
            amount = one.primary(point.id)[column]
            if isinstance(amount, Fraction):
                mine = one.usage_points == point.id
                between = (one.closed_at - one.opened_at)[mine, column]
                used[point.id] = Used(round_half_up(amount), seconds=int(between.sum()))
        made.append(used)
    return made
