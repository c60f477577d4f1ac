"""The cabinet of somebody without usage points: how the own application stands."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from faza.accounts import card
from faza.accounts.models import User
from faza.cabinet.account import forms, joining
from faza.contracts import access
from faza.contracts.models import Application
from faza.contracts.rules.applications import WrongMove
from faza.contracts.services import applications

State = Application.State
TYPED = ("kind", "full_name", "organisation", "agreement_number", "phone", "address")


@never_cache
@require_safe
@login_required
def request_page(request: HttpRequest) -> HttpResponse:
    """What state the application is in, the talk with the operator, what to do next."""
    return _page(request, latest(cast(User, request.user)))


def latest(user: User) -> Application | None:
    """The application that a user sent last."""
    return Application.objects.filter(user=user).order_by("-submitted_at", "-id").first()


def _page(
    request: HttpRequest,
    application: Application | None,
    *,
    note: forms.Note | None = None,
    applicant: forms.Applicant | None = None,
) -> HttpResponse:
    user = cast(User, request.user)
    state = application.state if application else ""
    is_open = state == State.APPROVED and access.own_customers_of(user, at=timezone.now()).exists()
    notes = list(application.notes.order_by("at", "id")) if application else []
    told = {
        "application": application,
        "state": state,
        "notes": notes,
        "asked": [one for one in notes if one.kind == "correction"][-1:],
        "may_write": state in (State.WAITING, State.CORRECTION, State.REFUSED),
        "is_open": is_open,
        "may_apply": not is_open and state in (State.CORRECTION, State.REFUSED, State.APPROVED, ""),
        "note": note or forms.Note(),
        "form": applicant or forms.Applicant(initial=_typed(application, user)),
        "card": card.current(),
    }
    refused = bool((note and note.errors) or (applicant and applicant.errors))
    return render(request, "cabinet/account/request.html", told, status=422 if refused else 200)


def _typed(application: Application | None, user: User) -> dict[str, str]:
    if application is None:
        return {"full_name": user.full_name, "phone": user.phone}
    return {name: getattr(application, name) for name in TYPED}


@require_POST
@login_required
def write(request: HttpRequest) -> HttpResponse:
    """A message to the operator."""
    user = cast(User, request.user)
    application, form = latest(user), forms.Note(request.POST)
    if application is None or not form.is_valid():
        return _page(request, application, note=form)
    try:
        text = form.cleaned_data["text"]
        applications.write(application=application, text=text, by=user, at=timezone.now())
    except WrongMove:
        messages.warning(request, _("The application is decided: nobody reads here any more."))
    else:
        messages.success(request, _("Your message is sent."))
    return redirect("cabinet:request")


@require_POST
@login_required
def correct(request: HttpRequest) -> HttpResponse:
    """Send the application again: corrected, or anew after a refusal."""
    user = cast(User, request.user)
    application, form = latest(user), forms.Applicant(request.POST)
    if not form.is_valid():
        return _page(request, application, applicant=form)
    try:
        joining.apply(user=user, application=application, fields=form.asked, at=timezone.now())
    except ValidationError as wrong:
        form.add_error(None, wrong)
        return _page(request, application, applicant=form)
    except (WrongMove, applications.AlreadyApplied):
        messages.warning(request, _("The application is being checked already."))
    else:
        messages.success(request, _("The application is sent."))
    return redirect("cabinet:request")
