"""The subscriber: messages of a broker, stored in batches, acknowledged after the commit.

Two threads. paho's own receives and queues; ours takes what is queued, stores it in one go and
acknowledges it. The broker keeps what is not acknowledged, over our restarts and its own, so
nothing that it has taken is lost; what comes again is stored once.

A packet's number is only worth something within a connection: after a new one the broker sends
anew what was not acknowledged, under numbers that may be others' soon. So what an old connection
brought is not acknowledged on a new one.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    close_old_connections,
)
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from faza.collection.intake import aside, journal
from faza.collection.intake.taking import Complaint, Packet, Taken, Verdict, take
from faza.collection.intake.topics import Broker, StrangeTopic, packet_of
from faza.collection.summary import ImportSummary
from faza.core.clock import Now

BATCH = 1_000
"""Messages that are stored at once."""
AGE = 1.0
"""Seconds that the first message of a batch waits at most."""
QUIET = 0.02
"""Seconds without a message after which a batch is stored: the broker waits for us then."""
LARGEST = 1 << 20
"""Bytes of a message."""
TROUBLE = 2.0
"""Seconds to wait where the database is out of reach."""
KEEPALIVE = 60
_OF_DATA = (DataError, IntegrityError)
CHANNEL = "mqtt"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message of a connection; `number` is what it is acknowledged by."""

    connection: int
    number: int
    qos: int
    topic: str
    data: bytes


class Subscriber:
    """Takes a broker's messages until it is told to stop; `run` is a thread's.

    `on_stored` is called with the number of messages after each batch is acknowledged.
    """

    def __init__(self, broker: Broker, now: Now, *, batch: int = BATCH) -> None:
        self.broker = broker
        self.now = now
        self.batch = batch
        self.stop = threading.Event()
        self.connected = threading.Event()
        self.on_stored: Callable[[int], None] | None = None
        self._queue: deque[Arrived] = deque()
        self._come = threading.Event()
        self._lock = threading.Lock()
        self._connection = 0
        self._told_away = False
        self._client = self._make()

    def _make(self) -> paho.Client:
        client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=self.broker.client, clean_session=False,
            manual_ack=True,
        )  # fmt: skip
        if self.broker.user:
            client.username_pw_set(self.broker.user, self.broker.password)
        if self.broker.tls:
            client.tls_set(ca_certs=self.broker.authorities or None)
        client.reconnect_delay_set(1, 60)
        client.on_connect = self._welcomed
        client.on_connect_fail = self._not_reached
        client.on_subscribe = self._answered
        client.on_disconnect = self._parted
        client.on_message = self._arrived
        return client

    # paho's thread

    def _welcomed(
        self, client: paho.Client, data: Any, flags: Any, reason: Any, properties: Any
    ) -> None:
        if reason.is_failure:
            log.error("%s refuses us: %s", self._where(), reason)
            return
        self._renew()
        self._told_away = False
        client.subscribe(self.broker.topic, qos=1)
        self.connected.set()
        log.info("connected to %s", self._where())

    def _not_reached(self, client: paho.Client, data: Any) -> None:
        """Tell once that nobody listens there; paho goes on trying."""
        if not self._told_away:
            self._told_away = True
            log.warning("no broker answers at %s; trying again and again", self._where())

    def _answered(
        self, client: paho.Client, data: Any, number: int, reasons: Any, properties: Any
    ) -> None:
        """A broker may take us and refuse the topic: then nothing would ever come."""
        if any(reason.is_failure for reason in reasons):
            log.error("%s refuses the topic %s: %s", self._where(), self.broker.topic, reasons[0])

    def _parted(
        self, client: paho.Client, data: Any, flags: Any, reason: Any, properties: Any
    ) -> None:
        self.connected.clear()
        self._renew()
        if not self.stop.is_set():
            log.warning("the connection to %s is lost: %s", self._where(), reason)

    def _renew(self) -> None:
        """Another connection: what waits of the old one will come again."""
        with self._lock:
            self._connection += 1
            self._queue.clear()

    def _arrived(self, client: paho.Client, data: Any, message: paho.MQTTMessage) -> None:
        self._queue.append(
            Arrived(
                self._connection, message.mid, message.qos, message.topic, bytes(message.payload)
            )
        )
        self._come.set()

    def _where(self) -> str:
        return f"{self.broker.host}:{self.broker.port}"

    # Our own

    def run(self) -> None:
        """Receive and store until `stop` is set; what is not acknowledged then comes again."""
        self._client.connect_async(self.broker.host, self.broker.port, KEEPALIVE)
        self._client.loop_start()
        try:
            while not self.stop.is_set():
                batch = self._gather()
                if batch:
                    self._store(batch)
        finally:
            self._client.disconnect()
            self._client.loop_stop()

    def _gather(self) -> list[Arrived]:
        """The next batch: when it is full, when it has waited long enough, or when it is quiet."""
        if not self._queue:
            self._come.wait(0.5)
        rounds = int(AGE / QUIET)
        while 0 < (before := len(self._queue)) < self.batch and rounds:
            self.stop.wait(QUIET)
            rounds -= 1
            if len(self._queue) == before:
                break
        self._come.clear()
        with self._lock:
            count = min(len(self._queue), self.batch)
            return [self._queue.popleft() for _ in range(count)]

    def _store(self, batch: Sequence[Arrived]) -> None:
        """Store a batch and acknowledge it; while the database is out of reach try again."""
        while not self.stop.is_set():
            try:
                close_old_connections()
                take_in(batch, self.broker.prefix, at=self.now())
            except (DatabaseError, InterfaceError, OSError) as problem:
                log.error("%d messages wait: %s", len(batch), problem)
                self.stop.wait(TROUBLE)
                if batch[0].connection != self._connection:
                    return  # they will come again
                continue
            self._acknowledge(batch)
            if self.on_stored:
                self.on_stored(len(batch))
            return

    def _acknowledge(self, batch: Sequence[Arrived]) -> None:
        with self._lock:
            for one in batch:
                if one.connection != self._connection:
                    return
                if self._client.ack(one.number, one.qos) != MQTTErrorCode.MQTT_ERR_SUCCESS:
                    return


