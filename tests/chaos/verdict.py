"""Whether all that was acknowledged is there, once and as it was told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from faza.core.periods import start_of_day
from faza.metering.models import UsagePoint
from faza.readings.models import RegisterReading
from faza.reports.models import Run
from tests.chaos.load import FIRST, Load, values_of
from tests.soak import people, verdict

MOST = 10
"""Problems of a kind that are told."""


def settle(load: Load, until: Callable[[str, Callable[[], bool]], float]) -> None:
    """Wait until what is promised is done."""
    waiting = Run.objects.filter(pk__in=load.reports, state=Run.State.WAITING)
    until("end of the reports that wait", lambda: not waiting.exists())


def compare(load: Load, since: datetime, at: datetime) -> list[str]:
    """What is wrong, in words."""
    return [*_messages(load)[:MOST], *_reports(load)[:MOST], *_meters(since, at)[:MOST]]


def _messages(load: Load) -> list[str]:
    """Each day has the values that were acknowledged last, or those of the message after."""
    points = {point.code: point for point in UsagePoint.objects.all()}
    wrong = []
    for (code, day), revision in load.acknowledged.items():
        begin = start_of_day(FIRST + timedelta(days=day), people.ZONE)
        there = verdict.stored_of(points[code], begin, begin + timedelta(days=1)).values[0].tolist()
        if there not in (values_of(revision), values_of(revision + 1)):
            wrong.append(f"{code} day {day}: acknowledged {revision}, stored {there[:3]}")
    return wrong


def _reports(load: Load) -> list[str]:
    runs = {run.pk: run for run in Run.objects.all()}
    wrong = [f"report {pk} is gone" for pk in load.reports if pk not in runs]
    wrong += [
        f"report {run.pk}: {run.state} {run.why}"
        for run in runs.values()
        if run.state != Run.State.MADE
    ]
    # One request may have been taken without our hearing so; none is taken twice.
    if len(runs) > len(load.reports) + 1:
        wrong.append(f"{len(runs)} reports of {len(load.reports)} that were asked for")
    return wrong


def _meters(since: datetime, at: datetime) -> list[str]:
    """Every interval before the last look at the meters, and the registers of their days."""
    wrong = []
    end = at - timedelta(hours=1)
    for place in range(len(UsagePoint.objects.filter(code__startswith="0"))):
        point = UsagePoint.objects.get(code=people.code_of(place))
        there = verdict.stored_of(point, since, end)
        if not there.present.all():
            wrong.append(f"{point.code}: {int((~there.present).sum())} intervals are missing")
        if not RegisterReading.objects.filter(usage_point=point).exists():
            wrong.append(f"{point.code}: no registers")
    return wrong
