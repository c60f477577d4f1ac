from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace
from tempfile import TemporaryFile
from threading import BoundedSemaphore
from typing import IO, cast

from allauth.account.adapter import get_adapter
from django.contrib.auth.decorators import login_required
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    QueryDict,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django_vite.core.asset_loader import DjangoViteAssetLoader

from faza.accounts.models import User
from faza.audit import services as audit
from faza.cabinet import choice, exports
from faza.cabinet.reports import own
from faza.cabinet.reports import page as pages
from faza.cabinet.reports.page import Asked
from faza.contracts.access import NoSuchPoint
from faza.reports import form, queries, renderers
from faza.reports.formulas import WrongFormula
from faza.reports.models import PersonalReport
from faza.reports.registry import Format, NoSuchKind
from faza.reports.renderers import html
from faza.reports.renderers.look import TooLong
from faza.reports.shaping import shaped
from faza.reports.table import Table

AT_ONCE = BoundedSemaphore(2)
"""So many files are made in requests at a time: they hold the interpreter that pages need."""
PATIENCE = 20.0
COOKIE = "faza_report"
SHOWN_RUNS = 4
LONGEST_COOKIE = 1500


@require_safe
@login_required
def reports(request: HttpRequest) -> HttpResponse:
    """The list of kinds and what is asked of the chosen one; at first as it was made last."""
    user, at = cast(User, request.user), timezone.now()
    report = own.of(request.GET, user, at=at)
    if report is not None:
        query = own.resolved(request.GET, report, user, at=at)
    else:
        query = request.GET if "kind" in request.GET else _last(request)
    chosen = _chosen(user, query)
    try:
        shown = pages.page(user, chosen, query, at=at, layout=own.layout_of(report))
    except NoSuchKind as unknown:
        raise Http404("no such kind of report") from unknown
    shown_too = {
        "report": report,
        "may_edit": report is not None and report.owner_id == user.pk,
        "personal": own.listed(user, report, at=at),
        "runs": queries.recent(user)[:SHOWN_RUNS],
    }
    return render(request, "cabinet/reports.html", {"page": shown, **shown_too})


@require_safe
@login_required
def report(request: HttpRequest) -> HttpResponseBase:
    """A report in a window of its own, or as a file."""
    user, at = cast(User, request.user), timezone.now()
    personal = own.of(request.GET, user, at=at)
    query = own.resolved(request.GET, personal, user, at=at) if personal else request.GET
    chosen = _chosen(user, query)
    try:
        asked = pages.asked_of(query, chosen, at=at)
    except NoSuchKind as unknown:
        raise Http404("no such kind of report") from unknown
    format = request.GET.get("format", Format.HTML)
    if format not in asked.kind.formats:
        raise Http404(format)
    problem = _problem(chosen, asked) or pages.too_slow(chosen, asked, format)
    if (
        problem
        and not asked.problems
        and (chosen.points or chosen.too_many)
        and format in renderers.FORMATS
    ):
        return _large(request, query, asked, problem, format)
    if problem:
        return render(request, "cabinet/unclear.html", {"why": problem}, status=400)
    if format == Format.X80020:
        return _as_80020(request, user, chosen, asked)
    table = pages.table_of(user, chosen, asked, at=at)
    if personal is not None:
        try:
            table = shaped(table, replace(own.layout_of(personal), title=personal.title))
        except WrongFormula as wrong:
            return render(request, "cabinet/unclear.html", {"why": str(wrong)}, status=400)
    if format == Format.HTML:
        response: HttpResponseBase = StreamingHttpResponse(
            html.page(
                table, stylesheets=[letters(), static("reports/report.css")],
                icon=static("ui/favicon.svg"), tools=_tools(query, asked, personal),
                theme=_theme(request),
            ),
            content_type="text/html; charset=utf-8",
        )  # fmt: skip
    else:
        _note(request, user, chosen, asked, format)
        made = _file(table, format, pages.measured(chosen, asked, format))
        if isinstance(made, str):
            return render(request, "cabinet/unclear.html", {"why": made}, status=400)
        response = FileResponse(
            made, as_attachment=True, filename=renderers.file_name(table, format, at=at),
            content_type=renderers.FORMATS[format].content_type,
        )  # fmt: skip
    response["Cache-Control"] = "private, no-store"
    return _remembered(response, request, asked)


def letters() -> str:
    """The address of the stylesheet with the letters of all pages."""
    told: str = DjangoViteAssetLoader.instance().generate_vite_asset_url("src/styles/fonts.css")
    return told


