"""What meters say that people must know at once: told in the transaction that records it.

Seals, magnetic field, failure, power off and on, restart: to the subscribers whose agreement
covered the point at that moment, to the supplier of the agreement and to the operators of the
area, without subscription and once per event, for only what is new is told. Source:
design/rules.md, Warnings (F8).

Subscribers are told at once, one mail for a recording; for suppliers and the desk what comes
within a minute is one mail, or an outage of a feeder would be hundreds. What happened more than
LATE before it was received (a journal read for the first time, a meter out of reach for long)
is no news: it is counted in a summary, an hour's worth in one. The choice of LATE and of the
minute and the hour is ours.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from django.db import transaction

from faza.collection.warnings import readers
from faza.collection.warnings.readers import Place, Reader
from faza.events import catalogue, fresh, services
from faza.events.batches import EventBatch
from faza.events.services import Recorded
from faza.outbox import services as outbox
from faza.readings.vee.marking import mark_events

LATE = timedelta(days=3)
GATHER = timedelta(minutes=1)
GATHER_LATE = timedelta(hours=1)
MOST = 50
"""So many events are named in a mail; the others are counted."""
CABINET, DESK = "/", "/desk/"

Row = tuple[int, int, int, int]
"""Usage point, unix second, journal, code."""


@transaction.atomic
def record(batch: EventBatch, *, source: int, at: datetime) -> Recorded:
    """Store events as `events.services.record` does, and have people told of what is new.

    Readings that new events cast doubt on are marked for validation; the events themselves for
    those who want to know of other kinds (`events.fresh`). All or nothing stands. Raises as that
    does.
    """
    recorded = services.record(batch, source=source, at=at)
    new = batch.take(recorded.new)
    mark_events(new, at=at)
    fresh.mark(new, at=at)
    _warn(new, at)
    return recorded


def _warn(batch: EventBatch, at: datetime) -> None:
    """Six queries and some for each message; none where nothing is to be told."""
    kinds = np.array(sorted(catalogue.warned_of()), np.int64)
    told = (batch.journals[:, None] == kinds[:, 0]) & (batch.codes[:, None] == kinds[:, 1])
    chosen = batch.take(told.any(axis=1))
    if not len(chosen):
        return
    rows: list[Row] = sorted(
        set(
            zip(
                chosen.usage_points.tolist(), chosen.moments.tolist(),
                chosen.journals.tolist(), chosen.codes.tolist(), strict=True,
            )
        ),
        key=lambda row: (row[1], row),
    )  # fmt: skip
    moments = {(point, datetime.fromtimestamp(moment, UTC)) for point, moment, *_ in rows}
    people, places = readers.of(moments, at=at)
    since = int((at - LATE).timestamp())
    by_reader: dict[tuple[bool, Reader], list[Row]] = defaultdict(list)
    for row in rows:
        for reader in people.get((row[0], datetime.fromtimestamp(row[1], UTC)), ()):
            by_reader[row[1] < since, reader].append(row)
    # By user: two recorders that tell the same people do it in one order.
    for (is_late, reader), own in sorted(by_reader.items(), key=lambda one: one[0]):
        (_tell_late if is_late else _tell)(reader, own, places, at)


def _tell(reader: Reader, rows: Sequence[Row], places: Mapping[int, Place], at: datetime) -> None:
    lines = [
        {"at": _iso(moment), "journal": journal, "code": code, "point": point}
        | places[point].told(reader.is_own)
        for point, moment, journal, code in rows
    ]
    payload = {
        "events": lines[:MOST],
        "more": max(len(lines) - MOST, 0),
        "url": DESK if reader.is_staff else CABINET,
    }
    key = _key("events.warning", reader, rows)
    if reader.is_own:
        outbox.tell(
            "events.warning", key=key, payload=payload, at=at, to=reader.user,
            language=reader.language,
        )  # fmt: skip
    else:
        outbox.gather(
            "events.warning", key=key, payload=payload, merge=_both, at=at, to=reader.user,
            due=at + GATHER, language=reader.language,
        )  # fmt: skip


def _both(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, object]:
    events = [*old["events"], *new["events"]]
    more = old["more"] + new["more"] + max(len(events) - MOST, 0)
    return {**old, "events": events[:MOST], "more": more}


def _tell_late(
    reader: Reader, rows: Sequence[Row], places: Mapping[int, Place], at: datetime
) -> None:
    payload = {
        "counts": _counted((journal, code, moment, moment, 1) for _, moment, journal, code in rows),
        "url": DESK if reader.is_staff else CABINET,
    }
    outbox.gather(
        "events.warning.late", key=_key("events.warning.late", reader, rows), payload=payload,
        merge=_all, at=at, to=reader.user, due=at + GATHER_LATE, language=reader.language,
    )  # fmt: skip


def _all(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, object]:
    told = (
        (one["journal"], one["code"], _second(one["first"]), _second(one["last"]), one["count"])
        for one in [*old["counts"], *new["counts"]]
    )
    return {**old, "counts": _counted(told)}


def _counted(told: Iterable[tuple[int, int, int, int, int]]) -> list[dict[str, object]]:
    """(journal, code, first, last, count) of any number, one for each kind."""
    found: dict[tuple[int, int], tuple[int, int, int]] = {}
    for journal, code, first, last, count in told:
        low, high, n = found.get((journal, code), (first, last, 0))
        found[journal, code] = (min(low, first), max(high, last), n + count)
    return [
        {
            "journal": journal, "code": code, "count": n, "first": _iso(first), "last": _iso(last),
        }
        for (journal, code), (first, last, n) in sorted(found.items())
    ]  # fmt: skip


def _key(kind: str, reader: Reader, rows: Sequence[Row]) -> str:
    """What makes a message this one: who is told, and of which events."""
    digest = hashlib.blake2b(repr(rows).encode(), digest_size=16).hexdigest()
    return f"{kind}:{reader.user}:{digest}"


def _iso(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat()


def _second(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())
