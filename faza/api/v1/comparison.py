"""Days beside earlier ones alike: the same days of the month before, or of a year ago."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from faza.api.v1 import numbers, shapes
from faza.api.v1.asking import CHANNEL_LIST, Day, channels_of, checked
from faza.api.v1.auth import Door, finer, grant_in
from faza.api.v1.http import told
from faza.contracts import access
from faza.contracts.rules.tokens import Scope
from faza.core.reading_types import ReadingType
from faza.core.windows import Windows
from faza.readings import queries

router = Router(auth=Door(Scope.READINGS, as_metered=True), tags=["readings"], by_alias=True)
ONE = timedelta(days=1)


class Asked(Schema):
    first: Day | None = Field(
        None, alias="from", description="First day; without both the month so far, or on its first"
        " day the one before.",
    )  # fmt: skip
    end: Day | None = Field(None, alias="to", description="The day after the last one.")
    channels: str | None = Field(None, pattern=CHANNEL_LIST, description="By commas.")


@router.get("/usage-points/{point}/comparison", response=shapes.Comparison,
            url_name="comparison", operation_id="comparison",
            summary="Days beside the same ones of a month and of a year before")  # fmt: skip
def comparison(request: HttpRequest, point: str, asked: Query[Asked]) -> HttpResponse:
    """Whole days only; days within one month stand beside the same days of the month before, longer
    stretches beside as many days just before. Sums say how complete they are: compare them only
    where all are.
    """
    grant, at = grant_in(request), timezone.now()
    if grant.period is not None:  # it would tell of other times
        raise finer()
    found, windows = access.granted_point(grant, point, at=at)
    first, end = _days(asked, found.zone, at)
    kinds = [kind for kind in channels_of(asked.channels, found.resource) if kind.additive]
    stretches = {
        "asked": (first, end),
        "before": before(first, end),
        "year_before": (year_before(first), year_before(end - ONE) + ONE),
    }
    codes = [kind.code for kind in kinds]
    sums = {name: _sums(windows, codes, *days) for name, days in stretches.items()}
    return told(
        {
            "usage_point": found.code,
            "zone": found.zone,
            "stretches": [
                {"name": name, "from": days[0].isoformat(), "to": days[1].isoformat()}
                for name, days in stretches.items()
            ],
            "channels": [
                {
                    "channel": kind.channel,
                    "unit": kind.unit,
                    "sums": [_told(sums[name].get(kind.code), kind) for name in stretches],
                }
                for kind in kinds
            ],
        }
    )


def _days(asked: Asked, zone: str, at: datetime) -> tuple[date, date]:
    """The days asked for; the month up to yesterday where none are. Raises Problem."""
    if asked.first is not None and asked.end is not None:
        return checked(asked.first, asked.end)
    today = at.astimezone(ZoneInfo(zone)).date()
    end = asked.end or today
    return checked(asked.first or (end - ONE).replace(day=1), end)


def before(first: date, end: date) -> tuple[date, date]:
    """The days alike just before: of the month before where all lie in one, else as many days."""
    last = end - ONE
    if (first.year, first.month) != (last.year, last.month):
        return first - (end - first), first
    whole = end.day == 1 and first.day == 1
    start = (first.replace(day=1) - ONE).replace(day=1)
    longest = monthrange(start.year, start.month)[1]
    if whole:
        return start, first
    return start.replace(day=min(first.day, longest)), start.replace(
        day=min(last.day, longest)
    ) + ONE  # fmt: skip


def year_before(day: date) -> date:
    """The same day a year ago; 28 February for 29 February."""
    longest = monthrange(day.year - 1, day.month)[1]
    return day.replace(year=day.year - 1, day=min(day.day, longest))


def _sums(
    windows: Windows, codes: list[int], first: date, end: date
) -> dict[int, tuple[int, int, int, int]]:  # fmt: skip
    """By reading type: total, expected, present, estimated. One query."""
    got = queries.consumption(windows, codes, first, end, "month")
    return {
        code: tuple(
            int(np.asarray(column[row]).sum())
            for column in (got.total, got.n_expected, got.n_present, got.n_estimated)
        )  # type: ignore[misc]  # four of them
        for row, code in enumerate(got.reading_types.tolist())
    }


def _told(sums: tuple[int, int, int, int] | None, kind: ReadingType) -> dict[str, Any]:
    total, expected, present, estimated = sums or (0, 0, 0, 0)
    return {
        "total": numbers.value(total, kind) if present else None,
        **numbers.counted(expected, present, estimated),
    }
