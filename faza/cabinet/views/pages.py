from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from faza.accounts.models import User
from faza.cabinet import board, choice, explorer, forms, meters, why, wide
from faza.contracts.access import NoSuchPoint


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The board: the month so far, today, thirteen months, what needs attention."""
    user, at = cast(User, request.user), timezone.now()
    chosen = chosen_of(request, user, most=wide.MOST, limit=wide.MOST)
    show = wide.wide if len(chosen.points) > choice.MOST else board.board
    page = show(user, chosen, request.GET, at=at)
    return remembered(render(request, "cabinet/home.html", {"page": page}), request)


@require_safe
@login_required
def meter_list(request: HttpRequest) -> HttpResponse:
    """The billing meters of the user's points."""
    page = meters.meters(cast(User, request.user), request.GET, at=timezone.now())
    return render(request, "cabinet/meters.html", {"page": page})


@require_safe
@login_required
def metering_data(request: HttpRequest) -> HttpResponse:
    """The explorer: points, channels, a period, a resolution; a picture and a table."""
    user, at = cast(User, request.user), timezone.now()
    chosen = chosen_of(request, user, most=forms.APART)
    page = explorer.explorer(user, chosen, request.GET, at=at)
    return remembered(render(request, "cabinet/explorer.html", {"page": page}), request)


@require_safe
@login_required
def why_estimated(request: HttpRequest) -> HttpResponse:
    """Why values of a point, a channel and a few days are estimated."""
    user, at = cast(User, request.user), timezone.now()
    chosen = chosen_of(request, user, most=1)
    page = why.why(user, chosen, request.GET, at=at)
    return render(request, "cabinet/why.html", {"page": page})


def chosen_of(
    request: HttpRequest, user: User, *, most: int, limit: int = choice.MOST
) -> choice.Chosen:  # fmt: skip
    """The points that an address names, else the last choice; a foreign one is not there (404).

    most: so many are shown where nobody has chosen. limit: so many the page can show.
    """
    asked, at = choice.Asked.read(request.GET), timezone.now()
    if not asked:
        kept = request.COOKIES.get(choice.COOKIE, "")
        return choice.recall(user, kept, at=at, most=most, limit=limit)
    try:
        return choice.choose(user, asked, at=at, limit=limit)
    except NoSuchPoint as unknown:
        raise Http404("no such point") from unknown


def remembered(response: HttpResponse, request: HttpRequest) -> HttpResponse:
    """Keep the points that the address names for the next section, as long as the browser runs."""
    asked = choice.Asked.read(request.GET)
    text = asked.into(request.GET.__class__(mutable=True)).urlencode() if asked else ""
    if text and len(text) <= choice.LONGEST_COOKIE:
        response.set_cookie(
            choice.COOKIE, text, httponly=True, samesite="Lax", secure=request.is_secure()
        )
    return response
