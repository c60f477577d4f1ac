"""The list of cases."""

from __future__ import annotations

from datetime import datetime

import django_filters
import django_tables2 as tables
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy, pgettext_lazy

from faza.accounts.models import User
from faza.cases import queries, words
from faza.cases.models import Case
from faza.cases.rules import WAITING, State
from faza.desk.cases.words import CSS
from faza.desk.lists import ListTable, request_user
from faza.ui import formats

NUMBER = {"th": {"class": "n"}, "td": {"class": "n"}}
WAITS, LATE = "waiting", "overdue"


def cases(user: User, *, at: datetime) -> QuerySet[Case]:
    """The cases within reach, with what a row tells."""
    return queries.desk_cases(user, at=at).select_related(
        "usage_point", "customer", "asked_by", "assigned_to"
    )


class CaseFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        method="by_text", label=gettext_lazy("Number, point, code, address, customer")
    )
    state = django_filters.ChoiceFilter(
        method="by_state", label=gettext_lazy("State"), empty_label=gettext_lazy("all"),
        choices=[
            (WAITS, pgettext_lazy("cases", "wait for an answer")),
            (LATE, pgettext_lazy("cases", "overdue")),
            *Case.State.choices,
        ],
    )  # fmt: skip
    subject = django_filters.ChoiceFilter(
        label=pgettext_lazy("case", "About"), choices=Case.Subject.choices,
        empty_label=gettext_lazy("all"),
    )  # fmt: skip
    who = django_filters.ChoiceFilter(
        method="by_who", label=gettext_lazy("In whose hands"), empty_label=gettext_lazy("all"),
        choices=[
            ("mine", pgettext_lazy("cases", "in mine")),
            ("nobody", pgettext_lazy("cases", "in nobody's")),
        ],
    )  # fmt: skip

    class Meta:
        model = Case
        fields = ()

    def by_text(self, rows: QuerySet[Case], name: str, text: str) -> QuerySet[Case]:
        text = text.strip().removeprefix("№").strip()
        told = (
            Q(usage_point__name__icontains=text)
            | Q(usage_point__address__icontains=text)
            | Q(usage_point__code__startswith=text)
            | Q(customer__name__icontains=text)
        )
        if text.isascii() and text.isdecimal() and len(text) < 19:
            told |= Q(pk=int(text))
        return rows.filter(told)

    def by_state(self, rows: QuerySet[Case], name: str, state: str) -> QuerySet[Case]:
        if state == WAITS:
            return rows.filter(state__in=WAITING)
        if state == LATE:
            return rows.filter(state__in=WAITING, due_at__lte=timezone.now())
        return rows.filter(state=state)

    def by_who(self, rows: QuerySet[Case], name: str, who: str) -> QuerySet[Case]:
        if who == "nobody":
            return rows.filter(assigned_to=None)
        return rows.filter(assigned_to=request_user(self.request))


class CaseTable(ListTable):
    number = tables.Column(
        verbose_name=gettext_lazy("Case"), accessor="pk", order_by=("pk",),
    )  # fmt: skip
    subject = tables.Column(verbose_name=pgettext_lazy("case", "About"))
    point = tables.Column(
        verbose_name=gettext_lazy("Usage point"), accessor="usage_point",
        order_by=("usage_point__name_key", "pk"),
    )  # fmt: skip
    stretch = tables.Column(
        verbose_name=gettext_lazy("Time"), accessor="start", order_by=("start", "pk")
    )
    customer = tables.Column(
        verbose_name=gettext_lazy("Customer"), order_by=("customer__name", "pk")
    )
    asked_at = tables.Column(verbose_name=pgettext_lazy("case", "Asked"), attrs=NUMBER)
    due_at = tables.Column(verbose_name=gettext_lazy("Due"), attrs=NUMBER)
    assigned_to = tables.Column(
        verbose_name=gettext_lazy("In whose hands"), order_by=("assigned_to__full_name", "pk")
    )
    state = tables.Column(verbose_name=gettext_lazy("State"))

    class Meta(ListTable.Meta):
        order_by = ("-asked_at",)

    def render_number(self, record: Case) -> SafeString:
        url = reverse("desk:case", args=[record.pk])
        return format_html('<a class="nw" href="{}">№ {}</a>', url, formats.number(record.pk))

    def value_number(self, record: Case) -> int:
        return record.pk

    def render_subject(self, record: Case) -> str:
        return record.get_subject_display()

    def render_point(self, record: Case) -> SafeString:
        point = record.usage_point
        url = reverse("desk:point", args=[point.code])
        return format_html(
            '<a href="{}">{}</a> <span class="t3">{}</span>', url, point.name, point.address
        )

    def value_point(self, record: Case) -> str:
        return record.usage_point.code

    def render_stretch(self, record: Case) -> SafeString:
        told = words.stretch(record)
        return format_html('{} <span class="t3">{}</span>', told, record.channel)

    def value_stretch(self, record: Case) -> str:
        return f"{words.stretch(record)} {record.channel}".strip()

    def render_customer(self, record: Case) -> str:
        return record.customer.name if record.customer else "—"

    def render_asked_at(self, value: datetime) -> str:
        return formats.moment(value, timezone.get_current_timezone())

    def value_asked_at(self, value: datetime) -> datetime:
        return value

    def render_due_at(self, record: Case) -> SafeString:
        is_late = record.is_overdue(timezone.now())
        told = formats.day(record.due_on)
        return format_html('<span class="{}">{}</span>', "bad" if is_late else "", told)

    def value_due_at(self, record: Case) -> object:
        return record.due_on

    def render_assigned_to(self, record: Case) -> str:
        return record.assigned_to.full_name if record.assigned_to else "—"

    def render_state(self, record: Case) -> SafeString:
        css = CSS[State(record.state)]
        return format_html('<span class="tag {}">{}</span>', css, record.get_state_display())

    def value_state(self, record: Case) -> str:
        return record.get_state_display()
