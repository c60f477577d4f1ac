from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from faza.accounts import card
from faza.accounts.models import User
from faza.contracts import access
from faza.contracts.permissions import Right, may
from faza.desk import exports
from faza.desk.dates import validate_day
from faza.desk.doors import needs
from faza.desk.network.finding import who_and_when
from faza.desk.rounds import finding, typing
from faza.desk.rounds.finding import Asked, Found, Stop
from faza.manual_entry import file_pages, listing

PER_PAGE = 50
MOST_ON_PAPER = 500
PLACES = 500
"""Places that the filter offers."""


@require_safe
@needs(Right.SEE_ROUNDS)
def rounds(request: HttpRequest) -> HttpResponse:
    """The points that a round goes to."""
    user, at = who_and_when(request)
    asked, found, page, stops = _page(request, user, at, PER_PAGE)
    shown = _told(request, user, asked, found, page, at) | {"stops": stops}
    return render(request, "desk/rounds/rounds.html", shown)


@require_safe
@needs(Right.SEE_ROUNDS)
def paper(request: HttpRequest) -> HttpResponse:
    """The sheet to print: who walks writes the readings down on it."""
    user, at = who_and_when(request)
    asked = finding.asked(user, request.GET, at=at)
    found = finding.found(user, asked, at=at)
    keys = found.points[:MOST_ON_PAPER]
    organisation = card.current()
    exports.note(user, "rounds", asked.query, "paper", len(keys), at)
    shown = {
        "asked": asked,
        "stops": finding.stops(keys, found.unrouted, at=at),
        "left": len(found.points) - len(keys),
        "organisation": organisation.name if organisation else "",
        "today": timezone.localdate(at),
        "back": f"{reverse('desk:rounds')}?{asked.query}",
    }
    return render(request, "desk/rounds/paper.html", shown)


@require_safe
@needs(Right.TYPE_ROUNDS)
def template(request: HttpRequest, ending: str) -> Any:
    """The points of the list as a file to fill in, with a column for the date."""
    user, at = who_and_when(request)
    asked = finding.asked(user, request.GET, at=at)
    keys = finding.found(user, asked, at=at).points
    if ending != "xlsx" or len(keys) > file_pages.MOST_IN_WORKBOOK:
        ending = "csv"
    exports.note(user, "rounds", asked.query, ending, len(keys), at)
    rows = listing.lines(keys, at=at)
    return file_pages.template(rows, ending, get_language() or "ru", with_dates=True)


class DayForm(forms.Form):
    """The day of a round."""

    day = forms.DateField(validators=[validate_day])


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.TYPE_ROUNDS)
def type_in(request: HttpRequest) -> HttpResponse:
    """A page of the list with a field for each register."""
    user, at = who_and_when(request)
    asked, found, page, stops = _page(request, user, at, typing.PER_PAGE)
    typed = typing.fresh(timezone.localdate(at))
    bad_day = ""
    if request.method == "POST":
        form = DayForm(request.POST)
        if form.is_valid():
            typed = typing.take(user, request.POST, form.cleaned_data["day"], at=at)
            _thank(request, len(typed.sent))
            if typed.is_whole:
                return redirect(_further(request, page, bool(typed.sent)))
        else:
            typed.values = typing.values_of(request.POST)
            bad_day = str(form.errors["day"][0])
    shown = _told(request, user, asked, found, page, at) | {
        "lines": list(typing.lines(stops, typed)),
        "typed": typed,
        "bad_day": bad_day,
        "latest": timezone.localdate(at),
    }
    status = 200 if typed.is_whole and not bad_day else 422
    return render(request, "desk/rounds/type.html", shown, status=status)


def _further(request: HttpRequest, page: Page[int], is_sent: bool) -> str:
    """The next page of the same list; the same one where nothing was sent or it is the last."""
    query = request.GET.copy()
    if is_sent and page.has_next():
        query["page"] = str(page.next_page_number())
    return f"{request.path}?{query.urlencode()}"


def _thank(request: HttpRequest, count: int) -> None:
    if count:
        words = ngettext(
            "Readings of %(count)s point wait for the check now.",
            "Readings of %(count)s points wait for the check now.",
            count,
        )
        messages.success(request, words % {"count": count})


def _page(
    request: HttpRequest, user: User, at: datetime, size: int
) -> tuple[Asked, Found, Page[int], list[Stop]]:
    asked = finding.asked(user, request.GET, at=at)
    found = finding.found(user, asked, at=at)
    page = Paginator(found.points, size).get_page(request.GET.get("page"))
    return asked, found, page, finding.stops(list(page), found.unrouted, at=at)


def _told(
    request: HttpRequest, user: User, asked: Asked, found: Found, page: Page[int], at: datetime
) -> dict[str, Any]:
    query = f"?{asked.query}"
    return {
        "asked": asked,
        "page": page,
        "count": len(found.points),
        "looked": found.looked,
        "most": finding.MOST,
        "places": access.nodes_of(user, at=at).select_related("parent").from_the_top()[:PLACES],
        "days": finding.DAYS,
        "may_type": may(user, Right.TYPE_ROUNDS),
        "paper_url": reverse("desk:rounds-paper") + query,
        "type_url": reverse("desk:rounds-type") + query,
        "list_url": reverse("desk:rounds") + query,
        "file_url": reverse("desk:rounds-file") + query,
    }
