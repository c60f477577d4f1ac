"""Lists of orders and of protections."""

from __future__ import annotations

from datetime import datetime

import django_filters
import django_tables2 as tables
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from faza.accounts.models import User
from faza.collection.models import SupplyOrder, SupplyProtection
from faza.collection.orders.rules import State
from faza.contracts import access
from faza.desk.lists import ListTable
from faza.desk.orders import words
from faza.ui import formats


def orders(user: User, *, at: datetime) -> QuerySet[SupplyOrder]:
    """Orders about the points that a person works with."""
    points = access.worked_points_of(user, at=at)
    return SupplyOrder.objects.filter(usage_point__in=points.values("pk")).select_related(
        "usage_point", "asked_by", "made_by", "confirmed_by"
    )


def protections(user: User, *, at: datetime) -> QuerySet[SupplyProtection]:
    """Protections of the points, and of the customers, within reach."""
    points = access.worked_points_of(user, at=at).values("pk")
    customers = access.customers_of(user, at=at).values("pk")
    rows = SupplyProtection.objects.filter(Q(usage_point__in=points) | Q(customer__in=customers))
    return rows.select_related("usage_point", "customer")


class OrderFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(method="by_text", label=gettext_lazy("Point, code, address"))
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("State"), choices=SupplyOrder.State.choices,
        empty_label=gettext_lazy("all"),
    )  # fmt: skip
    deed = django_filters.ChoiceFilter(
        label=gettext_lazy("What"), choices=SupplyOrder.Deed.choices,
        empty_label=gettext_lazy("all"),
    )  # fmt: skip
    ground = django_filters.ChoiceFilter(
        label=gettext_lazy("Ground"), choices=SupplyOrder.Ground.choices,
        empty_label=gettext_lazy("all"),
    )  # fmt: skip

    class Meta:
        model = SupplyOrder
        fields = ()

    def by_text(self, rows: QuerySet[SupplyOrder], name: str, text: str) -> QuerySet[SupplyOrder]:
        text = text.strip()
        return rows.filter(
            Q(usage_point__name__icontains=text)
            | Q(usage_point__address__icontains=text)
            | Q(usage_point__code__startswith=text)
        )


class OrderTable(ListTable):
    point = tables.Column(
        verbose_name=gettext_lazy("Usage point"), accessor="usage_point",
        order_by=("usage_point__name_key", "pk"),
    )  # fmt: skip
    deed = tables.Column(verbose_name=gettext_lazy("What"))
    ground = tables.Column(verbose_name=gettext_lazy("Ground"))
    initiator = tables.Column(verbose_name=gettext_lazy("Initiator"))
    asked_at = tables.Column(
        verbose_name=gettext_lazy("Asked"), attrs={"th": {"class": "n"}, "td": {"class": "n"}}
    )
    not_before = tables.Column(
        verbose_name=gettext_lazy("Not before"), attrs={"th": {"class": "n"}, "td": {"class": "n"}}
    )
    state = tables.Column(verbose_name=gettext_lazy("State"))

    class Meta(ListTable.Meta):
        order_by = ("-asked_at", "pk")

    def render_point(self, record: SupplyOrder) -> SafeString:
        url = reverse("desk:order", args=[record.pk])
        point = record.usage_point
        return format_html(
            '<a href="{}">{}</a> <span class="t3">{}</span>', url, point.name, point.address
        )

    def value_point(self, record: SupplyOrder) -> str:
        return record.usage_point.code

    def render_deed(self, record: SupplyOrder) -> str:
        return record.get_deed_display()

    def render_state(self, record: SupplyOrder) -> SafeString:
        css = words.CSS[State(record.state)]
        return format_html('<span class="tag {}">{}</span>', css, record.get_state_display())

    def value_state(self, record: SupplyOrder) -> str:
        return record.get_state_display()

    def render_asked_at(self, value: datetime) -> str:
        return formats.moment(value, timezone.get_current_timezone())

    def value_asked_at(self, value: datetime) -> datetime:
        return value

    def render_not_before(self, value: datetime) -> str:
        return formats.moment(value, timezone.get_current_timezone())

    def value_not_before(self, value: datetime) -> datetime:
        return value


class ProtectionFilter(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(
        label=gettext_lazy("Why"), choices=SupplyProtection.Kind.choices,
        empty_label=gettext_lazy("all"),
    )  # fmt: skip
    state = django_filters.ChoiceFilter(
        method="by_state", label=gettext_lazy("State"), empty_label=gettext_lazy("all"),
        choices=[("now", gettext_lazy("in force")), ("ended", gettext_lazy("ended"))],
    )  # fmt: skip

    class Meta:
        model = SupplyProtection
        fields = ()

    def by_state(
        self, rows: QuerySet[SupplyProtection], name: str, state: str
    ) -> QuerySet[SupplyProtection]:
        ended = Q(valid_to__lte=timezone.now())
        return rows.filter(ended) if state == "ended" else rows.exclude(ended)


class ProtectionTable(ListTable):
    what = tables.Column(
        verbose_name=gettext_lazy("Point or customer"), empty_values=(), orderable=False
    )
    kind = tables.Column(verbose_name=gettext_lazy("Why"))
    ground = tables.Column(verbose_name=gettext_lazy("By which paper"))
    valid_from = tables.DateTimeColumn(verbose_name=gettext_lazy("From"), format="d.m.Y")
    valid_to = tables.DateTimeColumn(
        verbose_name=gettext_lazy("Ended"), format="d.m.Y", default="—"
    )
    end = tables.Column(verbose_name="", empty_values=(), orderable=False, exclude_from_export=True)

    class Meta(ListTable.Meta):
        order_by = ("-valid_from", "pk")

    def render_what(self, record: SupplyProtection) -> SafeString:
        if record.usage_point is not None:
            url = reverse("desk:point", args=[record.usage_point.code])
            return format_html('<a href="{}">{}</a>', url, record.usage_point.name)
        url = reverse("desk:customer", args=[record.customer_id])
        return format_html('<a href="{}">{}</a>', url, record.customer)

    def value_what(self, record: SupplyProtection) -> str:
        return record.usage_point.code if record.usage_point else str(record.customer)

    def render_end(self, record: SupplyProtection) -> SafeString | str:
        if record.valid_to is not None and record.valid_to <= timezone.now():
            return ""
        url = reverse("desk:protection-end", args=[record.pk])
        return format_html(
            '<button class="btn btn-s" type="submit" formaction="{}">{}</button>',
            url, gettext_lazy("End"),
        )  # fmt: skip

    def value_valid_from(self, value: datetime) -> datetime:
        return value

    def value_valid_to(self, value: datetime) -> datetime:
        return value
