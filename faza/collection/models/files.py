"""Who exchanges files with us, and which files were read."""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from faza.accounts.models import User
from faza.metering.models import NetworkNode, UsagePoint, validate_zone


def a_plus() -> list[str]:
    """The channels that a new profile sends."""
    return ["A+"]


class ExchangeProfile(models.Model):
    """What is agreed with a counterparty about 80020 messages of one sender and area.

    An empty `area_inn` stands for all areas of the sender that have no profile of their own, an
    empty `zone` for Moscow time. `last_number` is the greatest number of a message that we sent;
    it only grows (`services.take_numbers`). `addresses`: where messages are sent, e-mail; `place`:
    where they are put by SFTP. `senders`: addresses whose mails with messages are taken.

    From `sends_from` on each day of `zone` is sent, at `send_hour` of that zone, with `channels`;
    null: nothing is sent by itself. Of the last `resend_days` those that changed go again.
    `sent_on` is the local day of the last round; `problem` is why it sent nothing.
    """

    class Rounding(models.TextChoices):
        EXACT = "exact", _("exact values")
        WHOLE = "whole", _("whole kWh, the remainder is carried")

    counterparty = models.CharField(max_length=200, blank=True)
    sender_inn = models.CharField(max_length=20)
    sender_name = models.CharField(max_length=200, blank=True)
    area_inn = models.CharField(max_length=20, blank=True)
    area_name = models.CharField(max_length=200, blank=True)
    zone = models.CharField(max_length=50, blank=True, validators=[validate_zone])
    rounding = models.CharField(max_length=10, choices=Rounding.choices, default=Rounding.EXACT)
    last_number = models.BigIntegerField(default=0)
    addresses = models.JSONField(default=list, blank=True)
    senders = models.JSONField(default=list, blank=True)
    place = models.ForeignKey(
        "collection.ExchangePlace", models.PROTECT, null=True, blank=True, related_name="profiles"
    )
    channels = models.JSONField(default=a_plus, blank=True)
    sends_from = models.DateField(null=True, blank=True)
    send_hour = models.PositiveSmallIntegerField(default=9)
    resend_days = models.PositiveSmallIntegerField(default=35)
    sent_on = models.DateField(null=True, blank=True)
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sender_inn", "area_inn", "counterparty"], name="exchange_profile_once"
            ),
            models.CheckConstraint(
                condition=models.Q(last_number__gte=0), name="exchange_profile_number_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(send_hour__lt=24, resend_days__gte=1, resend_days__lte=400),
                name="exchange_profile_round",
            ),
        ]

    def __str__(self) -> str:
        return self.counterparty or f"{self.sender_inn} {self.area_inn}".strip()


class PointCode(models.Model):
    """A counterparty's code of a usage point: 15 digits in 80020, anything elsewhere."""

    profile = models.ForeignKey(ExchangeProfile, models.CASCADE, related_name="codes")
    code = models.CharField(max_length=50)
    usage_point = models.ForeignKey(UsagePoint, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["profile", "code"], name="point_code_once"),
            models.UniqueConstraint(fields=["profile", "usage_point"], name="point_code_one_way"),
        ]

    def __str__(self) -> str:
        return self.code


class TimezoneCode(models.Model):
    """The zone meant by a value of the attribute `timezone` of an area (rules, "Time")."""

    code = models.CharField(max_length=20, unique=True)
    zone = models.CharField(max_length=50, validators=[validate_zone])

    def __str__(self) -> str:
        return f"{self.code}: {self.zone}"


class ImportRun(models.Model):
    """One import of some files. It stays RUNNING where its process was killed.

    The counts are values, as in `readings.services.Recorded`; they grow with every stored part.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        COMPLETE = "complete", _("complete")
        REFUSED = "refused", _("some files were refused")

    started_at = models.DateTimeField(db_index=True)
    by = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    files = models.PositiveIntegerField(default=0)
    points = models.PositiveIntegerField(default=0)
    values = models.BigIntegerField(default=0)
    changed = models.BigIntegerField(default=0)
    unchanged = models.BigIntegerField(default=0)
    superseded = models.BigIntegerField(default=0)
    problems = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M} {self.state}"


class ImportFile(models.Model):
    """A file of a run: written after its readings are committed, in a transaction of its own.

    So a row says "complete up to here": a file without one may be stored partly or not at all,
    and is to be imported again. `number` and `day` are those of a message. `problems` are the
    first ones, {"line", "reason"}; `n_problems` counts all. Source: reference/citus.md, 18.
    """

    class State(models.TextChoices):
        COMPLETE = "complete", _("complete")
        REFUSED = "refused", _("refused")

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="imported")
    name = models.CharField(max_length=300)
    content_hash = models.CharField(max_length=32, db_index=True)
    format = models.CharField(max_length=20, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.COMPLETE)
    sender_inn = models.CharField(max_length=64, blank=True)
    number = models.BigIntegerField(null=True)
    day = models.DateField(null=True)
    values = models.BigIntegerField(default=0)
    n_problems = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list)

    def __str__(self) -> str:
        return self.name


class GridImport(models.Model):
    """A file with a whole grid: from the upload over the trial to what it made, and back.

    `kept_as` names the file in FAZA_HOME/files/grid. `columns` is {place: key}; `corrections` is
    {line: {key: text}}, typed over the file's own; `decisions` is what people chose where the
    file alone does not tell: {"replace": [lines], "create": [kinds], "accepted": [codes]}.
    `counts` and `groups` are those of the last trial, `fingerprint` is of its verdicts: what is
    applied is what was seen. `made` lists what was made and changed, for taking it back.
    `job` is the one that is at it, or was the last.
    """

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("columns to be chosen")
        CHECKING = "checking", _("trial runs")
        CHECKED = "checked", _("trial is done")
        APPLYING = "applying", _("is being applied")
        APPLIED = "applied", _("applied")
        UNDOING = "undoing", _("is being taken back")
        UNDONE = "undone", _("taken back")
        CLOSED = "closed", _("put aside")

    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=300)
    kept_as = models.CharField(max_length=100, blank=True)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.UPLOADED)
    sheet = models.CharField(max_length=100, blank=True)
    title_line = models.PositiveIntegerField()
    titles = models.JSONField(default=list)
    columns = models.JSONField(default=dict)
    base = models.ForeignKey(NetworkNode, models.SET_NULL, null=True, related_name="+")
    since = models.DateField()
    corrections = models.JSONField(default=dict)
    decisions = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    groups = models.JSONField(default=list)
    fingerprint = models.CharField(max_length=64, blank=True)
    made = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    error = models.CharField(max_length=500, blank=True)
    job = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(db_index=True)
    checked_at = models.DateTimeField(null=True)
    seconds = models.FloatField(null=True)
    applied_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class GridImportRow(models.Model):
    """A row of the file as the last trial saw it.

    `cells` are its texts with corrections; `marks` is {place: {"kind", "code", …}}: what is wrong
    (e), doubtful (w) or changes (c) in a cell. Rows go when the import is put aside, or grows old.
    """

    class State(models.TextChoices):
        NEW = "new", _("new")
        CHANGED = "changed", _("changes")
        SAME = "same", _("no change")
        ERROR = "error", _("error")

    grid_import = models.ForeignKey(GridImport, models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State.choices)
    is_doubtful = models.BooleanField(default=False)
    cells = models.JSONField()
    marks = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["grid_import", "line"], name="grid_row_once")
        ]
        indexes = [models.Index(fields=["grid_import", "state", "line"], name="grid_rows_by_state")]

    def __str__(self) -> str:
        return f"{self.grid_import_id}: {self.line}"
