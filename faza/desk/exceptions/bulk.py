"""Many findings decided at once: first what will be done, then the deed."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from functools import partial

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from faza.contracts.permissions import Right
from faza.desk import lists
from faza.desk.doors import needs
from faza.desk.exceptions import forms, rows, words
from faza.desk.lists import request_user
from faza.readings.models import Finding
from faza.readings.vee import deeds
from faza.readings.vee.deeds import Done
from faza.readings.vee.findings import Key, State

MOST = 500
"""Findings of one deed: all are worked in one transaction, and the person waits."""
MOST_ESTIMATED = 100
"""Each is reckoned by itself: some five a second."""


@require_POST
@needs(Right.SOLVE_EXCEPTIONS)
def accept_many(request: HttpRequest) -> HttpResponse:
    """Accept the chosen findings as they are."""
    form = forms.ReasonForm(request.POST if "sure" in request.POST else None)
    return _many(
        request, form, most=MOST, deed=lambda told: partial(deeds.accept, reason=told["reason"]),
        title=_("Accept as they are"),
        lead=_("The values stand as they were delivered, in later runs of validation too."),
        effects=[_("Doubts, rejections and estimates that these findings caused are lifted; "
                   "gaps stay gaps. Each can be taken back.")],
        confirm=_("Accept"),
    )  # fmt: skip


@require_POST
@needs(Right.SOLVE_EXCEPTIONS)
def estimate_many(request: HttpRequest) -> HttpResponse:
    """Estimate the stretches of the chosen findings by one method."""
    form = forms.MethodForm(request.POST if "sure" in request.POST else None)

    def deed(told: dict[str, str]) -> Callable[..., Done]:
        def estimate(keys: Collection[Key], **more: object) -> Done:
            return deeds.estimate_keys(keys, told["method"], reason=told["reason"], **more)  # type: ignore[arg-type]

        return estimate

    return _many(
        request, form, most=MOST_ESTIMATED, deed=deed,
        title=_("Estimate many"),
        lead=_("What is missing, doubtful or rejected on these stretches gets estimates."),
        effects=[_("Where register readings bound a stretch, the sum meets their difference. "
                   "Measured values that come later take their place. What the method cannot "
                   "estimate stays open.")],
        confirm=_("Estimate"),
    )  # fmt: skip


def _many(
    request: HttpRequest, form: forms.ReasonForm, *, most: int,
    deed: Callable[[dict[str, str]], Callable[..., Done]],
    title: str, lead: str, effects: list[str], confirm: str,
) -> HttpResponse:  # fmt: skip
    user, at = request_user(request), timezone.now()
    found = _chosen(request, at)
    open_ = [one for one in found if one.state == State.OPEN]
    taken = open_[:most]
    keys = [rows.row_of(one).key for one in taken]
    back = reverse("desk:exceptions-table")
    sure = "sure" in request.POST
    if sure and taken and form.is_valid():
        done = deed(form.cleaned_data)(keys, by=user, at=at)
        _tell(request, done)
        return redirect(back)
    page = {
        "title": title,
        "lead": lead,
        "effects": effects,
        "passing": [_words(one) for one in taken],
        "staying": [
            *((_words(one), _("decided already, or found no longer"))
              for one in found if one.state != State.OPEN),
            *((_words(one), _("too many at once")) for one in open_[most:]),
        ],
        "confirm": confirm,
        "action": request.path,
        "hidden": [("chosen", ",".join(key.text for key in keys))],
        "back": back,
        "form": form,
    }  # fmt: skip
    return render(request, "desk/bulk.html", page, status=422 if sure else 200)


def _tell(request: HttpRequest, done: Done) -> None:
    told = ngettext("%(n)s finding is decided.", "%(n)s findings are decided.", done.done)
    if done.done:
        messages.success(request, told % {"n": done.done})
    if done.left:
        left = ngettext(
            "%(n)s finding stays: nothing could be done there.",
            "%(n)s findings stay: nothing could be done there.", len(done.left),
        )  # fmt: skip
        messages.warning(request, left % {"n": len(done.left)})


def _words(one: Finding) -> str:
    when = words.stretch(one.start, one.end, one.usage_point.zone)
    return f"{one.rule} {words.title(one.rule)} · {one.usage_point.name} · {when}"


def _chosen(request: HttpRequest, at: datetime) -> list[Finding]:
    """The ticked findings, or all that the filter finds; what is out of reach is not there."""
    mine = rows.within(request_user(request), at=at).select_related("usage_point")
    if request.POST.get("all"):
        asked = rows.FindingFilter(
            QueryDict(request.POST.get("filters", "")), queryset=mine, request=request
        )
        return _first(asked.qs) if asked.is_valid() else []
    told = ",".join(request.POST.getlist("chosen")[: lists.MOST_CHOSEN])
    keys: list[Key] = []
    for text in told.split(",")[: MOST + 1]:
        try:
            keys.append(rows.key_of(text))
        except Http404:
            continue
    if not keys:
        return []
    found: list[Finding] = []
    for start in range(0, len(keys), 100):
        wanted = Q()
        for key in keys[start : start + 100]:
            wanted |= rows.keyed(key)
        found += _first(mine.filter(wanted))
    return found


def _first(found: QuerySet[Finding]) -> list[Finding]:
    return list(found.order_by("rule", "found_at", "usage_point", "start")[: MOST + 1])
