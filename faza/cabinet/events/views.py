"""The pages of the journal."""

from __future__ import annotations

from typing import cast

from allauth.account.adapter import get_adapter
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from faza.accounts.models import User
from faza.cabinet.choice import MOST
from faza.cabinet.events import files, page, visits
from faza.cabinet.exports import Unclear
from faza.cabinet.views.pages import chosen_of, remembered
from faza.ui.files import FORMATS

OWN = frozenset({User.Role.SUBSCRIBER, User.Role.SUPPLIER})
"""Who has points of agreements: all of them are shown at first, however many. Others see a grid."""


@require_safe
@login_required
def event_list(request: HttpRequest) -> HttpResponse:
    """What happened at the chosen points."""
    user, at = cast(User, request.user), timezone.now()
    most = page.MOST_POINTS if user.role in OWN else MOST
    chosen = chosen_of(request, user, most=most, limit=page.MOST_POINTS)
    known = visits.read(request, user.pk, at=at)
    shown = page.page(user, chosen, request.GET, at=at, seen=known[0] if known else None)
    response = render(request, "cabinet/events/list.html", {"page": shown})
    return visits.remember(remembered(response, request), request, user.pk, at=at)


@require_safe
@login_required
def event_file(request: HttpRequest, format: str) -> HttpResponse:
    """The same as a file, made while it is sent."""
    if format not in FORMATS:
        raise Http404(format)
    user, at = cast(User, request.user), timezone.now()
    most = page.MOST_POINTS if user.role in OWN else MOST
    chosen = chosen_of(request, user, most=most, limit=page.MOST_POINTS)
    address = get_adapter(request).get_client_ip(request)
    try:
        response = files.export(user, chosen, format, request.GET, at=at, address=address)
    except Unclear as unclear:
        return render(request, "cabinet/unclear.html", {"why": str(unclear)}, status=400)
    response["Cache-Control"] = "private, no-store"
    return response
