"""From days and verdicts to what estimation sees, and from its answer to days to be laid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from faza.core.quality import Quality, is_present
from faza.core.reading_types import BY_CODE
from faza.readings import rules
from faza.readings.estimation import (
    ORDER,
    Bound,
    Brackets,
    Channels,
    Groups,
    Reference,
    Settings,
    State,
    estimate,
)
from faza.readings.validation import RULES
from faza.readings.validation.shapes import Effect, Findings
from faza.readings.vee import findings, references
from faza.readings.vee.context import DAY, REACH, Context
from faza.readings.vee.kept import Kept
from faza.readings.vee.points import by_point, midnights_of

I64 = npt.NDArray[np.int64]
U8 = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

ADDITIVE = tuple(code for code, kind in BY_CODE.items() if kind.additive)
"""Only what adds up is estimated: nobody is charged for a voltage."""
WAIT = "wait"
GAP, CATCH_UP = "V01", "V18"
NEAR = ("control", "interpolation", "like-days")
"""Methods that need no other time and no other points."""


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """Estimates of the rows of Context.delivered; `rows` ascending, each once.

    values (m, k) int64, quality (m, k) uint8 UNTOLD where nothing is told, method (m, k) index of
    METHODS, inputs (m,).
    """

    rows: I64
    values: I64
    quality: U8
    method: U8
    inputs: tuple[Mapping[str, object], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Ask:
    """What is to be estimated. states (n, k) of all rows fetched; values (n, k) with them;
    brackets over unix seconds: point, type, start, end, energy, resolution, Bound (b, 7)."""

    context: Context
    values: I64
    states: U8
    bounds: I64


def ask(
    context: Context,
    effects: npt.NDArray[np.int8],
    standing: Findings,
    reached: Mask,
    held: Kept,
) -> Ask:
    """What is known of each interval. reached (n,): days whose gaps are to be told."""
    batch = context.delivered.batch
    values, states = batch.values.copy(), np.full(batch.values.shape, State.ABSENT, np.uint8)
    columns = np.arange(batch.values.shape[1])
    facts = context.facts
    inside = (columns >= facts.low[:, None]) & (columns < facts.high[:, None])
    inside &= columns < batch.lengths[:, None]
    there = is_present(batch.quality) & (effects < Effect.REJECT)
    good = (rules.ranks_of("meter", batch.quality) >= rules.MEASURED) & (effects < Effect.DOUBT)
    # A person's estimate yields where a good value stands again, as `settle` has it.
    laid = held.mask & ~(held.estimated & good)
    # Measured for a moment only, RAW stands in for an interval's value.
    good &= batch.quality != Quality.RAW
    states[inside & ~_between_meters(context)] = State.UNKNOWN
    states[inside & there] = State.DOUBTFUL
    states[inside & there & good] = State.MEASURED
    values[laid] = held.values[laid]
    states[laid & inside] = State.KEPT
    told = reached[:, None] & _settled(context) & ~_left_empty(context)
    states[(states == State.UNKNOWN) & ~told] = State.WAITING
    return Ask(context, values, states, _bounds(context, standing))


def _settled(context: Context) -> Mask:
    """(n, k) intervals that ended so long ago that reading has had its time (V01, wait)."""
    batch = context.delivered.batch
    default = float(RULES[GAP].parameters[WAIT])
    waits = {
        point: float(of.get(GAP, {}).get(WAIT, default)) for point, of in context.parameters.items()
    }
    hours = _by_point(batch.usage_points, waits)
    steps = batch.intervals.astype(np.int64) * 60
    ends = context.facts.midnights[:, None] + steps[:, None] * np.arange(
        1, batch.values.shape[1] + 1
    )
    found: Mask = ends <= (context.now - hours * 3600)[:, None]
    return found


def _between_meters(context: Context) -> Mask:
    """(n, k) intervals of the time between two billing meters, in which none stood there."""
    batch, midnights = context.delivered.batch, context.facts.midnights
    found = np.zeros(batch.values.shape, bool)
    for point, rows in by_point(batch.usage_points):
        billing = context.points[point].billing
        for old, new in pairwise(billing):
            if old.end < new.start:
                steps = batch.intervals[rows].astype(np.int64)[:, None] * 60
                starts = midnights[rows][:, None] + steps * np.arange(batch.values.shape[1])
                found[rows] |= (starts >= old.end) & (starts + steps <= new.start)
    return found


def _left_empty(context: Context) -> Mask:
    """(n, k) gaps of which a person said that they stay."""
    batch, facts = context.delivered.batch, context.facts
    found = np.zeros(batch.values.shape, bool)
    for row in context.rows:
        if row.state != findings.State.ACCEPTED or row.key.rule != GAP:
            continue
        point, kind = row.key[:2]
        first, end = np.searchsorted(batch.usage_points, [point, point + 1]).tolist()
        mine = first + np.flatnonzero(batch.reading_types[first:end] == kind)
        steps = batch.intervals[mine].astype(np.int64)[:, None] * 60
        starts = facts.midnights[mine][:, None] + steps * np.arange(batch.values.shape[1])
        found[mine] |= (starts < row.end) & (starts + steps > row.key.start)
    return found


def _by_point(usage_points: I64, numbers: Mapping[int, float]) -> npt.NDArray[np.float64]:
    """(n,) a number of each row's point."""
    points, back = np.unique(usage_points, return_inverse=True)
    of_points = np.array([numbers[point] for point in points.tolist()], np.float64)
    found: npt.NDArray[np.float64] = of_points[back.reshape(-1)] if len(points) else of_points
    return found


