"""Pages of news."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from faza.accounts import texts
from faza.accounts.models import User
from faza.notifications.models import News
from faza.notifications.news import queries, services

A_PAGE = 20


@dataclass(frozen=True, slots=True)
class Row:
    """A piece of news with its beginning."""

    news: News
    is_read: bool
    beginning: str


@never_cache
@require_safe
@login_required
def news_list(request: HttpRequest) -> HttpResponse:
    """The news that are for the reader, the newest first."""
    user, at = cast(User, request.user), timezone.now()
    found = queries.own(user, at=at)
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    told = {
        "page": page,
        "rows": [Row(one.news, one.is_read, texts.excerpt(one.news.body)) for one in page],
        "unread": sum(not one.is_read for one in found),
    }
    return render(request, "cabinet/notices/news.html", told)


@never_cache
@require_safe
@login_required
def piece(request: HttpRequest, pk: int) -> HttpResponse:
    """A piece of news; it counts as read by that. One for others is as one that is not there."""
    user, at = cast(User, request.user), timezone.now()
    found = queries.own(user, at=at)
    place = next((n for n, one in enumerate(found) if one.news.pk == pk), None)
    if place is None:
        raise Http404("no such news")
    one = found[place].news
    services.mark_read(user=user, pieces=[one], at=at)
    told = {
        "news": one,
        "body": texts.render(one.body),
        "newer": found[place - 1].news if place else None,
        "older": found[place + 1].news if place + 1 < len(found) else None,
    }
    return render(request, "cabinet/notices/piece.html", told)


@require_POST
@login_required
def read_all(request: HttpRequest) -> HttpResponse:
    """All news count as read."""
    user, at = cast(User, request.user), timezone.now()
    pieces = [one.news for one in queries.own(user, at=at) if not one.is_read]
    services.mark_read(user=user, pieces=pieces, at=at)
    return redirect("cabinet:news")
