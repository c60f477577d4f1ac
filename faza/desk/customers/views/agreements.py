"""Agreements: the list, the card, what changes in them, ending many at once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from faza.accounts.models import User
from faza.audit import queries as trail
from faza.charges import dwellings
from faza.contracts import access, services
from faza.contracts.models import Customer, CustomerAgreement
from faza.contracts.permissions import Right
from faza.desk import lists
from faza.desk.customers import cards, doors, rows
from faza.desk.customers.forms import AgreementForm, BindForm, EndForm
from faza.desk.dates import last_day
from faza.desk.doors import needs
from faza.desk.lists import request_user
from faza.tariffs import queries as tariffs
from faza.ui import formats


@require_safe
@needs(Right.SEE_SUBSCRIBERS)
def listing(request: HttpRequest) -> HttpResponse:
    """Agreements within reach."""
    user, at = request_user(request), timezone.now()
    listed = lists.shown(
        request,
        rows.agreements(user, at=at),
        table=rows.AgreementTable,
        filters=rows.AgreementFilter,
        name="agreements",
    )
    file = lists.exported(request, listed, title=_("Agreements"), personal=True)
    return file or render(request, "desk/customers/agreements.html", {"listed": listed})


@require_safe
@needs(Right.SEE_SUBSCRIBERS)
def card(request: HttpRequest, pk: int) -> HttpResponse:
    """An agreement with its points and history."""
    user = request_user(request)
    agreement = doors.agreement(user, pk, at=timezone.now())
    return render(request, "desk/customers/agreement.html", told_of(user, agreement))


def told_of(
    user: User, agreement: CustomerAgreement, bind: BindForm | None = None
) -> dict[str, Any]:
    """What the card of an agreement shows; `bind` is a form that has to be corrected."""
    at = timezone.now()
    points = cards.points_of(user, agreement, at=at)
    css, state = rows.state_of(agreement.valid_from, agreement.valid_to, at=at)
    begins = {"valid_from": max(agreement.valid_from, at) if points else agreement.valid_from}
    return {
        "agreement": agreement,
        "css": css,
        "state": state,
        "until": last_day(agreement.valid_to),
        "points": points,
        "members": cards.members_of(agreement.customer, at=at),
        "deeds": trail.history_of(agreement, *(one.row for one in points)),
        "dwelling": _dwelling(agreement, at),
        "bind": bind or BindForm(points=access.worked_points_of(user, at=at), initial=begins),
    }


def _dwelling(agreement: CustomerAgreement, at: datetime) -> tuple[str, int] | None:
    """The name of a household's group of dwellings and its residents; None where not said."""
    if agreement.kind != CustomerAgreement.Kind.HOUSEHOLD:
        return None
    known = dwellings.said([agreement.pk], timezone.localdate(at)).get(agreement.pk)
    if known is None or not known.group:
        return None
    rows = tariffs.normatives([known.group]).get(known.group)
    return (rows[0].group_name if rows else known.group), known.residents


