"""What registers showed, in columns by meter and register."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router

from faza.api.v1 import numbers, shapes
from faza.api.v1.asking import Days, checked
from faza.api.v1.auth import Door, grant_in
from faza.api.v1.errors import invalid
from faza.api.v1.http import told
from faza.api.v1.paging import cursor_of, place_of
from faza.contracts import access
from faza.contracts.rules.tokens import Scope
from faza.core.periods import Period
from faza.core.reading_types import BY_CODE
from faza.metering.models import Meter
from faza.readings.models import RegisterReading
from faza.readings.register_queries import readings_between
from faza.readings.register_store import StoredReadings
from faza.readings.registers import meaning

router = Router(auth=Door(Scope.READINGS, as_metered=True), tags=["readings"], by_alias=True)
DAYS = 400
"""Days of a page."""
KINDS = {int(one): one.name.lower() for one in RegisterReading.Kind}


@router.get("/usage-points/{point}/registers", response=shapes.Registers, url_name="registers",
            operation_id="registers", summary="What registers showed")  # fmt: skip
def registers(request: HttpRequest, point: str, asked: Query[Days]) -> HttpResponse:
    """As the meters show it, before any ratio; the readings of both edges are in the answer."""
    at = timezone.now()
    found, windows = access.granted_point(grant_in(request), point, at=at)
    first, end = checked(asked.first, asked.end)
    if asked.cursor:
        start = date.fromordinal(place_of(asked.cursor) % date.max.toordinal() or 1)
        if not first < start < end:
            raise invalid("cursor", _("It is not the `next` of an answer."))
        first = start
    stop = min(end, first + timedelta(days=DAYS))
    got = readings_between(windows, Period.of_days(first, stop, found.zone))
    return told(
        {
            "usage_point": found.code,
            "zone": found.zone,
            "from": first.isoformat(),
            "to": stop.isoformat(),
            "registers": _columns(got, ZoneInfo(found.zone)),
            "next": cursor_of(stop.toordinal()) if stop < end else None,
        }
    )


def _columns(got: StoredReadings, zone: ZoneInfo) -> list[dict[str, Any]]:
    """A row for each register of each meter, its readings in time. One query."""
    meters = sorted(set(got.meters.tolist()))
    names = dict(Meter.objects.filter(pk__in=meters).values_list("pk", "number"))
    columns = []
    for meter in meters:
        of_meter = got.take(np.flatnonzero(got.meters == meter))
        of_meter = of_meter.take(np.argsort(of_meter.moments, kind="stable"))
        for register in np.flatnonzero(of_meter.present.any(axis=0)).tolist():
            rows = np.flatnonzero(of_meter.present[:, register])
            code, tariff = meaning(register)
            kind = BY_CODE[code]
            columns.append(
                {
                    "meter": names.get(meter, ""),
                    "channel": kind.channel,
                    "tariff": tariff,
                    "unit": kind.unit,
                    "at": [numbers.moment(s, zone) for s in of_meter.moments[rows].tolist()],
                    "kind": [KINDS[one] for one in of_meter.kinds[rows].tolist()],
                    "values": numbers.values(
                        of_meter.values[rows, register], np.ones(len(rows), bool), kind
                    ),
                    "quality": of_meter.quality[rows].tolist(),
                }
            )
    return columns
