"""Zones of the day in a load profile: the zone of each row, and the sums of zones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from django.utils.translation import gettext as _

from faza.core.windows import Windows
from faza.reports import buckets
from faza.reports.gathering import I64, Point, Tally, texts
from faza.reports.parameters import Parameters
from faza.reports.steps import Steps
from faza.reports.table import Cells, Column
from faza.reports.zones import zones_of


class Told:
    """Zones of the day of points in a period, told or not; with what belongs to each so far."""

    def __init__(self, windows: Windows, parameters: Parameters) -> None:
        self.windows, self.parameters = windows, parameters
        self.titles = buckets.zones_told(windows, parameters)
        self.tallies: dict[tuple[int, int], Tally] = defaultdict(Tally)

    @property
    def columns(self) -> tuple[Column, ...]:
        return (Column("zone", _("Zone of the day")),) if self.titles else ()

    def add(self, points: Sequence[Point], found: Steps) -> I64:
        """(p, t) numbers of the steps' zones, 0 where not known. Twelve queries, or none."""
        numbers = np.zeros(found.expected.shape, np.int64)
        if not self.titles:
            return numbers
        mine = self.windows.of_points({point.id for point in points})
        zones = zones_of(mine, self.parameters.first, self.parameters.end)
        for row, point in enumerate(points):
            numbers[row] = zones.numbers(point.id, found.starts, point.zone)
            for number in self.titles:
                there = numbers[row] == number
                self.tallies[point.id, number].add(
                    found.total[row, there], found.expected[row, there],
                    found.present[row, there], found.estimated[row, there],
                )  # fmt: skip
        return numbers

    def cells(self, numbers: I64) -> list[Cells]:
        """The zone of each step, (p, t), where all points are in the same; no column for none."""
        if not self.titles:
            return []
        shared = np.where((numbers == numbers[0]).all(axis=0), numbers[0], 0)
        return [texts(self.titles.get(number, "") for number in shared.tolist())]

    def sums(self, points: Sequence[Point]) -> Iterator[tuple[str, list[Tally]]]:
        """The sums of points, zone by zone."""
        for number, title in self.titles.items():
            yield title, [self.tallies[point.id, number] for point in points]

    def notes(self, whole: Tally) -> list[str]:
        if not self.titles:
            return []
        return [buckets.unzoned(whole, list(self.tallies.values()))]
