"""The list of alarms, and dealing with them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import django_filters
import django_tables2 as tables
from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from faza.collection.orders import alarms
from faza.collection.orders.alarms import Key
from faza.contracts.permissions import Right, may
from faza.desk import lists
from faza.desk.doors import needs
from faza.desk.lists import ListTable, request_user
from faza.events import catalogue
from faza.events.kinds import Category, Importance
from faza.events.models import EndDeviceEvent
from faza.ui import formats

PERIODS = {"1": 1, "7": 7, "30": 30, "365": 365}
CSS = {Importance.ALARM: "bad", Importance.WARNING: "warn"}


def written(event: EndDeviceEvent) -> str:
    """The key of an event in a form: six whole numbers."""
    point, at, *rest = alarms.key_of(event)
    return "-".join(str(part) for part in (point, int(at.timestamp()), *rest))


def read(text: str) -> Key | None:
    """The key that a form names; None for anything else."""
    parts = text.split("-")
    if len(parts) != 6 or not all(p.isascii() and p.isdecimal() and len(p) < 12 for p in parts):
        return None
    point, moment, meter, journal, code, number = (int(part) for part in parts)
    if journal > 32_767 or moment > 4_102_444_800 or max(code, number) > 2_147_483_647:
        return None
    return point, datetime.fromtimestamp(moment, UTC), meter, journal, code, number


class AlarmFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(method="by_text", label=gettext_lazy("Point, code, address"))
    state = django_filters.ChoiceFilter(
        method="by_state", label=gettext_lazy("State"), empty_label=gettext_lazy("all"),
        choices=[
            ("open", pgettext_lazy("alarms", "nobody has dealt with it")),
            ("seen", pgettext_lazy("alarms", "dealt with")),
        ],
    )  # fmt: skip
    category = django_filters.ChoiceFilter(
        method="by_category", label=gettext_lazy("Kind"), choices=Category.choices,
        empty_label=gettext_lazy("all"),
    )  # fmt: skip
    importance = django_filters.ChoiceFilter(
        label=gettext_lazy("Importance"), choices=Importance.choices,
        empty_label=gettext_lazy("all"),
    )  # fmt: skip
    days = django_filters.ChoiceFilter(
        method="by_days", label=gettext_lazy("Period"), empty_label=gettext_lazy("all"),
        choices=[
            ("1", gettext_lazy("a day")), ("7", gettext_lazy("a week")),
            ("30", gettext_lazy("a month")), ("365", gettext_lazy("a year")),
        ],
    )  # fmt: skip

    class Meta:
        model = EndDeviceEvent
        fields = ()

    def by_text(
        self, rows: QuerySet[EndDeviceEvent], name: str, text: str
    ) -> QuerySet[EndDeviceEvent]:
        text = text.strip()
        return rows.filter(
            Q(usage_point__name__icontains=text)
            | Q(usage_point__address__icontains=text)
            | Q(usage_point__code__startswith=text)
        )

    def by_state(
        self, rows: QuerySet[EndDeviceEvent], name: str, state: str
    ) -> QuerySet[EndDeviceEvent]:
        # Annotated: no field of the model.
        return rows.filter(Q(("seen_at__isnull", state == "open")))

    def by_category(
        self, rows: QuerySet[EndDeviceEvent], name: str, category: str
    ) -> QuerySet[EndDeviceEvent]:
        pairs = [(kind.journal, kind.code) for kind in catalogue.kinds()
                 if kind.category == category]  # fmt: skip
        wanted = Q()
        for journal in {journal for journal, _code in pairs}:
            wanted |= Q(journal=journal, code__in=[code for j, code in pairs if j == journal])
        return rows.filter(wanted) if wanted else rows.none()

    def by_days(
        self, rows: QuerySet[EndDeviceEvent], name: str, days: str
    ) -> QuerySet[EndDeviceEvent]:
        return rows.filter(at__gt=timezone.now() - timedelta(days=PERIODS[days]))


class AlarmTable(ListTable):
    chosen = tables.Column(
        verbose_name="", empty_values=(), orderable=False, exclude_from_export=True
    )
    at = tables.Column(
        verbose_name=gettext_lazy("When"), attrs={"th": {"class": "n"}, "td": {"class": "n"}}
    )
    what = tables.Column(
        verbose_name=gettext_lazy("Event"), empty_values=(), order_by=("journal", "code")
    )
    point = tables.Column(
        verbose_name=gettext_lazy("Usage point"), accessor="usage_point",
        order_by="usage_point__name_key",
    )  # fmt: skip
    place = tables.Column(
        verbose_name=gettext_lazy("Place"), accessor="usage_point__node__name",
        attrs={"th": {"class": "wide-only"}, "td": {"class": "wide-only"}},
    )  # fmt: skip
    seen = tables.Column(
        verbose_name=gettext_lazy("Dealt with"), accessor="seen_at", empty_values=()
    )
    note = tables.Column(
        verbose_name=gettext_lazy("Note"), accessor="seen_note", orderable=False,
        attrs={"th": {"class": "wide-only"}, "td": {"class": "wide-only"}},
    )  # fmt: skip

    class Meta(ListTable.Meta):
        order_by = ("-at", "usage_point__name_key")

    def render_chosen(self, record: EndDeviceEvent) -> SafeString:
        return format_html(
            '<input class="cbx" type="checkbox" name="chosen" value="{}" data-choose'
            ' aria-label="{}">',
            written(record), _("Choose"),
        )  # fmt: skip

    def render_at(self, value: datetime, record: EndDeviceEvent) -> SafeString:
        local = formats.moment(value, timezone.get_current_timezone())
        return format_html('<span class="nw">{}</span>', local)

    def value_at(self, value: datetime) -> datetime:
        return value

    def render_what(self, record: EndDeviceEvent) -> SafeString:
        kind = catalogue.find(record.journal, record.code)
        css = CSS.get(Importance(record.importance), "")
        return format_html('<span class="{}">{}</span>', css, kind.words)

    def value_what(self, record: EndDeviceEvent) -> str:
        return str(catalogue.find(record.journal, record.code).words)

    def render_point(self, record: EndDeviceEvent) -> SafeString:
        point = record.usage_point
        url = reverse("desk:point", args=[point.code])
        return format_html(
            '<a href="{}">{}</a> <span class="t3">{}</span>', url, point.name, point.address
        )

    def value_point(self, record: EndDeviceEvent) -> str:
        return record.usage_point.code

    def render_seen(self, record: Any) -> SafeString:
        if record.seen_at is None:
            return format_html('<span class="tag warn">{}</span>', _("waits"))
        when = formats.moment(record.seen_at, timezone.get_current_timezone())
        return format_html('{} <span class="t3">{}</span>', record.seen_by_name, when)

    def value_seen(self, record: Any) -> str:
        return record.seen_by_name or ""


class NoteForm(forms.Form):
    note = forms.CharField(max_length=500, required=False)


@never_cache
@require_safe
@needs(Right.SEE_ALARMS)
def listing(request: HttpRequest) -> HttpResponse:
    """Alarms, the newest first."""
    user, at = request_user(request), timezone.now()
    may_answer = may(user, Right.ANSWER_ALARMS)
    listed = lists.shown(
        request, alarms.alarms(user, at=at), table=AlarmTable, filters=AlarmFilter, name="alarms",
        exclude=() if may_answer else ("chosen",),
    )  # fmt: skip
    file = lists.exported(request, listed, title=_("Alarms"), personal=True)
    if file is not None:
        return file
    told = {
        "listed": listed,
        "waiting": alarms.waiting(user, at=at).count(),
        "may_answer": may_answer,
    }
    return render(request, "desk/alarms/alarms.html", told)


@require_POST
@needs(Right.ANSWER_ALARMS)
def acknowledge(request: HttpRequest) -> HttpResponse:
    """Put down that one has dealt with the chosen events."""
    user, at = request_user(request), timezone.now()
    form = NoteForm(request.POST)
    note = form.cleaned_data["note"] if form.is_valid() else ""
    keys = [key for text in request.POST.getlist("chosen") if (key := read(text)) is not None]
    count = alarms.acknowledge(keys, note=note, at=at, by=user)
    if count:
        told = ngettext("%(count)s alarm is dealt with.", "%(count)s alarms are dealt with.", count)
        messages.success(request, told % {"count": count})
    else:
        messages.error(request, _("Choose alarms first that nobody has dealt with."))
    filters = lists.own_query(request.GET)
    return redirect(reverse("desk:alarms") + (f"?{filters}" if filters else ""))
