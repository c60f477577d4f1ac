"""Files that came by mail, SFTP or the desk, and messages that were sent; where both happens."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from faza.accounts.models import User
from faza.collection.models.files import ExchangeProfile, ImportRun


class ExchangePlace(models.Model):
    """A place on an SFTP server: files are taken out of `inbox` and put into `outbox`.

    An empty folder is none. `host_key` is the server's own key, "type base64": another server
    is not spoken to. `secret` is closed (`collection.secrets`): a password, or a private key.
    `senders`: INNs whose messages are taken from here; none means all.
    """

    name = models.CharField(max_length=100, unique=True)
    host = models.CharField(max_length=200)
    port = models.PositiveIntegerField(default=22)
    user = models.CharField(max_length=100)
    host_key = models.TextField()
    secret = models.TextField(blank=True)
    is_key = models.BooleanField(default=False)
    fingerprint = models.CharField(max_length=16, blank=True)
    inbox = models.CharField(max_length=300, blank=True)
    outbox = models.CharField(max_length=300, blank=True)
    senders = models.JSONField(default=list, blank=True)
    is_enabled = models.BooleanField(default=True)
    looked_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=300, blank=True)
    problem_since = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class MailboxMark(models.Model):
    """How far a mailbox was read: up to `uid`, as long as the server's `validity` stays.

    `mailbox` is its address without the password.
    """

    mailbox = models.CharField(max_length=300, unique=True)
    validity = models.BigIntegerField(default=0)
    uid = models.BigIntegerField(default=0)
    looked_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=300, blank=True)
    problem_since = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.mailbox


class Arrival(models.Model):
    """A file that came: kept in FAZA_HOME and written down before it is read, so that it is once.

    `key` says which file it is, wherever it is met again. `origin` is the mail's sender or the
    place's name. `kept_as` is empty when the file is not kept (any more). HELD: nobody agreed on
    its sender, a person decides. `options`: what an upload was told about its file. `tries`: how
    often its reading was begun.
    """

    class Channel(models.TextChoices):
        UPLOAD = "upload", _("upload")
        MAIL = "mail", _("mail")
        SFTP = "sftp", "SFTP"

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        HELD = "held", _("held back")

    channel = models.CharField(max_length=10, choices=Channel.choices)
    key = models.CharField(max_length=100, unique=True)
    name = models.CharField(max_length=300)
    kept_as = models.CharField(max_length=100, blank=True)
    size = models.BigIntegerField()
    origin = models.CharField(max_length=300, blank=True)
    senders = models.JSONField(default=list)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    options = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    reason = models.CharField(max_length=500, blank=True)
    run = models.ForeignKey(ImportRun, models.SET_NULL, null=True, related_name="arrivals")
    job = models.BigIntegerField(null=True)
    as_of = models.DateTimeField()
    arrived_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["arrived_at"], condition=Q(state="waiting"), name="arrival_waiting"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Dispatch(models.Model):
    """A file that we send: one message, or a zip of several. Its bytes never change.

    `content` is packed by zlib; it is emptied when it grows old, the row stays.
    """

    profile = models.ForeignKey(ExchangeProfile, models.PROTECT, related_name="dispatches")
    name = models.CharField(max_length=200)
    content = models.BinaryField()
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    first = models.DateField()
    last = models.DateField()
    days = models.PositiveIntegerField()
    again = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(db_index=True)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    def __str__(self) -> str:
        return self.name


class SentDay(models.Model):
    """A day as a message said it: under which number, and the fingerprint of what it said.

    `missing`, `estimated`: intervals that went with status 1.
    """

    profile = models.ForeignKey(ExchangeProfile, models.PROTECT, related_name="sent_days")
    dispatch = models.ForeignKey(Dispatch, models.CASCADE, related_name="sent_days")
    day = models.DateField()
    number = models.BigIntegerField()
    fingerprint = models.CharField(max_length=32)
    points = models.PositiveIntegerField()
    missing = models.PositiveIntegerField()
    estimated = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["profile", "day", "number"], name="sent_day_once"),
            models.UniqueConstraint(fields=["profile", "number"], name="sent_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.day} № {self.number}"


class Delivery(models.Model):
    """A file on its way to one receiver: by mail to an address, or to a place by SFTP.

    SENDING is written before it goes out. Who finds it so later sends it again, the same bytes
    under the same numbers, and `maybe_twice` says that the first time may have arrived too.
    """

    class Channel(models.TextChoices):
        MAIL = "mail", _("mail")
        SFTP = "sftp", "SFTP"

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        GIVEN_UP = "given_up", _("given up")

    dispatch = models.ForeignKey(Dispatch, models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=10, choices=Channel.choices)
    address = models.CharField(max_length=300, blank=True)
    place = models.ForeignKey(ExchangePlace, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    maybe_twice = models.BooleanField(default=False)
    due_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(channel="mail", place=None) | Q(channel="sftp", place__isnull=False),
                name="delivery_has_a_receiver",
            ),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False), name="delivery_sent_at"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(state__in=["waiting", "sending"]),
                name="delivery_unsent",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.channel} {self.address or self.place_id}"
