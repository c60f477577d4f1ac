"""Lines, meters on them, what is to be read when, and what came of it.

All of it is local to the coordinator of a cluster: work is taken from here by leases.
"""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from faza.accounts.models import User
from faza.collection.polling.work import Kind, Order, Outcome, Problem
from faza.metering.models import Meter, NetworkNode, validate_zone

_KINDS = [
    (Kind.IDENTITY, _("identity")),
    (Kind.CLOCK, _("clock")),
    (Kind.REGISTERS, _("registers of the moment")),
    (Kind.DAYS, _("registers at the starts of days")),
    (Kind.MONTHS, _("registers at the starts of months")),
    (Kind.EVENTS, _("events")),
    (Kind.PROFILE, _("load profile")),
    (Kind.PARAMETERS, _("profile of network parameters")),
    (Kind.INSTANT, _("network parameters of the moment")),
    (Kind.QUALITY, _("quality counters")),
    (Kind.CONFIGURATION, _("configuration")),
    (Kind.CALENDAR, _("tariff calendar")),
]
_ORDERS = [
    (Order.READ_NOW, _("read now")),
    (Order.SET_CLOCK, _("set the clock")),
    (Order.SHIFT_CLOCK, _("shift the clock")),
    (Order.RELAY, _("switch the relay")),
    (Order.LIMITER, _("set a limit")),
    (Order.CALENDAR, _("write the tariff calendar")),
    (Order.ACTIVATE_CALENDAR, _("activate the tariff calendar")),
]
_OUTCOMES = [
    (Outcome.DONE, _("done")),
    (Outcome.PARTIAL, _("done in part")),
    (Outcome.FAILED, _("failed")),
]
_PROBLEMS = [
    (Problem.UNREACHABLE, _("not reachable")),
    (Problem.TIMEOUT, _("no answer in time")),
    (Problem.DROPPED, _("the connection broke off")),
    (Problem.GARBAGE, _("the answer is not understood")),
    (Problem.DENIED, _("password or key is wrong")),
    (Problem.COUNTER, _("invocation counter is not taken")),
    (Problem.OTHER_METER, _("another meter answers")),
    (Problem.REFUSED, _("the meter refused")),
    (Problem.UNABLE, _("the meter is not able to")),
    (Problem.NOT_TAKEN, _("the meter did not take it over")),
    (Problem.INTERRUPTED, _("interrupted")),
    (Problem.CLOCK, _("the clock is far off")),
    (Problem.INTERNAL, _("internal fault")),
]
PERSON = 0
"""Priority of a line on which somebody waits for a command; plans begin at 1."""


class Line(models.Model):
    """A way to meters on which one session at a time is possible: a modem, a gateway, a socket.

    timeout: seconds for an answer; pause: seconds between sessions. settings: what a driver has
    to know of the line. due_at: when something on it is due next, null: nothing; priority: the
    most urgent of what is due, 0: a person waits. Both follow from tasks and commands, kept by
    `polling.claims`. A lease that is over may be taken by anybody; `leases` counts them.
    """

    name = models.CharField(max_length=100, unique=True)
    host = models.CharField(max_length=255)
    port = models.PositiveIntegerField()
    node = models.ForeignKey(
        NetworkNode, models.SET_NULL, null=True, blank=True, related_name="lines"
    )
    timeout = models.FloatField(default=10)
    pause = models.FloatField(default=0)
    settings = models.JSONField(default=dict, blank=True)
    is_enabled = models.BooleanField(default=True)
    due_at = models.DateTimeField(null=True, blank=True)
    priority = models.PositiveSmallIntegerField(default=5)
    leased_by = models.CharField(max_length=100, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    leases = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["host", "port"], name="line_once"),
            models.CheckConstraint(
                condition=Q(port__gte=1, port__lte=65535, timeout__gt=0, pause__gte=0),
                name="line_plausible",
            ),
        ]
        indexes = [models.Index(fields=["priority", "due_at"], name="line_due")]

    def __str__(self) -> str:
        return self.name


