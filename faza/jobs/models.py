from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _


class Job(models.Model):
    """Work that is too long for a request: who wanted what, how far it is, what came of it.

    `by` is a user's number, null where the system itself wanted it. `total` is null as long as
    nobody knows. While `leased_until` lies ahead, `worker` is at it; afterwards anybody may take
    it up again. `key` is unique: the same key is started once.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    kind = models.CharField(max_length=100)
    key = models.CharField(max_length=200, null=True, unique=True)
    by = models.BigIntegerField(null=True)
    arguments = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    state = models.CharField(max_length=20, choices=State.choices, default=State.WAITING)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(null=True)
    note = models.CharField(max_length=300, blank=True)
    result = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    cancel_asked_at = models.DateTimeField(null=True)
    cancelled_by = models.BigIntegerField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    worker = models.CharField(max_length=200, blank=True)
    leased_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=("waiting", "running"), ended_at=None)
                | models.Q(state__in=("done", "failed", "cancelled"), ended_at__isnull=False),
                name="job_ended_has_its_moment",
            ),
        ]
        indexes = [
            models.Index(fields=["by", "-created_at"], name="job_by_person"),
            models.Index(
                fields=["created_at"],
                condition=models.Q(state__in=("waiting", "running")),
                name="job_unfinished",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk} {self.state}"

    @property
    def is_ended(self) -> bool:
        return self.ended_at is not None

    @property
    def percent(self) -> int | None:
        """How far it is, 0 to 100; None where nobody knows the whole."""
        return min(100, self.done * 100 // self.total) if self.total else None


class Process(models.Model):
    """A worker or a collector that says now and then that it lives.

    `name` is a process of a machine. `counts`: what it has done since `started_at`, by name
    (`core.tally`). A row goes with its process; of a killed one it stays for a day.
    """

    class Kind(models.TextChoices):
        WORKER = "worker", "faza worker"
        COLLECTOR = "collect", "faza collect"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.CharField(max_length=200, unique=True)
    version = models.CharField(max_length=50)
    counts = models.JSONField(default=dict)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"
