from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q

from faza.contracts.rules import pairing
from faza.contracts.rules.applications import DECIDED, State
from faza.metering.validity import ValidityQuerySet

if TYPE_CHECKING:
    from faza.contracts.models import AgreementPoint, Application, Pairing  # noqa: F401


class AgreementPointQuerySet(ValidityQuerySet["AgreementPoint"]):
    """A point is covered while both it is bound and its agreement holds."""

    def covering_at(self, moment: datetime) -> Self:
        """Bindings that cover their point at a moment."""
        return self.valid_at(moment).filter(
            Q(agreement__valid_to__isnull=True) | Q(agreement__valid_to__gt=moment),
            agreement__valid_from__lte=moment,
        )

    def covering_before(self, moment: datetime) -> Self:
        """Bindings that cover their point for some time before a moment."""
        return self.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gt=F("agreement__valid_from")),
            Q(agreement__valid_to__isnull=True) | Q(agreement__valid_to__gt=F("valid_from")),
            valid_from__lt=moment,
            agreement__valid_from__lt=moment,
        )


class ApplicationQuerySet(models.QuerySet["Application"]):
    def waiting(self) -> Self:
        """Those that wait for the desk."""
        return self.filter(state=State.WAITING)

    def in_correction(self) -> Self:
        """Those that wait for the subscriber."""
        return self.filter(state=State.CORRECTION)

    def decided(self) -> Self:
        return self.filter(state__in=DECIDED)

    def overdue(self, moment: datetime) -> Self:
        """Those that wait for the desk and should have been decided by then."""
        return self.waiting().filter(due_at__lte=moment)

    def by_urgency(self) -> Self:
        """The nearest term first."""
        return self.order_by("due_at", "id")


class PairingQuerySet(models.QuerySet["Pairing"]):
    def standing_at(self, moment: datetime) -> Self:
        """Those that something can still come of."""
        return self.filter(state__in=sorted(pairing.STANDING), expires_at__gt=moment)
