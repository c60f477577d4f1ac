"""Pages and deeds of entry windows; each deed says first what it will do."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from faza.accounts.models import User
from faza.contracts.permissions import Right, may
from faza.desk import lists
from faza.desk.doors import needs
from faza.desk.lists import request_user
from faza.desk.windows import reach, rows, words
from faza.desk.windows.forms import ExceptionForm, RuleForm, beginning
from faza.manual_entry import windows
from faza.manual_entry.models import EntryException, EntryRule
from faza.manual_entry.windows import Place
from faza.ui.periods import Choice


@never_cache
@require_safe
@needs(Right.SEE_WINDOWS)
def rules(request: HttpRequest) -> HttpResponse:
    """Rules: where, on which days, how often, with a photo or without."""
    user, at = request_user(request), timezone.now()
    found = reach.rules_of(user, at=at)
    listed = lists.shown(
        request, found, table=rows.RuleTable, filters=rows.RuleFilter, name="windows"
    )
    file = lists.exported(request, listed, title=_("Entry windows"))
    if file is not None:
        return file
    told = _page(user, at, "rules") | {"listed": listed}
    return render(request, "desk/windows/rules.html", told)


@never_cache
@require_safe
@needs(Right.SEE_WINDOWS)
def exceptions(request: HttpRequest) -> HttpResponse:
    """What was opened and closed by date."""
    user, at = request_user(request), timezone.now()
    found = reach.exceptions_of(user, at=at)
    may_edit = may(user, Right.EDIT_WINDOWS)
    listed = lists.shown(
        request, found, table=rows.ExceptionTable, filters=rows.ExceptionFilter,
        name="window-exceptions", exclude=() if may_edit else ("end",),
    )  # fmt: skip
    file = lists.exported(request, listed, title=_("Entry opened and closed by date"))
    if file is not None:
        return file
    told = _page(user, at, "exceptions") | {"listed": listed}
    return render(request, "desk/windows/exceptions.html", told)


def _page(user: User, at: datetime, current: str) -> dict[str, object]:
    found = reach.rules_of(user, at=at)
    return {
        "may_edit": may(user, Right.EDIT_WINDOWS),
        "count": found.count(),
        "approving": found.filter(approves=True).count(),
        "tabs": [
            Choice(_("Rules"), reverse("desk:windows"), current == "rules"),
            Choice(_("By date"), reverse("desk:window-exceptions"), current == "exceptions"),
        ],
    }


@never_cache
@require_safe
@needs(Right.SEE_WINDOWS)
def rule(request: HttpRequest, pk: int) -> HttpResponse:
    """A rule: what it says, for how many points it holds, what was done to it."""
    user, at = request_user(request), timezone.now()
    found = get_object_or_404(reach.rules_of(user, at=at), pk=pk)
    told = {
        "rule": found,
        "place": words.place_of(found),
        "group": words.group_of(found),
        "days": words.days_of(found.first_day, found.last_day),
        "every": words.EVERY[found.every],
        "window": words.window_words(words.next_window(found, at)),
        "silent": words.silent_of(found.silent_days),
        "registers": words.registers_of(found.registers),
        "may_edit": reach.may_change(user, found, at=at),
        "seen": windows.seen(found),
        **_counted(windows.place_of(found), found.pk, at),
    }
    return render(request, "desk/windows/rule.html", told)


def _counted(place: Place, number: int | None, at: datetime) -> dict[str, object]:
    """Of how many points a place is, and for how many of them a rule there holds."""
    points = windows.points_of(place, at=at).count()
    holds = windows.concerned(place, number=number, at=at).count()
    return {"points": points, "holds": holds, "narrower": points - holds}


def _changed(user: User, pk: int, at: datetime) -> EntryRule:
    """A rule to be changed. Raises Http404; PermissionDenied of what is not one's to change."""
    found = get_object_or_404(reach.rules_of(user, at=at), pk=pk)
    if not reach.may_change(user, found, at=at):
        raise PermissionDenied("the rule holds outside the area")
    return found


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.EDIT_WINDOWS)
def new_rule(request: HttpRequest) -> HttpResponse:
    """Make a rule."""
    return _edit(request, None)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.EDIT_WINDOWS)
