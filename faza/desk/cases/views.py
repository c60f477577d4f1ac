"""Pages and deeds of cases: the queue, one with its talk and its evidence, answers, who has it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from faza.accounts.models import User
from faza.cases import queries, rules, services
from faza.cases import words as told_of
from faza.cases.models import Case, CaseMessage
from faza.cases.rules import Move, State
from faza.contracts import access
from faza.contracts.permissions import Right, may
from faza.core.reading_types import A_PLUS
from faza.desk import lists
from faza.desk.cases import evidence, rows, words
from faza.desk.cases.forms import SayForm
from faza.desk.doors import needs
from faza.desk.lists import request_user
from faza.desk.requests import viewing

ANSWER, WRITE, NOTE = "answer", "write", "note"
SAYING: dict[str, Callable[..., CaseMessage]] = {
    ANSWER: services.answer,
    WRITE: services.write,
    NOTE: services.note,
}


@never_cache
@require_safe
@needs(Right.SEE_CASES)
def cases(request: HttpRequest) -> HttpResponse:
    """The queue: what waits, how old it is, in whose hands."""
    user, at = request_user(request), timezone.now()
    found = rows.cases(user, at=at)
    listed = lists.shown(
        request, found, table=rows.CaseTable, filters=rows.CaseFilter, name="cases"
    )
    file = lists.exported(request, listed, title=_("Cases"), personal=True)
    if file is not None:
        return file
    waits = queries.waiting(queries.desk_cases(user, at=at))
    told = {
        "listed": listed,
        "waiting": waits.count(),
        "overdue": waits.filter(due_at__lte=at).count(),
    }
    return render(request, "desk/cases/cases.html", told)


@never_cache
@require_safe
@needs(Right.SEE_CASES)
def case(request: HttpRequest, pk: int) -> HttpResponse:
    """A case: the talk, what it is about, what was shown then and is now, what was found there."""
    return _page(request, pk, SayForm())


def _page(request: HttpRequest, pk: int, form: SayForm) -> HttpResponse:
    user, at = request_user(request), timezone.now()
    found = reached(request, pk, at)
    viewing.note("cases.case.viewed", found, by=user, at=at)
    state = State(found.state)
    can = may(user, Right.ANSWER_CASES)
    windows = access.windows_of(user, at=at, points=[found.usage_point_id])
    now, then = queries.shown(windows, found, at=at), queries.Shown.of(found.shown)
    told = {
        "case": found,
        "css": words.CSS[state],
        "stretch": told_of.stretch(found),
        "then": told_of.shown(then, found),
        "now": told_of.shown(now, found),
        "has_changed": then is not None and now != then,
        "talk": found.messages.select_related("author").order_by("at", "pk"),
        "findings": evidence.findings(found),
        "intervals": _intervals(found),
        "is_overdue": found.is_overdue(at),
        "is_waiting": state in rules.WAITING,
        "may": can,
        "moves": {move.value for move in Move if can and rules.is_possible(state, move)},
        "people": queries.assignable(found.usage_point) if can else [],
        "form": form,
    }
    return render(request, "desk/cases/case.html", told, status=422 if form.is_bound else 200)


def _intervals(case: Case) -> str:
    """The explorer of the cabinet at the days of a case."""
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


def reached(request: HttpRequest, pk: int, at: datetime) -> Case:
    """Raises Http404 for what is not within reach."""
    found = rows.cases(request_user(request), at=at).select_related(
        "usage_point__node", "customer", "asked_by", "assigned_to"
    )
    return get_object_or_404(found, pk=pk)


def _attempt(request: HttpRequest, deed: Callable[[], object]) -> bool:
    """Do something to a case; whether it was done. Why not is told on the next page."""
    try:
        deed()
    except services.WrongMove:
        messages.error(request, _("The case has moved on meanwhile: look at it anew."))
    except services.OwnCase:
        messages.error(request, _("Your own case is answered by a colleague."))
    except services.AlreadyTaken:
        messages.error(request, _("A colleague has it in hand already."))
    except ValidationError as wrong:
        messages.error(request, " ".join(wrong.messages))
    else:
        return True
    return False


@require_POST
@needs(Right.ANSWER_CASES)
def say(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer, write without answering, or make a note that only the desk reads."""
    user, at = request_user(request), timezone.now()
    found, form = reached(request, pk, at), SayForm(request.POST)
    what = request.POST.get("as", ANSWER)
    if what not in SAYING:
        raise Http404("no such deed")
    if not form.is_valid():
        return _page(request, pk, form)
    text = form.cleaned_data["text"]
    if _attempt(request, lambda: SAYING[what](case=found, text=text, by=user, at=at)):
        said = {
            ANSWER: _("The answer is sent."),
            WRITE: _("The message is sent; the case still waits for an answer."),
            NOTE: _("The note is kept; the asker does not see it."),
        }
        messages.success(request, said[what])
    return redirect("desk:case", pk)


@require_POST
@needs(Right.ANSWER_CASES)
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Work on a case oneself."""
    return _moved(request, pk, services.take)


@require_POST
@needs(Right.ANSWER_CASES)
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave a case to others again."""
    return _moved(request, pk, services.release)


@require_POST
@needs(Right.ANSWER_CASES)
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close what is answered."""
    return _moved(request, pk, services.close)


def _moved(request: HttpRequest, pk: int, deed: Callable[..., Case]) -> HttpResponse:
    user, at = request_user(request), timezone.now()
    found = reached(request, pk, at)
    _attempt(request, lambda: deed(case=found, by=user, at=at))
    return redirect("desk:case", pk)


@require_POST
@needs(Right.ANSWER_CASES)
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a case to somebody of the desk who works with its point. Raises Http404 for others."""
    user, at = request_user(request), timezone.now()
    found = reached(request, pk, at)
    to = _colleague(found, request.POST.get("to", ""))
    if _attempt(request, lambda: services.assign(case=found, to=to, by=user, at=at)):
        messages.success(request, _("The case is given to %(name)s.") % {"name": to.full_name})
    return redirect("desk:case", pk)


def _colleague(case: Case, key: str) -> User:
    people = {str(user.pk): user for user in queries.assignable(case.usage_point)}
    if key not in people:
        raise Http404("no such colleague")
    return people[key]
