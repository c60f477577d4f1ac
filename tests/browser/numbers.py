"""What the questions answer of the demo grid, for a browser's pages to be compared with.

`python -m tests.browser.numbers E-MAIL` in the demo's installation prints a JSON of texts: energies
in kWh, roubles, as exact decimals. A month is the last whole one of a person's points; no module
of the cabinet is used.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import django

HOUSE = "501203740001014"
ZONE = "Europe/Moscow"
VOLTS = ("UA", "UB", "UC")


@dataclass(frozen=True)
class Days:
    """The days that are compared: whole months of a zone before a moment."""

    at: datetime

    @property
    def this(self) -> date:
        return self.at.astimezone(ZoneInfo(ZONE)).date().replace(day=1)

    @property
    def month(self) -> date:
        return (self.this - timedelta(days=1)).replace(day=1)


def main(email: str) -> None:
    django.setup()
    from django.utils import timezone

    from faza.accounts.models import User
    from faza.contracts import access
    from faza.metering.models import UsagePoint

    at = timezone.now()
    user = User.objects.get(email=email)
    windows = access.windows_of(user, at=at)
    house = UsagePoint.objects.get(code=HOUSE)
    electric = UsagePoint.objects.filter(id__in=windows.points, resource="electricity")
    ids = list(electric.values_list("id", flat=True))
    days = Days(at)
    print(json.dumps({
        "month": days.month.isoformat(), "this": days.this.isoformat(),
        "energy": energy(windows.of_points(ids), days),
        "house": of_house(windows.of_points([house.pk]), house.pk, days),
        "roubles": roubles(windows, windows.of_points(ids), days),
        "registers": registers(windows.of_points([house.pk]), house.pk, days),
        "events": events(windows, days),
        "network": network(windows.of_points([house.pk]), days),
        "counts": counts(user, at),
    }, default=str))  # fmt: skip


def energy(windows: Any, days: Days) -> dict[str, Any]:
    """Wh of all points by month, kWh; and of the present month by point."""
    from faza.metering.models import UsagePoint
    from faza.readings import queries

    first = days.this.replace(year=days.this.year - 1)
    found = queries.consumption(windows, [1], first, following(days.this), "month")
    names = dict(UsagePoint.objects.values_list("id", "name"))
    there = found.n_expected[:, -1] > found.n_missing[:, -1]
    return {
        "by_month": {
            str(label): Decimal(int(total)) / 1000
            for label, total in zip(found.labels, found.total.sum(axis=0), strict=True)
        },
        "by_point": {
            names[int(point)]: Decimal(int(row[-1])) / 1000
            for point, row, has in zip(found.usage_points, found.total, there, strict=True)
            if has
        },
    }  # fmt: skip


def of_house(windows: Any, house: int, days: Days) -> dict[str, Any]:
    """The last whole month of the house: kWh by day and in all."""
    from faza.readings import queries

    found = queries.consumption(windows, [1], days.month, days.this, "day")
    row = found.row(house, 1)
    return {
        "by_day": {
            str(label): Decimal(int(total)) / 1000
            for label, total in zip(found.labels, found.total[row], strict=True)
        },
        "total": Decimal(int(found.total[row].sum())) / 1000,
    }


def roubles(windows: Any, electric: Any, days: Days) -> dict[str, Any]:
    """Of the last whole month: of all points, and of the house with its lines; the present one."""
    from faza.charges import queries as charges
    from faza.metering.models import UsagePoint

    whole = charges.charged(electric, days.month, days.this)
    house = UsagePoint.objects.get(code=HOUSE).pk
    (one,) = charges.charge(windows, house, days.month)
    return {
        "month": whole.total,
        "so_far": charges.so_far(electric, days.at).total,
        "house": one.charge.total,
        "volume": one.charge.volume,
        "lines": [line.amount for line in one.charge.lines],
    }


def registers(windows: Any, house: int, days: Days) -> dict[str, Any]:
    """T1, T2 and the sum of the house over the month: shown at its edges, and used; kWh."""
    from faza.core.periods import Period
    from faza.readings.register_queries import register_consumption
    from faza.readings.registers import register

    period = Period.of_days(days.month, days.this, ZONE)
    numbers = [register(1, tariff) for tariff in (1, 2, 0)]
    found = register_consumption(windows, period, numbers)
    assert found.exact.all()
    columns = {number: place for place, number in enumerate(found.registers.tolist())}
    return {
        name: [
            Decimal(int(value)) / 1000
            for value in (
                found.opening[0, columns[number]],
                found.closing[0, columns[number]],
                found.rounded[0, columns[number]],
            )
        ]
        for name, number in zip(("T1", "T2", "sum"), numbers, strict=True)
    }


def events(windows: Any, days: Days) -> dict[str, int]:
    """How many events the month has, by category's name."""
    from faza.core.periods import Period
    from faza.events import journal
    from faza.metering.models import UsagePoint

    period = Period.of_days(days.month, days.this, ZONE)
    paths = UsagePoint.objects.filter(id__in=windows.points).values_list("id", "node__path")
    made: dict[str, int] = {}
    for group in journal.tally(windows, period, ZONE, dict(paths)).groups:
        name = str(group.kind.category.label)
        made[name] = made.get(name, 0) + group.count
    return made


def network(windows: Any, days: Days) -> dict[str, Decimal]:
    """Volts of the phases of the house over the half-hour before noon of the month's tenth day."""
    from faza.core.periods import Period
    from faza.core.reading_types import BY_CHANNEL
    from faza.readings import queries

    noon = noon_of(days.month)
    period = Period(noon - timedelta(minutes=30), noon)
    kinds = {BY_CHANNEL[name].code: name for name in VOLTS}
    found = queries.profiles(windows, list(kinds), period)
    volts = {}
    for one in found:
        name = kinds[one.reading_type]
        told = int(one.values[0]) * BY_CHANNEL[name].quantum
        if one.n_present:
            volts[name] = Decimal(told.numerator) / told.denominator
    return volts


def counts(user: Any, at: datetime) -> dict[str, int]:
    """Things that lists show."""
    from faza.cases import queries as cases
    from faza.contracts import access
    from faza.notifications import queries as notices
    from faza.notifications.news import queries as news

    return {
        "points": access.usage_points_of(user, at=at).count(),
        "agreements": access.readable_agreements_of(user, at=at).count(),
        "cases": cases.own_cases(user, at=at).count(),
        "news": len(news.own(user, at=at)),
        "unread": notices.unread(user, at=at),
    }


def noon_of(month: date) -> datetime:
    """Noon of the tenth day of a month, in Moscow."""
    noon = datetime(month.year, month.month, 10, 12, tzinfo=ZoneInfo(ZONE))
    return noon.astimezone(UTC)


def following(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)


if __name__ == "__main__":
    main(sys.argv[1])
