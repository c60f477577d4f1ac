"""«Reports» at the desk: of the whole area or a part of it; what takes long is made as a job."""

from __future__ import annotations

from math import ceil

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from faza.accounts.models import User
from faza.contracts.permissions import Right
from faza.desk.doors import needs
from faza.desk.network.finding import who_and_when
from faza.desk.reports import page as pages
from faza.desk.reports.page import Wanted
from faza.reports import queries, registry, renderers, services
from faza.reports.registry import Format


@require_safe
@needs(Right.SEE_NETWORK)
def reports(request: HttpRequest) -> HttpResponse:
    """What a report is asked for, its first rows, and those that were made."""
    user, at = who_and_when(request)
    asked = _wanted(request, request.GET)
    shown = pages.page(user, asked, request.GET, at=at)
    told = {"page": shown, "wanted": asked, "status": _status(user)}
    return render(request, "desk/reports/reports.html", told)


@require_safe
@needs(Right.SEE_NETWORK)
def make(request: HttpRequest) -> HttpResponse:
    """Open a report that comes at once; of another say how much it is, and offer the job.

    A message 80020 is made by the exchange, never by a job.
    """
    asked = _wanted(request, request.GET)
    format = request.GET.get("format", "")
    if format != Format.X80020 or format not in asked.kind.formats:
        format = _format(format)
    if asked.problems or not asked.n_points:
        return redirect(f"{reverse('desk:reports')}?{request.GET.urlencode()}")
    here = pages.address_of(asked)
    if format == Format.X80020 or asked.is_at_once(format):
        here["format"] = format
        return redirect(f"{reverse('cabinet:report')}?{here.urlencode()}")
    told = {
        "wanted": asked, "query": here.urlencode(), "format": format,
        "called": _(renderers.FORMATS[format].title), "seconds": ceil(asked.seconds(format)),
    }  # fmt: skip
    return render(request, "desk/reports/large.html", told)


@require_POST
@needs(Right.SEE_NETWORK)
def begin(request: HttpRequest) -> HttpResponse:
    """Have a report made as a job."""
    user, at = who_and_when(request)
    asked = _wanted(request, QueryDict(request.POST.get("query", "")))
    format = _format(request.POST.get("format", ""))
    here = pages.address_of(asked)
    back = f"{reverse('desk:reports')}?{here.urlencode()}"
    if asked.problems or not asked.n_points:
        messages.error(request, asked.problems[0] if asked.problems else _("There is no point."))
        return redirect(back)
    try:
        services.begin(
            user, title=str(asked.kind.title), query=here.urlencode(), format=format, at=at
        )
    except (services.TooMany, services.Wrong) as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("The report is being made; you will be told when it is ready."))
    return redirect(back)


@require_safe
@needs(Right.SEE_NETWORK)
def runs(request: HttpRequest) -> HttpResponse:
    """The part of the page that tells how far reports are."""
    user, _at = who_and_when(request)
    return render(request, "desk/reports/parts/runs.html", {"status": _status(user)})


@require_POST
@needs(Right.SEE_NETWORK)
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop making a report."""
    user, at = who_and_when(request)
    services.cancel(get_object_or_404(queries.runs(user), pk=pk), by=user, at=at)
    return redirect("desk:reports")


@require_safe
@needs(Right.SEE_NETWORK)
def file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file of an own report; whether all in it is still the person's is asked again."""
    user, at = who_and_when(request)
    run = get_object_or_404(queries.runs(user), pk=pk)
    try:
        place = queries.file_of(user, run, at=at)
    except (queries.NotThere, FileNotFoundError) as gone:
        raise Http404("no such file") from gone
    response = FileResponse(
        place.open("rb"), as_attachment=True, filename=run.name,
        content_type=renderers.FORMATS[run.format].content_type,
    )  # fmt: skip
    response["Cache-Control"] = "private, no-store"
    return response


def _status(user: User) -> dict[str, object]:
    return {
        "runs": queries.recent(user),
        "busy": queries.waiting(user).exists(),
        "days": services.DAYS,
    }


def _wanted(request: HttpRequest, query: QueryDict) -> Wanted:
    user, at = who_and_when(request)
    try:
        return pages.wanted(user, query, at=at)
    except registry.NoSuchKind as unknown:
        raise Http404("no such kind of report") from unknown


def _format(told: str) -> str:
    if not told:
        return Format.XLSX
    if told not in renderers.FORMATS:
        raise Http404(told)
    return told
