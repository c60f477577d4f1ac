"""Rules of entry, what the desk opens and closes by date, and the readings that were typed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from faza.accounts.models import User
from faza.contracts.models import Customer, CustomerAgreement
from faza.core.periods import Period
from faza.manual_entry.rules.moves import State
from faza.manual_entry.rules.opening import Closure, Rule, Scope
from faza.metering.models import Meter, NetworkNode, UsagePoint


def _one_place(name: str, *fields: str) -> models.CheckConstraint:
    """At most one of the fields says of what the row is."""
    held = Q()
    for field in fields:
        held |= Q(**{f"{other}__isnull": True for other in fields if other != field})
    return models.CheckConstraint(condition=held, name=name)


class EntryRule(models.Model):
    """When readings may be typed at a point, at those of an agreement or of an area, or anywhere.

    Of one group of customers where `group` is set. What the numbers mean stands at
    `rules.opening.Rule`. registers: which are to be typed; empty: those that the meter was read
    by last. approves: readings inside the band are approved at once, in the name of who switched
    it on (`approves_by`).
    """

    node = models.ForeignKey(NetworkNode, models.PROTECT, null=True, related_name="+")
    agreement = models.ForeignKey(CustomerAgreement, models.PROTECT, null=True, related_name="+")
    usage_point = models.ForeignKey(UsagePoint, models.PROTECT, null=True, related_name="+")
    group = models.CharField(max_length=20, blank=True, choices=Customer.Kind.choices)
    is_allowed = models.BooleanField(default=True)
    first_day = models.PositiveSmallIntegerField(default=20)
    last_day = models.PositiveSmallIntegerField(default=25)
    every = models.PositiveSmallIntegerField(default=1)
    wants_photo = models.BooleanField(default=False)
    silent_days = models.PositiveSmallIntegerField(null=True, default=10)
    registers = models.JSONField(default=list)
    approves = models.BooleanField(default=False)
    approves_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            _one_place("entry_rule_of_one_place", "node", "agreement", "usage_point"),
            models.CheckConstraint(
                condition=Q(first_day__range=(1, 31), last_day__range=(1, 31)),
                name="entry_rule_days_of_a_month",
            ),
            models.CheckConstraint(
                condition=Q(every__in=(1, 2, 3, 4, 6, 12)), name="entry_rule_divides_the_year"
            ),
            *(
                models.UniqueConstraint(fields=[field, "group"], name=f"entry_rule_once_a_{field}")
                for field in ("node", "agreement", "usage_point")
            ),
            models.UniqueConstraint(
                fields=["group"],
                condition=Q(node=None, agreement=None, usage_point=None),
                name="entry_rule_once_everywhere",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.scope.name} {self.first_day}-{self.last_day}"

    @property
    def scope(self) -> Scope:
        if self.usage_point_id:
            return Scope.POINT
        if self.agreement_id:
            return Scope.AGREEMENT
        if self.node_id:
            return Scope.AREA
        return Scope.GROUP if self.group else Scope.EVERYWHERE

    def plain(self, depth: int = 0) -> Rule:
        """Itself as the pure rules take it; depth: of its node in the tree."""
        return Rule(
            scope=self.scope, depth=depth, number=self.pk, is_allowed=self.is_allowed,
            first_day=self.first_day, last_day=self.last_day, every=self.every,
            wants_photo=self.wants_photo, silent_days=self.silent_days,
        )  # fmt: skip


class EntryException(models.Model):
    """The desk opens or closes entry for [starts_at, ends_at), whatever the rule says."""

    node = models.ForeignKey(NetworkNode, models.PROTECT, null=True, related_name="+")
    agreement = models.ForeignKey(CustomerAgreement, models.PROTECT, null=True, related_name="+")
    usage_point = models.ForeignKey(UsagePoint, models.PROTECT, null=True, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(db_index=True)
    is_open = models.BooleanField()
    reason = models.CharField(max_length=300)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            _one_place("entry_exception_of_one_place", "node", "agreement", "usage_point"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=models.F("starts_at")), name="entry_exception_has_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {'open' if self.is_open else 'closed'} {self.starts_at:%Y-%m-%d}"

    def plain(self) -> Closure:
        return Closure(Period(self.starts_at, self.ends_at), self.is_open, self.pk)


class Entry(models.Model):
    """What a person read off a meter, and what became of it.

    of_at: when it was read. shown, accepted: quanta by register number (as text: JSON), as the
    sender typed them and as they were approved. doubts: `rules.plausible.Doubt` by register, which
    the sender has confirmed. token: the sender's own name of this sending, so that sending twice
    gives one. decided_by: null with a state decided where a rule did it (`rule`), which
    `switched_on_by` had let approve then.
    """

    class State(models.TextChoices):
        SENT = State.SENT.value, pgettext_lazy("reading", "waits for the check")
        ASKED = State.ASKED.value, pgettext_lazy("reading", "a question was asked")
        APPROVED = State.APPROVED.value, pgettext_lazy("reading", "accepted")
        REFUSED = State.REFUSED.value, pgettext_lazy("reading", "refused")
        WITHDRAWN = State.WITHDRAWN.value, pgettext_lazy("reading", "withdrawn")
        REPLACED = State.REPLACED.value, pgettext_lazy("reading", "sent anew")

    class Way(models.TextChoices):
        CABINET = "cabinet", _("in the cabinet")
        FILE = "file", _("by a file")
        ROUND = "round", _("from a round")
        PHONE = "phone", _("by the mobile client")
        PROGRAM = "program", _("by a program")

    usage_point = models.ForeignKey(UsagePoint, models.PROTECT, related_name="+")
    meter = models.ForeignKey(Meter, models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="+")
    of_at = models.DateTimeField()
    shown = models.JSONField()
    accepted = models.JSONField(null=True)
    doubts = models.JSONField(default=dict)
    way = models.CharField(max_length=10, choices=Way.choices)
    token = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State.choices, default=State.SENT)
    sent_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    sent_at = models.DateTimeField()
    rule = models.ForeignKey(EntryRule, models.SET_NULL, null=True, related_name="+")
    decided_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    switched_on_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["usage_point", "token"], name="entry_sent_once"),
            models.UniqueConstraint(
                fields=["usage_point", "meter"],
                condition=Q(state__in=("sent", "asked")),
                name="entry_one_waits",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("sent", "asked"), decided_at=None)
                | (~Q(state__in=("sent", "asked")) & Q(decided_at__isnull=False)),
                name="entry_decided_has_a_moment",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "sent_at"], name="entry_queue"),
            models.Index(fields=["usage_point", "-of_at"], name="entry_of_point"),
            models.Index(fields=["decided_by", "decided_at"], name="entry_decided"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.usage_point_id} {self.of_at:%Y-%m-%d} ({self.state})"

    @property
    def values(self) -> dict[int, int]:
        """What counts: as approved, else as typed; quanta by register."""
        found = self.shown if self.accepted is None else self.accepted
        return {int(register): value for register, value in found.items()}


class EntryWord(models.Model):
    """A question of the desk about a typed reading, or what the subscriber's side answered."""

    class Kind(models.TextChoices):
        QUESTION = "question", pgettext_lazy("reading", "question of the desk")
        ANSWER = "answer", pgettext_lazy("reading", "answer of the subscriber")

    entry = models.ForeignKey(Entry, models.CASCADE, related_name="words")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    text = models.CharField(max_length=1000)
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.entry_id}: {self.kind} {self.at:%Y-%m-%d %H:%M}"


