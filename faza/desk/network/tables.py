"""Lists of points, meters and transformers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from faza.desk.lists import ChoiceColumn, ListTable
from faza.desk.network import counted
from faza.desk.network.card import state_of
from faza.desk.network.heard import Heard
from faza.metering.models import InstrumentTransformer, Meter, UsagePoint
from faza.ui import formats

NUMBERS = {"th": {"class": "n"}, "td": {"class": "n"}}


class DueColumn(tables.Column):
    """The day on which a verification ends; past and near ones are marked, with a word."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(verbose_name=gettext_lazy("Verified until"), attrs=NUMBERS, **kwargs)

    def render(self, value: date) -> SafeString:
        state = state_of(value, today=timezone.localdate())
        words = {"bad": _("has ended"), "warn": _("ends within half a year")}.get(state, "")
        return format_html(
            '<span class="{}" title="{}">{}</span>', state, words, formats.day(value)
        )

    def value(self, value: date) -> date:
        return value


class PointTable(ListTable):
    """Points with the meter that stands there; `heard` is told for the page after it is made."""

    chosen = ChoiceColumn()
    name = tables.Column(verbose_name=gettext_lazy("Usage point"), order_by="name_key")
    code = tables.Column(
        verbose_name=gettext_lazy("Code"),
        attrs={"th": {"class": "wide-only"}, "td": {"class": "mono wide-only"}},
    )
    address = tables.Column(verbose_name=gettext_lazy("Address"))
    node = tables.Column(verbose_name=gettext_lazy("Place"), order_by=("node__path", "name_key"))
    model = tables.Column(
        verbose_name=gettext_lazy("Meter"),
        accessor="meter_model",
        attrs={"th": {"class": "wide-only"}, "td": {"class": "wide-only"}},
    )
    number = tables.Column(verbose_name=gettext_lazy("Number"), accessor="meter_number")
    contact = tables.Column(
        verbose_name=gettext_lazy("Contact"), empty_values=(), orderable=False,
        exclude_from_export=True,
    )  # fmt: skip
    shown = tables.Column(
        verbose_name=gettext_lazy("Reading"), empty_values=(), orderable=False, attrs=NUMBERS,
        exclude_from_export=True,
    )  # fmt: skip
    complete = tables.Column(
        verbose_name=gettext_lazy("Completeness, percent"),
        empty_values=(),
        orderable=False,
        attrs={"th": {"class": "n wide-only"}, "td": {"class": "n wide-only"}},
        exclude_from_export=True,
    )
    due = DueColumn(accessor="meter_due")

    class Meta(ListTable.Meta):
        model = UsagePoint
        fields = ()
        sequence = (
            *("chosen", "name", "code", "address", "node", "model", "number", "contact"),
            *("shown", "complete", "due"),
        )
        order_by = "name"

    def __init__(self, *args: Any, beside: str = "", card: str = "", **kwargs: Any) -> None:
        """beside: the tree's place, whose list opens points beside it; card: the point shown."""
        self.heard: Mapping[int, Heard] = {}
        self.beside = beside
        if beside:
            kwargs["exclude"] = ("code", "address", "node", "number")
            kwargs["row_attrs"] = {
                "class": lambda record: "cur" if record.code == card else "",
                "data-row": "",
            }
        else:
            kwargs["exclude"] = ("shown", "complete", "contact")
        super().__init__(*args, **kwargs)

    def render_name(self, record: UsagePoint) -> SafeString:
        address = reverse("desk:point", args=[record.code])
        if not self.beside:
            return format_html('<a href="{}">{}</a>', address, record.name)
        query = self.request.GET.copy()
        for name in ("export", "tab"):
            query.pop(name, None)
        query["node"], query["point"] = self.beside, record.code
        return format_html(
            '<a class="el" data-row-link href="?{}" hx-get="?{}" hx-target="#card"'
            ' hx-swap="outerHTML" hx-push-url="true" title="{}">{}</a>',
            query.urlencode(), query.urlencode(), record.address or record.code, record.name,
        )  # fmt: skip

    def render_model(self, record: UsagePoint, value: str) -> SafeString:
        # Annotated; the model has no such field.
        number = getattr(record, "meter_number", "")
        return format_html('<span title="№ {}">{}</span>', number, value)

    def render_contact(self, record: UsagePoint) -> SafeString:
        told = self.heard.get(record.pk)
        if told is None or told.contact.until is None:
            return format_html('<span class="t3 nw">{}</span>', _("no data"))
        zone = timezone.get_current_timezone()
        until = told.contact.until.astimezone(zone)
        is_today = until.date() == timezone.localdate()
        short = formats.clock(until) if is_today else f"{until:%d.%m}"
        return format_html(
            '<span class="{} tn" title="{}, {}">{}</span>',
            told.contact.kind, told.contact.words, formats.moment(until), short,
        )  # fmt: skip

    def render_shown(self, record: UsagePoint) -> str:
        told = self.heard.get(record.pk)
        kind = counted.kinds(record.resource)[0]
        shown = told.shown if told else None
        return str(formats.quantity(shown, kind.unit, counted.places(record.resource)))

    def render_complete(self, record: UsagePoint) -> SafeString:
        told = self.heard.get(record.pk)
        share = told.complete if told else None
        if share is None:
            return format_html('<span class="t3">{}</span>', formats.DASH)
        text = formats.completeness(share).removesuffix("%").strip()
        return format_html('<span class="{}">{}</span>', "" if share >= 99 else "warn", text)

    def value_node(self, record: UsagePoint) -> str:
        return record.node.name


