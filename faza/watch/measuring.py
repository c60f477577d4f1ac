"""How complete the data are and how new: too much work for each look at the figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from faza.core.periods import Period
from faza.core.reading_types import A_PLUS
from faza.core.windows import Window, Windows
from faza.metering.models import MeteringComplex, UsagePoint
from faza.readings import queries
from faza.readings.queries.fleet import LOOK_BACK

CHUNK = 2_000
"""Points that are looked at together: the bound of memory."""
BEHIND = timedelta(days=2)
"""A point whose data end earlier is behind: most are read once a day, and may fail once."""
Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Measured:
    """Points of electricity that have sent intervals within LOOK_BACK, by yesterday's
    active energy: complete, partial, silent. behind: those whose data end before BEHIND; newest:
    unix seconds at which the last interval of all ends, 0 where there is none.
    """

    complete: int = 0
    partial: int = 0
    silent: int = 0
    behind: int = 0
    newest: int = 0


def measure(*, at: datetime, progress: Progress) -> Measured:
    """Look at all points that have a meter now, in parts; two to three queries for each part."""
    standing = MeteringComplex.objects.billing().valid_at(at).values("usage_point")
    points = UsagePoint.objects.filter(
        resource=UsagePoint.Resource.ELECTRICITY, pk__in=standing
    ).order_by("pk")
    rows = list(points.values_list("pk", "zone"))
    found = Measured()
    for start in range(0, len(rows), CHUNK):
        progress(start, len(rows))
        _add(found, rows[start : start + CHUNK], at)
    return found


def _add(found: Measured, rows: list[tuple[int, str]], at: datetime) -> None:
    past = Period(at - LOOK_BACK, at)
    windows = Windows.merged(Window(key, zone, past) for key, zone in rows)
    last = queries.latest(windows, [A_PLUS.code], before=at)
    sending = last.usage_points[last.ends > 0].tolist()
    if not sending:
        return
    ends = last.ends[last.ends > 0]
    found.newest = max(found.newest, int(ends.max()))
    found.behind += int((ends < (at - BEHIND).timestamp()).sum())
    today = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    told = queries.completeness(
        windows.of_points(sending), [A_PLUS.code], today - timedelta(days=1), today
    )
    share = told.share_come
    found.complete += int((share >= 1).sum())
    found.silent += int((share == 0).sum())
    found.partial += int(((share > 0) & (share < 1)).sum())
