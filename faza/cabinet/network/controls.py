"""Where the page's controls lead: other moments, quantities, times, points, files."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from faza.accounts.models import User
from faza.cabinet.choice import Chosen, Point
from faza.cabinet.network import asked as asking
from faza.cabinet.network import pictures
from faza.cabinet.network.asked import Asked
from faza.contracts import access
from faza.core.reading_types import Commodity
from faza.readings.network import queries
from faza.readings.network.queries import Snapshot
from faza.ui import addresses
from faza.ui.periods import Choice

PICKS = 30


def steps(query: QueryDict, near: queries.Nearest, zone: str) -> dict[str, Any]:
    def link(at: datetime | None, side: str) -> str:
        if at is None:
            return ""
        return addresses.changed(query, at=asking.written(at, zone), side=side)

    kept = tuple(
        (key, value)
        for key, values in query.lists()
        if key not in {"at", "side"}
        for value in values
    )
    return {
        "earlier": link(near.earlier, "before"),
        "later": link(near.later, "after"),
        "kept": kept,
    }


def quantities(query: QueryDict, asked: Asked) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            pictures.SIGNS[name], addresses.changed(query, q=name),
            current=name == asked.quantity, title=str(pictures.NAMES[name]),
        )
        for name in asking.QUANTITIES
    )  # fmt: skip


def spans(query: QueryDict, asked: Asked) -> tuple[Choice, ...]:
    names = {"day": _("24 h"), "week": _("7 days"), "month": _("31 days")}
    return tuple(
        Choice(name, addresses.changed(query, span=key), current=key == asked.span)
        for key, name in names.items()
    )


def files(
    query: QueryDict, point: Point, shown: Snapshot, zone: str
) -> tuple[tuple[str, str], ...]:
    asked = QueryDict(mutable=True)
    asked["point"], asked["at"] = point.code, asking.written(shown.at, zone)
    if "span" in query:
        asked["span"] = str(query["span"])
    return tuple(
        (name.upper(), f"{reverse('cabinet:network_file', args=(name,))}?{asked.urlencode()}")
        for name in ("csv", "xlsx")
    )


def picks(
    user: User, chosen: Chosen, query: QueryDict, *, at: datetime
) -> tuple[Choice, ...]:  # fmt: skip
    """Points to choose from in the top bar; the moment and the chart stay. One question."""
    points = access.points_visible(user, at=at).filter(resource=Commodity.ELECTRICITY)
    found = points.by_place().values_list("code", "name", "address")[: PICKS + 1]
    told = list(found)
    if len(told) < 2:
        return ()
    kept = {name: query[name] for name in ("at", "q", "span") if name in query}
    made = [
        Choice(
            name,
            f"?{urlencode({'point': code} | kept)}",
            current=chosen.codes == (code,),
            title=where,
        )
        for code, name, where in told[:PICKS]
    ]
    if len(told) > PICKS:
        made.append(Choice(_("Choose in the tree…"), reverse("cabinet:explorer")))
    return tuple(made)
