"""Customers, agreements and usage points."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Router

from faza.api.v1 import numbers, schemas
from faza.api.v1.asking import Page
from faza.api.v1.auth import Door, grant_in
from faza.api.v1.http import told
from faza.api.v1.paging import page_of
from faza.contracts import access
from faza.contracts.models import AgreementPoint
from faza.contracts.rules.tokens import Scope
from faza.core.periods import FOREVER
from faza.core.windows import Windows
from faza.metering.models import UsagePoint

router = Router(auth=Door(Scope.POINTS), tags=["points"], by_alias=True)


@router.get("/customers", response=schemas.Customers, url_name="customers",
            operation_id="customers", summary="Customers for which the person reads")  # fmt: skip
def customers(request: HttpRequest, page: Query[Page]) -> HttpResponse:
    grant, at = grant_in(request), timezone.now()
    found, after = page_of(access.granted_customers(grant, at=at), page.cursor, page.limit)
    items = [{"id": one.pk, "name": one.name, "kind": one.kind} for one in found]
    return told({"items": items, "next": after})


@router.get("/agreements", response=schemas.Agreements, url_name="agreements",
            operation_id="agreements", summary="Agreements and what they cover")  # fmt: skip
def agreements(request: HttpRequest, page: Query[Page]) -> HttpResponse:
    grant, at = grant_in(request), timezone.now()
    readable = access.granted_agreements(grant, at=at).select_related("supplier", "tariff")
    found, after = page_of(readable, page.cursor, page.limit)
    bound: dict[int, list[dict[str, Any]]] = defaultdict(list)
    rows = AgreementPoint.objects.filter(agreement__in=[one.pk for one in found])
    if grant.points is not None:
        rows = rows.filter(usage_point__in=grant.points)
    for row in rows.select_related("usage_point").order_by("usage_point_id", "valid_from"):
        zone = ZoneInfo(row.usage_point.zone)
        place = {"usage_point": row.usage_point.code}
        bound[row.agreement_id].append(place | numbers.edges(row.period, zone, at=FOREVER))
    zone = ZoneInfo(settings.TIME_ZONE)
    items = [
        {
            "id": one.pk,
            "number": one.number,
            "kind": one.kind,
            "customer": one.customer_id,
            "supplier": one.supplier.name if one.supplier else None,
            "tariff": one.tariff.name if one.tariff else None,
            "points": bound[one.pk],
        }
        | numbers.edges(one.period, zone, at=FOREVER)
        for one in found
    ]
    return told({"items": items, "next": after})


@router.get("/usage-points", response=schemas.UsagePoints, url_name="usage_points",
            operation_id="usage_points", summary="Usage points and when they are read")  # fmt: skip
def usage_points(request: HttpRequest, page: Query[Page]) -> HttpResponse:
    grant, at = grant_in(request), timezone.now()
    found, after = page_of(access.granted_points(grant, at=at), page.cursor, page.limit)
    windows = access.granted_windows(grant, at=at, points=[one.pk for one in found])
    items = [_point(one, windows, at) for one in found]
    return told({"items": items, "next": after})


@router.get("/usage-points/{point}", response=schemas.OnePoint, url_name="usage_point",
            operation_id="usage_point", summary="One usage point")  # fmt: skip
def usage_point(request: HttpRequest, point: str) -> HttpResponse:
    at = timezone.now()
    found, windows = access.granted_point(grant_in(request), point, at=at)
    return told(_point(found, windows, at))


def _point(one: UsagePoint, windows: Windows, at: datetime) -> dict[str, Any]:
    zone = ZoneInfo(one.zone)
    return {
        "code": one.code,
        "name": one.name,
        "address": one.address,
        "zone": one.zone,
        "resource": one.resource,
        "phases": one.phases,
        "max_power_w": one.max_power,
        "voltage_level": one.voltage_level,
        "is_common": one.is_common,
        "windows": [
            numbers.edges(window.period, zone, at=at) for window in windows.of_points([one.pk])
        ],
    }
