"""Intervals laid into stretches of one set of prices, zones of the day and hours of a market."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from faza.charges.rules import charge as charges
from faza.charges.rules import hourly
from faza.charges.rules.grids import EPOCH_DAY, I64, Series, civil_of, grid_key, number, of_days
from faza.charges.rules.pricing import HOURLY_FROM
from faza.charges.rules.volumes import (
    Cell,
    Counted,
    Read,
    Volumes,
    following,
    notes_of,
    settled,
)
from faza.core.quality import is_present
from faza.tariffs.rules.book import PriceBook

__all__ = ["Layer", "Pattern", "Reads", "Series", "lay"]

Reads = Mapping[tuple[date, int], Read]
"""What registers say, by the first day of a stretch and the zone; a stretch is there wholly."""
Stretches = Sequence[tuple[date, date]]


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """Where the intervals of a grid belong: `member` (cells, n) 0/1 of the cells (stretch, zone).

    keys: (first, end, zone) of each cell, in the order of stretches and zones; none where the
    tariff's zones of some day are not known.
    """

    keys: tuple[tuple[date, date, int], ...]
    member: I64


def lay(
    book: PriceBook, series: Series, first: date, end: date, *, export: Series | None = None,
    reads: Reads | None = None,
) -> Volumes:  # fmt: skip
    """Volumes of the civil days [first, end) of one month: `series` is import, `export` export.

    Intervals of other days are left out. `reads` are what registers say of stretches and zones;
    where all zones of a stretch are there they come first.
    """
    return Layer(book).lay(series, first, end, export=export, reads=reads)


class Layer:
    """A book made ready to lay many series: patterns of grids are made once."""

    def __init__(self, book: PriceBook) -> None:
        self.book = book
        self._patterns: dict[tuple[object, ...], Pattern | None] = {}
        self._minutes: dict[date, I64] = {}
        self._places: dict[tuple[object, ...], list[tuple[int, I64]]] = {}

    def lay(
        self,
        series: Series,
        first: date,
        end: date,
        *,
        export: Series | None = None,
        reads: Reads | None = None,
        exported: Reads | None = None,
        cut: date | None = None,
    ) -> Volumes:
        """As the function `lay`. exported: what registers say of export, in zone 0. cut: a day at
        which stretches end beside those of the prices, because registers were read then."""
        month = first.replace(day=1)
        inside = of_days(series, first, end)
        stretches = self.stretches(first, end, cut)
        pattern = self.pattern(inside, stretches)
        if pattern is None:
            return Volumes(month, first, end, problem=charges.NO_ZONES)
        household = self.book.tariff.is_household
        cells = self._cells(inside, pattern, reads or {})
        zones = settled(cells, household=household)
        found = Volumes(month, first, end, zones, notes=notes_of(zones))
        if export is not None:
            found = replace(found, exported=self._exported(export, stretches, exported or {}))
        market = self.book.market
        if self.book.tariff.category < HOURLY_FROM or market is None:
            return found
        hours = hourly.hours_of(inside, market.zone)
        return replace(
            found,
            until=None if cut is None else following(month),
            hours=hourly.costs(hours, market, self.book.stretches(first, end), series.zone),
            generation=hourly.generation(hours, market, first, end),
            network=hourly.network(hours, market, self.book, first, end),
        )

    def stretches(self, first: date, end: date, cut: date | None = None) -> Stretches:
        """[first, end) where prices, the tax or zones change, and at `cut`."""
        found: list[tuple[date, date]] = []
        for a, b in self.book.stretches(first, end):
            inside = cut is not None and a < cut < b
            found += [(a, cut), (cut, b)] if inside and cut is not None else [(a, b)]
        return found

    def pattern(self, series: Series, stretches: Stretches) -> Pattern | None:
        """Where the intervals of a series belong; None where zones are not known."""
        grid = grid_key(series)
        if grid is None:
            return self._pattern(series, stretches)
        key = (*grid, *stretches)
        if key not in self._patterns:
            self._patterns[key] = self._pattern(series, stretches)
        return self._patterns[key]

    def _pattern(self, series: Series, stretches: Stretches) -> Pattern | None:
        zones = self.zones(series)
        days, _ = civil_of(series, series.zone)
        numbers = sorted({row.number for a, _ in stretches for row in self.book.zones_on(a)})
        if not numbers:
            if self.book.tariff.zones_count > 1:
                return None
            numbers, zones = [1], np.ones(len(series.starts), np.int64)
        if len(series.starts) and not zones.all():
            return None
        # By a clock elsewhere the first hours may be of the calendar before: none of them is lost.
        numbers = sorted({*numbers, *np.unique(zones).tolist()})
        keys = tuple((a, b, n) for a, b in stretches for n in numbers)
        member = np.zeros((len(keys), len(series.starts)), np.int64)
        for place, (a, b, zone) in enumerate(keys):
            member[place] = (days >= number(a)) & (days < number(b)) & (zones == zone)
        return Pattern(keys, member)

    def places(self, series: Series) -> list[tuple[int, I64]]:
        """Each zone that intervals of a series lie in, ascending, with their places."""
        grid = grid_key(series)
        if grid is not None and grid in self._places:
            return self._places[grid]
        zones = self.zones(series)
        found = [(zone, np.flatnonzero(zones == zone)) for zone in np.unique(zones).tolist()]
        found = [(zone, places) for zone, places in found if zone]
        if grid is not None:
            self._places[grid] = found
        return found

    def zones(self, series: Series) -> I64:
        """(n,) the zone in which each interval begins; 0 where none is known."""
        days, minutes = civil_of(series, self.book.tariff.zone_of_hours or series.zone)
        found = np.zeros(len(days), np.int64)
        for one in np.unique(days).tolist():
            day = EPOCH_DAY + timedelta(days=one)
            of_minutes = self._zones_of(day)
            if len(of_minutes):
                rows = days == one
                found[rows] = of_minutes[minutes[rows]]
        return found

    def _zones_of(self, day: date) -> I64:
        """(1440,) the zone of each minute of a day, none where it is not known."""
        if day not in self._minutes:
            # In the hours' own time zone a calendar's first day may begin the day before.
            told = self.book.zone_of_minutes(day) or self.book.zone_of_minutes(
                day + timedelta(days=1)
            )
            self._minutes[day] = np.array(told, np.int64)
        return self._minutes[day]

    def _cells(self, series: Series, pattern: Pattern, reads: Reads) -> list[Cell]:
        present = is_present(series.quality)
        totals = (pattern.member @ series.values).tolist()
        there = (pattern.member @ present.astype(np.int64)).tolist()
        expected = pattern.member.sum(axis=1).tolist()
        return [
            Cell(first, end, zone, Counted(total, n, of - n), reads.get((first, zone)))
            for (first, end, zone), total, n, of in zip(
                pattern.keys, totals, there, expected, strict=True
            )
        ]

    def _exported(
        self, export: Series, stretches: Stretches, reads: Reads
    ) -> tuple[tuple[date, date, Decimal], ...]:
        """Export by stretch, whole kWh; as imported energy is counted, in one zone."""
        inside = of_days(export, stretches[0][0], stretches[-1][1])
        pattern = self.pattern(inside, stretches)
        if pattern is None:
            return ()
        of_stretch: dict[tuple[date, date], list[Counted]] = {}
        for cell in self._cells(inside, pattern, {}):
            of_stretch.setdefault((cell.first, cell.end), []).append(cell.counted)
        cells = [
            Cell(a, b, 0, _together(of_zones), reads.get((a, 0)))
            for (a, b), of_zones in of_stretch.items()
        ]
        done = settled(cells, household=self.book.tariff.is_household)
        return tuple((zone.first, zone.end, zone.charged) for zone in done)


def _together(counted: Sequence[Counted]) -> Counted:
    return Counted(
        sum(one.total for one in counted),
        sum(one.present for one in counted),
        sum(one.missing for one in counted),
    )
