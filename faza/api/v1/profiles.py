"""Profile and consumption: numbers in columns, each with how complete and how good it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router

from faza.api.v1 import arrow, numbers, shapes
from faza.api.v1.asking import CHANNEL_LIST, Days, Moment, channels_of, checked, known_at
from faza.api.v1.auth import Door, finer, grant_in
from faza.api.v1.errors import invalid
from faza.api.v1.http import told
from faza.api.v1.paging import cursor_of, place_of
from faza.contracts import access
from faza.contracts.access import Grant
from faza.contracts.rules.tokens import Resolution, Scope
from faza.core.periods import Period
from faza.core.reading_types import BY_CODE, ReadingType
from faza.metering.models import UsagePoint
from faza.readings import queries
from faza.readings.queries import Consumption, Profile

router = Router(tags=["readings"], by_alias=True)
LONGEST = {"hour": 366, "day": 3_660, "month": 36_600}
"""Days of a page of consumption."""


class By(StrEnum):
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


class Asked(Days):
    channels: str | None = Field(
        None, pattern=CHANNEL_LIST, examples=["A+,A-"],
        description="Channels by commas; without it what the resource is consumed by.",
    )  # fmt: skip
    as_of: Moment | None = Field(None, description="What was known at that moment.")


class OfProfile(Asked):
    days: int = Field(31, ge=1, le=100, description="Days of a page.")


class OfConsumption(Asked):
    by: By = Field(By.DAY, description="Civil hours, days or months.")


@router.get("/usage-points/{point}/profile", auth=Door(Scope.READINGS, as_metered=True),
            response=shapes.Profile, url_name="profile", operation_id="profile",
            summary="Intervals of channels, as they are metered",
            openapi_extra={"responses": {200: {"content": arrow.CONTENT}}})  # fmt: skip
def profile(request: HttpRequest, point: str, asked: Query[OfProfile]) -> HttpResponseBase:
    """Of a month of half-hours one page. Intervals that a window cuts are left out.

    With `Accept: application/vnd.apache.arrow.stream` all days come at once, ten years at most,
    as a stream of Arrow: a row for each interval (channel, start, minutes, value, quality).
    """
    at = timezone.now()
    found, windows = access.granted_point(grant_in(request), point, at=at)
    kinds, as_of = channels_of(asked.channels, found.resource), known_at(asked.as_of)
    codes, zone = [kind.code for kind in kinds], ZoneInfo(found.zone)

    def fetch(first: date, end: date) -> list[Profile]:
        period = Period.of_days(first, end, found.zone)
        return queries.profiles(windows, codes, period, as_of=as_of)

    if arrow.is_wanted(request):
        first, end = _at_once(asked)
        return arrow.response(fetch, first, end, zone=found.zone, kinds=kinds)
    first, stop, after = _page(asked, asked.days)
    by_code: dict[int, list[Profile]] = {code: [] for code in codes}
    for one in fetch(first, stop):
        by_code[one.reading_type].append(one)
    channels = [_channel(kind, by_code[kind.code], zone) for kind in kinds]
    return told(_head(found, first, stop, as_of) | {"channels": channels, "next": after})


def _at_once(asked: Asked) -> tuple[date, date]:
    """The days of a stream, which has no pages. Raises Problem."""
    first, end = checked(asked.first, asked.end)
    if asked.cursor:
        raise invalid("cursor", _("It is not the `next` of an answer."))
    if (end - first).days > arrow.LONGEST:
        raise invalid("to", _("Expected %(limit)s at most.") % {"limit": arrow.LONGEST})
    return first, end


def _page(asked: Asked, longest: int) -> tuple[date, date, str | None]:
    """The days of a page, and the cursor of the next one. Raises Problem."""
    first, end = checked(asked.first, asked.end)
    if asked.cursor:
        start = date.fromordinal(place_of(asked.cursor) % date.max.toordinal() or 1)
        if not first < start < end:
            raise invalid("cursor", _("It is not the `next` of an answer."))
        first = start
    stop = min(end, first + timedelta(days=longest))
    return first, stop, cursor_of(stop.toordinal()) if stop < end else None


def _head(point: UsagePoint, first: date, stop: date, as_of: datetime | None) -> dict[str, Any]:
    return {
        "usage_point": point.code,
        "zone": point.zone,
        "from": first.isoformat(),
        "to": stop.isoformat(),
        "as_of": numbers.iso(as_of, ZoneInfo(point.zone)),
    }


def _channel(kind: ReadingType, found: list[Profile], zone: ZoneInfo) -> dict[str, Any]:
    present = sum(one.n_present for one in found)
    total = sum(one.total for one in found)
    return {
        "channel": kind.channel,
        "unit": kind.unit,
        "total": numbers.value(total, kind) if kind.additive and present else None,
        **numbers.counted(
            sum(one.n_expected for one in found), present, sum(one.n_estimated for one in found)
        ),
        "runs": [run for one in found for run in _runs(kind, one, zone)],
    }


def _runs(kind: ReadingType, one: Profile, zone: ZoneInfo) -> Iterator[dict[str, Any]]:
    """A profile cut where the length of intervals changes or some are left out."""
    if not len(one.starts):
        return
    breaks = (one.starts[1:] != one.ends[:-1]) | (one.minutes[1:] != one.minutes[:-1])
    edges = [0, *(np.flatnonzero(breaks) + 1).tolist(), len(one.starts)]
    present = one.present
    for first, end in zip(edges, edges[1:], strict=False):
        part = slice(first, end)
        yield {
            "start": numbers.moment(int(one.starts[first]), zone),
            "minutes": int(one.minutes[first]),
            "values": numbers.values(one.values[part], present[part], kind),
            "quality": numbers.nulled(one.quality[part], present[part]),
        }


@router.get("/usage-points/{point}/consumption", auth=Door(Scope.READINGS),
            response=shapes.Consumption, url_name="consumption", operation_id="consumption",
            summary="Sums by civil hours, days or months")  # fmt: skip
def consumption(request: HttpRequest, point: str, asked: Query[OfConsumption]) -> HttpResponse:
    """Of averages (voltage, power) the mean. Months are cut to the days asked for."""
    grant, at = grant_in(request), timezone.now()
    _not_finer(grant, asked)
    found, windows = access.granted_point(grant, point, at=at)
    first, stop, after = _page(asked, LONGEST[asked.by])
    kinds, as_of = channels_of(asked.channels, found.resource), known_at(asked.as_of)
    codes = [kind.code for kind in kinds]
    got = queries.consumption(windows, codes, first, stop, asked.by.value, as_of=as_of)
    zone = ZoneInfo(found.zone)
    # An hour that the clocks leap over is none.
    columns = np.flatnonzero(got.starts[0] >= 0) if len(got.starts) else np.zeros(0, np.int64)
    starts = got.starts[0, columns].tolist() if len(columns) else []
    rows = {int(code): row for row, code in enumerate(got.reading_types.tolist())}
    channels = [
        _sums(BY_CODE[code], got, rows[code], columns) if code in rows else _nothing(BY_CODE[code])
        for code in codes
    ]
    return told(
        _head(found, first, stop, as_of)
        | {
            "by": asked.by.value,
            "starts": [numbers.moment(start, zone) for start in starts],
            "channels": channels,
            "next": after,
        }
    )


def _not_finer(grant: Grant, asked: OfConsumption) -> None:
    """Raises Problem where a token that reads sums only would learn what they are made of.

    Nor by the differences of sums: of a month cut otherwise, or as it was known a day before.
    """
    if grant.resolution is None:
        return
    months = grant.resolution is Resolution.MONTH
    if (
        not grant.reads_by(asked.by.value)
        or asked.as_of is not None
        or (months and (asked.first.day != 1 or asked.end.day != 1))
    ):
        raise finer()


def _sums(kind: ReadingType, got: Consumption, row: int, columns: Any) -> dict[str, Any]:
    expected, present = got.n_expected[row, columns], got.n_present[row, columns]
    estimated, there = got.n_estimated[row, columns], got.n_present[row, columns] > 0
    amounts = got.total[row, columns]
    if not kind.additive:
        amounts = np.rint(amounts / np.maximum(present, 1)).astype(np.int64)
    measured = got.peak_minutes[row, columns] > 0
    return {
        "channel": kind.channel,
        "unit": kind.unit,
        "values": numbers.values(amounts, there, kind),
        "expected_each": expected.tolist(),
        "present_each": present.tolist(),
        "estimated_each": estimated.tolist(),
        "peak": numbers.values(got.peak[row, columns], measured, kind),
        **numbers.counted(int(expected.sum()), int(present.sum()), int(estimated.sum())),
    }


def _nothing(kind: ReadingType) -> dict[str, Any]:
    """A channel of a time in which there is no window."""
    columns: dict[str, Any] = dict.fromkeys(
        ("values", "expected_each", "present_each", "estimated_each", "peak"), []
    )
    return {"channel": kind.channel, "unit": kind.unit, **columns, **numbers.counted(0, 0, 0)}
