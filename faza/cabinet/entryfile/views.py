from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from faza.accounts.models import User
from faza.cabinet import totype
from faza.manual_entry import file_pages, listing
from faza.manual_entry.matching import Reach
from faza.manual_entry.models import Entry

PAGES = file_pages.FilePages(
    Entry.Way.FILE, "cabinet:entry_file", "cabinet/entryfile", pane="card", head="ch", body="cb"
)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def files(request: HttpRequest) -> HttpResponse:
    """The form for a file, the templates, earlier files."""
    user, at = cast(User, request.user), timezone.now()
    count = len(Reach(user, PAGES.way, at=at).all_points())
    is_small = count <= file_pages.MOST_IN_WORKBOOK
    template = "cabinet:entry_file_template"
    shown = {
        "points": count,
        "xlsx_url": reverse(template, args=["xlsx"]) if is_small else "",
        "csv_url": reverse(template, args=["csv"]),
    }
    return PAGES.files(request, at, shown)


@require_safe
@login_required
def template(request: HttpRequest, ending: str) -> HttpResponseBase:
    """All own points with their last readings and an empty column."""
    user, at = cast(User, request.user), timezone.now()
    points = Reach(user, PAGES.way, at=at).all_points()
    is_too_large = ending == "xlsx" and len(points) > file_pages.MOST_IN_WORKBOOK
    if ending not in ("xlsx", "csv") or is_too_large:
        raise Http404(ending)
    lines = listing.lines(points, at=at)
    return file_pages.template(lines, ending, get_language() or "ru", with_dates=False)


@require_safe
@login_required
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """A file as it stands."""
    return PAGES.one(request, pk)


@require_safe
@login_required
def remarks(request: HttpRequest, pk: int) -> HttpResponse:
    """All that is wrong in a file."""
    return PAGES.remarks(request, pk)


@require_POST
@login_required
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the good points of a file."""
    totype.forget(cast(User, request.user))
    return PAGES.send(request, pk, timezone.now())


@require_POST
@login_required
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a file aside."""
    return PAGES.drop(request, pk, timezone.now())


@require_POST
@login_required
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on with a file whose work was stopped."""
    totype.forget(cast(User, request.user))
    return PAGES.resume(request, pk, timezone.now())