def edit_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what a rule says."""
    return _edit(request, _changed(request_user(request), pk, timezone.now()))


def _edit(request: HttpRequest, over: EntryRule | None) -> HttpResponse:
    """The form; once more with what it will do; then the deed."""
    user, at = request_user(request), timezone.now()
    initial = beginning(over) | ({"seen": windows.seen(over)} if over else {})
    form = RuleForm(request.POST or None, user=user, at=at, over=over, initial=initial)
    shown: dict[str, object] = {}
    if request.method == "POST" and form.is_valid():
        if request.POST.get("sure") == _mark(request):
            kept = _kept(request, form, user, at)
            if kept is not None:
                messages.success(request, _("The rule is kept and holds from now on."))
                return redirect("desk:window-rule", kept.pk)
        else:
            shown = _counted(form.place, over.pk if over else None, at)
            shown |= {"sure": _mark(request), "terms": form.terms}
    told = {
        "form": form,
        "rule": over,
        "place": words.place_of(over) if over else "",
        "group": words.group_of(over) if over else "",
        "shown": shown,
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "desk/windows/edit.html", told, status=status)


def _kept(request: HttpRequest, form: RuleForm, user: User, at: datetime) -> EntryRule | None:
    """None where it could not be done; the form says why."""
    try:
        return windows.keep_rule(
            place=form.place, terms=form.terms, by=user, at=at, over=form.over,
            seen_as=form.cleaned_data["seen"],
        )  # fmt: skip
    except windows.Changed:
        form.add_error(None, _("Somebody has changed the rule meanwhile; open it once more."))
    except windows.Taken:
        form.add_error(None, _("There is a rule of this place and these customers: change that."))
    return None


def _mark(request: HttpRequest) -> str:
    """What was previewed: a form that was changed since is previewed once more."""
    told = sorted(
        (name, tuple(values)) for name, values in request.POST.lists()
        if name not in ("sure", "csrfmiddlewaretoken")
    )  # fmt: skip
    return hashlib.sha256(repr(told).encode()).hexdigest()[:32]


@require_POST
@needs(Right.EDIT_WINDOWS)
def drop_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a rule hold no more."""
    user, at = request_user(request), timezone.now()
    found = _changed(user, pk, at)
    try:
        windows.drop_rule(rule=found, by=user, at=at, seen_as=request.POST.get("seen", ""))
    except windows.Changed:
        messages.error(request, _("Somebody has changed the rule meanwhile. Look at it once more."))
        return redirect("desk:window-rule", pk)
    messages.success(request, _("The rule holds no more."))
    return redirect("desk:windows")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.EDIT_WINDOWS)
def new_exception(request: HttpRequest) -> HttpResponse:
    """Open or close entry for some days: first for how many points, then the deed."""
    user, at = request_user(request), timezone.now()
    form = ExceptionForm(request.POST or None, user=user, at=at)
    shown: dict[str, object] = {}
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        if request.POST.get("sure") == _mark(request):
            windows.except_for(
                place=told["place"], starts_at=told["starts_at"], ends_at=told["ends_at"],
                is_open=told["deed"] == "open", reason=told["reason"], by=user, at=at,
            )  # fmt: skip
            messages.success(request, _("Done: it holds on the days you gave."))
            return redirect("desk:window-exceptions")
        points = windows.points_of(told["place"], at=at).count()
        shown = {"points": points, "sure": _mark(request)}
    page = {"form": form, "shown": shown}
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "desk/windows/exception.html", page, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.EDIT_WINDOWS)
def exception(request: HttpRequest, pk: int) -> HttpResponse:
    """End what was opened or closed by date: first what it does, then the deed."""
    user, at = request_user(request), timezone.now()
    found: EntryException = get_object_or_404(reach.exceptions_of(user, at=at), pk=pk)
    if not reach.may_change(user, found, at=at):
        raise PermissionDenied("the exception holds outside the area")
    if request.method == "POST":
        try:
            windows.end_exception(exception=found, by=user, at=at)
        except windows.Ended:
            messages.error(request, _("It is over already."))
        else:
            messages.success(request, _("It holds no more: the rules decide again."))
        return redirect("desk:window-exceptions")
    told = {
        "one": found,
        "place": words.place_of(found),
        "points": windows.points_of(windows.place_of(found), at=at).count(),
        "is_over": found.ends_at <= at,
    }
    return render(request, "desk/windows/end.html", told)
