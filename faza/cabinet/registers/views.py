from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from faza.accounts.models import User
from faza.cabinet.registers import file, page
from faza.cabinet.views.pages import chosen_of, remembered


@require_safe
@login_required
def registers(request: HttpRequest) -> HttpResponse:
    """What a point's registers showed at the start of a period and show now."""
    user, at = cast(User, request.user), timezone.now()
    chosen = chosen_of(request, user, most=1)
    shown = page.page(user, chosen, request.GET, at=at)
    return remembered(render(request, "cabinet/registers.html", {"page": shown}), request)


@require_safe
@login_required
def registers_file(request: HttpRequest, format: str) -> HttpResponseBase:
    """All readings of the shown days as a file."""
    if format not in file.FORMATS:
        raise Http404(format)
    user, at = cast(User, request.user), timezone.now()
    chosen = chosen_of(request, user, most=1)
    if not chosen.points:
        raise Http404("no point")
    return file.readings(user, chosen.points[0], request, format, at=at)
