"""Reports that somebody saved, sends by mail, or had made as a job."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from faza.accounts.models import User
from faza.contracts.models import Customer


class PersonalReport(models.Model):
    """A report as somebody wants it: `query` is its address with kind, parameters and points.

    layout: chosen columns, their order, own titles and formulas (`shaping.Layout`). customer: all
    who read for it find the report too, each with the own windows; null: only the owner.
    """

    owner = models.ForeignKey(User, models.CASCADE, related_name="+")
    customer = models.ForeignKey(Customer, models.CASCADE, null=True, related_name="+")
    title = models.CharField(max_length=200)
    query = models.TextField()
    layout = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["owner", "title"], name="personal_report_own")]

    def __str__(self) -> str:
        return self.title


class Schedule(models.Model):
    """That a personal report is mailed to a user, each time of the latest whole period.

    `hour` is a full hour of `zone`'s day. on_day: 1 (Monday) to 7 of a week, 1 to 28 of a month,
    0 where it is every day. next_at: when it is due; null where it is stopped.
    """

    class Every(models.TextChoices):
        DAY = "day", pgettext_lazy("schedule", "every day")
        WEEK = "week", pgettext_lazy("schedule", "every week")
        MONTH = "month", pgettext_lazy("schedule", "every month")

    report = models.ForeignKey(PersonalReport, models.CASCADE, related_name="schedules")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    every = models.CharField(max_length=10, choices=Every.choices)
    on_day = models.PositiveSmallIntegerField(default=0)
    hour = models.PositiveSmallIntegerField(default=8)
    zone = models.CharField(max_length=64)
    format = models.CharField(max_length=10)
    created_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "user"], name="schedule_once"),
            models.CheckConstraint(condition=Q(hour__lte=23), name="schedule_hour"),
            models.CheckConstraint(
                condition=Q(every="day", on_day=0)
                | Q(every="week", on_day__gte=1, on_day__lte=7)
                | Q(every="month", on_day__gte=1, on_day__lte=28),
                name="schedule_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} -> {self.user_id} {self.every} {self.hour}:00 {self.zone}"


class Run(models.Model):
    """One report made as a job, for one user; its file is kept for some days.

    `key` is unique: a run that is due is begun once. scope: what its user could see when it was
    made (`queries.scope_of`); the file is given out only while all of that is still theirs.
    job: the number of its job.
    file: its name in the folder, "" until it is made. name: what a browser saves it as.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("report", "waiting")
        MADE = "made", pgettext_lazy("report", "made")
        FAILED = "failed", pgettext_lazy("report", "failed")
        CANCELLED = "cancelled", pgettext_lazy("report", "cancelled")

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    report = models.ForeignKey(PersonalReport, models.SET_NULL, null=True, related_name="runs")
    key = models.CharField(max_length=120, null=True, unique=True)
    title = models.CharField(max_length=200)
    query = models.TextField()
    layout = models.JSONField(default=dict)
    scope = models.JSONField(default=dict)
    format = models.CharField(max_length=10)
    language = models.CharField(max_length=8, default="ru")
    is_mailed = models.BooleanField(default=False, verbose_name=_("sent by mail"))
    job = models.BigIntegerField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    file = models.CharField(max_length=80, blank=True)
    name = models.CharField(max_length=200, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    why = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="waiting", ended_at__isnull=True)
                | (~Q(state="waiting") & Q(ended_at__isnull=False)),
                name="report_run_ended_has_its_moment",
            ),
            models.CheckConstraint(
                condition=~Q(state="made") | ~Q(file=""), name="report_run_made_has_its_file"
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-created_at"], name="report_run_newest"),
            models.Index(fields=["ended_at"], name="report_run_age"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.title} ({self.state})"
