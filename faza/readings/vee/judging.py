"""All rules over the marked days of a batch of points, and what becomes of findings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from faza.readings.validation import history, paint
from faza.readings.validation.history_shapes import Doubts, History, Readings
from faza.readings.validation.shapes import Findings, Parameters
from faza.readings.vee import findings, registers
from faza.readings.vee.context import DAY, REACH, Context
from faza.readings.vee.findings import Reconciled, Row
from faza.readings.vee.points import by_point, midnights_of

I64 = npt.NDArray[np.int64]
I8 = npt.NDArray[np.int8]
Mask = npt.NDArray[np.bool_]
Spans = dict[tuple[int, int], list[tuple[int, int]]]


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """What rules say of a batch; rows are those of Context.delivered.

    marked, looked (n,): days that changed, and those that were judged. effects (n, k) int8:
    validation.shapes.Effect of all days fetched. standing: the findings behind them.
    """

    marked: Mask
    looked: Mask
    effects: I8
    standing: Findings
    reconciled: Reconciled


def judge(context: Context, *, run: int | None = None) -> Judged:
    """Run all rules on what is to be looked at, and compare with what was found before."""
    marked, looked = looked_at(context)
    spans = _spans(context, looked)
    found = Findings.concatenate(
        [history.look(part, parameters) for parameters, part in _parts(context, looked, spans)]
    )
    reconciled = findings.reconcile(found, context.rows, spans, at=context.at, run=run)
    standing = Findings.concatenate(
        [found.take(reconciled.standing), findings.as_found(_not_looked_at(context.rows, spans))]
    )
    return Judged(marked, looked, paint(context.facts, standing), standing, reconciled)


def looked_at(context: Context) -> tuple[Mask, Mask]:
    """(n,) the marked days, and those to be judged: so far as a marked day tells what is usual,
    and absent days right before them, which ended by it."""
    batch = context.delivered.batch
    marked, looked = np.zeros(len(batch), bool), np.zeros(len(batch), bool)
    for point, rows in by_point(batch.usage_points):
        days = batch.days[rows]
        for first, last in context.marked[point]:
            from_first = days >= np.datetime64(first)
            marked[rows] |= from_first & (days <= np.datetime64(last))
            looked[rows] |= from_first & (days <= np.datetime64(last + REACH))
    return marked, looked | _before(looked, ~context.delivered.stored)


def _before(looked: Mask, absent: Mask) -> Mask:
    """(n,) absent days in a row that end at a looked one. A channel's first day is never absent."""
    number = np.arange(len(looked))
    # Of each row the next one that is not absent; runs of absent days do not leave a channel.
    following = np.where(absent, len(looked), number)
    following = np.minimum.accumulate(following[::-1])[::-1]
    ends = np.append(looked, False)[following.clip(max=len(looked))]
    inside: Mask = absent & ends
    return inside


def _spans(context: Context, looked: Mask) -> Spans:
    """What is looked at, by channel and, under reading type 0, by point; unix seconds."""
    spans: Spans = defaultdict(list)
    for point, stretches in context.marked.items():
        zone = context.points[point].zone
        for first, last in stretches:
            days = np.array([first, last + REACH + DAY], "datetime64[D]")
            low, high = midnights_of(days, zone).tolist()
            spans[point, 0].append((low, high))
    facts, rows = context.facts, np.flatnonzero(looked)
    batch = facts.batch
    ends = facts.midnights + batch.lengths.astype(np.int64) * batch.intervals * 60
    keys = zip(batch.usage_points[rows].tolist(), batch.reading_types[rows].tolist(), strict=True)
    for key, low, high in zip(
        keys, facts.midnights[rows].tolist(), ends[rows].tolist(), strict=True
    ):
        of_channel = spans[key]
        if of_channel and of_channel[-1][1] == low:
            of_channel[-1] = (of_channel[-1][0], high)
        else:
            of_channel.append((low, high))
    return dict(spans)


def _not_looked_at(rows: Sequence[Row], spans: Spans) -> list[Row]:
    """Open findings of what is not looked at now: they stand."""
    return [row for row in findings.stands(rows) if not findings.was_looked_at(row, spans)]


def _parts(context: Context, looked: Mask, spans: Spans) -> Iterator[tuple[Parameters, History]]:
    """What rules see, for each set of parameters in force."""
    groups: dict[int, tuple[Parameters, list[int]]] = {}
    for point, parameters in context.parameters.items():
        groups.setdefault(id(parameters), (parameters, []))[1].append(point)
    pairs = registers.taken(context.pairs, _touching(context, spans))
    readings = registers.shown_of(context.read, _closing(context, spans))
    for parameters, points in groups.values():
        if len(groups) == 1:
            yield (
                parameters,
                History(context.facts, looked, context.classes, pairs, readings, context.doubts),
            )
            continue
        mine = np.isin(context.facts.batch.usage_points, points)
        of_doubts = np.isin(context.doubts.usage_points, points)
        yield (
            parameters,
            History(
                context.facts.take(mine),
                looked[mine],
                context.classes[mine],
                registers.taken(pairs, np.isin(pairs.usage_points, points)),
                _taken(readings, np.isin(readings.usage_points, points)),
                Doubts(
                    context.doubts.usage_points[of_doubts],
                    context.doubts.starts[of_doubts],
                    context.doubts.ends[of_doubts],
                    tuple(np.array(context.doubts.kinds, object)[of_doubts].tolist()),
                ),
            ),
        )


def _taken(readings: Readings, rows: Mask) -> Readings:
    return Readings(*(getattr(readings, name)[rows] for name in Readings.__slots__))


def _touching(context: Context, spans: Spans) -> Mask:
    """(p,) the pairs that have time in what is looked at of their point."""
    pairs = context.pairs
    return np.array(
        [
            any(start < high and low < end for low, high in spans.get((point, 0), ()))
            for point, start, end in zip(
                pairs.usage_points.tolist(), pairs.starts.tolist(), pairs.ends.tolist(),
                strict=True,
            )
        ],
        bool,
    )  # fmt: skip


def _closing(context: Context, spans: Spans) -> Mask:
    """(r,) the readings that end a stretch with time in what is looked at of their point."""
    rows = context.read.rows
    before = np.append(0, rows.moments[:-1])
    first = np.append(True, np.diff(context.read.complexes) != 0)[: len(rows)]
    before = np.where(first, rows.moments, before[: len(rows)])
    return np.array(
        [
            any(start < high and low < end for low, high in spans.get((point, 0), ()))
            for point, start, end in zip(
                rows.usage_points.tolist(), before.tolist(), rows.moments.tolist(), strict=True
            )
        ],
        bool,
    )
