from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db.models import QuerySet

from faza.jobs.models import Job

OVERDUE = timedelta(minutes=10)


class Person(Protocol):
    """A user, as far as jobs need to know one."""

    pk: Any  # Django types every primary key so


def of(user: Person) -> QuerySet[Job]:
    """What a user started, newest first."""
    return Job.objects.filter(by=user.pk).order_by("-created_at", "-id")


def all_jobs() -> QuerySet[Job]:
    """Everybody's and the system's, newest first."""
    return Job.objects.order_by("-created_at", "-id")


def overdue(*, at: datetime) -> QuerySet[Job]:
    """What nobody has begun for ten minutes, or nobody goes on with: probably no worker runs."""
    waiting = Job.objects.filter(state=Job.State.WAITING, created_at__lt=at - OVERDUE)
    left = Job.objects.filter(state=Job.State.RUNNING, leased_until__lt=at - OVERDUE)
    return waiting | left


def ended(*, before: datetime) -> QuerySet[Job]:
    """What ended before a moment."""
    return Job.objects.filter(ended_at__lt=before)
