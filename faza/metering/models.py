"""Values without a unit in their name are integers: W, 0.1 V, mA (as in `core.reading_types`)."""

from __future__ import annotations

from fractions import Fraction

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from faza.core.reading_types import Commodity
from faza.metering import rules
from faza.metering.fields import KeyField
from faza.metering.querysets import (
    MeteringComplexQuerySet,
    NetworkNodeQuerySet,
    UsagePointQuerySet,
)
from faza.metering.validity import Validity, ValidityManager


def validate_zone(name: str) -> None:
    if not rules.is_zone(name):
        raise ValidationError(_("%(name)s is not a time zone."), params={"name": name})


class NetworkNode(models.Model):
    """A place in the network or in the organisation that owns it.

    `path` is made by `rules.path_of`: the ids from the root down to the node itself.
    """

    class Kind(models.TextChoices):
        ORGANISATION = "organisation", _("organisation")
        SUBSTATION = "substation", _("substation")
        FEEDER = "feeder", _("feeder")
        TRANSFORMER_SUBSTATION = "transformer_substation", _("transformer substation")
        SWITCHBOARD = "switchboard", _("switchboard")
        BUILDING = "building", _("building")
        ENTRANCE = "entrance", _("entrance")
        OTHER = "other", _("other")

    kind = models.CharField(max_length=30, choices=Kind.choices)
    code = models.CharField(max_length=50, unique=True)
    name = models.CharField(max_length=200)
    name_key = KeyField(of="name", by=rules.natural_key)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    path = models.CharField(max_length=250, db_index=True)

    objects = NetworkNodeQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class UsagePoint(models.Model):
    """A point where energy is metered (CIM UsagePoint; 80020 measuringpoint).

    `installation_place_code` is the code of the place by Order 1021 of 06.10.2021.
    `is_common`: the meter of a whole house (общедомовой).
    """

    class Resource(models.TextChoices):
        ELECTRICITY = Commodity.ELECTRICITY.value, _("electricity")
        WATER = Commodity.WATER.value, _("water")
        GAS = Commodity.GAS.value, _("gas")
        HEAT = Commodity.HEAT.value, _("heat")

    class VoltageLevel(models.TextChoices):
        HV = "HV", _("high voltage")
        MV1 = "MV1", _("medium voltage 1")
        MV2 = "MV2", _("medium voltage 2")
        LV = "LV", _("low voltage")

    code = models.CharField(max_length=50, unique=True)
    name = models.CharField(max_length=200)
    name_key = KeyField(of="name", by=rules.natural_key)
    node = models.ForeignKey(NetworkNode, models.PROTECT, related_name="usage_points")
    address = models.CharField(max_length=300, blank=True)
    zone = models.CharField(max_length=50, default="Europe/Moscow", validators=[validate_zone])
    resource = models.CharField(
        max_length=20, choices=Resource.choices, default=Resource.ELECTRICITY
    )
    phases = models.PositiveSmallIntegerField(default=3)
    max_power = models.PositiveBigIntegerField(null=True, blank=True)
    voltage_level = models.CharField(
        max_length=3, choices=VoltageLevel.choices, default=VoltageLevel.LV
    )
    installation_place_code = models.CharField(max_length=50, blank=True)
    is_common = models.BooleanField(default=False)

    objects = UsagePointQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(phases__in=[1, 3]), name="usage_point_one_or_three_phases"
            )
        ]

    def __str__(self) -> str:
        return self.name


