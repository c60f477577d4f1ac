"""Reports: which there are, made at once where they are short, or started, polled and fetched."""

from __future__ import annotations

from datetime import timedelta
from tempfile import TemporaryFile
from threading import BoundedSemaphore
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router

from faza.api.v1 import numbers
from faza.api.v1 import report_shapes as shapes
from faza.api.v1.asking import Page
from faza.api.v1.auth import Door, grant_in
from faza.api.v1.errors import Problem, invalid
from faza.api.v1.http import told
from faza.api.v1.once import Key, once
from faza.api.v1.paging import page_of
from faza.api.v1.report_asked import Wanted, wanted
from faza.contracts.access import Grant
from faza.contracts.rules.tokens import Scope
from faza.reports import pace, queries, registry, renderers, services
from faza.reports.models import Run
from faza.reports.registry import Format
from faza.reports.renderers.look import TooLong

router = Router(auth=Door(Scope.REPORTS), tags=["reports"], by_alias=True)
MOST_POINTS, MOST_ROWS = 1000, 100_000
"""Of a report that is made at once."""
AT_ONCE = BoundedSemaphore(2)
"""So many are made in requests at a time: they hold the interpreter that others need."""
PATIENCE = 10.0
POLL = "2"
"""Seconds after which it is worth to ask again."""
OURS = "api"
FILES = {
    "description": "The file.",
    "content": {
        one.content_type.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}}
        for one in renderers.FORMATS.values()
    }
    | {"application/json": {"schema": {"type": "object"}}},
}


@router.get("/report-kinds", response=shapes.Kinds, url_name="report_kinds",
            operation_id="report_kinds", summary="Kinds of reports and what they take")  # fmt: skip
def report_kinds(request: HttpRequest) -> HttpResponse:
    items = [
        {
            "kind": kind.code,
            "title": str(kind.title),
            "description": str(kind.description),
            "periods": list(kind.units),
            "resolutions": [one.value for one in kind.resolutions],
            "parameters": sorted(kind.fields),
            "formats": [one.value for one in kind.formats if one is not Format.X80020],
        }
        for kind in registry.kinds()
    ]
    return told({"items": items})


@router.get("/report", url_name="report", operation_id="report",
            summary="A short report, at once",
            openapi_extra={"responses": {200: FILES}})  # fmt: skip
def report(request: HttpRequest, asked: Query[shapes.Asked]) -> Any:
    """What takes longer than two seconds is the problem `too-long`: it is to be started."""
    grant, at = grant_in(request), timezone.now()
    made = wanted(grant, asked, at=at)
    points = len(made.windows.points)
    rows = made.kind.rows(made.parameters, points)
    if (
        points > MOST_POINTS
        or rows > MOST_ROWS
        or not pace.is_at_once(made.kind, made.parameters, points, asked.format)
    ):
        raise Problem("too-long")
    table = made.kind.make(made.windows, made.parameters, at)
    table.customer = grant.user.full_name
    return _file(made, table, asked.format, name=renderers.file_name(table, asked.format, at=at))


def _file(made: Wanted, table: Any, format: str, *, name: str) -> FileResponse:
    if not AT_ONCE.acquire(timeout=PATIENCE):
        raise Problem("busy", headers={"Retry-After": "30"})
    file = TemporaryFile()  # noqa: SIM115 - FileResponse closes it
    try:
        with pace.measured(made.kind, made.parameters, len(made.windows.points), format):
            renderers.write(table, format, file)
    except TooLong as problem:
        file.close()
        raise Problem("too-long", str(problem)) from None
    finally:
        AT_ONCE.release()
    file.seek(0)
    kind = renderers.FORMATS[format].content_type
    return FileResponse(file, as_attachment=True, filename=name, content_type=kind)


@router.post("/reports", response={202: shapes.OneRun}, url_name="reports",
             operation_id="start_report", summary="Have a report made")  # fmt: skip
def start(request: HttpRequest, key: Key, asked: shapes.Starting) -> HttpResponse:
    """It is made in the background: ask for `Location` until its `state` is `made`."""
    return once(request, key, lambda name: _start(request, asked, name))


