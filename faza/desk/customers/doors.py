"""Objects of this area by their number, or a 404 where the person does not reach them."""

from __future__ import annotations

from datetime import datetime

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from faza.accounts.models import User
from faza.contracts import access
from faza.contracts.models import (
    AgreementPoint,
    Application,
    Customer,
    CustomerAgreement,
    CustomerMember,
)
from faza.contracts.permissions import Right, may


def customer(user: User, pk: int, *, at: datetime) -> Customer:
    return get_object_or_404(access.customers_of(user, at=at), pk=pk)


def agreement(user: User, pk: int, *, at: datetime) -> CustomerAgreement:
    within_reach = access.agreements_of(user, at=at)
    return get_object_or_404(within_reach.select_related("customer", "supplier", "tariff"), pk=pk)


def application(request: HttpRequest, user: User, *, at: datetime) -> Application | None:
    """The application that the address names (`?application=7`); None where it names none."""
    told = request.GET.get("application", "")
    if not told or not may(user, Right.DECIDE_APPLICATIONS):
        return None
    if not (told.isascii() and told.isdecimal() and len(told) < 19):
        raise Http404("no such application")
    return get_object_or_404(access.applications_of(user, at=at), pk=int(told))


def binding(user: User, pk: int, *, at: datetime) -> AgreementPoint:
    """A cover of a point that the person works with, by an agreement within reach."""
    mine = AgreementPoint.objects.filter(
        agreement__in=access.agreements_of(user, at=at).values("id"),
        usage_point__in=access.worked_points_of(user, at=at).values("id"),
    )
    return get_object_or_404(mine.select_related("agreement", "usage_point"), pk=pk)


def member(user: User, pk: int, *, at: datetime) -> CustomerMember:
    mine = CustomerMember.objects.filter(customer__in=access.customers_of(user, at=at).values("id"))
    return get_object_or_404(mine.select_related("customer", "user"), pk=pk)