class CredentialSet(models.Model):
    """As whom meters are entered. The secrets are closed by `secrets`, never shown again.

    client: the client's address (СПОДЭС: 16 public, 32 reader, 48 configurator). level: of
    languages that have levels of access. system_title: ours, 16 hexadecimal digits.
    fingerprint tells two sets of secrets apart without telling them.
    """

    class Mechanism(models.TextChoices):
        NONE = "none", _("no password")
        LLS = "lls", _("password")
        HLS5 = "hls5", _("keys (HLS5-GMAC)")

    name = models.CharField(max_length=100, unique=True)
    client = models.PositiveSmallIntegerField(default=32)
    mechanism = models.CharField(max_length=10, choices=Mechanism.choices, default=Mechanism.LLS)
    level = models.PositiveSmallIntegerField(default=1)
    system_title = models.CharField(max_length=16, blank=True)
    closed = models.TextField(blank=True)
    fingerprint = models.CharField(max_length=16, blank=True)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class CollectionPlan(models.Model):
    """What is read of a group of meters, when, and what is done if it fails.

    window_from, window_to: the local time of `zone` in which sessions may begin; both null: any
    time; from after to: over midnight. priority: 1 (first) to 9. retries: so often again, the
    first time after `back_off` minutes, then twice as long each time; then at the next regular
    time. too_old: days after which a gap is not asked for. most_days: of profile in one session.
    channels: names of those that are to be complete, as far as the meter has them.
    tell_from to per_day: see `work.ClockPolicy`. keys: who enters the meters that have no
    credentials of their own, `control` for commands.
    """

    name = models.CharField(max_length=100, unique=True)
    zone = models.CharField(max_length=50, default="Europe/Moscow", validators=[validate_zone])
    window_from = models.TimeField(null=True, blank=True)
    window_to = models.TimeField(null=True, blank=True)
    priority = models.PositiveSmallIntegerField(default=5)
    retries = models.PositiveSmallIntegerField(default=5)
    back_off = models.PositiveIntegerField(default=5, validators=[MinValueValidator(1)])
    too_old = models.PositiveSmallIntegerField(default=90)
    most_days = models.PositiveSmallIntegerField(default=10, validators=[MinValueValidator(1)])
    channels = models.JSONField(default=list, blank=True)
    tell_from = models.PositiveIntegerField(default=5)
    correct_from = models.PositiveIntegerField(default=10)
    correct_to = models.PositiveIntegerField(default=900)
    corrects = models.BooleanField(default=True)
    per_day = models.PositiveSmallIntegerField(default=1)
    credentials = models.ForeignKey(
        CredentialSet, models.PROTECT, null=True, blank=True, related_name="+"
    )
    control = models.ForeignKey(
        CredentialSet, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(priority__gte=1, priority__lte=9), name="plan_priority"
            ),
            models.CheckConstraint(
                condition=Q(window_from__isnull=True, window_to__isnull=True)
                | Q(window_from__isnull=False, window_to__isnull=False),
                name="plan_window_has_two_ends",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PlanItem(models.Model):
    """That a kind of reading is due every so many minutes, counted from the window's beginning."""

    plan = models.ForeignKey(CollectionPlan, models.CASCADE, related_name="items")
    kind = models.CharField(max_length=20, choices=_KINDS)
    every = models.PositiveIntegerField(validators=[MinValueValidator(1)])

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "kind"], name="plan_item_once"),
            models.CheckConstraint(condition=Q(every__gte=1), name="plan_item_every"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.every}"


class Device(models.Model):
    """How a meter is reached and read, and what was learned of it.

    driver: name in the registry of drivers; address: as that driver wants it. credentials and
    control: its own, else those of the plan. position: its turn on the line. layouts, habits:
    what the driver learned. profiles: what of the meter's load profiles is known, by their number:
    {"1": {"channels": [codes], "interval": minutes, "is_fine": whether values are finer than the
    quantum, "whole_to": ISO moment up to which nothing is asked for any more}}.
    clock_offset: seconds, above 0 it is fast. relay: as it was read last, with limiters.
    """

    meter = models.OneToOneField(Meter, models.PROTECT, related_name="device")
    line = models.ForeignKey(Line, models.PROTECT, related_name="devices")
    position = models.PositiveSmallIntegerField(default=0)
    driver = models.CharField(max_length=30)
    address = models.JSONField(default=dict, blank=True)
    credentials = models.ForeignKey(
        CredentialSet, models.PROTECT, null=True, blank=True, related_name="+"
    )
    control = models.ForeignKey(
        CredentialSet, models.PROTECT, null=True, blank=True, related_name="+"
    )
    plan = models.ForeignKey(CollectionPlan, models.PROTECT, related_name="devices")
    is_enabled = models.BooleanField(default=True)
    last_session_at = models.DateTimeField(null=True, blank=True, db_index=True)
    last_success_at = models.DateTimeField(null=True, blank=True, db_index=True)
    failures = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=20, choices=_PROBLEMS, blank=True)
    clock_offset = models.FloatField(null=True, blank=True)
    clock_measured_at = models.DateTimeField(null=True, blank=True)
    corrected_at = models.DateTimeField(null=True, blank=True)
    corrections = models.PositiveSmallIntegerField(default=0)
    layouts = models.JSONField(default=dict, blank=True)
    habits = models.JSONField(default=dict, blank=True)
    profiles = models.JSONField(default=dict, blank=True)
    relay = models.JSONField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.meter_id}"


