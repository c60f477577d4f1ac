from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from faza.accounts.models import User
from faza.metering.models import UsagePoint
from faza.tariffs import rules
from faza.tariffs.rules import book


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


class Market(models.Model):
    """What the wholesale market and the system operator publish for a region, by the hour.

    `zone` is the time zone that its hours are counted in.
    """

    code = models.CharField(max_length=30, unique=True)
    name = models.CharField(max_length=200)
    zone = models.CharField(max_length=50, default="Europe/Moscow")

    def __str__(self) -> str:
        return self.name


class Tariff(models.Model):
    """A way to divide and price consumption; `zones_count` is how many zones a day has.

    `category` is the price category of a business, 0 for households. Tariffs of one `family` are
    open to the same points; one without a family is open to nobody else. `voltage_level` "" is
    any. `zone_of_hours` is the time zone of the zones' hours, "" the usage point's own.
    """

    class Kind(models.TextChoices):
        HOUSEHOLD = book.HOUSEHOLD, _("households")
        BUSINESS = book.BUSINESS, _("business")

    code = models.CharField(max_length=30, unique=True)
    name = models.CharField(max_length=200)
    zones_count = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.HOUSEHOLD)
    category = models.PositiveSmallIntegerField(default=0)
    family = models.CharField(max_length=50, blank=True, db_index=True)
    voltage_level = models.CharField(
        max_length=3, choices=UsagePoint.VoltageLevel.choices, blank=True
    )
    zone_of_hours = models.CharField(max_length=50, blank=True)
    market = models.ForeignKey(
        Market, models.PROTECT, null=True, blank=True, related_name="tariffs"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(zones_count__gte=1, zones_count__lte=8), name="tariff_has_zones"
            ),
            models.CheckConstraint(
                condition=Q(kind=book.HOUSEHOLD, category=0)
                | Q(kind=book.BUSINESS, category__gte=1, category__lte=4),
                name="tariff_category_of_business",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TariffZone(models.Model):
    """A zone of the day (CIM time-of-use tier): register Tn counts in its hours.

    `hours` is text as in "07:00-10:00 17:00-21:00", wall clock of the tariff's `zone_of_hours`.
    The zones of one tariff, date and month divide the day; the next date's replace them all.
    `month` 0 stands for every month that has no zones of its own. `off_hours` are those of days
    off, where they are others than on working days; told of all zones or of none.
    """

    tariff = models.ForeignKey(Tariff, models.CASCADE, related_name="zones")
    valid_from = models.DateField()
    month = models.PositiveSmallIntegerField(default=0)
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=100)
    hours = models.CharField(max_length=200)
    off_hours = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tariff", "valid_from", "month", "number"],
                name="tariff_zone_once_a_month",
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="tariff_zone_number_from_1"),
            models.CheckConstraint(condition=Q(month__lte=12), name="tariff_zone_month"),
        ]

    def __str__(self) -> str:
        return f"T{self.number} {self.name}"


class Price(models.Model):
    """What one unit costs from a local day on, in roubles.

    `zone` and `range` 0 stand for any. The rows of one tariff, component and date replace all of
    the same tariff and component of earlier dates. `order` names the decision that set it,
    `source` where it was found. An example is not a price of anybody.
    """

    class Component(models.TextChoices):
        ENERGY = book.ENERGY, _("energy")
        CAPACITY = book.CAPACITY, _("capacity")
        TRANSMISSION_ENERGY = book.TRANSMISSION_ENERGY, _("transmission, by energy")
        TRANSMISSION_CAPACITY = book.TRANSMISSION_CAPACITY, _("transmission, by capacity")
        MARGIN = book.MARGIN, _("sales margin")
        OTHER = book.OTHER, _("other services")
        EXPORT = book.EXPORT, _("purchase of exported energy")

    class Unit(models.TextChoices):
        KWH = book.KWH, _("RUB per kWh")
        MWH = book.MWH, _("RUB per MWh")
        KW_MONTH = book.KW_MONTH, _("RUB per kW a month")
        MW_MONTH = book.MW_MONTH, _("RUB per MW a month")

    tariff = models.ForeignKey(Tariff, models.CASCADE, related_name="prices")
    valid_from = models.DateField()
    component = models.CharField(max_length=30, choices=Component.choices)
    zone = models.PositiveSmallIntegerField(default=0)
    range = models.PositiveSmallIntegerField(default=0)
    amount = models.DecimalField(max_digits=16, decimal_places=6)
    unit = models.CharField(max_length=10, choices=Unit.choices)
    with_vat = models.BooleanField()
    order = models.CharField(max_length=300, blank=True)
    source = models.CharField(max_length=300, blank=True)
    is_example = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tariff", "component", "valid_from", "zone", "range"],
                name="price_once_a_date",
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="price_not_below_nothing"),
            models.CheckConstraint(
                condition=Q(is_example=True) | (~Q(order="") & ~Q(source="")),
                name="price_has_an_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tariff_id} {self.valid_from} {self.component} {self.amount}"


class ConsumptionRange(models.Model):
    """A range of a household's consumption in a month: from the one before `up_to` so many kWh.

    The last has no bound. The next date's rows of a tariff replace them all.
    """

    tariff = models.ForeignKey(Tariff, models.CASCADE, related_name="ranges")
    valid_from = models.DateField()
    number = models.PositiveSmallIntegerField()
    up_to = models.DecimalField(max_digits=12, decimal_places=3, null=True, blank=True)
    source = models.CharField(max_length=300)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tariff", "valid_from", "number"], name="consumption_range_once_a_date"
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=9), name="consumption_range_number"
            ),
            models.CheckConstraint(
                condition=Q(up_to=None) | Q(up_to__gt=0), name="consumption_range_above_nothing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tariff_id} {self.valid_from}: {self.number} <= {self.up_to}"


class SeasonCoefficient(models.Model):
    """By what the bounds of the ranges are multiplied in a month (the heating season).

    The next date's rows of a tariff replace them all; a month that is not told has 1.
    """

    tariff = models.ForeignKey(Tariff, models.CASCADE, related_name="seasons")
    valid_from = models.DateField()
    month = models.PositiveSmallIntegerField()
    factor = models.DecimalField(max_digits=6, decimal_places=3, validators=[MinValueValidator(0)])
    source = models.CharField(max_length=300)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tariff", "valid_from", "month"], name="season_coefficient_once_a_month"
            ),
            models.CheckConstraint(
                condition=Q(month__gte=1, month__lte=12, factor__gt=0),
                name="season_coefficient_of_a_month",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tariff_id} {self.valid_from}: {self.month} x {self.factor}"


