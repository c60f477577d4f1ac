"""What the lists of customers and agreements ask the database, their filters and tables."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import django_filters
import django_tables2 as tables
from django import forms
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from faza.accounts.models import User
from faza.contracts import access
from faza.contracts.models import AgreementPoint, Customer, CustomerAgreement, CustomerMember
from faza.desk.dates import last_day
from faza.desk.lists import ChoiceColumn, ListTable
from faza.ui import formats

STATES = [("standing", _("in force")), ("coming", _("not yet in force")), ("ended", _("ended"))]
NUMBERS = {"th": {"class": "n"}, "td": {"class": "n"}}
SEARCH = forms.TextInput(attrs={"type": "search"})


def customers(user: User, *, at: datetime) -> QuerySet[Customer]:
    """Customers within reach, with how many agreements in force and users each has."""
    agreements = CustomerAgreement.objects.valid_at(at).filter(customer=OuterRef("pk"))
    members = CustomerMember.objects.valid_at(at).filter(customer=OuterRef("pk"))
    return access.customers_of(user, at=at).annotate(
        n_agreements=_counted(agreements, "customer"), n_users=_counted(members, "customer")
    )


def agreements(user: User, *, at: datetime) -> QuerySet[CustomerAgreement]:
    """Agreements within reach, with how many points each covers."""
    points = AgreementPoint.objects.valid_at(at).filter(agreement=OuterRef("pk"))
    return (
        access.agreements_of(user, at=at)
        .select_related("customer", "supplier", "tariff")
        .annotate(n_points=_counted(points, "agreement"))
    )


def _counted(rows: QuerySet[Any], by: str) -> Coalesce:
    counted = rows.order_by().values(by).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


class CustomerFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        method="search", label=_("Name, taxpayer number, address"), widget=SEARCH
    )
    kind = django_filters.ChoiceFilter(choices=Customer.Kind.choices, label=_("Kind"))

    class Meta:
        model = Customer
        fields = ("q", "kind")

    def search(self, rows: Any, name: str, value: str) -> Any:
        # Not icontains: SQLite's LIKE knows only Latin letters in both cases.
        part = re.escape(value)
        told = Q(name__iregex=part) | Q(inn__startswith=value)
        return rows.filter(told | Q(actual_address__iregex=part) | Q(legal_address__iregex=part))


class AgreementFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(method="search", label=_("Number or customer"), widget=SEARCH)
    kind = django_filters.ChoiceFilter(choices=CustomerAgreement.Kind.choices, label=_("Kind"))
    state = django_filters.ChoiceFilter(method="in_state", choices=STATES, label=_("State"))
    points = django_filters.ChoiceFilter(
        method="with_points",
        choices=[("none", _("none")), ("some", _("some"))],
        label=_("Usage points"),
    )

    class Meta:
        model = CustomerAgreement
        fields = ("q", "kind", "state", "points")

    def search(self, rows: Any, name: str, value: str) -> Any:
        part = re.escape(value)
        return rows.filter(Q(number__iregex=part) | Q(customer__name__iregex=part))

    def in_state(self, rows: Any, name: str, value: str) -> Any:
        now = timezone.now()
        if value == "coming":
            return rows.filter(valid_from__gt=now)
        return rows.filter(valid_to__lte=now) if value == "ended" else rows.valid_at(now)

    def with_points(self, rows: Any, name: str, value: str) -> Any:
        return rows.filter(n_points=0) if value == "none" else rows.filter(n_points__gt=0)


class CustomerTable(ListTable):
    name = tables.Column(verbose_name=_("Customer"))
    kind = tables.Column(verbose_name=_("Kind"))
    inn = tables.Column(verbose_name=_("Taxpayer number"), attrs={"td": {"class": "mono"}})
    actual_address = tables.Column(verbose_name=_("Address"))
    n_agreements = tables.Column(verbose_name=_("Agreements in force"), attrs=NUMBERS)
    n_users = tables.Column(verbose_name=_("Users"), attrs=NUMBERS)

    class Meta(ListTable.Meta):
        model = Customer
        fields = ("name", "kind", "inn", "actual_address", "n_agreements", "n_users")
        order_by = "name"

    def render_name(self, record: Customer) -> SafeString:
        return _link("desk:customer", record.pk, record.name)

    def render_kind(self, record: Customer) -> str:
        return record.get_kind_display()

    def value_kind(self, record: Customer) -> str:
        return record.get_kind_display()

    def value_name(self, record: Customer) -> str:
        return record.name


class AgreementTable(ListTable):
    chosen = ChoiceColumn()
    number = tables.Column(verbose_name=_("Number"), attrs={"td": {"class": "nw"}})
    customer = tables.Column(verbose_name=_("Customer"), order_by="customer__name")
    kind = tables.Column(verbose_name=_("Kind"))
    supplier = tables.Column(verbose_name=_("Supplier"), order_by="supplier__name")
    tariff = tables.Column(verbose_name=_("Tariff"), order_by="tariff__code")
    valid_from = tables.Column(verbose_name=_("In force from"), attrs=NUMBERS)
    valid_to = tables.Column(verbose_name=pgettext_lazy("last day", "to"), attrs=NUMBERS)
    n_points = tables.Column(verbose_name=_("Points"), attrs=NUMBERS)

    class Meta(ListTable.Meta):
        model = CustomerAgreement
        fields = (
            *("chosen", "number", "customer", "kind", "supplier", "tariff"),
            *("valid_from", "valid_to", "n_points"),
        )
        order_by = "number"

    def render_number(self, record: CustomerAgreement) -> SafeString:
        return _link("desk:agreement", record.pk, record.number)

    def value_number(self, record: CustomerAgreement) -> str:
        return record.number

    def render_customer(self, record: CustomerAgreement) -> SafeString:
        return _link("desk:customer", record.customer_id, record.customer.name)

    def value_customer(self, record: CustomerAgreement) -> str:
        return record.customer.name

    def render_kind(self, record: CustomerAgreement) -> str:
        return record.get_kind_display()

    def value_kind(self, record: CustomerAgreement) -> str:
        return record.get_kind_display()

    def render_tariff(self, record: CustomerAgreement) -> str:
        return record.tariff.code if record.tariff else ""

    def value_tariff(self, record: CustomerAgreement) -> str:
        return record.tariff.code if record.tariff else ""

    def render_valid_from(self, value: datetime) -> str:
        return formats.day(timezone.localtime(value))

    def value_valid_from(self, value: datetime) -> Any:
        return timezone.localtime(value).date()

    def render_valid_to(self, value: datetime) -> str:
        return formats.day(last_day(value))

    def value_valid_to(self, value: datetime) -> Any:
        return last_day(value)


def _link(name: str, key: object, words: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', reverse(name, args=[key]), words)


def state_of(start: datetime, end: datetime | None, *, at: datetime) -> tuple[str, str]:
    """(css, words) of what holds for a stretch of time."""
    if start > at:
        return "info", gettext("not yet in force")
    if end is not None and end <= at:
        return "", gettext("ended")
    return "good", gettext("in force")
