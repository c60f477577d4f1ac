"""Pages of the desk itself: the summary, the search, kept filters. The areas have their own."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from faza.contracts.permissions import Right
from faza.desk import board, forms, menu, search, services
from faza.desk.counts import queues_of
from faza.desk.doors import needs
from faza.desk.lists import request_user


@require_safe
@needs(Right.OPEN_DESK)
def home(request: HttpRequest) -> HttpResponse:
    """The summary: queues with their ages, yesterday's completeness by area, what is due."""
    user = request_user(request)
    told = {
        "board": board.board(user, at=timezone.now()),
        "cards": menu.cards(request, user),
        "waiting": sum(queue.count for queue in queues_of(user, request).values()),
        "overdue": sum(queue.overdue for queue in queues_of(user, request).values()),
    }
    return render(request, "desk/home.html", told)


@require_safe
@needs(Right.OPEN_DESK)
def search_all(request: HttpRequest) -> HttpResponse:
    """What the search of the top bar finds, by kind."""
    text = request.GET.get("q", "")[:100]
    found = search.find(request_user(request), text, at=timezone.now())
    return render(request, "desk/search.html", {"text": text.strip(), "groups": found})


@require_POST
@needs(Right.OPEN_DESK)
def keep_filter(request: HttpRequest) -> HttpResponse:
    """Keep the filters of a list under a name, and go back to it."""
    form = forms.KeepFilter(request.POST)
    back = _back(request)
    if not form.is_valid():
        messages.error(request, _("The filter was not kept: it needs a name."))
        return redirect(back)
    told = form.cleaned_data
    try:
        services.keep_filter(
            user=request_user(request),
            listing=told["listing"],
            name=told["name"],
            query=told["query"],
        )
    except services.TooMany:
        messages.error(request, _("There are thirty kept filters already: forget one first."))
    return redirect(f"{back}?{told['query']}")


@require_POST
@needs(Right.OPEN_DESK)
def drop_filter(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a kept filter of one's own."""
    if services.drop_filter(user=request_user(request), pk=pk) is None:
        raise Http404("no such filter")
    return redirect(_back(request))


def _back(request: HttpRequest) -> str:
    """The page that the person came from, where it is ours; else the summary."""
    for asked in (request.POST.get("back", ""), request.headers.get("referer", "")):
        if asked and url_has_allowed_host_and_scheme(
            asked, {request.get_host()}, require_https=request.is_secure()
        ):
            # The path alone: what begins otherwise would be taken for the name of a page.
            path = urlsplit(asked).path
            if path.startswith("/"):
                return path
    return reverse("desk:home")
