"""How often each rule is right: `python -m tests.readings.validation.truth` writes the tables."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from faza.readings.validation import RULES, defaults, history
from tests.readings.validation.faults import FAULTS, FIRST, Fault, magnets
from tests.readings.validation.homes import DAYS, HOMES, homes, seen
from tests.readings.validation.make import DAY, HALF_HOUR, T0

PAGE = Path(__file__).parents[3] / "docs/reference/validation.md"


@dataclass(frozen=True)
class Score:
    """put: faults; found: those of them that a finding of the rule touches.

    right: findings of the rule that touch a fault, of all `told` that were not told before.
    before: findings of the rule on the same homes without faults.
    """

    code: str
    what: str
    put: int
    found: int
    told: int
    right: int
    before: int

    @property
    def recall(self) -> float:
        return self.found / self.put

    @property
    def precision(self) -> float:
        return self.right / self.told if self.told else 0.0


def _stretches(findings, code, kind):
    """Findings of a rule as (point, start, end), as they are found."""
    return {
        (point, start, end)
        for point, of, start, end, rule in zip(
            findings.usage_points.tolist(), findings.reading_types.tolist(),
            findings.starts.tolist(), findings.ends.tolist(), findings.rules, strict=True,
        )
        if rule == code and of == kind
    }  # fmt: skip


def score(fault: Fault, seed=1) -> Score:
    """Put a fault on some days of all homes and see what its rule says."""
    random = np.random.default_rng(seed)
    world = homes()
    fault.before(world)
    before = _stretches(_before(fault.before), fault.code, fault.kind)
    done = []
    for home in range(HOMES):
        for day in range(FIRST, DAYS - 1):
            if random.random() >= fault.share or not world.whole(home, day):
                continue
            stretch = fault.put(world, random, home, day)
            if stretch:
                midnight = T0 + day * DAY
                first, end = (midnight + slot * HALF_HOUR for slot in stretch)
                done.append((home + 1, first, end))
    found = _stretches(
        history.look(seen(_judged(world, fault)), defaults()), fault.code, fault.kind
    )
    new = found - before
    return Score(
        fault.code, fault.what, len(done),
        sum(any(_touch(one, other) for other in found) for one in done),
        len(new),
        sum(any(_touch(one, other) for other in done) for one in new),
        len(before),
    )  # fmt: skip


@cache
def _before(make):
    """What is found in homes without faults."""
    world = homes()
    make(world)
    return history.look(seen(world), defaults())


def _judged(world, fault):
    """The world as it is looked at: the magnets were noted as they were put."""
    if fault.code == "V17":
        magnets(world)
    return world


def _touch(one, other) -> bool:
    return one[0] == other[0] and one[1] < other[2] and other[1] < one[2]


def scores() -> list[Score]:
    return [score(fault) for fault in FAULTS]


def of_truth(found: list[Score]) -> str:
    """The table of precision and recall."""
    return "\n".join([HEAD, "|---|---|--:|--:|--:|--:|--:|", *map(row_of, found)])


HEAD = "| rule | fault put into real homes | put | found | precision | recall | told without |"


def row_of(one: Score) -> str:
    without = one.before / (HOMES * DAYS / 1000)
    return (
        f"| {one.code} | {one.what} | {one.put} | {one.found} "
        f"| {one.precision:.2f} | {one.recall:.2f} | {without:.1f} |"
    )


def of_rules() -> str:
    """The table of rules."""
    lines = ["| code | rule | when | effect | parameters | after |", "|---|---|---|---|---|---|"]
    for rule in RULES.values():
        own = ", ".join(f"`{name}` {value:g}" for name, value in rule.parameters.items())
        lines.append(
            f"| {rule.code} `{rule.name}` | {rule.title}. {rule.explains} | {rule.stage} "
            f"| {rule.effect.name.lower()} | {own} | {rule.source} |"
        )
    return "\n".join(lines)


def put(text: str, name: str, table: str) -> str:
    """The page with a table in its place."""
    place = f"<!-- {name}:begin -->.*<!-- {name}:end -->"
    assert re.search(place, text, re.S), name
    return re.sub(
        place, lambda _: f"<!-- {name}:begin -->\n\n{table}\n\n<!-- {name}:end -->", text,
        flags=re.S,
    )  # fmt: skip


if __name__ == "__main__":
    page = PAGE.read_text()
    page = put(page, "rules", of_rules())
    page = put(page, "truth", of_truth(scores()))
    PAGE.write_text(page)
