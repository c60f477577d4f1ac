"""Setting up the group of a balance, and giving it back to the tree."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from faza.accounts.models import User
from faza.contracts import access
from faza.contracts.permissions import Right
from faza.core.periods import start_of_day
from faza.desk.balances import forms, reach
from faza.desk.balances.asked import month_of
from faza.desk.doors import needs
from faza.desk.network.finding import node_of, who_and_when
from faza.metering import services
from faza.metering.balances import Scheme, scheme_at
from faza.metering.models import BalanceGroup, NetworkNode, UsagePoint
from faza.metering.querysets import UsagePointQuerySet

MOST_ROWS = 400
"""Points to choose from; further ones are told by their codes."""


@require_http_methods(["GET", "POST"])
@needs(Right.EDIT_NETWORK)
def group(request: HttpRequest, pk: int) -> HttpResponse:
    """Which points come in and go out, which losses are computed, from a day on."""
    user, at = who_and_when(request)
    place = node_of(user, pk, at=at)
    scheme, points = _standing(user, place, at)
    data = request.POST or None
    form = forms.GroupForm(data, points=points, initial=_initial(scheme, at))
    losses = forms.LossRows(data, prefix="loss", initial=forms.initial_losses(scheme))
    rows = _rows(place, scheme, points)
    chosen = forms.choices(rows, scheme, data)
    if data is not None and _is_set(place, form, losses, chosen, user=user, at=at):
        messages.success(request, _("The group of the balance is kept."))
        return redirect("desk:balance", pk)
    told = {
        "node": place,
        "scheme": scheme,
        "form": form,
        "losses": losses,
        "candidates": chosen,
        "more": points.below(place).count() > MOST_ROWS,
        "back": reverse("desk:balance", args=[pk]),
    }
    return render(request, "desk/balances/group.html", told, status=422 if data else 200)


@require_POST
@needs(Right.EDIT_NETWORK)
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the tree tell the balance again, from today on."""
    user, at = who_and_when(request)
    place = node_of(user, pk, at=at)
    scheme, _points = _standing(user, place, at)
    if scheme is None or scheme.group is None:
        raise Http404("no group")
    found = get_object_or_404(BalanceGroup, pk=scheme.group)
    today = start_of_day(reach.today_in(settings.TIME_ZONE, at), settings.TIME_ZONE)
    services.end_balance_group(group=found, valid_to=today, at=at, by=user)
    messages.success(request, _("From today on the balance is made up as the network stands."))
    return redirect("desk:balance", pk)


def _standing(
    user: User, place: NetworkNode, at: datetime
) -> tuple[Scheme | None, UsagePointQuerySet]:
    """The latest scheme of a place, and the points of electricity that a person works with.

    Raises Http404 where a point of another area stands in it: who does not see it cannot change
    what it stands in.
    """
    electric = UsagePoint.Resource.ELECTRICITY
    points = access.worked_points_of(user, at=at).filter(resource=electric)
    today = reach.today_in(settings.TIME_ZONE, at)
    held = reach.held_of(place, today, today + reach.EDGE)
    scheme = scheme_at(held, at)
    if scheme and points.filter(pk__in=scheme.points).count() < len(scheme.points):
        raise Http404("a point of another area")
    return scheme, points


def _initial(scheme: Scheme | None, at: datetime) -> dict[str, Any]:
    asked = scheme or Scheme(0, reach.NO_SIDES)
    today = reach.today_in(settings.TIME_ZONE, at)
    return {
        "valid_from": month_of(today),
        "least_complete": asked.least_complete,
        "permitted": asked.permitted,
        "losses_error": asked.losses_error,
    }


def _rows(
    place: NetworkNode, scheme: Scheme | None, points: UsagePointQuerySet
) -> list[tuple[int, str, str, str]]:
    """Points to choose from: those in the scheme, and those at the place and below. Two queries."""
    told = ("id", "code", "name", "node__name")
    inside = points.filter(pk__in=scheme.points if scheme else ())
    rows = {row[0]: row for row in inside.values_list(*told)}
    # In the scheme's own order, which is that of the network.
    ordered = {pk: rows[pk] for pk in (scheme.points if scheme else ()) if pk in rows}
    for row in points.below(place).by_place().values_list(*told)[:MOST_ROWS]:
        ordered.setdefault(row[0], row)
    return list(ordered.values())


def _is_set(
    place: NetworkNode, form: forms.GroupForm, losses: Any, chosen: list[forms.Choice], *,
    user: User, at: datetime,
) -> bool:  # fmt: skip
    """Whether what was typed could be kept; else the form says why not."""
    if not (form.is_valid() and losses.is_valid()):
        return False
    told = form.cleaned_data
    try:
        services.set_balance_group(
            node=place,
            members=forms.members(chosen, told["more_in"], told["more_out"]),
            losses=[loss for one in losses if (loss := one.loss())],
            valid_from=told["valid_from"],
            at=at,
            least_complete=told["least_complete"],
            permitted=told["permitted"],
            losses_error=told["losses_error"],
            by=user,
        )
    except services.OneSided:
        form.add_error(None, _("A balance needs a point that comes in and one that goes out."))
    except services.LaterStands:
        form.add_error("valid_from", _("A later group stands: take its first day or a later one."))
    except ValidationError:
        form.add_error(None, _("A point stands in a balance once; look at the codes."))
    else:
        return True
    return False
