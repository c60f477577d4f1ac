"""Months kept for pages: volumes by zone, charges with their lines, and what stands in for them.

Per-point tables as in `readings`: every key contains usage_point_id, ids are the application's,
nobody has a foreign key to them. All of them can be made anew from readings, prices and
agreements, but for AgreementTariff and AgreementNormative.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from faza.contracts.models import CustomerAgreement
from faza.readings.models import OfPoint
from faza.tariffs.models import Tariff


class OfMonth(OfPoint):
    """A row of a civil month of a point: of one agreement's time in it, [starts_at, ends_at).

    `month` is its first day, in the point's zone. `agreement_id` 0: the whole month, whoever had
    it; such a row has no zones. `as_of`: when it was last made; unchanged rows keep theirs.
    n_present of n_expected intervals are there, n_estimated among them; expected are those that
    ended before `as_of`.
    """

    month = models.DateField()
    agreement_id = models.BigIntegerField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    n_expected = models.IntegerField()
    n_present = models.IntegerField()
    n_estimated = models.IntegerField()
    as_of = models.DateTimeField()

    class Meta:
        abstract = True


class ZoneMonth(OfMonth):
    """What a channel measured in a zone of the day in a month, by its intervals.

    `zone` 0: all zones. `total` in the reading type's quantum; `power`: the greatest measured
    interval as if it went on for an hour (W for Wh), null where nothing was measured.
    """

    pk = models.CompositePrimaryKey(
        "usage_point_id", "month", "reading_type", "agreement_id", "zone"
    )
    reading_type = models.SmallIntegerField()
    zone = models.SmallIntegerField()
    total = models.BigIntegerField()
    power = models.BigIntegerField(null=True)

    class Meta:
        db_table = "charges_zone_month"
        indexes = [models.Index(fields=["month", "reading_type"], name="zone_month_of_all")]


class ChargeMonth(OfMonth):
    """What the energy of a point cost in a month by an agreement (reference calculation).

    `kopecks` with VAT, less what is paid for export; null where it cannot be told, `problem`
    says why. `volume`, `exported` in Wh as charged. `lines` is `rules.charge.as_json` of the whole
    charge. `tariff_id` null: the agreement has none. `digest` tells prices and agreement it was
    made by from other ones.
    """

    class Basis(models.IntegerChoices):
        NONE = 0, _("no volumes")
        REGISTERS = 1, _("tariff registers")
        INTERVALS = 2, _("intervals")
        MIXED = 3, _("registers and intervals")
        SUBSTITUTED = 4, _("billing substitution")

    pk = models.CompositePrimaryKey("usage_point_id", "month", "agreement_id")
    tariff_id = models.BigIntegerField(null=True)
    kopecks = models.BigIntegerField(null=True)
    volume = models.BigIntegerField()
    exported = models.BigIntegerField()
    basis = models.SmallIntegerField(choices=Basis.choices)
    is_example = models.BooleanField()
    problem = models.CharField(max_length=20, blank=True)
    digest = models.CharField(max_length=16)
    lines = models.JSONField()

    class Meta:
        db_table = "charges_charge_month"
        indexes = [models.Index(fields=["month", "tariff_id"], name="charge_month_of_all")]


class SubstitutedMonth(OfMonth):
    """A month's billing volume where its reading is missing (замещающая информация).

    Never intervals, and not part of any consumption: it says what would be billed. `number`: which
    month without readings in a row it is, from 1. `method` and `clause` say how and by which rule;
    `inputs` what it was made of. `volume` in Wh.
    """

    pk = models.CompositePrimaryKey("usage_point_id", "month", "agreement_id")
    number = models.SmallIntegerField()
    method = models.CharField(max_length=20)
    clause = models.CharField(max_length=100)
    volume = models.BigIntegerField()
    inputs = models.JSONField()

    class Meta:
        db_table = "charges_substituted_month"


class AgreementTariff(models.Model):
    """By which tariff an agreement is charged from a month on, until the next row's.

    The agreement itself knows its present tariff only; without these rows a change of it would
    charge past months anew. `valid_from` is the first day of a month.
    """

    agreement = models.ForeignKey(CustomerAgreement, models.CASCADE, related_name="+")
    valid_from = models.DateField()
    tariff = models.ForeignKey(Tariff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "valid_from"], name="agreement_tariff_once_a_month"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement_id}: {self.tariff_id} from {self.valid_from}"


class AgreementNormative(models.Model):
    """By which normative a household is billed from a month on where its readings are missing.

    `group` is the code of a group of dwellings (tariffs.Normative); "" says that it is not known.
    `residents` is how many people live there. `valid_from` is the first day of a month.
    """

    agreement = models.ForeignKey(CustomerAgreement, models.CASCADE, related_name="+")
    valid_from = models.DateField()
    group = models.CharField(max_length=30, blank=True)
    residents = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "valid_from"], name="agreement_normative_once_a_month"
            ),
            models.CheckConstraint(
                condition=Q(residents__gte=1, residents__lte=99),
                name="agreement_normative_of_residents",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement_id}: {self.group} x {self.residents} from {self.valid_from}"


class KeptUntil(models.Model):
    """Up to which moment the kept months hold what readings, prices and agreements say.

    Written after a round's last commit: whatever changed before that moment is in them.
    """

    name = models.CharField(max_length=30, primary_key=True)
    as_of = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.as_of}"


class ChangedDay(models.Model):
    """A civil day of which something changed at any point, and the number of that change.

    Numbers grow. Who remembers a sum of the day with its number knows whether it still holds:
    the job writes it after whatever it made of the change is there. Days without a row have not
    changed since there are such rows.
    """

    day = models.DateField(primary_key=True)
    number = models.BigIntegerField()

    class Meta:
        db_table = "charges_changed_day"

    def __str__(self) -> str:
        return f"{self.day} {self.number}"


class Forecast(OfPoint):
    """What a month will take at a point by its end, with its band; made anew by a job.

    `month`: its first day, in the point's zone. History of the present customer alone is used,
    from `since` on; days before `until` were known. `known`: Wh of the month's days before
    `until`; `rest`: of those that are left, and what known days lack; `low`, `high`: bounds of
    the whole month. `days`: how many days `rest` is of. `errors`: `forecast.band.kept`.
    `own_error`, `average_error`: mean error of the month's total in the point's own back-test, in
    thousandths, of this forecast and of the plain average; null while nothing could be tested,
    `n_tested` says how often it was. Money is null where the cost cannot be told.
    """

    month = models.DateField()
    since = models.DateField()
    until = models.DateField()
    days = models.SmallIntegerField()
    known = models.BigIntegerField()
    n_expected = models.IntegerField()
    n_present = models.IntegerField()
    n_estimated = models.IntegerField()
    rest = models.BigIntegerField()
    low = models.BigIntegerField()
    high = models.BigIntegerField()
    errors = models.BinaryField()
    own_error = models.SmallIntegerField(null=True)
    average_error = models.SmallIntegerField(null=True)
    n_tested = models.SmallIntegerField()
    is_average = models.BooleanField()
    agreement_id = models.BigIntegerField(null=True)
    kopecks = models.BigIntegerField(null=True)
    kopecks_low = models.BigIntegerField(null=True)
    kopecks_high = models.BigIntegerField(null=True)
    as_of = models.DateTimeField()

    pk = models.CompositePrimaryKey("usage_point_id", "month")

    class Meta:
        db_table = "charges_forecast"


class Replay(OfPoint):
    """What the last months would have cost by a tariff that is open to the point; made by a job.

    Months [first, end) that lie wholly in the present customer's time, on own intervals alone.
    `months`: a list of {month, kopecks (null: cannot be told), problem, wh, expected, present,
    estimated (numbers of intervals), example (a price is an example)}. `shifts`: by how many
    kopecks all of them together would change, by percent of day energy that is used at night
    instead; empty where the tariff has no night of its own.
    """

    tariff_id = models.BigIntegerField()
    agreement_id = models.BigIntegerField()
    since = models.DateField()
    first = models.DateField()
    end = models.DateField()
    is_own = models.BooleanField()
    months = models.JSONField()
    shifts = models.JSONField()
    as_of = models.DateTimeField()

    pk = models.CompositePrimaryKey("usage_point_id", "tariff_id")

    class Meta:
        db_table = "charges_replay"
