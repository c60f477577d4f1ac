"""Lists: devices with their filters, lines, access to meters."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django import forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from faza.collection.models import CollectionPlan, CredentialSet, Device, Line
from faza.contracts import access
from faza.desk.lists import ChoiceColumn, ListTable, request_user
from faza.desk.polling import words
from faza.metering.models import MeterModel, NetworkNode
from faza.ui import formats

NUMBERS = {"th": {"class": "n"}, "td": {"class": "n"}}
WIDE = {"th": {"class": "wide-only"}, "td": {"class": "wide-only"}}


class MomentColumn(tables.Column):
    """A moment on the reader's wall clock."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(attrs=NUMBERS, **kwargs)

    def render(self, value: Any) -> str:
        return formats.moment(value, timezone.get_current_timezone())

    def value(self, value: Any) -> Any:
        return value


class DeviceTable(ListTable):
    """Devices with their point and their state."""

    chosen = ChoiceColumn()
    number = tables.Column(verbose_name=_("Meter"), accessor="meter__number")
    point_name = tables.Column(verbose_name=_("Usage point"))
    node_name = tables.Column(verbose_name=_("Place"), attrs=WIDE)
    model = tables.Column(verbose_name=_("Type"), accessor="meter__model__name", attrs=WIDE)
    plan = tables.Column(verbose_name=_("Group"), order_by="plan__name")
    line = tables.Column(verbose_name=_("Line"), order_by="line__name", attrs=WIDE)
    state = tables.Column(verbose_name=_("State"))
    last_success_at = MomentColumn(verbose_name=_("Read last"))
    clock_offset = tables.Column(verbose_name=_("Clock, s"), attrs=NUMBERS)
    due = MomentColumn(verbose_name=_("Next"))

    class Meta(ListTable.Meta):
        model = Device
        fields = ()
        sequence = (
            *("chosen", "number", "point_name", "node_name", "model", "plan", "line"),
            *("state", "last_success_at", "clock_offset", "due"),
        )
        order_by = "number"

    def render_number(self, record: Device) -> SafeString:
        address = f"{reverse('desk:polling')}?meter={record.meter_id}"
        return format_html('<a href="{}">{}</a>', address, record.meter.number)

    def value_number(self, record: Device) -> str:
        return record.meter.number

    def render_state(self, record: Device, value: str) -> SafeString:
        told, colour, _icon = words.STATES[value]
        about = words.problem(record.problem) if record.problem else ""
        return format_html('<span class="{}" title="{}">{}</span>', colour, about, told)

    def value_state(self, record: Device, value: str) -> str:
        told = str(words.STATES[value][0])
        return f"{told}: {words.problem(record.problem)}" if record.problem else told

    def render_clock_offset(self, value: float) -> str:
        return formats.signed(value, 1)

    def value_clock_offset(self, value: float) -> float:
        return round(value, 1)


class DeviceFilter(django_filters.FilterSet):
    """Of devices by text, place, state, group, type and line."""

    q = django_filters.CharFilter(
        method="search", label=_("Search"), widget=forms.TextInput(attrs={"type": "search"})
    )
    state = django_filters.ChoiceFilter(
        label=_("State"),
        choices=[(code, told) for code, (told, _c, _i) in words.STATES.items()],
        empty_label=_("any"),
    )
    plan = django_filters.ModelChoiceFilter(
        queryset=CollectionPlan.objects.order_by("priority", "name"),
        label=_("Group"), empty_label=_("any"),
    )  # fmt: skip
    model = django_filters.ModelChoiceFilter(
        field_name="meter__model", queryset=MeterModel.objects.order_by("name"),
        label=_("Type"), empty_label=_("any"),
    )  # fmt: skip
    problem = django_filters.ChoiceFilter(
        label=_("Problem"), choices=list(words.PROBLEMS.items()), empty_label=_("any")
    )
    node = django_filters.NumberFilter(method="by_node", widget=forms.HiddenInput())
    line = django_filters.NumberFilter(field_name="line_id", widget=forms.HiddenInput())

    class Meta:
        model = Device
        fields = ()

    def search(self, rows: QuerySet[Device], name: str, value: str) -> QuerySet[Device]:
        text = value.strip()
        return rows.filter(
            Q(meter__number__icontains=text)
            | Q(line__name__icontains=text)
            | Q(line__host__icontains=text)
            | Q(point_name__icontains=text)
            | Q(point_code=text)
        )

    def by_node(self, rows: QuerySet[Device], name: str, value: Any) -> QuerySet[Device]:
        assert self.request is not None
        nodes = access.nodes_of(request_user(self.request), at=timezone.now())
        node = nodes.filter(pk=int(value)).first() if 0 <= value < 2**63 else None
        return rows.filter(Q(("node_path__startswith", node.path))) if node else rows.none()


