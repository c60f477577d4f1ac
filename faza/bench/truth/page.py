"""The tables of the truth test, and their places in a page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from faza.bench.truth import fleet, months
from faza.bench.truth.fleet import Month
from faza.bench.truth.months import Bound, Unbound
from faza.simulator.faults import Kind

METERS, SEED, OFTEN = 24, 24, 1.5
"""Of the fleet."""


def tables() -> dict[str, str]:
    """All tables of the page, by the name of their place in it."""
    fleet_of = fleet.run(METERS, seed=SEED, often=OFTEN)
    return {
        "bound": of_bound(
            months.bound(taken, read) for taken in months.TAKEN for read in months.READ
        ),
        "unbound": of_unbound(map(months.unbound, months.TAKEN)),
        "fleet": of_fleet(fleet_of.months),
        "found": of_found(fleet_of.found),
    }


def of_bound(cases: Iterable[Bound]) -> str:
    """Months whose gaps registers bound."""
    return _table(
        ["taken away", "registers read", "months", "without any error", "p90, steps",
         "worst, steps", "worst day, steps"],
        [
            [one.taken, one.read, one.months, one.exact, f"{one.p90:.1f}", f"{one.worst:.1f}",
             f"{one.day:.1f}"]
            for one in cases
        ],
        texts=2,
    )  # fmt: skip


def of_unbound(cases: Iterable[Unbound]) -> str:
    """Months without registers, by way to fill."""
    return _table(
        ["taken away", "way", "months", "median %", "p90 %"],
        [
            [one.taken, way, one.months, f"{median:.3f}", f"{p90:.2f}"]
            for one in cases
            for way, median, p90 in one.ways
        ],
        texts=2,
    )


def of_fleet(found: Sequence[Month]) -> str:
    """Meters of the fleet by what befell them in the month; a meter may be in several rows."""
    groups = [("any or none", list(found))] + [
        (kind.replace("_", " "), mine)
        for kind in Kind
        if (mine := [one for one in found if kind in one.kinds])
    ]
    rows = []
    for name, mine in groups:
        bound = [one for one in mine if one.metered is not None]
        fine = [one for one in bound if one.fine]
        worst = max((one.off for one in bound), default=0)
        rows.append(
            [name, len(mine), len(bound), len(fine), sum(one.off == 0 for one in fine),
             f"{worst:.1f}", f"{_percent(mine, 'effective'):.3f}",
             f"{_percent(mine, 'delivered'):.3f}"]
        )  # fmt: skip
    return _table(
        ["in the month", "meters", "with registers", "fine ones", "of these exact",
         "worst, steps", "worst, % of consumption", "as delivered, %"],
        rows,
        texts=1,
    )  # fmt: skip


def _percent(found: Sequence[Month], what: str) -> float:
    """The greatest error against what really flowed."""
    off = [abs(getattr(one, what) - one.consumed) / max(one.consumed, 1) * 100 for one in found]
    return float(np.max(off))


def of_found(found: Iterable[fleet.Found]) -> str:
    """Faults of the fleet, and the findings that tell them."""
    return _table(
        ["rule", "fault", "put", "found", "recall", "told besides"],
        [
            [one.rule, one.fault, one.put, one.found, f"{one.found / max(one.put, 1):.2f}",
             one.besides]
            for one in found
        ],
        texts=2,
    )  # fmt: skip


def _table(head: Sequence[str], rows: Iterable[Sequence[object]], *, texts: int) -> str:
    """Markdown; the first columns are text, the others numbers."""
    marks = ["---"] * texts + ["--:"] * (len(head) - texts)
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in [head, marks, *rows])


def write(page: Path, found: dict[str, str]) -> None:
    """Write tables between their marks of a Markdown page."""
    text = page.read_text(encoding="utf-8")
    for name, table in found.items():
        begin, end = f"<!-- {name}:begin -->\n", f"<!-- {name}:end -->"
        head, rest = text.split(begin)
        text = f"{head}{begin}\n{table}\n\n{end}{rest.split(end)[1]}"
    page.write_text(text, encoding="utf-8")
