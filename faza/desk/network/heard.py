"""What of points on a page of a list comes from their data: contact, last reading, completeness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from faza.accounts.models import User
from faza.contracts import access
from faza.core.periods import Period
from faza.core.reading_types import Commodity
from faza.core.windows import Windows
from faza.desk.network import counted
from faza.metering.models import UsagePoint
from faza.readings import queries
from faza.readings.register_queries import readings_between
from faza.ui.contact import Contact, contact

LATELY = timedelta(days=40)
DAYS = 30
"""Of so many whole days the completeness is told."""
MAIN = np.array([counted.main(one) for one in Commodity])
"""The registers that say what was consumed; a meter has one of them."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Of a point: contact, what the meter showed last, completeness 0 … 100.

    shown: on the meter's own side, in the unit of what it counts: kWh, m³, Gcal.
    """

    contact: Contact
    shown: Decimal | None
    shown_at: datetime | None
    complete: float | None


def heard(user: User, points: Sequence[UsagePoint], *, at: datetime) -> dict[int, Heard]:
    """Of each point by its id. Queries do not grow with the points."""
    ids = [point.pk for point in points]
    windows = access.windows_of(user, at=at, points=ids)
    kinds = {point.pk: counted.kinds(point.resource)[0].code for point in points}
    until = _until(windows, kinds, at)
    shown = last_shown(windows, at=at)
    complete = _complete(windows, points, kinds, at)
    nothing = (None, None)
    return {
        key: Heard(
            contact(until.get(key), at=at),
            shown.get(key, nothing)[0],
            shown.get(key, nothing)[1],
            complete.get(key),
        )
        for key in ids
    }


def last_shown(windows: Windows, *, at: datetime) -> Mapping[int, tuple[Decimal, datetime]]:
    """What meters showed lately of what is consumed: in its unit, and when; by point."""
    found = readings_between(windows, Period(at - LATELY, at))
    there = found.present[:, MAIN]
    rows = np.flatnonzero(there.any(axis=1))
    register = MAIN[there[rows].argmax(axis=1)]
    shown = zip(
        found.usage_points[rows].tolist(), register.tolist(),
        found.values[rows, register].tolist(), found.moments[rows].tolist(), strict=True,
    )  # fmt: skip
    # Rows come in time: the last one stands.
    return {
        point: (counted.read(number, value) or Decimal(0), datetime.fromtimestamp(moment, UTC))
        for point, number, value, moment in shown
    }


def _until(windows: Windows, kinds: Mapping[int, int], at: datetime) -> dict[int, datetime]:
    found = queries.latest(windows, set(kinds.values()), before=at)
    return {
        int(point): datetime.fromtimestamp(int(end), UTC)
        for point, kind, end in zip(
            found.usage_points, found.reading_types, found.ends, strict=True
        )
        if end and kinds.get(int(point)) == kind
    }


def _complete(
    windows: Windows, points: Sequence[UsagePoint], kinds: Mapping[int, int], at: datetime
) -> dict[int, float]:
    zone = points[0].zone if points else "UTC"
    end = at.astimezone(ZoneInfo(zone)).date()
    told = queries.completeness(windows, set(kinds.values()), end - timedelta(days=DAYS), end)
    rows: Any = zip(told.usage_points, told.reading_types, told.share_come, told.come, strict=True)
    return {
        int(point): 100 * float(share)
        for point, kind, share, come in rows
        if come and kinds.get(int(point)) == kind
    }
