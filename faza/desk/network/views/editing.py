"""Forms that add and change places, points, instruments."""

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

from faza.contracts import access
from faza.contracts.permissions import Right
from faza.desk.doors import needs
from faza.desk.network import forms
from faza.desk.network.finding import (
    meter_of,
    node_of,
    point_of,
    transformer_of,
    who_and_when,
)
from faza.metering import services
from faza.metering.models import Meter, MeterModel, UsagePoint

Deed = Callable[..., Any]
SAID = {
    services.InUse: _("It cannot be changed so: it is or was installed."),
    services.TooDeep: _("The tree would be too deep."),
    services.ZoneStands: _("The time zone and the resource of a point are not changed."),
}


@require_http_methods(["GET", "POST"])
@needs(Right.EDIT_NETWORK)
def node_add(request: HttpRequest) -> HttpResponse:
    """A new place under the one named by `parent`; at the top only for who works everywhere."""
    user, at = who_and_when(request)
    asked = request.GET.get("parent", "")
    parent = node_of(user, asked, at=at) if asked or not _sees_roots(request) else None
    form = forms.NodeForm(request.POST or None)
    told = {
        "title": _("New place"),
        "lead": _("It will stand under %(name)s.") % {"name": parent.name} if parent else "",
        "submit": _("Add the place"),
        "back": _network(parent.pk if parent else None),
    }
    if form.is_valid():
        fields = {name: form.cleaned_data[name] for name in ("kind", "code", "name")}
        made = _done(form, services.add_node, parent=parent, at=at, by=user, **fields)
        if made is not None:
            messages.success(request, _("The place is added."))
            return redirect(_network(made.pk))
    return _form(request, form, told)


def _sees_roots(request: HttpRequest) -> bool:
    user, _at = who_and_when(request)
    return user.role in access.EVERYWHERE


@require_http_methods(["GET", "POST"])
@needs(Right.EDIT_NETWORK)
def node_edit(request: HttpRequest, pk: int) -> HttpResponse:
    user, at = who_and_when(request)
    found = node_of(user, pk, at=at)
    told = {
        "title": found.name,
        "lead": _("Name, kind and code of the place."),
        "submit": _("Keep the changes"),
        "back": reverse("desk:node", args=[pk]),
    }
    form = forms.NodeForm(request.POST or None, instance=found)
    return _edited(request, form, services.change_node, told)


@require_http_methods(["GET", "POST"])
@needs(Right.EDIT_NETWORK)
def point_add(request: HttpRequest) -> HttpResponse:
    """A new point at the place named by `node`."""
    user, at = who_and_when(request)
    place = node_of(user, request.GET.get("node", ""), at=at)
    form = forms.NewPointForm(request.POST or None, instance=UsagePoint(node=place))
    told = {
        "title": _("New usage point"),
        "lead": _("It will stand at %(name)s. A meter is put in after that.")
        % {"name": place.name},
        "submit": _("Add the point"),
        "back": _network(place.pk),
    }
    if form.is_valid():
        made = _done(form, services.add_usage_point, form.instance, at=at, by=user)
        if made is not None:
            messages.success(request, _("The point is added. Now its meter can be put in."))
            return redirect("desk:point", made.code)
    return _form(request, form, told)


@require_http_methods(["GET", "POST"])
@needs(Right.EDIT_NETWORK)
def point_edit(request: HttpRequest, code: str) -> HttpResponse:
    user, at = who_and_when(request)
    found = point_of(user, code, at=at)
    told = {
        "title": found.name,
        "lead": _("The time zone (%(zone)s) is not changed: the days of the point are cut by it.")
        % {"zone": found.zone},
        "submit": _("Keep the changes"),
        "back": reverse("desk:point", args=[code]),
    }
    form = forms.PointForm(request.POST or None, instance=found)
    if form.is_valid():
        kept = _done(form, services.change_usage_point, form.instance, at=at, by=user)
        if kept is not None:
            messages.success(request, _("The changes are kept."))
            return redirect("desk:point", kept.code)  # the code may be a new one
    return _form(request, form, told)


@require_http_methods(["GET", "POST"])
@needs(Right.EDIT_NETWORK)
def meter_add(request: HttpRequest) -> HttpResponse:
    told = {
        "title": _("New meter"),
        "lead": _("It stays in stock until it is put in at a point."),
        "submit": _("Add the meter"),
        "back": reverse("desk:meters"),
    }
    form = forms.MeterForm(request.POST or None, instance=Meter())
    return _added(request, form, services.add_meter, told, "desk:meter")