class LineTable(ListTable):
    """Lines with how many meters are on them."""

    name = tables.Column(verbose_name=_("Line"))
    host = tables.Column(verbose_name=_("Address"))
    node = tables.Column(verbose_name=_("Place"), order_by="node__name")
    count = tables.Column(verbose_name=_("Meters"), attrs=NUMBERS)
    timeout = tables.Column(verbose_name=_("Patience, s"), attrs=NUMBERS)
    pause = tables.Column(verbose_name=_("Pause, s"), attrs=NUMBERS)
    state = tables.Column(verbose_name=_("State"), empty_values=(), orderable=False)
    due_at = MomentColumn(verbose_name=_("Next"))

    class Meta(ListTable.Meta):
        model = Line
        fields = ()
        sequence = ("name", "host", "node", "count", "timeout", "pause", "state", "due_at")
        order_by = "name"

    def render_name(self, record: Line) -> SafeString | str:
        if not getattr(record, "is_own", False):
            return record.name
        address = reverse("desk:polling-line-edit", args=[record.pk])
        return format_html('<a href="{}">{}</a>', address, record.name)

    def value_name(self, record: Line) -> str:
        return record.name

    def render_host(self, record: Line) -> str:
        return f"{record.host}:{record.port}"

    def render_count(self, record: Line, value: int) -> SafeString:
        address = f"{reverse('desk:polling-devices')}?line={record.pk}"
        return format_html('<a href="{}">{}</a>', address, value)

    def value_count(self, value: int) -> int:
        return value

    def render_state(self, record: Line) -> str:
        if not record.is_enabled:
            return str(_("paused"))
        until = record.leased_until
        return str(_("in use")) if until and until > timezone.now() else str(_("free"))

    def value_node(self, value: NetworkNode) -> str:
        return value.name


class LineFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        method="search", label=_("Search"), widget=forms.TextInput(attrs={"type": "search"})
    )
    is_enabled = django_filters.ChoiceFilter(
        label=_("State"),
        choices=[("True", _("works")), ("False", _("paused"))],
        empty_label=_("any"),
    )

    class Meta:
        model = Line
        fields = ()

    def search(self, rows: QuerySet[Line], name: str, value: str) -> QuerySet[Line]:
        text = value.strip()
        return rows.filter(Q(name__icontains=text) | Q(host__icontains=text))


class CredentialTable(ListTable):
    """As whom meters are entered; secrets by their fingerprint only."""

    name = tables.Column(verbose_name=_("Name"))
    mechanism = tables.Column(verbose_name=_("Proof"))
    client = tables.Column(verbose_name=_("Client"), attrs=NUMBERS)
    level = tables.Column(verbose_name=_("Level"), attrs=NUMBERS)
    fingerprint = tables.Column(verbose_name=_("Fingerprint"), attrs={"td": {"class": "mono"}})
    changed_at = MomentColumn(verbose_name=_("Changed"))

    class Meta(ListTable.Meta):
        model = CredentialSet
        fields = ()
        sequence = ("name", "mechanism", "client", "level", "fingerprint", "changed_at")
        order_by = "name"

    def render_name(self, record: CredentialSet) -> SafeString:
        address = reverse("desk:polling-access-edit", args=[record.pk])
        return format_html('<a href="{}">{}</a>', address, record.name)

    def value_name(self, record: CredentialSet) -> str:
        return record.name


class CredentialFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        field_name="name", lookup_expr="icontains", label=_("Search"),
        widget=forms.TextInput(attrs={"type": "search"}),
    )  # fmt: skip

    class Meta:
        model = CredentialSet
        fields = ()
