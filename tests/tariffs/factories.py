"""Tariffs with their dated rows, made short: a test names only what it is about."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from faza.tariffs.models import (
    ConsumptionRange,
    HourlyPrice,
    Market,
    PeakHour,
    Price,
    SeasonCoefficient,
    Tariff,
    TariffZone,
    Vat,
)
from faza.tariffs.services import prices

ONE_ZONE = ("00:00-24:00",)
TWO_ZONES = ("07:00-23:00", "23:00-07:00")
THREE_ZONES = ("07:00-10:00 17:00-21:00", "23:00-07:00", "10:00-17:00 21:00-23:00")
SINCE = date(2020, 1, 1)


def tariff(code="T", *, hours=ONE_ZONE, since=SINCE, **facts):
    """A tariff with zones of these hours, T1 first."""
    made = Tariff.objects.create(
        code=code, name=facts.pop("name", code), zones_count=len(hours), **facts
    )
    zones(made, since, *hours)
    return made


def zones(of, since, *hours, month=0):
    TariffZone.objects.bulk_create(
        TariffZone(
            tariff=of, valid_from=since, month=month, number=n, name=f"T{n}", hours=text, source="s"
        )
        for n, text in enumerate(hours, start=1)
    )


def price(of, since, amount, component="energy", **fields):
    """A price; with VAT per kWh for a household, without per MWh or MW for a business."""
    by_power = component in ("capacity", "transmission_capacity")
    household = of.kind == "household"
    defaults = {
        "unit": "kwh" if household else "mw_month" if by_power else "mwh",
        "with_vat": household,
        "order": "order 1",
        "source": "s",
    }
    return Price.objects.create(
        tariff=of,
        valid_from=since,
        component=component,
        amount=Decimal(amount),
        **defaults | fields,
    )


def ranges(of, since, *bounds):
    """Ranges up to these kWh and a last one without end."""
    ConsumptionRange.objects.bulk_create(
        ConsumptionRange(tariff=of, valid_from=since, number=n, up_to=bound, source="s")
        for n, bound in enumerate((*bounds, None), start=1)
    )


def season(of, since, factor, *months):
    SeasonCoefficient.objects.bulk_create(
        SeasonCoefficient(tariff=of, valid_from=since, month=m, factor=Decimal(factor), source="s")
        for m in months
    )


def vat(since=SINCE, percent="20"):
    return Vat.objects.create(valid_from=since, percent=Decimal(percent), source="s")


def market(code="M", *, zone="Europe/Moscow"):
    return Market.objects.create(code=code, name=code, zone=zone)


def hourly(of, day, *amounts):
    """A day of a market: 24 amounts, or one for all hours; RUB/MWh."""
    told = amounts if len(amounts) == 24 else amounts * 24
    return HourlyPrice.objects.create(market=of, day=day, amounts=[*map(str, told)], source="s")


def peak(of, day, hours, kind="generation"):
    return PeakHour.objects.create(market=of, kind=kind, day=day, hours=hours, source="s")


def things(by, now):
    """One of everything that the desk shows of tariffs, for the world of the doors."""
    hall = market("Рынок-1")
    made = tariff("ЦК3", kind="business", category=3, market=hall, hours=TWO_ZONES, family="b")
    for component in ("capacity", "margin", "transmission_energy"):
        price(made, SINCE, "100.5", component)
    ranges(made, SINCE, 500)
    season(made, SINCE, "1.4", 1, 2)
    vat()
    day = now.date()
    hourly(hall, day, "1500.25")
    peak(hall, day, "09:00-10:00")
    peak(hall, day.replace(day=1), "09:00-10:00", kind="network")
    head = "tariff;valid_from;component;amount;unit;with_vat;order;source"
    rows = ["ЦК3;2026-01-01;margin;7;mwh;no;№ 1;газета", "нет;2026-01-01;margin;x;mwh;no;;"]
    one = prices.upload(name="цены.csv", content="\n".join([head, *rows]).encode(), by=by, at=now)
    return {"tariff": str(made.pk), "market": str(hall.pk), "price_import": str(one.pk)}
