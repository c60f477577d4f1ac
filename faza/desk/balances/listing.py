"""The balances of a part of the network over a day or a month, the worst first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from faza.accounts.models import User
from faza.contracts import access
from faza.core.periods import Period, start_of_day
from faza.desk.balances import reach
from faza.desk.balances.asked import Asked
from faza.desk.balances.node import Sum, sums
from faza.metering import balances as metering
from faza.metering import queries as places
from faza.metering import rules
from faza.metering.balances import Scheme, scheme_at
from faza.metering.models import NetworkNode
from faza.readings.balances import queries

MOST = 15_000
"""Days of points that one list looks at; the places beyond it are counted, not reckoned."""


@dataclass(frozen=True, slots=True)
class Row:
    """A place with its balance. ratio: |imbalance| to what is permitted, None where not judged."""

    node: NetworkNode
    place: str
    scheme: Scheme
    sum: Sum
    ratio: float | None
    hidden: int

    @property
    def state(self) -> str:
        """over, ok, or unknown: not judged."""
        return "over" if self.sum.over else "ok" if self.sum.counts else "unknown"

    @property
    def bar(self) -> str:
        """The ratio as a width in hundredths of twice what is permitted."""
        return f"{min(100.0, 50 * (self.ratio or 0)):.1f}"


@dataclass(frozen=True, slots=True)
class Listed:
    """rows: the worst first, then those that are not judged. left_out: places not reckoned."""

    rows: Sequence[Row]
    left_out: int

    @property
    def over(self) -> int:
        return sum(row.sum.over for row in self.rows)

    @property
    def unknown(self) -> int:
        return sum(not row.sum.counts for row in self.rows)

    @property
    def judged(self) -> int:
        return len(self.rows) - self.unknown


def listed(user: User, top: NetworkNode | None, asked: Asked, *, at: datetime) -> Listed:
    """The balances within reach, or those of one place and below; some thirty queries."""
    nodes = access.nodes_of(user, at=at)
    if top is not None:
        nodes = nodes.below(top)
    zone = settings.TIME_ZONE
    held = metering.schemes(nodes, period=Period.of_days(asked.first, asked.end, zone))
    last = start_of_day(asked.last, zone)
    schemes = [one for one in (scheme_at(each, last) for each in held.values()) if one]
    chosen = _bounded(schemes, asked.days)
    windows = reach.windows_of(user, chosen, nodes, at=at)
    until = reach.counted_until(asked, zone, at)
    ranked = queries.ranked(windows, chosen, asked.first, asked.end, until=until)
    found = NetworkNode.objects.in_bulk([one.node for one in chosen])
    paths = places.paths_of_nodes(list(found.values()))
    rows = [
        Row(
            node=found[one.scheme.node],
            place=" / ".join(paths[one.scheme.node].split(rules.SEPARATOR)[1:-1]),
            scheme=one.scheme,
            sum=sums(one.balance)[0],
            ratio=float(one.balance.ratio[0]) if one.balance.counts[0] else None,
            hidden=one.hidden,
        )
        for one in ranked
    ]
    return Listed(rows, len(schemes) - len(chosen))


def _bounded(schemes: Sequence[Scheme], days: int) -> list[Scheme]:
    """As many as MOST lets, in the order of the tree."""
    chosen, count = [], 0
    for scheme in schemes:
        count += len(scheme.points) * days
        if count > MOST:
            break
        chosen.append(scheme)
    return chosen
