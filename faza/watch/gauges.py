"""Figures that the database knows: work, collection, data, queues, processes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet

from faza.cases.models import Case
from faza.cases.rules import WAITING as OPEN_CASES
from faza.collection.models import Arrival, Delivery, Device, ImportRun, Line, Session, SupplyOrder
from faza.contracts.models import Application
from faza.jobs import presence
from faza.jobs.models import Job, Process
from faza.manual_entry.models import Entry
from faza.outbox.models import Message
from faza.readings import months
from faza.readings.models import Finding, UnassignedReading
from faza.watch.handlers import MEASURE
from faza.watch.text import Figure, Sample

LATELY = timedelta(hours=1)
DAY = timedelta(days=1)
LATE = timedelta(hours=1)
"""A line whose turn was so long ago is late: collectors are missing or too slow."""


def gauges(*, at: datetime) -> list[Figure]:
    """All of them: some twenty queries, however large the installation is."""
    return [
        *_processes(at),
        *_jobs(at),
        *_messages(at),
        *_collection(at),
        *_imports(at),
        *_measured(at),
        _partitions(at),
        _queues(),
    ]


def _gauge(name: str, about: str, samples: Sequence[Sample]) -> Figure:
    return Figure(name, "gauge", about, samples)


def _age(name: str, about: str, since: datetime | None, at: datetime) -> Figure:
    """Seconds since a moment; nothing is written where there is no moment."""
    old = [] if since is None else [Sample(max((at - since).total_seconds(), 0.0))]
    return Figure(name, "gauge", about, old)


def _processes(at: datetime) -> list[Figure]:
    found = list(presence.alive(at=at))
    counts = {kind: sum(one.kind == kind for one in found) for kind in Process.Kind.values}
    done = [
        Sample(number, {"kind": one.kind, "process": one.name, "what": what})
        for one in found
        for what, number in one.counts.items()
    ]
    return [
        _gauge(
            "faza_processes",
            "Processes that said within a minute that they live, of all machines.",
            [Sample(number, {"kind": kind}) for kind, number in counts.items()],
        ),
        Figure(
            "faza_process_done_total",
            "counter",
            "What workers and collectors have done since they began: values, sessions, jobs.",
            done,
        ),
    ]


def _jobs(at: datetime) -> list[Figure]:
    states, unfinished = Job.State, Q(state__in=(Job.State.WAITING, Job.State.RUNNING))
    told = Job.objects.filter(unfinished).aggregate(
        waiting=Count("pk", filter=Q(state=states.WAITING)),
        running=Count("pk", filter=Q(state=states.RUNNING)),
        oldest=Min("created_at", filter=Q(state=states.WAITING)),
    )
    failed = Job.objects.filter(state=states.FAILED, ended_at__gt=at - DAY).count()
    return [
        _gauge(
            "faza_jobs",
            "Jobs that wait or run.",
            [Sample(told[name], {"state": name}) for name in ("waiting", "running")],
        ),
        _gauge("faza_jobs_failed_day", "Jobs that failed within a day.", [Sample(failed)]),
        _age("faza_job_oldest_seconds", "How long the oldest job waits.", told["oldest"], at),
    ]


def _messages(at: datetime) -> list[Figure]:
    told = Message.objects.filter(state=Message.State.WAITING).aggregate(
        waiting=Count("pk"), oldest=Min("due_at", filter=Q(due_at__lte=at))
    )
    lost = Message.objects.filter(state=Message.State.GIVEN_UP, ended_at__gt=at - DAY).count()
    return [
        _gauge("faza_messages", "Messages that wait to be sent.", [Sample(told["waiting"])]),
        _gauge("faza_messages_given_up_day", "Messages given up within a day.", [Sample(lost)]),
        _age("faza_message_oldest_seconds", "How long a message is overdue.", told["oldest"], at),
    ]


def _collection(at: datetime) -> list[Figure]:
    sessions = _by(Session.objects.filter(started_at__gt=at - LATELY), "outcome")
    enabled = Device.objects.filter(is_enabled=True, line__is_enabled=True)
    devices = enabled.aggregate(
        fine=Count("pk", filter=Q(failures=0)),
        failing=Count("pk", filter=Q(failures__gt=0)),
        newest=Max("last_success_at"),
    )
    late = Line.objects.filter(is_enabled=True, due_at__lt=at - LATE, leased_until=None)
    late |= Line.objects.filter(is_enabled=True, due_at__lt=at - LATE, leased_until__lt=at)
    return [
        _gauge(
            "faza_sessions_hour",
            "Conversations with meters begun within an hour, by outcome.",
            [Sample(sessions.get(name, 0), {"outcome": name}) for name in _OUTCOMES],
        ),
        _gauge(
            "faza_meters",
            "Meters that are to be read: fine, or failing since the last success.",
            [Sample(devices[name], {"state": name}) for name in ("fine", "failing")],
        ),
        _gauge(
            "faza_lines_late", "Lines due for an hour that nobody reads.", [Sample(late.count())]
        ),
        _age(
            "faza_collection_newest_seconds",
            "How long ago a meter was last read with success.",
            devices["newest"],
            at,
        ),
    ]


_OUTCOMES = ("done", "partial", "failed")


def _imports(at: datetime) -> list[Figure]:
    told = ImportRun.objects.filter(started_at__gt=at - DAY).aggregate(
        values=Count("pk"), refused=Count("pk", filter=Q(state=ImportRun.State.REFUSED))
    )
    newest = ImportRun.objects.aggregate(at=Max("started_at"))["at"]
    return [
        _gauge("faza_imports_day", "Imports begun within a day.", [Sample(told["values"])]),
        _gauge(
            "faza_imports_refused_day",
            "Imports of a day with files that were refused.",
            [Sample(told["refused"])],
        ),
        _age("faza_import_newest_seconds", "How long ago an import began.", newest, at),
    ]


_last: dict[str, tuple[dict[str, Any], datetime]] = {}
"""What was measured last: while it is measured anew, the job tells of no result."""


def _measured(at: datetime) -> list[Figure]:
    """What the worker measured last; nothing where it has not yet."""
    job = Job.objects.filter(key=f"{MEASURE}:round")
    for result, ended_at in job.values_list("result", "ended_at"):
        if result and ended_at:
            _last[MEASURE] = result, ended_at
    if MEASURE not in _last:
        return []
    told, ended = _last[MEASURE]
    newest = told["newest"]
    return [
        _age("faza_measured_seconds", "How long ago the next figures were measured.", ended, at),
        _gauge(
            "faza_points",
            "Points that sent intervals within 45 days, by what came for yesterday.",
            [Sample(told[name], {"state": name}) for name in ("complete", "partial", "silent")],
        ),
        _gauge(
            "faza_points_behind", "Points whose data end two days ago or earlier.",
            [Sample(told["behind"])],
        ),
        _gauge(
            "faza_newest_value_seconds",
            "How long ago the newest interval of all ended.",
            [Sample(max(at.timestamp() - newest, 0.0))] if newest else [],
        ),
    ]  # fmt: skip


def _partitions(at: datetime) -> Figure:
    until = months.are_until(at=at)
    days = [] if until is None else [Sample((until - at.date()).days)]
    return _gauge("faza_partitions_days", "Days for which tables of months are ready.", days)


def _queues() -> Figure:
    """What waits for people of the desk, and for a place."""
    orders = SupplyOrder.State
    waiting: dict[str, QuerySet[Any]] = {
        "applications": Application.objects.waiting(),
        "cases": Case.objects.filter(state__in=[state.value for state in OPEN_CASES]),
        "exceptions": Finding.objects.filter(state=Finding.State.OPEN),
        "readings": Entry.objects.filter(state=Entry.State.SENT),
        "orders": SupplyOrder.objects.filter(state__in=[orders.ASKED, orders.WAITING]),
        "unassigned": UnassignedReading.objects.all(),
        "held_files": Arrival.objects.filter(state=Arrival.State.HELD),
        "deliveries": Delivery.objects.filter(state__in=["waiting", "sending"]),
    }
    samples = [Sample(rows.count(), {"queue": name}) for name, rows in waiting.items()]
    return _gauge("faza_queue", "What waits: for the desk, for a place, for sending.", samples)


def _by(rows: QuerySet[Session], field: str) -> dict[str, int]:
    return dict(rows.values_list(field).annotate(number=Count("pk")).order_by(field))
