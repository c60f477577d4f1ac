"""Reports as jobs and personal reports: their pages, their files, what is done with them."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from faza.accounts.models import User
from faza.cabinet.reports import own, when
from faza.cabinet.reports import page as pages
from faza.contracts import access
from faza.reports import queries, registry, renderers, services
from faza.reports.form import kept
from faza.reports.formulas import WrongFormula
from faza.reports.models import PersonalReport
from faza.reports.registry import Format
from faza.reports.shaping import Layout, checked
from faza.reports.table import Column

LOOK = "look"
"""The button that shows the first rows."""
FORMATS = tuple(one for one in Format if one is not Format.X80020)


@require_safe
@login_required
def runs(request: HttpRequest) -> HttpResponse:
    """Reports that were made as jobs, with their files."""
    user = cast(User, request.user)
    shown = {"runs": queries.recent(user), "days": services.DAYS}
    shown["busy"] = queries.waiting(user).exists()
    template = "cabinet/reports/runs.html"
    if request.headers.get("HX-Request"):
        template = "cabinet/reports/recent.html"
    return render(request, template, shown)


@require_POST
@login_required
def begin(request: HttpRequest) -> HttpResponse:
    """Have a report made as a job."""
    user, at = cast(User, request.user), timezone.now()
    told = QueryDict(request.POST.get("query", ""))
    report, query = own.of(told, user, at=at), kept(told)
    format = request.POST.get("format", "")
    kind = _kind(query)
    if format not in kind.formats or format not in FORMATS:
        raise Http404(format)
    try:
        services.begin(
            user,
            title=report.title if report else str(kind.title),
            query=query.urlencode(),
            format=format,
            at=at,
            layout=own.layout_of(report),
            report=report,
        )
    except (services.TooMany, services.Wrong) as problem:
        messages.error(request, str(problem))
    return redirect("cabinet:report_runs")


@require_POST
@login_required
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop making a report."""
    user = cast(User, request.user)
    run = get_object_or_404(queries.runs(user), pk=pk)
    services.cancel(run, by=user, at=timezone.now())
    return redirect("cabinet:report_runs")


@require_safe
@login_required
def file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file of a made report; whether all in it is still the user's is asked again."""
    user = cast(User, request.user)
    run = get_object_or_404(queries.runs(user), pk=pk)
    try:
        place = queries.file_of(user, run, at=timezone.now())
    except (queries.NotThere, FileNotFoundError) as gone:
        raise Http404("no such file") from gone
    response = FileResponse(
        place.open("rb"), as_attachment=True, filename=run.name,
        content_type=renderers.FORMATS[run.format].content_type,
    )  # fmt: skip
    response["Cache-Control"] = "private, no-store"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def save(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Save a report as one's own, or edit an own one: columns, order, groups, formulas, mail.

    With LOOK nothing is saved: the first rows are shown as they would be.
    """
    user, at = cast(User, request.user), timezone.now()
    report = get_object_or_404(queries.own(user), pk=pk) if pk is not None else None
    model, query = (report, QueryDict(report.query)) if report else _model(request, user, at=at)
    kind = _kind(query)
    try:
        table = queries.table_of(user, query, at=at).table
    except queries.NotThere as unknown:
        raise Http404("no such point") from unknown
    problem, status, layout = "", 200, own.layout_of(model)
    title = model.title if model else str(kind.title)
    schedule = report.schedules.filter(user=user).first() if report else None
    typed = when.saved(report, schedule)
    if request.method == "POST":
        title, layout = request.POST.get("title", ""), own.read(request.POST, table.columns)
        typed = when.read(request.POST)
        if LOOK in request.POST:
            problem = _wrong(layout, table.columns)
        else:
            problem = _saved(request, user, report, query, table.columns)
            if not problem:
                return redirect("cabinet:reports")
        status = 422 if problem else 200
    shown = {
        "report": report,
        "kind": kind,
        "editor": own.editor(title, layout, table.columns),
        "problem": problem,
        "preview": "" if problem else pages.previewed(table, layout),
        "formats": [(one, renderers.FORMATS[one].title) for one in FORMATS if one in kind.formats],
        "customers": access.own_customers_of(user, at=at),
        "when": typed,
        "query": query.urlencode(),
        "zones": when.zones(typed.zone, at=at),
        "weekdays": when.weekdays(),
        "monthdays": range(1, 29),
        "hours": range(24),
    }
    return render(request, "cabinet/reports/own.html", shown, status=status)


def _model(
    request: HttpRequest, user: User, *, at: datetime
) -> tuple[PersonalReport | None, QueryDict]:
    """What a new report begins with: an address, and the columns of the report that it names.

    Saved as another one, a report of somebody else's becomes an own one.
    """
    model = own.of(request.GET, user, at=at)
    told = own.resolved(request.GET, model, user, at=at) if model else request.GET
    return model, kept(told)


def _wrong(layout: Layout, columns: tuple[Column, ...]) -> str:
    """What is wrong with a layout, "" where it fits."""
    try:
        checked(layout, columns)
    except WrongFormula as problem:
        return str(problem)
    return ""


def _saved(
    request: HttpRequest, user: User, report: PersonalReport | None, query: QueryDict,
    columns: tuple[Column, ...],
) -> str:  # fmt: skip
    """Save all that was typed; what is wrong with it, "" where it was saved."""
    told, at = request.POST, timezone.now()
    try:
        with transaction.atomic():  # all of it, or nothing
            _save(user, report, query, columns, told, at=at)
    except (services.Wrong, services.TooMany, WrongFormula) as problem:
        return str(problem)
    messages.success(request, _("The report is saved."))
    return ""


def _save(
    user: User, report: PersonalReport | None, query: QueryDict, columns: tuple[Column, ...],
    told: QueryDict, *, at: datetime,
) -> None:  # fmt: skip
    layout = checked(own.read(told, columns), columns)
    saved = services.keep(
        user, title=told.get("title", ""), query=query.urlencode(), layout=layout, at=at,
        report=report,
    )  # fmt: skip
    wanted = when.read(told)
    number = wanted.customer
    if number or saved.customer_id:
        mine = access.own_customers_of(user, at=at)
        customer = get_object_or_404(mine, pk=_key(number)) if number else None
        services.share(saved, customer=customer, by=user, at=at)
    if not wanted.every:
        services.unschedule(saved, user=user, at=at)
        return
    services.schedule(
        saved, user=user, every=wanted.every, on_day=wanted.on_day, hour=wanted.hour,
        zone=wanted.zone, format=wanted.format, at=at,
    )  # fmt: skip


def _key(number: str) -> int:
    """A key as a form sends it; 0 for what is none."""
    return int(number) if number.isascii() and number.isdecimal() and len(number) <= 18 else 0


@require_POST
@login_required
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete an own report."""
    user = cast(User, request.user)
    services.remove(get_object_or_404(queries.own(user), pk=pk), by=user, at=timezone.now())
    return redirect("cabinet:reports")


def _kind(query: QueryDict) -> registry.KindOfReport:
    try:
        return registry.kind(query.get("kind", ""))
    except registry.NoSuchKind as unknown:
        raise Http404("no such kind of report") from unknown
