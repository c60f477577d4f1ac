"""Pages of the import of a whole grid: files, columns, progress, the trial, what came of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRedirect

from faza.collection.grid import book, files, services, undoing
from faza.collection.grid import marked as marking
from faza.collection.grid import template as templates
from faza.collection.models import GridImport
from faza.contracts.permissions import Right
from faza.desk import exports
from faza.desk.doors import needs
from faza.desk.gridimport import sheet as sheets
from faza.desk.gridimport import words
from faza.desk.gridimport.forms import ColumnsForm, FileForm
from faza.desk.lists import request_user
from faza.jobs import queries as jobs
from faza.jobs.models import Job
from faza.protocols.problems import Malformed

PER_PAGE = 30
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
State = GridImport.State
WORKING = (State.CHECKING, State.APPLYING, State.UNDOING)


def find(request: HttpRequest, pk: int) -> GridImport:
    """An import of the person's own; an administrator's are all."""
    found = services.imports_of(request_user(request)).select_related("by", "base")
    one = found.filter(pk=pk).first()
    if one is None:
        raise Http404
    return one


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.IMPORT_GRID)
def imports(request: HttpRequest) -> HttpResponse:
    """Earlier imports, and the form for a new file."""
    user = request_user(request)
    is_sent = request.method == "POST"
    form = FileForm(request.POST, request.FILES) if is_sent else FileForm()
    if is_sent and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            one = services.begin(file.name, file.read(), by=user, at=timezone.now())
        except Malformed as problem:
            form.add_error("file", words.refusal(problem))
        else:
            return redirect("desk:import_one", one.pk)
    rows = services.imports_of(user).select_related("by").defer("made", "groups", "corrections")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page}
    status = 422 if form.errors else 200
    return render(request, "desk/gridimport/imports.html", context, status=status)


@require_safe
@needs(Right.IMPORT_GRID)
def template(request: HttpRequest, ending: str) -> HttpResponse:
    """The file to begin with."""
    language = get_language() or "ru"
    if ending == "xlsx":
        response = HttpResponse(templates.as_xlsx(language), content_type=XLSX)
    elif ending == "csv":
        response = HttpResponse(templates.as_csv(language), content_type="text/csv; charset=utf-8")
    else:
        raise Http404
    response["Content-Disposition"] = f'attachment; filename="faza-grid.{ending}"'
    return response


@require_safe
@needs(Right.IMPORT_GRID)
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """An import as it stands: columns, progress, the trial's rows, or the end."""
    found = find(request, pk)
    if found.state == State.UPLOADED:
        return redirect("desk:import_columns", pk)
    if found.state in WORKING:
        return render(request, "desk/gridimport/working.html", _progress(found))
    if found.state == State.CHECKED:
        return render(request, "desk/gridimport/trial.html", _trial(request, found))
    return render(request, "desk/gridimport/ended.html", _ended(found, timezone.now()))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.IMPORT_GRID)
def columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Which column is what: as recognised, to be changed by selects."""
    found = find(request, pk)
    if found.state not in services.OPEN:
        return redirect("desk:import_one", pk)
    user, now = request_user(request), timezone.now()
    bases = services.bases_of(user, at=now).select_related("parent").from_the_top()[:500]
    sent = request.POST if request.method == "POST" else None
    form = ColumnsForm(found, bases, sent, initial=ColumnsForm.first(found))
    if sent is not None and form.is_valid():
        try:
            services.choose(
                found, keys=form.keys, base=form.base_node, since=form.cleaned_data["since"],
                by=user, at=now,
            )  # fmt: skip
        except services.NotNow:
            messages.warning(request, _("Somebody else went on with this import."))
        return redirect("desk:import_one", pk)
    try:
        seen = book.look(found.name, files.load(found.kept_as), sheet=found.sheet)
    except (Malformed, FileNotFoundError):
        seen = None
    context = {
        "one": found,
        "form": form,
        "rows": form.rows(seen),
        "known": len(found.columns),
        "count": len([title for title in found.titles if title]),
    }
    status = 422 if form.errors else 200
    return render(request, "desk/gridimport/columns.html", context, status=status)


@require_safe
@needs(Right.IMPORT_GRID)
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the job is: a part of the page, which asks again; at the end the page itself."""
    found = find(request, pk)
    if found.state not in WORKING:
        url = reverse("desk:import_one", args=[pk])
        return HttpResponseClientRedirect(url) if _is_htmx(request) else redirect(url)
    return render(request, "desk/gridimport/working.html#progress", _progress(found))


def _is_htmx(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))


@require_safe
@needs(Right.IMPORT_GRID)
def marked(request: HttpRequest, pk: int) -> FileResponse:
    """The file back with colours and notes; it names people, so that the trail says who took it."""
    found = find(request, pk)
    rows = found.rows.order_by("line")
    if not rows.exists():
        raise Http404
    user, now = request_user(request), timezone.now()
    exports.note(user, "grid_import", str(pk), "xlsx", rows.count(), now)
    made = marking.write(found.titles, rows.iterator(chunk_size=1_000))
    return FileResponse(
        made, content_type=XLSX, as_attachment=True, filename=f"faza-grid-{pk}-marked.xlsx"
    )


def _progress(found: GridImport) -> dict[str, Any]:
    job: Job | None = jobs.all_jobs().filter(pk=found.job or 0).first()
    left = None
    if job and job.started_at and job.total and job.done * 10 > job.total:
        spent = timezone.now() - job.started_at
        left = spent * (job.total - job.done) / job.done
    return {
        "one": found,
        "job": job,
        "step": words.STEPS.get(job.note, "") if job else "",
        "left": left,
        "is_lost": job is None or job.is_ended,
        "is_trial": found.state == State.CHECKING,
    }


def _trial(request: HttpRequest, found: GridImport) -> dict[str, Any]:
    groups = sheets.groups(found)
    counts = found.counts
    return {
        "one": found,
        "counts": counts,
        "ready": counts["new"] + counts["changed"],
        "sheet": sheets.sheet(found, request.GET),
        "groups": [group for group in groups if group.kind == "e"],
        "doubts": [group for group in groups if group.kind == "w"],
        "obvious": sheets.obvious(groups),
        "untried": counts.get("untried", 0),
        "days": undoing.DAYS,
    }


def _ended(found: GridImport, now: datetime) -> dict[str, Any]:
    may_undo = found.state == State.APPLIED and undoing.is_in_time(found, at=now) and found.made
    reasons = undoing.reasons_against(found, at=now) if may_undo else []
    return {
        "one": found,
        "counts": found.counts,
        "may_undo": bool(may_undo) and not reasons,
        "against": words.against(reasons),
        "has_rows": found.rows.exists(),
        "until": found.applied_at + timedelta(days=undoing.DAYS) if found.applied_at else None,
    }
