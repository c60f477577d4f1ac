"""Typed readings within reach: in which group each is, how they are filtered, their list."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

import django_filters
import django_tables2 as tables
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from faza.accounts.models import User
from faza.contracts import access
from faza.desk.board import parts
from faza.desk.lists import ChoiceColumn, ListTable, request_user
from faza.desk.readings import words
from faza.manual_entry import queries
from faza.manual_entry.models import Entry, Photo
from faza.metering.models import NetworkNode
from faza.ui import formats

TERM = timedelta(days=2)
"""In which time a typed reading is to be decided: before its window ends. A choice of ours."""
FILTERS = ("q", "node", "way", "age")
OLDER = {"day": timedelta(days=1), "late": TERM, "week": timedelta(days=7)}


class Group(StrEnum):
    """What the desk looks at first."""

    OUTSIDE = "outside"
    """Something about it was asked when it was sent, and confirmed."""
    PHOTO = "photo"
    """A photo is wanted there, and none came."""
    INSIDE = "inside"
    ASKED = "asked"
    """The subscriber is asked something, and has not answered yet: not the desk's turn."""


def group_of(group: Group) -> Q:
    """What chooses the readings of a group; each that waits is in exactly one."""
    sent, inside = Q(state=Entry.State.SENT), Q(doubts={})
    wanted = Q(rule__wants_photo=True) & ~Q(
        pk__in=Photo.objects.filter(entry__isnull=False).values("entry")
    )
    match group:
        case Group.OUTSIDE:
            return sent & ~inside
        case Group.PHOTO:
            return sent & inside & wanted
        case Group.INSIDE:
            return sent & inside & ~wanted
        case Group.ASKED:
            return Q(state=Entry.State.ASKED)


def within(user: User, *, at: datetime) -> QuerySet[Entry]:
    """What was typed at the points that a person works with, with what a page shows of each."""
    return queries.desk_entries(user, at=at).select_related(
        "usage_point",
        "meter__model",
        "customer",
        "sent_by",
        "decided_by",
        "photo",
        "switched_on_by",
    )


def ranked(rows: QuerySet[Entry]) -> QuerySet[Entry]:
    """The doubtful first, of each group the oldest first."""
    whens = [When(group_of(group), then=Value(place)) for place, group in enumerate(Group)]
    rank = Case(*whens, default=Value(len(whens)), output_field=IntegerField())
    return rows.annotate(rank=rank).order_by("rank", "sent_at", "pk")


def is_own(user: User, entry: Entry) -> bool:
    """Whether a person has typed it as a subscriber: somebody else checks it."""
    return entry.sent_by_id == user.pk and entry.way != Entry.Way.ROUND


class EntryFilter(django_filters.FilterSet):
    """Without a state: those that wait."""

    q = django_filters.CharFilter(
        method="by_text", label=gettext_lazy("Point, code, meter, subscriber")
    )
    group = django_filters.ChoiceFilter(
        method="by_group", label=gettext_lazy("Check"), empty_label=gettext_lazy("all"),
        choices=[(group, name) for group, name in words.GROUPS.items() if group != Group.ASKED],
    )  # fmt: skip
    state = django_filters.ChoiceFilter(
        method="by_state", label=gettext_lazy("State"),
        empty_label=pgettext_lazy("readings", "waiting"),
        choices=[*((state, name) for state, name in Entry.State.choices if state != "sent"),
                 ("all", gettext_lazy("all"))],
    )  # fmt: skip
    node = django_filters.ChoiceFilter(
        method="by_node", label=gettext_lazy("Part of the network"),
        empty_label=gettext_lazy("all"),
    )  # fmt: skip
    way = django_filters.ChoiceFilter(
        label=pgettext_lazy("reading", "How it came"), empty_label=gettext_lazy("all"),
        choices=Entry.Way.choices,
    )  # fmt: skip
    age = django_filters.ChoiceFilter(
        method="by_age", label=gettext_lazy("Age"), empty_label=gettext_lazy("any"),
        choices=[
            ("day", gettext_lazy("over a day")),
            ("late", pgettext_lazy("readings", "overdue")),
            ("week", gettext_lazy("over a week")),
        ],
    )  # fmt: skip

    without_state: ClassVar[tuple[Entry.State, ...]] = (Entry.State.SENT,)

    class Meta:
        model = Entry
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

    def filter_queryset(self, queryset: QuerySet[Entry]) -> QuerySet[Entry]:
        rows: QuerySet[Entry] = super().filter_queryset(queryset)
        if not self.form.cleaned_data.get("state"):
            rows = rows.filter(state__in=self.without_state)
        return rows

    def by_text(self, rows: QuerySet[Entry], name: str, text: str) -> QuerySet[Entry]:
        text = text.strip()
        return rows.filter(
            Q(usage_point__name__icontains=text)
            | Q(usage_point__address__icontains=text)
            | Q(usage_point__code__startswith=text)
            | Q(meter__number__startswith=text)
            | Q(customer__name__icontains=text)
        )

    def by_group(self, rows: QuerySet[Entry], name: str, group: str) -> QuerySet[Entry]:
        return rows.filter(group_of(Group(group)))

    def by_state(self, rows: QuerySet[Entry], name: str, state: str) -> QuerySet[Entry]:
        return rows if state == "all" else rows.filter(state=state)

    def by_node(self, rows: QuerySet[Entry], name: str, node: str) -> QuerySet[Entry]:
        return rows.filter(usage_point__node__path__startswith=self.nodes[node].path)

    def by_age(self, rows: QuerySet[Entry], name: str, age: str) -> QuerySet[Entry]:
        return rows.filter(sent_at__lte=timezone.now() - OLDER[age])


