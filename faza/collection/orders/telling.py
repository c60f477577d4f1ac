"""Who is told of an order, before and after: in the deed's own transaction.

The subscribers of the agreement that covers the point, and its supplier; of what failed also those
who made and confirmed it. Source: design/rules.md, Warnings (F8) and commands.
"""

from __future__ import annotations

from datetime import datetime

from faza.accounts.models import User
from faza.collection.models import SupplyOrder
from faza.collection.warnings import readers
from faza.outbox import services as outbox

CABINET, DESK = "/", "/desk/orders/{}/"


def planned(order: SupplyOrder, *, at: datetime) -> None:
    """Before: what will be done, not before when, and why."""
    _tell("collection.order.planned", order, at, when=order.not_before)


def ended(order: SupplyOrder, *, at: datetime) -> None:
    """After: it was done and read back, or it was not done."""
    kind = "collection.order.done" if order.state == "done" else "collection.order.failed"
    _tell(kind, order, at, when=order.ended_at or at)
    if order.state == "done":
        return
    desk = User.objects.filter(pk__in=[order.made_by_id, order.confirmed_by_id], is_active=True)
    for user in desk.order_by("pk"):
        payload = _payload(order, order.ended_at or at) | {"reason": order.reason}
        outbox.tell(
            "collection.order.broken", key=f"order:{order.pk}:broken:{user.pk}", at=at, to=user.pk,
            payload=payload | {"url": DESK.format(order.pk)}, language=user.language,
        )  # fmt: skip


def called_off(order: SupplyOrder, *, at: datetime) -> None:
    """What had been announced does not come."""
    _tell("collection.order.called_off", order, at, when=at)


def answered(order: SupplyOrder, *, at: datetime) -> None:
    """The supplier who asked is told that it is refused or called off, and why."""
    asker = order.asked_by
    if asker.role != User.Role.SUPPLIER:
        return
    outbox.tell(
        "collection.order.refused", key=f"order:{order.pk}:refused", at=at, to=asker.pk,
        payload=_payload(order, at) | {"reason": order.reason, "url": CABINET},
        language=asker.language,
    )  # fmt: skip


def _tell(kind: str, order: SupplyOrder, at: datetime, *, when: datetime) -> None:
    point = order.usage_point_id
    people, _ = readers.of({(point, at)}, at=at)
    for reader in people.get((point, at), ()):
        if reader.is_staff:
            continue
        outbox.tell(
            kind, key=f"order:{order.pk}:{kind}:{reader.user}", to=reader.user, at=at,
            payload=_payload(order, when) | {"url": CABINET}, language=reader.language,
        )  # fmt: skip


def _payload(order: SupplyOrder, when: datetime) -> dict[str, object]:
    point = order.usage_point
    return {
        "point": order.usage_point_id,
        "deed": "on" if order.to_on else order.deed,
        "ground": order.ground,
        "place": ", ".join(part for part in (point.name, point.address) if part),
        "power": None if order.threshold is None else str(order.threshold),
        "when": when.isoformat(),
    }
