from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from faza.accounts.models import User
from faza.cases.rules import State, Subject
from faza.contracts.models import Customer
from faza.core.periods import Period
from faza.core.reading_types import BY_CODE
from faza.metering.models import UsagePoint


class Case(models.Model):
    """What somebody asks or contests about the readings of a point over [start, end).

    customer: for whom it was asked; null where a manager of the house asks about a common meter.
    reading_type: null where it is about no single channel. shown: what the asker had before them
    (`queries.Shown`). due_at: the end of the term. word_at: when the desk wrote to the
    asker last; read_at: when the case was opened last on the asker's side.
    """

    class State(models.TextChoices):
        NEW = State.NEW.value, pgettext_lazy("case", "new")
        IN_WORK = State.IN_WORK.value, pgettext_lazy("case", "in work")
        ANSWERED = State.ANSWERED.value, pgettext_lazy("case", "answered")
        CLOSED = State.CLOSED.value, pgettext_lazy("case", "closed")
        REOPENED = State.REOPENED.value, pgettext_lazy("case", "asked again")

    class Subject(models.TextChoices):
        ESTIMATE = Subject.ESTIMATE.value, _("An estimated value is wrong")
        VALUE = Subject.VALUE.value, _("A measured value is wrong")
        MISSING = Subject.MISSING.value, _("There are no data")
        OTHER = Subject.OTHER.value, _("Another question about the data")

    usage_point = models.ForeignKey(UsagePoint, models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="+")
    reading_type = models.PositiveSmallIntegerField(null=True)
    start = models.DateTimeField()
    end = models.DateTimeField()
    subject = models.CharField(max_length=10, choices=Subject.choices)
    question = models.TextField()
    shown = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.NEW)
    asked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField(db_index=True)
    due_at = models.DateTimeField()
    assigned_to = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    assigned_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    word_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="case_has_a_stretch"),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False)
                | (~Q(state="closed") & Q(closed_at__isnull=True)),
                name="case_closed_has_a_moment",
            ),
            models.CheckConstraint(
                condition=~Q(state="in_work") | Q(assigned_at__isnull=False),
                name="case_in_work_is_assigned",
            ),
        ]
        indexes = [models.Index(fields=["state", "due_at"], name="case_queue")]

    def __str__(self) -> str:
        return f"{self.pk}: {self.subject} {self.usage_point_id} ({self.state})"

    @property
    def period(self) -> Period:
        return Period(self.start, self.end)

    @property
    def channel(self) -> str:
        """«A+»; empty where it is about no single channel."""
        return "" if self.reading_type is None else BY_CODE[self.reading_type].channel

    @property
    def due_on(self) -> date:
        """The last day of the term, in the installation's zone."""
        last = self.due_at - timedelta(microseconds=1)
        return last.astimezone(ZoneInfo(settings.TIME_ZONE)).date()

    @property
    def has_news(self) -> bool:
        """Whether the desk has written what the asker's side has not opened yet."""
        word, read = self.word_at, self.read_at
        return word is not None and (read is None or read < word)

    def is_overdue(self, at: datetime) -> bool:
        return self.state in {State.NEW, State.IN_WORK, State.REOPENED} and self.due_at <= at


class CaseMessage(models.Model):
    """A word in the talk of a case; a note is read by the desk alone."""

    class Kind(models.TextChoices):
        SAID = "said", _("word of the asker")
        WRITTEN = "written", _("word of the desk")
        ANSWER = "answer", _("answer")
        NOTE = "note", _("note of the desk")

    case = models.ForeignKey(Case, models.CASCADE, related_name="messages")
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    text = models.TextField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.case_id}: {self.kind} {self.at:%Y-%m-%d %H:%M}"
