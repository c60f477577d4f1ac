"""Pages to look at: the tree with points, one of each object, the lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from faza.accounts.models import User
from faza.audit import queries as audit
from faza.contracts import access
from faza.contracts.permissions import Right, may
from faza.desk import lists
from faza.desk.doors import needs
from faza.desk.network import rows, tree
from faza.desk.network.card import TABS, Card, card, state_of
from faza.desk.network.finding import (
    meter_of,
    node_of,
    point_of,
    transformer_of,
    who_and_when,
)
from faza.desk.network.heard import heard
from faza.desk.network.summary import Summary, summary
from faza.desk.network.tables import MeterTable, PointTable, TransformerTable
from faza.metering import queries as metering
from faza.metering import rules
from faza.metering.models import MeterModel, NetworkNode, UsagePoint

BESIDE = 40
"""Points of a page of the list beside the tree."""


@dataclass(frozen=True, slots=True)
class Tab:
    url: str
    is_now: bool


@require_safe
@needs(Right.SEE_NETWORK)
def network(request: HttpRequest) -> HttpResponse:
    """The tree, the points of the chosen place, the card of the chosen point.

    `node` and `point` choose; asked by htmx for the card, only that is sent.
    """
    user, at = who_and_when(request)
    code = request.GET.get("point", "")
    point = point_of(user, code, at=at) if code else None
    shown = card(user, point, _tab(request), at=at) if point else None
    if request.headers.get("HX-Target") == "card":
        part = {"card": shown, "beside": True, "tabs": _tabs(request, shown)}
        return render(request, "desk/network/parts/card.html", part)
    if request.GET.get("node"):
        node: NetworkNode | None = node_of(user, request.GET["node"], at=at)
    else:
        node = point.node if point else tree.first_of(user, at=at)
    told: dict[str, object] = {"node": node, "card": shown, "beside": True}
    told["tabs"] = _tabs(request, shown)
    text = request.GET.get("find", "")
    told["tree"] = found = tree.tree(user, chosen=node, search=text, at=at)
    if found.found and len(found.found) == 1 and "node" not in request.GET and not code:
        return redirect(f"{request.path}?node={found.found[0].id}")
    if node is not None:
        points = rows.points(user, at=at).below(node)
        if request.GET.get("export"):
            return _exported(request, points, node.name)
        listed = lists.shown(
            request, points, table=PointTable, filters=rows.PointFilter, name="points",
            per_page=BESIDE, beside=str(node.pk), card=code,
        )  # fmt: skip
        on_page = [row.record for row in listed.table.paginated_rows]
        listed.table.heard = heard(user, on_page, at=at)
        told |= {"listed": listed, "summary": summary(points, at=at)}
    return render(request, "desk/network/page.html", told)


def _exported(request: HttpRequest, points: QuerySet[UsagePoint], name: str) -> HttpResponse:
    whole = lists.shown(request, points, table=PointTable, filters=rows.PointFilter, name="points")
    title = _("Points of %(place)s") % {"place": name}
    answer = lists.exported(request, whole, title=title, personal=True)
    return answer or HttpResponse(status=400)


@require_safe
@needs(Right.SEE_NETWORK)
def branch(request: HttpRequest, pk: int) -> HttpResponse:
    """The places right under one: what the tree asks for when a branch is opened."""
    user, at = who_and_when(request)
    node = node_of(user, pk, at=at)
    told = request.GET.get("from", "0")
    first = int(told) if told.isascii() and told.isdecimal() and len(told) < 7 else 0
    opened = tree.level(user, node, first=first, at=at)
    return render(request, "desk/network/parts/branches.html", {"parent": opened})


@require_safe
@needs(Right.SEE_NETWORK)
def places(request: HttpRequest) -> HttpResponse:
    """Places that a text finds, as choices of a field: where to move something to."""
    user, at = who_and_when(request)
    found = tree.tree(user, chosen=None, search=request.GET.get("to", ""), at=at)
    nodes = access.nodes_of(user, at=at).in_bulk([one.id for one in found.found or ()])
    told = [(nodes[one.id].code, one) for one in found.found or () if one.id in nodes]
    return render(request, "desk/network/parts/places.html", {"places": told})


@require_safe
@needs(Right.SEE_NETWORK)
def node(request: HttpRequest, pk: int) -> HttpResponse:
    """A place: what it is, what stands under it, its history."""
    user, at = who_and_when(request)
    found = node_of(user, pk, at=at)
    told = {
        "node": found,
        "icon": tree.ICONS[NetworkNode.Kind(found.kind)],
        "place": metering.paths_of_nodes([found])[found.pk].split(rules.SEPARATOR)[:-1],
        "inside": tree.level(user, found, first=0, at=at),
        "summary": summary(rows.points(user, at=at).below(found), at=at),
        "history": audit.history_of(found),
    }
    return render(request, "desk/network/node.html", told)


@require_safe
@needs(Right.SEE_NETWORK)
def point(request: HttpRequest, code: str) -> HttpResponse:
    """A point on a page of its own; `tab` chooses the part."""
    user, at = who_and_when(request)
    found = point_of(user, code, at=at)
    shown = card(user, found, _tab(request), at=at)
    template = "desk/network/point.html"
    if request.headers.get("HX-Target") == "card":
        template = "desk/network/parts/card.html"
    told = {"card": shown, "beside": False, "tabs": _tabs(request, shown)}
    told["may_switch"] = may(user, Right.SWITCH_RELAY, at=at)
    return render(request, template, told)


@require_safe
@needs(Right.SEE_NETWORK)
def meter(request: HttpRequest, pk: int) -> HttpResponse:
    """A meter: its passport, where it stood, its history."""
    user, at = who_and_when(request)
    found = meter_of(user, pk, at=at)
    stood = access.complexes_of(user, at=at).filter(meter=found)
    told = {
        "meter": found,
        "model": found.model,
        "due": state_of(found.verification_due, today=at.date()),
        "stood": stood.select_related("usage_point").order_by("-valid_from"),
        "history": audit.history_of(found),
    }
    return render(request, "desk/network/meter.html", told)


@require_safe
@needs(Right.SEE_NETWORK)
def transformer(request: HttpRequest, pk: int) -> HttpResponse:
    """An instrument transformer: its plate, where it stood, its history."""
    user, at = who_and_when(request)
    found = transformer_of(user, pk, at=at)
    stood = access.complexes_of(user, at=at).filter(transformers=found)
    told = {
        "transformer": found,
        "due": state_of(found.verification_due, today=at.date()),
        "stood": stood.select_related("usage_point", "meter").order_by("-valid_from"),
        "history": audit.history_of(found),
    }
    return render(request, "desk/network/transformer.html", told)


@require_safe
@needs(Right.SEE_NETWORK)
def points(request: HttpRequest) -> HttpResponse:
    """All points, flat: to search, filter, export, move."""
    user, at = who_and_when(request)
    found = rows.points(user, at=at)
    listed = lists.shown(request, found, table=PointTable, filters=rows.PointFilter, name="points")
    told = {"listed": listed, "summary": summary(found, at=at)}
    return _list(request, "points", listed, _("Usage points"), told, personal=True)


@require_safe
@needs(Right.SEE_NETWORK)
def meters(request: HttpRequest) -> HttpResponse:
    """All meters: standing and in stock, with their verification."""
    user, at = who_and_when(request)
    listed = lists.shown(
        request,
        rows.meters(user, at=at),
        table=MeterTable,
        filters=rows.MeterFilter,
        name="meters",
    )
    told = {"listed": listed, "summary": _summary(user, at)}
    return _list(request, "meters", listed, _("Meters"), told)


@require_safe
@needs(Right.SEE_NETWORK)
def transformers(request: HttpRequest) -> HttpResponse:
    """All instrument transformers."""
    user, at = who_and_when(request)
    listed = lists.shown(
        request,
        rows.transformers(user, at=at),
        table=TransformerTable,
        filters=rows.TransformerFilter,
        name="transformers",
    )
    return _list(request, "transformers", listed, _("Transformers"), {"listed": listed})


@require_safe
@needs(Right.SEE_NETWORK)
def meter_models(request: HttpRequest) -> HttpResponse:
    """Types of meters; they are common to all areas."""
    told = {"models": MeterModel.objects.order_by("name", "manufacturer")}
    return render(request, "desk/network/models.html", told)


def _summary(user: User, at: datetime) -> Summary:
    return summary(rows.points(user, at=at), at=at)


def _list(
    request: HttpRequest, name: str, listed: lists.Shown, title: str, told: dict[str, object], *,
    personal: bool = False,
) -> HttpResponse:  # fmt: skip
    file = lists.exported(request, listed, title=title, personal=personal)
    return file or render(request, f"desk/network/{name}.html", told)


def _tabs(request: HttpRequest, shown: Card | None) -> list[tuple[Tab, str]]:
    """The parts of a card with their addresses."""
    if shown is None:
        return []
    query = request.GET.copy()
    made = []
    for name, words in TABS.items():
        query["tab"] = name
        made.append((Tab(f"?{query.urlencode()}", name == shown.tab), str(words)))
    return made


def _tab(request: HttpRequest) -> str:
    tab = request.GET.get("tab", "")
    return tab if tab in TABS else "complex"
