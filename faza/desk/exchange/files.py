"""Pages of files: what came, what is wrong in it by line, what was sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from faza.collection.exchange import arrivals as coming
from faza.collection.exchange import files as kept
from faza.collection.exchange import queries, sending
from faza.collection.models import Arrival, ImportFile
from faza.contracts.permissions import Right, may
from faza.desk import exports, lists
from faza.desk.doors import needs
from faza.desk.exchange import filters, tables, words
from faza.desk.exchange.forms import UploadForm
from faza.desk.exchange.reasons import reason_words
from faza.desk.lists import request_user
from faza.desk.office import background
from faza.jobs import queries as jobs

RECENT = timedelta(days=1)
MOST_PICKUPS = 50


def _saved(data: bytes, name: str) -> HttpResponse:
    """Bytes of somebody else's as a download: never shown by the browser, whatever they are."""
    told = content_disposition_header(True, name) or "attachment"
    headers = {"Content-Disposition": told}
    return HttpResponse(data, content_type="application/octet-stream", headers=headers)


@require_safe
@needs(Right.SEE_EXCHANGE)
def runs(request: HttpRequest) -> HttpResponse:
    """All imports, whatever way the files came."""
    user, at = request_user(request), timezone.now()
    rows = queries.runs_of(user, at=at)
    listed = lists.shown(
        request, rows, table=tables.RunTable, filters=filters.RunFilter, name="exchange-runs"
    )
    if file := lists.exported(request, listed, title=_("Imports")):
        return file
    told = {
        "listed": listed,
        "lately": queries.counts(rows, since=at - RECENT),
        "held": _held(request),
        "sees_whole": coming.sees_whole(user, at=at),
    }
    return render(request, "desk/exchange/runs.html", told)


def _held(request: HttpRequest) -> int:
    rows = queries.arrivals_of(request_user(request), at=timezone.now())
    return rows.filter(state=Arrival.State.HELD).count()


@require_safe
@needs(Right.SEE_EXCHANGE)
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """An import: its counts, its files, what is wrong in them."""
    user = request_user(request)
    found = get_object_or_404(queries.runs_of(user, at=timezone.now()), pk=pk)
    listed = lists.shown(
        request, queries.files_of(found), table=tables.FileTable, filters=filters.FileFilter,
        name="exchange-run",
    )  # fmt: skip
    if file := lists.exported(request, listed, title=_("Import %(number)s") % {"number": pk}):
        return file
    told = {
        "one": found,
        "listed": listed,
        "name": tables.name_of(found),
        "way": words.WAYS[getattr(found, "channel", "command")],
        "state": tables.state_of(found),
        "arrival": found.arrivals.order_by("pk").first(),
    }
    return render(request, "desk/exchange/run.html", told)


@require_safe
@needs(Right.SEE_EXCHANGE)
def problems(request: HttpRequest, pk: int, ending: str) -> HttpResponse:
    """What is wrong in the files of an import, a row for each line, as a table."""
    found = get_object_or_404(queries.runs_of(request_user(request), at=timezone.now()), pk=pk)
    if ending not in exports.FORMATS:
        raise Http404
    rows = _problem_rows(queries.files_of(found).filter(n_problems__gt=0))
    title = _("Errors of import %(number)s") % {"number": pk}
    return exports.FORMATS[ending](rows, title=title, name="errors")


def _problem_rows(files: QuerySet[ImportFile]) -> Iterator[list[object]]:
    yield [_("File"), pgettext("of a file", "Line"), _("What is wrong")]
    for file in files.iterator(chunk_size=500):
        for one in file.problems:
            yield [file.name, one.get("line"), reason_words(one.get("reason", ""))]
        hidden = file.n_problems - len(file.problems)
        if hidden > 0:
            yield [file.name, None, _("… and %(count)s more") % {"count": hidden}]


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.IMPORT_FILES)
def upload(request: HttpRequest) -> HttpResponse:
    """A file of readings from the person's machine; a job reads it."""
    user, at = request_user(request), timezone.now()
    whole = coming.sees_whole(user, at=at)
    is_sent = request.method == "POST"
    given = (request.POST, request.FILES) if is_sent else ()
    form = UploadForm(*given, sees_whole=whole)
    if is_sent and form.is_valid():
        told = dict(form.cleaned_data)
        file = told.pop("file")
        made = coming.upload(file.name, file.read(), by=user, at=at, **told)
        return redirect("desk:exchange-file", made.pk)
    status = 422 if form.errors else 200
    context = {"form": form, "sees_whole": whole}
    return render(request, "desk/exchange/upload.html", context, status=status)


