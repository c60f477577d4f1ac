"""Who works at which job: taken for a time, which a heartbeat lengthens (ADR 10).

A worker that is killed stops lengthening, and its job is taken up by the next one. Each take is
an attempt; the pair of worker and attempt says whose lease it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet

from faza.jobs.models import Job

LEASE = timedelta(seconds=30)
"""How long a killed worker's job stands still. A heartbeat comes each second."""
MOST_ATTEMPTS = 3
"""A job whose worker died so often kills workers: it takes their memory, or crashes them."""


def take(*, worker: str, at: datetime) -> Job | None:
    """Lease the job that waits longest, or whose worker is gone; None if there is none."""
    if not _free(at).exists():  # a look does not lock SQLite, as a transaction does
        return None
    with transaction.atomic():
        found = _free(at).select_for_update(skip_locked=True).order_by("created_at", "id").first()
        if found is None:
            return None
        if found.attempts >= MOST_ATTEMPTS:
            told = f"worker or database was lost {found.attempts} times while this job ran"
            _end(found, Job.State.FAILED, at=at, error=told)
            return take(worker=worker, at=at)
        if found.cancel_asked_at:
            _end(found, Job.State.CANCELLED, at=at)
            return take(worker=worker, at=at)
        found.state, found.worker, found.attempts = Job.State.RUNNING, worker, found.attempts + 1
        found.leased_until, found.started_at = at + LEASE, at
        found.done, found.total, found.note = 0, None, ""
        found.save()
    return found


def _free(at: datetime) -> QuerySet[Job]:
    left = Q(state=Job.State.RUNNING, leased_until__lt=at)
    return Job.objects.filter(Q(state=Job.State.WAITING) | left)


def beat(job: Job, *, at: datetime, done: int, total: int | None, note: str) -> bool | None:
    """Lengthen the lease and tell how far it is; whether the job is to be cancelled.

    None: somebody else has the job, or it has ended.
    """
    own = _own(job)
    if not own.update(leased_until=at + LEASE, done=done, total=total, note=note):
        return None
    return own.filter(cancel_asked_at__isnull=False).exists()


def finish(job: Job, result: Mapping[str, object], *, at: datetime) -> None:
    """It is done. Whoever is first to finish wins, even if the lease was lost meanwhile."""
    running = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING)
    running.update(state=Job.State.DONE, result=dict(result), ended_at=at, leased_until=None)


def fail(job: Job, error: str, *, at: datetime) -> None:
    _end(job, Job.State.FAILED, at=at, error=error)


def mark_cancelled(job: Job, *, at: datetime, result: Mapping[str, object] | None = None) -> None:
    """It ended because it was asked to; what was done until then may be told."""
    _end(job, Job.State.CANCELLED, at=at, result=result)


def hand_back(job: Job) -> None:
    """It was left in order, and waits for another worker; the attempt does not count."""
    _own(job).update(
        state=Job.State.WAITING, leased_until=None, worker="", attempts=F("attempts") - 1
    )


def shorten(job: Job, *, until: datetime) -> None:
    """The worker goes away with the job unfinished: others take it up soon, not at once."""
    _own(job).update(leased_until=until)


def _end(
    job: Job,
    state: Job.State,
    *,
    at: datetime,
    error: str = "",
    result: Mapping[str, object] | None = None,
) -> None:
    _own(job).update(
        state=state, error=error, ended_at=at, leased_until=None,
        result=dict(result) if result else None,
    )  # fmt: skip


def _own(job: Job) -> QuerySet[Job]:
    return Job.objects.filter(pk=job.pk, state=job.state, worker=job.worker, attempts=job.attempts)
