from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from faza.accounts.models import User
from faza.cabinet.resources import page
from faza.cabinet.views.pages import chosen_of, remembered


@require_safe
@login_required
def resources(request: HttpRequest) -> HttpResponse:
    """What the chosen points used of each resource in a month."""
    user, at = cast(User, request.user), timezone.now()
    chosen = chosen_of(request, user, most=page.LIMIT, limit=page.LIMIT)
    shown = page.page(user, chosen, request.GET, at=at)
    return remembered(render(request, "cabinet/resources.html", {"page": shown}), request)
