"""Lists of rules of entry and of exceptions by date."""

from __future__ import annotations

from datetime import datetime

import django_filters
import django_tables2 as tables
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from faza.contracts.models import Customer
from faza.desk.lists import ListTable
from faza.desk.windows import words
from faza.manual_entry.models import EntryException, EntryRule
from faza.ui import formats

WIDE = {"th": {"class": "wide-only"}, "td": {"class": "wide-only"}}
SCOPES = {
    "everywhere": Q(node=None, agreement=None, usage_point=None),
    "area": Q(node__isnull=False),
    "agreement": Q(agreement__isnull=False),
    "point": Q(usage_point__isnull=False),
}


class PlaceFilter(django_filters.FilterSet):
    """What rules and exceptions are both looked for by."""

    q = django_filters.CharFilter(method="by_text", label=gettext_lazy("Place, code, agreement"))
    scope = django_filters.ChoiceFilter(
        method="by_scope", label=pgettext_lazy("rule", "Of what"), empty_label=gettext_lazy("all"),
        choices=list(words.SCOPES.items()),
    )  # fmt: skip

    class Meta:
        fields = ()

    def by_text(self, rows: QuerySet[EntryRule], name: str, text: str) -> QuerySet[EntryRule]:
        text = text.strip()
        return rows.filter(
            Q(node__name__icontains=text)
            | Q(node__code=text)
            | Q(agreement__number__icontains=text)
            | Q(agreement__customer__name__icontains=text)
            | Q(usage_point__name__icontains=text)
            | Q(usage_point__code__startswith=text)
        )

    def by_scope(self, rows: QuerySet[EntryRule], name: str, scope: str) -> QuerySet[EntryRule]:
        return rows.filter(SCOPES[scope])


class RuleFilter(PlaceFilter):
    group = django_filters.ChoiceFilter(
        label=gettext_lazy("Customers"), empty_label=gettext_lazy("all"),
        choices=Customer.Kind.choices,
    )  # fmt: skip
    approves = django_filters.ChoiceFilter(
        method="by_approval", label=gettext_lazy("Approval by rule"),
        empty_label=gettext_lazy("any"),
        choices=[("on", pgettext_lazy("rule", "on")), ("off", pgettext_lazy("rule", "off"))],
    )  # fmt: skip

    class Meta:
        model = EntryRule
        fields = ()

    def by_approval(self, rows: QuerySet[EntryRule], name: str, asked: str) -> QuerySet[EntryRule]:
        return rows.filter(approves=asked == "on")


class RuleTable(ListTable):
    place = tables.Column(
        verbose_name=pgettext_lazy("entry", "Place"), empty_values=(), order_by=(
            "usage_point__name_key", "agreement__number_key", "node__path", "pk",
        ),
    )  # fmt: skip
    group = tables.Column(verbose_name=gettext_lazy("Customers"), empty_values=())
    days = tables.Column(
        verbose_name=gettext_lazy("Days of the month"), accessor="first_day", order_by="first_day"
    )
    every = tables.Column(verbose_name=gettext_lazy("How often"))
    next = tables.Column(
        verbose_name=gettext_lazy("Open or next"), empty_values=(), orderable=False
    )
    silent_days = tables.Column(
        verbose_name=gettext_lazy("Opens by itself"), empty_values=(), attrs=WIDE
    )
    registers = tables.Column(
        verbose_name=gettext_lazy("Registers"), empty_values=(), orderable=False, attrs=WIDE
    )
    wants_photo = tables.Column(verbose_name=gettext_lazy("Photo"))
    approves = tables.Column(verbose_name=gettext_lazy("Approval by rule"))

    class Meta(ListTable.Meta):
        order_by = ("place",)

    def render_place(self, record: EntryRule) -> SafeString:
        url = reverse("desk:window-rule", args=[record.pk])
        return format_html('<a href="{}">{}</a>', url, words.place_of(record))

    def value_place(self, record: EntryRule) -> str:
        return words.place_of(record)

    def render_group(self, record: EntryRule) -> str:
        return words.group_of(record) or _("all")

    def render_days(self, record: EntryRule) -> str:
        if not record.is_allowed:
            return _("no entry")
        return words.days_of(record.first_day, record.last_day)

    def render_every(self, record: EntryRule) -> str:
        return str(words.EVERY[record.every]) if record.is_allowed else "—"

    def render_next(self, record: EntryRule) -> SafeString:
        at = timezone.now()
        window = words.next_window(record, at)
        css = "good" if window is not None and window.start <= at else "t2"
        return format_html('<span class="nw tn {}">{}</span>', css, words.window_words(window))

    def value_next(self, record: EntryRule) -> str:
        return words.window_words(words.next_window(record, timezone.now()))

    def render_silent_days(self, record: EntryRule) -> str:
        return words.silent_of(record.silent_days)

    def render_registers(self, record: EntryRule) -> str:
        return words.registers_of(record.registers)

    def render_wants_photo(self, value: bool) -> str:
        return _("wanted") if value else _("if there is one")

    def render_approves(self, record: EntryRule) -> SafeString:
        if not record.approves:
            return format_html('<span class="t3">{}</span>', _("off"))
        by = record.approves_by.full_name if record.approves_by else ""
        return format_html('<span class="tag warn">{}</span> <span class="t3">{}</span>',
                           _("on"), by)  # fmt: skip

    def value_approves(self, record: EntryRule) -> str:
        if not record.approves:
            return _("off")
        return ", ".join([_("on"), *([record.approves_by.full_name] if record.approves_by else [])])