class Normative(models.Model):
    """What a resident of a group of dwellings is taken to use in a month, kWh, from a day on.

    `residents` is how many live there, 0 any number; the greatest number of a table stands for
    more too. `factor` is the raising coefficient (ПП 354, п. 60). The next date's rows of a group
    replace them all. An example is not a normative of anybody.
    """

    group = models.CharField(max_length=30)
    group_name = models.CharField(max_length=200)
    valid_from = models.DateField()
    residents = models.PositiveSmallIntegerField(default=0)
    amount = models.DecimalField(max_digits=9, decimal_places=3)
    factor = models.DecimalField(max_digits=6, decimal_places=3, default=1)
    order = models.CharField(max_length=300, blank=True)
    source = models.CharField(max_length=300, blank=True)
    is_example = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["group", "valid_from", "residents"], name="normative_once_a_date"
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0, factor__gt=0), name="normative_above_nothing"
            ),
            models.CheckConstraint(
                condition=Q(is_example=True) | (~Q(order="") & ~Q(source="")),
                name="normative_has_an_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group} {self.valid_from} {self.residents}: {self.amount}"


class Vat(models.Model):
    """The rate of the value added tax from a day on, in percent."""

    valid_from = models.DateField(unique=True)
    percent = models.DecimalField(max_digits=5, decimal_places=2)
    source = models.CharField(max_length=300)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(percent__gte=0, percent__lte=100), name="vat_is_a_share"
            )
        ]

    def __str__(self) -> str:
        return f"{self.valid_from}: {self.percent} %"


class HourlyPrice(models.Model):
    """Energy prices of a day of a market: 24 amounts as decimal texts, RUB/MWh without VAT.

    `amounts[h]` is that of the hour that begins at h o'clock of the market's zone.
    """

    market = models.ForeignKey(Market, models.CASCADE, related_name="hourly")
    day = models.DateField()
    amounts = models.JSONField()
    source = models.CharField(max_length=300)
    is_example = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["market", "day"], name="hourly_price_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.market_id} {self.day}"


class PeakHour(models.Model):
    """Hours in which the power that is paid for is found.

    Of `generation`: the hour of the region's peak on a working day `day`. Of `network`: the
    planned peak hours of the month that begins on `day`. `hours` as in TariffZone, whole hours.
    """

    class Kind(models.TextChoices):
        GENERATION = book.GENERATION, _("hour of the region's peak")
        NETWORK = book.NETWORK, _("planned peak hours of the system operator")

    market = models.ForeignKey(Market, models.CASCADE, related_name="peaks")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    day = models.DateField()
    hours = models.CharField(max_length=200)
    source = models.CharField(max_length=300)
    is_example = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["market", "kind", "day"], name="peak_hour_once_a_day"),
            models.CheckConstraint(
                condition=~Q(kind=book.NETWORK) | Q(day__day=1), name="peak_hours_of_a_month"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.market_id} {self.kind} {self.day}: {self.hours}"


class PriceImport(models.Model):
    """A file of prices, from the upload over the trial to its application; the file is kept.

    `told` are the counts of what it did, when it was applied.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waits to be applied")
        APPLIED = "applied", _("applied")
        DROPPED = "dropped", _("put aside")

    name = models.CharField(max_length=200)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    uploaded_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    told = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="waiting", ended_at__isnull=True)
                | (~Q(state="waiting") & Q(ended_at__isnull=False)),
                name="price_import_ended_has_a_moment",
            )
        ]

    def __str__(self) -> str:
        return self.name
