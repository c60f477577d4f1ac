"""Worlds in which pages have little to show: no point, a silent one, late data, gaps.

It is Thursday 21 May 2026, 09:00 in Moscow; a day of a point is 48 half-hours of 500 Wh, 24 kWh.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta
from html import unescape

from django.http import HttpResponse

from faza.accounts.models import User
from faza.charges import keeping as months
from faza.charges.advice import keeping as advising
from faza.charges.forecast import keeping as forecasting
from faza.core.periods import start_of_day
from faza.core.reading_types import BY_CHANNEL
from faza.metering.models import Meter, MeterModel, UsagePoint
from faza.readings import register_services, rules, services
from faza.readings.models import RegisterReading
from faza.readings.registers import RegisterBatch, register
from faza.tariffs.models import Tariff
from tests.cabinet.factories import (
    ZONE,
    deliver,
    fill,
    make_agreement,
    make_meter,
    make_point,
    make_user,
)
from tests.events.factories import happen
from tests.tariffs import factories as tariffs

NOW = datetime(2026, 5, 21, 6, tzinfo=UTC)
SINCE, HEARD, TODAY = date(2026, 4, 1), date(2026, 5, 16), date(2026, 5, 21)
"""The first day with data; the day on which a late point fell silent; the day of the pages."""
GAP = (date(2026, 5, 11), date(2026, 5, 18))
"""Seven days without anything of a point with gaps."""
WATT_HOURS, A_DAY = 500, 24_000
PHASES = ("UA", "UB", "UC")


def make_home(user: User, *, code: str = "A", name: str = "Дом") -> tuple[UsagePoint, Meter]:
    """A point of three phases with a meter and an agreement of one zone at 5 RUB."""
    point = make_point(code, name, phases=3)
    meter = make_meter(point, f"{code}-111", due=date(2034, 2, 14))
    MeterModel.objects.update(nominal_voltage=2300, max_current=100_000, phases=3)
    agreement = make_agreement(f"Д-{code}", [user], [point])
    agreement.tariff = one_zone()
    agreement.save()
    return point, meter


def one_zone() -> Tariff:
    """A price of 5 RUB with an order, so no example."""
    if (found := Tariff.objects.filter(code="ONE").first()) is not None:
        return found
    found = tariffs.tariff("ONE", name="Один", family="f")
    tariffs.price(found, tariffs.SINCE, "5", zone=1)
    return found


def nobody() -> User:
    """Somebody whose agreement has no points yet."""
    user = make_user("empty@example.org")
    make_agreement("Д-0", [user], [])
    return user


def silent() -> User:
    """A point whose meter stands there and has never been heard of."""
    user = make_user("silent@example.org")
    make_home(user)
    keep()
    return user


def late() -> User:
    """Everything is there up to the midnight that begins HEARD, five days ago."""
    user = make_user("late@example.org")
    point, meter = make_home(user)
    tell(point, meter, SINCE, HEARD)
    keep()
    return user


def partly() -> User:
    """Seven days of May are not there, nor the reading of the first of May, nor phase C."""
    user = make_user("partly@example.org")
    point, meter = make_home(user)
    tell(point, meter, SINCE, GAP[0], skip={date(2026, 5, 1)})
    tell(point, meter, GAP[1], TODAY, phases=PHASES[:2])
    keep()
    return user


def tell(
    point: UsagePoint, meter: Meter, first: date, end: date, *,
    skip: Collection[date] = (), phases: Sequence[str] = PHASES,
) -> None:  # fmt: skip
    """Half-hours, voltages of the last of the days, readings at midnights, an outage at the end."""
    fill(point, first, end, WATT_HOURS)
    last = end - timedelta(days=1)
    for channel in phases:
        kind = BY_CHANNEL[channel]
        deliver(point, start_of_day(last, ZONE), [round(231 / float(kind.quantum))] * 48, kind=kind)
    for day in (first + timedelta(days=n) for n in range((end - first).days + 1)):
        if (day.day == 1 or day == end) and day not in skip:
            read(point, meter, day)
    happen(
        (f"{last} 09:00:00", 2, 1), (f"{last} 09:06:00", 2, 2), point=point.pk, meter=meter.pk
    )  # fmt: skip


def read(point: UsagePoint, meter: Meter, day: date) -> None:
    """What the register shows at the midnight of a day: a day is 24 kWh."""
    at = start_of_day(day, ZONE)
    shown = {register(1): 1_000_000 + A_DAY * (day - SINCE).days}
    kind = RegisterReading.Kind.MONTH if day.day == 1 else RegisterReading.Kind.DAY
    batch = RegisterBatch.of(usage_point=point.pk, meter=meter.pk, at=at, kind=kind, shown=shown)
    register_services.record_registers(
        batch, source=services.get_source("meter"), sequence=rules.sequence(rules.moment(at)),
        at=NOW,
    )  # fmt: skip


def keep(at: datetime = NOW) -> None:
    """The jobs have run."""
    months.keep(at=at)
    forecasting.keep(at=at)
    advising.keep(at=at)


def told(response: HttpResponse) -> str:
    """The words of a page's own part, without what charts are given, with plain spaces."""
    page = re.search(r"<main.*?</main>", response.content.decode(), re.S)
    assert page
    bare = re.sub(r"<(script|svg)\b.*?</\1>|<[^>]+>", " ", page[0], flags=re.S)
    return re.sub(r"\s+([.,:;])", r"\1", re.sub(r"[\s\u00a0\u202f]+", " ", unescape(bare)))
