"""Reference cost of months, and what the present month will come to."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Router

from faza.api.v1 import numbers, shapes
from faza.api.v1.asking import Months, checked
from faza.api.v1.auth import Door, finer, grant_in
from faza.api.v1.http import told
from faza.charges import queries
from faza.charges.forecast import queries as ahead
from faza.charges.models import ChargeMonth
from faza.contracts import access
from faza.contracts.models import CustomerAgreement
from faza.contracts.rules.tokens import Scope
from faza.core.reading_types import A_PLUS
from faza.tariffs.models import Tariff

router = Router(tags=["charges"], by_alias=True)
BASES = {int(one): one.name.lower() for one in ChargeMonth.Basis}


@router.get("/usage-points/{point}/charges", auth=Door(Scope.CHARGES), response=shapes.Charges,
            url_name="charges", operation_id="charges",
            summary="Reference cost of months; it is no bill")  # fmt: skip
def charges(request: HttpRequest, point: str, asked: Query[Months]) -> HttpResponse:
    """A row for each agreement's time in a month. A month that a window cuts is not shown."""
    at = timezone.now()
    found, windows = access.granted_point(grant_in(request), point, at=at)
    first, end = checked(asked.first, asked.end)
    got = queries.charged(windows, first, end)
    agreements = CustomerAgreement.objects.in_bulk(set(got.agreements.tolist()))
    tariffs = Tariff.objects.in_bulk(set(got.tariffs.tolist()) - {0})
    rows = zip(
        got.months.astype(str).tolist(), got.agreements.tolist(), got.tariffs.tolist(),
        got.kopecks.tolist(), got.known.tolist(), got.volume.tolist(), got.exported.tolist(),
        got.basis.tolist(), got.is_example.tolist(), got.problems, got.n_expected.tolist(),
        got.n_present.tolist(), got.n_estimated.tolist(), strict=True,
    )  # fmt: skip
    items = [
        {
            "month": month,
            "agreement": agreements[agreement].number if agreement in agreements else "",
            "tariff": tariffs[tariff].name if tariff in tariffs else None,
            "total": numbers.roubles(kopecks) if known else None,
            "volume": numbers.value(volume, A_PLUS),
            "exported": numbers.value(exported, A_PLUS),
            "basis": BASES[basis],
            "is_example": example,
            "problem": problem,
            **numbers.counted(expected, present, estimated),
        }
        for month, agreement, tariff, kopecks, known, volume, exported, basis, example, problem,
        expected, present, estimated in rows
    ]  # fmt: skip
    as_of = numbers.iso(got.as_of, ZoneInfo(found.zone))
    return told({"usage_point": found.code, "currency": "RUB", "as_of": as_of, "items": items})


@router.get("/usage-points/{point}/forecast", auth=Door(Scope.READINGS, as_metered=True),
            response=shapes.Forecast, url_name="forecast", operation_id="forecast",
            summary="What the present month will come to")  # fmt: skip
def forecast(request: HttpRequest, point: str) -> HttpResponse:
    """Null where there is none. Money is told only to tokens with the scope charges."""
    grant, at = grant_in(request), timezone.now()
    if grant.period is not None:  # it is made of other times, and of this month
        raise finer()
    found, windows = access.granted_point(grant, point, at=at)
    one = ahead.month(windows, at=at)
    made = _told(one, found.zone, Scope.CHARGES in grant.scopes) if one else None
    return told({"usage_point": found.code, "forecast": made})


def _told(one: ahead.MonthForecast, zone: str, may_money: bool) -> dict[str, Any]:
    money = one.money if may_money else None
    return {
        "month": f"{one.month:%Y-%m}",
        "until": one.until.isoformat(),
        "unit": A_PLUS.unit,
        "total": numbers.value(one.total, A_PLUS),
        "known": numbers.value(one.known, A_PLUS),
        "low": numbers.value(one.low, A_PLUS),
        "high": numbers.value(one.high, A_PLUS),
        "error": None if one.own_error is None else round(one.own_error, 3),
        "tested": one.n_tested,
        "money": {
            name: f"{getattr(money, name):.2f}" for name in ("total", "low", "high")
        } if money else None,
        "as_of": numbers.iso(one.as_of, ZoneInfo(zone)),
        **numbers.counted(one.n_expected, one.n_present, one.n_estimated),
    }  # fmt: skip