class MeterTable(ListTable):
    """Meters with where they stand now."""

    number = tables.Column(verbose_name=gettext_lazy("Number"))
    model = tables.Column(verbose_name=gettext_lazy("Type"), order_by=("model__name", "number"))
    made_in = tables.Column(verbose_name=gettext_lazy("Year"), attrs=NUMBERS)
    place = tables.Column(verbose_name=gettext_lazy("Stands at"), accessor="point_name")
    verified_on = tables.Column(verbose_name=gettext_lazy("Verified on"), attrs=NUMBERS)
    due = DueColumn(accessor="verification_due")
    certificate = tables.Column(verbose_name=gettext_lazy("Certificate"))

    class Meta(ListTable.Meta):
        model = Meter
        fields = ()
        sequence = (*("number", "model", "made_in", "place", "verified_on", "due", "certificate"),)
        order_by = "number"

    def render_number(self, record: Meter) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("desk:meter", args=[record.pk]), record)

    def render_verified_on(self, value: date) -> str:
        return formats.day(value)

    def render_place(self, record: Meter, value: str) -> SafeString:
        # Annotated; the model has no such field.
        code = getattr(record, "point_code", "")
        return format_html('<a href="{}">{}</a>', reverse("desk:point", args=[code]), value)

    def value_number(self, value: str) -> str:
        return value

    def value_place(self, value: str) -> str:
        return value

    def value_verified_on(self, value: date) -> date:
        return value


class TransformerTable(ListTable):
    """Instrument transformers with where they stand now."""

    number = tables.Column(verbose_name=gettext_lazy("Number"))
    kind = tables.Column(verbose_name=gettext_lazy("Kind"))
    type_name = tables.Column(verbose_name=gettext_lazy("Type"))
    ratio = tables.Column(
        verbose_name=gettext_lazy("Ratio"), order_by=("ratio_numerator",), attrs=NUMBERS
    )
    accuracy = tables.Column(verbose_name=gettext_lazy("Class"))
    place = tables.Column(verbose_name=gettext_lazy("Stands at"), accessor="point_name")
    due = DueColumn(accessor="verification_due")

    class Meta(ListTable.Meta):
        model = InstrumentTransformer
        fields = ()
        sequence = (*("number", "kind", "type_name", "ratio", "accuracy", "place", "due"),)
        order_by = "number"

    def render_number(self, record: InstrumentTransformer, value: str) -> SafeString:
        address = reverse("desk:transformer", args=[record.pk])
        return format_html('<a href="{}">{}</a>', address, value)

    def render_ratio(self, record: InstrumentTransformer) -> str:
        return f"{record.ratio_numerator}/{record.ratio_denominator}"

    def render_place(self, record: InstrumentTransformer, value: str) -> SafeString:
        code = getattr(record, "point_code", "")
        return format_html('<a href="{}">{}</a>', reverse("desk:point", args=[code]), value)

    def value_number(self, value: str) -> str:
        return value

    def value_place(self, value: str) -> str:
        return value
