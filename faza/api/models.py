"""What the API keeps of its own conversations; the deeds themselves are the rooms' below."""

from __future__ import annotations

from django.db import models

from faza.contracts.models import Token


class KeptAnswer(models.Model):
    """What a write with an Idempotency-Key was answered; asked once more, it is told once more.

    `key` is the program's own name of the deed. `digest` is SHA-256 of the method, the address
    and what was sent. `status` is None while the deed is being done since `begun_at`.
    """

    token = models.ForeignKey(Token, models.CASCADE, related_name="+")
    key = models.CharField(max_length=100)
    digest = models.CharField(max_length=64)
    begun_at = models.DateTimeField(db_index=True)
    status = models.PositiveSmallIntegerField(null=True)
    location = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["token", "key"], name="kept_answer_once"),
            models.CheckConstraint(
                condition=models.Q(status=None) | models.Q(status__range=(200, 299)),
                name="kept_answer_of_a_deed_done",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.token_id}: {self.key} ({self.status})"
