"""What an address asks of the page of readings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.http import QueryDict

from faza.cabinet.choice import Point
from faza.charges import queries as charges
from faza.core.periods import Period, start_of_day
from faza.core.reading_types import OF_COMMODITY, Commodity, ReadingType
from faza.core.windows import Windows
from faza.readings import registers
from faza.ui import periods

MONTHS = 13


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for: the period, its moments, the channel, roubles or energy."""

    point: Point
    shown: periods.Shown
    today: date
    now: datetime
    kind: ReadingType
    is_money: bool

    @property
    def period(self) -> Period:
        start = start_of_day(self.shown.first, self.point.zone)
        return Period(
            start, max(start, min(start_of_day(self.shown.end, self.point.zone), self.now))
        )

    @property
    def is_open(self) -> bool:
        return self.shown.first <= self.today < self.shown.end

    @property
    def month(self) -> date:
        return min(self.shown.last, self.today).replace(day=1)


def read(point: Point, query: QueryDict, now: datetime) -> Asked:
    today = (now - timedelta(microseconds=1)).astimezone(ZoneInfo(point.zone)).date()
    shown = periods.read(query, today=today)
    name = query.get("channel", "").replace(" ", "+").upper()
    kinds = kinds_of(point)
    kind = next((one for one in kinds if one.channel == name), kinds[0])
    return Asked(point, shown, today, now, kind, query.get("in") == "money")


def kinds_of(point: Point) -> tuple[ReadingType, ...]:
    return OF_COMMODITY[Commodity(point.resource)]


def numbers(kind: ReadingType) -> list[int]:
    if kind.code in registers.SINGLE:
        return [registers.register(kind.code)]
    return [registers.register(kind.code, tariff) for tariff in range(registers.TARIFFS)]


def first_months(asked: Asked) -> list[date]:
    """The first days of thirteen months, the shown one last."""
    month = asked.month
    numbers = [month.year * 12 + month.month - 1 - back for back in range(MONTHS - 1, -1, -1)]
    return [date(number // 12, number % 12 + 1, 1) for number in numbers]


def months(asked: Asked) -> list[Period]:
    zone = asked.point.zone
    starts = [start_of_day(day, zone) for day in first_months(asked)]
    last = start_of_day(charges.next_month(asked.month), zone)
    ends = [*starts[1:], max(starts[-1], min(last, asked.now))]
    return [Period(start, end) for start, end in zip(starts, ends, strict=True)]


def since(windows: Windows, zone: str) -> date | None:
    first = min((window.period.start for window in windows), default=None)
    if first is None or first.year < 1990:
        return None
    return first.astimezone(ZoneInfo(zone)).date()
