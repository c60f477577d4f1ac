from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from faza.tariffs import rules


class CalendarDay(models.Model):
    """A day on which people work otherwise than the weekday says (production calendar).

    `region` is a country ("RU") or a part of it ("RU-TA"), as in ISO 3166.
    """

    class Kind(models.TextChoices):
        HOLIDAY = rules.HOLIDAY, _("day off")
        WORKING = rules.WORKING, _("working day moved here")
        SHORT = rules.SHORT, _("shortened working day")

    region = models.CharField(max_length=10, default="RU")
    day = models.DateField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    source = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "day"], name="calendar_day_once_a_region")
        ]

    def __str__(self) -> str:
        return f"{self.region} {self.day}: {self.kind}"


class Tariff(models.Model):
    """A way to divide and price consumption; `zones_count` is how many zones a day has."""

    code = models.CharField(max_length=30, unique=True)
    name = models.CharField(max_length=200)
    zones_count = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(zones_count__gte=1, zones_count__lte=8), name="tariff_has_zones"
            )
        ]

    def __str__(self) -> str:
        return self.name


class TariffZone(models.Model):
    """A zone of the day (CIM time-of-use tier): register Tn counts in its hours.

    `hours` is text as in "07:00-10:00 17:00-21:00", wall clock of the usage point's zone. The
    zones of one tariff and date divide the day; the next date's replace them all. `off_hours` are
    those of days off, where they are others than on working days; told of all zones or of none.
    """

    tariff = models.ForeignKey(Tariff, models.CASCADE, related_name="zones")
    valid_from = models.DateField()
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=100)
    hours = models.CharField(max_length=200)
    off_hours = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tariff", "valid_from", "number"], name="tariff_zone_once_a_date"
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="tariff_zone_number_from_1"),
        ]

    def __str__(self) -> str:
        return f"T{self.number} {self.name}"
