"""What the pages of work in the background and of mails show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from faza.accounts import retention
from faza.accounts.models import User
from faza.desk.deeds.words import field_words
from faza.desk.office.keeping import ROUND
from faza.jobs import queries
from faza.jobs.leases import LEASE
from faza.jobs.models import Job
from faza.outbox import queries as outbox
from faza.outbox.models import Message
from faza.ui import formats

JOBS: dict[str, str | Promise] = {
    ROUND: gettext_lazy("Erasing what is over its term"),
    "collection.exchange.import": gettext_lazy("Import of a file of readings"),
    "collection.exchange.round": gettext_lazy(
        "Looking into the mailbox and places, sending what is due"
    ),
    "collection.exchange.send": gettext_lazy("Sending to a counterparty"),
    "collection.grid.check": gettext_lazy("Check of a grid file"),
    "collection.grid.apply": gettext_lazy("Import of a grid file"),
    "collection.grid.undo": gettext_lazy("Undo of a grid import"),
    "manual_entry.photos.sweep": gettext_lazy("Deleting photos that belong to no reading"),
    "manual_entry.file.check": gettext_lazy("Check of a file of typed readings"),
    "manual_entry.file.apply": gettext_lazy("Sending of a file of typed readings"),
    "manual_entry.file.settle": gettext_lazy("Marking files of readings that were stopped"),
    "manual_entry.file.sweep": gettext_lazy("Deleting old files of typed readings"),
    "readings.validate": gettext_lazy("Validation and estimation of what came"),
    "readings.age": gettext_lazy("Looking for gaps that have waited long enough"),
    "readings.months.make": gettext_lazy("Making tables for the months to come"),
    "charges.keep": gettext_lazy("Reckoning what months cost"),
    "charges.check": gettext_lazy("Looking for costs of other prices or agreements"),
    "charges.forecast": gettext_lazy("Forecasts of the month"),
    "charges.advice": gettext_lazy("Comparison of tariffs"),
    "notifications.events.tell": gettext_lazy("Notices of events"),
    "notifications.limits.look": gettext_lazy("Notices of limits of a day"),
    "notifications.verification.tell": gettext_lazy("Notices of verification"),
    "notifications.entry.remind": gettext_lazy("Reminders to give readings"),
    "notifications.news.spread": gettext_lazy("Mails of news"),
    "reports.run.make": gettext_lazy("Making a report"),
    "reports.schedule.round": gettext_lazy("Reports whose time has come"),
    "watch.measure": gettext_lazy("Counting for the figures of the installation"),
}
MAILS: dict[str, str | Promise] = {
    "account.confirm": gettext_lazy("Confirmation of an address"),
    "account.exists": gettext_lazy("Somebody registers with a known address"),
    "account.password_reset": gettext_lazy("New password"),
    "account.password_changed": gettext_lazy("Password was changed"),
    "account.security_changed": gettext_lazy("Sign-in was changed"),
    "accounts.invited": gettext_lazy("Invitation"),
    "accounts.withdrawal.received": gettext_lazy("Withdrawal of a consent received"),
    "contracts.application.received": gettext_lazy("Application received"),
    "contracts.application.approved": gettext_lazy("Access is open"),
    "contracts.application.refused": gettext_lazy("Application refused"),
    "contracts.application.correction": gettext_lazy("Application to be corrected"),
    "contracts.application.message": gettext_lazy("Message about an application"),
    "contracts.application.reopened": gettext_lazy("An application is checked again"),
    "contracts.device.connected": gettext_lazy("A new device is connected"),
    "cases.case.received": gettext_lazy("A question was received"),
    "cases.case.answered": gettext_lazy("An answer to a question"),
    "cases.case.message": gettext_lazy("A message about a question"),
    "cases.case.closed": gettext_lazy("A question is closed"),
    "cases.case.new": gettext_lazy("A new question, for the desk"),
    "cases.case.said": gettext_lazy("A subscriber's message, for the desk"),
    "cases.case.again": gettext_lazy("A question asked again, for the desk"),
    "cases.case.assigned": gettext_lazy("A question given to somebody"),
    "collection.order.planned": gettext_lazy("An order is planned"),
    "collection.order.called_off": gettext_lazy("An order is called off"),
    "collection.order.done": gettext_lazy("An order is done"),
    "collection.order.failed": gettext_lazy("An order could not be done"),
    "collection.order.broken": gettext_lazy("An order was not done"),
    "collection.order.refused": gettext_lazy("A request about supply is not followed"),
    "events.warning": gettext_lazy("Warnings of meters"),
    "events.warning.late": gettext_lazy("Earlier events of meters"),
    "manual_entry.entry.approved": gettext_lazy("A reading was accepted"),
    "manual_entry.entry.asked": gettext_lazy("A question about a reading"),
    "manual_entry.entry.corrected": gettext_lazy("A reading was accepted with another value"),
    "manual_entry.entry.refused": gettext_lazy("A reading was not accepted"),
    "manual_entry.entry.reopened": gettext_lazy("A reading is checked once more"),
    "manual_entry.entry.withdrawn": gettext_lazy("The acceptance of a reading is withdrawn"),
    "notifications.notices": gettext_lazy("Notices"),
    "notifications.digest": gettext_lazy("What was new in a day"),
    "notifications.news": pgettext_lazy("menu", "News"),
    "reports.run.made": gettext_lazy("A report is ready"),
    "reports.run.failed": gettext_lazy("A report was not made"),
    "reports.run.sent": gettext_lazy("A report by schedule"),
}
STATES = Job.State.choices
COLOURS = {"running": "info", "done": "good", "failed": "bad", "cancelled": "warn", "waiting": ""}
MOST_RESULTS = 12


@dataclass(slots=True)
class Shown:
    """A piece of work as a page shows it; `left` is a guess from its pace so far."""

    job: Job
    title: str
    by: str
    css: str
    left: timedelta | None = None
    results: Sequence[tuple[str, str]] = ()
    is_cancellable: bool = field(default=False)

    @property
    def took(self) -> str:
        """How long it ran; empty while it runs, or if it never did."""
        begun, ended = self.job.started_at, self.job.ended_at
        if begun is None or ended is None:
            return ""
        spent = ended - begun
        if spent < timedelta(minutes=1):
            return _("%(seconds)s s") % {"seconds": formats.number(spent.total_seconds(), 1)}
        return formats.duration(spent)

    @property
    def is_cancelling(self) -> bool:
        return self.job.cancel_asked_at is not None and not self.job.is_ended


def sees_all(user: User) -> bool:
    """Whether a person sees everybody's work and the system's."""
    return user.role in (User.Role.ADMINISTRATOR, User.Role.AUDITOR)


def jobs_of(user: User) -> QuerySet[Job]:
    """The work that a person may look at, newest first."""
    return queries.all_jobs() if sees_all(user) else queries.of(user)


def may_cancel(user: User, job: Job) -> bool:
    """Whether a person may end a piece of work: one's own, an administrator everybody's."""
    if job.is_ended or user.role == User.Role.AUDITOR:
        return False
    return user.role == User.Role.ADMINISTRATOR or job.by == user.pk


def cancellable_by(user: User) -> QuerySet[Job]:
    """The work that a person may end, and that which has ended: a second click is no error."""
    if user.role == User.Role.ADMINISTRATOR:
        return queries.all_jobs()
    return queries.of(user) if user.role != User.Role.AUDITOR else Job.objects.none()


def narrowed(rows: QuerySet[Job], asked: Mapping[str, str]) -> QuerySet[Job]:
    """Of some work that in the state which the address asks for."""
    state = asked.get("state", "")
    return rows.filter(state=state) if state in Job.State.values else rows


def overdue(*, at: datetime) -> int:
    """How many pieces of work nobody goes on with: probably no worker runs."""
    return queries.overdue(at=at).count()


def told(jobs: Iterable[Job]) -> list[Shown]:
    """Work in words. One query for the people."""
    rows = list(jobs)
    people = dict(
        User.objects.filter(pk__in={row.by for row in rows if row.by}).values_list(
            "pk", "full_name"
        )
    )
    return [_shown(row, people) for row in rows]


def _shown(job: Job, people: Mapping[int, str]) -> Shown:
    return Shown(
        job=job,
        title=str(JOBS.get(job.kind, job.kind)),
        by=_("the system") if job.by is None else people.get(job.by, f"№ {job.by}"),
        css=COLOURS[job.state],
        left=_left(job),
        results=_results(job),
    )


def _left(job: Job) -> timedelta | None:
    """How long it may take yet, from the last sign of life and the pace so far."""
    if job.state != Job.State.RUNNING or not (job.total and job.done and job.started_at):
        return None
    seen = job.leased_until
    if seen is None or job.done >= job.total:
        return None
    spent = seen - LEASE - job.started_at
    return spent / job.done * (job.total - job.done) if spent > timedelta(0) else None


def _results(job: Job) -> list[tuple[str, str]]:
    """What a piece of work tells of itself, where that is short: numbers and words."""
    plain = [
        (_result_words(job, name), str(value))
        for name, value in (job.result or {}).items()
        if isinstance(value, int | float | str) and len(str(value)) < 200
    ]
    return plain[:MOST_RESULTS]


def _result_words(job: Job, name: str) -> str:
    if job.kind == ROUND:
        with suppress(retention.NoSuchKind):
            return str(retention.get_kind(name).label) or name
    return field_words(name)


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that was not delivered, in words."""

    message: Message
    title: str
    to: str

    @property
    def is_given_up(self) -> bool:
        return self.message.state == Message.State.GIVEN_UP


def mails(*, at: datetime) -> QuerySet[Message]:
    """Mails that somebody should look at."""
    return outbox.undelivered(at=at)


def mails_told(messages: Iterable[Message]) -> list[Mail]:
    """Mails in words. One query for the people."""
    rows = list(messages)
    wanted = {row.recipient for row in rows if row.recipient and not row.address}
    people = dict(User.objects.filter(pk__in=wanted).values_list("pk", "email"))
    return [
        Mail(
            row,
            str(MAILS.get(row.kind, row.kind)),
            row.address or people.get(row.recipient or 0, f"№ {row.recipient}"),
        )
        for row in rows
    ]
