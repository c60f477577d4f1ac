"""Readings of many points sent at once: what `services.send` does to each, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

import numpy as np
from django.db import IntegrityError, transaction

from faza.accounts.models import User
from faza.audit import services as audit
from faza.audit.services import Done
from faza.core.quality import Quality
from faza.manual_entry import services
from faza.manual_entry.models import Entry
from faza.manual_entry.queries import Due
from faza.manual_entry.rules import moves
from faza.manual_entry.rules.moves import WAITING, Move, State
from faza.readings import rules as rank
from faza.readings.models import Source
from faza.readings.register_services import record_registers
from faza.readings.registers import RegisterBatch, rows_of
from faza.readings.sources import get_source

BATCH = 500
"""Points of one transaction."""
REASONS = (
    services.Closed, services.NotOnTheFace, services.PhotoWanted, services.Doubtful,
)  # fmt: skip
"""Why `send` refuses; of many each one is told, and the others are sent."""
T = TypeVar("T")
Refusal = (
    services.Closed | services.NotOnTheFace | services.PhotoWanted | services.Doubtful
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sending:
    """What the meter of a point showed: `services.send`'s arguments of the same names."""

    due: Due
    shown: Mapping[int, int]
    of_at: datetime
    customer: int | None = None


@dataclass(slots=True)
class Outcome:
    """What became of one sending: an entry, or why there is none; is_again: it was sent before."""

    sending: Sending
    entry: Entry | None = None
    refusal: Refusal | None = None
    is_again: bool = False
    doubts: dict[str, list[str]] = field(default_factory=dict)


def send_many(
    sendings: Sequence[Sending],
    *,
    way: Entry.Way,
    token: str,
    by: User,
    at: datetime,
    confirmed: bool = False,
) -> list[Outcome]:
    """Send readings of many points, each point once; what became of each, in their order.

    As `services.send` of each with the same token. A transaction of BATCH points: killed between
    two, it is begun again and the first are found by the token.
    """
    done: list[Outcome] = []
    for start in range(0, len(sendings), BATCH):
        part = sendings[start : start + BATCH]
        done += _insisting(part, way=way, token=token, by=by, at=at, confirmed=confirmed)
    return done


def tried(
    sendings: Sequence[Sending], *, way: Entry.Way, token: str, confirmed: bool = False
) -> list[Outcome]:
    """What `send_many` would do; nothing is written, and no Outcome has an entry of its own."""
    known = _known(sendings, token)
    return [_asked(sending, known, way, confirmed) for sending in sendings]


def _insisting(
    part: Sequence[Sending], *, way: Entry.Way, token: str, by: User, at: datetime, confirmed: bool
) -> list[Outcome]:
    try:
        return _sent(part, way=way, token=token, by=by, at=at, confirmed=confirmed)
    except IntegrityError:
        # Somebody has typed one of the points in the same instant: it waits now, and is replaced.
        return _sent(part, way=way, token=token, by=by, at=at, confirmed=confirmed)


@transaction.atomic
def _sent(
    part: Sequence[Sending], *, way: Entry.Way, token: str, by: User, at: datetime, confirmed: bool
) -> list[Outcome]:
    known = _known(part, token)
    outcomes = [_asked(sending, known, way, confirmed) for sending in part]
    going = [one for one in outcomes if one.refusal is None and not one.is_again]
    _replace(going, by=by, at=at)
    for one in going:
        one.entry = _entry(one, way=way, token=token, by=by, at=at)
    made = [one.entry for one in going if one.entry is not None]
    Entry.objects.bulk_create(made, batch_size=BATCH)
    audit.note_many(
        "manual_entry.entry.sent",
        (
            Done(
                entry,
                after={
                    "usage_point": entry.usage_point_id,
                    "shown": entry.shown,
                    "doubts": entry.doubts,
                },
            )
            for entry in made
        ),
        by=by,
        at=at,
    )
    _approve([one for one in going if _is_approved_by_rule(one)], at=at)
    return outcomes


def _known(part: Sequence[Sending], token: str) -> dict[int, Entry]:
    """What was sent under the token before, by point."""
    points = [sending.due.point.pk for sending in part]
    found = Entry.objects.filter(token=token)
    if len(points) <= BATCH:
        found = found.filter(usage_point__in=points)
    return {entry.usage_point_id: entry for entry in found}


