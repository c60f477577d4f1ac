"""Consumption of points by civil days, hours or months; wholly and by zones of the day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from faza.core.reading_types import A_MINUS, A_PLUS
from faza.core.windows import Windows
from faza.readings.queries import By, consumption
from faza.readings.queries.axis import axes_of
from faza.reports import steps
from faza.reports.gathering import I64, NAMES, Point, Tally
from faza.reports.gathering import zones_of as times_of
from faza.reports.parameters import Parameters, Resolution
from faza.reports.table import Cells, Column, Kind
from faza.reports.zones import Zones, zones_of
from faza.ui import formats

BY: dict[Resolution, By] = {
    Resolution.HOUR: "hour", Resolution.DAY: "day", Resolution.MONTH: "month",
}  # fmt: skip
UNITS = {Resolution.HOUR: "m", Resolution.DAY: "D", Resolution.MONTH: "M"}
KINDS = {Resolution.HOUR: Kind.MOMENT, Resolution.DAY: Kind.DAY, Resolution.MONTH: Kind.MONTH}
HALF_HOURS = 48


@dataclass(frozen=True, slots=True, eq=False)
class Buckets:
    """Points p by buckets b. labels (b,) in civil time, as the column's Kind has them.

    starts (p, b): unix seconds, -1 where the bucket does not exist at the point. All of (p, b):
    total, in quanta; expected, present, estimated: numbers of intervals.
    """

    points: I64
    labels: npt.NDArray[np.datetime64]
    starts: I64
    total: I64
    expected: I64
    present: I64
    estimated: I64

    def row(self, point: int) -> int | None:
        """Of a point, in ascending order; None where it has no window in the period."""
        place = int(np.searchsorted(self.points, point))
        there = place < len(self.points) and int(self.points[place]) == point
        return place if there else None

    def sums(self, row: int) -> tuple[I64, I64, I64, I64]:
        """total, expected, present, estimated of a row; (b,) each."""
        return self.total[row], self.expected[row], self.present[row], self.estimated[row]


def each(parameters: Parameters) -> int:
    """How many values a point has: buckets, or intervals where zones are told."""
    days = (parameters.end - parameters.first).days
    if parameters.tariffs:
        return days * HALF_HOURS
    return count(parameters)


def count(parameters: Parameters) -> int:
    """How many buckets a point has, about."""
    days = (parameters.end - parameters.first).days
    if parameters.resolution == Resolution.MONTH:
        return days // 28 + 1
    return days * (24 if parameters.resolution == Resolution.HOUR else 1)


def called(resolution: Resolution) -> str:
    return {
        Resolution.INTERVAL: pgettext("rows", "by intervals"),
        Resolution.HOUR: pgettext("rows", "by hours"),
        Resolution.DAY: pgettext("rows", "by days"),
        Resolution.MONTH: pgettext("rows", "by months"),
    }[resolution]


def column(parameters: Parameters) -> Column:
    title = {
        Resolution.HOUR: pgettext("column", "Hour"),
        Resolution.DAY: pgettext("column", "Day"),
        Resolution.MONTH: pgettext("column", "Month"),
    }[parameters.resolution]
    return Column("when", title, KINDS[parameters.resolution])


def nowhere(parameters: Parameters) -> Cells:
    """The cell of `column` in a sum."""
    return Cells(np.array(["NaT"], f"datetime64[{UNITS[parameters.resolution]}]"))


def labelled(labels: npt.NDArray[np.datetime64], resolution: Resolution) -> tuple[str, ...]:
    """Labels as read."""
    form = {Resolution.HOUR: "%d.%m %H:%M", Resolution.DAY: "%d.%m.%Y", Resolution.MONTH: "%m.%Y"}
    return tuple(f"{one.astype(object):{form[resolution]}}" for one in labels)


def labels_of(zones: set[str], parameters: Parameters) -> npt.NDArray[np.datetime64]:
    """The labels of `asked` for points of these zones. No queries."""
    labels, _axes = axes_of(zones, parameters.first, parameters.end, BY[parameters.resolution])
    return labels.astype(f"datetime64[{UNITS[parameters.resolution]}]")


def asked(windows: Windows, parameters: Parameters, *, at: datetime) -> Buckets:
    """Of all points of the windows. Six queries at most."""
    found = consumption(
        windows, [parameters.reading_type.code], parameters.first, parameters.end,
        BY[parameters.resolution], until=at,
    )  # fmt: skip
    return Buckets(
        found.usage_points,
        found.labels.astype(f"datetime64[{UNITS[parameters.resolution]}]"),
        found.starts,
        found.total,
        found.n_expected.astype(np.int64),
        found.n_present.astype(np.int64),
        found.n_estimated.astype(np.int64),
    )


def zones_told(windows: Windows, parameters: Parameters) -> dict[int, str]:
    """Titles of the columns of zones, by number; none where they are not asked for or not known.

    Twelve queries for each NAMES windows.
    """
    if not parameters.tariffs or parameters.reading_type not in (A_PLUS, A_MINUS):
        return {}
    most, called_by = 0, dict[int, set[str]]()
    for start in range(0, len(windows), NAMES):
        some = Windows(windows.items[start : start + NAMES])
        zones = zones_of(some, parameters.first, parameters.end)
        most = max(most, zones.most(some.points))
        for number, names in zones.named(some.points).items():
            called_by.setdefault(number, set()).update(names)
    return {number: _title(number, called_by.get(number, set())) for number in range(1, most + 1)}


def _title(number: int, names: set[str]) -> str:
    """«T1 День», or the number alone where tariffs call it by several names."""
    return f"T{number} {next(iter(names))}" if len(names) == 1 else f"T{number}"


def split(
    points: Sequence[Point], windows: Windows, parameters: Parameters, numbers: Sequence[int],
    found: Buckets, *, at: datetime,
) -> list[Buckets]:  # fmt: skip
    """The buckets of each zone by itself; rows in the order of the points. No queries for none."""
    shape = (len(points), len(found.labels))
    made = [
        Buckets(np.array([point.id for point in points]), found.labels, found.starts,
                *(np.zeros(shape, np.int64) for _name in _SUMS))
        for _number in numbers
    ]  # fmt: skip
    if not numbers:
        return made
    zones = zones_of(windows, parameters.first, parameters.end)
    places = {point.id: row for row, point in enumerate(points)}
    for time in times_of(points):
        mine = [point for point in points if point.zone == time]
        seen = windows.of_points([point.id for point in mine])
        code = parameters.reading_type.code
        minutes = steps.step_of(seen, code, parameters.first, parameters.end)
        cells = steps.steps_of(
            mine, seen, code, parameters.first, parameters.end, minutes=minutes, at=at
        )
        for row, point in enumerate(mine):
            _split(made, numbers, places[point.id], zones, point, cells, row, found)
    return made


_SUMS = ("total", "expected", "present", "estimated")


def _split(
    made: Sequence[Buckets], numbers: Sequence[int], place: int, zones: Zones, point: Point,
    cells: steps.Steps, row: int, found: Buckets,
) -> None:  # fmt: skip
    """Add one point's steps to the zones' buckets."""
    of_point = found.row(point.id)
    if of_point is None or not len(cells.starts):
        return
    columns = np.flatnonzero(found.starts[of_point] >= 0)
    inside = np.searchsorted(found.starts[of_point, columns], cells.starts, "right") - 1
    used, edges = np.unique(inside, return_index=True)
    told = zones.numbers(point.id, cells.starts, point.zone)
    for number, buckets in zip(numbers, made, strict=True):
        is_mine = told == number
        for name in _SUMS:
            sums = np.add.reduceat(np.where(is_mine, getattr(cells, name)[row], 0), edges)
            getattr(buckets, name)[place, columns[used]] += sums


def unzoned(whole: Tally, zones: Sequence[Tally]) -> str:
    """A footnote on what belongs to no zone."""
    rest = whole.expected - sum(one.expected for one in zones)
    if not rest:
        return _("The zones of the day are those of the tariffs of the agreements.")
    return _(
        "The zones of the day are those of the tariffs of the agreements; %(count)s intervals"
        " belong to no known zone."
    ) % {"count": formats.number(rest)}
