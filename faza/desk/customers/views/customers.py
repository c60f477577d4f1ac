"""Customers: the list, the card, who reads for them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from faza.accounts.models import User
from faza.audit import queries as trail
from faza.audit import services as audit
from faza.contracts import access, services
from faza.contracts.models import Customer, CustomerMember
from faza.contracts.permissions import Right
from faza.desk import lists
from faza.desk.customers import cards, doors, rows
from faza.desk.customers.forms import AdmitForm, CustomerForm, EndForm
from faza.desk.doors import needs
from faza.desk.lists import request_user


@require_safe
@needs(Right.SEE_SUBSCRIBERS)
def listing(request: HttpRequest) -> HttpResponse:
    """Customers within reach."""
    user, at = request_user(request), timezone.now()
    listed = lists.shown(
        request,
        rows.customers(user, at=at),
        table=rows.CustomerTable,
        filters=rows.CustomerFilter,
        name="customers",
    )
    file = lists.exported(request, listed, title=_("Customers"), personal=True)
    return file or render(request, "desk/customers/customers.html", {"listed": listed})


@require_safe
@needs(Right.SEE_SUBSCRIBERS)
def card(request: HttpRequest, pk: int) -> HttpResponse:
    """A customer with agreements, users and history; that somebody looked is written down."""
    user, at = request_user(request), timezone.now()
    customer = doors.customer(user, pk, at=at)
    audit.note("contracts.card.viewed", of=customer, by=user, at=at)
    return render(request, "desk/customers/customer.html", _card(user, customer))


def _card(user: User, customer: Customer, admit: AdmitForm | None = None) -> dict[str, Any]:
    at = timezone.now()
    members = cards.members_of(customer, at=at)
    return {
        "customer": customer,
        "agreements": cards.agreements_of(user, customer, at=at),
        "members": members,
        "deeds": trail.history_of(customer, *(one.row for one in members)),
        "admit": admit or AdmitForm(
            people=access.people_of(user, at=at), initial={"valid_from": at}
        ),
    }  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.EDIT_CUSTOMERS)
def add(request: HttpRequest) -> HttpResponse:
    """A new customer; the address may name an application, which the form then begins with."""
    user, at = request_user(request), timezone.now()
    asked = doors.application(request, user, at=at)
    form = CustomerForm(request.POST or None, initial=cards.applied(asked) if asked else {})
    if request.method == "POST" and form.is_valid():
        made = services.add_customer(Customer(**form.cleaned_data), at=at, by=user)
        messages.success(request, _("The customer was added."))
        if asked is None:
            return redirect("desk:customer", made.pk)
        # The application goes along to the agreement, whose number stands in it.
        onward = reverse("desk:agreement-add", args=[made.pk])
        return redirect(f"{onward}?application={asked.pk}")
    told = {
        "form": form,
        "title": _("New customer"),
        "lead": _("An agreement and its points come after."),
        "submit": _("Add the customer"),
        "back": reverse("desk:request", args=[asked.pk]) if asked else reverse("desk:customers"),
    }
    return render(request, "desk/form.html", told, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.EDIT_CUSTOMERS)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a customer; what was stays in the history."""
    user, at = request_user(request), timezone.now()
    customer = doors.customer(user, pk, at=at)
    name = customer.name
    form = CustomerForm(request.POST or None, instance=customer)
    if request.method == "POST" and form.is_valid():
        services.change_customer(customer=customer, fields=dict(form.cleaned_data), at=at, by=user)
        messages.success(request, _("The changes are kept."))
        return redirect("desk:customer", pk)
    told = {
        "form": form,
        "title": _("Customer: %(name)s") % {"name": name},
        "lead": _("What was before stays in the history of the customer."),
        "submit": _("Keep the changes"),
        "back": reverse("desk:customer", args=[pk]),
    }
    return render(request, "desk/form.html", told, status=422 if form.is_bound else 200)


@require_POST
@needs(Right.EDIT_ACCESS)
def admit(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a user of the cabinet read for a customer."""
    user, at = request_user(request), timezone.now()
    customer = doors.customer(user, pk, at=at)
    form = AdmitForm(request.POST, people=access.people_of(user, at=at))
    if form.is_valid():
        told = form.cleaned_data
        try:
            services.admit_member(
                user=told["email"],
                customer=customer,
                valid_from=told["valid_from"],
                valid_to=told["valid_to"],
                at=at,
                by=user,
            )
        except services.AlreadyMember:
            form.add_error("email", _("This user reads for the customer in that time already."))
        else:
            messages.success(request, _("The user may read for this customer now."))
            return redirect("desk:customer", pk)
    return render(request, "desk/customers/customer.html", _card(user, customer, form), status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.EDIT_ACCESS)
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    """End a membership with a day."""
    user, at = request_user(request), timezone.now()
    member = doors.member(user, pk, at=at)
    form = EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _dismissed(member, form, user):
        messages.success(request, _("The user's access ends with that day."))
        return redirect("desk:customer", member.customer_id)
    told = {
        "form": form,
        "title": _("End the access of %(name)s") % {"name": member.user},
        "lead": _("The person no longer reads for “%(customer)s”, past time included.")
        % {"customer": member.customer},
        "submit": _("End the access"),
        "back": reverse("desk:customer", args=[member.customer_id]),
    }
    return render(request, "desk/form.html", told, status=422 if form.is_bound else 200)


def _dismissed(member: CustomerMember, form: EndForm, by: User) -> bool:
    last = form.cleaned_data["last_day"]
    try:
        services.dismiss_member(member=member, valid_to=last, at=timezone.now(), by=by)
    except services.AlreadyEnded:
        form.add_error("last_day", _("The access ended before, or had not begun by then."))
        return False
    return True
