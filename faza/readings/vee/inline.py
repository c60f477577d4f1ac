"""What is looked at while it is recorded: rules that need the days alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from faza.core.quality import Quality
from faza.core.reading_types import A_MINUS
from faza.readings.blocks import BlockBatch
from faza.readings.validation import inline, paint
from faza.readings.validation.shapes import I8, Days, Effect, Findings, Parameters
from faza.readings.vee import context, facts, findings, settings
from faza.readings.vee import points as of_points
from faza.readings.vee.days import Delivered
from faza.readings.vee.facts import Columns

Groups = Sequence[tuple[Parameters, npt.NDArray[np.bool_] | None]]
DAY = timedelta(days=1)
AT_ONCE = 2_000
"""Days that are looked at together: findings of more would take much memory."""


def look(batch: BlockBatch, at: datetime) -> BlockBatch | None:
    """Judge delivered days, sorted by key, in the transaction that recorded them.

    Findings are written; the verdicts come back as `amending.judge` takes them, None if there are
    none. What a person accepted before stays accepted. What is found no longer is for the job to
    say, which looks again at all that changed. Six queries, and two for each AT_ONCE days of which
    anything is found.
    """
    told = batch.usage_points[np.flatnonzero(np.diff(batch.usage_points, prepend=-1))]
    points = facts.fetch(told)
    if len(points.ids) < len(told):
        batch = batch.take(np.isin(batch.usage_points, points.ids))
    if not len(batch):
        return None
    first, last = batch.days.min().item(), batch.days.max().item()
    period = of_points.period_of(set(points.zone_names), first, last + DAY)
    low, high = int(period.start.timestamp()), int(period.end.timestamp())
    now = int(at.timestamp())
    delivered = Delivered(batch, np.ones(len(batch), bool), np.full(len(batch), now))
    sends = (batch.reading_types == A_MINUS.code) & (batch.values > 0).any(axis=1)
    days = context.facts_of(
        delivered,
        points,
        context.known_to_export(np.unique(batch.usage_points[sends]).tolist()),
        context.clocks_of(points.ids.tolist(), low, high),
        now=now,
    )
    effects = np.zeros(batch.values.shape, np.int8)
    groups = _groups(batch, points)
    for part in _slices(batch.usage_points):
        ruled = [(parameters, None if rows is None else rows[part]) for parameters, rows in groups]
        effects[part] = _judge(days.take(part), ruled, (low, high), at)
    rows = np.flatnonzero((effects > Effect.TELL).any(axis=1))
    if not len(rows):
        return None
    effects = effects[rows]
    verdicts = np.full(effects.shape, Quality.UNTOLD, np.uint8)
    verdicts[effects == Effect.DOUBT] = Quality.QUESTIONABLE
    verdicts[effects == Effect.REJECT] = Quality.MISSING
    judged = batch.take(rows)
    return replace(judged, values=np.zeros_like(judged.values), quality=verdicts)


def _slices(points: npt.NDArray[np.int64]) -> Iterator[slice]:
    """Slices of about AT_ONCE rows that do not part a point; `points` is sorted."""
    start = 0
    while start < len(points):
        last = points[min(start + AT_ONCE, len(points)) - 1]
        end = int(np.searchsorted(points, last, side="right"))
        yield slice(start, end)
        start = end


def _judge(days: Days, groups: Groups, span: tuple[int, int], at: datetime) -> I8:
    """Write what is found; the effects on the days (n, k). Two queries where anything is found."""
    found = Findings.concatenate(
        [
            inline.look(days if rows is None else days.take(rows), parameters)
            for parameters, rows in groups
        ]
    )
    if not len(found):
        return np.zeros(days.batch.values.shape, np.int8)
    before = findings.of_points(np.unique(found.usage_points).tolist(), *span)
    reconciled = findings.reconcile(found, before, {}, at=at, run=None)
    findings.put(reconciled.written)
    return paint(days, found.take(reconciled.standing))


def _groups(batch: BlockBatch, points: Columns) -> Groups:
    """Rows by the parameters in force; None for all. One query."""
    by_path = settings.in_force(set(points.paths.values()))
    alike: dict[int, tuple[Parameters, list[int]]] = {}
    for node, path in points.paths.items():
        parameters = by_path[path]
        alike.setdefault(id(parameters), (parameters, []))[1].append(node)
    if len(alike) == 1:
        return [(parameters, None) for parameters, _ in alike.values()]
    of_rows = points.nodes[np.searchsorted(points.ids, batch.usage_points)]
    return [(parameters, np.isin(of_rows, nodes)) for parameters, nodes in alike.values()]