def take_in(batch: Sequence[Arrived], prefix: str, *, at: datetime) -> None:
    """Store messages; what is none, or is of nobody, is kept aside and listed with the reason.

    Raises DatabaseError, or OSError where nothing can be kept aside: none may be acknowledged.
    """
    packets: list[Packet] = []
    strange: list[tuple[Packet, Verdict]] = []
    for one in batch:
        packet, verdict = _look(one, prefix)
        if verdict is None:
            packets.append(packet)
        else:
            strange.append((packet, verdict))
    for packet, verdict in _take(packets, at=at) + _refuse(strange, at=at):
        if verdict.is_useless and verdict.n_problems:
            aside.keep(packet, verdict, at=at)


def _look(one: Arrived, prefix: str) -> tuple[Packet, Verdict | None]:
    """A message as a packet, and why it is refused unread."""
    if len(one.data) > LARGEST:
        reason = f"It has {len(one.data)} bytes; the limit is {LARGEST}."
        return Packet(one.topic, one.data), _refusal(reason, "too-large")
    try:
        return packet_of(one.topic, one.data, prefix), None
    except StrangeTopic:
        reason = "Its topic is none of points/…, meters/…, concentrators/…, modems/…, systems/…"
        return Packet(one.topic, one.data), _refusal(reason, "topic")


def _refusal(reason: str, code: str) -> Verdict:
    return Verdict([Complaint("", reason, code)], n_problems=1, is_refused=True)


def _take(packets: Sequence[Packet], *, at: datetime) -> list[tuple[Packet, Verdict]]:
    """Store packets together; where one of them breaks the reader, each by itself."""
    if not packets:
        return []
    try:
        taken = take(packets, sender=CHANNEL, at=at, by=CHANNEL)
    except (DatabaseError, InterfaceError) as problem:
        if not isinstance(problem, _OF_DATA):
            raise
        log.exception("a batch cannot be stored")
    except Exception:
        log.exception("a batch breaks the reader")
    else:
        journal.write(packets, taken, channel=CHANNEL, at=at)
        return list(zip(packets, taken.verdicts, strict=True))
    if len(packets) > 1:
        middle = len(packets) // 2
        return _take(packets[:middle], at=at) + _take(packets[middle:], at=at)
    return _refuse([(packets[0], _refusal("Internal fault: see the log.", "internal"))], at=at)


def _refuse(found: list[tuple[Packet, Verdict]], *, at: datetime) -> list[tuple[Packet, Verdict]]:
    """List packets that were not read."""
    if found:
        summary = ImportSummary(refused=len(found), n_problems=len(found))
        packets = [packet for packet, _ in found]
        taken = Taken(summary, tuple(verdict for _, verdict in found))
        journal.write(packets, taken, channel=CHANNEL, at=at)
    return found