def _bounds(context: Context, standing: Findings) -> I64:
    """(b, 7) what bounds stretches: registers, and jumps that hold a gap's energy."""
    pairs = context.bounds
    by_registers = np.column_stack(
        [
            pairs.usage_points, pairs.reading_types, pairs.starts, pairs.ends, pairs.differences,
            pairs.resolutions, np.full(len(pairs), int(Bound.REGISTER)),
        ]
    ).astype(np.int64)  # fmt: skip
    jumps = [
        (point, kind, int(numbers["since"]), end, int(numbers["energy"]), 1, int(Bound.JUMP))
        for point, kind, end, code, effect, numbers in zip(
            standing.usage_points.tolist(), standing.reading_types.tolist(),
            standing.ends.tolist(), standing.rules, standing.effects.tolist(), standing.numbers,
            strict=True,
        )
        if code == CATCH_UP and effect == Effect.REJECT
    ]  # fmt: skip
    return np.concatenate([by_registers, np.array(jumps, np.int64).reshape(-1, 7)])


def reach(context: Context, looked: Mask) -> Mask:
    """(n,) days whose gaps are estimated anew: those that may have drawn on a marked day, those
    that a register difference binds to them, and all that were judged."""
    facts, batch, found = context.facts, context.delivered.batch, looked.copy()
    ends = facts.midnights + batch.lengths.astype(np.int64) * batch.intervals * 60
    pairs = context.bounds
    for point, rows in by_point(batch.usage_points):
        of_point = slice(*np.searchsorted(pairs.usage_points, [point, point + 1]).tolist())
        starts, stops = pairs.starts[of_point], pairs.ends[of_point]
        zone = context.points[point].zone
        for first, last in context.marked[point]:
            around = np.array([first - REACH, last + REACH + DAY], "datetime64[D]")
            low, high = midnights_of(around, zone).tolist()
            bound = (starts < high) & (stops > low)
            low = min(low, int(starts[bound].min(initial=low)))
            high = max(high, int(stops[bound].max(initial=high)))
            found[rows] |= (facts.midnights[rows] < high) & (ends[rows] > low)
    return found


