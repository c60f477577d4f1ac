"""Setting a validation rule at a place in the network or everywhere, and what follows from it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction

from faza.accounts.models import User
from faza.audit import services as audit
from faza.metering.models import NetworkNode, UsagePoint
from faza.metering.queries import Points
from faza.readings.models import RuleSetting
from faza.readings.validation import RULES
from faza.readings.validation.shapes import Effect
from faza.readings.vee import marking

GREATEST = 1e9
"""Of a parameter."""


class NoSuchRule(Exception):
    """There is no rule of this code."""


def of_places(nodes: list[int]) -> dict[tuple[int | None, str], RuleSetting]:
    """Settings everywhere and at some nodes, by node and rule. One query."""
    rows = RuleSetting.objects.filter(node__in=nodes) | RuleSetting.objects.filter(node=None)
    return {(row.node_id, row.rule): row for row in rows}


@transaction.atomic
def set_rule(
    *,
    node: NetworkNode | None,
    rule: str,
    is_on: bool,
    effect: int | None,
    parameters: Mapping[str, float],
    by: User,
    at: datetime,
) -> RuleSetting:
    """Set a rule at a node and below it, None: everywhere.

    effect None: the rule's default. Parameters equal to the defaults are not kept. Raises
    NoSuchRule, and ValueError for a parameter that the rule has not, or no such number.
    """
    if rule not in RULES:
        raise NoSuchRule(rule)
    defaults = RULES[rule].parameters
    for name, value in parameters.items():
        if name not in defaults or not math.isfinite(value) or not 0 <= value <= GREATEST:
            raise ValueError(f"{rule}: {name} = {value}")
    if effect is not None:
        effect = int(Effect(effect))
    kept = {name: value for name, value in parameters.items() if value != defaults[name]}
    row = RuleSetting.objects.select_for_update().filter(node=node, rule=rule).first()
    before = _told(row) if row else {}
    row = row or RuleSetting(node=node, rule=rule)
    row.is_on, row.effect, row.parameters = is_on, effect, kept
    row.save()
    audit.note("readings.rule.set", of=row, by=by, at=at, before=before, after=_told(row))
    return row


@transaction.atomic
def unset_rule(*, node: NetworkNode | None, rule: str, by: User, at: datetime) -> bool:
    """Let the setting of the node above, or the default, hold again; whether there was one."""
    row = RuleSetting.objects.select_for_update().filter(node=node, rule=rule).first()
    if row is None:
        return False
    audit.note("readings.rule.unset", of=row, by=by, at=at, before=_told(row))
    row.delete()
    return True


def _told(row: RuleSetting) -> dict[str, object]:
    return {
        "node": row.node_id, "rule": row.rule, "is_on": row.is_on, "effect": row.effect,
        "parameters": dict(row.parameters),
    }  # fmt: skip


def look_again(node: NetworkNode | None, since: date, *, at: datetime) -> int:
    """Mark the stored days of the points at a node and below it since a day; how many points."""
    points = UsagePoint.objects.all()
    if node is not None:
        points = points.filter(node__path__startswith=node.path)
    ids: Points = points.values_list("id", flat=True)
    return marking.mark_points(ids, since, None, at=at)