class FrameCounter(models.Model):
    """Invocation counters of a key in a meter: they only grow.

    sent: the first one that nobody was given yet; put down before it is sent, so that a kill
    repeats none. peer: the last one that the meter sent. Source: СТО 34.01-5.1-006, IEC 62056-5-3.
    """

    device = models.ForeignKey(Device, models.CASCADE, related_name="counters")
    key = models.CharField(max_length=16)
    sent = models.BigIntegerField(default=0)
    peer = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["device", "key"], name="frame_counter_once"),
            models.CheckConstraint(condition=Q(sent__gte=0), name="frame_counter_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.device_id}: {self.sent}"


class DeviceTask(models.Model):
    """When a kind of reading of a device is due next, and how it went last."""

    device = models.ForeignKey(Device, models.CASCADE, related_name="tasks")
    kind = models.CharField(max_length=20, choices=_KINDS)
    due_at = models.DateTimeField()
    failures = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=20, choices=_PROBLEMS, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["device", "kind"], name="device_task_once"),
        ]
        indexes = [models.Index(fields=["due_at"], name="device_task_due")]

    def __str__(self) -> str:
        return f"{self.device_id}: {self.kind}"


class Session(models.Model):
    """One conversation with a meter. ticket: of the lease in which it was, so that its result is
    marked once; summary: what was read, counts by kind; dialogue: see `polling.dialogues`.
    Kept for 30 days (`accounts.retention`).
    """

    device = models.ForeignKey(Device, models.CASCADE, related_name="sessions")
    started_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField()
    ticket = models.CharField(max_length=50)
    collector = models.CharField(max_length=100)
    outcome = models.CharField(max_length=10, choices=_OUTCOMES)
    problem = models.CharField(max_length=20, choices=_PROBLEMS, blank=True)
    words = models.CharField(max_length=500, blank=True)
    bytes_sent = models.PositiveIntegerField(default=0)
    bytes_received = models.PositiveIntegerField(default=0)
    trips = models.PositiveIntegerField(default=0)
    summary = models.JSONField(default=dict)
    dialogue = models.BinaryField(default=b"")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["device", "ticket"], name="session_once")]
        indexes = [models.Index(fields=["device", "started_at"], name="session_of_device")]

    def __str__(self) -> str:
        return f"{self.device_id} {self.started_at:%Y-%m-%d %H:%M} {self.outcome}"


class Command(models.Model):
    """Something to be done with a meter, asked by a person or a rule (`by` null).

    not_before: the earliest moment; expires_at: after it nobody wants it any more. `result` is
    what the meter said when it was read back.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    device = models.ForeignKey(Device, models.CASCADE, related_name="commands")
    kind = models.CharField(max_length=20, choices=_ORDERS)
    arguments = models.JSONField(default=dict)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField(db_index=True)
    not_before = models.DateTimeField()
    expires_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=20, choices=_PROBLEMS, blank=True)
    words = models.CharField(max_length=500, blank=True)
    result = models.JSONField(default=dict)
    session = models.ForeignKey(Session, models.SET_NULL, null=True, related_name="commands")

    class Meta:
        indexes = [
            models.Index(
                fields=["device"],
                condition=Q(state__in=["waiting", "running"]),
                name="command_to_do",
            )
        ]

    def __str__(self) -> str:
        return f"{self.device_id}: {self.kind} {self.state}"
