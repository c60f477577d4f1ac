"""Readings from a round by a file: the same trial and sending as subscribers have."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from faza.contracts.permissions import Right
from faza.desk.doors import needs
from faza.desk.network.finding import who_and_when
from faza.desk.rounds import finding
from faza.manual_entry.file_pages import FilePages
from faza.manual_entry.models import Entry

PAGES = FilePages(
    Entry.Way.ROUND, "desk:rounds-file", "desk/rounds", pane="pane", head="ph", body="pb"
)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.TYPE_ROUNDS)
def files(request: HttpRequest) -> HttpResponse:
    """The form for a file, the templates of the list that one comes from, earlier files."""
    user, at = who_and_when(request)
    query = f"?{finding.asked(user, request.GET, at=at).query}"
    shown = {
        "xlsx_url": reverse("desk:rounds-template", args=["xlsx"]) + query,
        "csv_url": reverse("desk:rounds-template", args=["csv"]) + query,
    }
    return PAGES.files(request, at, shown)


@require_safe
@needs(Right.TYPE_ROUNDS)
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """A file as it stands."""
    return PAGES.one(request, pk)


@require_safe
@needs(Right.TYPE_ROUNDS)
def remarks(request: HttpRequest, pk: int) -> HttpResponse:
    """All that is wrong in a file."""
    return PAGES.remarks(request, pk)


@require_POST
@needs(Right.TYPE_ROUNDS)
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the good points of a file."""
    return PAGES.send(request, pk, timezone.now())


@require_POST
@needs(Right.TYPE_ROUNDS)
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a file aside."""
    return PAGES.drop(request, pk, timezone.now())


@require_POST
@needs(Right.TYPE_ROUNDS)
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on with a file whose work was stopped."""
    return PAGES.resume(request, pk, timezone.now())
