"""Meters and metering complexes, for the time in which they stand within the windows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Query, Router

from faza.api.v1 import numbers, schemas
from faza.api.v1.asking import Page
from faza.api.v1.auth import Door, grant_in
from faza.api.v1.http import told
from faza.api.v1.paging import page_of
from faza.contracts import access
from faza.contracts.access import Grant
from faza.contracts.rules.tokens import Scope
from faza.core.windows import Windows
from faza.metering.models import MeteringComplex, UsagePoint
from faza.metering.queries import complexes_of

router = Router(auth=Door(Scope.POINTS), tags=["meters"], by_alias=True)


class OfPoints(Page):
    usage_point: str | None = Field(None, max_length=50, description="Of one usage point only.")


@router.get("/meters", response=schemas.Meters, url_name="meters", operation_id="meters",
            summary="Meters and until when they are verified")  # fmt: skip
def meters(request: HttpRequest, asked: Query[OfPoints]) -> HttpResponse:
    at = timezone.now()
    points, windows, after = _page(grant_in(request), asked, at)
    items = [
        {"usage_point": point.code, "role": one.role} | _meter(one) | span
        for point, one, span in _standing(points, windows, at)
    ]
    return told({"items": items, "next": after})


@router.get("/complexes", response=schemas.Complexes, url_name="complexes",
            operation_id="complexes", summary="Meters with their transformers")  # fmt: skip
def complexes(request: HttpRequest, asked: Query[OfPoints]) -> HttpResponse:
    at = timezone.now()
    points, windows, after = _page(grant_in(request), asked, at)
    items = [
        {
            "usage_point": point.code,
            "role": one.role,
            "meter": one.meter.number,
            "ct_ratio": f"{one.ct_numerator}/{one.ct_denominator}",
            "vt_ratio": f"{one.vt_numerator}/{one.vt_denominator}",
            "transformers": _transformers(one),
        }
        | span
        for point, one, span in _standing(points, windows, at)
    ]
    return told({"items": items, "next": after})


def _page(
    grant: Grant, asked: OfPoints, at: datetime
) -> tuple[list[UsagePoint], Windows, str | None]:
    """Usage points of a page with the grant's windows. Raises NoSuchPoint."""
    if asked.usage_point is not None:
        point, windows = access.granted_point(grant, asked.usage_point, at=at)
        return [point], windows, None
    found, after = page_of(access.granted_points(grant, at=at), asked.cursor, asked.limit)
    return found, access.granted_windows(grant, at=at, points=[one.pk for one in found]), after


def _standing(
    points: list[UsagePoint], windows: Windows, at: datetime
) -> Iterator[tuple[UsagePoint, MeteringComplex, dict[str, str | None]]]:
    """Complexes with the time of theirs that lies in a window, newest first. Two queries."""
    found = complexes_of([point.pk for point in points])
    for point in points:
        zone = ZoneInfo(point.zone)
        seen = windows.of_points([point.pk])
        for one in found.get(point.pk, ()):
            for window in reversed(seen.within(one.period).items):
                yield point, one, numbers.edges(window.period, zone, at=at)


def _meter(one: MeteringComplex) -> dict[str, Any]:
    meter, model = one.meter, one.meter.model
    return {
        "number": meter.number,
        "model": model.name,
        "manufacturer": model.manufacturer,
        "made_in": meter.made_in,
        "phases": model.phases,
        "accuracy_active": model.accuracy_active,
        "accuracy_reactive": model.accuracy_reactive,
        "constant": model.constant,
        "digits": model.digits,
        "decimals": model.decimals,
        "type_approval": model.type_approval,
        "verified_on": numbers.day(meter.verified_on),
        "verification_due": numbers.day(meter.verification_due),
        "certificate": meter.certificate,
    }


def _transformers(one: MeteringComplex) -> list[dict[str, Any]]:
    return [
        {
            "kind": part.kind,
            "type_name": part.type_name,
            "number": part.number,
            "phase": part.phase,
            "ratio": f"{part.ratio_numerator}/{part.ratio_denominator}",
            "accuracy": part.accuracy,
            "verification_due": numbers.day(part.verification_due),
        }
        for part in sorted(one.transformers.all(), key=lambda part: part.pk)
    ]
