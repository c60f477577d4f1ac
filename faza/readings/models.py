"""Rows of the interval store and of registers.

Per-point tables: every key contains usage_point_id, nobody has a foreign key to them, their ids
are made by the application (reference/citus.md). They are written by `store` only, never by
model instances; the models are for migrations, joins and the words of this file. The database
does not check the foreign key to UsagePoint: it would cost a look-up a day of a channel, and
usage points are never deleted (their rows are protected by nodes, agreements and complexes).
"""

from django.db import models
from django.db.models import F, Q
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
        VALIDATION = "validation", _("Validation")

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

    `layer` tells deliveries from what amends them; its numbers are ids, the order in which they
    stand over a delivery is verdict, estimate, override. A later amendment of a layer covers an
    earlier one. `method` and `inputs` say how an estimate was made, in the verdict layer `method`
    is one of amending.VERDICTS; `reason` why a person overrode, `by` who.
    """

    class Layer(models.IntegerChoices):
        DELIVERED = 0
        ESTIMATE = 1
        OVERRIDE = 2
        VERDICT = 3

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


class Finding(OfPoint):
    """What a validation rule found: a stretch [start, end) of a channel or of the whole point.

    `reading_type` 0: of the point, not of one channel. `rule` is a code of `validation`; `effect`
    one of validation.shapes.Effect; `numbers` what was compared, names as the rule has them. A
    finding that is found again unchanged is not written again. ACCEPTED: a person said that the
    values stand, in later runs too; DECIDED: a person put other values in their place, its effect
    stays; GONE: it is found no longer and is kept as history.
    """

    class State(models.IntegerChoices):
        OPEN = 1, _("Open")
        ACCEPTED = 2, _("Accepted")
        GONE = 3, _("Gone")
        DECIDED = 4, _("Other values put")

    pk = models.CompositePrimaryKey("usage_point_id", "reading_type", "rule", "start")
    reading_type = models.SmallIntegerField()
    rule = models.CharField(max_length=8)
    start = models.DateTimeField()
    end = models.DateTimeField()
    effect = models.SmallIntegerField()
    state = models.SmallIntegerField(choices=State.choices, default=State.OPEN)
    numbers = models.JSONField(default=dict)
    found_at = models.DateTimeField()
    run = models.BigIntegerField(null=True)
    closed_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=64, blank=True, default="")
    reason = models.CharField(max_length=255, blank=True, default="")

    class Meta:
        db_table = "readings_finding"
        constraints = [
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="finding_has_length"),
        ]
        indexes = [
            models.Index(fields=["rule", "found_at"], condition=Q(state=1), name="finding_open"),
        ]


class Mark(OfPoint):
    """Civil days [first_day, last_day] of a point whose readings are to be looked at again.

    Only ever inserted, by what changes readings, in its transaction; deleted by the job that has
    looked. `number` is made by the application: two marks of the same days are two rows, so that
    one made during a run outlives it. `purpose`: VALIDATE what was delivered; KEEP up to date what
    others keep of effective days, months and charges.
    """

    class Purpose(models.IntegerChoices):
        VALIDATE = 0
        KEEP = 1

    pk = models.CompositePrimaryKey("usage_point_id", "number")
    number = models.BigIntegerField()
    purpose = models.SmallIntegerField(choices=Purpose.choices, default=Purpose.VALIDATE)
    first_day = models.DateField()
    last_day = models.DateField()
    made_at = models.DateTimeField()

    class Meta:
        db_table = "readings_mark"


class RuleSetting(models.Model):
    """How a validation rule is set at a node and below it, or everywhere (no node).

    The nearest node up the tree that has a row of the rule wins, wholly. `effect` null: the
    rule's default; `parameters` are those that differ from the rule's defaults.
    """

    node = models.ForeignKey(
        "metering.NetworkNode", models.CASCADE, null=True, blank=True, related_name="+"
    )
    rule = models.CharField(max_length=8)
    is_on = models.BooleanField(default=True)
    effect = models.SmallIntegerField(null=True, blank=True)
    parameters = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["node", "rule"], name="rule_once_at_a_node"),
            models.UniqueConstraint(
                fields=["rule"], condition=Q(node=None), name="rule_once_everywhere"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.node_id or '*'}"


class Moment(OfPoint):
    """What a meter told of one moment: voltages, currents, powers, angles (`network.moments`).

    `kinds` are codes of reading types, u16 little-endian; `values` i64 of the same order, in their
    quanta, on the primary side. Nothing is changed once it is there.
    """

    pk = models.CompositePrimaryKey("usage_point_id", "at", "meter_id")
    at = models.DateTimeField()
    meter_id = models.BigIntegerField()
    recorded_at = models.DateTimeField()
    source = models.SmallIntegerField()
    kinds = models.BinaryField()
    values = models.BinaryField()

    class Meta:
        db_table = "readings_moment"


class RegisterReading(OfPoint):
    """All registers of a meter at a moment, as the meter shows them (CIM: Reading).

    `registers` is packed by `registers.pack`: Wh and varh on the meter's own side, before
    ratios, T0..T8 of A+, A-, R+, R-, then one of water, gas, heat; `present` has a bit for each
    of the 39 that is there.
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
