"""Hours at hourly prices, and the power of a market's peak hours.

Source: ПП 442, 86 (reference/domain.md, 4.2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from faza.charges.rules.grids import EPOCH_DAY, I64, Series, civil, civil_of, number
from faza.charges.rules.volumes import Hours, Power
from faza.core.quality import is_present
from faza.tariffs.rules.book import MarketBook, PriceBook

Mask = npt.NDArray[np.bool_]
Stretches = Sequence[tuple[date, date]]
WATTS = 1000
HOUR = 60
"""Minutes."""
MONEY = 10**8
"""Hourly amounts are taken to so many parts of a rouble, exactly: they have six decimals."""


def costs(
    hours: HourSums, market: MarketBook, stretches: Stretches, zone: str
) -> tuple[Hours, ...]:
    """The cost of each hour at its price, summed exactly over each stretch of days in a zone."""
    days, _ = civil(hours.starts, zone)
    scaled, known = _prices(market, hours)
    found = []
    for a, b in stretches:
        inside = (days >= number(a)) & (days < number(b))
        volume = int(hours.values[inside].sum())
        cost = int(np.dot(hours.values[inside].astype(object), scaled[inside]))
        touched = {
            EPOCH_DAY + timedelta(days=one) for one in np.unique(hours.days[inside]).tolist()
        }
        found.append(
            Hours(
                first=a,
                end=b,
                volume=Decimal(volume) / WATTS,
                # Wh x RUB/MWh
                cost=Decimal(cost) / (MONEY * WATTS * WATTS),
                unpriced=int((inside & ~known & (hours.values > 0)).sum()),
                is_example=bool(touched & market.examples),
            )
        )
    return tuple(found)


@dataclass(frozen=True, slots=True, eq=False)
class HourSums:
    """Volumes of the hours of a zone's clock: starts (h,) unix seconds, days (h,) since 1970 and
    hours (h,) 0..23 by that clock, values (h,) Wh, whole (h,): all of the hour has values."""

    starts: I64
    days: I64
    hours: I64
    values: I64
    whole: Mask


def hours_of(series: Series, zone: str) -> HourSums:
    """Hours of a series by the clock of a zone; intervals are not longer than an hour."""
    if not len(series.starts):
        none = np.zeros(0, np.int64)
        return HourSums(none, none, none, none, np.zeros(0, bool))
    days, minutes = civil_of(series, zone)
    hours = minutes // 60
    begins = np.ones(len(days), bool)
    # An hour that comes twice, when clocks go back, is two hours.
    begins[1:] = (hours[1:] != hours[:-1]) | (days[1:] != days[:-1])
    begins |= minutes % 60 == 0
    first = np.flatnonzero(begins)
    there = np.where(is_present(series.quality), series.minutes, 0).astype(np.int64)
    return HourSums(
        series.starts[first], days[first], hours[first],
        np.add.reduceat(series.values, first), np.add.reduceat(there, first) == HOUR,
    )  # fmt: skip


def _prices(market: MarketBook, hours: HourSums) -> tuple[npt.NDArray[np.object_], Mask]:
    """(h,) the price of each hour in 1/MONEY of a rouble, 0 where there is none, and where it is.

    Python's integers: no sum of a month overflows them.
    """
    scaled = np.zeros(len(hours.days), object)
    known = np.zeros(len(hours.days), bool)
    for one in np.unique(hours.days).tolist():
        amounts = market.hourly.get(EPOCH_DAY + timedelta(days=one))
        if amounts is None:
            continue
        rows = hours.days == one
        table = np.array([int(amount * MONEY) for amount in amounts], object)
        scaled[rows] = table[hours.hours[rows]]
        known[rows] = True
    return scaled, known


def generation(hours: HourSums, market: MarketBook, first: date, end: date) -> Power | None:
    """The mean of the loads in the hour of the region's peak of each working day published.

    None where no hour is known. Source: ПП 442 (reference/domain.md, 4.2).
    """
    peaks = {day: (hour,) for day, hour in market.generation.items() if first <= day < end}
    return _mean_power(hours, peaks, not market.examples.isdisjoint(peaks))


def network(
    hours: HourSums, market: MarketBook, book: PriceBook, first: date, end: date
) -> Power | None:
    """The mean over working days of the greatest load in the planned peak hours. Source: there."""
    days = (first + timedelta(days=n) for n in range((end - first).days))
    planned = {
        day: told
        for day in days
        if book.is_working_day(day) and (told := market.network_hours(day))
    }
    # The hours of a month stand on its first day.
    told_on = {day.replace(day=1) for day in planned}
    return _mean_power(hours, planned, not market.examples.isdisjoint(told_on))


def _mean_power(
    hours: HourSums, peaks: Mapping[date, Sequence[int]], is_example: bool
) -> Power | None:
    """The mean of each day's greatest load in its hours, kW to three decimals.

    Days of which an hour is not known are left out and counted; None without any day.
    """
    greatest: list[int] = []
    missing = 0
    for day, wanted in peaks.items():
        low, high = np.searchsorted(hours.days, [number(day), number(day) + 1]).tolist()
        chosen = np.isin(hours.hours[low:high], list(wanted)) & hours.whole[low:high]
        if int(chosen.sum()) < len(set(wanted)):
            missing += 1
        else:
            greatest.append(int(hours.values[low:high][chosen].max()))
    if not greatest:
        return None
    # Wh of an hour are W; three decimals of a kW are whole W.
    watts = (2 * sum(greatest) + len(greatest)) // (2 * len(greatest))
    return Power(Decimal(watts) / WATTS, len(greatest), missing, is_example)