def answer(wanted: Ask, *, order: Sequence[str] = ORDER, settings: Settings | None = None) -> Laid:
    """Estimate the unknown cells, channels of one interval together."""
    batch = wanted.context.delivered.batch
    gaps = (wanted.states == State.UNKNOWN).any(axis=1) & np.isin(batch.reading_types, ADDITIVE)
    channel = _channels(batch.usage_points, batch.reading_types)
    parts: list[Laid] = []
    for interval in np.unique(batch.intervals[gaps]).tolist():
        of_interval = batch.intervals == interval
        chosen = np.isin(channel, np.unique(channel[gaps & of_interval]))
        rows = np.flatnonzero(chosen & of_interval)
        parts += _of_interval(wanted, rows, channel[rows], order, settings or Settings())
    return _joined(parts, batch.values.shape[1])


def _channels(points: I64, kinds: npt.NDArray[np.int16]) -> I64:
    """(n,) number of each row's channel, ascending."""
    change = np.zeros(len(points), bool)
    change[1:] = (points[1:] != points[:-1]) | (kinds[1:] != kinds[:-1])
    return np.cumsum(change)


def _of_interval(
    wanted: Ask, rows: I64, channel: I64, order: Sequence[str], settings: Settings
) -> list[Laid]:
    """Estimates of channels whose rows (ascending) have one interval.

    What other years and other points show is fetched for those channels alone of which the days
    around do not tell enough.
    """
    near = tuple(method for method in order if method in NEAR)
    cut = _cut(wanted, rows, channel)
    controls = None
    if "control" in order:
        controls = references.control(cut.channels, cut.points, cut.kinds)
    laid = _estimated(wanted, cut, near, settings, control=controls)
    lacking = _lacking(wanted, cut, laid) if near != tuple(order) else np.zeros(0, np.int64)
    if not len(lacking):
        return [laid]
    again = np.isin(channel, np.unique(channel)[lacking])
    rest = _cut(wanted, rows[again], channel[again])
    if "control" in order:
        controls = references.control(rest.channels, rest.points, rest.kinds)
    year = group = None
    if "last-year" in order:
        year = references.last_year(rest.channels, rest.points, rest.kinds)
    if "group" in order:
        group = references.groups(rest.channels, rest.points, rest.kinds)
    stays = ~np.isin(laid.rows, rest.row_at)
    return [
        _taken(laid, stays),
        _estimated(wanted, rest, order, settings, control=controls, last_year=year, groups=group),
    ]


@dataclass(frozen=True, slots=True, eq=False)
class _Cut:
    """Channels (c, d, k) as estimation takes them; row_at (c, d): the rows, -1: none. points,
    kinds (c,)."""

    channels: Channels
    row_at: I64
    points: I64
    kinds: npt.NDArray[np.int16]


def _cut(wanted: Ask, rows: I64, channel: I64) -> _Cut:
    context, batch = wanted.context, wanted.context.delivered.batch
    numbers, places = np.unique(channel, return_inverse=True)
    places = places.reshape(-1)
    first = batch.days[rows].min()
    days = (batch.days[rows] - first).astype(np.int64)
    shape = (len(numbers), int(days.max()) + 1, int(batch.lengths[rows].max()))
    values = np.zeros(shape, np.int64)
    states = np.full(shape, State.ABSENT, np.uint8)
    values[places, days] = wanted.values[rows, : shape[2]]
    states[places, days] = wanted.states[rows, : shape[2]]
    row_at = np.full(shape[:2], -1, np.int64)
    row_at[places, days] = rows
    classes = np.full(shape[:2], -1, np.int64)
    classes[places, days] = context.classes[rows]
    limits = np.zeros(shape[0], np.int64)
    np.maximum.at(limits, places, context.facts.limits[rows])
    head = rows[np.searchsorted(places, np.arange(shape[0]))]
    channels = Channels(values, states, classes, first, int(batch.intervals[rows[0]]), limits)
    return _Cut(channels, row_at, batch.usage_points[head], batch.reading_types[head])


def _lacking(wanted: Ask, cut: _Cut, laid: Laid) -> I64:
    """Places of channels of which unknown cells are left."""
    told = np.zeros(wanted.states.shape, bool)
    told[laid.rows] = laid.method > 0
    left = ((wanted.states == State.UNKNOWN) & ~told).any(axis=1)
    there = (cut.row_at >= 0) & left[cut.row_at]
    return np.flatnonzero(there.any(axis=1))


