"""A point with a meter, an agreement and prices in the database, and its days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from faza.charges import keeping
from faza.charges.models import ChargeMonth
from faza.contracts import services as contracts
from faza.core.periods import ALWAYS, FOREVER, Period
from faza.core.quality import Quality
from faza.core.windows import Window, Windows
from faza.readings import marks
from faza.readings.blocks import BlockBatch
from tests.contracts.factories import make_agreement
from tests.readings import meters
from tests.readings.factories import deliver, make_point
from tests.tariffs import factories as tariffs

ZONE = "Europe/Moscow"
AT = datetime(2026, 5, 20, 9, tzinfo=UTC)
MARCH, APRIL, MAY = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)
JANUARY = datetime(2026, 1, 1, tzinfo=ZoneInfo(ZONE))


def moment(day: date, hour: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo(ZONE))


def make_home(code="P1", *, tariff=None, hours=tariffs.ONE_ZONE, since=JANUARY, to=None):
    """A point with a meter and an agreement; without `tariff` one of 5.82 RUB/kWh is made."""
    point = make_point(code, ZONE)
    meter = meters.make_meter(code)
    meters.put_in(point, meter, since=JANUARY)
    agreement = make_agreement(
        tariff=tariff or make_tariff(hours=hours), valid_from=since, valid_to=to
    )
    contracts.bind_point(agreement=agreement, usage_point=point, at=AT)
    return point, meter, agreement


def make_tariff(code="H", amount="5.82", *, hours=tariffs.ONE_ZONE):
    made = tariffs.tariff(code, hours=hours)
    for zone in range(1, len(hours) + 1):
        tariffs.price(made, tariffs.SINCE, amount, zone=zone)
    return made


def measure(point, first: date, end: date, watts=1000, *, channel=1, number=1):
    """Hours of the days [first, end): a number, or `watts(day, hour)`, None where none is told."""
    days = [first + timedelta(days=n) for n in range((end - first).days)]
    power = watts if callable(watts) else lambda day, hour: watts
    batches = [
        BlockBatch.from_series(
            usage_points=[point.pk], reading_types=[channel], start=moment(day), interval=60,
            values=[[power(day, hour) or 0 for hour in range(24)]],
            quality=[[Quality.UNTOLD if power(day, hour) is None else 0 for hour in range(24)]],
            zone=ZONE,
        )
        for day in days
    ]  # fmt: skip
    return deliver(BlockBatch.concatenate(batches), number, at=AT)


def keep(at: datetime = AT):
    """What validation hands on when it finds nothing, then the round that keeps months."""
    hand_on(at)
    return keeping.keep(at=at)


def hand_on(at: datetime = AT):
    marks.hand_on(marks.take(1000), at=at)


def kept(point, month: date = MARCH) -> ChargeMonth:
    return ChargeMonth.objects.get(usage_point=point.pk, month=month)


def windows(*points, since=ALWAYS, to=FOREVER) -> Windows:
    return Windows.merged(Window(point.pk, ZONE, Period(since, to)) for point in points)
