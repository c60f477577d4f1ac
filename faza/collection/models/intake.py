"""Who may send us telemetry, and which files of the watched folder were taken."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from faza.accounts.models import User
from faza.metering.models import NetworkNode


class AccessToken(models.Model):
    """A key with which a program pushes telemetry over HTTP (reference/telemetry.md).

    Only its digest is kept. `sender` names the source of what comes with it. It may write to
    usage points at `node` and below; without a node to all. It ends at `expires_at`, and at once
    when it is revoked.
    """

    name = models.CharField(max_length=100)
    sender = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=12)
    node = models.ForeignKey(NetworkNode, models.PROTECT, null=True, related_name="+")
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"


class Pickup(models.Model):
    """A file of the watched folder: written before it is taken, and again when it is done with.

    `kept_as` is its name among those at work, which tells what a killed process has left there.
    `tries`: how often its reading was begun; whose reading killed two processes is put aside.
    """

    class State(models.TextChoices):
        TAKEN = "taken", _("taken")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    name = models.CharField(max_length=300)
    kept_as = models.CharField(max_length=80, unique=True)
    size = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.TAKEN)
    tries = models.PositiveSmallIntegerField(default=0)
    reason = models.CharField(max_length=500, blank=True)
    run = models.ForeignKey("collection.ImportRun", models.SET_NULL, null=True, related_name="+")
    taken_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="taken") | Q(ended_at__isnull=False), name="pickup_ended"
            ),
        ]

    def __str__(self) -> str:
        return self.name
