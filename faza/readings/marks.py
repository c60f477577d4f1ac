"""Marks: which days of which points are to be validated again, or kept up to date elsewhere.

Whatever changes readings makes them, in its own transaction; the job of their purpose takes,
works, and drops those that it took. Killed between, it works again, which changes nothing.
Validation hands on what it has looked at: who keeps months of effective days comes after it.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from django.db import connection, transaction
from django.db.models import Max, Min

from faza.metering.models import UsagePoint
from faza.readings.models import IntervalBlock, Mark
from faza.readings.store import postgres, sqlite

I64 = npt.NDArray[np.int64]
Days = npt.NDArray[np.datetime64]

VALIDATE, KEEP = Mark.Purpose.VALIDATE, Mark.Purpose.KEEP


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """Marks by point: all (n,); days are civil days of the point, both included."""

    usage_points: I64
    numbers: I64
    first_days: Days
    last_days: Days

    def __len__(self) -> int:
        return len(self.usage_points)

    def of(self, points: Collection[int]) -> Taken:
        """The marks of some points."""
        mine = np.isin(self.usage_points, list(points))
        return Taken(
            self.usage_points[mine], self.numbers[mine], self.first_days[mine],
            self.last_days[mine],
        )  # fmt: skip


def mark(
    usage_points: I64, first_days: Days, last_days: Days, *, at: datetime, purpose: int = VALIDATE
) -> None:
    """Mark civil days of points, both ends included; all (n,). Call it in a transaction."""
    n = len(usage_points)
    if not n:
        return
    # Another number each time: a mark made while the job works outlives what the job took.
    numbers = np.arange(n) + secrets.randbits(62)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            postgres.copy_columns(
                cursor,
                "readings_mark",
                {
                    "usage_point_id": usage_points.astype(">i8"),
                    "number": numbers.astype(">i8"),
                    "purpose": np.full(n, purpose, ">i2"),
                    "first_day": postgres.day_numbers(first_days),
                    "last_day": postgres.day_numbers(last_days),
                    "made_at": postgres.moment_numbers(at, n),
                },
            )
            return
        moment = sqlite.moment(at)
        sqlite.many(
            cursor,
            "INSERT INTO readings_mark"
            " (usage_point_id, number, purpose, first_day, last_day, made_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            zip(
                usage_points.tolist(), numbers.tolist(), [int(purpose)] * n,
                np.datetime_as_string(first_days, unit="D").tolist(),
                np.datetime_as_string(last_days, unit="D").tolist(), [moment] * n, strict=True,
            ),
        )  # fmt: skip


def mark_days(usage_points: I64, days: Days, *, at: datetime, purpose: int = VALIDATE) -> None:
    """Mark days of points (n,), a mark for each unbroken stretch; the same may come often."""
    if not len(usage_points):
        return
    numbers = days.astype("datetime64[D]").astype(np.int64)
    order = np.lexsort((numbers, usage_points))
    points, numbers = usage_points[order], numbers[order]
    begins = np.ones(len(points), bool)
    begins[1:] = (points[1:] != points[:-1]) | (numbers[1:] > numbers[:-1] + 1)
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(points)) - 1
    mark(
        points[first], numbers[first].astype("datetime64[D]"),
        numbers[last].astype("datetime64[D]"), at=at, purpose=purpose,
    )  # fmt: skip


def mark_moments(usage_points: I64, moments: I64, *, at: datetime) -> None:
    """Mark the civil days that touch moments (n,), unix seconds: at midnight both. One query."""
    if not len(usage_points):
        return
    points = np.unique(usage_points)
    zones = dict(UsagePoint.objects.filter(pk__in=points.tolist()).values_list("pk", "zone"))
    names = np.array([zones.get(point, "UTC") for point in points.tolist()])
    named = names[np.searchsorted(points, usage_points)]
    # The day that a moment ends and the one that it begins; mostly they are one.
    touched = np.concatenate([moments - 1, moments])
    days = np.zeros(len(touched), "datetime64[D]")
    for name in np.unique(named).tolist():
        mine = np.flatnonzero(np.tile(named == name, 2))
        distinct, place = np.unique(touched[mine], return_inverse=True)
        zone = ZoneInfo(name)
        local = [datetime.fromtimestamp(moment, zone).date() for moment in distinct.tolist()]
        days[mine] = np.array(local, "datetime64[D]")[place.reshape(-1)]
    mark_days(np.tile(usage_points, 2), days, at=at)


def mark_since(usage_point: int, moment: datetime, *, at: datetime) -> None:
    """Mark the stored days of a point from a moment on: another meter stands there, or none.

    One query and the mark.
    """
    # A day more: the point's own days begin at other moments than those of UTC.
    first = moment.astimezone(UTC).date() - timedelta(days=1)
    stored = IntervalBlock.objects.filter(usage_point=usage_point, day__gte=first)
    days = stored.aggregate(first=Min("day"), last=Max("day"))
    if days["first"] is not None:
        bounds = (np.array([days[end]], "datetime64[D]") for end in ("first", "last"))
        mark(np.array([usage_point], np.int64), *bounds, at=at)


def take(limit: int, *, after: int = 0, purpose: int = VALIDATE) -> Taken:
    """All marks of a purpose of the first `limit` points whose id is greater than `after`.

    Begin with after=0 and go on with the greatest point taken, until nothing comes: so no point
    waits for others that are marked again and again. Two queries.
    """
    marked = Mark.objects.filter(usage_point_id__gt=after, purpose=purpose)
    points = marked.order_by("usage_point_id").values_list("usage_point_id", flat=True).distinct()
    chosen = list(points[:limit])
    found = (
        list(
            marked.filter(usage_point_id__lte=chosen[-1])
            .order_by("usage_point_id", "number")
            .values_list("usage_point_id", "number", "first_day", "last_day")
        )
        if chosen
        else []
    )
    columns = list(zip(*found, strict=True)) if found else [()] * 4
    return Taken(
        np.array(columns[0], np.int64), np.array(columns[1], np.int64),
        np.array(columns[2], "datetime64[D]"), np.array(columns[3], "datetime64[D]"),
    )  # fmt: skip


def drop(taken: Taken) -> None:
    """Delete the marks that were taken, and no other ones."""
    if not len(taken):
        return
    keys = [taken.usage_points.tolist(), taken.numbers.tolist()]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "DELETE FROM readings_mark m USING unnest(%s::bigint[], %s::bigint[])"
                " AS k(point, number) WHERE m.usage_point_id = k.point AND m.number = k.number",
                keys,
            )
            return
        sqlite.many(
            cursor,
            "DELETE FROM readings_mark WHERE usage_point_id = ? AND number = ?",
            zip(*keys, strict=True),
        )


def hand_on(taken: Taken, *, at: datetime) -> None:
    """Delete the marks that validation took, and mark the same days for whoever keeps them."""
    with transaction.atomic():
        drop(taken)
        mark(taken.usage_points, taken.first_days, taken.last_days, at=at, purpose=KEEP)


def waiting(purpose: int = VALIDATE) -> int:
    """How many marks of a purpose there are."""
    return Mark.objects.filter(purpose=purpose).count()
