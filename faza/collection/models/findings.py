"""What sessions found out beside readings and events: what is lost, how meters are set."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from faza.metering.models import Meter
from faza.readings.models import OfPoint


class LostStretch(OfPoint):
    """Intervals [start, end) of a load profile that will not come; they are not asked for again.

    times: in how many sessions the meter said so; it is believed from the second time on
    (`polling.lost`). A per-point table: nobody has a foreign key to it.
    """

    class Reason(models.TextChoices):
        ABSENT = "absent", _("the meter does not have it")
        TOO_OLD = "old", _("too old to be asked for")

    pk = models.CompositePrimaryKey("usage_point_id", "profile", "start")
    profile = models.SmallIntegerField()
    start = models.DateTimeField()
    end = models.DateTimeField()
    meter_id = models.BigIntegerField()
    times = models.SmallIntegerField(default=1)
    reason = models.CharField(max_length=10, choices=Reason.choices)
    found_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.usage_point_id}: {self.start} to {self.end}"


class QualityCount(OfPoint):
    """The meter's own counters of supply quality at a moment, by OBIS code."""

    pk = models.CompositePrimaryKey("usage_point_id", "meter_id", "at")
    meter_id = models.BigIntegerField()
    at = models.DateTimeField()
    counters = models.JSONField()

    def __str__(self) -> str:
        return f"{self.usage_point_id}: {self.at}"


class _Version(models.Model):
    """How a meter was found set; a row for each change. `read_at`: when it was seen first."""

    read_at = models.DateTimeField()
    fingerprint = models.CharField(max_length=64)

    class Meta:
        abstract = True


class ConfigurationVersion(_Version):
    """The settings of a meter by name, from `read_at` until the next one."""

    meter = models.ForeignKey(Meter, models.CASCADE, related_name="configurations")
    settings = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["meter", "read_at"], name="configuration_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.meter_id}: {self.read_at}"


class CalendarVersion(_Version):
    """The tariff calendar of a meter as it was read (`polling.calendars`)."""

    meter = models.ForeignKey(Meter, models.CASCADE, related_name="calendars")
    calendar = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["meter", "read_at"], name="calendar_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.meter_id}: {self.read_at}"