@require_http_methods(["GET", "POST"])
@needs(Right.EDIT_NETWORK)
def meter_edit(request: HttpRequest, pk: int) -> HttpResponse:
    user, at = who_and_when(request)
    found = meter_of(user, pk, at=at)
    told = {
        "title": _("Meter No. %(number)s") % {"number": found.number},
        "lead": _("Number, verification, certificate and seals."),
        "submit": _("Keep the changes"),
        "back": reverse("desk:meter", args=[pk]),
    }
    form = forms.MeterForm(request.POST or None, instance=found)
    return _edited(request, form, services.change_meter, told)


@require_http_methods(["GET", "POST"])
@needs(Right.EDIT_NETWORK)
def model_add(request: HttpRequest) -> HttpResponse:
    told = {
        "title": _("New type of meters"),
        "lead": _("As its type approval and passport say."),
        "submit": _("Add the type"),
        "back": reverse("desk:meter-models"),
    }
    form = forms.MeterModelForm(request.POST or None)
    return _added(request, form, services.add_meter_model, told, "")


@require_http_methods(["GET", "POST"])
@needs(Right.EDIT_NETWORK)
def model_edit(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(MeterModel, pk=pk)
    told = {
        "title": found.name,
        "lead": _("The digits stand once a meter of the type was installed."),
        "submit": _("Keep the changes"),
        "back": reverse("desk:meter-models"),
    }
    form = forms.MeterModelForm(request.POST or None, instance=found)
    return _edited(request, form, services.change_meter_model, told)


@require_http_methods(["GET", "POST"])
@needs(Right.EDIT_NETWORK)
def transformer_add(request: HttpRequest) -> HttpResponse:
    told = {
        "title": _("New instrument transformer"),
        "lead": _("It stays in stock until it is part of a complex."),
        "submit": _("Add the transformer"),
        "back": reverse("desk:transformers"),
    }
    form = forms.TransformerForm(request.POST or None)
    return _added(request, form, services.add_transformer, told, "desk:transformer")


@require_http_methods(["GET", "POST"])
@needs(Right.EDIT_NETWORK)
def transformer_edit(request: HttpRequest, pk: int) -> HttpResponse:
    user, at = who_and_when(request)
    found = transformer_of(user, pk, at=at)
    told = {
        "title": str(found),
        "lead": _("The kind and the ratio stand once it was part of a complex."),
        "submit": _("Keep the changes"),
        "back": reverse("desk:transformer", args=[pk]),
    }
    form = forms.TransformerForm(request.POST or None, instance=found)
    return _edited(request, form, services.change_transformer, told)


def _added(
    request: HttpRequest, form: Any, deed: Deed, told: dict[str, Any], page: str
) -> HttpResponse:
    user, at = who_and_when(request)
    if form.is_valid():
        made = _done(form, deed, form.instance, at=at, by=user)
        if made is not None:
            messages.success(request, _("%(name)s is added.") % {"name": made})
            return redirect(page, made.pk) if page else redirect(told["back"])
    return _form(request, form, told)


def _edited(request: HttpRequest, form: Any, deed: Deed, told: dict[str, Any]) -> HttpResponse:
    user, at = who_and_when(request)
    if form.is_valid() and _done(form, deed, form.instance, at=at, by=user) is not None:
        messages.success(request, _("The changes are kept."))
        return redirect(told["back"])
    return _form(request, form, told)


def _done(form: Any, deed: Deed, *args: Any, **kwargs: Any) -> Any:
    """What a deed gives; None where it was refused, and the form says why."""
    try:
        return deed(*args, **kwargs)
    except ValidationError as wrong:
        told = wrong.message_dict if hasattr(wrong, "error_dict") else {"": wrong.messages}
        for name, errors in told.items():
            for error in errors:
                form.add_error(name if name in form.fields else None, error)
    except tuple(SAID) as refused:
        form.add_error(None, SAID[type(refused)])
    return None


def _form(request: HttpRequest, form: Any, told: dict[str, Any]) -> HttpResponse:
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "desk/form.html", {"form": form, **told}, status=status)


def _network(node: int | None) -> str:
    address = reverse("desk:network")
    return f"{address}?node={node}" if node is not None else address
