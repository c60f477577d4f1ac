"""Network parameters: voltages, currents, powers of a moment, and what is to be said of them."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from faza.api.v1 import numbers, shapes
from faza.api.v1.asking import Moment, known_at
from faza.api.v1.auth import Door, grant_in
from faza.api.v1.http import told
from faza.collection.standing import standing
from faza.contracts import access
from faza.contracts.rules.tokens import Scope
from faza.core.reading_types import BY_CHANNEL
from faza.core.units import decimals
from faza.metering.models import UsagePoint
from faza.readings.network import queries
from faza.readings.network.phasors import vectors
from faza.readings.network.queries import Snapshot
from faza.readings.network.verdicts import Circumstances, Verdict, verdicts
from faza.readings.vee.context import known_to_export

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
    judged = _verdicts(found, snapshot) if snapshot else []
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
            "verdicts": [_told(one) for one in judged],
            "earlier": numbers.iso(got.earlier, zone),
            "later": numbers.iso(got.later, zone),
        }
    )


def _verdicts(point: UsagePoint, shown: Snapshot) -> list[Verdict]:
    """As the cabinet's page judges the same moment. Three queries."""
    stands = standing(point.pk, at=shown.at)
    vector = vectors(shown.values, point.phases, has_neutral=stands.vt == 1)
    exports = point.pk in known_to_export([point.pk])
    return verdicts(vector, Circumstances(stands.agreed, exports, stands.most))


def _told(one: Verdict) -> dict[str, Any]:
    return {
        "topic": one.topic,
        "code": one.code.replace(" ", "-"),
        "state": one.state.value,
        "phases": list(one.phases),
        "numbers": {name: round(value, 2) for name, value in sorted(one.numbers.items())},
    }
