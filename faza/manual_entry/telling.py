"""Who sent a reading is told what became of it, with those that were decided in the same minutes.

In the deed's own transaction, so that both stand or none. What a rule accepted as it was sent the
page has shown at once; what staff typed from a round is told to nobody.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any

from faza.accounts.models import User
from faza.contracts import access
from faza.core.windows import Windows
from faza.manual_entry.models import Entry
from faza.metering.models import Meter, UsagePoint
from faza.outbox import services as outbox

PAGE = "/entry/"
GATHERED = timedelta(minutes=3)
"""So long what is decided one after another is gathered into one mail. A choice of ours."""
MOST = 20
"""So many readings a mail names; it counts the others."""
Json = dict[str, Any]  # as JSON is


class What(StrEnum):
    """What became of a reading."""

    APPROVED = "approved"
    CORRECTED = "corrected"
    """Accepted with another value than the typed one."""
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    ASKED = "asked"
    """The desk asks something about it."""
    REOPENED = "reopened"
    """A decision that was told already is taken back; it is checked anew."""


def kind_of(what: What) -> str:
    """The kind of the outbox's message."""
    return f"manual_entry.entry.{what}"


DECISIONS = [kind_of(what) for what in (What.APPROVED, What.CORRECTED, What.REFUSED)]
KINDS = tuple(kind_of(what) for what in What)


def accepted(entries: Collection[Entry], *, by: User | None, at: datetime) -> None:
    """Tell of readings that count now, those with another value apart."""
    for what, is_other in ((What.APPROVED, False), (What.CORRECTED, True)):
        those = [entry for entry in entries if (entry.accepted is not None) == is_other]
        decided(those, what, by=by, at=at)


def decided(
    entries: Collection[Entry], what: What, *, by: User | None, at: datetime, question: str = ""
) -> None:
    """Tell the senders of readings what became of them. question: what the desk asks.

    Whoever may not read the point of that time any more is not told. Three queries, and for each
    sender their windows and two statements.
    """
    by_sender: dict[int, list[Entry]] = defaultdict(list)
    for entry in entries:
        sender_id = entry.sent_by_id
        if by is None or sender_id is None or entry.way == Entry.Way.ROUND:
            continue
        if sender_id != by.pk:
            by_sender[sender_id].append(entry)
    if not by_sender:
        return
    told = [entry for several in by_sender.values() for entry in several]
    points = UsagePoint.objects.in_bulk({entry.usage_point_id for entry in told})
    decimals = dict(
        Meter.objects.filter(pk__in={entry.meter_id for entry in told}).values_list(
            "pk", "model__decimals"
        )
    )
    senders = User.objects.filter(pk__in=by_sender, is_active=True).order_by("pk")
    for sender in senders:
        own = by_sender[sender.pk]
        windows = access.windows_of(sender, at=at, points={one.usage_point_id for one in own})
        lines = [
            _line(entry, points[entry.usage_point_id], decimals[entry.meter_id], question)
            for entry in own
            if _reads(windows, entry)
        ]
        if lines:
            _gather(sender, what, lines, at)


def undone(entries: Collection[Entry], *, by: User, at: datetime) -> None:
    """Decisions are taken back: who was not told of them yet never is, others are told so."""
    by_sender: dict[int, set[int]] = defaultdict(set)
    for entry in entries:
        if entry.sent_by_id is not None:
            by_sender[entry.sent_by_id].add(entry.pk)
    for sender, keys in by_sender.items():
        outbox.ungather(DECISIONS, to=sender, change=partial(_without, keys=keys), at=at)
    left = [one for one in entries if one.pk in by_sender.get(one.sent_by_id or 0, ())]
    decided(left, What.REOPENED, by=by, at=at)


def _without(payload: Mapping[str, Any], keys: set[int]) -> dict[str, object] | None:
    """A payload without some readings, which are taken out of `keys`; None where none is left."""
    told = set(payload.get("entries", ()))
    out = told & keys
    keys -= out
    lines = [line for line in payload["lines"] if line["entry"] not in out]
    hidden = len(out) - (len(payload["lines"]) - len(lines))
    if not told - out:
        return None
    return {**payload, "lines": lines, "more": payload["more"] - hidden,
            "entries": sorted(told - out)}  # fmt: skip


def _reads(windows: Windows, entry: Entry) -> bool:
    return any(
        window.usage_point == entry.usage_point_id
        and window.period.start <= entry.of_at <= window.period.end
        for window in windows
    )


def _line(entry: Entry, point: UsagePoint, decimals: int, question: str) -> Json:
    told = {"question": question} if question else {}
    return told | {
        "entry": entry.pk,
        "point": point.pk,
        "place": ", ".join(part for part in (point.name, point.address) if part),
        "zone": point.zone,
        "of": int(entry.of_at.timestamp()),
        "shown": entry.shown,
        "accepted": entry.accepted,
        "decimals": decimals,
        "reason": entry.reason,
    }


def _gather(sender: User, what: What, lines: Sequence[Json], at: datetime) -> None:
    keys = sorted(line["entry"] for line in lines)
    # With its moment: what was undone may be decided the same way again.
    digest = hashlib.blake2b(f"{keys} {at}".encode(), digest_size=16).hexdigest()
    outbox.gather(
        kind_of(what), key=f"{kind_of(what)}:{sender.pk}:{digest}", merge=_joined, at=at,
        payload={
            "lines": lines[:MOST], "more": max(len(lines) - MOST, 0), "url": PAGE,
            "entries": keys,
        },
        to=sender.pk, due=at + GATHERED, language=sender.language,
    )  # fmt: skip


def _joined(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, object]:
    lines = [*old["lines"], *new["lines"]]
    more = old["more"] + new["more"] + max(len(lines) - MOST, 0)
    entries = sorted({*old.get("entries", ()), *new["entries"]})
    return {**old, "lines": lines[:MOST], "more": more, "entries": entries}