def _start(request: HttpRequest, asked: shapes.Starting, name: str) -> HttpResponse:
    grant, at = grant_in(request), timezone.now()
    made = wanted(grant, asked, at=at)
    if not made.windows:
        raise invalid("points", _("No usage points are open to you yet."))
    try:
        run = services.begin(
            grant.user, title=str(made.kind.title), query=made.query.urlencode(),
            format=asked.format, at=at, key=f"{OURS}:{grant.token}:{name}",
        )  # fmt: skip
    except services.TooMany as many:
        raise Problem("too-many", str(many)) from None
    except services.Wrong as wrong:
        raise invalid("points", str(wrong)) from None
    response = told(_told(queries.Recent(run)), status=202)
    response["Location"], response["Retry-After"] = _address("run", run), POLL
    return response


@router.get("/reports", response=shapes.Runs, url_name="reports", operation_id="reports",
            summary="Reports that this token started")  # fmt: skip
def reports(request: HttpRequest, page: Query[Page]) -> HttpResponse:
    found, after = page_of(_runs(grant_in(request)), page.cursor, page.limit)
    return told({"items": [_told(one) for one in queries.progress(found)], "next": after})


@router.get("/reports/{run}", response=shapes.OneRun, url_name="run", operation_id="run",
            summary="How far a report is")  # fmt: skip
def run(request: HttpRequest, run: int) -> HttpResponse:
    (found,) = queries.progress([_run(request, run)])
    response = told(_told(found))
    if found.run.state == Run.State.WAITING:
        response["Retry-After"] = POLL
    return response


@router.delete("/reports/{run}", response=shapes.OneRun, url_name="run", operation_id="cancel_run",
               summary="Stop making a report")  # fmt: skip
def cancel(request: HttpRequest, run: int) -> HttpResponse:
    """What has ended stays as it is; doing it twice does it once."""
    found = _run(request, run)
    services.cancel(found, by=grant_in(request).user, at=timezone.now())
    (shown,) = queries.progress([_run(request, run)])
    return told(_told(shown))


@router.get("/reports/{run}/file", url_name="run_file", operation_id="run_file",
            summary="The file of a report",
            openapi_extra={"responses": {200: FILES}})  # fmt: skip
def run_file(request: HttpRequest, run: int) -> Any:
    """Whether the person and the token still read all that is in it is asked again."""
    grant, found = grant_in(request), _run(request, run)
    try:
        place = queries.file_of(grant.user, found, at=timezone.now())
    except (queries.NotThere, FileNotFoundError) as gone:
        raise Http404("no such file") from gone
    if grant.points is not None:
        points = {point for listed in found.scope.values() for point in listed}
        if not points <= grant.points:
            raise Http404("no such file")
    kind = renderers.FORMATS[found.format].content_type
    return FileResponse(
        place.open("rb"), as_attachment=True, filename=found.name, content_type=kind
    )


def _runs(grant: Grant) -> QuerySet[Run]:
    """What a token started itself; what the person has made elsewhere is not its business."""
    return queries.runs(grant.user).filter(key__startswith=f"{OURS}:{grant.token}:")


def _run(request: HttpRequest, number: int) -> Run:
    found = _runs(grant_in(request)).filter(pk=number if 0 < number < 2**63 else 0).first()
    if found is None:
        raise Http404("no such report")
    return found


def _address(name: str, run: Run) -> str:
    return reverse(f"api:v1:{name}", args=[run.pk])


def _told(one: queries.Recent) -> dict[str, Any]:
    run, zone = one.run, ZoneInfo(settings.TIME_ZONE)
    is_made = run.state == Run.State.MADE
    until = run.ended_at + timedelta(days=services.DAYS) if is_made and run.ended_at else None
    return {
        "id": run.pk,
        "kind": QueryDict(run.query).get("kind", ""),
        "title": run.title,
        "format": run.format,
        "state": run.state,
        "percent": one.percent,
        "why": run.why,
        "created_at": numbers.iso(run.created_at, zone),
        "ended_at": numbers.iso(run.ended_at, zone),
        "file": _address("run_file", run) if is_made else None,
        "name": run.name if is_made else None,
        "size": run.size if is_made else None,
        "kept_until": numbers.iso(until, zone),
    }
