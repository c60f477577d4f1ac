"""Balances of the demo: losses are computed for all substations but one, which nobody has set up.

There the losses are within the imbalance, and it is beyond what is permitted: what an operator
meets first in a real network.
"""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction

from faza.core.periods import Period, start_of_day
from faza.demo.plan import MOSCOW, POINTS, Point
from faza.metering import balances, services
from faza.metering.models import BalanceLoss, BalanceMember, NetworkNode

PLACES_OF_SUMS = ("TP-370", "TP-374", "TP-412", "F-7", "F-12")
YEAR = 8760
"""Hours."""


def set_up(since: date, *, at: datetime) -> None:
    """Give the substations and feeders their groups, from the first day of the data on."""
    start = start_of_day(since, MOSCOW)
    nodes = {node.code: node for node in NetworkNode.objects.all()}
    held = balances.schemes(NetworkNode.objects.all(), period=Period.open(start, None))
    for point in POINTS:
        code = point.load.below[0] if len(point.load.below) == 1 else point.node
        if point.load.of != "below" or code not in PLACES_OF_SUMS:
            continue
        scheme = balances.scheme_at(held[nodes[code].pk], start)
        assert scheme is not None, "the tree of the demo tells it"
        members = [
            BalanceMember(usage_point_id=pk, side=side)
            for side, points in (("in", scheme.sides.inward), ("out", scheme.sides.outward))
            for pk in points
        ]
        services.set_balance_group(
            node=nodes[code], members=members, losses=_losses(point), valid_from=start, at=at
        )


def _losses(point: Point) -> list[BalanceLoss]:
    """What the plan loses between a sum and its parts, of what comes in."""
    share = 100 * Fraction(point.load.loss) / (1 + Fraction(point.load.loss))
    losses = [
        BalanceLoss(
            name="Потери в линиях",
            kind=BalanceLoss.Kind.SHARE,
            percents=[f"{float(share):.2f}"],
        )
    ]
    if point.load.kwh:
        own = round(point.load.kwh * 1000 / YEAR)
        kind = BalanceLoss.Kind.CONSTANT
        losses.append(BalanceLoss(name="Собственные нужды", kind=kind, power=own))
    return losses
