"""Codes with which a page of the cabinet connects a phone."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from faza.accounts.models import User
from faza.contracts.models.tokens import Token
from faza.contracts.querysets import PairingQuerySet
from faza.contracts.rules.pairing import State


class Pairing(models.Model):
    """A code on a page and the phone that asks by it; a device token comes of it or nothing.

    `seed` is chance from which, with the installation's key, the secret of the QR and the short
    code are made; of both only hashes lie here. `session_digest` is of the web session that shows
    the code: it alone answers. `waiting_digest` is of the secret with which the phone waits.
    `expires_at`: when the present state ends by itself.
    """

    class State(models.TextChoices):
        OPEN = State.OPEN.value, _("code is shown")
        ASKED = State.ASKED.value, _("a phone asks")
        CONFIRMED = State.CONFIRMED.value, _("confirmed")
        DONE = State.DONE.value, _("connected")
        REFUSED = State.REFUSED.value, _("refused")

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    session_digest = models.CharField(max_length=64, db_index=True)
    seed = models.CharField(max_length=64)
    secret_digest = models.CharField(max_length=64, unique=True)
    code_digest = models.CharField(max_length=64, db_index=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    made_at = models.DateTimeField(db_index=True)
    expires_at = models.DateTimeField()
    waiting_digest = models.CharField(max_length=64, unique=True, null=True)
    phone = models.CharField(max_length=110, blank=True)
    phone_address = models.GenericIPAddressField(null=True)
    claimed_at = models.DateTimeField(null=True)
    token = models.OneToOneField(Token, models.SET_NULL, null=True, related_name="pairing")

    objects = PairingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", waiting_digest=None, claimed_at=None)
                | Q(state="refused")
                | Q(
                    state__in=["asked", "confirmed", "done"],
                    waiting_digest__isnull=False,
                    claimed_at__isnull=False,
                ),
                name="pairing_asked_by_a_phone",
            ),
            models.UniqueConstraint(
                fields=["session_digest"],
                condition=Q(state__in=["open", "asked", "confirmed"]),
                name="pairing_one_a_session",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.state}"
