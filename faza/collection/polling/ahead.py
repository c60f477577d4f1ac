"""Plans that a clock made which was ahead: brought back once it is set right."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from faza.collection.models import CollectionPlan, DeviceTask, Line
from faza.collection.polling import claims, timing
from faza.collection.polling.loading import times_of

AT_ONCE = 500
"""Lines in one transaction."""


def bring_back(*, at: datetime, now: datetime) -> int:
    """Make due at once what no clock that shows `at` would have put off so long; how many lines.

    A kind's next regular time is the latest for which anything plans it (`timing.again`), so what
    is due later was planned by a clock that was ahead. What such a clock took down as read is
    forgotten: reading it again stores nothing twice. Leases end at most `claims.LEASE` after
    `now`, the machine's time. Doing it twice does it once.
    """
    ends = now + claims.LEASE
    Line.objects.filter(leased_until__gt=ends).update(leased_until=ends)
    plans = times_of(list(CollectionPlan.objects.all()))
    return sum(_of_plan(plan, times, at) for plan, times in plans.items())


def _of_plan(plan: int, times: timing.Times, at: datetime) -> int:
    late = Q(pk__in=[])
    for kind in times.every:
        late |= Q(kind=kind, due_at__gt=timing.regular(times, kind, at))
    tasks = DeviceTask.objects.filter(late, device__plan=plan)
    lines = sorted(set(tasks.values_list("device__line", flat=True)))
    for first in range(0, len(lines), AT_ONCE):
        _make_due(tasks, lines[first : first + AT_ONCE], at)
    return len(lines)


@transaction.atomic
def _make_due(tasks: QuerySet[DeviceTask], lines: list[int], at: datetime) -> None:
    claims.lock(lines)
    mine = tasks.filter(device__line__in=lines)
    DeviceTask.objects.filter(pk__in=mine.filter(done_at__gt=at).values("pk")).update(done_at=None)
    DeviceTask.objects.filter(pk__in=mine.values("pk")).update(due_at=at)
    claims.schedule(lines)