def _tools(query: QueryDict, asked: Asked, personal: PersonalReport | None) -> SafeString:
    """What stands above a report in its own window: back to what was asked, saving, formats."""
    query = query.copy()
    query.pop("format", None)
    back = f"{reverse('cabinet:reports')}?{query.urlencode()}"
    links = [(back, _("To the parameters"))]
    if personal is not None:
        query[own.OWN] = str(personal.pk)
    links.append((f"{reverse('cabinet:report_save')}?{query.urlencode()}", _("Save as…")))
    for format in asked.kind.formats:
        if format != Format.HTML:
            query["format"] = format
            known = renderers.FORMATS.get(format)
            links.append((f"?{query.urlencode()}", _(known.title) if known else format.value))
    return format_html_join("", '<a href="{}">{}</a>', links)


def _file(
    table: Table, format: str, measured: AbstractContextManager[None]
) -> IO[bytes] | str:  # fmt: skip
    """The file of a table, or why there is none."""
    if not AT_ONCE.acquire(timeout=PATIENCE):
        return _("Many reports are being made just now. Ask again in a minute.")
    file = TemporaryFile()  # noqa: SIM115 - FileResponse closes it
    try:
        with measured:
            renderers.write(table, format, file)
    except (TooLong, WrongFormula) as problem:
        file.close()
        return str(problem)
    finally:
        AT_ONCE.release()
    file.seek(0)
    return file


def _large(
    request: HttpRequest, query: QueryDict, asked: Asked, why: str, format: str
) -> HttpResponse:  # fmt: skip
    """What is too large to come at once can be made as a job."""
    told = {
        "why": why,
        "query": query.urlencode(),
        "format": format,
        "title": asked.kind.title,
    }
    return render(request, "cabinet/reports/large.html", told, status=400)


def _chosen(user: User, query: QueryDict) -> choice.Chosen:
    """The points of an address; where it names none, all that the user sees (404 for others')."""
    try:
        return choice.choose(
            user, form.points_of(query), at=timezone.now(), limit=pages.MOST_POINTS
        )
    except NoSuchPoint as unknown:
        raise Http404("no such point") from unknown


def _problem(chosen: choice.Chosen, asked: Asked) -> str:
    if asked.problems:
        return asked.problems[0]
    if not chosen.points and not chosen.too_many:
        return _("No usage points are open to you yet.")
    return pages.too_many(chosen, pages.n_rows(chosen, asked))


def _as_80020(
    request: HttpRequest, user: User, chosen: choice.Chosen, asked: Asked
) -> HttpResponseBase:
    query = chosen.asked.into(QueryDict(mutable=True))
    shown = asked.parameters.shown
    query["from"], query["to"] = shown.first.isoformat(), shown.last.isoformat()
    query["channel"] = asked.parameters.reading_type.channel
    try:
        file = exports.export(
            user, chosen, "80020", query, at=timezone.now(), address=_client(request)
        )
    except exports.Unclear as unclear:
        return render(request, "cabinet/unclear.html", {"why": str(unclear)}, status=400)
    response = StreamingHttpResponse(file.chunks, content_type=file.content_type)
    response["Content-Disposition"] = f'attachment; filename="{file.name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _note(
    request: HttpRequest, user: User, chosen: choice.Chosen, asked: Asked, format: str
) -> None:
    """The trail of what the staff takes away."""
    if user.role == User.Role.SUBSCRIBER:
        return
    shown = asked.parameters.shown
    audit.note_export(
        of=user, by=user, at=timezone.now(), points=chosen.codes, first=shown.first,
        last=shown.last, channels=[asked.parameters.reading_type.channel], format=format,
        address=_client(request),
    )  # fmt: skip


def _client(request: HttpRequest) -> str:
    address: str = get_adapter(request).get_client_ip(request)
    return address


def _theme(request: HttpRequest) -> str:
    chosen = request.COOKIES.get("faza_theme", "")
    return chosen if chosen in {"light", "dark"} else ""


def _last(request: HttpRequest) -> QueryDict:
    """What was asked for last, under what the address says."""
    query = QueryDict(request.COOKIES.get(COOKIE, "")[:LONGEST_COOKIE], mutable=True)
    if query.get("kind") not in {kind.code for kind in pages.registry.kinds()}:
        query = QueryDict(mutable=True)
    for name, values in request.GET.lists():
        query.setlist(name, values)
    return query


def _remembered(response: HttpResponseBase, request: HttpRequest, asked: Asked) -> HttpResponseBase:
    """Keep what was asked for until the browser is closed; the points are not kept."""
    query = QueryDict(mutable=True)
    for name, value in asked.parameters.to_query().items():
        query[name] = value
    query["format"] = request.GET.get("format", "")
    text = query.urlencode()
    if len(text) <= LONGEST_COOKIE:
        response.set_cookie(COOKIE, text, httponly=True, samesite="Lax", secure=request.is_secure())
    return response
