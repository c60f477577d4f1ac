"""What faces and rooms do with jobs; how a worker takes and ends them is in `leases`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db import transaction

from faza.jobs import queries
from faza.jobs.models import Job


class Person(Protocol):
    """A user, as far as jobs need to know one."""

    pk: Any  # Django types every primary key so


def start(
    kind: str,
    *,
    arguments: Mapping[str, object],
    by: Person | None,
    at: datetime,
    key: str | None = None,
) -> Job:
    """Have a worker run the handler of a kind; call it inside the deed's own transaction.

    `arguments` is JSON: numbers of rows, not rows. The same key starts once: the job that is
    there already comes back, whatever its state.
    """
    fields = {
        "kind": kind,
        "arguments": dict(arguments),
        "by": by.pk if by else None,
        "created_at": at,
    }
    if key is None:
        return Job.objects.create(**fields)
    return Job.objects.get_or_create(key=key, defaults=fields)[0]


def start_round(kind: str, *, at: datetime, pause: timedelta) -> bool:
    """Have the one job of a kind begun again, `pause` after it was last; whether it was.

    However many workers ask, it is begun once; one that waits or runs is left alone.
    """
    key = f"{kind}:round"
    found = Job.objects.filter(key=key).values_list("state", "created_at").first()
    if found is None:
        start(kind, arguments={}, by=None, at=at, key=key)
        return True
    if found[0] in (Job.State.WAITING, Job.State.RUNNING) or found[1] + pause > at:
        return False
    ended = Job.objects.filter(key=key, created_at=found[1], ended_at__isnull=False)
    return bool(
        ended.update(
            state=Job.State.WAITING, created_at=at, started_at=None, ended_at=None, done=0,
            total=None, note="", result=None, error="", attempts=0, worker="", leased_until=None,
            cancel_asked_at=None, cancelled_by=None,
        )
    )  # fmt: skip


@transaction.atomic
def cancel(job: Job, *, by: Person, at: datetime) -> Job:
    """Ask for a job to end: at once where it waits, at its next good moment where it runs.

    What has ended stays as it is. The job comes back as it is now.
    """
    found = Job.objects.select_for_update().get(pk=job.pk)
    if found.is_ended or found.cancel_asked_at:
        return found
    found.cancel_asked_at, found.cancelled_by = at, by.pk
    if found.state == Job.State.WAITING:
        found.state, found.ended_at = Job.State.CANCELLED, at
    found.save(update_fields=["state", "ended_at", "cancel_asked_at", "cancelled_by"])
    return found


def sweep(*, before: datetime) -> int:
    """Delete jobs that ended before a moment; how many. For the retention table."""
    return queries.ended(before=before).delete()[0]
