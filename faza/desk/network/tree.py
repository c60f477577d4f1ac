"""The tree beside the points: places open along the way to the chosen one, the rest on demand.

It costs the same number of queries however many points there are: the places of the open
branches, and how many points stand at each place of them.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from faza.accounts.models import User
from faza.contracts import access
from faza.metering import queries as metering
from faza.metering import rules
from faza.metering.models import NetworkNode
from faza.metering.querysets import NetworkNodeQuerySet

LEVEL = 100
"""So many places of a branch are shown; the rest comes when it is asked for."""
FOUND = 60

ICONS = {
    NetworkNode.Kind.ORGANISATION: "building-community",
    NetworkNode.Kind.SUBSTATION: "building-factory-2",
    NetworkNode.Kind.FEEDER: "line",
    NetworkNode.Kind.TRANSFORMER_SUBSTATION: "bolt",
    NetworkNode.Kind.SWITCHBOARD: "server-2",
    NetworkNode.Kind.BUILDING: "building",
    NetworkNode.Kind.ENTRANCE: "door",
    NetworkNode.Kind.OTHER: "point",
}


@dataclass(frozen=True, slots=True)
class Branch:
    """A place in the tree, with the places under it where it stands open.

    `more` is where the rest of its places is asked for, and `hidden` how many those are.
    """

    id: int
    name: str
    kind: str
    icon: str
    points: int
    url: str
    is_chosen: bool
    is_open: bool
    opens: str
    children: tuple[Branch, ...] = ()
    hidden: int = 0
    more: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Tree:
    """`found` is what a search found, None where nothing is searched for."""

    roots: tuple[Branch, ...]
    chosen: NetworkNode | None
    search: str = ""
    found: tuple[Branch, ...] | None = None
    has_more: bool = False


def tree(user: User, *, chosen: NetworkNode | None, search: str, at: datetime) -> Tree:
    """The tree open along the way to the chosen place; or what a search for a place finds.

    Three queries. `chosen` is one that the user works in.
    """
    text = search.strip()[:100]
    if text:
        return _found(user, text, chosen, at)
    nodes = access.nodes_of(user, at=at)
    way = rules.chain(chosen.path) if chosen else []
    shown = list(_with_children(nodes.filter(Q(parent__in=way) | _at_top(nodes))))
    points = _points_below(user, shown, at)
    below: dict[int | None, list[NetworkNode]] = defaultdict(list)
    known = {node.pk for node in shown}
    for node in shown:
        below[node.parent_id if node.parent_id in known else None].append(node)
    opened = set(way)

    def branch(node: NetworkNode) -> Branch:
        inside = below.get(node.pk, []) if node.pk in opened else []
        return _branch(
            node, points, chosen, is_open=bool(inside),
            children=tuple(branch(one) for one in inside[:LEVEL]),
            hidden=max(0, len(inside) - LEVEL),
        )  # fmt: skip

    return Tree(tuple(branch(node) for node in below[None]), chosen)


def level(user: User, parent: NetworkNode, *, first: int, at: datetime) -> Branch:
    """A place with the places right under it, from the `first` one on. Three queries."""
    nodes = access.nodes_of(user, at=at).filter(parent=parent)
    inside = list(_with_children(nodes))
    rest = inside[first : first + LEVEL]
    points = _points_below(user, [parent], at)
    made = tuple(_branch(node, points, None) for node in rest)
    hidden = max(0, len(inside) - first - LEVEL)
    return _branch(
        parent, points, None, is_open=True, children=made, hidden=hidden, first=first + LEVEL
    )


def first_of(user: User, *, at: datetime) -> NetworkNode | None:
    """The place that is shown where none is chosen: the first at the top."""
    nodes = access.nodes_of(user, at=at)
    return nodes.filter(_at_top(nodes)).by_name().first()


def _at_top(nodes: NetworkNodeQuerySet) -> Q:
    """Places above which the user works in none."""
    return Q(parent=None) | ~Q(parent__in=nodes.values("id"))


def _with_children(nodes: NetworkNodeQuerySet) -> Iterable[NetworkNode]:
    inside = NetworkNode.objects.filter(parent=OuterRef("pk"))
    return nodes.annotate(has_children=Exists(inside)).by_name()


def _points_below(user: User, tops: Iterable[NetworkNode], at: datetime) -> Counter[int]:
    """How many points a user works with at each place and under it, by its id. One query."""
    rows = access.worked_points_of(user, at=at)
    paths = [node.path for node in tops]
    if len(paths) == 1:
        rows = rows.filter(node__path__startswith=paths[0])
    found: Counter[int] = Counter()
    for path, count in rows.values_list("node__path").annotate(n=Count("id")).order_by():
        for node in rules.chain(path):
            found[node] += count
    return found


def _branch(
    node: NetworkNode, points: Counter[int], chosen: NetworkNode | None, *,
    is_open: bool = False, children: tuple[Branch, ...] = (), hidden: int = 0, first: int = LEVEL,
    place: str = "",
) -> Branch:  # fmt: skip
    inside = reverse("desk:network-branch", args=[node.pk])
    return Branch(
        id=node.pk,
        name=node.name,
        kind=node.get_kind_display(),
        icon=ICONS[NetworkNode.Kind(node.kind)],
        points=points[node.pk],
        url=f"{reverse('desk:network')}?node={node.pk}",
        is_chosen=chosen is not None and chosen.pk == node.pk,
        is_open=is_open,
        # Annotated; the model has no such field.
        opens=inside if getattr(node, "has_children", False) else "",
        children=children,
        hidden=hidden,
        more=f"{inside}?from={first}" if hidden else "",
        place=place,
    )


def _found(user: User, text: str, chosen: NetworkNode | None, at: datetime) -> Tree:
    nodes = access.nodes_of(user, at=at)
    asked = Q(name__iregex=re.escape(text)) | Q(code__istartswith=text)
    rows: QuerySet[NetworkNode] = nodes.filter(asked).by_name()
    listed = list(rows[: FOUND + 1])
    paths = metering.paths_of_nodes(listed[:FOUND])
    points = _points_below(user, listed[:FOUND], at) if listed else Counter()
    found = tuple(
        _branch(node, points, chosen, place=" / ".join(paths[node.pk].split(rules.SEPARATOR)[:-1]))
        for node in listed[:FOUND]
    )
    return Tree((), chosen, text, found, len(listed) > FOUND)
