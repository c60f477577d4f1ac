"""Pages and deeds of notices, and the bell of the top bar."""

from __future__ import annotations

from typing import cast
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from faza.accounts.models import User
from faza.cabinet.events import unseen
from faza.cabinet.notices import rows
from faza.cabinet.notices.forms import OFFERED, LimitForm, WaysForm
from faza.cabinet.totype import left
from faza.cabinet.totype import of as left_to_type
from faza.contracts import access
from faza.metering.models import UsagePoint
from faza.notifications import queries, reading, subscriptions
from faza.notifications.models import Notice, Subscription, Topic
from faza.notifications.news import queries as news
from faza.notifications.queries import COUNTED, Filter

A_PAGE = 30


@never_cache
@require_safe
@login_required
def notices(request: HttpRequest) -> HttpResponse:
    """The own notices, the newest first."""
    user, at = cast(User, request.user), timezone.now()
    only = asked(request.GET)
    number = int(text) if is_number(text := request.GET.get("page", "")) else 1
    start = A_PAGE * (max(1, min(number, 1000)) - 1)
    found = queries.own(user, only, at=at, limit=A_PAGE, offset=start)
    page = Paginator(range(found.total), A_PAGE).get_page(number)
    if page.number != number:  # beyond the end
        start = A_PAGE * (page.number - 1)
        found = queries.own(user, only, at=at, limit=A_PAGE, offset=start)
    told = {
        "rows": [rows.of(one) for one in found.rows],
        "found": found,
        "all": sum(found.by_topic.values()),
        "page": page,
        "only": only,
        "filters": query_of(only),
        "topics": [
            (topic, found.by_topic[topic], query_of(Filter(topic, only.is_unread)))
            for topic in Topic
            if found.by_topic.get(topic)
        ],
        # The bell counts them too.
        "news": news.unread(user, at=at),
        "of_all": query_of(Filter(None, only.is_unread)),
        "of_unread": query_of(Filter(only.topic, not only.is_unread)),
    }
    return render(request, "cabinet/notices/notices.html", told)


def asked(query: QueryDict) -> Filter:
    """The filter that an address names; what is no topic is none."""
    topic = query.get("topic", "")
    return Filter(Topic(topic) if topic in Topic.values else None, "unread" in query)


def query_of(only: Filter) -> str:
    """The address of a filter, after the question mark."""
    told = {"topic": str(only.topic)} if only.topic else {}
    return urlencode(told | ({"unread": "1"} if only.is_unread else {}))


@never_cache
@require_safe
@login_required
def follow(request: HttpRequest, pk: int) -> HttpResponse:
    """Where what a notice is about is seen; the notice counts as read by that."""
    user, at = cast(User, request.user), timezone.now()
    notice = get_object_or_404(Notice.objects.select_related("usage_point"), pk=pk, user=user)
    if not queries.readable(user, [pk], at=at):
        raise Http404("no such notice")
    reading.mark_read(user=user, numbers=[pk], at=at)
    return redirect(rows.address(notice) or "cabinet:notices")


@never_cache
@require_POST
@login_required
def mark(request: HttpRequest) -> HttpResponse:
    """Have the named notices stand as read or unread, or all as read."""
    user, at = cast(User, request.user), timezone.now()
    named = [int(text) for text in request.POST.getlist("notice") if is_number(text)]
    deed = request.POST.get("deed", "")
    if deed == "all":
        reading.mark_read(user=user, numbers=None, at=at)
    elif deed == "read":
        reading.mark_read(user=user, numbers=named, at=at)
    elif deed == "unread":
        reading.mark_unread(user=user, numbers=named)
    filters = query_of(asked(QueryDict(request.POST.get("filters", ""))))
    return redirect(reverse("cabinet:notices") + (f"?{filters}" if filters else ""))


def is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


@never_cache
@require_safe
@login_required
def bell(request: HttpRequest) -> HttpResponse:
    """How much is unread, for the bell; what is to type and new events, for the menu.

    Fetched after the page, so that no page waits for it.
    """
    user, at = cast(User, request.user), timezone.now()
    notices, pieces = queries.unread(user, at=at), news.unread(user, at=at)
    count = notices + pieces
    told: dict[str, object] = {
        "count": count, "shown": _counted(count),
        "notices": notices, "notices_shown": _counted(notices),
        "news": pieces, "news_shown": _counted(pieces),
    }  # fmt: skip
    totype = left_to_type(user, at=at)
    marks: dict[str, object] = {"left": left(totype, at=at), "points": len(totype)}
    events = unseen.count(request, user, at=at)
    marks |= {"events": events, "events_shown": unseen.shown(events)}
    return render(request, "cabinet/notices/bell.html", told | marks)


def _counted(count: int) -> str:
    return f"{COUNTED}+" if count > COUNTED else str(count)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def wishes(request: HttpRequest) -> HttpResponse:
    """What to tell of, and how."""
    user, at = cast(User, request.user), timezone.now()
    form = WaysForm(request.POST or None, own=subscriptions.own(user))
    if request.method == "POST" and form.is_valid():
        subscriptions.choose(user=user, topics=form.ways, events=form.of_events, at=at)
        messages.success(request, _("Kept. From now on you are told so."))
        return redirect("cabinet:subscriptions")
    return _wishes(request, user, form, LimitForm(points=_offered(user)))


def _wishes(
    request: HttpRequest, user: User, form: WaysForm, limit_form: LimitForm
) -> HttpResponse:
    limits = [row for row in subscriptions.own(user) if row.limit is not None]
    told = {
        "form": form,
        "limit_form": limit_form,
        "limits": limits,
        "has_room": len(limits) < subscriptions.MOST_LIMITS,
        "most": subscriptions.MOST_LIMITS,
    }
    status = 422 if form.errors or limit_form.errors else 200
    return render(request, "cabinet/notices/wishes.html", told, status=status)


@never_cache
@require_POST
@login_required
def add_limit(request: HttpRequest) -> HttpResponse:
    """Tell when a day takes more than so much."""
    user, at = cast(User, request.user), timezone.now()
    form = LimitForm(request.POST, points=_offered(user))
    if form.is_valid():
        code, way = form.cleaned_data["point"], form.cleaned_data["way"]
        try:
            point = _point(user, code) if code else None
            subscriptions.set_limit(user=user, point=point, limit=form.watt_hours, way=way, at=at)
        except access.NoSuchPoint:
            form.add_error("point", _("You have no such point."))
        except subscriptions.WrongLimit:
            form.add_error("limit", _("Such a limit is of no use."))
        except subscriptions.TooMany:
            form.add_error(None, _("There are as many limits as there can be."))
        else:
            messages.success(request, _("Kept. From now on you are told so."))
            return redirect("cabinet:subscriptions")
    return _wishes(request, user, WaysForm(own=subscriptions.own(user)), form)


@require_POST
@login_required
def drop_limit(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell of this limit no longer."""
    user = cast(User, request.user)
    get_object_or_404(Subscription, pk=pk, user=user, topic=Topic.THRESHOLD)
    subscriptions.drop_limit(user=user, pk=pk)
    messages.success(request, _("The limit is taken away."))
    return redirect("cabinet:subscriptions")


def _offered(user: User) -> list[UsagePoint]:
    """Points to set a limit at; one more than are offered tells that there are still others."""
    return list(access.usage_points_of(user, at=timezone.now()).by_place()[: OFFERED + 1])


def _point(user: User, code: str) -> UsagePoint:
    return access.point_of(user, code, at=timezone.now())[0]
