"""Lines, groups, access to meters, and how each meter is reached."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from faza.collection.models import CollectionPlan, CredentialSet, Device, Line
from faza.collection.polling import services
from faza.contracts import access
from faza.contracts.permissions import Right
from faza.desk.doors import needs
from faza.desk.network.finding import who_and_when
from faza.desk.polling import reach
from faza.desk.polling.forms import AccessForm, DeviceForm, LineForm, PlanForm

USUAL = {kind.value: minutes for kind, minutes in services.USUAL.items()}


@require_http_methods(["GET", "POST"])
@needs(Right.RUN_COLLECTION)
def line_add(request: HttpRequest) -> HttpResponse:
    return _line(request, Line(), _("New line"))


@require_http_methods(["GET", "POST"])
@needs(Right.RUN_COLLECTION)
def line_edit(request: HttpRequest, pk: int) -> HttpResponse:
    user, at = who_and_when(request)
    line = reach.line_of(user, pk, at=at)
    return _line(request, line, line.name)


def _line(request: HttpRequest, line: Line, title: str) -> HttpResponse:
    user, at = who_and_when(request)
    form = LineForm(
        request.POST or None, instance=line, nodes=access.nodes_of(user, at=at),
        is_bound_to=user.role not in access.EVERYWHERE,
    )  # fmt: skip
    page = {
        "title": title,
        "lead": _("A modem, gateway or socket: one session at a time is possible on it."),
        "submit": _("Keep the line"),
        "back": reverse("desk:polling-lines"),
    }
    return _kept(request, form, lambda: services.keep_line(form.instance, at=at, by=user), page)


@require_http_methods(["GET", "POST"])
@needs(Right.EDIT_COLLECTION)
def plan_add(request: HttpRequest) -> HttpResponse:
    return _plan(request, CollectionPlan(), USUAL, _("New group"))


@require_http_methods(["GET", "POST"])
@needs(Right.EDIT_COLLECTION)
def plan_edit(request: HttpRequest, pk: int) -> HttpResponse:
    plan = get_object_or_404(CollectionPlan, pk=pk)
    every = dict(plan.items.values_list("kind", "every"))
    return _plan(request, plan, every, plan.name)


def _plan(
    request: HttpRequest, plan: CollectionPlan, every: dict[str, int], title: str
) -> HttpResponse:
    user, at = who_and_when(request)
    form = PlanForm(request.POST or None, instance=plan, every=every)
    page = {
        "title": title,
        "lead": _("What is read of the meters of a group, how often, and in which hours."),
        "submit": _("Keep the group"),
        "back": reverse("desk:polling"),
    }
    return _kept(
        request, form,
        lambda: services.keep_plan(form.instance, at=at, items=form.items, by=user), page,
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@needs(Right.EDIT_COLLECTION)
def access_add(request: HttpRequest) -> HttpResponse:
    return _access(request, CredentialSet(), _("New access to meters"))


@require_http_methods(["GET", "POST"])
@needs(Right.EDIT_COLLECTION)
def access_edit(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(CredentialSet, pk=pk)
    return _access(request, row, row.name)


def _access(request: HttpRequest, row: CredentialSet, title: str) -> HttpResponse:
    user, at = who_and_when(request)
    form = AccessForm(request.POST or None, instance=row)
    lead = _("Secrets are kept encrypted and never shown again.")
    if row.fingerprint:
        lead += " " + _("Empty fields leave them as they are.")
    page = {
        "title": title, "lead": lead, "submit": _("Keep the access"),
        "back": reverse("desk:polling-access"),
    }  # fmt: skip
    return _kept(
        request, form,
        lambda: services.keep_credentials(form.instance, at=at, given=form.given, by=user), page,
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@needs(Right.RUN_COLLECTION)
def device_edit(request: HttpRequest, meter: int) -> HttpResponse:
    """How a meter is reached; a meter that nobody reads yet gets its connection here."""
    user, at = who_and_when(request)
    found = reach.meter_of(user, meter, at=at)
    device = Device.objects.filter(meter=found).first() or Device(meter=found)
    lines = reach.lines(user, at=at)
    form = DeviceForm(request.POST or None, instance=device, lines=lines)
    page = {
        "title": _("Connection of meter No. %(number)s") % {"number": found.number},
        "lead": found.model.name,
        "submit": _("Keep the connection"),
        "back": f"{reverse('desk:polling')}?meter={meter}" if device.pk
        else reverse("desk:meter", args=[meter]),
        "next": f"{reverse('desk:polling')}?meter={meter}",
    }  # fmt: skip
    return _kept(request, form, lambda: services.keep_device(form.instance, at=at, by=user), page)


def _kept(
    request: HttpRequest, form: Any, deed: Callable[[], object], page: dict[str, Any]
) -> HttpResponse:
    if form.is_valid():
        try:
            deed()
        except ValidationError as wrong:
            told = wrong.message_dict if hasattr(wrong, "error_dict") else {"": wrong.messages}
            for name, errors in told.items():
                for error in errors:
                    form.add_error(name if name in form.fields else None, error)
        else:
            messages.success(request, _("The changes are kept."))
            return redirect(page.get("next", page["back"]))
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "desk/form.html", {"form": form, **page}, status=status)
