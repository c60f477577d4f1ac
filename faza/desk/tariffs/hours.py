"""A month of a market as its page shows it: prices by day and hour, peak hours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

from faza.tariffs import queries
from faza.tariffs.models import Market
from faza.tariffs.rules.book import MarketBook
from faza.ui import formats

SHADES = 6
"""Steps from the cheapest to the dearest hour of the month."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The price of an hour; `shade` 1 (cheap) to SHADES; a peak hour is marked."""

    hour: int
    amount: str
    shade: int
    is_peak: bool
    is_planned: bool


@dataclass(frozen=True, slots=True)
class Day:
    """The hours of a day; none where nothing was published."""

    day: date
    cells: tuple[Cell, ...]
    mean: str


@dataclass(frozen=True, slots=True)
class Month:
    """A month of a market: the mean price of its hours, days known of days there are."""

    first: date
    days: tuple[Day, ...]
    known: int
    mean: str
    planned: str
    is_example: bool

    @property
    def earlier(self) -> date:
        return (self.first - timedelta(days=1)).replace(day=1)

    @property
    def later(self) -> date:
        return next_month(self.first)


def next_month(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)


def month_of(market: Market, first: date) -> Month:
    """The month of a market that begins on a day. Two queries."""
    end = next_month(first)
    told = queries.market_books([market], first, end)[market.pk]
    amounts = [amount for day in told.hourly.values() for amount in day]
    edges = (min(amounts), max(amounts)) if amounts else (Decimal(0), Decimal(0))
    days = [first + timedelta(days=n) for n in range((end - first).days)]
    return Month(
        first,
        tuple(_day(told, day, edges) for day in days),
        len(told.hourly),
        formats.number(sum(amounts, Decimal(0)) / len(amounts), 2) if amounts else "",
        ", ".join(_runs(told.network_hours(first))),
        bool(told.examples),
    )


def _runs(hours: Sequence[int]) -> Iterator[str]:
    """Hours in a row as one: «08–12», «16–20»."""
    for _key, group in groupby(enumerate(hours), key=lambda one: one[1] - one[0]):
        run = [hour for _place, hour in group]
        yield f"{run[0]:02d}–{run[-1] + 1:02d}"


def _day(told: MarketBook, day: date, edges: tuple[Decimal, Decimal]) -> Day:
    amounts = told.hourly.get(day, ())
    planned = told.network_hours(day) if day in told.generation else ()
    cells = tuple(
        Cell(
            hour, formats.number(amount, 0), _shade(amount, *edges),
            told.generation.get(day) == hour, hour in planned,
        )
        for hour, amount in enumerate(amounts)
    )  # fmt: skip
    mean = formats.number(sum(amounts, Decimal(0)) / len(amounts), 2) if amounts else ""
    return Day(day, cells, mean)


def _shade(amount: Decimal, least: Decimal, most: Decimal) -> int:
    if most == least:
        return 1
    return min(int((amount - least) / (most - least) * SHADES) + 1, SHADES)
