"""What is done on the pages of an import; each leads back to its page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from faza.accounts.models import User
from faza.collection.grid import services, undoing
from faza.collection.grid.columns import BY_KEY
from faza.collection.models import GridImport, GridImportRow
from faza.contracts.permissions import Right
from faza.desk.doors import needs
from faza.desk.gridimport import words
from faza.desk.gridimport.views import find
from faza.desk.lists import request_user, typed_text

LONGEST = 2_000
"""Characters of a cell that somebody types."""


@require_POST
@needs(Right.IMPORT_GRID)
def cell(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a typed text into a cell; the next trial judges it."""
    found = find(request, pk)
    line, key = request.POST.get("line", ""), request.POST.get("key", "")
    if not (line.isascii() and line.isdecimal() and len(line) < 8 and key in BY_KEY):
        raise Http404
    text = typed_text(request, "text", longest=LONGEST)
    try:
        services.correct(
            found, line=int(line), key=key, text=text, by=request_user(request), at=timezone.now()
        )
    except services.NotNow:
        _tell_late(request)
    except (GridImportRow.DoesNotExist, services.WrongColumns) as problem:
        raise Http404 from problem
    asked = {"line": line, "show": request.POST.get("show", "all")}
    return redirect(f"{reverse('desk:import_one', args=[pk])}?{urlencode(asked)}#r{line}")


@require_POST
@needs(Right.IMPORT_GRID)
def do(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    """One of the deeds below, by its name."""
    if deed not in DEEDS:
        raise Http404
    found = find(request, pk)
    try:
        DEEDS[deed](request, found, request_user(request), timezone.now())
    except services.NotNow:
        _tell_late(request)
    except undoing.CannotUndo as problem:
        messages.error(request, " ".join(words.against(problem.reasons)))
    except ValueError as problem:
        raise Http404 from problem
    if deed == "aside":
        return redirect("desk:import")
    return redirect("desk:import_one", pk)


def _tell_late(request: HttpRequest) -> None:
    messages.warning(request, _("Somebody else went on with this import."))


def _mend(request: HttpRequest, found: GridImport, by: User, at: datetime) -> None:
    code = request.POST.get("code", "")
    count = services.mend(found, codes=[code] if code else [], by=by, at=at)
    text = ngettext("%(count)s cell is corrected.", "%(count)s cells are corrected.", count)
    messages.success(request, text % {"count": count})


def _decide(request: HttpRequest, found: GridImport, by: User, at: datetime) -> None:
    line = request.POST.get("line", "")
    number = int(line) if line.isascii() and line.isdecimal() and len(line) < 8 else None
    services.decide(found, code=request.POST.get("code", ""), line=number, by=by, at=at)


def _again(request: HttpRequest, found: GridImport, by: User, at: datetime) -> None:
    services.try_again(found, by=by, at=at)


def _apply(request: HttpRequest, found: GridImport, by: User, at: datetime) -> None:
    skip = request.POST.get("errors") == "skip"
    if found.counts.get("error") and not skip:
        messages.warning(request, _("Errors are left, so nothing was applied."))
        return
    services.begin_applying(found, skip_errors=skip, by=by, at=at)


def _undo(request: HttpRequest, found: GridImport, by: User, at: datetime) -> None:
    services.begin_undoing(found, by=by, at=at)


def _stop(request: HttpRequest, found: GridImport, by: User, at: datetime) -> None:
    services.let_go(found, by=by, at=at)


def _aside(request: HttpRequest, found: GridImport, by: User, at: datetime) -> None:
    services.put_aside(found, by=by, at=at)
    messages.success(request, _("The import was put aside; its file is removed."))


DEEDS: dict[str, Callable[[HttpRequest, GridImport, User, datetime], None]] = {
    "mend": _mend,
    "decide": _decide,
    "again": _again,
    "apply": _apply,
    "undo": _undo,
    "stop": _stop,
    "aside": _aside,
}
