from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db.models import F, Q

from faza.metering.validity import ValidityQuerySet

if TYPE_CHECKING:
    from faza.contracts.models import AgreementPoint  # noqa: F401  (named as a string below)


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
