"""Deeds about orders: request, make, confirm, refuse, withdraw; each in the trail.

Who may is asked here too, not only at the doors: whatever calls this, a relay needs two persons
who have the right by name. What became of a confirmed order is put down by `settling`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction

from faza.accounts.models import User
from faza.audit import services as audit
from faza.collection.models import Command, OrderPaper, SupplyOrder
from faza.collection.orders import papers, rules, situation, telling
from faza.collection.orders.rules import Deed, Fault, Ground, Initiator, State
from faza.collection.polling import services as polling
from faza.collection.polling.work import Order
from faza.contracts import access
from faza.contracts.permissions import Right, may
from faza.metering.models import UsagePoint

ACTIVE_POWER = "power"
"""Which limiter of a meter a limit of power sets."""


ENDED = {
    State.REFUSED: "collection.order.refused",
    State.WITHDRAWN: "collection.order.withdrawn",
}


class Forbidden(Exception):
    """The person has not the right, or does not reach the point."""


class Faulty(Exception):
    """The order may not be; `faults` says all that stands against it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(", ".join(faults))
        self.faults = tuple(faults)


class OtherOrder(Exception):
    """An order about the point is open already."""


class MovedOn(Exception):
    """The order is not in the state in which this can be done with it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an order says; see SupplyOrder. threshold: W."""

    deed: Deed
    ground: Ground
    words: str
    not_before: datetime
    initiator: Initiator = Initiator.OWNER
    noticed_on: date | None = None
    reminded_on: date | None = None
    to_on: bool = False
    presence: str = ""
    threshold: int | None = None
    seconds: int = 60


def request(
    *, point: UsagePoint, wanted: Wanted, at: datetime, by: User,
    documents: Sequence[papers.Document] = (),
) -> SupplyOrder:  # fmt: skip
    """A supplier asks for an order about a point of its agreements; the desk decides.

    Raises Forbidden, Faulty, OtherOrder; papers.NoPaper for a file that is none.
    """
    if not may(by, Right.REQUEST_LIMIT) or not _supplies(by, point, at):
        raise Forbidden
    return _written(point, wanted, documents, State.ASKED, at, by)


def make(
    *, point: UsagePoint, wanted: Wanted, at: datetime, by: User,
    documents: Sequence[papers.Document] = (),
) -> SupplyOrder:  # fmt: skip
    """Write an order at the desk; it waits for a second person. Raises as `request` does."""
    _must(by, point, at)
    return _written(point, wanted, documents, State.WAITING, at, by)


@transaction.atomic
def take_up(*, order: SupplyOrder, at: datetime, by: User) -> SupplyOrder:
    """Answer for a supplier's request at the desk; it then waits for a second person."""
    row = _locked(order, State.ASKED)
    _must(by, row.usage_point, at)
    _check(row, at)
    row.state, row.made_by, row.made_at = State.WAITING, by, at
    row.save(update_fields=["state", "made_by", "made_at"])
    audit.note("collection.order.taken", of=row, by=by, at=at)
    return row


@transaction.atomic
def confirm(*, order: SupplyOrder, at: datetime, by: User) -> SupplyOrder:
    """Let an order go: another person than who made it. All guards are looked at once more.

    The subscriber is told, and a collector is asked. Raises Forbidden, MovedOn, Faulty.
    """
    row = _locked(order, State.WAITING)
    _must(by, row.usage_point, at)
    if row.made_by_id == by.pk:
        raise Faulty([Fault.SAME_PERSON])
    if row.is_limiting and _lately(by, at) >= rules.MOST_AN_HOUR:
        raise Faulty([Fault.TOO_MANY])
    _check(row, at)
    deed = Deed(row.deed)
    row.not_before = rules.begins_at(deed, Ground(row.ground), row.not_before, confirmed_at=at)
    row.state, row.confirmed_by, row.confirmed_at = State.SENT, by, at
    row.command = _command(row, at, by)
    row.save()
    audit.note(
        "collection.order.confirmed", of=row, by=by, at=at,
        after={"deed": row.deed, "not_before": row.not_before, "command": row.command.pk},
    )  # fmt: skip
    telling.planned(row, at=at)
    return row


@transaction.atomic
def refuse(*, order: SupplyOrder, reason: str, at: datetime, by: User) -> SupplyOrder:
    """Refuse a request or an order that waits; a supplier who asked is told why."""
    row = _locked(order, State.ASKED, State.WAITING)
    _must(by, row.usage_point, at)
    return _ended(row, State.REFUSED, reason, at, by)


@transaction.atomic
def withdraw(*, order: SupplyOrder, reason: str, at: datetime, by: User | None) -> SupplyOrder:
    """Call an order off, also a confirmed one that no collector has begun; `by` None: a rule does.

    The supplier may take back its own request. Raises polling.TooLate if it is being done.
    """
    row = _locked(order, State.ASKED, State.WAITING, State.SENT)
    is_own_request = by is not None and row.state == State.ASKED and row.asked_by_id == by.pk
    if by is not None and not is_own_request:
        _must(by, row.usage_point, at)
    was_sent = row.state == State.SENT
    ended = _ended(row, State.WITHDRAWN, reason, at, by)
    if was_sent and row.command is not None:
        polling.cancel(row.command, at=at, by=by)
        telling.called_off(row, at=at)
    return ended


