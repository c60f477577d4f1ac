"""By which normative a household is billed where its readings are missing for long."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from faza.charges import dwellings
from faza.charges import services as charges
from faza.contracts.models import CustomerAgreement
from faza.contracts.permissions import Right
from faza.desk.customers import doors
from faza.desk.customers.forms import NormativeForm
from faza.desk.doors import needs
from faza.desk.lists import request_user
from faza.tariffs import queries


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.EDIT_CUSTOMERS)
def normative(request: HttpRequest, pk: int) -> HttpResponse:
    """Say which group of dwellings a household lives in and with how many, from a month on."""
    user, at = request_user(request), timezone.now()
    agreement = doors.agreement(user, pk, at=at)
    if agreement.kind != CustomerAgreement.Kind.HOUSEHOLD:
        raise Http404("only households have a normative")
    today = timezone.localdate(at)
    known = dwellings.said([pk], today).get(pk)
    initial: dict[str, object] = {"since": today.replace(day=1)}
    if known is not None:
        initial |= {"group": known.group, "residents": known.residents}
    groups = [(code, rows[0].group_name) for code, rows in queries.normatives().items()]
    form = NormativeForm(request.POST or None, groups=groups, initial=initial)
    if request.method == "POST" and form.is_valid():
        charges.set_normative(agreement=agreement, at=at, by=user, **form.cleaned_data)
        messages.success(request, _("The normative is kept; months since then are reckoned anew."))
        return redirect("desk:agreement", pk)
    told = {
        "form": form,
        "title": _("Normative of the agreement %(number)s") % {"number": agreement.number},
        "lead": _("It applies where readings are missing for longer than the mean is taken"
                  " (ПП 354, п. 60)."),
        "submit": _("Keep the normative"),
        "back": reverse("desk:agreement", args=[pk]),
    }  # fmt: skip
    return render(request, "desk/form.html", told, status=422 if form.is_bound else 200)
