"""Which normative a household's agreement has in a month, and what it makes of its days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from faza.charges.models import AgreementNormative
from faza.charges.rules.substitution import Normative
from faza.core.periods import Period
from faza.tariffs import queries
from faza.tariffs.rules import normative
from faza.tariffs.rules.normative import NormativeRow


@dataclass(frozen=True, slots=True)
class Dwelling:
    """A normative and for how many residents it holds."""

    row: NormativeRow
    residents: int


def said(agreements: Collection[int], day: date) -> dict[int, AgreementNormative]:
    """What is said of agreements on a day, by their id; of those nobody spoke of nothing."""
    rows = AgreementNormative.objects.filter(agreement__in=agreements, valid_from__lte=day)
    return {one.agreement_id: one for one in rows.order_by("valid_from")}


def normatives(agreements: Collection[int], month: date) -> Mapping[int, Dwelling]:
    """What holds on the first day of a month, by agreement; of those with none nothing.

    Two queries; none without agreements, one where none has said its group.
    """
    if not agreements:
        return {}
    told = said(agreements, month)
    groups = {one.group for one in told.values() if one.group}
    if not groups:
        return {}
    dated = defaultdict(list, queries.normatives(groups))
    found = {}
    for agreement, one in told.items():
        row = normative.on(dated[one.group], one.residents, month)
        if row is not None:
            found[agreement] = Dwelling(row, one.residents)
    return found


def share(dwelling: Dwelling | None, part: Period, whole: Period, zone: str) -> Normative | None:
    """The normative of a part of a month, by its civil days, with all that it was made of."""
    if dwelling is None:
        return None
    row = dwelling.row
    days, of_days = _days(part, zone), _days(whole, zone)
    return Normative(
        normative.volume(row, dwelling.residents, days=days, of_days=of_days),
        {
            "per_resident": int(row.amount * 1000),
            "residents": dwelling.residents,
            "factor": f"{row.factor.normalize():f}",
            "days": days,
            "of_days": of_days,
            "group": row.group,
            "group_name": row.group_name,
            "valid_from": row.valid_from.isoformat(),
            "order": row.order,
            "source": row.source,
            "is_example": row.is_example,
        },
    )


def _days(period: Period, zone: str) -> int:
    """Civil days that a period has; a day begun is one."""
    first, end = (one.astimezone(ZoneInfo(zone)) for one in (period.start, period.end))
    begun = 1 if (end.hour, end.minute, end.second) != (0, 0, 0) else 0
    return max((end.date() - first.date()).days + begun, 1)
