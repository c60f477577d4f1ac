"""What stands over a delivery: verdicts, estimates and a person's overrides, each withdrawable.

Deliveries go on beneath: redelivering a file disturbs none of them. Laying the same again writes
nothing. ADR 6.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection, transaction

from faza.core.quality import Quality, is_present
from faza.readings import marks
from faza.readings.blocks import BlockBatch, WrongInterval
from faza.readings.effective import (
    DOUBT,
    REJECT,
    After,
    Day,
    Kinds,
    may_estimate,
    meet,
    other_grid,
    put_days,
)
from faza.readings.models import Provenance, Source
from faza.readings.packing import stored_quality
from faza.readings.provenance import ESTIMATE, OVERRIDE, VERDICT, Label, Layers, as_json
from faza.readings.sources import get_source
from faza.readings.store import Staged, Writer, find_sources, moments, writer

I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
U8 = npt.NDArray[np.uint8]
Layer = Provenance.Layer
Mask = npt.NDArray[np.bool_]

CHUNK = 25_000
"""Days at a time; bounds the memory, not the transaction."""


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """How the told intervals of n days were estimated.

    method (n, k): place of each told interval in `methods`. inputs: what each day's estimates
    were made of, JSON values by name, (n,); or none.
    """

    methods: Sequence[str]
    method: npt.NDArray[np.integer[Any]]
    inputs: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Amended:
    """What was written: intervals whose value or quality is another now, and days."""

    intervals: int = 0
    blocks: int = 0

    def __add__(self, other: Amended) -> Amended:
        return Amended(self.intervals + other.intervals, self.blocks + other.blocks)


@dataclass(frozen=True, slots=True, eq=False)
class _Deed:
    """An amendment on its way: `decide(day, rows)` says what becomes of days.

    rows: the places that these days had in the sorted batch, for what else comes by the row.
    """

    batch: BlockBatch
    decide: Callable[[Day, I64], After]
    kinds: Kinds
    at: datetime
    by: str
    reason: str


def amend(
    batch: BlockBatch,
    *,
    layer: Layer,
    source: Source,
    at: datetime,
    method: str = "",
    inputs: Mapping[str, Any] | None = None,
    laid: Laid | None = None,
    reason: str = "",
    by: str = "",
    run: int | None = None,
) -> int:
    """Lay estimates or an override over days; how many intervals are other than before.

    Intervals that the batch leaves UNTOLD are not touched. An estimate reaches only intervals
    whose delivered value is missing, doubtful or has a verdict against it, and that nobody
    overrode; an override reaches all, needs a reason, and takes the place of an estimate.
    laid: where methods or inputs differ by interval and day, instead of `method` and `inputs`.

    Raises ValueError for an override without a reason, WrongInterval as `record` does and where
    a day is stored on another grid.
    """
    if layer == Layer.OVERRIDE and not reason:
        raise ValueError("An override needs a reason.")
    batch, order = _in_order(batch)
    laid = _taken(laid or Laid([method], np.zeros(batch.values.shape, np.int8)), order)
    ground = Label(source.id, 0, at, inputs=as_json(inputs), reason=reason, by=by, run=run)

    def decide(day: Day, rows: I64) -> After:
        reach = day.batch.quality != Quality.UNTOLD
        if layer == Layer.ESTIMATE:
            reach &= may_estimate(day.told, day.layers) & ~day.layers.covers(OVERRIDE)
        before = day.layers.of(int(layer))
        numbers = _numbered(day.layers, reach, _taken(laid, rows), ground)
        numbers = _kept(day.layers, before, numbers, reach & _same(day))
        changed = {int(layer): np.where(reach, numbers, before)}
        if layer == Layer.OVERRIDE and ESTIMATE in day.layers.numbers:
            changed[ESTIMATE] = np.where(reach, 0, day.layers.of(ESTIMATE)).astype(np.int32)
        return _laid_over(day, day.layers.having(changed), reach)

    deed = _Deed(batch, decide, find_sources(), at, by, reason or method)
    return _over(deed).intervals


def judge(
    batch: BlockBatch,
    *,
    at: datetime,
    run: int | None = None,
    by: str = "",
    reason: str = "validation",
    whole: bool = False,
) -> Amended:
    """Say of delivered intervals that they are doubtful, or that they do not stand.

    batch.quality: QUESTIONABLE doubts, MISSING rejects, VALID lifts a verdict, UNTOLD leaves it,
    or with `whole` lifts it too. Its values mean nothing. A verdict is of the delivered value:
    there is none where nothing was delivered, and another value lifts it. An estimate that may
    stand no longer, because a good value stands again, goes with it.

    Raises WrongInterval as `amend` does.
    """
    batch, _ = _in_order(batch)
    source = get_source(Source.Kind.VALIDATION)

    def decide(day: Day, rows: I64) -> After:
        quality = day.batch.quality
        told = (quality != Quality.UNTOLD) | whole
        effects = (quality == Quality.QUESTIONABLE) + 2 * (quality == Quality.MISSING)
        layers = _judged(day, effects, told, Label(source.id, 0, at, by=by, run=run))
        return _laid_over(day, _without_needless(day, layers), np.zeros(told.shape, bool))

    return _over(_Deed(batch, decide, find_sources(), at, by, reason))


def settle(
    batch: BlockBatch,
    effects: npt.NDArray[np.integer[Any]],
    laid: Laid,
    *,
    at: datetime,
    run: int | None = None,
    by: str = "",
    reason: str = "validation",
) -> Amended:
    """Make both automatic layers of whole days anew, verdicts and estimates, in one write.

    batch: a row for each day that is settled; estimates, UNTOLD where there is none. effects
    (n, k): validation.shapes.Effect of each interval. What stands in those layers and is not told
    again is lifted; a person's estimates and overrides stay. A day of which nothing is other
    afterwards is not written, and what is told again keeps when and by which run it was said.

    Raises WrongInterval as `amend` does.
    """
    batch, order = _in_order(batch)
    effects, laid = effects[order], _taken(laid, order)
    judging = Label(get_source(Source.Kind.VALIDATION).id, 0, at, by=by, run=run)
    guessing = Label(get_source(Source.Kind.ESTIMATE).id, 0, at, by=by, run=run)
    kinds = find_sources()

    def decide(day: Day, rows: I64) -> After:
        everywhere = np.ones(day.batch.values.shape, bool)
        layers = _judged(day, _wide(effects[rows], day.layers.shape[1]), everywhere, judging)
        before = layers.of(ESTIMATE)
        persons = layers.labels.table(
            "source", lambda source: kinds[source][0] == Source.Kind.OPERATOR, bool
        )[before]
        may = may_estimate(day.told, layers) & ~layers.covers(OVERRIDE)
        told = (day.batch.quality != Quality.UNTOLD) & may & ~persons
        fresh = _numbered(layers, told, _taken(laid, rows), guessing)
        fresh = _kept(layers, before, fresh, told & _same(day))
        numbers = np.where(told, fresh, np.where(persons & may, before, 0)).astype(np.int32)
        if ESTIMATE in layers.numbers or told.any():
            layers = layers.having({ESTIMATE: numbers})
        return _laid_over(day, layers, told)

    return _over(_Deed(batch, decide, kinds, at, by, reason))


def withdraw(
    batch: BlockBatch, *, layer: Layer, source: Source, at: datetime, reason: str, by: str = ""
) -> int:
    """Take amendments of a layer away again where the batch is told; the delivered day returns.

    The batch's values mean nothing here. Returns how many intervals are other than before. What
    an override had covered of an estimate is missing until it is estimated again.

    Raises WrongInterval as `amend` does.
    """
    batch, _ = _in_order(batch)

    def decide(day: Day, rows: I64) -> After:
        told = day.batch.quality != Quality.UNTOLD
        stays = np.where(told, 0, day.layers.of(int(layer))).astype(np.int32)
        if int(layer) not in day.layers.numbers:
            return _laid_over(day, day.layers, np.zeros(told.shape, bool))
        layers = day.layers.having({int(layer): stays})
        if layer == Layer.VERDICT:
            layers = _without_needless(day, layers)
        return _laid_over(day, layers, np.zeros(told.shape, bool))

    return _over(_Deed(batch, decide, find_sources(), at, by, reason)).intervals


def _judged(day: Day, effects: npt.NDArray[np.integer[Any]], told: Mask, ground: Label) -> Layers:
    """Layers with verdicts where told; effects (m, k): 1 doubts, 2 rejects."""
    layers = day.layers
    effects = np.where(told & is_present(stored_quality(day.told.quality)), effects, 0)
    if VERDICT not in layers.numbers and not effects.any():
        return layers
    numbers = [
        0, *(layers.labels.number(ground._replace(method=method)) for method in (DOUBT, REJECT))
    ]  # fmt: skip
    before = layers.of(VERDICT)
    fresh = _kept(layers, before, np.array(numbers, np.int32)[effects], told)
    return layers.having({VERDICT: np.where(told, fresh, before)})


def _without_needless(day: Day, layers: Layers) -> Layers:
    """Layers without the estimates that may not stand over what they leave."""
    if ESTIMATE not in layers.numbers:
        return layers
    may = may_estimate(day.told, layers)
    return layers.having({ESTIMATE: np.where(may, layers.of(ESTIMATE), 0).astype(np.int32)})


def _numbered(layers: Layers, told: Mask, laid: Laid, ground: Label) -> I32:
    """Numbers of labels (m, k) for told intervals, by method and the inputs of the day."""
    numbers = np.zeros(told.shape, np.int32)
    cells = np.nonzero(told)
    if not len(cells[0]):
        return numbers
    by_row = bool(laid.inputs)
    width = len(laid.methods)
    # The row counts only where each has inputs of its own.
    keys = cells[0] * (width * by_row) + _wide(laid.method, told.shape[1])[cells]
    distinct, place = np.unique(keys, return_inverse=True)
    texts = [as_json(inputs) for inputs in laid.inputs] if by_row else [ground.inputs]
    before, after = tuple(ground[:3]), tuple(ground[5:])
    made = [
        layers.labels.number((*before, laid.methods[key % width], texts[key // width], *after))
        for key in distinct.tolist()
    ]
    numbers[cells] = np.array(made, np.int32)[place]
    return numbers


def _kept(layers: Layers, before: I32, fresh: I32, where: Mask) -> I32:
    """Fresh numbers, but those of before where both are of one origin."""
    both = where & (before != 0) & (fresh != 0)
    if not both.any():
        return fresh
    kept = fresh.copy()
    alike = layers.labels.alike(before[both], fresh[both])
    kept[both] = np.where(alike, before[both], fresh[both])
    return kept


def _same(day: Day) -> Mask:
    """(m, k) where the batch says what is effective."""
    return (day.batch.values == day.stored.values) & (day.batch.quality == day.stored.quality)


def _laid_over(day: Day, layers: Layers, told: Mask) -> After:
    """Days with other layers, of which the told intervals are those of the batch."""
    stored = day.stored
    if not told.any():
        return After(day.told, layers, stored.values, stored.quality)
    return After(
        day.told, layers, np.where(told, day.batch.values, stored.values),
        np.where(told, day.batch.quality, stored.quality),
    )  # fmt: skip


def _in_order(batch: BlockBatch) -> tuple[BlockBatch, I64]:
    """A batch sorted by key, and the places its rows had. Raises WrongInterval."""
    batch.check()
    order = np.lexsort((batch.days, batch.reading_types, batch.usage_points))
    batch = batch.take(order)
    batch.check_once()
    return batch, order


def _taken(laid: Laid, rows: I64) -> Laid:
    inputs = [laid.inputs[row] for row in rows.tolist()] if laid.inputs else ()
    return Laid(laid.methods, laid.method[rows], inputs)


def _wide(array: npt.NDArray[np.integer[Any]], width: int) -> npt.NDArray[np.integer[Any]]:
    missing = width - array.shape[1]
    return np.pad(array, ((0, 0), (0, missing))) if missing > 0 else array


def _over(deed: _Deed) -> Amended:
    """Read the days, let the deed decide, write guarded; again where somebody was faster."""
    done = Amended()
    with transaction.atomic(), connection.cursor() as cursor:
        into = writer(cursor)
        for rows in _parts(len(deed.batch)):
            while len(rows):
                amended, rows = _once(into, deed, rows)
                done += amended
    return done


def _parts(n: int) -> Iterator[I64]:
    for start in range(0, n, CHUNK):
        yield np.arange(start, min(start + CHUNK, n))


def _once(into: Writer, deed: _Deed, rows: I64) -> tuple[Amended, I64]:
    """Amend some of the days; what was done, and the rows at which somebody was faster."""
    batch = deed.batch.take(rows)
    n = len(batch)
    staged = Staged(
        batch, np.zeros(n, np.int16), np.zeros(n, np.int64), np.ones(n, np.int64),
        np.zeros(n, bool), moments(deed.at, n),
    )  # fmt: skip
    into.stage(staged)
    stored = into.differing(staged)
    wrong = other_grid(stored, batch)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise WrongInterval(
            f"{batch.usage_points[row]}/{batch.reading_types[row]}/{batch.days[row]} is stored in"
            f" intervals of {stored.intervals[row]} minutes"
        )
    day = meet(into, staged, stored, deed.kinds, look=stored.found)
    after = deed.decide(day, rows)
    touched, accepted, other = put_days(
        into, day, after, kinds=deed.kinds, at=deed.at, by=deed.by, reason=deed.reason
    )  # fmt: skip
    changed = accepted & other.any(axis=1)
    marks.mark_days(
        batch.usage_points[changed], batch.days[changed], at=deed.at, purpose=marks.KEEP
    )
    amended = Amended(int(other[accepted].sum()), int(accepted.sum()))
    return amended, rows[touched & ~accepted]
