"""All rules, over days with what lies before them, registers and events. Plain NumPy."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from faza.readings.validation import (
    gap_rules,
    inline,
    level_rules,
    phase_rules,
    register_rules,
)
from faza.readings.validation.cells import findings_of
from faza.readings.validation.history_shapes import History
from faza.readings.validation.index import Index
from faza.readings.validation.shapes import Findings, Flags, Parameters
from faza.readings.validation.summary import Summary
from faza.readings.validation.usual import Usual

I64 = npt.NDArray[np.int64]
Told = tuple[str, int, Flags]


def look(history: History, parameters: Parameters) -> Findings:
    """What all rules find at the rows looked at, pairs and readings; inline ones included.

    A rule without parameters is off. Nothing is said twice of one interval by one rule.
    """
    days = history.days
    index = Index(days)
    summary = inline.summary_of(days, parameters)
    usual = Usual(history, summary, index)
    sums = register_rules.sums_of(days, history.pairs, index)
    alone = [
        (code, effect, _of_looked(history, flags))
        for code, effect, flags in inline.flags_of(days, summary, parameters)
        if code != "V01"
    ]
    told = [*alone, *_with_history(history, summary, usual, index, parameters)]
    found = [findings_of(days, *one) for one in _united(told, days.batch.values.shape[1])]
    found += _of_registers(history, sums, parameters)
    if "V18" in parameters:
        found.append(
            gap_rules.jumps(history, summary, usual, index, sums, parameters["V18"])
        )  # fmt: skip
    return Findings.concatenate(found)


def _with_history(
    history: History, summary: Summary, usual: Usual, index: Index, parameters: Parameters
) -> Iterator[Told]:
    """Code, effect and intervals of the rules that name intervals and need more than the day."""

    def told(code: str, flags: Flags) -> Told:
        return code, int(parameters[code]["effect"]), flags

    if "V01" in parameters:
        yield told("V01", gap_rules.gaps(history, summary, parameters["V01"]))
    if "V05" in parameters:
        yield told("V05", level_rules.spikes(history, summary, usual, parameters["V05"]))
    if "V06" in parameters:
        yield told("V06", level_rules.zeros(history, summary, usual, index, parameters["V06"]))
    if "V13" in parameters:
        yield told("V13", level_rules.use(history, summary, usual, parameters["V13"]))
    if "V16" in parameters:
        for flags in phase_rules.phases(history, index, parameters["V16"]):
            yield told("V16", flags)
    if "V17" in parameters and len(history.doubts.kinds):
        yield told("V17", phase_rules.doubted(history, index))


def _of_registers(
    history: History, sums: register_rules.Sums, parameters: Parameters
) -> list[Findings]:
    found = []
    if "V07" in parameters:
        found.append(register_rules.sum_check(history.pairs, sums, parameters["V07"]))
    if "V08" in parameters:
        found.append(register_rules.tariffs(history.readings, parameters["V08"]))
    if "V09" in parameters:
        found.append(register_rules.falls(history.readings, parameters["V09"]))
    if "V12" in parameters:
        found.append(register_rules.other_ratio(history.pairs, sums, parameters["V12"]))
    return found


def _of_looked(history: History, flags: Flags) -> Flags:
    some = history.looked[flags.rows]
    return Flags(
        flags.rows[some], flags.mask[some], {name: one[some] for name, one in flags.numbers.items()}
    )


def _united(told: list[Told], width: int) -> Iterator[Told]:
    """Of one rule and effect the intervals of several looks together, each row's numbers once."""
    by_rule: dict[tuple[str, int], list[Flags]] = {}
    for code, effect, flags in told:
        if len(flags.rows):
            by_rule.setdefault((code, effect), []).append(flags)
    for (code, effect), several in by_rule.items():
        yield from ((code, effect, flags) for flags in _apart(several, width))


def _apart(several: list[Flags], width: int) -> Iterator[Flags]:
    """The flags so that an interval is named once: by the first that names it."""
    rows = np.unique(np.concatenate([flags.rows for flags in several]))
    named = np.zeros((len(rows), width), bool)
    for flags in several:
        place = np.searchsorted(rows, flags.rows)
        mask = flags.mask & ~named[place]
        named[place] |= mask
        yield Flags(flags.rows, mask, flags.numbers)
