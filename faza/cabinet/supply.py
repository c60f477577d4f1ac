"""The switch in the meter as its consumer is told of it; requests of a supplier about supply.

A supplier may ask, and take its own request back; all else is decided at the desk.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from faza.accounts.models import User
from faza.collection.models import SupplyOrder
from faza.collection.orders import papers, services, words
from faza.collection.orders.papers import Document
from faza.collection.orders.rules import Deed, Fault, Ground, Initiator, State
from faza.collection.orders.services import Wanted
from faza.collection.orders.showing import Supply
from faza.contracts import access
from faza.contracts.permissions import Right, may
from faza.ui import formats

SHOWN = 100
"""Requests that the page lists."""


@dataclass(frozen=True, slots=True)
class Told:
    """State of supply in words; kind: good, warn or bad. lines: since when, why, what is planned.

    is_news: it is told above the list too.
    """

    kind: str
    words: str
    lines: tuple[str, ...]
    is_news: bool


def told(supply: Supply | None, zone: str) -> Told | None:
    """None where nothing is known of a switch."""
    if supply is None:
        return None
    kind, said = _state(supply)
    lines = tuple(_lines(supply, ZoneInfo(zone)))
    if not said and not lines:
        return None
    is_news = kind != "good" or supply.planned is not None
    return Told(kind, said or _("A change of supply is planned"), lines, is_news)


def _state(supply: Supply) -> tuple[str, str]:
    match supply.state:
        case "off":
            return "bad", _("Supply is limited: the relay is open")
        case "ready":
            return "warn", _("Supply may be switched on by the button at the meter")
        case "on" if supply.limit:
            return "warn", _("Supply is on, the power is limited")
        case "on":
            return "good", _("Supply is on")
    return ("warn", _("The power is limited")) if supply.limit else ("warn", "")


def _lines(supply: Supply, zone: ZoneInfo) -> list[str]:
    lines = []
    if supply.limit:
        power = formats.number(supply.limit / 1000, 1)
        lines.append(_("Up to %(power)s kW.") % {"power": power})
    if supply.since is not None:
        ground = dict(SupplyOrder.Ground.choices)[supply.ground]
        since = formats.moment(supply.since, zone)
        lines.append(_("Since %(when)s, ground: %(why)s.") % {"when": since, "why": ground})
    elif supply.read_at is not None:
        read = formats.moment(supply.read_at, zone)
        lines.append(_("By the meter on %(when)s.") % {"when": read})
    if supply.planned is not None:
        lines.append(
            _("Planned not before %(when)s: %(what)s; ground: %(why)s.")
            % {
                "when": formats.moment(supply.planned.not_before, zone),
                "what": supply.planned.get_deed_display(),
                "why": supply.planned.get_ground_display(),
            }
        )
    return lines


class RequestForm(forms.Form):
    """What a supplier asks for."""

    code = forms.CharField(label=gettext_lazy("Code of the point"), max_length=50)
    deed = forms.ChoiceField(
        label=gettext_lazy("What is asked for"), choices=SupplyOrder.Deed.choices
    )
    ground = forms.ChoiceField(label=gettext_lazy("Ground"), choices=SupplyOrder.Ground.choices)
    words = forms.CharField(
        label=gettext_lazy("The ground in words"), max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    noticed_on = forms.DateField(
        label=gettext_lazy("Notice given on"), required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )  # fmt: skip
    power = forms.DecimalField(
        label=gettext_lazy("Up to which power, kW"), required=False, min_value=0,
        max_value=100_000, decimal_places=3,
    )  # fmt: skip
    document = forms.FileField(label=gettext_lazy("Document"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **({"label_suffix": ""} | kwargs))
        for field in self.fields.values():
            is_choice = isinstance(field, forms.ChoiceField)
            field.widget.attrs["class"] = "form-select" if is_choice else "form-control"

    def wanted(self, at: datetime) -> Wanted:
        said = self.cleaned_data
        deed, power = Deed(said["deed"]), said["power"]
        return Wanted(
            deed=deed, ground=Ground(said["ground"]), words=said["words"], not_before=at,
            initiator=Initiator.SUPPLIER, noticed_on=said["noticed_on"],
            threshold=int(power * 1000) if power and deed is Deed.LIMIT else None,
        )  # fmt: skip

    def documents(self) -> list[Document]:
        file = self.cleaned_data["document"]
        return [Document((file.name or "")[-200:], file.read())] if file else []


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def requests(request: HttpRequest) -> HttpResponse:
    """A supplier's requests, and a new one."""
    user, at = _supplier(request), timezone.now()
    form = RequestForm(
        request.POST or None, request.FILES or None, initial={"code": request.GET.get("point", "")}
    )
    if request.method == "POST" and form.is_valid() and _asked(form, user, at):
        messages.success(request, _("The request is with the network company."))
        return redirect("cabinet:supply")
    seen = access.points_visible(user, at=at).values("pk")
    own = SupplyOrder.objects.filter(asked_by=user, usage_point__in=seen)
    shown = {
        "form": form,
        "orders": own.select_related("usage_point").order_by("-pk")[:SHOWN],
        "open": {State.ASKED.value},
    }
    return render(request, "cabinet/supply.html", shown, status=422 if form.is_bound else 200)


def _asked(form: RequestForm, user: User, at: datetime) -> bool:
    point = access.usage_points_of(user, at=at).filter(code=form.cleaned_data["code"]).first()
    if point is None:
        form.add_error("code", _("There is no such point in your agreements."))
        return False
    try:
        services.request(
            point=point, wanted=form.wanted(at), documents=form.documents(), at=at, by=user
        )
    except services.Faulty as faulty:
        for fault in words.faults(faulty.faults):
            form.add_error(None, fault)
    except services.Forbidden:
        form.add_error("code", _("There is no such point in your agreements."))
    except papers.NoPaper:
        form.add_error("document", words.FAULTS[Fault.NO_PAPER])
    except services.OtherOrder:
        form.add_error(None, _("An order about this point is open already."))
    else:
        return True
    return False


def _supplier(request: HttpRequest) -> User:
    user = cast(User, request.user)
    if not may(user, Right.REQUEST_LIMIT):
        raise PermissionDenied(Right.REQUEST_LIMIT)
    return user


@require_POST
@login_required
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back an own request that nobody has taken up."""
    user, at = _supplier(request), timezone.now()
    order = get_object_or_404(SupplyOrder, pk=pk, asked_by=user)
    try:
        services.withdraw(order=order, reason="", at=at, by=user)
    except (services.MovedOn, services.Forbidden):
        messages.error(request, _("The network company deals with it already."))
    return redirect("cabinet:supply")
