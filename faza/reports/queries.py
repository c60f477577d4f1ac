"""What somebody finds of reports: own and shared ones, runs and their files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.http import QueryDict

from faza.accounts.models import User
from faza.contracts import access
from faza.contracts.asked import condition
from faza.core.periods import Period
from faza.core.reading_types import Commodity
from faza.core.windows import Windows
from faza.jobs.models import Job
from faza.reports import files, form, registry
from faza.reports.models import PersonalReport, Run, Schedule
from faza.reports.parameters import Asked as Read
from faza.reports.parameters import Parameters
from faza.reports.registry import KindOfReport
from faza.reports.table import Table

RECENT = 10
FEW = 5_000
"""Points that are asked for by their numbers at once."""
NOWHERE = "n0"
"""A branch at which no point is: what is left of a report of others' points alone."""
ACTING = "acting"
"""In the address of a run: the customer that its user acted for, and so saw alone."""


class NotThere(Exception):
    """A point, or the whole report, is not the user's any more."""


@dataclass(frozen=True, slots=True)
class Recent:
    """A run and how far its job is: 0 to 100, None where nobody knows."""

    run: Run
    percent: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """The report of an address; `table` is read once."""

    kind: KindOfReport
    parameters: Parameters
    windows: Windows
    table: Table


def personal(user: User, *, at: datetime) -> QuerySet[PersonalReport]:
    """The own reports, and those shared by customers that the user reads for."""
    if not user.is_active:
        return PersonalReport.objects.none()
    shared = access.customers_read_for(user, at)
    rows = PersonalReport.objects.filter(Q(owner=user) | Q(customer__in=shared))
    return rows.select_related("owner").order_by("title", "pk")


def finds(user: User, report: PersonalReport, *, at: datetime) -> bool:
    return personal(user, at=at).filter(pk=report.pk).exists()


def own(user: User) -> QuerySet[PersonalReport]:
    """What the user may change."""
    return PersonalReport.objects.filter(owner=user)


def schedules(user: User) -> QuerySet[Schedule]:
    """What is mailed to a user."""
    return Schedule.objects.filter(user=user).order_by("pk")


def runs(user: User) -> QuerySet[Run]:
    """Reports that were made for a user, newest first."""
    return Run.objects.filter(user=user).order_by("-created_at", "-pk")


def waiting(user: User) -> QuerySet[Run]:
    return Run.objects.filter(user=user, state=Run.State.WAITING)


def recent(user: User) -> list[Recent]:
    """The latest runs with their progress. Two queries."""
    return progress(list(runs(user)[:RECENT]))


def progress(found: Sequence[Run]) -> list[Recent]:
    """Runs with how far their jobs are. One query where any is waited for."""
    numbers = [run.job for run in found if run.state == Run.State.WAITING and run.job]
    known = {job.pk: job for job in Job.objects.filter(pk__in=numbers)} if numbers else {}
    return [
        Recent(run, job.percent if job else None, job.note if job else "")
        for run in found
        for job in (known.get(run.job or 0),)
    ]


def query_of(report: PersonalReport, user: User, *, at: datetime) -> QueryDict:
    """What a report was saved with; codes of its owner's points that another reader does not see
    are left out, and where none is left it is of no point.
    """
    query = QueryDict(report.query, mutable=True)
    codes = query.getlist("point")
    if report.owner_id == user.pk or not codes:
        return query
    told = [code for code in codes if "\0" not in code]
    visible = access.points_visible(user, at=at).filter(code__in=told)
    known = set(visible.values_list("code", flat=True))
    query.setlist("point", [code for code in codes if code in known])
    if not known and not query.getlist("branch") and query.get("points") != "all":
        query["branch"] = NOWHERE
    return query


