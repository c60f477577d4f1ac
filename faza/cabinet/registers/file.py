"""The readings of a period as a table; `import` takes it back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from allauth.account.adapter import get_adapter
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from faza.accounts.models import User
from faza.audit import services as audit
from faza.cabinet.choice import Point
from faza.contracts import access
from faza.core.periods import Period
from faza.core.reading_types import BY_CODE
from faza.core.units import to_unit
from faza.metering.models import Meter
from faza.readings import registers
from faza.readings.models import RegisterReading
from faza.readings.register_queries import readings_between
from faza.readings.register_store import StoredReadings
from faza.ui import formats, periods
from faza.ui.files import FORMATS

__all__ = ["FORMATS", "readings"]


def readings(
    user: User, point: Point, request: HttpRequest, format: str, *, at: datetime
) -> HttpResponse:  # fmt: skip
    """All readings of the shown days, both ends included; taken by staff it is noted."""
    today = at.astimezone(ZoneInfo(point.zone)).date()
    shown = periods.read(request.GET, today=today)
    days = Period.of_days(shown.first, shown.end, point.zone)
    windows = access.windows_of(user, at=at, points=[point.id])
    # From a second before: what was read at the first midnight itself belongs to it.
    found = readings_between(windows, Period(days.start - timedelta(seconds=1), days.end))
    if user.role != User.Role.SUBSCRIBER:
        audit.note_export(
            of=user, by=user, at=at, points=[point.code], first=shown.first, last=shown.last,
            channels=["registers"], format=format,
            address=get_adapter(request).get_client_ip(request),
        )  # fmt: skip
    title = _("Readings %(point)s") % {"point": point.name}
    return FORMATS[format](_rows(found, point), title=title, name="registers")


def _rows(found: StoredReadings, point: Point) -> Iterator[Sequence[object]]:
    """The head, then a row for each reading with the registers that any of them has."""
    used = np.flatnonzero(found.present.any(axis=0)).tolist()
    heads = []
    for number in used:
        code, tariff = registers.meaning(number)
        kind = BY_CODE[code]
        name = kind.channel if number >= registers.ZONED else f"{kind.channel} T{tariff}"
        heads.append(f"{name}, {formats.unit_name(kind.unit)}")
    yield (_("Usage point"), _("Meter number"), _("Date and time"), _("Kind"), *heads)
    numbers = dict(
        Meter.objects.filter(pk__in=set(found.meters.tolist())).values_list("pk", "number")
    )
    kinds = {kind: RegisterReading.Kind(kind).label for kind in RegisterReading.Kind.values}
    zone = ZoneInfo(point.zone)
    for row in range(len(found)):
        local = datetime.fromtimestamp(int(found.moments[row]), UTC).astimezone(zone)
        yield (
            point.code,
            numbers.get(int(found.meters[row]), ""),
            local.replace(tzinfo=None),
            str(kinds[int(found.kinds[row])]),
            *(
                to_unit(int(found.values[row, number]), BY_CODE[registers.meaning(number)[0]])
                if found.present[row, number]
                else None
                for number in used
            ),
        )
