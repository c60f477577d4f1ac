"""Rows of the interval store and of registers.

Per-point tables: every key contains usage_point_id, nobody has a foreign key to them, their ids
are made by the application (reference/citus.md). They are written by `store` only, never by
model instances; the models are for migrations, joins and the words of this file. The database
does not check the foreign key to UsagePoint: it would cost a look-up a day of a channel, and
usage points are never deleted (their rows are protected by nodes, agreements and complexes).
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Source(models.Model):
    """Where deliveries come from; a message's number is counted within one of these.

    For 80020: one per (sender INN, area). The day is part of a block's key already.
    """

    class Kind(models.TextChoices):
        FORECAST = "forecast", _("Forecast")
        ESTIMATE = "estimate", _("Estimate")
        OPERATOR = "operator", _("Operator's estimate")
        MANUAL = "manual", _("Typed in")
        TABLE = "table", _("Table file")
        MESSAGE = "message", _("80020 message")
        METER = "meter", _("Meter")
        OVERRIDE = "override", _("Override")

    id = models.SmallAutoField(primary_key=True)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    sender = models.CharField(max_length=64, blank=True, default="")
    area = models.CharField(max_length=64, blank=True, default="")
    name = models.CharField(max_length=255, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "sender", "area"], name="source_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.sender} {self.area}".strip()

    @property
    def replaces_wholly(self) -> bool:
        """Whether a later delivery takes the place of an earlier one with its gaps too.

        So do 80020 messages of one sender, area and day. Source: rules, "Readings".
        """
        return self.kind == self.Kind.MESSAGE


class OfPoint(models.Model):
    """A row of a usage point; the key that spreads rows over the nodes of a cluster."""

    usage_point = models.ForeignKey(
        "metering.UsagePoint",
        models.DO_NOTHING,
        db_index=False,
        db_constraint=False,
        related_name="+",
    )

    class Meta:
        abstract = True


class OfDay(OfPoint):
    """A row of a civil day of one channel; the day is that of the point's zone."""

    reading_type = models.SmallIntegerField()
    day = models.DateField()

    class Meta:
        abstract = True


class Block(OfDay):
    """What the three tables of days have in common: a packed civil day of one channel.

    `interval` is in minutes. `values` are width-packed integers, `quality` empty where every
    interval is valid (`packing`). The counters add up to the number of intervals of the day:
    n_valid are present and measured, n_estimated present and estimated, n_missing absent.
    `total` is the sum of the present values, `peak` the greatest measured one (null: none).
    `source` 0 means: of several deliveries, see Provenance.
    """

    total = models.BigIntegerField()
    sequence = models.BigIntegerField()
    recorded_at = models.DateTimeField()
    peak = models.BigIntegerField(null=True)
    version = models.IntegerField()
    interval = models.SmallIntegerField()
    n_valid = models.SmallIntegerField()
    n_missing = models.SmallIntegerField()
    n_estimated = models.SmallIntegerField()
    source = models.SmallIntegerField()
    values = models.BinaryField()
    quality = models.BinaryField()

    class Meta:
        abstract = True


class IntervalBlock(Block):
    """The effective day (CIM: IntervalBlock): what was delivered, with what amends it."""

    pk = models.CompositePrimaryKey("usage_point_id", "reading_type", "day")

    class Meta:
        db_table = "readings_block"


class DeliveredBlock(Block):
    """The day as delivered, where estimates or overrides stand over it, and only there."""

    pk = models.CompositePrimaryKey("usage_point_id", "reading_type", "day")

    class Meta:
        db_table = "readings_delivered"


class IntervalBlockVersion(Block):
    """What an effective day was before a change: when it was replaced, why and by whom.

    `version` is the one that was replaced; `recorded_at` when it had been recorded.
    """

    pk = models.CompositePrimaryKey("usage_point_id", "reading_type", "day", "version")
    replaced_at = models.DateTimeField()
    replaced_by = models.CharField(max_length=64, blank=True, default="")
    reason = models.CharField(max_length=255, blank=True, default="")

    class Meta:
        db_table = "readings_version"


class Provenance(OfDay):
    """Where the intervals [first, end) of a day came from, on days of several sources.

    `layer` tells deliveries from what amends them. A later amendment of a layer covers an
    earlier one. `method` and `inputs` say how an estimate was made; `reason` why a person
    overrode, `by` who.
    """

    class Layer(models.IntegerChoices):
        DELIVERED = 0
        ESTIMATE = 1
        OVERRIDE = 2

    pk = models.CompositePrimaryKey("usage_point_id", "reading_type", "day", "layer", "first")
    layer = models.SmallIntegerField(choices=Layer.choices)
    first = models.SmallIntegerField()
    end = models.SmallIntegerField()
    source = models.SmallIntegerField()
    sequence = models.BigIntegerField()
    method = models.CharField(max_length=64, blank=True, default="")
    inputs = models.JSONField(default=dict)
    reason = models.CharField(max_length=255, blank=True, default="")
    by = models.CharField(max_length=64, blank=True, default="")
    run = models.BigIntegerField(null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "readings_provenance"


class RegisterReading(OfPoint):
    """All registers of a meter at a moment, as the meter shows them (CIM: Reading).

    `registers` is packed by `registers.pack`: Wh and varh on the meter's own side, before
    ratios, T0..T8 of A+, A-, R+, R-; `present` says by a bit each which of the 36 are there.
    """

    class Kind(models.IntegerChoices):
        DAY = 1, _("Start of day")
        MONTH = 2, _("Start of month")
        ON_DEMAND = 3, _("On demand")
        MANUAL = 4, _("Typed in")
        CLOSING = 5, _("Closing")
        OPENING = 6, _("Opening")

    pk = models.CompositePrimaryKey("usage_point_id", "meter_id", "at", "kind")
    meter_id = models.BigIntegerField()
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    present = models.BigIntegerField()
    sequence = models.BigIntegerField()
    version = models.IntegerField()
    kind = models.SmallIntegerField(choices=Kind.choices)
    source = models.SmallIntegerField()
    quality = models.SmallIntegerField()
    registers = models.BinaryField()

    class Meta:
        db_table = "readings_register"


class RegisterReadingVersion(OfPoint):
    """What a register reading was before it was replaced."""

    pk = models.CompositePrimaryKey("usage_point_id", "meter_id", "at", "kind", "version")
    meter_id = models.BigIntegerField()
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    replaced_at = models.DateTimeField()
    present = models.BigIntegerField()
    sequence = models.BigIntegerField()
    version = models.IntegerField()
    kind = models.SmallIntegerField()
    source = models.SmallIntegerField()
    quality = models.SmallIntegerField()
    registers = models.BinaryField()

    class Meta:
        db_table = "readings_register_version"


class UnassignedReading(models.Model):
    """A register reading of a meter that was installed nowhere at that moment; it waits here.

    `meter_number` is as delivered. Taken by `registers.assign` once a complex covers it.
    """

    meter_number = models.CharField(max_length=64)
    usage_point_code = models.CharField(max_length=64, blank=True, default="")
    at = models.DateTimeField()
    kind = models.SmallIntegerField(choices=RegisterReading.Kind.choices)
    source = models.SmallIntegerField()
    sequence = models.BigIntegerField()
    present = models.BigIntegerField()
    registers = models.BinaryField()
    quality = models.SmallIntegerField()
    reason = models.CharField(max_length=255)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["meter_number", "usage_point_code", "at", "kind"], name="unassigned_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meter_number} {self.at}"
