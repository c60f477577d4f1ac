"""What an agreement covers: binding a point, changing the time, ending it, undoing a mistake."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from faza.contracts import access, services
from faza.contracts.models import Customer
from faza.contracts.permissions import Right
from faza.desk.customers import cards, doors
from faza.desk.customers.forms import BindForm, PeriodForm
from faza.desk.customers.views.agreements import told_of
from faza.desk.doors import needs
from faza.desk.lists import request_user


@require_POST
@needs(Right.EDIT_ACCESS)
def bind(request: HttpRequest, pk: int) -> HttpResponse:
    """Let an agreement cover a usage point."""
    user, at = request_user(request), timezone.now()
    agreement = doors.agreement(user, pk, at=at)
    form = BindForm(request.POST, points=access.worked_points_of(user, at=at))
    if form.is_valid():
        told = form.cleaned_data
        try:
            services.bind_point(
                agreement=agreement,
                usage_point=told["point"],
                valid_from=told["valid_from"],
                valid_to=told["valid_to"],
                at=at,
                by=user,
            )
        except services.OutsideAgreement:
            form.add_error("valid_from", _("The agreement is not in force in that time."))
        except services.AlreadyBound:
            form.add_error("point", _("The agreement covers this point in that time already."))
        else:
            messages.success(request, _bound_words(agreement.customer, at))
            return redirect("desk:agreement", pk)
    told = told_of(user, agreement, bind=form)
    return render(request, "desk/customers/agreement.html", told, status=422)


def _bound_words(customer: Customer, at: datetime) -> str:
    if any(not member.is_over for member in cards.members_of(customer, at=at)):
        return _("The point is bound; the customer's users see it now.")
    return _("The point is bound; nobody reads for this customer in the cabinet yet.")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.EDIT_ACCESS)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the time for which an agreement covers a point; ending it is such a change."""
    user, at = request_user(request), timezone.now()
    bound = doors.binding(user, pk, at=at)
    stands = {"valid_from": bound.valid_from, "valid_to": bound.valid_to}
    form = PeriodForm(request.POST or None, initial=stands)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_binding(bound=bound, at=at, by=user, **form.cleaned_data)
        except services.OutsideAgreement:
            form.add_error("valid_from", _("The agreement is not in force in that time."))
        except services.AlreadyBound:
            form.add_error("valid_from", _("The agreement covers this point in that time already."))
        else:
            messages.success(request, _("The changes are kept."))
            return redirect("desk:agreement", bound.agreement_id)
    told = {
        "form": form,
        "title": _("Access to “%(point)s”") % {"point": bound.usage_point},
        "lead": _("By agreement %(number)s. Nobody sees the point outside of this time by it.")
        % {"number": bound.agreement},
        "submit": _("Keep the changes"),
        "back": reverse("desk:agreement", args=[bound.agreement_id]),
    }
    return render(request, "desk/form.html", told, status=422 if form.is_bound else 200)


@require_POST
@needs(Right.EDIT_ACCESS)
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take away a binding made by mistake, as if it had never been; the history tells of it."""
    user, at = request_user(request), timezone.now()
    bound = doors.binding(user, pk, at=at)
    services.remove_binding(bound=bound, at=at, by=user)
    messages.success(
        request,
        _("“%(point)s” is taken out of the agreement, past time included.")
        % {"point": bound.usage_point},
    )
    return redirect("desk:agreement", bound.agreement_id)
