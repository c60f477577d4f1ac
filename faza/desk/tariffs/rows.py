"""The list of tariffs: what it asks the database, its filters and table."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import Count, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from faza.contracts.models import CustomerAgreement
from faza.desk.customers.rows import SEARCH
from faza.desk.lists import ListTable
from faza.tariffs.models import Price, Tariff
from faza.tariffs.queries import normatives
from faza.tariffs.rules import book
from faza.tariffs.rules.normative import NormativeRow
from faza.ui import formats

LEVELS = {
    "HV": pgettext_lazy("voltage level", "HV"),
    "MV1": pgettext_lazy("voltage level", "MV1"),
    "MV2": pgettext_lazy("voltage level", "MV2"),
    "LV": pgettext_lazy("voltage level", "LV"),
}
NUMBERS = {"th": {"class": "n"}, "td": {"class": "n"}}


def tariffs(*, today: date, at: datetime) -> QuerySet[Tariff]:
    """Tariffs with since when their energy is priced, the next change, and agreements in force."""
    agreements = CustomerAgreement.objects.valid_at(at).filter(tariff=OuterRef("pk"))
    counted = agreements.order_by().values("tariff").annotate(n=Count("pk")).values("n")
    past = Q(prices__valid_from__lte=today) & ~Q(prices__component=book.EXPORT)
    return Tariff.objects.annotate(
        priced_since=Max("prices__valid_from", filter=past),
        next_change=Min("prices__valid_from", filter=Q(prices__valid_from__gt=today)),
        has_examples=Max("prices__id", filter=Q(prices__is_example=True)),
        n_agreements=Coalesce(Subquery(counted), 0),
    )


@dataclass(frozen=True, slots=True)
class Group:
    """A group of dwellings: its tables by date, the latest first, each with its state."""

    code: str
    name: str
    tables: tuple[tuple[date, str, tuple[NormativeRow, ...]], ...]


def groups(*, today: date) -> list[Group]:
    """All groups of dwellings with their normatives; a table is coming, now or past. One query."""
    found = []
    for code, dated in normatives().items():
        days = sorted({row.valid_from for row in dated}, reverse=True)
        now = next((day for day in days if day <= today), None)
        tables = tuple(
            (
                day,
                "coming" if day > today else "now" if day == now else "",
                tuple(row for row in dated if row.valid_from == day),
            )
            for day in days
        )
        found.append(Group(code, dated[0].group_name, tables))
    return found


class TariffFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(method="search", label=_("Code or name"), widget=SEARCH)
    kind = django_filters.ChoiceFilter(
        choices=Tariff.Kind.choices, label=pgettext_lazy("tariff", "For whom")
    )

    class Meta:
        model = Tariff
        fields = ("q", "kind")

    def search(self, rows: Any, name: str, value: str) -> Any:
        part = re.escape(value)
        return rows.filter(Q(code__iregex=part) | Q(name__iregex=part))


class TariffTable(ListTable):
    code = tables.Column(verbose_name=_("Code"), attrs={"td": {"class": "mono nw"}})
    name = tables.Column(verbose_name=_("Tariff"))
    kind = tables.Column(
        verbose_name=pgettext_lazy("tariff", "For whom"), attrs={"td": {"class": "nw"}}
    )
    zones_count = tables.Column(verbose_name=_("Zones"), attrs=NUMBERS)
    priced_since = tables.Column(verbose_name=_("Prices since"), attrs=NUMBERS)
    next_change = tables.Column(verbose_name=_("Next change"), attrs=NUMBERS)
    n_agreements = tables.Column(verbose_name=_("Agreements in force"), attrs=NUMBERS)

    class Meta(ListTable.Meta):
        model = Tariff
        fields = (
            *("code", "name", "kind", "zones_count", "priced_since", "next_change"),
            "n_agreements",
        )
        order_by = "code"

    def render_name(self, record: Tariff) -> SafeString:
        mark = ""
        if record.has_examples:  # type: ignore[attr-defined]
            mark = format_html(' <span class="tag">{}</span>', gettext("example"))
        return format_html(
            '<a href="{}">{}</a>{}', reverse("desk:tariff", args=[record.pk]), record.name, mark
        )

    def value_name(self, record: Tariff) -> str:
        return record.name

    def render_kind(self, record: Tariff) -> str:
        return kind_words(record)

    def value_kind(self, record: Tariff) -> str:
        return kind_words(record)

    def render_priced_since(self, value: date) -> str:
        return formats.day(value)

    def render_next_change(self, value: date) -> str:
        return formats.day(value)


def kind_words(tariff: Tariff) -> str:
    """«business · category 3 · LV»."""
    parts = [tariff.get_kind_display()]
    if tariff.category:
        parts.append(gettext("category %(number)s") % {"number": tariff.category})
    if tariff.voltage_level:
        parts.append(str(LEVELS[tariff.voltage_level]))
    return " · ".join(parts)


def unpriced(*, today: date) -> int:
    """Tariffs of agreements that have no price today."""
    priced = Price.objects.filter(valid_from__lte=today).values("tariff")
    used = CustomerAgreement.objects.exclude(tariff=None).values("tariff")
    return Tariff.objects.filter(pk__in=used).exclude(pk__in=priced).count()
