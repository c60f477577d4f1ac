"""Which rules are on at a place in the network, with which parameters."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from faza.metering import rules as metering_rules
from faza.readings.models import RuleSetting
from faza.readings.validation import RULES
from faza.readings.validation.shapes import Parameters, Rule

EFFECT = "effect"


@dataclass(frozen=True, slots=True)
class _Set:
    """A row of RuleSetting."""

    is_on: bool
    effect: int | None
    parameters: Mapping[str, float]


def in_force(paths: Collection[str]) -> dict[str, Parameters]:
    """The parameters at nodes, by their path; nodes set alike share one object. One query.

    Of the rows of a rule that of the nearest node up the tree wins, wholly; then that without a
    node; then the rule's own defaults. A rule that is off is absent.
    """
    rows = RuleSetting.objects.values_list("node_id", "rule", "is_on", "effect", "parameters")
    told: dict[tuple[int | None, str], _Set] = {
        (node, code): _Set(is_on, effect, dict(parameters))
        for node, code, is_on, effect, parameters in rows
    }
    nodes = {node for node, _ in told if node is not None}
    found: dict[str, Parameters] = {}
    alike: dict[tuple[int, ...], Parameters] = {}
    for path in set(paths):
        on_the_way = tuple(node for node in metering_rules.chain(path) if node in nodes)
        if on_the_way not in alike:
            alike[on_the_way] = {
                rule.code: _parameters(rule, row)
                for rule in RULES.values()
                if (row := _nearest(told, on_the_way, rule.code)) is None or row.is_on
            }
        found[path] = alike[on_the_way]
    return found


def _nearest(
    told: Mapping[tuple[int | None, str], _Set], on_the_way: tuple[int, ...], code: str
) -> _Set | None:
    for node in reversed(on_the_way):
        if (node, code) in told:
            return told[node, code]
    return told.get((None, code))


def _parameters(rule: Rule, row: _Set | None) -> Mapping[str, float]:
    effect = rule.effect if row is None or row.effect is None else row.effect
    given = {} if row is None else row.parameters
    known = {name: given.get(name, default) for name, default in rule.parameters.items()}
    return {EFFECT: float(effect), **{name: float(value) for name, value in known.items()}}
