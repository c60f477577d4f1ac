"""What is told, and how its delivery is kept; the mails themselves are made in `notifications`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from faza.outbox import queries, rules
from faza.outbox.models import Message

REASON = 500


def tell(
    kind: str,
    *,
    key: str,
    payload: Mapping[str, object],
    at: datetime,
    to: int | None = None,
    address: str = "",
    language: str = "ru",
    due: datetime | None = None,
) -> Message:
    """Have somebody told; call it inside the deed's own transaction, so that both or none stand.

    `to` is a user's number, whose address is looked up at delivery; `address` takes its place.
    `kind` is dotted (`contracts.application.received`), `payload` JSON. The same key tells once:
    the message that is there already comes back unchanged.

    Raises ValueError if it goes to nobody.
    """
    if to is None and not address:
        raise ValueError(f"{kind} {key}: neither a user nor an address")
    told, _ = Message.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind,
            "recipient": to,
            "address": address,
            "language": language,
            "payload": dict(payload),
            "created_at": at,
            "due_at": due or at,
        },
    )
    return told


@transaction.atomic
def gather(
    kind: str,
    *,
    key: str,
    payload: Mapping[str, object],
    merge: Callable[[Mapping[str, Any], Mapping[str, object]], dict[str, object]],
    at: datetime,
    to: int,
    due: datetime,
    language: str = "ru",
) -> Message:
    """Have a user told together with what waits for them under the same kind; else as `tell`.

    `merge` makes one payload of that of a message which nobody has tried yet and whose time has
    not come, and of the new one; its time stays. So news that come in a burst are one mail.
    Other than with `tell`, a second call with the same key may add a second time.
    """
    waiting = _untouched([kind], to, at).first()
    if waiting is None:
        return tell(kind, key=key, payload=payload, at=at, to=to, language=language, due=due)
    waiting.payload = merge(waiting.payload, payload)
    waiting.save(update_fields=["payload"])
    return waiting


@transaction.atomic
def ungather(
    kinds: Collection[str], *, to: int, at: datetime,
    change: Callable[[Mapping[str, Any]], dict[str, object] | None],
) -> None:  # fmt: skip
    """Take back something of what waits for a user and nobody has looked at yet.

    `change` makes the payload that is left, or None where nothing is to be told any more.
    """
    for waiting in _untouched(kinds, to, at):
        left = change(waiting.payload)
        if left is None:
            waiting.delete()
        elif left != waiting.payload:
            waiting.payload = left
            waiting.save(update_fields=["payload"])


def _untouched(kinds: Collection[str], to: int, at: datetime) -> QuerySet[Message]:
    """A user's messages whose time has not come, locked; the oldest first."""
    return (
        Message.objects.select_for_update(skip_locked=True)
        .filter(
            kind__in=kinds,
            recipient=to,
            state=Message.State.WAITING,
            attempts=0,
            due_at__gt=at,
            placed_at=None,
        )
        .order_by("id")
    )


@transaction.atomic
def claim(*, worker: str, at: datetime, limit: int) -> list[Message]:
    """Lease messages that are due; nobody else gets them until the lease is over.

    Each claim counts as an attempt.
    """
    # SQLite has no rows to lock: its transactions begin IMMEDIATE, so there is but one at a time.
    chosen = list(queries.due(at=at).select_for_update(skip_locked=True)[:limit])
    until = at + rules.LEASE
    Message.objects.filter(pk__in=[message.pk for message in chosen]).update(
        worker=worker, leased_until=until, attempts=F("attempts") + 1
    )
    for message in chosen:
        message.worker, message.leased_until = worker, until
        message.attempts += 1
    return chosen


def renew(message: Message, *, at: datetime) -> bool:
    """Lengthen the lease before the mail is handed over; False if somebody else has it."""
    return bool(_own(message).update(leased_until=at + rules.LEASE))


def mark_placed(messages: Collection[int], *, at: datetime) -> None:
    """They were looked at for the page: numbers of messages."""
    Message.objects.filter(pk__in=messages).update(placed_at=at)


def mark_delivered(message: Message, *, at: datetime) -> None:
    """It was accepted: nothing more to do, and its payload is not kept."""
    Message.objects.filter(pk=message.pk).update(
        state=Message.State.DELIVERED, payload={}, reason="", ended_at=at, leased_until=None
    )


def mark_failed(message: Message, *, reason: str, at: datetime, for_good: bool = False) -> bool:
    """It was not accepted: try again later, or give up and keep why; whether it is given up."""
    pause = None if for_good else rules.pause_after(message.attempts)
    if pause is None:
        _own(message).update(
            state=Message.State.GIVEN_UP, reason=reason[:REASON], ended_at=at, leased_until=None
        )
    else:
        _own(message).update(reason=reason[:REASON], due_at=at + pause, leased_until=None)
    return pause is None


def _own(message: Message) -> QuerySet[Message]:
    return Message.objects.filter(
        pk=message.pk,
        state=Message.State.WAITING,
        worker=message.worker,
        attempts=message.attempts,
    )


def retry(message: Message, *, at: datetime) -> None:
    """Try a message that was given up once more, from the first pause on."""
    Message.objects.filter(pk=message.pk, state=Message.State.GIVEN_UP).update(
        state=Message.State.WAITING, due_at=at, attempts=0, ended_at=None, leased_until=None
    )


def sweep(*, before: datetime) -> int:
    """Delete what was delivered or given up before a moment; how many. For the retention table."""
    return queries.ended(before=before).delete()[0]
