"""Pages and deeds of the asker's side of cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from faza.accounts.models import User
from faza.cabinet.cases.forms import CaseForm, WordForm, from_address
from faza.cabinet.views.pages import chosen_of
from faza.cases import queries, rules, services, words
from faza.cases.models import Case, CaseMessage
from faza.cases.rules import Move, State, Subject
from faza.contracts import access
from faza.contracts.access import NoSuchPoint
from faza.core.reading_types import A_PLUS
from faza.metering.models import UsagePoint

A_PAGE = 50
OFFERED = 8
"""Points that a new case without an address can be about."""
ORDER = ("-asked_at", "-pk")


@dataclass(frozen=True, slots=True)
class Row:
    """A case as the list and its own page tell it."""

    case: Case
    stretch: str
    kind: str

    @classmethod
    def of(cls, case: Case) -> Row:
        return cls(case, words.stretch(case), KINDS[State(case.state)])


KINDS = {
    State.NEW: "",
    State.IN_WORK: "",
    State.REOPENED: "",
    State.ANSWERED: "good",
    State.CLOSED: "",
}


@never_cache
@require_safe
@login_required
def case_list(request: HttpRequest) -> HttpResponse:
    """The own cases, the newest first."""
    user, at = cast(User, request.user), timezone.now()
    rows = queries.own_cases(user, at=at).select_related("usage_point").order_by(*ORDER)
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    told = {
        "page": page,
        "rows": [Row.of(case) for case in page],
        "waiting": queries.waiting(rows.order_by()).count(),
    }
    return render(request, "cabinet/cases/list.html", told)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new(request: HttpRequest) -> HttpResponse:
    """A new case about a point; what is contested stands in the address."""
    user, at = cast(User, request.user), timezone.now()
    point = _point(request, user, at)
    if point is None:
        return render(request, "cabinet/cases/new.html", {"point": None})
    may_ask = services.may_ask(user, point, at=at)
    if not may_ask and request.method == "POST":
        raise PermissionDenied("cases are asked by those who read by an agreement")
    initial = from_address(request.GET, today=at.astimezone(ZoneInfo(point.zone)))
    form = CaseForm(request.POST or None, zone=point.zone, initial=initial)
    if request.method == "POST" and form.is_valid():
        case = _asked(form, user, point, at)
        if case is not None:
            messages.success(request, _("Your question is with the network company."))
            return redirect("cabinet:case", case.pk)
    others = [] if "point" in request.GET or form.is_bound else _others(user, point, at)
    told = {
        "form": form,
        "point": point,
        "may_ask": may_ask,
        "days": rules.DUE_WORKING_DAYS,
        "others": others[:OFFERED],
        "more": len(others) > OFFERED,
    }
    return render(request, "cabinet/cases/new.html", told, status=422 if form.is_bound else 200)


def _point(request: HttpRequest, user: User, at: datetime) -> UsagePoint | None:
    """The point that the form or the address names, else the one chosen last. Raises Http404."""
    code = request.POST.get("point", "")
    if not code:
        chosen = chosen_of(request, user, most=1).one
        if chosen is None:
            return None
        code = chosen.code
    try:
        return access.point_of(user, code, at=at)[0]
    except NoSuchPoint as unknown:
        raise Http404("no such point") from unknown


def _others(user: User, point: UsagePoint, at: datetime) -> list[UsagePoint]:
    """Points to ask about instead; one more than are offered tells that there are still others."""
    rows = access.points_visible(user, at=at).exclude(pk=point.pk).by_place()
    return list(rows[: OFFERED + 1])


def _asked(form: CaseForm, user: User, point: UsagePoint, at: datetime) -> Case | None:
    try:
        return services.ask(
            user=user, point=point, period=form.period, kind=form.kind,
            subject=Subject(form.cleaned_data["subject"]),
            question=form.cleaned_data["question"], at=at,
        )  # fmt: skip
    except services.Outside:
        form.add_error("start", _("In this time the point was not yours, or it is yet to come."))
    except services.TooMany:
        form.add_error(None, _("That is many questions for one day: go on tomorrow, please."))
    except ValidationError as wrong:
        form.add_error(None, wrong)
    return None


@never_cache
@require_safe
@login_required
def case(request: HttpRequest, pk: int) -> HttpResponse:
    """A case with its talk; what is new in it counts as read."""
    return _page(request, pk, WordForm())


def _page(request: HttpRequest, pk: int, form: WordForm) -> HttpResponse:
    user, at = cast(User, request.user), timezone.now()
    found = _reached(user, pk, at)
    services.mark_read(found, at=at)
    talk = found.messages.filter(kind__in=queries.PUBLIC).select_related("author")
    windows = access.windows_of(user, at=at, points=[found.usage_point_id])
    now = queries.shown(windows, found, at=at)
    then = queries.Shown.of(found.shown)
    state = State(found.state)
    told = {
        "row": Row.of(found),
        "case": found,
        "talk": [(one, one.kind == CaseMessage.Kind.SAID) for one in talk.order_by("at", "pk")],
        "then": words.shown(then, found),
        "now": words.shown(now, found) if now != then else "",
        "intervals": _intervals(found),
        "form": form,
        "asks_again": state in {State.ANSWERED, State.CLOSED},
        "may_end": rules.is_possible(state, Move.END),
        "is_waiting": state in rules.WAITING,
        "is_overdue": found.is_overdue(at),
    }
    status = 422 if form.is_bound else 200
    return render(request, "cabinet/cases/case.html", told, status=status)


def _intervals(case: Case) -> str:
    """The explorer at the days of a case."""
    zone = ZoneInfo(case.usage_point.zone)
    last = case.end - timedelta(microseconds=1)
    told = {
        "point": case.usage_point.code,
        "channel": case.channel or A_PLUS.channel,
        "period": "any",
        "from": case.start.astimezone(zone).date().isoformat(),
        "to": last.astimezone(zone).date().isoformat(),
    }
    return f"{reverse('cabinet:explorer')}?{urlencode(told)}"


def _reached(user: User, pk: int, at: datetime) -> Case:
    """Raises Http404 for a case that is none of the user's."""
    rows = queries.own_cases(user, at=at).select_related("usage_point", "asked_by")
    return get_object_or_404(rows, pk=pk)


@never_cache
@require_POST
@login_required
def say(request: HttpRequest, pk: int) -> HttpResponse:
    """A word to the network company; after an answer it asks again."""
    user, at = cast(User, request.user), timezone.now()
    found, form = _reached(user, pk, at), WordForm(request.POST)
    if not form.is_valid():
        return _page(request, pk, form)
    services.say(case=found, text=form.cleaned_data["text"], by=user, at=at)
    messages.success(request, _("Your message is sent."))
    return redirect("cabinet:case", pk)


@require_POST
@login_required
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Nothing more is needed."""
    user, at = cast(User, request.user), timezone.now()
    try:
        services.end(case=_reached(user, pk, at), by=user, at=at)
    except services.WrongMove:
        messages.warning(request, _("The case is closed already."))
    else:
        messages.success(request, _("The case is closed; you can ask again in it."))
    return redirect("cabinet:case", pk)
