"""Months of a point priced anew by a tariff, and what a shift from day to night would change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from faza.charges.rules.charge import Charge
from faza.charges.rules.grids import Series
from faza.charges.rules.laying import Layer
from faza.charges.rules.pricing import HOURLY_FROM, Pricer
from faza.charges.rules.volumes import Volumes, following, of_zones
from faza.tariffs.rules.book import PriceBook

SHIFTS = (10, 20, 30)
"""Percent of the energy of the day that may be used at night instead."""
NIGHT = 3 * 60
"""A minute of the day that lies in every night zone."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """A month by a tariff; `night` is the number of its night zone, 0 where it has none."""

    charge: Charge
    volumes: Volumes
    night: int

    @property
    def kopecks(self) -> int | None:
        """None where a part of the cost has no price."""
        return None if self.charge.total is None else int(self.charge.total * 100)


class Replayer:
    """A book made ready to replay the months of many points."""

    def __init__(self, book: PriceBook) -> None:
        self.book = book
        self.layer, self.pricer = Layer(book), Pricer(book)
        self._nights: dict[date, int] = {}

    def replay(self, series: Mapping[date, Series]) -> list[Replayed]:
        """What months cost, by the first days of months, on intervals alone."""
        made = []
        for month, of_month in sorted(series.items()):
            volumes = self.layer.lay(of_month, month, following(month))
            if month not in self._nights:
                self._nights[month] = night_of(self.book, month)
            made.append(Replayed(self.pricer.price(volumes), volumes, self._nights[month]))
        return made

    def shifts(self, months: Sequence[Replayed]) -> dict[int, int]:
        """By how many kopecks months together would change, by percent of day energy moved.

        Both costs are of zone sums shared among dates of prices by days, so that nothing but the
        shift is between them. Empty where some month has no night zone or no cost.
        """
        if not months or any(not one.night or one.kopecks is None for one in months):
            return {}
        found = dict.fromkeys(SHIFTS, Decimal(0))
        for one in months:
            zones = _sums(one.volumes)
            before = self._cost(one, zones)
            for percent in SHIFTS:
                after = self._cost(one, moved(zones, one.night, percent))
                if before is None or after is None:
                    return {}
                found[percent] += after - before
        return {percent: int(change * 100) for percent, change in found.items()}

    def _cost(self, one: Replayed, zones: Mapping[int, Decimal]) -> Decimal | None:
        return self.pricer.price(of_zones(self.book, one.volumes.month, zones)).total


def night_of(book: PriceBook, day: date) -> int:
    """The zone of the night on a day; 0 where the whole day is one zone, or hours have prices."""
    if book.tariff.category >= HOURLY_FROM:
        return 0
    zones = book.zone_of_minutes(day)
    return zones[NIGHT] if len(set(zones)) > 1 else 0


def moved(zones: Mapping[int, Decimal], night: int, percent: int) -> dict[int, Decimal]:
    """kWh by zone after so many percent of the energy of the other zones went to the night."""
    parts = {zone: volume * percent / 100 for zone, volume in zones.items() if zone != night}
    left = {zone: volume - parts.get(zone, Decimal(0)) for zone, volume in zones.items()}
    return left | {night: zones.get(night, Decimal(0)) + sum(parts.values(), Decimal(0))}


def _sums(volumes: Volumes) -> dict[int, Decimal]:
    found: dict[int, Decimal] = {}
    for zone in volumes.zones:
        found[zone.zone] = found.get(zone.zone, Decimal(0)) + zone.charged
    return found
