"""Pages to look at: the balances of a part of the network, and one of them over time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from faza.accounts.models import User
from faza.contracts.permissions import Right, may
from faza.desk import exports
from faza.desk.balances import asked as address
from faza.desk.balances import listing, picture, reach, words
from faza.desk.balances.asked import ANY, DAY, Asked
from faza.desk.balances.listing import Listed
from faza.desk.balances.node import Shown, Sum, needed, shown
from faza.desk.board import parts
from faza.desk.doors import needs
from faza.desk.network.finding import node_of, who_and_when
from faza.metering import queries as metering
from faza.metering import rules
from faza.metering.models import NetworkNode
from faza.ui.periods import Choice


@require_safe
@needs(Right.SEE_NETWORK)
def balances(request: HttpRequest) -> HttpResponseBase:
    """Places by how far their imbalance is beyond what is permitted; `node` narrows."""
    user, at = who_and_when(request)
    asked = _asked(request, settings.TIME_ZONE, at)
    if asked.span == ANY:
        asked = address.Asked(DAY, asked.last, asked.last)
    top = node_of(user, request.GET["node"], at=at) if request.GET.get("node") else None
    found = listing.listed(user, top, asked, at=at)
    if (file := request.GET.get("export", "")) in exports.FORMATS:
        rows = list(_list_rows(found))
        return _file(request, user, rows, file, _("Balances"), at)
    kept = f"&node={top.pk}" if top else ""
    told = {
        "asked": asked,
        "found": found,
        "top": top,
        "parts": _parts(user, top, asked),
        "period": words.period(asked),
        "spans": _spans(asked, (DAY, address.MONTH), kept),
        "here": asked.address() + kept,
        **_steps(asked, kept, settings.TIME_ZONE, at),
    }
    return render(request, "desk/balances/balances.html", told)


@require_safe
@needs(Right.SEE_NETWORK)
def balance(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The balance of one place over a day, a month or any days."""
    user, at = who_and_when(request)
    place = node_of(user, pk, at=at)
    asked = _asked(request, settings.TIME_ZONE, at)
    held = reach.held_of(place, *needed(asked))
    found = shown(user, place, asked, held, at=at)
    if found and (file := request.GET.get("export", "")) in exports.FORMATS:
        return _file(request, user, list(_node_rows(found)), file, place.name, at)
    path = metering.paths_of_nodes([place])[place.pk]
    told: dict[str, object] = {
        "node": place,
        "place": path.split(rules.SEPARATOR)[:-1],
        "asked": asked,
        "here": asked.address(),
        "period": words.period(asked),
        "spans": _spans(asked, address.SPANS, ""),
        "may_edit": may(user, Right.EDIT_NETWORK) and not (found and found.hidden),
        **_steps(asked, "", settings.TIME_ZONE, at),
    }
    if found is None:
        return render(request, "desk/balances/none.html", told)
    zone = ZoneInfo(found.zone)
    told |= {
        "shown": found,
        "zone": zone,
        "chart": picture.bars(found),
        "table": [(picture.title(one, asked, zone), one) for one in found.bars],
        "pieces": picture.pieces(found),
        "outward": [
            (line, words.remark(line, asked), picture.spark(line.days)) for line in found.outward
        ],
        "missing": words.missing(found),
        "conclusions": words.conclusions(found),
        "suspect": words.suspected(found),
        "is_day": words.is_day(asked),
        "compared": words.compared(asked.last),
        "by": [
            Choice(str(words.STEPS[step]), asked.address(by=step), step == asked.by)
            for step in asked.steps
        ],
        "orders": [
            Choice(str(words.ORDERS[order]), asked.address(order=order), order == asked.order)
            for order in address.ORDERS
        ],
        "errors": _range([line.error for line in found.lines]),
        "weights": _range([line.weight for line in found.lines if line.weight is not None]),
        "assumed": sum(not line.is_told for line in found.lines),
    }
    return render(request, "desk/balances/balance.html", told)


def _asked(request: HttpRequest, zone: str, at: datetime) -> Asked:
    return address.read(request.GET, today=reach.today_in(zone, at))


def _range(values: Sequence[float]) -> tuple[float, float] | None:
    return (min(values), max(values)) if values else None


def _spans(asked: Asked, spans: Sequence[str], kept: str) -> list[Choice]:
    return [
        Choice(str(words.SPANS[span]), asked.address(span=span) + kept, span == asked.span)
        for span in spans
    ]


def _steps(asked: Asked, kept: str, zone: str, at: datetime) -> dict[str, str]:
    """Where the period's control leads: earlier, and later as far as there is anything."""
    later = asked.moved(1)
    is_over = later.first > reach.today_in(zone, at)
    return {
        "earlier": asked.moved(-1).address() + kept,
        "later": "" if is_over else later.address() + kept,
    }


def _parts(user: User, top: NetworkNode | None, asked: Asked) -> list[Choice]:
    """The parts of the network to narrow the list to; one further down stands beside them."""
    nodes = parts(user)
    if top is not None and top.pk not in {node.pk for node in nodes}:
        nodes = [*nodes, top]
    made = [Choice(_("All"), asked.address(), top is None)]
    made += [
        Choice(
            node.name, f"{asked.address()}&node={node.pk}", top is not None and node.pk == top.pk
        )
        for node in nodes
    ]
    return made if len(nodes) > 1 or top is not None else []


def _file(
    request: HttpRequest, user: User, rows: list[Sequence[object]], file: str, title: str,
    at: datetime,
) -> HttpResponse:  # fmt: skip
    exports.note(user, "balances", request.GET.urlencode(), file, len(rows) - 1, at)
    return exports.FORMATS[file](rows, title=title, name="balances")


def _list_rows(found: Listed) -> Iterator[Sequence[object]]:
    yield (
        _("Place"), _("Stands under"), _("Came in, kWh"), _("Went out, kWh"), _("Losses, kWh"),
        _("Imbalance, kWh"), _("Imbalance, %"), _("Permitted, %"), _("Known hours, %"),
        _("Estimated, %"),
    )  # fmt: skip
    for row in found.rows:
        yield (row.node.name, row.place, *_cells(row.sum))


def _node_rows(found: Shown) -> Iterator[Sequence[object]]:
    """The bars of the picture, then the points over the whole period."""
    yield (
        _("Period"), _("Came in, kWh"), _("Went out, kWh"), _("Losses, kWh"), _("Imbalance, kWh"),
        _("Imbalance, %"), _("Permitted, %"), _("Known hours, %"), _("Estimated, %"),
    )  # fmt: skip
    zone = ZoneInfo(found.zone)
    for one in found.bars:
        if one.state != "coming":
            yield (picture.title(one, found.asked, zone), *_cells(one.sum))
    yield (words.period(found.asked), *_cells(found.sum))
    yield ()
    yield (_("Usage point"), _("Side"), _("Forth, kWh"), _("Back, kWh"), _("Known hours, %"))
    for side, lines in ((_("comes in"), found.inward), (_("goes out"), found.outward)):
        for line in lines:
            if line.point is not None:
                share = round(line.complete, 1)
                yield (line.point.name, side, line.forth, line.back, share)


def _cells(told: Sum) -> tuple[object, ...]:
    """A balance as cells; empty where it is not judged or not told."""

    def rounded(value: float | None) -> float | None:
        return None if value is None else round(value, 2)

    whole = (told.received, told.released, told.losses, told.imbalance, rounded(told.percent))
    return (*whole, rounded(told.permitted), rounded(told.share), rounded(told.estimated))
