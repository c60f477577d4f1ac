"""Intervals of days: which have values, which runs and stretches they form."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from faza.core.quality import is_present
from faza.readings.validation.index import Index
from faza.readings.validation.shapes import Days, Effect, Findings, Flags

I64 = npt.NDArray[np.int64]
I8 = npt.NDArray[np.int8]
Mask = npt.NDArray[np.bool_]


def present(days: Days) -> Mask:
    """(n, k) which intervals have a value."""
    return is_present(days.batch.quality)


def expected(days: Days) -> Mask:
    """(n, k) which intervals lie in the time of a complex."""
    columns = np.arange(days.batch.values.shape[1])
    high = np.minimum(days.high, days.batch.lengths)
    within: Mask = (columns >= days.low[:, None]) & (columns < high[:, None])
    return within


def runs(mask: Mask) -> tuple[I64, I64, I64]:
    """Runs of True in the rows of (n, k): row, first column, column after the last; in order."""
    edges = np.zeros((len(mask), mask.shape[1] + 1), bool)
    edges[:, :-1] = mask
    edges[:, 1:] ^= mask
    rows, columns = np.nonzero(edges)
    # Edges of a row come in turn: begin, end, begin, end.
    return rows[::2], columns[::2], columns[1::2]


def painted(shape: tuple[int, ...], rows: I64, first: I64, end: I64) -> Mask:
    """(n, k) mask of columns [first, end) of rows; stretches may overlap or be empty."""
    change = np.zeros((shape[0], shape[1] + 1), np.int32)
    np.add.at(change, (rows, first), 1)
    np.add.at(change, (rows, np.maximum(end, first)), -1)
    covered: Mask = np.cumsum(change[:, :-1], axis=1) > 0
    return covered


def findings_of(days: Days, code: str, effect: int, flags: Flags) -> Findings:
    """The runs of flagged intervals as findings of a rule, with the numbers of their day."""
    places, first, end = runs(flags.mask)
    rows = flags.rows[places]
    steps = days.steps()[rows]
    columns = {name: of_rows[places].tolist() for name, of_rows in flags.numbers.items()}
    columns["intervals"] = (end - first).tolist()
    return Findings(
        days.batch.usage_points[rows],
        days.batch.reading_types[rows],
        days.midnights[rows] + first * steps,
        days.midnights[rows] + end * steps,
        (code,) * len(rows),
        np.full(len(rows), effect, np.int8),
        numbers_of(columns, len(rows)),
    )


def numbers_of(columns: Mapping[str, list], count: int) -> tuple[Mapping, ...]:
    """Columns of numbers as a mapping each."""
    names = tuple(columns)
    if not names:
        return ({},) * count
    if len(names) == 1:
        return tuple([{names[0]: number} for number in columns[names[0]]])
    return tuple(
        [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    )


def paint(days: Days, findings: Findings) -> I8:
    """(n, k) the greatest effect that findings have on each present interval of the days."""
    effects = np.zeros(days.batch.values.shape, np.int8)
    index = Index(days)
    channels = index.channels(findings.usage_points, findings.reading_types)
    for effect in (Effect.DOUBT, Effect.REJECT):
        told = (findings.effects == effect) & (channels >= 0)
        if not told.any():
            continue
        _, rows, first, end = index.touched(
            channels[told], findings.starts[told], findings.ends[told]
        )
        named, back = np.unique(rows, return_inverse=True)
        mask = painted((len(named), days.batch.values.shape[1]), back, first, end)
        effects[named] = np.where(mask, np.int8(effect), effects[named])
    effects[~present(days)] = Effect.TELL
    return effects
