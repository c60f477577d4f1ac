"""Approving at once the applications of which everything matches: first what it will do."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache

from faza.contracts import access
from faza.contracts.models import Application
from faza.contracts.permissions import Right
from faza.contracts.queries import Checked, checked
from faza.contracts.services import applications
from faza.desk import lists
from faza.desk.doors import needs
from faza.desk.lists import request_user
from faza.desk.requests import evidence, matching, queue

MOST = queue.MOST_CHECKED


@never_cache
@needs(Right.DECIDE_APPLICATIONS)
def matched(request: HttpRequest) -> HttpResponse:
    """Who will be approved, who stays and why; on the second step only those shown are done."""
    user, at = request_user(request), timezone.now()
    waiting = queue.reached(user, at=at).waiting().by_urgency()
    reach = access.agreements_of(user, at=at)
    if request.method == "POST" and request.POST.get("sure"):
        chosen = _chosen(request)
        done = applications.approve_matching(applications=chosen, among=reach, by=user, at=at)
        _tell(request, done)
        return redirect(reverse("desk:requests"))
    told = checked(list(waiting.select_related("user")[:MOST]), at=at, among=reach)
    passing = [one for one in told if one.passes and one.application.taken_by_id in (None, user.pk)]
    staying = [one for one in told if one not in passing]
    page = {
        "title": _("Approve what matches wholly"),
        "lead": _("Number and name are the same, nothing contradicts, nobody reads there yet."),
        "passing": [_words(one) for one in passing],
        "staying": [(_name(one), _why(one, user.pk)) for one in staying],
        "effects": [
            _("Each applicant sees the points of the agreement named here and gets a mail."),
            _("Each decision can be taken back for 15 minutes, on the tab of the decided ones."),
        ],
        "confirm": _confirm(len(passing)),
        "action": reverse("desk:requests-matched"),
        "hidden": lists.kept_choice(one.application for one in passing),
        "back": reverse("desk:requests"),
        "sample": _sample(passing[0]) if passing else "",
    }
    return render(request, "desk/requests/matched.html", page)


def _confirm(count: int) -> str:
    said = ngettext("Approve %(count)s application", "Approve %(count)s applications", count)
    return said % {"count": count}


def _chosen(request: HttpRequest) -> list[Application]:
    """The applications that the preview showed. Raises Http404 if one is out of reach."""
    told = ",".join(request.POST.getlist("chosen"))
    texts = told.split(",")[:MOST] if told else []
    if not all(text.isascii() and text.isdecimal() and len(text) < 19 for text in texts):
        raise Http404("no such application")
    keys = {int(text) for text in texts}
    user, at = request_user(request), timezone.now()
    found = list(queue.reached(user, at=at).filter(pk__in=keys).select_related("user"))
    if {one.pk for one in found} != keys:
        raise Http404("no such application")
    return found


def _tell(request: HttpRequest, done: applications.Approved) -> None:
    count = len(done.done)
    if count:
        said = ngettext(
            "%(count)s application is approved, the mail is on its way.",
            "%(count)s applications are approved, the mails are on their way.",
            count,
        )
        messages.success(request, said % {"count": count})
    for application, code in done.left[:5]:
        name = application.organisation or application.full_name
        messages.warning(
            request,
            _("%(name)s was left: %(reason)s.")
            % {"name": name, "reason": matching.obstacle(code).lower()},
        )


def _name(one: Checked) -> str:
    return one.application.organisation or one.application.full_name


def _words(one: Checked) -> str:
    number = one.match.agreement.number if one.match else ""
    return _("%(name)s — agreement %(number)s") % {"name": _name(one), "number": number}


def _why(one: Checked, user: int) -> str:
    if one.passes:
        return matching.obstacle("taken").lower()
    return matching.remark(one).lower()


def _sample(one: Checked) -> str:
    """The mail that the first of them gets."""
    assert one.match is not None
    return evidence.letter_of(one.application, one.match.agreement, at=timezone.now())
