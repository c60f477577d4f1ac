"""Many typed readings decided at once, by the same law as one by one (`services`).

In batches, each a transaction: what was stopped in between goes on with the rest when it is done
again. Who may is asked at the door, which readings of `queries.desk_entries`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db import transaction

from faza.accounts.models import User
from faza.audit import services as audit
from faza.manual_entry import telling
from faza.manual_entry.models import Entry
from faza.manual_entry.rules.moves import Move, State, WrongMove, moved
from faza.manual_entry.services import KIND, NotOnTheFace
from faza.manual_entry.telling import What
from faza.manual_entry.weighing import Weighed
from faza.readings import rules as rank
from faza.readings.models import Source
from faza.readings.register_services import record_registers
from faza.readings.registers import SIZE, RegisterBatch, seconds
from faza.readings.sources import get_source

BATCH = 500
"""Readings a transaction: an operator who decides one of them meanwhile waits no longer."""
DECIDED = ["state", "decided_by", "decided_at", "reason"]


@dataclass(frozen=True, slots=True)
class Decided:
    """done: what was decided now. left: what had been decided by somebody before, and how."""

    done: tuple[int, ...] = ()
    left: tuple[tuple[int, State], ...] = ()

    def __add__(self, other: Decided) -> Decided:
        return Decided(self.done + other.done, self.left + other.left)


def approve_many(keys: Collection[int], *, by: User, at: datetime) -> Decided:
    """Let readings count as they were typed; those decided meanwhile are left as they are."""
    return sum((_approved(batch, by, at) for batch in _batches(keys)), Decided())


def refuse_many(keys: Collection[int], *, reason: str, by: User, at: datetime) -> Decided:
    """Let readings count nowhere, all for one reason."""
    return sum((_refused(batch, reason, by, at) for batch in _batches(keys)), Decided())


def corrected(weighed: Weighed, values: dict[int, int]) -> dict[int, int]:
    """What is to be approved instead of what was typed, by register.

    Raises NotOnTheFace for registers that were not typed or values the meter cannot show; what is
    missing stays as typed.
    """
    lines = {line.register: line for line in weighed.lines}
    wrong = [
        number for number, value in values.items()
        if number not in lines or not 0 <= value < lines[number].capacity
    ]  # fmt: skip
    if wrong:
        raise NotOnTheFace(wrong)
    return {line.register: values.get(line.register, line.shown) for line in weighed.lines}


def _batches(keys: Collection[int]) -> Iterator[Sequence[int]]:
    """In one order for everybody, so that two people never wait for each other."""
    ordered = sorted(set(keys))
    for start in range(0, len(ordered), BATCH):
        yield ordered[start : start + BATCH]


def _moved(
    keys: Sequence[int], move: Move, by: User, at: datetime, reason: str = ""
) -> tuple[list[Entry], list[tuple[int, State]]]:
    """What could be moved, and what could not with the state it is in."""
    done, left = [], []
    rows = Entry.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
    for entry in rows:
        try:
            entry.state = moved(State(entry.state), move)
        except WrongMove as wrong:
            left.append((entry.pk, wrong.state))
            continue
        entry.decided_by, entry.decided_at = by, at
        entry.reason = reason or entry.reason
        done.append(entry)
    Entry.objects.bulk_update(done, DECIDED)
    return done, left


@transaction.atomic
def _approved(keys: Sequence[int], by: User, at: datetime) -> Decided:
    done, left = _moved(keys, Move.APPROVE, by, at)
    if done:
        record_registers(
            _batch_of(done), source=get_source(Source.Kind.MANUAL),
            sequence=rank.sequence(rank.moment(at)), at=at,
        )  # fmt: skip
        audit.note_many(
            "manual_entry.entry.approved",
            (audit.Done(one, after={"shown": one.shown, "accepted": one.accepted, "rule": None,
                               "switched_on_by": None})
             for one in done),
            by=by, at=at,
        )  # fmt: skip
        telling.accepted(done, by=by, at=at)
    return Decided(tuple(one.pk for one in done), tuple(left))


@transaction.atomic
def _refused(keys: Sequence[int], reason: str, by: User, at: datetime) -> Decided:
    done, left = _moved(keys, Move.REFUSE, by, at, reason.strip())
    audit.note_many(
        "manual_entry.entry.refused",
        (audit.Done(one, after={"reason": reason}) for one in done),
        by=by, at=at,
    )  # fmt: skip
    telling.decided(done, What.REFUSED, by=by, at=at)
    return Decided(tuple(one.pk for one in done), tuple(left))


def _batch_of(entries: Sequence[Entry]) -> RegisterBatch:
    """The readings of entries as they are recorded; a row each."""
    values = np.zeros((len(entries), SIZE), np.int64)
    present = np.zeros((len(entries), SIZE), bool)
    for row, entry in enumerate(entries):
        for register, value in entry.values.items():
            values[row, register], present[row, register] = value, True
    return RegisterBatch(
        usage_points=np.array([one.usage_point_id for one in entries], np.int64),
        meters=np.array([one.meter_id for one in entries], np.int64),
        moments=np.array([seconds(one.of_at) for one in entries], np.int64),
        kinds=np.full(len(entries), KIND, np.int16),
        values=values,
        present=present,
        quality=np.zeros(len(entries), np.uint8),
    )
