"""Orders to limit and to restore supply, who must not be limited, and who has looked at an alarm.

Source: design/rules.md, Warnings (F8) and commands (F3, F4). What an order may not be is told by
`orders.rules`; what the database can hold of it stands here too.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from faza.accounts.models import User
from faza.collection.models.polling import Command
from faza.collection.orders.rules import OPEN, Deed, Ground, Initiator, State
from faza.contracts.models import Customer, CustomerAgreement
from faza.metering.models import UsagePoint
from faza.metering.validity import Validity
from faza.readings.models import OfPoint


class SupplyOrder(models.Model):
    """An order about the supply of one point (CIM EndDeviceControl); never of several.

    asked_by: who wrote it; made_by: who of the desk answers for it (null: a supplier's request that
    nobody has taken up); confirmed_by: another person, who lets it go. noticed_on, reminded_on:
    days on which the consumer was told on paper. to_on: switch on directly, else it is permitted
    to; presence: who has seen that somebody is at the meter. threshold: W. not_before: the earliest
    moment. reason: why it was refused or withdrawn. result: what the meter said afterwards.
    """

    class Deed(models.TextChoices):
        OFF = Deed.OFF.value, _("limit wholly")
        LIMIT = Deed.LIMIT.value, _("limit the power")
        RESTORE = Deed.RESTORE.value, _("restore the supply")
        LIFT = Deed.LIFT.value, _("lift the limit of power")

    class Initiator(models.TextChoices):
        SUPPLIER = Initiator.SUPPLIER.value, _("supplier")
        OWNER = Initiator.OWNER.value, _("owner of the network")

    class Ground(models.TextChoices):
        DEBT = Ground.DEBT.value, _("debt for electricity")
        UNMETERED = Ground.UNMETERED.value, _("consumption past the meter or without agreement")
        ENDED = Ground.ENDED.value, _("the agreement has ended")
        BREACH = Ground.BREACH.value, _("breach of the agreement")
        OWN = Ground.OWN.value, _("the consumer's own request")
        SAFETY = Ground.SAFETY.value, _("danger to life or to the network")
        CURED = Ground.CURED.value, _("the ground of the limitation is gone")
        MISTAKE = Ground.MISTAKE.value, _("limited by mistake")

    class State(models.TextChoices):
        ASKED = State.ASKED.value, _("requested by the supplier")
        WAITING = State.WAITING.value, _("waits for a second person")
        SENT = State.SENT.value, _("confirmed, goes to the meter")
        DONE = State.DONE.value, _("done, read back")
        FAILED = State.FAILED.value, _("not done")
        REFUSED = State.REFUSED.value, _("refused")
        WITHDRAWN = State.WITHDRAWN.value, _("withdrawn")

    usage_point = models.ForeignKey(UsagePoint, models.PROTECT, related_name="+")
    deed = models.CharField(max_length=10, choices=Deed.choices)
    initiator = models.CharField(max_length=10, choices=Initiator.choices)
    ground = models.CharField(max_length=10, choices=Ground.choices)
    words = models.TextField(blank=True)
    noticed_on = models.DateField(null=True, blank=True)
    reminded_on = models.DateField(null=True, blank=True)
    to_on = models.BooleanField(default=False)
    presence = models.CharField(max_length=300, blank=True)
    threshold = models.PositiveIntegerField(null=True, blank=True)
    seconds = models.PositiveIntegerField(default=60)
    not_before = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_index=True)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    command = models.OneToOneField(Command, models.SET_NULL, null=True, related_name="supply_order")
    reason = models.CharField(max_length=500, blank=True)
    ended_at = models.DateTimeField(null=True)
    result = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["usage_point"],
                condition=Q(state__in=sorted(state.value for state in OPEN)),
                name="supply_order_one_open_a_point",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("made_by")),
                name="supply_order_second_person_confirms",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["sent", "done", "failed"])
                | Q(made_by__isnull=False, confirmed_by__isnull=False),
                name="supply_order_goes_confirmed",
            ),
            models.CheckConstraint(
                condition=Q(to_on=False) | (Q(deed="restore") & ~Q(presence="")),
                name="supply_order_on_needs_presence",
            ),
        ]
        indexes = [models.Index(fields=["state", "asked_at"], name="supply_order_queue")]

    def __str__(self) -> str:
        return f"{self.pk}: {self.deed} {self.usage_point_id} ({self.state})"

    @property
    def is_limiting(self) -> bool:
        return self.deed in {Deed.OFF, Deed.LIMIT}


class OrderPaper(models.Model):
    """A document of an order, as it was uploaded. kind: its media type."""

    order = models.ForeignKey(SupplyOrder, models.CASCADE, related_name="papers")
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=50)
    content = models.BinaryField()
    added_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class SupplyProtection(Validity):
    """That a point, or all points of a customer, must not be limited, for a time.

    `ground`: the paper that says so.
    """

    class Kind(models.TextChoices):
        CONSUMER = "consumer", _("protected consumer")
        LIFE = "life", _("life support")

    usage_point = models.ForeignKey(
        UsagePoint, models.PROTECT, null=True, blank=True, related_name="+"
    )
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    ground = models.CharField(max_length=300)

    class Meta:
        constraints = [
            *Validity.Meta.constraints,
            models.CheckConstraint(
                condition=Q(usage_point__isnull=False, customer__isnull=True)
                | Q(usage_point__isnull=True, customer__isnull=False),
                name="supply_protection_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.usage_point_id or self.customer_id}"


class NoticeTerm(models.Model):
    """How many days after the first notice supply may be limited, by the kind of agreement.

    The row with the latest `valid_from` up to a day holds; `source` says where it is from.
    """

    agreement_kind = models.CharField(max_length=20, choices=CustomerAgreement.Kind.choices)
    valid_from = models.DateField()
    days = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=300)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agreement_kind", "valid_from"], name="notice_term_once_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.agreement_kind}: {self.days}"


class AlarmSeen(OfPoint):
    """That a person has dealt with an event; its key is the event's. A per-point table."""

    pk = models.CompositePrimaryKey("usage_point_id", "at", "meter_id", "journal", "code", "number")
    at = models.DateTimeField()
    meter_id = models.BigIntegerField()
    journal = models.SmallIntegerField()
    code = models.IntegerField()
    number = models.IntegerField(default=0)
    seen_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    seen_at = models.DateTimeField()
    note = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return f"{self.usage_point_id} {self.at}: {self.journal}/{self.code}"
