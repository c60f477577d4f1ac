"""The page of the search, and its part for the field in the top bar."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from faza.accounts.models import User
from faza.cabinet.search import finding
from faza.ui import menu


@require_safe
@never_cache
@login_required
def search(request: HttpRequest) -> HttpResponse:
    """What a text finds: a page, or for htmx the list under the field."""
    user = cast(User, request.user)
    text = request.GET.get("q", "")
    found = finding.find(user, text, menu.entries(request), at=timezone.now())
    # django-htmx's middleware sets it; the request's type does not know of it.
    is_part = getattr(request, "htmx", False)
    name = "cabinet/search/part.html" if is_part else "cabinet/search/page.html"
    response = render(request, name, {"found": found})
    patch_vary_headers(response, ["HX-Request"])
    return response
