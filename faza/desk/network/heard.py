"""What of points on a page of a list comes from their data: contact, last reading, completeness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from faza.accounts.models import User
from faza.contracts import access
from faza.core.periods import Period
from faza.core.reading_types import A_PLUS
from faza.core.windows import Windows
from faza.metering.models import UsagePoint
from faza.readings import queries, registers
from faza.readings.register_queries import readings_between
from faza.ui.contact import Contact, contact

LATELY = timedelta(days=40)
DAYS = 30
"""Of so many whole days the completeness is told."""
SUM = registers.register(A_PLUS.code)


@dataclass(frozen=True, slots=True)
class Heard:
    """Of a point: contact, what the meter showed last (kWh, its own side), completeness 0 … 100."""

    contact: Contact
    shown: Decimal | None
    shown_at: datetime | None
    complete: float | None


def heard(user: User, points: Sequence[UsagePoint], *, at: datetime) -> dict[int, Heard]:
    """Of each point by its id. Queries do not grow with the points."""
    ids = [point.pk for point in points]
    windows = access.windows_of(user, at=at, points=ids)
    until = _until(windows, at)
    shown = last_shown(windows, at=at)
    complete = _complete(windows, points, at)
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
    """The last sum of A+ that meters showed lately: kWh and moment, by point."""
    found = readings_between(windows, Period(at - LATELY, at))
    rows = zip(
        found.usage_points.tolist(), found.values[:, SUM].tolist(), found.moments.tolist(),
        found.present[:, SUM].tolist(), strict=True,
    )  # fmt: skip
    # Rows come in time: the last one stands.
    return {
        point: (Decimal(value) / 1000, datetime.fromtimestamp(moment, UTC))
        for point, value, moment, there in rows
        if there
    }


def _until(windows: Windows, at: datetime) -> dict[int, datetime]:
    found = queries.latest(windows, [A_PLUS.code], before=at)
    return {
        int(point): datetime.fromtimestamp(int(end), UTC)
        for point, end in zip(found.usage_points, found.ends, strict=True)
        if end
    }


def _complete(windows: Windows, points: Sequence[UsagePoint], at: datetime) -> dict[int, float]:
    zone = points[0].zone if points else "UTC"
    end = at.astimezone(ZoneInfo(zone)).date()
    told = queries.completeness(windows, [A_PLUS.code], end - timedelta(days=DAYS), end)
    return {
        int(point): 100 * float(share)
        for point, share, come in zip(told.usage_points, told.share_come, told.come, strict=True)
        if come
    }