def _estimated(
    wanted: Ask,
    cut: _Cut,
    order: Sequence[str],
    settings: Settings,
    *,
    control: Reference | None = None,
    last_year: Reference | None = None,
    groups: Groups | None = None,
) -> Laid:
    found = estimate(
        cut.channels,
        brackets=_brackets(wanted, cut),
        control=control,
        last_year=last_year,
        groups=groups,
        order=tuple(order),
        settings=settings,
    )
    rows = cut.row_at[found.channels, found.days]
    pad = ((0, 0), (0, wanted.values.shape[1] - found.values.shape[1]))
    return Laid(
        rows,
        np.pad(found.values, pad),
        np.pad(found.quality, pad, constant_values=Quality.UNTOLD),
        np.pad(found.method, pad).astype(np.uint8),
        found.inputs,
    )


def _taken(laid: Laid, rows: Mask) -> Laid:
    inputs = tuple(laid.inputs[place] for place in np.flatnonzero(rows).tolist())
    return Laid(laid.rows[rows], laid.values[rows], laid.quality[rows], laid.method[rows], inputs)


def _brackets(wanted: Ask, cut: _Cut) -> Brackets:
    """Bounds of channels as flat cells; those that leave the days known are left out."""
    facts, batch = wanted.context.facts, wanted.context.delivered.batch
    row_at, width, bounds = cut.row_at, cut.channels.values.shape[2], wanted.bounds
    keys = zip(cut.points.tolist(), cut.kinds.tolist(), strict=True)
    channel_of = {key: place for place, key in enumerate(keys)}
    told = np.array([channel_of.get(tuple(key), -1) for key in bounds[:, :2].tolist()], np.int64)
    bounds, told = bounds[told >= 0], told[told >= 0]
    firsts, ends = np.full(len(told), -1, np.int64), np.full(len(told), -1, np.int64)
    for place in np.unique(told).tolist():
        mine = np.flatnonzero(told == place)
        days = np.flatnonzero(row_at[place] >= 0)
        rows = row_at[place][days]
        step = int(batch.intervals[rows[0]]) * 60
        midnights, lengths = facts.midnights[rows], batch.lengths[rows].astype(np.int64)
        whole = np.append(np.diff(days) == 1, True)
        for target, moments, is_end in ((firsts, bounds[mine, 2], 0), (ends, bounds[mine, 3], 1)):
            at = np.searchsorted(midnights, moments - is_end, "right") - 1
            inside = at >= 0
            at = at.clip(min=0)
            seconds = moments - midnights[at]
            inside &= (seconds % step == 0) & (seconds // step <= lengths[at] - 1 + is_end)
            target[mine] = np.where(inside, days[at] * width + seconds // step, -1)
        breaks = np.cumsum(~whole)
        from_day = np.searchsorted(days, firsts[mine] // width).clip(max=len(days) - 1)
        to_day = np.searchsorted(days, (ends[mine] - 1) // width).clip(max=len(days) - 1)
        torn = (breaks[to_day] - ~whole[to_day]) > (breaks[from_day] - ~whole[from_day])
        firsts[mine[torn]] = -1
    fits = (firsts >= 0) & (ends > firsts)
    return Brackets(
        channels=told[fits],
        firsts=firsts[fits],
        ends=ends[fits],
        energies=bounds[fits, 4],
        resolutions=bounds[fits, 5],
        bounds=bounds[fits, 6],
    )


def _joined(parts: Sequence[Laid], width: int) -> Laid:
    empty = np.zeros((0, width), np.int64)
    rows = np.concatenate([np.zeros(0, np.int64), *(part.rows for part in parts)])
    order = np.argsort(rows, kind="stable")
    inputs = [one for part in parts for one in part.inputs]
    return Laid(
        rows[order],
        np.concatenate([empty, *(part.values for part in parts)])[order],
        np.concatenate([empty.astype(np.uint8), *(part.quality for part in parts)])[order],
        np.concatenate([empty.astype(np.uint8), *(part.method for part in parts)])[order],
        tuple(inputs[place] for place in order.tolist()),
    )
