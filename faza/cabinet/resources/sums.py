"""What points used in a month and the month before: kept sums, else their registers.

Pages of thousands of points read what the job keeps; only points without intervals are counted by
registers, and of these the first ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import NamedTuple

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


class Used(NamedTuple):
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


KINDS: dict[str, ReadingType] = {str(one): OF_COMMODITY[one][0] for one in Commodity}


def kind_of(point: Point) -> ReadingType:
    """What is consumed at a point."""
    return KINDS[point.resource]


def sums(
    windows: Windows, points: Sequence[Point], month: date, come: Arrival, fleet: Fleet, *,
    at: datetime,
) -> Sums:  # fmt: skip
    """At most six questions, whatever the number of points. at: up to when data are shown."""
    earlier = (month - timedelta(days=1)).replace(day=1)
    kinds = {kind_of(point).code for point in points}
    found = fleet.lately(
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
    points = np.array(list(own), np.int64)
    order = np.argsort(points)
    kinds = np.array(list(own.values()), np.int16)[order]
    place = np.searchsorted(points[order], found.usage_points).clip(max=len(points) - 1)
    rows = (found.zones == 0) & (found.months == np.datetime64(month, "M")) & (found.n_present > 0)
    rows &= (points[order][place] == found.usage_points) & (kinds[place] == found.reading_types)
    whole = rows & (found.agreements == 0)
    kept = dict(_used(found, whole))
    for point, one in _used(found, rows & ~np.isin(found.usage_points, found.usage_points[whole])):
        kept[point] = _added(kept.get(point, NOTHING), one)
    return kept


def _used(found: charges.ZoneMonths, rows: np.ndarray) -> Iterator[tuple[int, Used]]:
    """(point, what it used) of some rows."""
    names = ("total", "n_expected", "n_present", "n_estimated")
    values = (getattr(found, name)[rows].tolist() for name in names)
    return zip(found.usage_points[rows].tolist(), map(Used, *values), strict=True)


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
