"""Day-messages of a fleet from a broker into the store: 2 KB of JSON, six channels, QoS 1."""

from __future__ import annotations

import json
import multiprocessing
import resource
import threading
import time
from datetime import UTC, datetime

import numpy as np

from faza.bench.broker import broker, publish
from faza.bench.households import Homes
from faza.bench.measure import Measure, at_least, name
from faza.collection.intake.mqtt import Subscriber
from faza.collection.intake.topics import broker_of
from faza.metering.models import NetworkNode, UsagePoint
from faza.readings.models import IntervalBlock

POINTS, DAYS = 4_000, 5
TARGET = 1_500
CHANNELS = ("A+", "A-", "R+", "R-", "UA", "IA")
AT = datetime(2026, 6, 1, tzinfo=UTC)
PATIENCE = 120


def messages(day: int) -> list[tuple[str, bytes]]:
    """A day of all points, a message each, as their meters would send it."""
    batch = Homes(np.arange(POINTS), seed=day).days(day)
    energy = (batch.values / 1000).reshape(POINTS, 4, -1)
    current = energy[:, :1] * 8
    values = np.concatenate([energy, np.round(231 - current / 5, 1), current], axis=1).tolist()
    start = f"{batch.days[0]}T00:00:00Z"
    return [
        (
            f"faza/points/{10**14 + point}",
            json.dumps(
                {
                    "sent_at": f"{batch.days[0]}T23:59:00Z",
                    "intervals": [
                        {"channel": channel, "interval": 30, "start": start,
                         "values": of[row]}
                        for row, channel in enumerate(CHANNELS)
                    ],
                }
            ).encode(),
        )
        for point, of in enumerate(values)
    ]  # fmt: skip


def measure() -> list[Measure]:
    """Messages wait in the broker while the subscriber is away; then it takes them all."""
    node = NetworkNode.objects.create(code="N", name="Сети", kind="organisation", path="1/")
    UsagePoint.objects.bulk_create(
        UsagePoint(code=str(10**14 + n), name=f"Дом {n}", node=node, zone="UTC", phases=1)
        for n in range(POINTS)
    )
    days = [messages(day) for day in range(DAYS)]
    size = float(np.mean([len(data) for _, data in days[0]])) / 1000
    total = POINTS * DAYS
    with broker(inflight=1_000) as running:
        url = broker_of(running.url)
        _away(Subscriber(url, lambda: AT))
        sending = multiprocessing.get_context("spawn").Process(
            target=publish, args=(running.port, [one for day in days for one in day])
        )
        sending.start()
        sending.join()
        assert sending.exitcode == 0
        seconds, busy = _stored(Subscriber(url, lambda: AT), total)
    assert IntervalBlock.objects.count() == total * len(CHANNELS)
    what = f"MQTT: day-messages of {size:.1f} KB, QoS 1, into the store"
    rate = total / seconds
    first = (
        at_least(name(what), rate, "messages/s", TARGET)
        if name("").startswith("PostgreSQL")
        else Measure(name(what), rate, "messages/s")
    )
    return [first, Measure(name("the same: time of our own processor"), busy / total * 1e3, "ms")]


def _away(subscriber: Subscriber) -> None:
    """Have the broker know the subscriber, so that it keeps messages for it."""
    thread = threading.Thread(target=subscriber.run)
    thread.start()
    subscriber.connected.wait(20)
    time.sleep(0.5)  # until the subscription is there as well
    subscriber.stop.set()
    thread.join()


def _stored(subscriber: Subscriber, total: int) -> tuple[float, float]:
    """Seconds until all is stored and acknowledged, and of the processor meanwhile."""
    done, count = threading.Event(), [0]

    def tell(number: int) -> None:
        count[0] += number
        if count[0] >= total:
            done.set()

    subscriber.on_stored = tell
    before = resource.getrusage(resource.RUSAGE_SELF)
    began = time.perf_counter()
    thread = threading.Thread(target=subscriber.run)
    thread.start()
    done.wait(PATIENCE)
    seconds = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_SELF)
    subscriber.stop.set()
    thread.join()
    assert done.is_set(), f"{count[0]} of {total} messages after {PATIENCE} seconds"
    spent = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return seconds, spent