class MeterModel(models.Model):
    """A type of meter: what its type approval and passport say.

    `constant` is in impulses per kWh; `digits` and `decimals` are those of a register as shown.
    `nominal_voltage` in 0.1 V; currents in mA.
    """

    name = models.CharField(max_length=100)
    manufacturer = models.CharField(max_length=200)
    phases = models.PositiveSmallIntegerField(default=3)
    accuracy_active = models.CharField(max_length=10, blank=True)
    accuracy_reactive = models.CharField(max_length=10, blank=True)
    nominal_voltage = models.PositiveIntegerField(null=True, blank=True)
    nominal_current = models.PositiveIntegerField(null=True, blank=True)
    max_current = models.PositiveIntegerField(null=True, blank=True)
    constant = models.PositiveIntegerField(null=True, blank=True)
    digits = models.PositiveSmallIntegerField(default=6)
    decimals = models.PositiveSmallIntegerField(default=2)
    tariffs = models.PositiveSmallIntegerField(default=4)
    has_relay = models.BooleanField(default=False)
    type_approval = models.CharField(max_length=50, blank=True)
    verification_interval = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["manufacturer", "name"], name="meter_model_once"),
            models.CheckConstraint(
                condition=Q(phases__in=[1, 3]), name="meter_model_one_or_three_phases"
            ),
            models.CheckConstraint(
                condition=Q(digits__gte=1, digits__lte=12, decimals__lte=6),
                name="meter_model_plausible_register",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Verified(models.Model):
    """An instrument that is verified: until `verification_due`, that day excluded."""

    made_in = models.PositiveSmallIntegerField(null=True, blank=True)
    verified_on = models.DateField(null=True, blank=True)
    verification_due = models.DateField(null=True, blank=True, db_index=True)
    certificate = models.CharField(max_length=100, blank=True)

    class Meta:
        abstract = True


class Meter(Verified):
    """A meter with its number (CIM Meter, EndDevice); installed by a MeteringComplex.

    `seals` is a list of {"number", "place", "set_on"}.
    """

    model = models.ForeignKey(MeterModel, models.PROTECT, related_name="meters")
    number = models.CharField(max_length=50, db_index=True)
    firmware = models.CharField(max_length=50, blank=True)
    interface = models.CharField(max_length=50, blank=True)
    seals = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["model", "number"], name="meter_number_once_a_model")
        ]

    def __str__(self) -> str:
        return self.number


class InstrumentTransformer(Verified):
    """A current or voltage transformer (CIM CurrentTransformer, PotentialTransformer).

    The ratio is the exact fraction of its plate: 15750/100. `verification_interval` in months.
    """

    class Kind(models.TextChoices):
        CT = "CT", _("current transformer")
        VT = "VT", _("voltage transformer")

    kind = models.CharField(max_length=2, choices=Kind.choices)
    type_name = models.CharField(max_length=100)
    number = models.CharField(max_length=50)
    phase = models.CharField(max_length=3, blank=True)
    ratio_numerator = models.PositiveIntegerField()
    ratio_denominator = models.PositiveIntegerField()
    accuracy = models.CharField(max_length=10, blank=True)
    type_approval = models.CharField(max_length=50, blank=True)
    verification_interval = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "type_name", "number"], name="instrument_transformer_once"
            ),
            models.CheckConstraint(
                condition=Q(ratio_numerator__gt=0, ratio_denominator__gt=0),
                name="instrument_transformer_ratio_positive",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type_name} {self.number}"

    @property
    def ratio(self) -> Fraction:
        return Fraction(self.ratio_numerator, self.ratio_denominator)


class MeteringComplex(Validity):
    """A meter with its transformers at a usage point for a time (измерительный комплекс).

    Ratios stand here as exact fractions, as they are set in the plant, so that consumption needs
    no join; the transformers say where they come from.
    """

    class Role(models.TextChoices):
        BILLING = "billing", _("billing")
        CONTROL = "control", _("control")
        TECHNICAL = "technical", _("technical")

    usage_point = models.ForeignKey(UsagePoint, models.PROTECT, related_name="complexes")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.BILLING)
    control_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="controls")
    meter = models.ForeignKey(Meter, models.PROTECT, related_name="complexes")
    transformers = models.ManyToManyField(
        InstrumentTransformer, related_name="complexes", blank=True
    )
    ct_numerator = models.PositiveIntegerField(default=1)
    ct_denominator = models.PositiveIntegerField(default=1)
    vt_numerator = models.PositiveIntegerField(default=1)
    vt_denominator = models.PositiveIntegerField(default=1)

    # The plugin types an inherited manager otherwise than one set here.
    objects = MeteringComplexQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            *Validity.Meta.constraints,
            models.CheckConstraint(
                condition=Q(ct_numerator__gt=0, ct_denominator__gt=0)
                & Q(vt_numerator__gt=0, vt_denominator__gt=0),
                name="metering_complex_ratios_positive",
            ),
            models.CheckConstraint(
                condition=Q(control_of__isnull=True) | Q(role="control"),
                name="metering_complex_only_control_controls",
            ),
            # What an index can hold of "one at a time"; services.install holds the whole of it.
            models.UniqueConstraint(
                fields=["usage_point"],
                condition=Q(valid_to__isnull=True, role="billing"),
                name="metering_complex_one_open_billing",
            ),
            models.UniqueConstraint(
                fields=["meter"],
                condition=Q(valid_to__isnull=True),
                name="metering_complex_meter_in_one_place",
            ),
        ]
        indexes = [
            models.Index(fields=["usage_point", "valid_from"], name="metering_complex_history")
        ]

    def __str__(self) -> str:
        return f"{self.usage_point_id}: {self.meter_id} ({self.role})"

    @property
    def ct_ratio(self) -> Fraction:
        return Fraction(self.ct_numerator, self.ct_denominator)

    @property
    def vt_ratio(self) -> Fraction:
        return Fraction(self.vt_numerator, self.vt_denominator)

    @property
    def ratio(self) -> Fraction:
        """Primary energy for one unit that the meter shows."""
        return self.ct_ratio * self.vt_ratio


