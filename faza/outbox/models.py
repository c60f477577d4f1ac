from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _


class Message(models.Model):
    """What somebody must be told, once for a key; written in the deed's transaction.

    `recipient` is a user's number, `address` an e-mail address that takes its place. The payload
    is emptied at delivery. `due_at` is when to try (again); while `leased_until` lies ahead,
    `worker` is at it. `placed_at`: when it was looked at for the page, before any mail.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DELIVERED = "delivered", _("delivered")
        GIVEN_UP = "given_up", _("given up")

    kind = models.CharField(max_length=100)
    recipient = models.BigIntegerField(null=True, db_index=True)
    address = models.EmailField(max_length=254, blank=True)
    language = models.CharField(max_length=8, default="ru")
    key = models.CharField(max_length=200, unique=True)
    payload = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    state = models.CharField(max_length=20, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    reason = models.CharField(max_length=500, blank=True)
    worker = models.CharField(max_length=200, blank=True)
    leased_until = models.DateTimeField(null=True)
    placed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(recipient__isnull=False) | ~models.Q(address=""),
                name="message_goes_to_somebody",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="delivered") | models.Q(payload={}),
                name="message_delivered_is_empty",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=models.Q(state="waiting"), name="message_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
