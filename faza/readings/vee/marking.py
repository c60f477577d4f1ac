"""What is marked for validation beside deliveries: by events, by settings, and by time itself."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta

import numpy as np
from django.db import connection, transaction
from django.db.models import Max, Min

from faza.events import catalogue
from faza.events.batches import EventBatch
from faza.metering.queries import Points
from faza.readings import marks
from faza.readings.models import IntervalBlock, RuleSetting
from faza.readings.store.reading import day_param
from faza.readings.store.reading import rows as asked
from faza.readings.validation import RULES
from faza.readings.vee.context import DAY, SHIFTS
from faza.readings.vee.estimating import ADDITIVE, GAP, WAIT

AGED = timedelta(days=2)
"""So long after a gap has waited it is still looked for, where no worker ran meanwhile."""
NEXT = {"postgresql": "{} + 1", "sqlite": "date({}, '+1 day')"}


def mark_events(batch: EventBatch, *, at: datetime) -> None:
    """Mark what new events may have changed: doubt from where it begins or ends until now, and
    the time around a change of the clock. Call it in the transaction that records them."""
    doubting = catalogue.doubting()
    ends = {pair for begun in doubting for pair in catalogue.closers(*begun)}
    lasting = {*doubting, *ends}
    pairs = list(zip(batch.journals.tolist(), batch.codes.tolist(), strict=True))
    chosen = np.array([pair in lasting or pair in SHIFTS for pair in pairs], bool)
    if not chosen.any():
        return
    open_ended = np.array([pair in lasting for pair in pairs], bool)[chosen]
    day = np.timedelta64(1, "D")
    # A day more to both sides: the points' own days begin at other moments.
    told = batch.moments[chosen].astype("datetime64[s]").astype("datetime64[D]")
    today = np.datetime64(at.astimezone(UTC).date())
    last = np.where(open_ended, np.maximum(told, today), told) + day
    marks.mark(batch.usage_points[chosen], told - day, last, at=at)


@transaction.atomic
def mark_points(
    points: Points, first: date | None, last: date | None, *, at: datetime,
    purpose: int = marks.VALIDATE,
) -> int:  # fmt: skip
    """Mark the days of points between two days, both included, None for as far as there are any;
    how many points. One query and the marks."""
    blocks = IntervalBlock.objects.filter(usage_point__in=points)
    if first is not None:
        blocks = blocks.filter(day__gte=first)
    if last is not None:
        blocks = blocks.filter(day__lte=last)
    rows = blocks.values("usage_point_id").annotate(first=Min("day"), last=Max("day")).order_by()
    spans = [(row["usage_point_id"], row["first"], row["last"]) for row in rows]
    if spans:
        columns = list(zip(*spans, strict=True))
        marks.mark(
            np.array(columns[0], np.int64), np.array(columns[1], "datetime64[D]"),
            np.array(columns[2], "datetime64[D]"), at=at, purpose=purpose,
        )  # fmt: skip
    return len(spans)


@transaction.atomic
def mark_aged(*, at: datetime) -> int:
    """Mark days whose gaps have waited long enough for reading by now; how many.

    Nothing is delivered there, and so nothing else marks them: days with a gap, and days of which
    nothing is stored after one of which something is. Two queries.
    """
    waits = _waits()
    first = (at - max(waits) - AGED).date() - DAY
    end = (at - min(waits)).date() + DAY
    kinds = ", ".join(map(str, ADDITIVE))
    following = NEXT[connection.vendor].format("a.day")
    found = asked(
        "SELECT usage_point_id, day FROM readings_block"  # noqa: S608 (constants of this file)
        f" WHERE day >= %s AND day < %s AND n_missing > 0 AND reading_type IN ({kinds})"
        f" UNION SELECT a.usage_point_id, {following} FROM readings_block a"
        " LEFT JOIN readings_block b ON b.usage_point_id = a.usage_point_id"
        f" AND b.reading_type = a.reading_type AND b.day = {following}"
        f" WHERE a.day >= %s AND a.day < %s AND a.reading_type IN ({kinds})"
        " AND b.usage_point_id IS NULL",
        (day_param(first), day_param(end), day_param(first - DAY), day_param(end - DAY)),
    )
    if found:
        points, days = zip(*found, strict=True)
        marks.mark_days(
            np.array(points, np.int64), np.array([str(day) for day in days], "datetime64[D]"), at=at
        )
    return len(found)


def _waits() -> Collection[timedelta]:
    """How long gaps wait for reading: by default, and wherever it is set otherwise. One query."""
    default = float(RULES[GAP].parameters[WAIT])
    told = RuleSetting.objects.filter(rule=GAP).values_list("parameters", flat=True)
    hours = {default, *(float(of[WAIT]) for of in told if WAIT in of)}
    return [timedelta(hours=wait) for wait in hours]
