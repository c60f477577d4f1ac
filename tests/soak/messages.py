"""Telemetry beside polling: messages that a broker took upon itself, through the same kills."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

from faza.bench.broker import Mosquitto, publish
from faza.core.periods import start_of_day
from faza.metering import services as metering
from faza.metering.models import NetworkNode, UsagePoint
from tests.soak.people import ZONE
from tests.soak.verdict import stored_of

POINTS, FIRST = 10, date(2026, 1, 1)
CLIENT, TOPIC = "faza", "faza/#"
"""As whom `faza collect` subscribes, and to what, where FAZA_MQTT does not say."""


@dataclass(slots=True)
class Senders:
    """Devices that send a day of one point in each message, the next day with each `send`."""

    broker: Mosquitto
    days: int = 0

    @property
    def sent(self) -> int:
        """Messages that the broker has acknowledged."""
        return self.days * POINTS

    def make_known(self, since: datetime) -> None:
        """Make the points, and the session that the broker keeps messages for from now on."""
        node = NetworkNode.objects.get()
        for number in range(POINTS):
            code = _code(number)
            metering.add_usage_point(
                UsagePoint(code=code, name=code, node=node, zone=ZONE), at=since
            )
        client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=CLIENT, clean_session=False
        )  # fmt: skip
        subscribed = threading.Event()
        client.on_connect = lambda *told: client.subscribe(TOPIC, qos=1)
        client.on_subscribe = lambda *told: subscribed.set()
        client.connect("127.0.0.1", self.broker.port)
        client.loop_start()
        assert subscribed.wait(20)
        client.disconnect()
        client.loop_stop()

    def send(self) -> None:
        """Publish; returns when the broker has acknowledged all."""
        day = FIRST + timedelta(days=self.days)
        told = [
            (f"faza/points/{_code(number)}", json.dumps(_message(number, self.days, day)).encode())
            for number in range(POINTS)
        ]
        publish(self.broker.port, told)
        self.days += 1

    def missing(self) -> list[tuple[str, str]]:
        """Point and day of messages that are not in the store as they were sent."""
        found = []
        for number in range(POINTS):
            point = UsagePoint.objects.get(code=_code(number))
            for n in range(self.days):
                day = FIRST + timedelta(days=n)
                begin = start_of_day(day, ZONE)
                there = stored_of(point, begin, begin + timedelta(days=1))
                if there.values[0].tolist() != [1000 * v for v in _values(number, n)]:
                    found.append((point.code, str(day)))
        return found


def _code(number: int) -> str:
    return f"9{number:014d}"


def _values(number: int, day: int) -> list[int]:
    return [1 + number + day + slot for slot in range(48)]


def _message(number: int, n: int, day: date) -> dict[str, object]:
    start = datetime.combine(day, datetime.min.time(), ZoneInfo(ZONE))
    values = _values(number, n)
    series = {"channel": "A+", "start": start.isoformat(), "interval": 30, "values": values}
    return {"sent_at": datetime(2026, 4, 19, tzinfo=UTC).isoformat(), "intervals": [series]}
