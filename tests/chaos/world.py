"""Whom and what the programs and the collector find: points, tokens, a person, a fleet."""

from __future__ import annotations

from datetime import UTC, datetime

from django.utils import timezone

from faza.accounts.models import User
from faza.collection.intake import tokens as intake
from faza.contracts.rules.tokens import Scope
from faza.contracts.services import tokens
from faza.metering import services as metering
from faza.metering.models import NetworkNode, UsagePoint
from tests.contracts.factories import cover, make_customer, make_member
from tests.soak import people
from tests.soak.world import World

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def make(
    here: World, since: datetime, meters: int, points: int
) -> tuple[list[str], tuple[str, str]]:
    """Codes of the points that programs write to; the tokens of whoever writes and who reads."""
    told = here.simulate(
        "--meters", str(meters), "--seed", "7", "--since", since.isoformat(), "--faults", "0"
    )
    people.make_known(told, since)
    node, customer = NetworkNode.objects.get(), make_customer()
    codes = [f"9{number:014d}" for number in range(points)]
    for code in codes:
        point = UsagePoint(code=code, name=code, node=node, zone=people.ZONE)
        cover(customer, metering.add_usage_point(point, at=LONG_AGO), LONG_AGO)
    user: User = make_member(customer)
    at = timezone.now()
    _, writes = intake.make(name="Шлюз", sender="gateway", node=None, at=at)
    _, reads = tokens.make(
        user=user, name="Домашний сервер", scopes=tuple(Scope), days=30, points=None, at=at
    )
    return codes, (writes, reads)
