"""The round of validation: what is marked is judged and estimated, in batches of points.

Its outcome is a function of what was delivered, registers, events, settings and what people
decided: running twice changes nothing, nor does the order in which things came. A round that is
killed is worked again.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np
import numpy.typing as npt
from django.db import InterfaceError, OperationalError, connection, transaction

from faza.core.quality import Quality
from faza.readings import marks, services
from faza.readings.estimation import METHODS
from faza.readings.services import Amended, Laid
from faza.readings.validation.shapes import Effect
from faza.readings.vee import context as contexts
from faza.readings.vee import estimating, findings, judging, kept
from faza.readings.vee.context import DAY, REACH, Context, Stretch
from faza.readings.vee.judging import Judged

I64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Progress = Callable[[int, int], None]

LOG = logging.getLogger(__name__)
POINTS = 1000
"""Points whose marks are taken at a time."""
ROWS = {"postgresql": 60_000, "sqlite": 15_000}
"""Days of channels a batch, as far as can be said before they are fetched: bounds memory, and on
SQLite how long the only writer's place is held."""
CHANNELS = 4
"""Channels of a usual point: the four energies."""
TRIES = 20


@dataclass(frozen=True, slots=True)
class Worked:
    """What a round did. channel_days: days of channels that were judged; found: findings new or
    other than before; gone: found no longer; intervals, days: written anew; failed: points that
    could not be worked."""

    points: int = 0
    channel_days: int = 0
    found: int = 0
    gone: int = 0
    intervals: int = 0
    days: int = 0
    failed: int = 0

    def __add__(self, other: Worked) -> Worked:
        return Worked(
            self.points + other.points,
            self.channel_days + other.channel_days,
            self.found + other.found,
            self.gone + other.gone,
            self.intervals + other.intervals,
            self.days + other.days,
            self.failed + other.failed,
        )


def validate(*, at: datetime, run: int | None = None, progress: Progress | None = None) -> Worked:
    """Work all marks that are there when it begins; each batch is a transaction of its own.

    progress(done, total): points; may raise to end it between two batches. A point that cannot be
    worked is logged, and keeps its marks.
    """
    done, after = Worked(), 0
    while len(taken := marks.take(POINTS, after=after)):
        after = int(taken.usage_points.max())
        of_points = _stretches(taken)
        for batch in _batches(of_points):
            worked, failed = _each({point: of_points[point] for point in batch}, at=at, run=run)
            done += worked
            looked = [point for point in batch if point not in failed]
            marks.hand_on(taken.of(looked), at=at)
            if progress is not None:
                progress(done.points, done.points + marks.waiting())
    return done


