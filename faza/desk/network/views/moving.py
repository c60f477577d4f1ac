"""Moving places and points, and taking away an empty place."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from faza.contracts import access
from faza.contracts.permissions import Right
from faza.desk import lists
from faza.desk.doors import needs
from faza.desk.network import rows
from faza.desk.network.finding import node_of, who_and_when
from faza.desk.network.forms import PlaceForm
from faza.metering import services
from faza.metering.models import NetworkNode


@require_http_methods(["GET", "POST"])
@needs(Right.EDIT_NETWORK)
def node_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Hang a place with all below it under another one."""
    user, at = who_and_when(request)
    node = node_of(user, pk, at=at)
    form = PlaceForm(request.POST or None, nodes=access.nodes_of(user, at=at))
    below = rows.points(user, at=at).below(node).count()
    if form.is_valid():
        to: NetworkNode = form.cleaned_data["to"]
        try:
            services.move_node(node=node, to=to, at=at, by=user)
        except services.UnderItself:
            form.add_error("to", _("A place cannot stand under itself."))
        except services.TooDeep:
            form.add_error("to", _("The tree would be too deep."))
        else:
            told = {"name": node.name, "to": to.name}
            messages.success(request, _("%(name)s now stands under %(to)s.") % told)
            return redirect(f"{reverse('desk:network')}?node={node.pk}")
    page = {
        "title": _("Move %(name)s") % {"name": node.name},
        "lead": ngettext(
            "%(count)s point goes along. Who sees it follows the place: areas, houses.",
            "%(count)s points go along. Who sees them follows the place: areas, houses.",
            below,
        )
        % {"count": below},
        "submit": _("Move"),
        "back": reverse("desk:node", args=[pk]),
        "form": form,
    }
    status = 422 if form.is_bound else 200
    return render(request, "desk/network/move.html", page, status=status)


@require_POST
@needs(Right.EDIT_NETWORK)
def node_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take away a place on which nothing stands."""
    user, at = who_and_when(request)
    node = node_of(user, pk, at=at)
    parent = node.parent_id
    try:
        services.remove_node(node=node, at=at, by=user)
    except services.InUse:
        words = _("The place is not empty: move or remove what stands there first.")
        messages.error(request, words)
        return redirect("desk:node", pk)
    messages.success(request, _("%(name)s is removed.") % {"name": node.name})
    back = reverse("desk:network")
    is_there = parent is not None and access.nodes_of(user, at=at).filter(pk=parent).exists()
    return redirect(f"{back}?node={parent}" if is_there else back)


@require_POST
@needs(Right.EDIT_NETWORK)
def points_move(request: HttpRequest) -> HttpResponse:
    """Bring the chosen points to another place: first what will change, then the deed."""
    user, at = who_and_when(request)
    found = rows.points(user, at=at)
    if request.POST.get("node"):
        found = found.below(node_of(user, request.POST["node"], at=at))
    chosen = lists.chosen(request, found.order_by("name_key", "id"), rows.PointFilter)
    points = list(chosen)
    sure = "sure" in request.POST
    form = PlaceForm(request.POST if sure else None, nodes=access.nodes_of(user, at=at))
    if sure and points and form.is_valid():
        to: NetworkNode = form.cleaned_data["to"]
        numbers = [point.pk for point in points]
        mine = access.worked_points_of(user, at=at).filter(pk__in=numbers)
        moved = services.move_usage_points(mine, to=to, at=at, by=user)
        words = ngettext(
            "%(count)s point now stands at %(to)s.", "%(count)s points now stand at %(to)s.", moved
        )
        messages.success(request, words % {"count": moved, "to": to.name})
        return redirect(f"{reverse('desk:network')}?node={to.pk}")
    told: dict[str, Any] = {
        "title": _("Move usage points"),
        "lead": _("Readings, meters and agreements stay with the points; only the place changes."),
        "effects": [_("Operators and house managers see the points by the new place at once.")],
        "passing": [f"{point.name} · {point.node.name}" for point in points],
        "staying": [],
        "confirm": _("Move the points"),
        "action": request.path,
        "hidden": lists.kept_choice(points),
        "back": reverse("desk:points"),
        "form": form,
    }
    return render(request, "desk/network/points_move.html", told, status=422 if sure else 200)
