"""What is done with reports: save, share, schedule, have made, cancel; each deed is in the trail.

Who may see what is asked when a report is made and when its file is fetched, never when it is
saved: what a person loses, the saved report loses too.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from faza.accounts.models import User
from faza.audit import services as audit
from faza.contracts import access
from faza.contracts.models import Customer
from faza.jobs import services as jobs
from faza.jobs.models import Job
from faza.reports import files, queries, timing
from faza.reports.models import PersonalReport, Run, Schedule
from faza.reports.registry import Format, NoSuchKind
from faza.reports.shaping import Layout

MAKE = "reports.run.make"
ROUND = "reports.schedule.round"
MOST_WAITING = 3
"""Reports of one user that are waited for at a time."""
MOST_PERSONAL = 100
MOST_SCHEDULES = 20
DAYS = 14
"""For so long a made file is kept."""
LONGEST_QUERY = 20_000
AT_ONCE = 200
"""Schedules begun in a round."""


class TooMany(Exception):
    """The user has as many as there may be; the message says of what."""


class Wrong(ValueError):
    """What is asked for cannot be; the message says why."""


def plain(text: str, most: int) -> str:
    """A typed text on one line, of so many characters, without those that are not seen."""
    shown = "".join(c for c in " ".join(text.split()) if c.isprintable())
    return shown[:most].strip()


@transaction.atomic
def keep(
    user: User, *, title: str, query: str, layout: Layout, at: datetime,
    report: PersonalReport | None = None,
) -> PersonalReport:  # fmt: skip
    """Save a report as one's own, or change an own one (only its owner may: `queries.own`).

    Raises Wrong without a title or with too long an address; TooMany.
    """
    title = plain(title, 200)
    if not title:
        raise Wrong(_("Give the report a title."))
    if len(query) > LONGEST_QUERY:
        raise Wrong(_("Too many points are listed; choose branches or everything."))
    if report is None:
        _in_turn(user)
        if PersonalReport.objects.filter(owner=user).count() >= MOST_PERSONAL:
            raise TooMany(_("There are %s personal reports already.") % MOST_PERSONAL)
        report = PersonalReport(owner=user, created_at=at)
    report.title, report.query, report.layout = title, query, layout.to_json()
    report.changed_at = at
    report.save()
    audit.note("reports.personal.saved", of=report, by=user, at=at, after={"title": title})
    return report


@transaction.atomic
def share(
    report: PersonalReport, *, customer: Customer | None, by: User, at: datetime
) -> None:  # fmt: skip
    """Let those who read for a customer find the report, or (None) the owner alone.

    What others see in it is by their own windows. Schedules of those who lose it end.

    Raises Wrong if the customer is none that its owner reads for.
    """
    mine = access.members_of(by, at).values("customer")
    if customer is not None and not Customer.objects.filter(pk__in=mine, pk=customer.pk).exists():
        raise Wrong(_("You do not read for this customer."))
    before, report.customer = report.customer_id, customer
    report.save(update_fields=["customer"])
    if customer is None:
        report.schedules.exclude(user=report.owner_id).delete()
    audit.note(
        "reports.personal.shared", of=report, by=by, at=at, before={"customer": before},
        after={"customer": report.customer_id},
    )  # fmt: skip


@transaction.atomic
def remove(report: PersonalReport, *, by: User, at: datetime) -> None:
    """Delete a personal report with its schedules; files that were made of it stay their time."""
    audit.note("reports.personal.deleted", of=report, by=by, at=at, before={"title": report.title})
    report.delete()


@transaction.atomic
def schedule(
    report: PersonalReport, *, user: User, every: str, on_day: int, hour: int, zone: str,
    format: str, at: datetime,
) -> Schedule:  # fmt: skip
    """Have a report that a user finds mailed to them; another schedule of theirs is replaced.

    Raises Wrong for a day, an hour, a zone or a format that is none; TooMany.
    """
    days = {"day": range(1), "week": range(1, 8), "month": range(1, 29)}.get(every, range(0))
    if on_day not in days or hour not in range(24):
        raise Wrong(_("Choose when the report is to come."))
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise Wrong(_("There is no such time zone.")) from unknown
    if format not in set(Format) - {Format.X80020}:
        raise Wrong(_("There is no such format."))
    _in_turn(user)
    others = Schedule.objects.filter(user=user).exclude(report=report)
    if others.count() >= MOST_SCHEDULES:
        raise TooMany(_("There are %s schedules already.") % MOST_SCHEDULES)
    due = timing.next_after(every=every, on_day=on_day, hour=hour, zone=zone, after=at)
    made, _fresh = Schedule.objects.update_or_create(
        report=report,
        user=user,
        defaults={
            "every": every, "on_day": on_day, "hour": hour, "zone": zone, "format": format,
            "next_at": due,
        },
        create_defaults={
            "every": every, "on_day": on_day, "hour": hour, "zone": zone, "format": format,
            "next_at": due, "created_at": at,
        },
    )  # fmt: skip
    audit.note(
        "reports.schedule.set", of=report, by=user, at=at,
        after={"every": every, "on_day": on_day, "hour": hour, "zone": zone, "format": format},
    )  # fmt: skip
    return made


@transaction.atomic
def unschedule(report: PersonalReport, *, user: User, at: datetime) -> None:
    """Twice is once."""
    if report.schedules.filter(user=user).delete()[0]:
        audit.note("reports.schedule.ended", of=report, by=user, at=at)


@transaction.atomic
def begin(
    user: User, *, title: str, query: str, format: str, at: datetime, layout: Layout | None = None,
    report: PersonalReport | None = None, key: str | None = None, is_mailed: bool = False,
) -> Run:  # fmt: skip
    """Have a report made as a job. `query`: kind, parameters and points, as an address says them.

    With a key it is begun once: the run that is there already comes back. One that is mailed is
    a schedule's, which nobody waits for.

    Raises TooMany where the user waits for too many already (not of schedules); Wrong where the
    address is too long.
    """
    if not is_mailed and len(query) > LONGEST_QUERY:
        raise Wrong(_("Too many points are listed; choose branches or everything."))
    if user.acting_for is not None:
        query = f"{query}&{queries.ACTING}={user.acting_for}"
    _in_turn(user)
    known = Run.objects.filter(key=key).first() if key is not None else None
    if known is not None:
        return known
    if not is_mailed and queries.waiting(user).count() >= MOST_WAITING:
        raise TooMany(_("%s of your reports are being made; wait for one of them.") % MOST_WAITING)
    fields = {
        "user": user, "report": report, "title": title[:200], "query": query, "format": format,
        "layout": (layout or Layout()).to_json(), "language": (get_language() or "ru")[:8],
        "is_mailed": is_mailed, "created_at": at,
    }  # fmt: skip
    if key is None:
        run = Run.objects.create(**fields)
    else:
        run, fresh = Run.objects.get_or_create(key=key, defaults=fields)
        if not fresh:
            return run
    job = jobs.start(MAKE, arguments={"run": run.pk}, by=user, at=at, key=f"{MAKE}:{run.pk}")
    run.job = job.pk
    run.save(update_fields=["job"])
    return run


def _in_turn(user: User) -> None:
    """Those who count what a user has, and add to it, do so one after another."""
    User.objects.select_for_update().get(pk=user.pk)


@transaction.atomic
def cancel(run: Run, *, by: User, at: datetime) -> None:
    """Stop making a report; what has ended stays as it is."""
    job = Job.objects.filter(pk=run.job or 0).first()
    if job is not None:
        job = jobs.cancel(job, by=by, at=at)
    if job is None or job.is_ended:
        waiting = Run.objects.filter(pk=run.pk, state=Run.State.WAITING)
        if waiting.update(state=Run.State.CANCELLED, ended_at=at):
            transaction.on_commit(partial(files.remove, files.name_of(run)))


def begin_due(*, at: datetime) -> int:
    """Begin the runs of all schedules that are due, each once; how many."""
    due = Schedule.objects.filter(next_at__lte=at).order_by("next_at", "pk")
    count = 0
    for number in list(due.values_list("pk", flat=True)[:AT_ONCE]):
        try:
            count += _begin_one(number, at=at)
        except (NoSuchKind, ZoneInfoNotFoundError):
            # A kind or a zone that an upgrade took away: it must not hold up the others.
            Schedule.objects.filter(pk=number).update(next_at=None)
    return count


@transaction.atomic
def _begin_one(number: int, *, at: datetime) -> int:
    found = (
        Schedule.objects.select_for_update(of=("self",))
        .select_related("report", "user")
        .filter(pk=number, next_at__lte=at)
        .first()
    )
    if found is None or found.next_at is None:
        return 0
    # Of times that nobody was there for, one report is made: the latest whole period's.
    key, report = f"schedule:{found.pk}:{found.next_at:%Y%m%dT%H%M}", found.report
    found.next_at = timing.next_after(
        every=found.every, on_day=found.on_day, hour=found.hour, zone=found.zone, after=at
    )
    if not queries.finds(found.user, report, at=at):
        found.next_at = None
    found.save(update_fields=["next_at"])
    if found.next_at is None:
        return 0
    begin(
        found.user, title=report.title, query=queries.latest(report, found.user, found.zone, at=at),
        format=found.format, at=at, layout=Layout.of_json(report.layout), report=report, key=key,
        is_mailed=True,
    )  # fmt: skip
    return 1


def sweep(before: datetime, at: datetime) -> int:
    """Delete made files, and forget runs, that ended before a moment; how many.

    What an erased person saved goes too: titles may name them.
    """
    PersonalReport.objects.filter(owner__erased_at__isnull=False).delete()
    Schedule.objects.filter(user__erased_at__isnull=False).delete()
    count = 0
    for run in Run.objects.filter(ended_at__lt=before).exclude(state=Run.State.WAITING):
        for name in {run.file, files.name_of(run)}:  # of one not made, what a killed worker left
            files.remove(name)
        run.delete()
        count += 1
    return count
