"""Events of devices: those of usage points, and those of devices that serve many.

`EndDeviceEvent` is a per-point table: its key contains usage_point_id, nobody has a foreign key
to it, it has no id of its own (reference/citus.md). `store` writes it, never a model instance.
What a journal and a code mean is in `catalogue`; `importance` is what it said when the event was
recorded, kept for the index of what needs looking at.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from faza.events.kinds import Device, Importance
from faza.events.querysets import EndDeviceEventQuerySet, SystemEventQuerySet
from faza.metering.models import NetworkNode

DOUBTS = Q(journal__in=[4, 7]) | Q(journal=3, code=143)
"""Where stretches of doubt begin and end; `store` says the same in SQL."""


class Told(models.Model):
    """What both have: journal and code, which of several in one second, what else it says.

    `source` is the id of a readings.Source, 0 for Faza itself.
    """

    at = models.DateTimeField()
    journal = models.SmallIntegerField()
    code = models.IntegerField()
    number = models.IntegerField(default=0)
    importance = models.SmallIntegerField(choices=Importance.choices)
    source = models.SmallIntegerField(default=0)
    details = models.JSONField(default=dict)
    recorded_at = models.DateTimeField()

    class Meta:
        abstract = True


class EndDeviceEvent(Told):
    """An event at a usage point (CIM: EndDeviceEvent): of its meter, its modem or the collection.

    `meter_id` is 0 where it is no meter's. The database does not check the foreign key to the
    point: points are never deleted.
    """

    pk = models.CompositePrimaryKey("usage_point_id", "at", "meter_id", "journal", "code", "number")
    usage_point = models.ForeignKey(
        "metering.UsagePoint",
        models.DO_NOTHING,
        db_index=False,
        db_constraint=False,
        related_name="+",
    )
    meter_id = models.BigIntegerField()

    objects = EndDeviceEventQuerySet.as_manager()

    class Meta:
        db_table = "events_event"
        indexes = [
            models.Index(
                fields=["-at"], condition=Q(importance__gte=Importance.WARNING), name="event_urgent"
            ),
            models.Index(fields=["usage_point", "at"], condition=DOUBTS, name="event_doubts"),
        ]

    def __str__(self) -> str:
        return f"{self.usage_point_id} {self.at}: {self.journal}/{self.code}"


class SystemEvent(Told):
    """An event of a device that serves many points, or of the system itself.

    `device_name` is its number or its name, as it says; `node` where it stands, if that is known.
    """

    device = models.CharField(max_length=20, choices=Device.choices)
    device_name = models.CharField(max_length=100)
    node = models.ForeignKey(NetworkNode, models.PROTECT, null=True, related_name="+")

    objects = SystemEventQuerySet.as_manager()

    class Meta:
        db_table = "events_system_event"
        constraints = [
            models.UniqueConstraint(
                fields=["device", "device_name", "at", "journal", "code", "number"],
                name="system_event_once",
            ),
        ]
        indexes = [models.Index(fields=["-at"], name="system_event_newest")]

    def __str__(self) -> str:
        return f"{self.device} {self.device_name} {self.at}: {self.journal}/{self.code}"


class FreshEvents(models.Model):
    """New events of a point that nobody has looked at yet for those who want to know of them.

    Made by `collection.warnings.record` in its transaction, deleted by the job of notices. The
    events are those between the two moments, both included, that were recorded at `recorded_at`.
    `number` is made by the application. A per-point table: see `EndDeviceEvent`.
    """

    pk = models.CompositePrimaryKey("usage_point_id", "number")
    usage_point_id = models.BigIntegerField()
    number = models.BigIntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "events_fresh"

    def __str__(self) -> str:
        return f"{self.usage_point_id} {self.first_at}"
