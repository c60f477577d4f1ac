"""Pages and deeds of subscribers: the list, the card, access, sessions, the second factor."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from faza.accounts import services as accounts
from faza.accounts.models import User
from faza.contracts import access
from faza.contracts.permissions import Right, may
from faza.desk import lists
from faza.desk.doors import needs
from faza.desk.lists import request_user
from faza.desk.requests import forms, viewing, words
from faza.desk.requests.subscribers import (
    PUBLIC,
    SubscriberFilter,
    SubscriberTable,
    card,
    subscribers_of,
)


@never_cache
@require_safe
@needs(Right.SEE_SUBSCRIBERS)
def subscribers(request: HttpRequest) -> HttpResponse:
    """Who uses the cabinet, within reach."""
    user, at = request_user(request), timezone.now()
    listed = lists.shown(
        request,
        subscribers_of(user, at=at),
        table=SubscriberTable,
        filters=SubscriberFilter,
        name="subscribers",
        reader=user,
        at=at,
    )
    file = lists.exported(request, listed, title=_("Subscribers"), personal=True)
    if file is not None:
        return file
    told = {"listed": listed, "may_decide": may(user, Right.DECIDE_APPLICATIONS)}
    return render(request, "desk/requests/subscribers.html", told)


def _asked(request: HttpRequest) -> set[str]:
    """The keys that were ticked, or that the preview handed on."""
    return {key for told in request.POST.getlist("chosen") for key in told.split(",")}


@require_POST
@needs(Right.DECIDE_APPLICATIONS)
def close_access(request: HttpRequest) -> HttpResponse:
    """Close the access of the chosen people: first who they are, then, with a reason, the deed."""
    user, at = request_user(request), timezone.now()
    rows = lists.chosen(request, subscribers_of(user, at=at), SubscriberFilter)
    people = list(rows)
    if not request.POST.get("all") and len(people) != len(_asked(request)):
        raise Http404("no such subscriber")
    form = forms.ReasonForm(request.POST if request.POST.get("sure") else None)
    if form.is_bound and form.is_valid():
        reason = form.cleaned_data["reason"]
        done = accounts.deactivate_many(users=people, reason=reason, by=user, at=at)
        count = len(done)
        said = ngettext(
            "The access of %(count)s person is closed.",
            "The access of %(count)s people is closed.",
            count,
        )
        messages.success(request, said % {"count": count})
        return redirect("desk:subscribers")
    passing = [one for one in people if one.is_active]
    count = len(passing)
    told = {
        "title": _("Close access"),
        "lead": _("They can no longer sign in; nothing of their data is deleted."),
        "passing": [f"{one.full_name} · {one.email}" for one in passing],
        "staying": [
            (one.full_name or one.email, str(words.state_of(one, confirmed=True).words))
            for one in people
            if not one.is_active
        ],
        "effects": [
            _("All their sessions end at once."),
            _("Access can be opened again on the card of each."),
        ],
        "form": form,
        "confirm": ngettext(
            "Close access of %(count)s person", "Close access of %(count)s people", count
        )
        % {"count": count},
        "action": reverse("desk:subscribers-close"),
        "hidden": lists.kept_choice(passing),
        "back": reverse("desk:subscribers"),
    }
    return render(request, "desk/bulk.html", told, status=422 if form.is_bound else 200)


@never_cache
@require_safe
@needs(Right.SEE_SUBSCRIBERS)
def subscriber(request: HttpRequest, pk: int) -> HttpResponse:
    """The card of a person; that somebody looked is written down."""
    user, at = request_user(request), timezone.now()
    person = person_of(request, pk, at)
    viewing.note("accounts.card.viewed", person, by=user, at=at)
    told = {
        "card": card(person, reader=user, at=at),
        "may_decide": may(user, Right.DECIDE_APPLICATIONS) and person.role in PUBLIC,
    }
    return render(request, "desk/requests/subscriber.html", told)


def person_of(request: HttpRequest, pk: int, at: datetime, *, public: bool = False) -> User:
    """A person within reach; `public`: a user of the cabinet. Raises Http404."""
    found = access.people_of(request_user(request), at=at).filter(pk=pk)
    person = (found.filter(role__in=PUBLIC) if public else found).first()
    if person is None:
        raise Http404("no such subscriber")
    return person


@needs(Right.DECIDE_APPLICATIONS)
def block(request: HttpRequest, pk: int) -> HttpResponse:
    """Close a person's access, with a reason."""
    user, at = request_user(request), timezone.now()
    person = person_of(request, pk, at, public=True)
    form = forms.ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        accounts.deactivate(user=person, reason=form.cleaned_data["reason"], by=user, at=at)
        messages.success(request, _("Access is closed, all sessions have ended."))
        return redirect("desk:subscriber", person.pk)
    title = _("Close the access of %(name)s") % {"name": person.full_name}
    lead = _("The person can no longer sign in; nothing of the data is deleted.")
    return _asking(request, person, form, title, lead, _("Close access"))


