"""The last decision of a person taken back: one reading, or all that one deed decided.

Soon after it, by who made it, and without a reason: what was decided waits again, as before it.
Later, and for others, there is `services.withdraw`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from django.db import transaction

from faza.accounts.models import User
from faza.audit import services as audit
from faza.manual_entry import queries, telling
from faza.manual_entry.models import Entry
from faza.manual_entry.rules import moves
from faza.manual_entry.rules.moves import WAITING, Move, State
from faza.manual_entry.services import KIND
from faza.readings.models import Source
from faza.readings.register_withdrawal import withdraw_registers
from faza.readings.sources import get_source

TERM = timedelta(minutes=15)
"""So long a decision may be undone. A choice of ours: a slip is seen at once."""
UNDONE = (State.APPROVED, State.REFUSED)


class TooLate(Exception):
    """The decision is older than TERM, or nothing of it stands any more."""


@dataclass(frozen=True, slots=True)
class Last:
    """A deed that may be undone: its moment, what it decided (both for a mixture never), of how
    many readings, and the point of the first."""

    at: datetime
    state: State
    count: int
    point: str


@dataclass(frozen=True, slots=True)
class Undone:
    """done: waits again. left: a later reading of the meter waits, so this one stays decided."""

    done: tuple[Entry, ...]
    left: tuple[Entry, ...]


def last_of(user: User, *, at: datetime) -> Last | None:
    """The last decision of a person that may still be undone. Two queries."""
    mine = queries.desk_entries(user, at=at).filter(
        decided_by=user, decided_at__gt=at - TERM, state__in=UNDONE
    )
    latest = mine.order_by("-decided_at", "pk").select_related("usage_point").first()
    if latest is None or latest.decided_at is None:
        return None
    count = mine.filter(decided_at=latest.decided_at).count()
    return Last(latest.decided_at, State(latest.state), count, latest.usage_point.name)


@transaction.atomic
def undo(*, decided_at: datetime, by: User, at: datetime) -> Undone:
    """Take back what a person decided at a moment; all waits as before it. Raises TooLate."""
    if decided_at <= at - TERM:
        raise TooLate
    keys = queries.desk_entries(by, at=at).filter(
        decided_by=by, decided_at=decided_at, state__in=UNDONE
    )
    rows = Entry.objects.select_for_update(of=("self",)).filter(
        pk__in=list(keys.values_list("pk", flat=True)), state__in=UNDONE
    )
    found = list(rows.order_by("pk"))
    if not found:
        raise TooLate
    taken = set(
        Entry.objects.filter(
            usage_point__in=[one.usage_point_id for one in found], state__in=WAITING
        ).values_list("usage_point", "meter")
    )
    left = [one for one in found if (one.usage_point_id, one.meter_id) in taken]
    done = [one for one in found if (one.usage_point_id, one.meter_id) not in taken]
    _taken_back([one for one in done if one.state == State.APPROVED], at=at)
    before = {one.pk: _told(one) for one in done}
    for one in done:
        one.state = moves.moved(State(one.state), Move.UNDO)
        one.accepted, one.reason = None, ""
        one.decided_by, one.decided_at = None, None
    Entry.objects.bulk_update(done, ["state", "accepted", "reason", "decided_by", "decided_at"])
    audit.note_many(
        "manual_entry.entry.undone",
        (audit.Done(one, before=before[one.pk]) for one in done), by=by, at=at,
    )  # fmt: skip
    telling.undone(done, by=by, at=at)
    return Undone(tuple(done), tuple(left))


def _taken_back(approved: Sequence[Entry], *, at: datetime) -> None:
    """The register readings of approved entries count no more."""
    if not approved:
        return
    keys = [
        (one.usage_point_id, one.meter_id, int(one.of_at.astimezone(UTC).timestamp()), KIND)
        for one in approved
    ]
    withdraw_registers(
        np.array(keys, np.int64), source=get_source(Source.Kind.MANUAL), at=at
    )  # fmt: skip


def _told(entry: Entry) -> dict[str, object]:
    return {"state": entry.state, "accepted": entry.accepted, "reason": entry.reason}