def _each(
    marked: Mapping[int, list[Stretch]], *, at: datetime, run: int | None
) -> tuple[Worked, set[int]]:
    """A batch, and where it fails its halves: what was done, and the points that failed alone."""
    try:
        return _tried(marked, at=at, run=run), set()
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        if len(marked) == 1:
            LOG.exception("point %s cannot be validated", next(iter(marked)))
            return Worked(failed=1), set(marked)
    ordered = sorted(marked)
    done, failed = Worked(), set[int]()
    for half in (ordered[: len(ordered) // 2], ordered[len(ordered) // 2 :]):
        part, left = _each({point: marked[point] for point in half}, at=at, run=run)
        done, failed = done + part, failed | left
    return done, failed


def validate_points(
    points: Collection[int], first: date, last: date, *, at: datetime, run: int | None = None
) -> Worked:
    """Look at days of points, both included, whether they are marked or not; marks stay."""
    done = Worked()
    of_points = {point: [(first, last)] for point in sorted(points)}
    for batch in _batches(of_points):
        done += _tried({point: of_points[point] for point in batch}, at=at, run=run)
    return done


def _stretches(taken: marks.Taken) -> dict[int, list[Stretch]]:
    """The marked days of each point, stretches that touch joined."""
    found: dict[int, list[Stretch]] = defaultdict(list)
    order = np.lexsort((taken.first_days, taken.usage_points))
    for point, first, last in zip(
        taken.usage_points[order].tolist(),
        taken.first_days[order].astype("datetime64[D]").tolist(),
        taken.last_days[order].astype("datetime64[D]").tolist(),
        strict=True,
    ):
        of_point = found[point]
        if of_point and first <= of_point[-1][1] + DAY:
            of_point[-1] = (of_point[-1][0], max(of_point[-1][1], last))
        else:
            of_point.append((first, last))
    return dict(found)


def _batches(of_points: Mapping[int, list[Stretch]]) -> Iterator[list[int]]:
    """Points together whose days are about the same, and not too many."""
    ordered = sorted(of_points, key=lambda point: (of_points[point][0][0], point))
    batch: list[int] = []
    low = high = date.min
    for point in ordered:
        first, last = of_points[point][0][0], of_points[point][-1][1]
        if batch:
            wide = min(low, first), max(high, last)
            days = (wide[1] - wide[0] + 3 * REACH + DAY) // DAY
            if days * CHANNELS * (len(batch) + 1) > ROWS[connection.vendor]:
                yield sorted(batch)
                batch = []
        low, high = (min(low, first), max(high, last)) if batch else (first, last)
        batch.append(point)
    if batch:
        yield sorted(batch)


def _tried(marked: Mapping[int, list[Stretch]], *, at: datetime, run: int | None) -> Worked:
    """One batch, tried again where another session was in the way."""
    for attempt in range(TRIES):
        try:
            return work(marked, at=at, run=run)
        except services.WrongInterval:
            # A delivery on another grid came between; what it marked comes again.
            if connection.in_atomic_block or attempt == TRIES - 1:
                raise
        except OperationalError as problem:
            # A deadlock with a delivery: one of the two is rolled back whole and comes again.
            state = getattr(problem.__cause__, "sqlstate", None)
            if state not in {"40P01", "40001"} or connection.in_atomic_block:
                raise
            if attempt == TRIES - 1:
                raise
    raise AssertionError("unreachable")


def work(marked: Mapping[int, list[Stretch]], *, at: datetime, run: int | None = None) -> Worked:
    """Judge and estimate the marked days of points, in one transaction."""
    context = contexts.fetch(marked, at=at)
    judged = judging.judge(context, run=run)
    held = kept.fetch(context)
    reached = estimating.reach(context, judged.looked)
    wanted = estimating.ask(context, judged.effects, judged.standing, reached, held)
    laid = estimating.answer(wanted)
    with transaction.atomic():
        # Days before findings, as `record` locks them: the two do not wait for each other in turn.
        amended = _settle(context, judged, laid, held.automatic & reached, reached, at, run)
        findings.put(judged.reconciled.written)
        _mark_others(context, judged, at)
    reconciled = judged.reconciled
    return Worked(
        points=len(context.points),
        channel_days=int(judged.looked.sum()),
        found=len(reconciled.found),
        gone=len(reconciled.gone),
        intervals=amended.intervals,
        days=amended.blocks,
    )


def _settle(
    context: Context,
    judged: Judged,
    laid: estimating.Laid,
    automatic: Mask,
    reached: Mask,
    at: datetime,
    run: int | None,
) -> Amended:
    """Lay verdicts and estimates over the days that have any, or had."""
    batch = context.delivered.batch
    estimated = np.zeros(len(batch), bool)
    estimated[laid.rows] = True
    has_verdict = (judged.effects > Effect.TELL).any(axis=1)
    rows = np.flatnonzero(reached & (estimated | automatic | has_verdict))
    if not len(rows):
        return Amended()
    place = np.full(len(batch), -1)
    place[rows] = np.arange(len(rows))
    told = np.flatnonzero(place[laid.rows] >= 0)
    at_rows = place[laid.rows[told]]
    shape = (len(rows), batch.values.shape[1])
    values = np.zeros(shape, np.int64)
    quality = np.full(shape, Quality.UNTOLD, np.uint8)
    method = np.zeros(shape, np.uint8)
    values[at_rows], quality[at_rows] = laid.values[told], laid.quality[told]
    method[at_rows] = laid.method[told]
    inputs: list[Mapping[str, object]] = [{}] * len(rows)
    for where, number in zip(at_rows.tolist(), told.tolist(), strict=True):
        inputs[where] = laid.inputs[number]
    return services.settle(
        replace(batch.take(rows), values=values, quality=quality),
        judged.effects[rows],
        Laid(METHODS, method, inputs),
        at=at,
        run=run,
    )


def _mark_others(context: Context, judged: Judged, at: datetime) -> None:
    """Mark days that were not marked and whose verdict is another now: what draws on them is to
    be estimated again. The next round finds them as this one left them."""
    changed = [
        row
        for row in (*judged.reconciled.found, *judged.reconciled.gone)
        if row.effect > Effect.TELL
    ]
    if not changed:
        return
    batch, facts = context.delivered.batch, context.facts
    ends = facts.midnights + batch.lengths.astype(np.int64) * batch.intervals * 60
    chosen = np.zeros(len(batch), bool)
    for row in changed:
        point = row.key.usage_point
        rows = slice(*np.searchsorted(batch.usage_points, [point, point + 1]).tolist())
        chosen[rows] |= (facts.midnights[rows] < row.end) & (ends[rows] > row.key.start)
    chosen &= ~judged.marked & judged.looked
    if chosen.any():
        marks.mark_days(batch.usage_points[chosen], batch.days[chosen], at=at)