@require_safe
@needs(Right.SEE_EXCHANGE)
def arrivals(request: HttpRequest) -> HttpResponse:
    """Files that came by upload, mail and SFTP; and those of the folder that nobody could read."""
    user, at = request_user(request), timezone.now()
    listed = lists.shown(
        request, queries.arrivals_of(user, at=at), table=tables.ArrivalTable,
        filters=filters.ArrivalFilter, name="exchange-files",
    )  # fmt: skip
    if file := lists.exported(request, listed, title=_("Files that came"), personal=True):
        return file
    told = {
        "listed": listed,
        "held": _held(request),
        "pickups": [
            (one, reason_words(one.reason))
            for one in queries.unread_pickups_of(user, at=at)[:MOST_PICKUPS]
        ],
        "sees_whole": coming.sees_whole(user, at=at),
    }
    return render(request, "desk/exchange/arrivals.html", told)


def _arrival(request: HttpRequest, pk: int) -> Arrival:
    found: Arrival = get_object_or_404(
        queries.arrivals_of(request_user(request), at=timezone.now()), pk=pk
    )
    return found


@require_safe
@needs(Right.SEE_EXCHANGE)
def arrival(request: HttpRequest, pk: int) -> HttpResponse:
    """A file that came: how far its reading is, and what came of it."""
    found = _arrival(request, pk)
    user = request_user(request)
    job = jobs.all_jobs().filter(pk=found.job).first() if found.job else None
    told: dict[str, Any] = {
        "one": found,
        "whose": tables.whose(found),
        "reason": reason_words(found.reason),
        "way": words.WAYS[found.channel],
        "state": words.ARRIVALS[found.state],
        "working": background.told([job])[0] if job and _is_theirs(user, job.by) else None,
        "may_release": found.state == Arrival.State.HELD and may(user, Right.IMPORT_FILES),
        "has_content": bool(found.kept_as) and kept.place_of(found.kept_as).exists(),
    }
    return render(request, "desk/exchange/arrival.html", told)


def _is_theirs(user: Any, by: int | None) -> bool:
    return by == user.pk or background.sees_all(user)


@require_safe
@needs(Right.SEE_EXCHANGE)
def content(request: HttpRequest, pk: int) -> HttpResponse:
    """The file as it came, as long as it is kept; that it was taken is in the trail."""
    found = _arrival(request, pk)
    place = kept.place_of(found.kept_as) if found.kept_as else None
    if place is None or not place.exists():
        raise Http404
    exports.note(request_user(request), "exchange-file", str(pk), "file", 1, timezone.now())
    return _saved(place.read_bytes(), found.name)


@require_POST
@needs(Right.IMPORT_FILES)
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a file of an unknown sender be read."""
    found = _arrival(request, pk)
    if coming.release(found, by=request_user(request), at=timezone.now()):
        messages.success(request, _("The file is let in; it is being read."))
    return redirect("desk:exchange-file", pk)


@require_safe
@needs(Right.SEE_EXCHANGE)
def dispatches(request: HttpRequest) -> HttpResponse:
    """Files that were sent to counterparties."""
    user, at = request_user(request), timezone.now()
    rows = queries.dispatches_of(user, at=at)
    listed = lists.shown(
        request, rows, table=tables.DispatchTable, filters=filters.DispatchFilter,
        name="exchange-sent",
    )  # fmt: skip
    if file := lists.exported(request, listed, title=_("Files that were sent")):
        return file
    told = {
        "listed": listed,
        "held": _held(request),
        "sees_whole": coming.sees_whole(user, at=at),
    }
    return render(request, "desk/exchange/dispatches.html", told)


@require_safe
@needs(Right.SEE_EXCHANGE)
def dispatch(request: HttpRequest, pk: int) -> HttpResponse:
    """A file that was sent: its days with numbers, and each delivery."""
    found = get_object_or_404(
        queries.dispatches_of(request_user(request), at=timezone.now()), pk=pk
    )
    deliveries = [
        (one, words.DELIVERIES[one.state], reason_words(one.reason))
        for one in found.deliveries.select_related("place").order_by("pk")
    ]
    told = {
        "one": found,
        "days": found.sent_days.order_by("day"),
        "deliveries": deliveries,
        "state": tables.outcome(found),
    }
    return render(request, "desk/exchange/dispatch.html", told)


@require_safe
@needs(Right.SEE_EXCHANGE)
def sent_content(request: HttpRequest, pk: int) -> HttpResponse:
    """The very bytes that were sent, as long as they are kept."""
    user, at = request_user(request), timezone.now()
    found = get_object_or_404(queries.dispatches_of(user, at=at), pk=pk)
    data = sending.content_of(found)
    if not data:
        raise Http404
    exports.note(user, "exchange-sent", str(pk), "file", found.days, at)
    return _saved(data, found.name)
