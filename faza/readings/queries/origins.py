"""Where values come from that nobody measured: the stretches that stand over a delivery."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from faza.core.periods import Period, start_of_day
from faza.core.windows import Windows
from faza.readings.models import IntervalBlock, Provenance, Source


@dataclass(frozen=True, slots=True)
class Origin:
    """A stretch [start, end) of a channel that an estimate or a person's override stands for.

    kind: of the source (models.Source.Kind). method, inputs: how the values were made, as
    `services.amend` was told. reason: why a person overrode. Unix seconds.
    """

    usage_point: int
    reading_type: int
    start: int
    end: int
    is_override: bool
    kind: str
    method: str
    inputs: dict[str, Any]
    reason: str
    recorded_at: datetime


def origins(windows: Windows, reading_type: int, first: date, end: date) -> tuple[Origin, ...]:
    """What amends the civil days [first, end) of a channel, clipped to the windows, by time.

    Three queries, or one where nothing is amended.
    """
    days: dict[str, Any] = {
        "usage_point_id__in": windows.points,
        "reading_type": reading_type,
        "day__gte": first,
        "day__lt": end,
    }
    amended = (Provenance.Layer.ESTIMATE, Provenance.Layer.OVERRIDE)
    rows = list(Provenance.objects.filter(**days, layer__in=amended))
    if not rows:
        return ()
    blocks = IntervalBlock.objects.filter(**days)
    minutes = {
        (point, day): interval
        for point, day, interval in blocks.values_list("usage_point_id", "day", "interval")
    }
    kinds = dict(Source.objects.values_list("id", "kind"))
    found = []
    for window in windows:
        for row in rows:
            interval = minutes.get((row.usage_point_id, row.day))
            if row.usage_point_id != window.usage_point or interval is None:
                continue
            midnight = start_of_day(row.day, window.zone).astimezone(UTC)
            whole = Period(
                midnight + row.first * timedelta(minutes=interval),
                midnight + row.end * timedelta(minutes=interval),
            )
            part = whole.intersect(window.period)
            if part is None:
                continue
            found.append(
                Origin(
                    usage_point=row.usage_point_id,
                    reading_type=reading_type,
                    start=int(part.start.timestamp()),
                    end=int(part.end.timestamp()),
                    is_override=row.layer == Provenance.Layer.OVERRIDE,
                    kind=kinds.get(row.source, ""),
                    method=row.method,
                    inputs=dict(row.inputs or {}),
                    reason=row.reason,
                    recorded_at=row.recorded_at,
                )
            )
    return tuple(sorted(found, key=lambda one: (one.usage_point, one.start)))
