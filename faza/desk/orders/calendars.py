"""Tariff calendars of meters: which count otherwise than they should, one of them, writing many."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import django_filters
import django_tables2 as tables
from django.contrib import messages
from django.db.models import Case, CharField, Q, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from faza.accounts.models import User
from faza.collection.models import CalendarVersion, Command, Device
from faza.collection.orders import scheduling
from faza.collection.orders.scheduling import Verdict
from faza.collection.polling import calendars as written
from faza.collection.polling.work import Order
from faza.contracts.permissions import Right, may
from faza.desk import lists
from faza.desk.doors import needs
from faza.desk.lists import ChoiceColumn, ListTable, request_user
from faza.desk.orders import words
from faza.desk.orders.forms import ActivateForm
from faza.tariffs.models import Tariff
from faza.ui import formats

PAIR = ("tariff_id", "calendar_mark")
LAST = 10
"""Versions and commands that a page of a meter tells."""


def judged(user: User, *, at: datetime) -> QuerySet[Device]:
    """Rows of `scheduling.devices` with `verdict`: pairs of tariff and calendar are few."""
    rows = scheduling.devices(user, at=at)
    today = timezone.localtime(at).date()
    # Without the order: it would make rows distinct that are not.
    asked: QuerySet[Any, Any] = rows.order_by()
    pairs = set(asked.values_list(*PAIR).distinct())
    known = scheduling.known(pairs, on=today)
    whens = [
        When(_pair(tariff, mark), then=Value(known.verdict(tariff, mark)))
        for tariff, mark in sorted(pairs, key=repr)
    ]
    unknown = Value(Verdict.UNKNOWN)
    verdict = Case(*whens, default=unknown, output_field=CharField())
    return rows.annotate(verdict=verdict)


def _tariff(pk: int) -> Q:
    return Q(("tariff_id", pk))  # annotated: no field of the model


def _pair(tariff: int | None, mark: str) -> Q:
    if tariff is None:
        return Q(tariff_id__isnull=True, calendar_mark=mark)
    return Q(tariff_id=tariff, calendar_mark=mark)


class CalendarFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(method="by_text", label=gettext_lazy("Point or meter"))
    verdict = django_filters.ChoiceFilter(
        label=gettext_lazy("Calendar"), empty_label=gettext_lazy("all"),
        choices=[(one.value, told) for one, told in words.VERDICTS.items()],
    )  # fmt: skip
    tariff = django_filters.ModelChoiceFilter(
        field_name="tariff_id", method="by_tariff", label=gettext_lazy("Tariff"),
        queryset=Tariff.objects.order_by("code"), empty_label=gettext_lazy("all"),
    )  # fmt: skip

    class Meta:
        model = Device
        fields = ()

    def by_text(self, rows: QuerySet[Device], name: str, text: str) -> QuerySet[Device]:
        text = text.strip()
        return rows.filter(
            Q(point_name__icontains=text)
            | Q(point_code__startswith=text)
            | Q(meter__number__startswith=text)
        )

    def by_tariff(self, rows: QuerySet[Device], name: str, tariff: Tariff) -> QuerySet[Device]:
        return rows.filter(_tariff(tariff.pk))


class CalendarTable(ListTable):
    chosen = ChoiceColumn()
    point = tables.Column(verbose_name=gettext_lazy("Usage point"), accessor="point_name")
    number = tables.Column(verbose_name=gettext_lazy("Meter"), accessor="meter__number")
    tariff = tables.Column(verbose_name=gettext_lazy("Tariff"), accessor="tariff_name")
    verdict = tables.Column(verbose_name=gettext_lazy("Calendar"))
    read = tables.DateTimeColumn(
        verbose_name=gettext_lazy("Last change seen"), accessor="calendar_read_at",
        format="d.m.Y H:i",
    )  # fmt: skip
    asked = tables.Column(verbose_name=gettext_lazy("Writing"), accessor="asked_state")

    class Meta(ListTable.Meta):
        order_by = ("verdict", "point_name", "pk")

    def render_point(self, record: Any, value: str) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>', reverse("desk:calendar", args=[record.meter_id]), value
        )

    def value_point(self, value: str) -> str:
        return value

    def render_verdict(self, value: str) -> SafeString:
        one = Verdict(value)
        css = words.VERDICT_CSS.get(one, "")
        return format_html('<span class="tag {}">{}</span>', css, words.VERDICTS[one])

    def value_verdict(self, value: str) -> str:
        return str(words.VERDICTS[Verdict(value)])

    def render_asked(self, value: str) -> str:
        return str(dict(Command.State.choices)[value])


@never_cache
@require_safe
@needs(Right.SEE_CALENDARS)
def listing(request: HttpRequest) -> HttpResponse:
    """Meters with their calendars, those that differ first."""
    user, at = request_user(request), timezone.now()
    rows = judged(user, at=at)
    may_edit = may(user, Right.EDIT_CALENDARS)
    listed = lists.shown(
        request, rows, table=CalendarTable, filters=CalendarFilter, name="calendars",
        exclude=() if may_edit else ("chosen",),
    )  # fmt: skip
    file = lists.exported(request, listed, title=_("Tariff calendars of meters"))
    if file is not None:
        return file
    told = {"listed": listed, "other": rows.filter(Q(("verdict", Verdict.OTHER))).count()}
    return render(request, "desk/orders/calendars.html", told | {"may_edit": may_edit})


@never_cache
@require_safe
@needs(Right.SEE_CALENDARS)
def calendar(request: HttpRequest, meter: int) -> HttpResponse:
    """A meter: what it should count by, what it does, what was written when."""
    user, at = request_user(request), timezone.now()
    row: Any = get_object_or_404(judged(user, at=at), meter__pk=meter)
    today = timezone.localtime(at).date()
    known = scheduling.known([(row.tariff_id, row.calendar_mark)], on=today)
    versions = list(CalendarVersion.objects.filter(meter=meter).order_by("-read_at")[:LAST])
    commands = Command.objects.filter(device=row.pk, kind=Order.CALENDAR).order_by("-pk")[:LAST]
    verdict = Verdict(row.verdict)
    told = {
        "row": row,
        "verdict": words.VERDICTS[verdict],
        "css": words.VERDICT_CSS.get(verdict, ""),
        "wanted": _told(known.wanted.get(row.tariff_id)),
        "found": _told(written.from_json(versions[0].calendar)) if versions else None,
        "differences": words.differing(
            known.differences.get((row.tariff_id, row.calendar_mark), ())
        ),
        "versions": versions,
        "commands": [_asked(one, today) for one in commands],
        "may_write": may(user, Right.EDIT_CALENDARS) and verdict is not Verdict.UNKNOWN,
    }
    return render(request, "desk/orders/calendar.html", told)


def _told(calendar: Any) -> dict[str, object] | None:
    """A calendar as a page tells it."""
    if calendar is None:
        return None
    return {
        "name": calendar.name,
        "days": [(day.number, words.switches(day.switches)) for day in calendar.days],
        "seasons": [
            (season.name, f"{season.start[1]:02}.{season.start[0]:02}", season.week)
            for season in calendar.seasons
        ],
        "special": len(calendar.special),
    }


def _asked(command: Command, today: date) -> dict[str, object]:
    moment = command.arguments.get("activate_at")
    zone = timezone.get_current_timezone()
    return {
        "command": command,
        "from": formats.moment(datetime.fromisoformat(moment), zone) if moment else "",
        "is_verified": scheduling.is_verified(command, on=today),
    }


@require_POST
@needs(Right.EDIT_CALENDARS)
def write(request: HttpRequest) -> HttpResponse:
    """Write the calendars of tariffs into chosen meters: first what it would do, then do it."""
    user, at = request_user(request), timezone.now()
    rows = list(lists.chosen(request, judged(user, at=at), CalendarFilter)[: scheduling.MOST])
    is_sure = bool(request.POST.get("sure"))
    form = ActivateForm(request.POST if is_sure else None)
    if is_sure and form.is_valid():
        try:
            done = scheduling.write(
                rows, at=at, by=user, activate_on=form.cleaned_data["activate_on"]
            )
        except scheduling.Past:
            form.add_error("activate_on", _("That day has begun already."))
        else:
            count = len(done)
            messages.success(request, ngettext(
                "%(count)s meter is written at its next session and read back.",
                "%(count)s meters are written at their next sessions and read back.", count,
            ) % {"count": count})  # fmt: skip
            return redirect("desk:calendars")
    return render(request, "desk/bulk.html", _preview(rows, form, at))


def _preview(rows: list[Any], form: ActivateForm, at: datetime) -> dict[str, object]:
    found = scheduling.sorted_out(rows, on=timezone.localtime(at).date())
    staying = [
        (_named(row), reason)
        for several, reason in (
            (found.same, _("counts as it should")),
            (found.waiting, _("waits to be written already")),
            (found.unknown, _("the agreement has no tariff with zones")),
        )
        for row in several
    ]
    return {
        "title": _("Write tariff calendars"),
        "lead": _("Each meter gets the calendar of its agreement's tariff and is read back."),
        "passing": [f"{_named(row)}: {row.tariff_name}" for row in found.passing],  # type: ignore[attr-defined]
        "staying": staying,
        "effects": [
            _("From the activation on the registers T1, T2… count by these hours; "
              "what they have counted before stays."),
        ],
        "confirm": _("Write"),
        "action": reverse("desk:calendars-write"),
        "hidden": lists.kept_choice(rows),
        "back": reverse("desk:calendars"),
        "form": form,
    }  # fmt: skip


def _named(row: Any) -> str:
    return f"{row.point_name}, № {row.meter.number}"