class BalanceGroup(Validity):
    """What feeds a place of the network and what leaves it, for a time (группа баланса).

    To change it is to begin another one, so that a balance of the past stays what it was.
    least_complete: so many percent of a period's hours must be known at all points for a balance
    of it to count. permitted: percent of what came in; null: from the accuracy classes.
    losses_error: by how many percent the computed losses may be wrong.
    """

    node = models.ForeignKey(NetworkNode, models.PROTECT, related_name="balance_groups")
    least_complete = models.DecimalField(max_digits=5, decimal_places=2, default=90)
    permitted = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    losses_error = models.DecimalField(max_digits=5, decimal_places=2, default=10)

    objects = ValidityManager()  # type: ignore[misc]

    class Meta:
        constraints = [
            *Validity.Meta.constraints,
            models.UniqueConstraint(
                fields=["node", "valid_from"], name="balance_group_once_a_moment"
            ),
            models.CheckConstraint(
                condition=Q(least_complete__gt=0, least_complete__lte=100)
                & (Q(permitted__isnull=True) | Q(permitted__gt=0))
                & Q(losses_error__gte=0),
                name="balance_group_plausible",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.node_id}: {self.valid_from:%Y-%m-%d}"


class BalanceMember(models.Model):
    """A usage point on one side of a balance.

    `is_reversed`: the meter stands the other way round, what it counts as export comes in.
    """

    class Side(models.TextChoices):
        IN = "in", _("comes in")
        OUT = "out", _("goes out")

    group = models.ForeignKey(BalanceGroup, models.CASCADE, related_name="members")
    usage_point = models.ForeignKey(UsagePoint, models.PROTECT, related_name="balance_members")
    side = models.CharField(max_length=3, choices=Side.choices)
    is_reversed = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "usage_point"], name="balance_member_once")
        ]

    def __str__(self) -> str:
        return f"{self.usage_point_id} {self.side}"


class BalanceLoss(models.Model):
    """A part of the computed losses of a balance.

    CONSTANT: `power` in W, always. SHARE: `percents` of what comes in, one number or twelve of
    the months from January on, as decimal strings. LOAD: `power` in W at `rated` VA, falling with
    the square of the load (short-circuit losses of a transformer).
    """

    class Kind(models.TextChoices):
        CONSTANT = "constant", _("constant power")
        SHARE = "share", _("share of what comes in")
        LOAD = "load", _("by the square of the load")

    group = models.ForeignKey(BalanceGroup, models.CASCADE, related_name="losses")
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    power = models.PositiveBigIntegerField(null=True, blank=True)
    rated = models.PositiveBigIntegerField(null=True, blank=True)
    percents = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="share")
                | Q(kind="constant", power__isnull=False)
                | Q(kind="load", power__isnull=False, rated__gt=0),
                name="balance_loss_says_how_much",
            )
        ]

    def __str__(self) -> str:
        return self.name
