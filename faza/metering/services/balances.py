"""Groups of balances: what feeds a place and what leaves it, from when on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction

from faza.accounts.models import User
from faza.audit import services as audit
from faza.metering.models import (
    BalanceGroup,
    BalanceLoss,
    BalanceMember,
    NetworkNode,
    UsagePoint,
)
from faza.metering.services import editing
from faza.metering.services.refusals import LaterStands, OneSided

MONTHS = 12
SETTINGS = ("least_complete", "permitted", "losses_error")


@transaction.atomic
def set_balance_group(
    *,
    node: NetworkNode,
    members: Sequence[BalanceMember],
    losses: Sequence[BalanceLoss],
    valid_from: datetime,
    at: datetime,
    least_complete: Decimal = Decimal(90),
    permitted: Decimal | None = None,
    losses_error: Decimal = Decimal(10),
    by: User | None = None,
) -> BalanceGroup:
    """Let a balance of a place be made of these points and losses from a moment on.

    members, losses: unsaved, without their group. What stood before ends at that moment; what
    began at that very moment is replaced. Where nothing differs, nothing is written.

    Raises OneSided without a point on each side, LaterStands where a group begins later, and
    ValidationError if a field says what cannot be, a point comes twice or is not electricity.
    """
    editing.locked(node)
    _check(members, losses)
    stands = BalanceGroup.objects.filter(node=node).order_by("-valid_from")
    last = stands.first()
    if last is not None and last.valid_from > valid_from:
        raise LaterStands(f"node {node.pk}: a group from {last.valid_from}")
    group = BalanceGroup(
        node=node, valid_from=valid_from, least_complete=least_complete, permitted=permitted,
        losses_error=losses_error,
    )  # fmt: skip
    group.clean_fields()
    before = _told(last, *_parts(last)) if last is not None else {}
    after = _told(group, members, losses)
    is_open = last is not None and last.valid_to is None
    if last is not None and is_open and before == after:
        return last
    if last is not None and last.valid_from == valid_from:
        last.delete()
    elif last is not None and (last.valid_to is None or last.valid_to > valid_from):
        last.valid_to = valid_from
        last.save(update_fields=["valid_to"])
    group.save(force_insert=True)
    for member in members:
        member.group = group
    for loss in losses:
        loss.group = group
    BalanceMember.objects.bulk_create(members)
    BalanceLoss.objects.bulk_create(losses)
    told = after | {"valid_from": valid_from}
    audit.note("metering.balance.set", of=node, by=by, at=at, before=before or None, after=told)
    return group


@transaction.atomic
def end_balance_group(
    *, group: BalanceGroup, valid_to: datetime, at: datetime, by: User | None = None
) -> None:
    """Let the tree tell the balance of a place again from a moment on.

    A group that would end before it begins is taken away. Twice changes nothing.
    """
    editing.locked(group.node)
    held = BalanceGroup.objects.select_for_update().filter(pk=group.pk).first()
    if held is None or held.valid_to is not None:
        return
    if held.valid_from >= valid_to:
        held.delete()
    else:
        held.valid_to = valid_to
        held.save(update_fields=["valid_to"])
    after = {"valid_to": max(valid_to, held.valid_from)}
    audit.note("metering.balance.ended", of=group.node, by=by, at=at, after=after)


def _check(members: Sequence[BalanceMember], losses: Sequence[BalanceLoss]) -> None:
    if len({member.side for member in members}) < len(BalanceMember.Side):
        raise OneSided("a balance needs a point on each side")
    points = [member.usage_point_id for member in members]
    if len(set(points)) < len(points):
        raise ValidationError("A point stands on one side of a balance, once.")
    electric = UsagePoint.objects.filter(
        pk__in=points, resource=UsagePoint.Resource.ELECTRICITY
    ).count()
    if electric != len(points):
        raise ValidationError("Only points of electricity stand in a balance.")
    for part in (*members, *losses):
        part.clean_fields(exclude=["group"])
    for loss in losses:
        _check_loss(loss)


def _check_loss(loss: BalanceLoss) -> None:
    needed = {
        BalanceLoss.Kind.CONSTANT: loss.power is not None,
        BalanceLoss.Kind.LOAD: loss.power is not None and bool(loss.rated),
        BalanceLoss.Kind.SHARE: len(loss.percents) in (1, MONTHS)
        and all(0 <= Decimal(one) < 100 for one in loss.percents),
    }
    if not needed[BalanceLoss.Kind(loss.kind)]:
        raise ValidationError(f"{loss.name}: it is not said how much is lost.")


def _parts(group: BalanceGroup) -> tuple[list[BalanceMember], list[BalanceLoss]]:
    return list(group.members.order_by("pk")), list(group.losses.order_by("pk"))


def _told(
    group: BalanceGroup, members: Sequence[BalanceMember], losses: Sequence[BalanceLoss]
) -> dict[str, object]:
    """A group as the trail tells it, and as two are compared."""

    def ids(side: str) -> list[int]:
        return sorted(one.usage_point_id for one in members if one.side == side)

    settings = {name: getattr(group, name) for name in SETTINGS}
    return {name: None if one is None else f"{one:.2f}" for name, one in settings.items()} | {
        "points_in": ids(BalanceMember.Side.IN),
        "points_out": ids(BalanceMember.Side.OUT),
        "points_reversed": sorted(one.usage_point_id for one in members if one.is_reversed),
        "losses": [
            ": ".join(str(one) for one in (loss.name, loss.kind, loss.power, loss.rated,
                                           " ".join(loss.percents)) if one)
            for loss in losses
        ],
    }  # fmt: skip