def _asked(sending: Sending, known: Mapping[int, Entry], way: Entry.Way, sure: bool) -> Outcome:
    again = known.get(sending.due.point.pk)
    if again is not None:
        return Outcome(sending, entry=again, is_again=True)
    try:
        doubts = services.asked(sending.due, sending.shown, way=way, confirmed=sure)
    except REASONS as refusal:
        return Outcome(sending, refusal=refusal)
    told = {str(key): [str(doubt) for doubt in value] for key, value in doubts.items()}
    return Outcome(sending, doubts=told)


def _replace(going: Sequence[Outcome], *, by: User, at: datetime) -> None:
    """What waits of the same meters is replaced."""
    meters = {(one.sending.due.point.pk, _meter(one)) for one in going}
    waiting = Entry.objects.select_for_update().filter(
        usage_point__in=[point for point, _ in meters], state__in=WAITING
    )
    old = [
        entry
        for entry in waiting.order_by("pk")
        if (entry.usage_point_id, entry.meter_id) in meters
    ]
    if not old:
        return
    for entry in old:
        entry.state = moves.moved(State(entry.state), Move.REPLACE)
        entry.decided_by, entry.decided_at = by, at
    Entry.objects.bulk_update(old, ["state", "decided_by", "decided_at"], batch_size=BATCH)
    audit.note_many(
        "manual_entry.entry.replaced", (Done(entry) for entry in old), by=by, at=at
    )  # fmt: skip


def _meter(one: Outcome) -> int:
    assert one.sending.due.installed is not None
    return one.sending.due.installed.meter


def _entry(one: Outcome, *, way: Entry.Way, token: str, by: User, at: datetime) -> Entry:
    sending = one.sending
    return Entry(
        usage_point=sending.due.point, meter_id=_meter(one), customer_id=sending.customer,
        of_at=sending.of_at.replace(microsecond=0),
        shown={str(key): int(value) for key, value in sorted(sending.shown.items())},
        doubts=one.doubts, way=way, token=token, sent_by=by, sent_at=at, rule=sending.due.rule,
    )  # fmt: skip


def _is_approved_by_rule(one: Outcome) -> bool:
    rule = one.sending.due.rule
    return rule is not None and rule.approves and not one.doubts


def _approve(going: Sequence[Outcome], *, at: datetime) -> None:
    """What the rules approve at once: one batch of register readings."""
    entries = [one.entry for one in going if one.entry is not None]
    if not entries:
        return
    for entry in entries:
        entry.state = moves.moved(State(entry.state), Move.APPROVE)
        entry.decided_at = at
        entry.switched_on_by_id = entry.rule.approves_by_id if entry.rule else None
    fields = ["state", "decided_at", "switched_on_by"]
    Entry.objects.bulk_update(entries, fields, batch_size=BATCH)
    record_registers(
        _batch(entries), source=get_source(Source.Kind.MANUAL),
        sequence=rank.sequence(rank.moment(at)), at=at,
    )  # fmt: skip
    audit.note_many(
        "manual_entry.entry.approved",
        (
            Done(
                entry,
                after={
                    "shown": entry.shown,
                    "accepted": None,
                    "rule": entry.rule_id,
                    "switched_on_by": entry.switched_on_by_id,
                },
            )
            for entry in entries
        ),
        by=None,
        at=at,
    )


def _batch(entries: Sequence[Entry]) -> RegisterBatch:
    values, present = rows_of([entry.values for entry in entries])
    count = len(entries)
    return RegisterBatch(
        np.array([entry.usage_point_id for entry in entries], np.int64),
        np.array([entry.meter_id for entry in entries], np.int64),
        np.array([int(entry.of_at.astimezone(UTC).timestamp()) for entry in entries], np.int64),
        np.full(count, services.KIND, np.int16),
        values, present, np.full(count, Quality.VALID, np.uint8),
    )  # fmt: skip


def batches(things: Sequence[T], size: int = BATCH) -> Iterator[Sequence[T]]:
    """Parts of a list, each of `size` at most."""
    for start in range(0, len(things), size):
        yield things[start : start + size]
