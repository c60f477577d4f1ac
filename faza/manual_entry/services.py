"""What is done to typed readings; each deed is in the trail, and doing it twice does it once.

The sender's side: `send`. The desk's: `approve`, `refuse`, `withdraw`; who may is asked of
`contracts.permissions` at the door, which readings of `queries.desk_entries`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import numpy as np
from django.db import transaction

from faza.accounts.models import User
from faza.audit import services as audit
from faza.contracts.models import Customer
from faza.manual_entry import telling
from faza.manual_entry.dials import Dial
from faza.manual_entry.models import Entry, Photo
from faza.manual_entry.photos import files, keeping
from faza.manual_entry.photos.keeping import NotHeld
from faza.manual_entry.photos.picture import Picture
from faza.manual_entry.queries import Due
from faza.manual_entry.rules import moves, plausible
from faza.manual_entry.rules.moves import WAITING, Move, State, WrongMove
from faza.manual_entry.rules.plausible import Doubt, Judged
from faza.manual_entry.telling import What
from faza.metering.models import UsagePoint
from faza.readings import rules as rank
from faza.readings.models import RegisterReading, Source
from faza.readings.register_services import record_registers
from faza.readings.register_withdrawal import withdraw_registers
from faza.readings.registers import RegisterBatch
from faza.readings.sources import get_source

__all__ = [
    "Closed",
    "Doubtful",
    "NotHeld",
    "NotOnTheFace",
    "PhotoWanted",
    "WrongMove",
    "approve",
    "asked",
    "judge",
    "refuse",
    "send",
    "withdraw",
]

KIND = RegisterReading.Kind.MANUAL


class Closed(Exception):
    """Readings of the point may not be typed now; `due` tells why and when they may."""

    def __init__(self, due: Due) -> None:
        super().__init__(f"point {due.point.pk}: {due.standing.why}")
        self.due = due


class NotOnTheFace(Exception):
    """A value that the meter cannot show: `registers` are those, or what is missing is empty."""

    def __init__(self, registers: Sequence[int]) -> None:
        super().__init__(f"registers {list(registers)}")
        self.registers = tuple(registers)


class PhotoWanted(Exception):
    """The rule of the point wants a photo, and there is none."""


class Doubtful(Exception):
    """Something is to be confirmed before it is sent: doubts by register."""

    def __init__(self, doubts: Mapping[int, tuple[Doubt, ...]]) -> None:
        super().__init__(f"{dict(doubts)}")
        self.doubts = dict(doubts)


def judge(due: Due, shown: Mapping[int, int]) -> dict[int, Judged]:
    """What is to be said of typed values, by register. Raises NotOnTheFace."""
    dials = {dial.register: dial for dial in due.dials}
    wrong = [number for number, value in shown.items() if not _fits(dials.get(number), value)]
    if wrong or not shown:
        raise NotOnTheFace(wrong)
    return {
        number: plausible.judge(
            value, dials[number].last, capacity=dials[number].capacity, expected=dials[number].band
        )
        for number, value in shown.items()
    }


def _fits(dial: Dial | None, value: int) -> bool:
    return dial is not None and 0 <= value < dial.capacity


def asked(
    due: Due, shown: Mapping[int, int], *, way: Entry.Way, confirmed: bool,
    has_photo: bool = False,
) -> dict[int, tuple[Doubt, ...]]:  # fmt: skip
    """What the sender has confirmed, by register; what `send` and `bulk.send_many` both ask.

    From a round the staff types whatever the window, and without photos. Raises Closed,
    NotOnTheFace, PhotoWanted, and Doubtful unless confirmed.
    """
    is_open = due.standing.is_open or way == Entry.Way.ROUND
    if due.installed is None or not is_open:
        raise Closed(due)
    doubts = {number: found.doubts for number, found in judge(due, shown).items() if found.doubts}
    wants_photo = due.rule is not None and due.rule.wants_photo and way != Entry.Way.ROUND
    if wants_photo and not has_photo:
        raise PhotoWanted
    if doubts and not confirmed:
        raise Doubtful(doubts)
    return doubts


def send(
    *, due: Due, shown: Mapping[int, int], way: Entry.Way, token: str, by: User, at: datetime,
    customer: Customer | None = None, confirmed: bool = False, of_at: datetime | None = None,
    photo: Picture | Photo | None = None,
) -> Entry:  # fmt: skip
    """Send what the meter of a point shows at `at`; the desk decides, or the rule does.

    due: of that moment (`queries.due`). shown: quanta by register. token: the same one again gives
    the same entry. of_at: when it was read, where it was earlier; `due` is of that moment then.
    photo: drawn anew (`photos.clean`), or one that `keeping.hold` held for the sender.
    What waits of the meter is replaced by it. Raises Closed, NotOnTheFace, PhotoWanted, NotHeld,
    and Doubtful unless confirmed.
    """
    again = _again(due, token)
    if again is not None:
        return again
    doubts = asked(due, shown, way=way, confirmed=confirmed, has_photo=photo is not None)
    # The file is written before the transaction, which on SQLite keeps others waiting.
    with keeping.written(photo if isinstance(photo, Picture) else None) as name:
        with transaction.atomic():
            # Of two at once, by a double click or in two tabs, the second finds the first.
            UsagePoint.objects.select_for_update(no_key=True).get(pk=due.point.pk)
            again = _again(due, token)
            if again is None:
                entry = _sent(
                    due, shown, doubts, way=way, token=token, by=by, at=at, customer=customer,
                    of_at=of_at or at,
                )  # fmt: skip
                if photo is not None:
                    keeping.attach(entry, photo, name, by=by, at=at)
                return entry
        files.remove(name)
    return again


def _again(due: Due, token: str) -> Entry | None:
    return Entry.objects.filter(usage_point=due.point, token=token).first()


def _sent(
    due: Due, shown: Mapping[int, int], doubts: Mapping[int, tuple[Doubt, ...]], *,
    way: Entry.Way, token: str, by: User, at: datetime, customer: Customer | None,
    of_at: datetime,
) -> Entry:  # fmt: skip
    assert due.installed is not None
    waiting = Entry.objects.select_for_update().filter(
        usage_point=due.point, meter=due.installed.meter, state__in=WAITING
    )
    for old in waiting:
        _move(old, Move.REPLACE, by=by, at=at)
        audit.note("manual_entry.entry.replaced", of=old, by=by, at=at)
    entry = Entry.objects.create(
        usage_point=due.point, meter_id=due.installed.meter, customer=customer,
        of_at=of_at.replace(microsecond=0), shown=_told(shown),
        doubts={str(key): list(value) for key, value in doubts.items()},
        way=way, token=token, sent_by=by, sent_at=at, rule=due.rule,
    )  # fmt: skip
    audit.note(
        "manual_entry.entry.sent", of=entry, by=by, at=at,
        after={"usage_point": due.point.pk, "shown": entry.shown, "doubts": entry.doubts},
    )  # fmt: skip
    if due.rule is not None and due.rule.approves and not doubts:
        return _accepted(entry, None, by=None, at=at)
    return entry


@transaction.atomic
def approve(
    *, entry: Entry, by: User, at: datetime, corrected: Mapping[int, int] | None = None
) -> Entry:
    """Let a reading count, as it was typed or as the desk corrects it; the typed one stays.

    Raises WrongMove where it is decided already: of two at once one is told so.
    """
    return _accepted(_held(entry), corrected, by=by, at=at)


def _accepted(
    entry: Entry, corrected: Mapping[int, int] | None, *, by: User | None, at: datetime
) -> Entry:
    if (
        corrected is not None
        and {str(key): value for key, value in corrected.items()} != entry.shown
    ):
        entry.accepted = {str(key): int(value) for key, value in corrected.items()}
    if by is None and entry.rule is not None:
        entry.switched_on_by_id = entry.rule.approves_by_id
    _move(entry, Move.APPROVE, by=by, at=at)
    record_registers(
        RegisterBatch.of(
            usage_point=entry.usage_point_id, meter=entry.meter_id, at=entry.of_at,
            kind=KIND, shown=entry.values,
        ),
        source=get_source(Source.Kind.MANUAL), sequence=rank.sequence(rank.moment(at)), at=at,
    )  # fmt: skip
    audit.note(
        "manual_entry.entry.approved", of=entry, by=by, at=at,
        after={
            "shown": entry.shown, "accepted": entry.accepted,
            "rule": None if by else entry.rule_id,
            "switched_on_by": None if by else entry.switched_on_by_id,
        },
    )  # fmt: skip
    telling.accepted([entry], by=by, at=at)
    return entry


@transaction.atomic
def refuse(*, entry: Entry, reason: str, by: User, at: datetime) -> Entry:
    """Let a reading count nowhere; its sender is told why. Raises WrongMove."""
    found = _held(entry)
    found.reason = reason.strip()
    _move(found, Move.REFUSE, by=by, at=at)
    audit.note("manual_entry.entry.refused", of=found, by=by, at=at, after={"reason": reason})
    telling.decided([found], What.REFUSED, by=by, at=at)
    return found


@transaction.atomic
def withdraw(*, entry: Entry, reason: str, by: User, at: datetime) -> Entry:
    """Undo an approval: all is as before it, and the versions tell. Raises WrongMove."""
    found = _held(entry)
    found.reason = reason.strip()
    _move(found, Move.WITHDRAW, by=by, at=at)
    moment = int(found.of_at.astimezone(UTC).timestamp())
    withdraw_registers(
        np.array([[found.usage_point_id, found.meter_id, moment, KIND]], np.int64),
        source=get_source(Source.Kind.MANUAL), at=at,
    )  # fmt: skip
    audit.note("manual_entry.entry.withdrawn", of=found, by=by, at=at, after={"reason": reason})
    telling.decided([found], What.WITHDRAWN, by=by, at=at)
    return found


def _told(values: Mapping[int, int]) -> dict[str, int]:
    """Quanta by register, as JSON keeps them."""
    return {str(key): int(value) for key, value in sorted(values.items())}


def _held(entry: Entry) -> Entry:
    """The entry as it stands, locked until the end of the transaction."""
    return Entry.objects.select_for_update(of=("self",)).get(pk=entry.pk)


def _move(entry: Entry, move: Move, *, by: User | None, at: datetime) -> None:
    entry.state = moves.moved(State(entry.state), move)
    entry.decided_by, entry.decided_at = by, at
    entry.save()
