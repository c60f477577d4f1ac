"""Invocation counters: put down as used before anybody sends one, so that none is sent twice."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db import transaction

from faza.collection.models import FrameCounter
from faza.collection.polling.rows import put
from faza.collection.polling.work import Counter

STEP = 2_000
"""Of one session; a whole reading over a PDU of 100 bytes takes some hundred."""


class CounterExhausted(Exception):
    """The counter of this key has come to its end (2**32): the meter needs a new key."""


LAST = 2**32 - 1


@transaction.atomic
def reserve(device: int, key: str, *, at_least: int = 0, count: int = STEP) -> Counter:
    """The next counters of a key, from `at_least` on (one more than the meter has seen).

    They are committed as used when this returns. Raises CounterExhausted.
    """
    FrameCounter.objects.get_or_create(device_id=device, key=key)
    row = FrameCounter.objects.select_for_update().get(device_id=device, key=key)
    counter = _advanced(row, at_least, count)
    row.save(update_fields=["sent"])
    return counter


def reserve_many(wanted: Collection[tuple[int, str]]) -> dict[int, dict[str, Counter]]:
    """Counters for one session of each (device, key); call it in a transaction. Three queries."""
    pairs = {pair for pair in wanted if pair[1]}
    if not pairs:
        return {}
    FrameCounter.objects.bulk_create(
        [FrameCounter(device_id=device, key=key) for device, key in sorted(pairs)],
        ignore_conflicts=True,
    )
    rows = [
        row
        for row in FrameCounter.objects.select_for_update()
        .filter(device__in={device for device, _ in pairs})
        .order_by("id")
        if (row.device_id, row.key) in pairs
    ]
    found: dict[int, dict[str, Counter]] = {}
    taken = []
    for row in rows:
        if row.sent + STEP <= LAST:
            found.setdefault(row.device_id, {})[row.key] = _advanced(row, 0, STEP)
            taken.append(row)
    put(taken, ["sent"])
    return found


def give_back(told: Mapping[int, Mapping[str, Counter]]) -> None:
    """After sessions: what was not sent is free again, and the meter's own counter is noted.

    told: by device and key, `first` the next that was not sent, `end` as it was handed out. What
    somebody reserved meanwhile stays reserved. Two queries.
    """
    rows = [
        row
        for row in FrameCounter.objects.select_for_update()
        .filter(device__in=[device for device, keys in told.items() if keys])
        .order_by("id")
        if row.key in told[row.device_id]
    ]
    for row in rows:
        counter = told[row.device_id][row.key]
        if row.sent == counter.end:
            row.sent = min(counter.first, counter.end)
        if counter.peer is not None:
            row.peer = max(row.peer or 0, counter.peer)
    put(rows, ["sent", "peer"])


def _advanced(row: FrameCounter, at_least: int, count: int) -> Counter:
    first = max(row.sent, at_least)
    if first + count > LAST:
        raise CounterExhausted(f"device {row.device_id}, key {row.key}")
    row.sent = first + count
    return Counter(first, row.sent, row.peer, row.peer is not None or at_least > 0)