def _written(
    point: UsagePoint, wanted: Wanted, documents: Sequence[papers.Document], state: State,
    at: datetime, by: User,
) -> SupplyOrder:  # fmt: skip
    for one in documents:
        papers.check(one)
    initiator = Initiator.SUPPLIER if state is State.ASKED else wanted.initiator
    row = SupplyOrder(
        usage_point=point, deed=wanted.deed, initiator=initiator, ground=wanted.ground,
        words=wanted.words.strip(), noticed_on=wanted.noticed_on, reminded_on=wanted.reminded_on,
        to_on=wanted.to_on, presence=wanted.presence.strip(), threshold=wanted.threshold,
        seconds=wanted.seconds, not_before=max(wanted.not_before, at), state=state,
        asked_by=by, asked_at=at,
        made_by=None if state is State.ASKED else by, made_at=None if state is State.ASKED else at,
    )  # fmt: skip
    _check(row, at, n_papers=len(documents))
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            OrderPaper.objects.bulk_create(
                [
                    OrderPaper(
                        order=row, name=one.name, kind=one.kind, content=one.content, added_at=at
                    )
                    for one in documents
                ]
            )
            audit.note("collection.order.asked", of=row, by=by, at=at, after=_told(row))
    except IntegrityError as problem:
        if SupplyOrder.objects.filter(usage_point=point, state__in=rules.OPEN).exists():
            raise OtherOrder from problem
        raise
    return row


def _told(row: SupplyOrder) -> dict[str, object]:
    return {
        "point": row.usage_point_id, "deed": row.deed, "initiator": row.initiator,
        "ground": row.ground, "noticed_on": row.noticed_on, "reminded_on": row.reminded_on,
        "to_on": row.to_on, "threshold": row.threshold, "not_before": row.not_before,
    }  # fmt: skip


def faults_of(row: SupplyOrder, at: datetime, *, n_papers: int | None = None) -> list[Fault]:
    """What stands against an order as things are now."""
    count = row.papers.count() if n_papers is None else n_papers
    asked = situation.asked_of(
        point=row.usage_point, deed=Deed(row.deed), initiator=Initiator(row.initiator),
        ground=Ground(row.ground), words=row.words, not_before=row.not_before, papers=count,
        noticed_on=row.noticed_on, reminded_on=row.reminded_on, to_on=row.to_on,
        presence=row.presence, threshold=row.threshold,
    )  # fmt: skip
    return rules.faults(asked, situation.situation(row.usage_point, at=at))


def _check(row: SupplyOrder, at: datetime, *, n_papers: int | None = None) -> None:
    if found := faults_of(row, at, n_papers=n_papers):
        raise Faulty(found)


def _locked(order: SupplyOrder, *states: State) -> SupplyOrder:
    row = (
        SupplyOrder.objects.select_for_update(of=("self",))
        .select_related("usage_point__node", "command")
        .get(pk=order.pk)
    )
    if row.state not in states:
        raise MovedOn
    return row


def _must(by: User, point: UsagePoint, at: datetime) -> None:
    """Raises Forbidden unless somebody may switch relays by name, and works with the point."""
    if not may(by, Right.SWITCH_RELAY, at=at):
        raise Forbidden
    if not access.worked_points_of(by, at=at).filter(pk=point.pk).exists():
        raise Forbidden


def _supplies(by: User, point: UsagePoint, at: datetime) -> bool:
    """Whether the agreement of a supplier covers the point now."""
    own = access.own_customers_of(by, at=at).values_list("pk", flat=True)
    suppliers = {one.supplier_id for one in situation.agreements_of(point, at=at)}
    return bool(suppliers & set(own))


def _lately(by: User, at: datetime) -> int:
    return SupplyOrder.objects.filter(
        confirmed_by=by, confirmed_at__gt=at - timedelta(hours=1), deed__in=rules.LIMITING
    ).count()


def _command(row: SupplyOrder, at: datetime, by: User) -> Command:
    device = situation.device_of(row.usage_point, at=at)
    assert device is not None  # one of the guards
    lasts = rules.LIMIT_LASTS if row.is_limiting else rules.RESTORE_LASTS
    told: dict[str, object]
    match Deed(row.deed):
        case Deed.OFF:
            order, told = Order.RELAY, {"to": "off"}
        case Deed.RESTORE:
            order, told = Order.RELAY, {"to": "on" if row.to_on else "permit"}
        case _:
            order, told = Order.LIMITER, _limiter(row, device.relay)
    return polling.ask(
        device, order, told, at=at, by=by, not_before=row.not_before,
        expires_at=row.not_before + lasts,
    )  # fmt: skip


def _limiter(row: SupplyOrder, read: dict[str, object] | None) -> dict[str, object]:
    """Lifting leaves the threshold that stands in the meter as it is."""
    is_on = row.deed == Deed.LIMIT
    threshold, seconds = row.threshold or 0, row.seconds
    if not is_on and isinstance(found := (read or {}).get("limiters"), list):
        for one in found:
            if one.get("what") == ACTIVE_POWER:
                threshold, seconds = one["threshold"], one["seconds"]
    return {"what": ACTIVE_POWER, "threshold": threshold, "seconds": seconds, "is_on": is_on}


def _ended(
    row: SupplyOrder, state: State, reason: str, at: datetime, by: User | None
) -> SupplyOrder:
    row.state, row.reason, row.ended_at = state, reason.strip()[:500], at
    row.save(update_fields=["state", "reason", "ended_at"])
    audit.note(ENDED[state], of=row, by=by, at=at, after={"reason": row.reason})
    if row.initiator == Initiator.SUPPLIER and (by is None or row.asked_by_id != by.pk):
        telling.answered(row, at=at)
    return row
