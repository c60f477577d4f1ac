"""What a person decides about findings and values. Everything may be repeated.

Each deed is one transaction with its trace in the audit trail; the days it touches are judged and
estimated anew in it, so that what the person sees next is what stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter

import numpy as np
from django.db import transaction
from django.db.models import Q

from faza.accounts.models import User
from faza.audit import services as audit
from faza.core.quality import Quality
from faza.metering.models import UsagePoint
from faza.readings import marks, services
from faza.readings.estimation import METHODS
from faza.readings.models import Finding, Provenance, Source
from faza.readings.services import Laid
from faza.readings.vee import choosing, findings, running
from faza.readings.vee.choosing import NoSuchMethod, NothingKnown, NotOnGrid
from faza.readings.vee.context import Stretch as Days
from faza.readings.vee.findings import Key, Row, State

__all__ = [
    "AUTO", "Done", "NoSuchMethod", "NotOnGrid", "NothingKnown", "accept", "decide", "edit",
    "estimate_by", "estimate_keys", "reopen", "withdraw",
]  # fmt: skip

Layer = Provenance.Layer
AUTO = choosing.AUTO
GONE_ALREADY, DECIDED_ALREADY, NOT_INTERVALS = "gone", "decided", "no intervals"
"""Why a finding was left as it is."""


@dataclass(frozen=True, slots=True)
class Done:
    """How many findings it was done to, and of the others why not: GONE_ALREADY and so on."""

    done: int
    left: tuple[tuple[Key, str], ...] = ()


@transaction.atomic
def accept(keys: Collection[Key], *, by: User, at: datetime, reason: str = "") -> Done:
    """The values stand as they were delivered, gaps stay gaps, in later runs too.

    Verdict and automatic estimate are lifted at once. Those gone or accepted already are left.
    """
    done = _decide(keys, {State.OPEN}, State.ACCEPTED, "readings.finding.accepted", by, at, reason)
    _judge_again(done, at)
    return done.done


@transaction.atomic
def decide(keys: Collection[Key], *, by: User, at: datetime, reason: str = "") -> Done:
    """Other values were put in the place of what was found: nobody has to look any more.

    The finding keeps its effect. It is open again if it becomes another one.
    """
    action = "readings.finding.decided"
    return _decide(keys, {State.OPEN}, State.DECIDED, action, by, at, reason).done


@transaction.atomic
def reopen(keys: Collection[Key], *, by: User, at: datetime, reason: str = "") -> Done:
    """What was decided of a finding is taken back: it is open if the rule finds it, else gone."""
    before = {State.ACCEPTED, State.DECIDED}
    done = _decide(keys, before, State.OPEN, "readings.finding.reopened", by, at, reason)
    _judge_again(done, at)
    return done.done


@dataclass(frozen=True, slots=True)
class _Decided:
    """rows: as they were before."""

    done: Done
    rows: Sequence[Row]
    points: Mapping[int, UsagePoint]


def _judge_again(decided: _Decided, at: datetime) -> None:
    stretches = ((row.key.usage_point, row.starts_at, row.ends_at) for row in decided.rows)
    _work_again(stretches, decided.points, at)


def _decide(
    keys: Collection[Key], before: Collection[int], after: int, action: str, by: User,
    at: datetime, reason: str,
) -> _Decided:  # fmt: skip
    rows = _locked(keys)
    chosen = [row for row in rows.values() if row.state in before]
    closed = after != State.OPEN
    findings.put(
        [
            replace(
                row, state=after, closed_at=at if closed else None,
                decided_by=str(by.pk) if closed else "", reason=reason if closed else "",
            )
            for row in chosen
        ]
    )  # fmt: skip
    points = UsagePoint.objects.in_bulk({row.key.usage_point for row in chosen})
    audit.note_many(
        action,
        [
            audit.Done(
                points[row.key.usage_point], before={"state": row.state},
                after={"finding": row.key.text, "state": int(after), "reason": reason},
            )
            for row in chosen
        ],
        by=by,
        at=at,
    )  # fmt: skip
    left = [
        (key, GONE_ALREADY if key not in rows or rows[key].state == State.GONE else DECIDED_ALREADY)
        for key in dict.fromkeys(keys)
        if key not in rows or rows[key].state not in before
    ]
    return _Decided(Done(len(chosen), tuple(left)), chosen, points)


def _locked(keys: Collection[Key]) -> dict[Key, Row]:
    """Findings by key, locked for the transaction; one query a hundred of a point.

    Point by point, in order: a cluster locks rows on one node at a time only.
    """
    found: dict[Key, Row] = {}
    for point, same in groupby(sorted(set(keys)), attrgetter("usage_point")):
        ordered = list(same)
        for start in range(0, len(ordered), 100):
            wanted = Q()
            for key in ordered[start : start + 100]:
                wanted |= Q(
                    reading_type=key.reading_type,
                    rule=key.rule,
                    start=datetime.fromtimestamp(key.start, UTC),
                )
            rows = Finding.objects.filter(wanted, usage_point_id=point).select_for_update()
            for values in rows.values_list(*findings.VALUES):
                row = findings.row_of(values)
                found[row.key] = row
    return found


def _work_again(
    stretches: Iterable[tuple[int, datetime, datetime]],
    points: Mapping[int, UsagePoint],
    at: datetime,
) -> None:
    """Judge and estimate the civil days of stretches anew."""
    marked: dict[int, list[Days]] = defaultdict(list)
    for point, start, end in stretches:
        marked[point].append(choosing.days_of(points[point].zone, start, end))
    if marked:
        # A round on its way may lay what it made of the time before: the next one mends it.
        every = [(point, *days) for point, several in marked.items() for days in several]
        columns = list(zip(*every, strict=True))
        marks.mark(
            np.array(columns[0], np.int64), np.array(columns[1], "datetime64[D]"),
            np.array(columns[2], "datetime64[D]"), at=at,
        )  # fmt: skip
        running.work({point: sorted(set(days)) for point, days in marked.items()}, at=at)


@transaction.atomic
def estimate_by(
    point: UsagePoint,
    reading_type: int,
    start: datetime,
    end: datetime,
    method: str,
    *,
    by: User,
    at: datetime,
    reason: str = "",
) -> int:
    """Estimate what is missing, doubtful or rejected of [start, end) by a method; how many values
    are other than before. The job leaves such estimates, measured values take their place.

    Raises NotOnGrid, NothingKnown, NoSuchMethod.
    """
    return _estimate(point, reading_type, start, end, method, by, at, reason) or 0


def _estimate(
    point: UsagePoint, reading_type: int, start: datetime, end: datetime, method: str, by: User,
    at: datetime, reason: str,
) -> int | None:  # fmt: skip
    """None: there is nothing to estimate, or not by this method."""
    stretch = choosing.find(point.pk, point.zone, reading_type, start, end, at=at)
    laid = choosing.estimate(choosing.known(stretch), method)
    if not len(laid.rows):
        return None
    batch = stretch.context.delivered.batch.take(laid.rows)
    changed = services.amend(
        replace(batch, values=laid.values, quality=laid.quality),
        layer=Layer.ESTIMATE,
        source=services.get_source(Source.Kind.OPERATOR),
        at=at,
        laid=Laid(METHODS, laid.method, laid.inputs),
        reason=reason,
        by=str(by.pk),
    )
    if changed:
        _note("readings.estimate.made", point, reading_type, start, end, by, at,
              method=method, reason=reason, intervals=changed)  # fmt: skip
    # Also where values are as before: they are a person's now, and others share the rest.
    _work_again([(point.pk, start, end)], {point.pk: point}, at)
    return changed


@transaction.atomic
def estimate_keys(
    keys: Collection[Key], method: str, *, by: User, at: datetime, reason: str = ""
) -> Done:
    """Estimate the stretches of open findings by a method; they are decided then."""
    rows = _locked(keys)
    points = UsagePoint.objects.in_bulk({key.usage_point for key in rows})
    done: list[Key] = []
    left: list[tuple[Key, str]] = []
    for key in dict.fromkeys(keys):
        row = rows.get(key)
        if row is None or row.state == State.GONE:
            left.append((key, GONE_ALREADY))
            continue
        if row.state != State.OPEN:
            left.append((key, DECIDED_ALREADY))
            continue
        try:
            told = _estimate(
                points[key.usage_point], key.reading_type, row.starts_at, row.ends_at, method,
                by, at, reason,
            )  # fmt: skip
        except (NotOnGrid, NothingKnown):
            told = None
        if told is None:
            left.append((key, NOT_INTERVALS))
        else:
            done.append(key)
    decide(done, by=by, at=at, reason=reason)
    return Done(len(done), tuple(left))


@transaction.atomic
def edit(
    point: UsagePoint,
    reading_type: int,
    start: datetime,
    values: Sequence[int | None],
    *,
    by: User,
    at: datetime,
    reason: str,
) -> int:
    """Put a person's values over intervals from `start` on, None where they stay as they are.

    Whatever is delivered later, they stand until they are withdrawn. Returns how many values are
    other than before.

    Raises ValueError without a reason or for a negative value, NotOnGrid, NothingKnown.
    """
    if not reason:
        raise ValueError("An override needs a reason.")
    if any(value is not None and value < 0 for value in values):
        raise ValueError("No energy is negative.")
    stretch = choosing.find_count(point.pk, point.zone, reading_type, start, len(values), at=at)
    batch = stretch.context.delivered.batch.take(stretch.rows)
    numbers = np.zeros(batch.values.shape, np.int64)
    quality = np.full(batch.values.shape, Quality.UNTOLD, np.uint8)
    told = np.array([value is not None for value in values], bool)
    numbers[stretch.mask] = [0 if value is None else value for value in values]
    quality[stretch.mask] = np.where(told, Quality.EDITED, Quality.UNTOLD)
    changed = services.amend(
        replace(batch, values=numbers, quality=quality),
        layer=Layer.OVERRIDE,
        source=services.get_source(Source.Kind.OVERRIDE),
        at=at,
        reason=reason,
        by=str(by.pk),
    )
    end = datetime.fromtimestamp(stretch.end, UTC)
    if changed:
        _note("readings.override.made", point, reading_type, start, end, by, at,
              values=list(values), reason=reason, intervals=changed)  # fmt: skip
        _work_again([(point.pk, start, end)], {point.pk: point}, at)
    return changed


@transaction.atomic
def withdraw(
    point: UsagePoint,
    reading_type: int,
    start: datetime,
    end: datetime,
    *,
    layer: Layer,
    by: User,
    at: datetime,
    reason: str,
) -> int:
    """Take a person's values of [start, end) away again: overrides, or estimates made by choice.

    What was delivered stands again, or the automatic estimate. Returns how many values changed.
    Raises ValueError without a reason, NotOnGrid, NothingKnown.
    """
    if not reason:
        raise ValueError("Withdrawing needs a reason.")
    stretch = choosing.find(point.pk, point.zone, reading_type, start, end, at=at)
    batch = stretch.context.delivered.batch.take(stretch.rows)
    quality = np.where(stretch.mask, Quality.VALID, Quality.UNTOLD).astype(np.uint8)
    is_override = layer == Layer.OVERRIDE
    kind = Source.Kind.OVERRIDE if is_override else Source.Kind.OPERATOR
    changed = services.withdraw(
        replace(batch, quality=quality),
        layer=layer,
        source=services.get_source(kind),
        at=at,
        reason=reason,
        by=str(by.pk),
    )
    if changed:
        action = "readings.override.withdrawn" if is_override else "readings.estimate.withdrawn"
        _note(action, point, reading_type, start, end, by, at, reason=reason, intervals=changed)
        _work_again([(point.pk, start, end)], {point.pk: point}, at)
    return changed


def _note(
    action: str, point: UsagePoint, reading_type: int, start: datetime, end: datetime, by: User,
    at: datetime, **told: object,
) -> None:  # fmt: skip
    after = {"reading_type": reading_type, "start": start, "end": end, **told}
    audit.note(action, of=point, by=by, at=at, after=after)
