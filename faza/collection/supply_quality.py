"""What a meter itself says of the quality of its supply: counters, and the voltage agreed upon."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from faza.collection.models import ConfigurationVersion, QualityCount
from faza.core.periods import Period
from faza.core.windows import Windows

OUTSIDE, OVER = "1.0.147.133.0.255", "1.0.148.36.0.255"
"""Seconds of voltage deviations, and how many over-voltages, in the billing period.

Source: СТО 34.01-5.1-006-2021 (reference, domain 3.2).
"""


@dataclass(frozen=True, slots=True)
class Counted:
    """The meter's counters of a billing period as they stood at a moment; None: it has no such."""

    at: datetime
    outside: timedelta | None
    over: int | None


def counted(windows: Windows, month: Period) -> Counted | None:
    """The last counters of a point that were read in a billing period. One query."""
    seen = windows.within(month)
    inside = Q(pk__in=[])
    for one in seen:
        inside |= Q(
            usage_point__pk=one.usage_point, at__gte=one.period.start, at__lt=one.period.end
        )
    row = QualityCount.objects.filter(inside).order_by("-at").first() if seen else None
    if row is None:
        return None
    seconds, over = row.counters.get(OUTSIDE), row.counters.get(OVER)
    return Counted(
        row.at,
        None if seconds is None else timedelta(seconds=int(seconds)),
        None if over is None else int(over),
    )


def agreed_voltage(meter: int, *, at: datetime) -> float | None:
    """V of a phase, on the meter's own side, as the meter is set; None: not known. One query."""
    known = ConfigurationVersion.objects.filter(meter__pk=meter, read_at__lte=at)
    settings = known.order_by("-read_at").values_list("settings", flat=True).first() or {}
    try:
        volts = float(settings.get("agreed_voltage") or 0)
    except (TypeError, ValueError):
        return None
    return volts if volts > 0 else None
