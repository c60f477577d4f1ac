"""Rows that hold for a stretch of time: complexes, agreements and what they cover."""

from __future__ import annotations

from datetime import datetime
from typing import Self, TypeVar

from django.db import models
from django.db.models import F, Q

from faza.core.periods import Period

M = TypeVar("M", bound=models.Model, covariant=True)


class ValidityQuerySet(models.QuerySet[M]):
    def valid_at(self, moment: datetime) -> Self:
        """Rows that hold at a moment."""
        return self.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gt=moment), valid_from__lte=moment
        )

    def within(self, period: Period) -> Self:
        """Rows that hold for some time of a period."""
        return self.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gt=period.start), valid_from__lt=period.end
        )


ValidityManager = models.Manager.from_queryset(ValidityQuerySet)


class Validity(models.Model):
    """A row that holds for [valid_from, valid_to), moments in UTC; null = no end yet."""

    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)

    objects = ValidityManager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="%(app_label)s_%(class)s_ends_after_start",
            )
        ]

    @property
    def period(self) -> Period:
        return Period.open(self.valid_from, self.valid_to)