class Photo(models.Model):
    """A photo of a meter's face, as it was drawn anew; the file has a name of our own.

    entry: null while its sender has not sent the reading yet (`photos.keeping.hold`).
    digest: SHA-256 of the file in hex: the same photo sent twice has the same. size: bytes.
    removed_at: when the file went; that there was one stays told.
    """

    entry = models.OneToOneField(Entry, models.PROTECT, null=True, related_name="photo")
    name = models.CharField(max_length=40, unique=True)
    digest = models.CharField(max_length=64, db_index=True)
    size = models.PositiveIntegerField()
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    kept_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    kept_at = models.DateTimeField(db_index=True)
    removed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.pk}: {self.width} x {self.height} of entry {self.entry_id}"


class EntryFile(models.Model):
    """A file with readings of many points, from its upload over the trial to its application.

    content: emptied once it is at its end. told: what the trial or the application found, as
    `filing.Found` keeps it. applied_at: when somebody said "send": the moment of all its readings
    that have no date of their own, however late the work is done. confirmed: that with what
    the trial doubts. acting_for: the customer chosen by the sender. job: of the work behind.
    Stopped: the job was cancelled or failed; applied_at says whether amid the trial or the sending.
    """

    class State(models.TextChoices):
        CHECKING = "checking", pgettext_lazy("file of readings", "is being looked at")
        CHECKED = "checked", pgettext_lazy("file of readings", "waits to be sent")
        APPLYING = "applying", pgettext_lazy("file of readings", "is being sent")
        APPLIED = "applied", pgettext_lazy("file of readings", "sent")
        STOPPED = "stopped", pgettext_lazy("file of readings", "was stopped halfway")
        DROPPED = "dropped", pgettext_lazy("file of readings", "put aside")

    by = models.ForeignKey(User, models.CASCADE, related_name="+")
    acting_for = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="+")
    way = models.CharField(max_length=10, choices=Entry.Way.choices)
    name = models.CharField(max_length=200)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State.choices, default=State.CHECKING)
    uploaded_at = models.DateTimeField(db_index=True)
    applied_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    confirmed = models.BooleanField(default=False)
    job = models.BigIntegerField(null=True)
    told = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.pk}: {self.name} ({self.state})"

    @property
    def is_working(self) -> bool:
        return self.state in (self.State.CHECKING, self.State.APPLYING)
