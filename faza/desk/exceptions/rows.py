"""Findings within reach: which, how they are filtered, and their list with files and deeds."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import Q, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from faza.accounts.models import User
from faza.contracts import access
from faza.desk.board import parts
from faza.desk.exceptions import words
from faza.desk.exceptions.term import term
from faza.desk.lists import ListTable, request_user
from faza.metering.models import NetworkNode
from faza.readings.models import Finding
from faza.readings.validation import RULES
from faza.readings.vee import findings
from faza.readings.vee.findings import Key, Row, State
from faza.ui import formats

OTHERS = "other"
OPEN, LATE = "open", "overdue"
OLDER = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}
FILTERS = ("q", "rule", "state", "channel", "node", "age")
_STATES = {
    "accepted": State.ACCEPTED, "decided": State.DECIDED, "gone": State.GONE,
}  # fmt: skip
_KEY = re.compile(r"[1-9][0-9]{0,17}-[0-9]{1,4}-V[0-9]{2}-[0-9]{1,10}", re.ASCII)


def key_of(text: str) -> Key:
    """The key that an address names. Raises Http404."""
    if _KEY.fullmatch(text):
        try:
            return Key.of(text)
        except ValueError:
            pass
    raise Http404("no such finding")


def within(user: User, *, at: datetime) -> QuerySet[Finding]:
    """Findings of the points that a person works with."""
    points = access.worked_points_of(user, at=at).values("id")
    return Finding.objects.filter(usage_point__in=points)


def keyed(key: Key) -> Q:
    """What chooses one finding."""
    return Q(
        usage_point__pk=key.usage_point, reading_type=key.reading_type, rule=key.rule,
        start=datetime.fromtimestamp(key.start, UTC),
    )  # fmt: skip


def row_of(finding: Finding) -> Row:
    """A finding as readings.vee has it."""
    return findings.row_of([getattr(finding, name) for name in findings.VALUES])


class FindingFilter(django_filters.FilterSet):
    """Without a state: those that are open."""

    q = django_filters.CharFilter(method="by_text", label=gettext_lazy("Point, code, address"))
    rule = django_filters.ChoiceFilter(
        label=gettext_lazy("Rule"), empty_label=gettext_lazy("all"),
        choices=lambda: [(code, f"{code} {words.title(code)}") for code in RULES],
    )  # fmt: skip
    state = django_filters.ChoiceFilter(
        method="by_state", label=gettext_lazy("State"),
        empty_label=pgettext_lazy("findings", "open"),
        choices=[
            ("accepted", pgettext_lazy("findings", "accepted")),
            ("decided", pgettext_lazy("findings", "other values put")),
            ("gone", pgettext_lazy("findings", "found no longer")),
            ("all", gettext_lazy("all")),
        ],
    )  # fmt: skip
    channel = django_filters.ChoiceFilter(
        method="by_channel", label=gettext_lazy("Channel"), empty_label=gettext_lazy("all"),
        choices=[
            *((str(code), name) for code, name in words.CHANNELS.items()),
            (OTHERS, pgettext_lazy("channels", "others")),
        ],
    )  # fmt: skip
    node = django_filters.ChoiceFilter(
        method="by_node", label=gettext_lazy("Part of the network"),
        empty_label=gettext_lazy("all"),
    )  # fmt: skip
    age = django_filters.ChoiceFilter(
        method="by_age", label=gettext_lazy("Age"), empty_label=gettext_lazy("any"),
        choices=[
            (LATE, pgettext_lazy("findings", "overdue")),
            ("day", gettext_lazy("over a day")),
            ("week", gettext_lazy("over a week")),
            ("month", gettext_lazy("over a month")),
        ],
    )  # fmt: skip

    class Meta:
        model = Finding
        fields = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.nodes = {str(node.pk): node for node in self._nodes()}
        chosen = [(key, node.name) for key, node in self.nodes.items()]
        self.filters["node"].extra["choices"] = chosen

    def _nodes(self) -> list[NetworkNode]:
        """The parts of the network, and the place that the address names."""
        user = request_user(self.request)
        found = parts(user)
        asked = str(self.data.get("node", ""))
        if asked.isascii() and asked.isdecimal() and len(asked) < 19:
            found += access.nodes_of(user, at=timezone.now()).filter(pk=int(asked))
        return found

    def filter_queryset(self, queryset: QuerySet[Finding]) -> QuerySet[Finding]:
        rows: QuerySet[Finding] = super().filter_queryset(queryset)
        if not self.form.cleaned_data.get("state"):
            rows = rows.filter(state=State.OPEN)
        return rows

    def by_text(self, rows: QuerySet[Finding], name: str, text: str) -> QuerySet[Finding]:
        text = text.strip()
        return rows.filter(
            Q(usage_point__name__icontains=text)
            | Q(usage_point__address__icontains=text)
            | Q(usage_point__code__startswith=text)
        )

    def by_state(self, rows: QuerySet[Finding], name: str, state: str) -> QuerySet[Finding]:
        return rows.filter(state=_STATES[state]) if state in _STATES else rows

    def by_channel(self, rows: QuerySet[Finding], name: str, channel: str) -> QuerySet[Finding]:
        if channel == OTHERS:
            return rows.exclude(reading_type__in=list(words.CHANNELS))
        return rows.filter(reading_type=int(channel))

    def by_node(self, rows: QuerySet[Finding], name: str, node: str) -> QuerySet[Finding]:
        return rows.filter(usage_point__node__path__startswith=self.nodes[node].path)

    def by_age(self, rows: QuerySet[Finding], name: str, age: str) -> QuerySet[Finding]:
        at = timezone.now()
        return rows.filter(found_at__lte=at - (term() if age == LATE else OLDER[age]))


class FindingTable(ListTable):
    chosen = tables.Column(
        verbose_name="", empty_values=(), orderable=False, exclude_from_export=True
    )
    rule = tables.Column(verbose_name=gettext_lazy("Rule"))
    point = tables.Column(
        verbose_name=gettext_lazy("Usage point"), accessor="usage_point",
        order_by="usage_point__name_key",
    )  # fmt: skip
    channel = tables.Column(
        verbose_name=gettext_lazy("Channel"), accessor="reading_type", order_by="reading_type"
    )
    stretch = tables.Column(verbose_name=gettext_lazy("Time"), accessor="start", order_by="start")
    numbers = tables.Column(
        verbose_name=gettext_lazy("What was compared"), orderable=False, empty_values=(),
        attrs={"th": {"class": "wide-only"}, "td": {"class": "wide-only"}},
    )  # fmt: skip
    effect = tables.Column(verbose_name=gettext_lazy("Effect"))
    found_at = tables.Column(
        verbose_name=gettext_lazy("Found"), attrs={"th": {"class": "n"}, "td": {"class": "n"}}
    )
    state = tables.Column(verbose_name=gettext_lazy("State"))

    class Meta(ListTable.Meta):
        order_by = ("found_at", "rule", "start")

    def render_chosen(self, record: Finding) -> SafeString:
        return format_html(
            '<input class="cbx" type="checkbox" name="chosen" value="{}" data-choose'
            ' aria-label="{}">',
            row_of(record).key.text, _("Choose"),
        )  # fmt: skip

    def render_rule(self, record: Finding) -> SafeString:
        url = f"{reverse('desk:exceptions')}?state=all&f={row_of(record).key.text}"
        return format_html(
            '<a class="nw" href="{}"><span class="mono">{}</span> {}</a>',
            url, record.rule, words.title(record.rule),
        )  # fmt: skip

    def value_rule(self, record: Finding) -> str:
        return f"{record.rule} {words.title(record.rule)}"

    def render_point(self, record: Finding) -> SafeString:
        point = record.usage_point
        url = reverse("desk:point", args=[point.code])
        return format_html(
            '<a href="{}">{}</a> <span class="t3">{}</span>', url, point.name, point.address
        )

    def value_point(self, record: Finding) -> str:
        return record.usage_point.code

    def render_channel(self, value: int) -> str:
        return words.channel(value) or "—"

    def render_stretch(self, record: Finding) -> SafeString:
        told = words.stretch(record.start, record.end, record.usage_point.zone)
        return format_html('<span class="nw tn">{}</span>', told)

    def value_stretch(self, record: Finding) -> str:
        return words.stretch(record.start, record.end, record.usage_point.zone)

    def render_numbers(self, record: Finding) -> str:
        told = words.numbers(row_of(record), record.usage_point.zone)
        return "; ".join(f"{one.name} {one.value}" for one in told) or "—"

    def render_effect(self, value: int) -> SafeString:
        css = words.EFFECTS_CSS.get(value, "")
        return format_html('<span class="tag {}">{}</span>', css, words.EFFECTS.get(value, ""))

    def value_effect(self, value: int) -> str:
        return str(words.EFFECTS.get(value, ""))

    def render_found_at(self, value: datetime, record: Finding) -> SafeString:
        at = timezone.now()
        is_late = record.state == State.OPEN and value <= at - term()
        when = formats.moment(value, timezone.get_current_timezone())
        return format_html(
            '<span class="nw {}" title="{}">{}</span>',
            "bad" if is_late else "", when, formats.duration(max(at - value, timedelta(minutes=1))),
        )  # fmt: skip

    def value_found_at(self, value: datetime) -> datetime:
        return value

    def render_state(self, record: Finding) -> SafeString:
        css = words.STATES_CSS.get(record.state, "")
        return format_html(
            '<span class="tag {}">{}</span>', css, words.STATES.get(record.state, "")
        )

    def value_state(self, record: Finding) -> str:
        return str(words.STATES.get(record.state, ""))
