"""The rules that look at days alone, in the transaction that records them. Plain NumPy."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from faza.readings.validation import day_rules
from faza.readings.validation.cells import findings_of
from faza.readings.validation.history_shapes import BACK
from faza.readings.validation.index import Index
from faza.readings.validation.shapes import Days, Effect, Findings, Flags, Parameters
from faza.readings.validation.summary import Summary, summarised

I64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_PLAIN = {
    "V01": day_rules.gaps,
    "V03": day_rules.negative,
    "V04": day_rules.over_limit,
    "V05": day_rules.spikes,
    "V06": day_rules.flat,
    "V11": day_rules.not_installed,
    "V15": day_rules.exports,
}


def look(days: Days, parameters: Parameters) -> Findings:
    """What the inline rules find; rows are sorted by key. A rule without parameters is off.

    Of gaps only those between values of one day, of repeated days only those within the batch.
    """
    summary = summary_of(days, parameters)
    return Findings.concatenate(
        [
            findings_of(days, code, effect, flags)
            for code, effect, flags in flags_of(days, summary, parameters)
        ]
    )


def summary_of(days: Days, parameters: Parameters) -> Summary:
    """The one pass over the values that all inline rules share."""
    flat = parameters.get("V06", {})
    return summarised(days, flat.get("hours", 0), flat.get("floor", 0))


def flags_of(
    days: Days, summary: Summary, parameters: Parameters
) -> Iterator[tuple[str, int, Flags]]:
    """Code, effect and intervals, by rule that found something."""
    index = Index(days)
    for code, effect, flags in _each(days, summary, parameters, index):
        if len(flags.rows):
            yield code, effect, flags


def _each(
    days: Days, summary: Summary, parameters: Parameters, index: Index
) -> Iterator[tuple[str, int, Flags]]:
    for code, rule in _PLAIN.items():
        if code in parameters:
            yield code, int(parameters[code]["effect"]), rule(days, summary, parameters[code])
    if "V02" in parameters:
        own = parameters["V02"]
        yield "V02", int(own["effect"]), day_rules.duplicates(days, summary, own, index, BACK)
    if "V10" in parameters and len(days.clocks):
        own = parameters["V10"]
        yield "V10", int(own["effect"]), day_rules.clocks(days, own, index)
    if "V14" in parameters:
        own = parameters["V14"]
        yield "V14", int(own["effect"]), day_rules.future(days, summary, own)
        # Old data may well be an archive: it is told, whatever is done with the future's.
        yield "V14", int(Effect.TELL), day_rules.late(days, summary, own)
