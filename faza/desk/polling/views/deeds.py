"""What is asked of meters from the desk: read now, correct the clock, call it off again."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from faza.collection.models import Device
from faza.collection.polling import services
from faza.collection.polling.work import Order
from faza.contracts.permissions import Right
from faza.desk import lists
from faza.desk.doors import needs
from faza.desk.network.finding import who_and_when
from faza.desk.polling import reach, words
from faza.desk.polling.forms import MOST_SHIFT, ClockForm, ReadForm
from faza.desk.polling.tables import DeviceFilter
from faza.ui import formats

MOST_AT_ONCE = 500
"""Meters of one «read now»: more would hold up what is read by plan for hours."""
CHANGING = {Order.SET_CLOCK, Order.SHIFT_CLOCK, Order.READ_NOW}
"""Commands that are called off here; the others have pages of their own with their guards."""


def _page(meter: int) -> str:
    return f"{reverse('desk:polling')}?meter={meter}"


@require_POST
@needs(Right.RUN_COLLECTION)
def read_now(request: HttpRequest, meter: int) -> HttpResponse:
    """Have a meter read at once; asked twice while the first waits, it is one command."""
    user, at = who_and_when(request)
    device = reach.device_of(user, meter, at=at)
    if not _waits(device):
        services.ask(device, Order.READ_NOW, at=at, by=user)
    messages.success(request, _("It is read as soon as its line is free."))
    return redirect(_page(meter))


def _waits(device: Device) -> bool:
    open_ = device.commands.filter(kind=Order.READ_NOW, state="waiting")
    return open_.filter(arguments={}).exists()


@require_POST
@needs(Right.RUN_COLLECTION)
def read_many(request: HttpRequest) -> HttpResponse:
    """Have the chosen meters read: first what will be done, then the deed."""
    user, at = who_and_when(request)
    rows = reach.placed(reach.devices(user, at=at), user, at=at).select_related("meter", "plan")
    found = list(lists.chosen(request, rows.order_by("meter__number"), DeviceFilter))
    taken = [one for one in found if one.state != reach.OFF][:MOST_AT_ONCE]
    numbers = {one.pk for one in taken}
    sure = "sure" in request.POST
    form = ReadForm(request.POST if sure else None)
    if sure and taken and form.is_valid():
        kinds = form.cleaned_data["kinds"]
        told = {"kinds": kinds} if kinds else {}
        for one in taken:
            services.ask(one, Order.READ_NOW, told, at=at, by=user)
        asked = ngettext(
            "%(n)s meter will be read.", "%(n)s meters will be read.", len(taken)
        ) % {"n": len(taken)}  # fmt: skip
        messages.success(request, asked)
        return redirect("desk:polling-devices")
    page = {
        "title": _("Read now"),
        "lead": _("Before all plans, each line one meter after another."),
        "effects": [_("What is read by plan waits meanwhile on the same lines.")],
        "passing": [_words(one) for one in taken],
        "staying": [
            (_words(one), _("switched off") if one.state == reach.OFF else _("too many at once"))
            for one in found
            if one.pk not in numbers
        ],
        "confirm": _("Read now"),
        "action": request.path,
        "hidden": lists.kept_choice(taken),
        "back": reverse("desk:polling-devices"),
        "form": form,
    }
    return render(request, "desk/bulk.html", page, status=422 if sure else 200)


def _words(device: Device) -> str:
    point = getattr(device, "point_name", None)
    return f"№ {device.meter.number}" + (f" · {point}" if point else "")


@require_http_methods(["GET", "POST"])
@needs(Right.RUN_COLLECTION)
def clock(request: HttpRequest, meter: int) -> HttpResponse:
    """Shift or set the clock of a meter; its number is typed to confirm."""
    user, at = who_and_when(request)
    device = reach.device_of(user, meter, at=at)
    off = device.clock_offset
    by = -round(off) if off is not None and abs(off) <= MOST_SHIFT else 0
    initial = {"how": "shift" if by else "set", "seconds": by or ""}
    number = device.meter.number
    form = ClockForm(request.POST or None, initial=initial, meter=number)
    if form.is_valid():
        if form.cleaned_data["how"] == "set":
            services.ask(device, Order.SET_CLOCK, at=at, by=user)
        else:
            told = {"seconds": form.cleaned_data["seconds"]}
            services.ask(device, Order.SHIFT_CLOCK, told, at=at, by=user)
        messages.success(
            request, _("The clock is corrected as soon as the line is free, and read afterwards.")
        )
        return redirect(_page(meter))
    lead = _("Nobody has read this clock yet.")
    if off is not None:
        told = {"size": words.in_seconds(formats.number(abs(off), 1))}
        lead = (_("It is %(size)s fast.") if off > 0 else _("It is %(size)s slow.")) % told
    page = {
        "title": _("Clock of meter No. %(number)s") % {"number": number},
        "lead": f"{lead} " + _("A correction cannot be taken back, and stands in its journal."),
        "submit": _("Correct the clock"),
        "back": _page(meter),
        "form": form,
    }
    return render(request, "desk/form.html", page, status=422 if form.is_bound else 200)


@require_POST
@needs(Right.RUN_COLLECTION)
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Call a command off that nobody has begun."""
    user, at = who_and_when(request)
    found = reach.command_of(user, pk, at=at)
    try:
        if found.kind not in CHANGING:
            raise services.TooLate
        services.cancel(found, at=at, by=user)
    except services.TooLate:
        messages.error(request, _("It cannot be called off here any more."))
    else:
        messages.success(request, _("It is called off."))
    return redirect(_page(found.device.meter_id))