def latest(report: PersonalReport, user: User, zone: str, *, at: datetime) -> str:
    """The saved address for a reader (`query_of`), of the latest period of its length that is over
    by a zone's clock.
    """
    query = query_of(report, user, at=at)
    kind = registry.kind(query.get("kind", ""))
    today = at.astimezone(ZoneInfo(zone)).date()
    parameters = kind.read(query, today).parameters.last_whole(today)
    for name in ("on", "from", "to"):
        query.pop(name, None)
    for name, value in parameters.to_query().items():
        query[name] = value
    return query.urlencode()


def points_of(user: User, query: QueryDict, *, at: datetime) -> Windows:
    """What a user may see of the points that a saved address names; none named: of all.

    However many they are; a point named by its code that is not the user's is NotThere.
    """
    asked = form.points_of(query)
    visible = access.points_visible(user, at=at)
    if asked.codes and not asked.everything:
        if "\0" in "".join(asked.codes):  # of which PostgreSQL makes an error of its own
            raise NotThere
        known = set(visible.filter(code__in=asked.codes).values_list("code", flat=True))
        if set(asked.codes) - known:
            raise NotThere
    try:
        wanted = visible.filter(condition(asked, user, at=at)).values_list("pk", flat=True)
    except access.NoSuchPoint as unknown:
        raise NotThere from unknown
    # With branches it is a deep question already: asked by itself, SQLite parses it.
    return access.windows_of(user, at=at, points=list(wanted) if asked.branches else wanted)


def table_of(user: User, query: QueryDict, *, at: datetime) -> Made:
    """The kind's table of an address, of what a user may see at this moment.

    Raises registry.NoSuchKind; NotThere.
    """
    kind = registry.kind(query.get("kind", ""))
    windows = points_of(user, query, at=at)
    parameters = read(kind, query, windows, at=at).parameters
    return Made(kind, parameters, windows, kind.make(windows, parameters, at))


def read(kind: KindOfReport, query: QueryDict, windows: Windows, *, at: datetime) -> Read:
    """The parameters of an address, by the day of the first of the points; electricity's."""
    zone = next(iter(windows)).zone if windows else "Europe/Moscow"
    told = query.copy()
    if "resource" not in told and "channel" not in told:
        told["resource"] = Commodity.ELECTRICITY.value
    return kind.read(told, at.astimezone(ZoneInfo(zone)).date())


def scope_of(windows: Windows) -> dict[str, list[int]]:
    """Windows as JSON keeps them: the usage points of each stretch "start/end"."""
    made: dict[str, list[int]] = defaultdict(list)
    for window in windows:
        period = window.period
        made[f"{period.start.isoformat()}/{period.end.isoformat()}"].append(window.usage_point)
    return dict(made)


def is_open(user: User, scope: Mapping[str, list[int]], *, at: datetime) -> bool:
    """Whether a user may still see all of what `scope_of` kept."""
    points = {point for listed in scope.values() for point in listed}
    now: dict[int, list[Period]] = defaultdict(list)
    reader = copy(user)
    reader.acting_for = None  # which customer is chosen just now takes no right away
    numbers = sorted(points)
    for first in range(0, len(numbers), FEW):  # a database takes only so many in one question
        for window in access.windows_of(reader, at=at, points=numbers[first : first + FEW]):
            now[window.usage_point].append(window.period)
    for stretch, listed in scope.items():
        start, end = (datetime.fromisoformat(text) for text in stretch.split("/"))
        for point in listed:
            if not any(one.start <= start and end <= one.end for one in now[point]):
                return False
    return bool(points)


def file_of(user: User, run: Run, *, at: datetime) -> Path:
    """The file of a run of the user's, if they still may see all that is in it.

    Raises NotThere; FileNotFoundError where it is no longer kept.
    """
    if run.user_id != user.pk or run.state != Run.State.MADE:
        raise NotThere
    if not is_open(user, run.scope, at=at):
        raise NotThere
    place = files.place_of(run.file)
    if not place.exists():
        raise FileNotFoundError(run.file)
    return place
