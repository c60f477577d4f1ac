"""Network parameters: voltages, currents, powers of a moment."""

from __future__ import annotations

from enum import StrEnum
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from faza.api.v1 import numbers, shapes
from faza.api.v1.asking import Moment, known_at
from faza.api.v1.auth import Door, grant_in
from faza.api.v1.http import told
from faza.contracts import access
from faza.contracts.rules.tokens import Scope
from faza.core.reading_types import BY_CHANNEL
from faza.core.units import decimals
from faza.readings.network import queries

router = Router(auth=Door(Scope.READINGS, as_metered=True), tags=["readings"], by_alias=True)


class Side(StrEnum):
    ANY = "any"
    BEFORE = "before"
    AFTER = "after"


class Asked(Schema):
    at: Moment | None = Field(None, description="Nearest to this moment; without it to now.")
    side: Side = Field(Side.ANY, description="Only before or after that moment.")


@router.get("/usage-points/{point}/network", response=shapes.Network, url_name="network",
            operation_id="network", summary="Voltages, currents, powers of a moment")  # fmt: skip
def network(request: HttpRequest, point: str, asked: Query[Asked]) -> HttpResponse:
    """What the meter told of that moment, else averages of the interval that ends with it."""
    now = timezone.now()
    found, windows = access.granted_point(grant_in(request), point, at=now)
    at = known_at(asked.at, "at") or now
    side = "" if asked.side == Side.ANY else asked.side.value
    got = queries.nearest(windows, found.zone, at, side=side)
    zone, snapshot = ZoneInfo(found.zone), got.snapshot
    values = {
        name: round(value, decimals(BY_CHANNEL[name]))
        for name, value in sorted(snapshot.values.items() if snapshot else ())
    }
    return told(
        {
            "usage_point": found.code,
            "zone": found.zone,
            "at": numbers.iso(snapshot.at, zone) if snapshot else None,
            "minutes": snapshot.minutes if snapshot else None,
            "is_doubtful": snapshot.doubtful if snapshot else False,
            "values": values,
            "units": {name: BY_CHANNEL[name].unit for name in values},
            "earlier": numbers.iso(got.earlier, zone),
            "later": numbers.iso(got.later, zone),
        }
    )