def _suppliers(user: User, at: datetime) -> QuerySet[Customer]:
    """Organisations that an agreement may name as its supplier; they are no secret of an area."""
    supplying = CustomerAgreement.objects.exclude(supplier=None).values("supplier")
    return Customer.objects.filter(pk__in=supplying) | access.customers_of(user, at=at).exclude(
        kind=Customer.Kind.PERSON
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.EDIT_CUSTOMERS)
def add(request: HttpRequest, customer: int) -> HttpResponse:
    """A new agreement of a customer; the address may name an application, which it is for."""
    user, at = request_user(request), timezone.now()
    of = doors.customer(user, customer, at=at)
    asked = doors.application(request, user, at=at)
    given = {"number": asked.agreement_number if asked else "", "valid_from": at}
    if of.kind == Customer.Kind.PERSON:
        given["kind"] = CustomerAgreement.Kind.HOUSEHOLD
    form = AgreementForm(request.POST or None, suppliers=_suppliers(user, at), initial=given)
    if request.method == "POST" and form.is_valid():
        made = services.sign_agreement(customer=of, at=at, by=user, **form.cleaned_data)
        if asked is not None:
            messages.success(
                request, _("The agreement was added; it stands beside the application.")
            )
            return redirect(f"{reverse('desk:request', args=[asked.pk])}?agreement={made.pk}")
        messages.success(request, _("The agreement was added; bind its usage points."))
        return redirect("desk:agreement", made.pk)
    told = {
        "form": form,
        "title": _("New agreement"),
        "lead": _("Customer: %(name)s") % {"name": of},
        "submit": _("Add the agreement"),
        "back": reverse("desk:customer", args=[of.pk]),
    }
    return render(request, "desk/form.html", told, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.EDIT_CUSTOMERS)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change an agreement; what was stays in the history."""
    user, at = request_user(request), timezone.now()
    agreement = doors.agreement(user, pk, at=at)
    stands = {name: getattr(agreement, name) for name in services.agreements.FIELDS}
    stands["supplier"] = agreement.supplier.inn if agreement.supplier else ""
    form = AgreementForm(request.POST or None, suppliers=_suppliers(user, at), initial=stands)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_agreement(
                agreement=agreement, fields=dict(form.cleaned_data), at=at, by=user
            )
        except services.BreaksBindings as broken:
            told_codes = {"codes": ", ".join(broken.codes[:5])}
            form.add_error(
                None, _("Points are bound to the agreement for other time: %(codes)s.") % told_codes
            )
        else:
            messages.success(request, _("The changes are kept."))
            return redirect("desk:agreement", pk)
    told = {
        "form": form,
        "title": _("Agreement %(number)s") % {"number": agreement.number},
        "lead": _("Whoever reads for the customer sees the points for the time of the agreement."),
        "submit": _("Keep the changes"),
        "back": reverse("desk:agreement", args=[pk]),
    }
    return render(request, "desk/form.html", told, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.EDIT_CUSTOMERS)
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """End an agreement with a day; its time stays readable."""
    user, at = request_user(request), timezone.now()
    agreement = doors.agreement(user, pk, at=at)
    form = EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        last = form.cleaned_data["last_day"]
        try:
            services.close_agreement(agreement=agreement, valid_to=last, at=at, by=user)
        except services.AlreadyEnded:
            form.add_error("last_day", _("The agreement ended before, or had not begun by then."))
        else:
            messages.success(request, _("The agreement ends with that day."))
            return redirect("desk:agreement", pk)
    told = {
        "form": form,
        "title": _("End the agreement %(number)s") % {"number": agreement.number},
        "lead": _("Its users go on reading the time until then, and nothing newer."),
        "submit": _("End the agreement"),
        "back": reverse("desk:agreement", args=[pk]),
    }
    return render(request, "desk/form.html", told, status=422 if form.is_bound else 200)


@require_POST
@needs(Right.EDIT_CUSTOMERS)
def close_many(request: HttpRequest) -> HttpResponse:
    """End several agreements with one day: first what will happen, then the deed."""
    user, at = request_user(request), timezone.now()
    found = list(lists.chosen(request, rows.agreements(user, at=at), rows.AgreementFilter))
    open_ones = [one for one in found if one.valid_to is None and one.valid_from <= at]
    form = EndForm(request.POST if request.POST.get("sure") else None)
    if form.is_bound and form.is_valid():
        last = form.cleaned_data["last_day"]
        done = [one for one in open_ones if one.valid_from < last]
        for one in done:
            services.close_agreement(agreement=one, valid_to=last, at=at, by=user)
        told = ngettext(
            "%(count)s agreement ends with that day.",
            "%(count)s agreements end with that day.",
            len(done),
        )
        messages.success(request, told % {"count": len(done)})
        return redirect("desk:agreements")
    preview = _preview(found, open_ones, form)
    return render(request, "desk/bulk.html", preview, status=422 if form.is_bound else 200)


def _preview(
    found: list[CustomerAgreement], passing: list[CustomerAgreement], form: EndForm
) -> dict[str, Any]:
    will_change = {one.pk for one in passing}
    staying = [
        (
            f"{one.number} · {one.customer}",
            _("has an end already: %(day)s") % {"day": formats.day(last_day(one.valid_to))}
            if one.valid_to
            else _("not yet in force"),
        )
        for one in found
        if one.pk not in will_change
    ]
    return {
        "title": _("End agreements"),
        "lead": _("Nothing is done before you confirm."),
        "effects": [_("Their users go on reading the time until that day, and nothing newer.")],
        "form": form,
        "passing": [f"{one.number} · {one.customer}" for one in passing],
        "staying": staying,
        "confirm": ngettext("End %(count)s agreement", "End %(count)s agreements", len(passing))
        % {"count": len(passing)},
        "action": reverse("desk:agreements-close"),
        "hidden": lists.kept_choice(passing),
        "back": reverse("desk:agreements"),
    }
