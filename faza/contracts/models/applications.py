"""What people ask for who register, and the talk about it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from faza.accounts.models import User
from faza.contracts.models.parties import CustomerAgreement
from faza.contracts.querysets import ApplicationQuerySet
from faza.contracts.rules import keys
from faza.contracts.rules.applications import OPEN, State
from faza.metering.fields import KeyField


class Application(models.Model):
    """What somebody asks for who registers: to read for the customer of an agreement.

    The fields are as the person wrote them. `due_at`: by when it is to be decided. `added` is
    what the approval added, so that it can be taken back: see `services.applications`.
    """

    class Kind(models.TextChoices):
        PERSON = "person", _("private person")
        ORGANISATION = "organisation", _("organisation")

    class State(models.TextChoices):
        UNCONFIRMED = State.UNCONFIRMED.value, _("address not confirmed")
        WAITING = State.WAITING.value, _("waits for a check")
        CORRECTION = State.CORRECTION.value, _("being corrected")
        APPROVED = State.APPROVED.value, _("approved")
        REFUSED = State.REFUSED.value, _("refused")

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.PERSON)
    full_name = models.CharField(max_length=300)
    organisation = models.CharField(max_length=300, blank=True)
    agreement_number = models.CharField(max_length=100, blank=True)
    number_key = KeyField(of="agreement_number", by=keys.number_key)
    phone = models.CharField(max_length=50, blank=True)
    email = models.EmailField(max_length=254)
    address = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=20, choices=State.choices, default=State.UNCONFIRMED)
    submitted_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(db_index=True)
    taken_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    taken_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)
    agreement = models.ForeignKey(
        CustomerAgreement, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    added = models.JSONField(default=dict, blank=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(state__in=sorted(state.value for state in OPEN)),
                name="application_one_open_a_user",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["approved", "refused"], decided_at__isnull=False)
                | Q(state__in=sorted(state.value for state in OPEN), decided_at__isnull=True),
                name="application_decided_has_a_moment",
            ),
        ]
        indexes = [models.Index(fields=["state", "due_at"], name="application_queue")]

    def __str__(self) -> str:
        return f"{self.pk}: {self.agreement_number} ({self.state})"


class ApplicationNote(models.Model):
    """A word in the talk of a subscriber and the desk about an application; kept in its order."""

    class Kind(models.TextChoices):
        MESSAGE = "message", _("message")
        CORRECTION = "correction", _("correction asked for")
        REFUSAL = "refusal", _("refusal")

    application = models.ForeignKey(Application, models.CASCADE, related_name="notes")
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.MESSAGE)
    text = models.TextField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.application_id}: {self.kind} {self.at:%Y-%m-%d %H:%M}"
