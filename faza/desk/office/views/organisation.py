"""The organisation card: who runs this installation, and how that looks to others."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from faza.accounts import services
from faza.accounts.models import OrganisationCard
from faza.contracts.permissions import Right, may
from faza.desk.doors import needs
from faza.desk.lists import request_user
from faza.desk.office import forms


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_OFFICE)
def card(request: HttpRequest) -> HttpResponse:
    """The card with its preview; those who may not change it read it."""
    if request.method == "POST":
        if not may(request_user(request), Right.EDIT_ORGANISATION):
            raise PermissionDenied(Right.EDIT_ORGANISATION)
        return _set(request)
    return _page(request, forms.Card(initial=forms.of_card(_card()), card=_card()))


def _set(request: HttpRequest) -> HttpResponse:
    form = forms.Card(request.POST, request.FILES, card=_card())
    if not form.is_valid():
        return _page(request, form)
    told = form.cleaned_data
    services.set_card(
        name=told["name"],
        operator_of_personal_data=told["operator_of_personal_data"],
        address=told["address"],
        phones=told["phones"],
        hours=told["hours"],
        email=told["email"],
        site=told["site"],
        logo=told["logo"],
        drop_logo=told.get("drop_logo", False),
        at=timezone.now(),
        by=request_user(request),
    )
    messages.success(request, _("The card is kept. It is shown everywhere from now on."))
    return redirect("desk:organisation")


@require_POST
@needs(Right.EDIT_ORGANISATION)
def preview(request: HttpRequest) -> HttpResponse:
    """How the card will look; nothing is kept."""
    form = forms.Card(request.POST, card=_card())
    form.is_valid()
    told = {"shown": form.cleaned_data, "card": _card()}
    return render(request, "desk/office/card.html", told)


def _page(request: HttpRequest, form: forms.Card) -> HttpResponse:
    standing = _card()
    told = {
        "form": form,
        "card": standing,
        "shown": forms.of_card(standing),
        "is_editable": may(request_user(request), Right.EDIT_ORGANISATION),
    }
    return render(
        request, "desk/office/organisation.html", told, status=422 if form.is_bound else 200
    )


def _card() -> OrganisationCard | None:
    return OrganisationCard.objects.defer("logo").first()
