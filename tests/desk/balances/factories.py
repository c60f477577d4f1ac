"""A group of a balance, for tests of pages."""

from __future__ import annotations

from faza.metering import services
from faza.metering.models import BalanceGroup, BalanceLoss, BalanceMember, NetworkNode, UsagePoint
from tests.cabinet.factories import SINCE


def make_group(
    node: NetworkNode, inward: UsagePoint, *outward: UsagePoint, percent: str = "2.1"
) -> BalanceGroup:
    members = [BalanceMember(usage_point=inward, side="in")]
    members += [BalanceMember(usage_point=point, side="out") for point in outward]
    loss = BalanceLoss(name="Линии 0,4 кВ", kind="share", percents=[percent])
    return services.set_balance_group(
        node=node, members=members, losses=[loss], valid_from=SINCE, at=SINCE
    )


def form(*, inward: str = "", outward: str = "", **more: str) -> dict[str, str]:
    """What the form of a group posts: points told by their codes."""
    return {
        **{"valid_from": "2026-01-01", "least_complete": "90", "losses_error": "10"},
        **{"more_in": inward, "more_out": outward},
        **{"loss-TOTAL_FORMS": "1", "loss-INITIAL_FORMS": "0"},
        **{"loss-0-name": "", "loss-0-kind": "constant", "loss-0-power": ""},
        **more,
    }