class QueueFilter(EntryFilter):
    """Of the queue: what waits for the desk, and what waits for an answer."""

    without_state = (Entry.State.SENT, Entry.State.ASKED)


class EntryTable(ListTable):
    chosen = ChoiceColumn()
    point = tables.Column(
        verbose_name=gettext_lazy("Usage point"), accessor="usage_point",
        order_by="usage_point__name_key",
    )  # fmt: skip
    customer = tables.Column(
        verbose_name=gettext_lazy("Customer"), accessor="customer__name", order_by="customer__name"
    )
    meter = tables.Column(verbose_name=gettext_lazy("Meter"), accessor="meter__number")
    of_at = tables.Column(verbose_name=pgettext_lazy("reading", "Read on"))
    shown = tables.Column(verbose_name=pgettext_lazy("reading", "Typed"), orderable=False)
    accepted = tables.Column(
        verbose_name=pgettext_lazy("reading", "Corrected to"), orderable=False,
        attrs={"th": {"class": "wide-only"}, "td": {"class": "wide-only"}},
    )  # fmt: skip
    doubts = tables.Column(
        verbose_name=gettext_lazy("Check"), orderable=False, empty_values=(),
    )  # fmt: skip
    way = tables.Column(
        verbose_name=pgettext_lazy("reading", "How it came"),
        attrs={"th": {"class": "wide-only"}, "td": {"class": "wide-only"}},
    )  # fmt: skip
    sent_at = tables.Column(verbose_name=pgettext_lazy("reading", "Sent"))
    state = tables.Column(verbose_name=gettext_lazy("State"))
    decided_at = tables.Column(verbose_name=gettext_lazy("Decided"))
    reason = tables.Column(verbose_name=gettext_lazy("Reason"), orderable=False)

    class Meta(ListTable.Meta):
        order_by = ("sent_at",)

    def render_point(self, record: Entry) -> SafeString:
        url = f"{reverse('desk:readings')}?f={record.pk}"
        point = record.usage_point
        return format_html(
            '<a href="{}">{}</a> <span class="t3">{}</span>', url, point.name, point.address
        )

    def value_point(self, record: Entry) -> str:
        return record.usage_point.code

    def render_of_at(self, record: Entry) -> str:
        return formats.moment(record.of_at, timezone.get_current_timezone())

    def value_of_at(self, value: datetime) -> datetime:
        return value

    def render_shown(self, record: Entry) -> str:
        return words.values_of(record, record.shown)

    def render_accepted(self, record: Entry) -> str:
        return words.values_of(record, record.accepted or {})

    def render_doubts(self, record: Entry) -> SafeString:
        if not record.doubts:
            return format_html('<span class="good">{}</span>', _("inside the band"))
        return format_html('<span class="tag warn">{}</span>', words.doubts_of(record.doubts))

    def value_doubts(self, record: Entry) -> str:
        return words.doubts_of(record.doubts)

    def render_sent_at(self, record: Entry) -> str:
        return formats.moment(record.sent_at, timezone.get_current_timezone())

    def value_sent_at(self, value: datetime) -> datetime:
        return value

    def render_state(self, record: Entry) -> SafeString:
        css = words.STATES_CSS.get(record.state, "")
        return format_html('<span class="tag {}">{}</span>', css, record.get_state_display())

    def value_state(self, record: Entry) -> str:
        return str(record.get_state_display())

    def render_decided_at(self, record: Entry) -> str:
        when = formats.moment(record.decided_at, timezone.get_current_timezone())
        return f"{when}, {record.decided_by.full_name}" if record.decided_by else when

    def value_decided_at(self, value: datetime) -> datetime:
        return value