class ExceptionFilter(PlaceFilter):
    """Without a choice: those that hold or are to come."""

    when = django_filters.ChoiceFilter(
        method="by_time", label=gettext_lazy("When"),
        empty_label=pgettext_lazy("exceptions", "now and to come"),
        choices=[("over", pgettext_lazy("exceptions", "over")), ("all", gettext_lazy("all"))],
    )  # fmt: skip
    deed = django_filters.ChoiceFilter(
        method="by_deed", label=pgettext_lazy("exception", "What"), empty_label=gettext_lazy("all"),
        choices=[("open", pgettext_lazy("entry", "opened")),
                 ("closed", pgettext_lazy("entry", "closed"))],
    )  # fmt: skip

    class Meta:
        model = EntryException
        fields = ()

    def filter_queryset(self, queryset: QuerySet[EntryException]) -> QuerySet[EntryException]:
        rows: QuerySet[EntryException] = super().filter_queryset(queryset)
        if not self.form.cleaned_data.get("when"):
            rows = rows.filter(ends_at__gt=timezone.now())
        return rows

    def by_time(
        self, rows: QuerySet[EntryException], name: str, asked: str
    ) -> QuerySet[EntryException]:
        return rows.filter(ends_at__lte=timezone.now()) if asked == "over" else rows

    def by_deed(
        self, rows: QuerySet[EntryException], name: str, asked: str
    ) -> QuerySet[EntryException]:
        return rows.filter(is_open=asked == "open")


class ExceptionTable(ListTable):
    place = tables.Column(
        verbose_name=pgettext_lazy("entry", "Place"), empty_values=(), order_by=(
            "usage_point__name_key", "agreement__number_key", "node__path", "pk",
        ),
    )  # fmt: skip
    is_open = tables.Column(verbose_name=pgettext_lazy("exception", "What"))
    starts_at = tables.Column(verbose_name=pgettext_lazy("exception", "From"))
    ends_at = tables.Column(verbose_name=pgettext_lazy("exception", "Until"))
    reason = tables.Column(verbose_name=gettext_lazy("Reason"), orderable=False)
    made_by = tables.Column(
        verbose_name=pgettext_lazy("exception", "Made by"), accessor="made_by__full_name"
    )
    end = tables.Column(verbose_name="", empty_values=(), orderable=False, exclude_from_export=True)

    class Meta(ListTable.Meta):
        order_by = ("starts_at",)

    def render_place(self, record: EntryException) -> str:
        return words.place_of(record)

    def render_is_open(self, value: bool) -> SafeString:
        css, said = ("good", _("opened")) if value else ("bad", _("closed"))
        return format_html('<span class="tag {}">{}</span>', css, said)

    def value_is_open(self, value: bool) -> str:
        return _("opened") if value else _("closed")

    def render_starts_at(self, value: datetime) -> str:
        return formats.moment(value, timezone.get_current_timezone())

    def value_starts_at(self, value: datetime) -> datetime:
        return value

    def render_ends_at(self, value: datetime) -> str:
        return formats.moment(value, timezone.get_current_timezone())

    def value_ends_at(self, value: datetime) -> datetime:
        return value

    def render_end(self, record: EntryException) -> SafeString | str:
        if record.ends_at <= timezone.now():
            return ""
        url = reverse("desk:window-exception", args=[record.pk])
        return format_html('<a class="btn btn-s btn-q" href="{}">{}</a>', url, _("End…"))
