"""Puts the outbox's messages on the page of those they go to, before and beside any mail.

Which kinds belong there, and what their notices say, is here (`MAILS`); mails are another channel.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from faza.manual_entry import telling as typed
from faza.notifications import subscriptions
from faza.notifications.models import Topic, Way
from faza.notifications.telling import Json, New, Person, tell
from faza.outbox import queries
from faza.outbox import services as outbox
from faza.outbox.models import Message

AT_ONCE = 500
"""Messages looked at in a round."""
FEW = 3
"""So many readings have a notice each; more of them one together."""
Payload = Mapping[str, Any]  # as JSON is


def place_due(*, at: datetime) -> int:
    """Put what is due on pages, whatever becomes of the mails; how many messages were placed.

    A message whose person wants no mail at once is delivered by that.
    """
    found = list(queries.unplaced(at=at)[:AT_ONCE])
    placed = [message for message in found if _reader(message)]
    others = [message.pk for message in found if not _reader(message)]
    if others:
        outbox.mark_placed(others, at=at)
    for message in placed:
        place(message.pk, at=at)
    return len(placed)


@transaction.atomic
def place(number: int, *, at: datetime) -> bool:
    """Put a message on its person's page, once; whether a mail is still to be sent."""
    message = Message.objects.select_for_update().get(pk=number)
    if message.state != Message.State.WAITING:
        return False
    if message.placed_at is not None or message.recipient is None:
        return True
    outbox.mark_placed([number], at=at)
    reader = _reader(message)
    if reader is None:
        return True
    topic, told = reader
    person = Person(message.recipient, message.language)
    way = subscriptions.ways_of([person.user], topic)[person.user]
    tell(person, told(message), way=way, at=at, message=number)
    if way == Way.MAIL:
        return True
    outbox.mark_delivered(message, at=at)
    return False


def _reader(message: Message) -> tuple[Topic, Callable[[Message], list[New]]] | None:
    """What a message is about and how its notices are made; None where it is for no page.

    Who is sent to the desk finds it in the desk's own lists.
    """
    if message.recipient is None or str(message.payload.get("url", "")).startswith("/desk/"):
        return None
    return MAILS.get(message.kind)


def _warning(message: Message) -> list[New]:
    """A notice for each point, with what happened there; and one that counts the rest."""
    by_point: dict[tuple[int | None, str], list[Payload]] = defaultdict(list)
    for line in message.payload["events"]:
        by_point[line.get("point"), line["place"]].append(line)
    found = [
        New(
            key=f"{message.key}:{point or f'place {number}'}",
            kind=message.kind,
            topic=Topic.WARNINGS,
            happened_at=datetime.fromisoformat(lines[-1]["at"]),
            payload={
                "events": [[_second(one["at"]), one["journal"], one["code"]] for one in lines],
                "place": place,
            },
            usage_point=point,
            zone=lines[0]["zone"],
        )
        for number, ((point, place), lines) in enumerate(by_point.items())
    ]
    if message.payload["more"]:
        told = {"more": message.payload["more"]}
        found.append(_whole(message, Topic.WARNINGS, told, f"{message.key}:more"))
    return found


def _late(message: Message) -> list[New]:
    counts = [
        [one["journal"], one["code"], one["count"], _second(one["first"]), _second(one["last"])]
        for one in message.payload["counts"]
    ]
    return [_whole(message, Topic.WARNINGS, {"counts": counts})]


def _case(message: Message) -> list[New]:
    return [_whole(message, Topic.CASES, {"number": message.payload["number"]})]


def _order(message: Message) -> list[New]:
    told = message.payload
    kept = {name: told.get(name) for name in ("deed", "ground", "place", "power", "reason")}
    new = _whole(message, Topic.ORDERS, kept | {"when": _second(told["when"])})
    return [
        New(
            key=new.key, kind=new.kind, topic=new.topic, happened_at=new.happened_at,
            payload=new.payload, usage_point=told.get("point"),
        )
    ]  # fmt: skip


def _device(message: Message) -> list[New]:
    told = message.payload
    kept = {"phone": told["phone"], "address": told["address"] or "", "when": _second(told["when"])}
    return [_whole(message, Topic.SECURITY, kept)]


def _report(message: Message) -> list[New]:
    told = message.payload
    return [_whole(message, Topic.REPORTS, {name: told.get(name, "") for name in ("title", "why")})]


def _entries(message: Message) -> list[New]:
    """A notice for each reading with its values; of many one that counts them and names none."""
    lines, more = message.payload["lines"], message.payload["more"]
    if more or len(lines) > FEW:
        return [_whole(message, Topic.ENTRY, {"count": len(lines) + more})]
    return [
        New(
            key=f"{message.key}:{line['entry']}",
            kind=message.kind,
            topic=Topic.ENTRY,
            happened_at=datetime.fromtimestamp(line["of"], UTC),
            payload={
                name: line.get(name)
                for name in ("place", "of", "shown", "accepted", "decimals", "reason", "question")
            },
            usage_point=line["point"],
            zone=line["zone"],
        )
        for line in lines
    ]


def _whole(message: Message, topic: Topic, payload: Json, key: str = "") -> New:
    return New(
        key=key or message.key, kind=message.kind, topic=topic, happened_at=message.created_at,
        payload=payload,
    )  # fmt: skip


def _second(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


MAILS: Mapping[str, tuple[Topic, Callable[[Message], list[New]]]] = {
    "events.warning": (Topic.WARNINGS, _warning),
    "events.warning.late": (Topic.WARNINGS, _late),
    "contracts.device.connected": (Topic.SECURITY, _device),
    **{f"reports.run.{what}": (Topic.REPORTS, _report) for what in ("made", "sent", "failed")},
    **dict.fromkeys(typed.KINDS, (Topic.ENTRY, _entries)),
    **{f"cases.case.{what}": (Topic.CASES, _case) for what in ("answered", "message", "closed")},
    **{
        f"collection.order.{what}": (Topic.ORDERS, _order)
        for what in ("planned", "done", "failed", "called_off", "refused")
    },
}
