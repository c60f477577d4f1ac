"""Telemetry to send, and points and meters that it is about."""

import json
from datetime import UTC, datetime

from faza.collection.intake.taking import Packet, Taken, take
from tests.cabinet.factories import make_meter, make_node, make_point

AT = datetime(2026, 3, 10, 9, tzinfo=UTC)
START = "2026-03-01T00:00:00+03:00"
CODE = "500000000000001"


def series(values=None, **more) -> dict:
    values = [1.5] * 48 if values is None else values
    return {"channel": "A+", "start": START, "interval": 30, "values": values} | more


def day(who: dict | None = None, **more) -> dict:
    who = {"point": CODE} if who is None else who
    return {**who, "sent_at": "2026-03-02T00:05:00+03:00", "intervals": [series(**more)]}


def sent(*items, **more) -> Taken:
    """What becomes of messages, a packet each."""
    packets = [Packet(f"test {n}", json.dumps(item).encode()) for n, item in enumerate(items)]
    return take(packets, **({"sender": "test", "at": AT} | more))


def problems(taken: Taken) -> list[tuple[str, str]]:
    return [(one.place, one.code) for verdict in taken.verdicts for one in verdict.complaints]


__all__ = ["AT", "CODE", "START", "day", "make_meter", "make_node", "make_point", "problems",
           "sent", "series"]  # fmt: skip