@require_POST
@needs(Right.DECIDE_APPLICATIONS)
def unblock(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a person's access again."""
    user, at = request_user(request), timezone.now()
    person = person_of(request, pk, at, public=True)
    held = accounts.activate(user=person, by=user, at=at)
    if held.is_active:
        messages.success(request, _("Access is open again."))
    else:
        messages.error(request, _("The personal data of this account are erased: it stays closed."))
    return redirect("desk:subscriber", person.pk)


@require_POST
@needs(Right.DECIDE_APPLICATIONS)
def send_confirmation(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the mail that proves a new address once more."""
    user, at = request_user(request), timezone.now()
    person = person_of(request, pk, at, public=True)
    if accounts.remind_to_confirm(user=person, by=user, at=at):
        messages.success(
            request, _("The mail is on its way to %(address)s.") % {"address": person.email}
        )
    else:
        messages.info(request, _("This address is confirmed already."))
    return redirect("desk:subscriber", person.pk)


@require_POST
@needs(Right.DECIDE_APPLICATIONS)
def sign_out(request: HttpRequest, pk: int) -> HttpResponse:
    """End all sessions of a person."""
    user, at = request_user(request), timezone.now()
    person = person_of(request, pk, at, public=True)
    count = accounts.sign_out(user=person, by=user, at=at)
    if count:
        said = ngettext("%(count)s session ended.", "%(count)s sessions ended.", count)
        messages.success(request, said % {"count": count})
    else:
        messages.info(request, _("Nobody was signed in."))
    return redirect("desk:subscriber", person.pk)


@needs(Right.DECIDE_APPLICATIONS)
def reset_factor(request: HttpRequest, pk: int) -> HttpResponse:
    """Take off a person's second factor after their identity was checked, with the reason."""
    user, at = request_user(request), timezone.now()
    person = person_of(request, pk, at, public=True)
    form = forms.FactorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            accounts.reset_second_factor(user=person, reason=reason, by=user, at=at)
        except accounts.NoSecondFactor:
            messages.info(request, _("There is no second factor to take off."))
        else:
            messages.success(
                request, _("The second factor is taken off; a mail tells the person so.")
            )
        return redirect("desk:subscriber", person.pk)
    title = _("Take off the second factor of %(name)s") % {"name": person.full_name}
    lead = _(
        "Whoever knows the password can sign in after that. Check the identity by a paper or by"
        " a call to the number of the agreement first."
    )
    return _asking(request, person, form, title, lead, _("Take off the second factor"))


def _asking(
    request: HttpRequest, person: User, form: forms.ReasonForm, title: str, lead: str, submit: str
) -> HttpResponse:
    told = {
        "title": title,
        "lead": lead,
        "form": form,
        "submit": submit,
        "back": reverse("desk:subscriber", args=[person.pk]),
    }
    return render(request, "desk/form.html", told, status=422 if form.is_bound else 200)
