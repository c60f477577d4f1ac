"""Pages and files of the network's parameters."""

from __future__ import annotations

from typing import cast

from allauth.account.adapter import get_adapter
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from faza.accounts.models import User
from faza.cabinet.network import files, page
from faza.cabinet.views.pages import chosen_of, remembered


@require_safe
@login_required
def network(request: HttpRequest) -> HttpResponse:
    """A moment of a point: values, vectors, verdicts, course, quality of the supply."""
    user, at = cast(User, request.user), timezone.now()
    chosen = chosen_of(request, user, most=1)
    found = page.page(user, chosen, request.GET, at=at)
    return remembered(render(request, "cabinet/network.html", {"page": found}), request)


@require_safe
@login_required
def network_file(request: HttpRequest, format: str) -> HttpResponseBase:
    """All parameters of a point over the chart's time, as a table."""
    if format not in files.FORMATS:
        raise Http404(format)
    user, at = cast(User, request.user), timezone.now()
    chosen = chosen_of(request, user, most=1)
    if chosen.one is None:
        raise Http404("one point is asked for")
    address = get_adapter(request).get_client_ip(request)
    return files.file(user, chosen.one, format, request.GET, at=at, address=address)
