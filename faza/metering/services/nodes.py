from __future__ import annotations

from datetime import datetime

from django.db import models, transaction
from django.db.models import F, Max, Value
from django.db.models.functions import Concat, Length, Substr

from faza.accounts.models import User
from faza.audit import services as audit
from faza.metering import rules
from faza.metering.models import NetworkNode
from faza.metering.services import editing
from faza.metering.services.refusals import InUse, TooDeep, UnderItself

EDITED = ("kind", "code", "name")


@transaction.atomic
def add_node(
    *,
    kind: NetworkNode.Kind,
    code: str,
    name: str,
    at: datetime,
    parent: NetworkNode | None = None,
    by: User | None = None,
) -> NetworkNode:
    """Add a node under a parent, or a root.

    Raises ValidationError if a field says what cannot be, TooDeep under the deepest nodes.
    """
    _lock_tree()
    above = editing.locked(parent).path if parent else ""
    _refuse_deeper_than(len(rules.chain(above)) + 1)
    node = NetworkNode(kind=kind, code=code, name=name, parent=parent)
    node.full_clean(exclude=["path", "parent"])
    node.save(force_insert=True)
    node.path = rules.path_of(node.pk, above)
    node.save(update_fields=["path"])
    told = {"code": code, "name": name, "kind": kind, "parent": parent.pk if parent else None}
    audit.note("metering.node.added", of=node, by=by, at=at, after=told)
    return node


@transaction.atomic
def change_node(node: NetworkNode, *, at: datetime, by: User | None = None) -> NetworkNode:
    """Keep the kind, code and name that a node has been given; `move_node` moves it.

    Raises ValidationError if one says what cannot be.
    """
    held = editing.locked(node)
    return editing.change(held, node, "metering.node.changed", fields=EDITED, at=at, by=by)


@transaction.atomic
def move_node(
    *, node: NetworkNode, to: NetworkNode | None, at: datetime, by: User | None = None
) -> NetworkNode:
    """Hang a node with all below it under another one, or make it a root.

    Points, areas and houses follow their nodes: who sees what changes with the tree. Where it
    stands there already, nothing is done. One statement moves the whole subtree.

    Raises UnderItself, and TooDeep if a path would be longer than it can be.
    """
    _lock_tree()
    held = editing.locked(node)
    parent = editing.locked(to) if to else None
    if held.parent_id == (parent.pk if parent else None):
        return held
    if parent and parent.path.startswith(held.path):
        raise UnderItself(f"node {held.pk} under {parent.pk}")
    path = rules.path_of(held.pk, parent.path if parent else "")
    below = NetworkNode.objects.below(held)
    longest = below.aggregate(longest=Max(Length("path")))["longest"]
    levels = longest // len(rules.path_of(0, "")) - len(rules.chain(held.path))
    _refuse_deeper_than(len(rules.chain(path)) + levels)
    before = held.parent_id
    NetworkNode.objects.filter(pk=held.pk).update(parent=parent)
    rest = Substr(F("path"), len(held.path) + 1)
    below.update(path=Concat(Value(path), rest, output_field=models.CharField()))
    held.refresh_from_db()
    audit.note(
        "metering.node.moved",
        of=held,
        by=by,
        at=at,
        before={"parent": before},
        after={"parent": held.parent_id},
    )
    return held


@transaction.atomic
def remove_node(*, node: NetworkNode, at: datetime, by: User | None = None) -> None:
    """Take away a node on which nothing stands. Raises InUse, naming what does."""
    _lock_tree()
    held = editing.locked(node)
    told = audit.state(held)
    try:
        # In a block of its own: what refuses it may be the database.
        with transaction.atomic():
            held.delete()
    except models.ProtectedError as refused:
        kinds = sorted({one._meta.label for one in refused.protected_objects})
        raise InUse(f"node {node.pk}: {', '.join(kinds)}") from refused
    del told["path"]
    held.pk = node.pk
    audit.note("metering.node.removed", of=held, by=by, at=at, before=told)


def _lock_tree() -> None:
    """Let one deed at a time change the shape of the tree.

    Paths of a whole subtree hang on those above: whoever adds or moves takes the first node,
    whatever it is, so that nobody builds on a path that another is rewriting.
    """
    NetworkNode.objects.select_for_update().order_by("id").first()


def _refuse_deeper_than(levels: int) -> None:
    if levels > rules.MOST_LEVELS:
        raise TooDeep(f"{levels} levels, {rules.MOST_LEVELS} at most")
