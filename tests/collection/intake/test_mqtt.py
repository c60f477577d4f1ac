"""Messages of a real broker: stored, then acknowledged; none lost, whoever is killed when."""

import json
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from django.db import OperationalError, connections

from faza.bench.broker import broker as run_broker
from faza.bench.broker import publish
from faza.collection.intake import aside, mqtt
from faza.collection.intake.mqtt import LARGEST, Arrived, Subscriber, take_in
from faza.collection.intake.topics import broker_of
from faza.collection.models import ImportFile, ImportRun
from tests.collection.factories import days_of
from tests.collection.intake.factories import AT, CODE, make_meter, make_point, series
from tests.support.installation import run, start

NOBODY = "500000000000009"


def message(**more) -> bytes:
    return json.dumps({"intervals": [series(**more)]}).encode()


def arrived(*messages: tuple[str, bytes]) -> list[Arrived]:
    return [Arrived(1, n, 1, topic, data) for n, (topic, data) in enumerate(messages, 1)]


@pytest.mark.django_db
class TestTaking:
    @pytest.fixture(autouse=True)
    def _here(self, settings, tmp_path):
        settings.HOME = tmp_path
        self.point = make_point(CODE)
        make_meter(self.point, "77")

    def kept(self) -> list[str]:
        return sorted(file.read_text().splitlines()[3] for file in aside.folder().glob("*/*.txt"))

    def test_a_topic_says_who_it_is(self):
        take_in(
            arrived(
                ("faza/meters/77", message(values=[1] * 48)),
                (f"faza/points/{CODE}", message(channel="A-")),
                ("faza/concentrators/U1", json.dumps(
                    {"meter": "77", "intervals": [series(channel="R+")],
                     "events": [{"at": series()["start"], "journal": 4, "code": 3}]}).encode()),
            ), "faza", at=AT,
        )  # fmt: skip

        assert days_of(self.point)["2026-03-01"] == [1000] * 48
        assert days_of(self.point, "A-")
        assert days_of(self.point, "R+")
        run = ImportRun.objects.get()
        assert (run.by, run.files, run.changed, run.problems) == ("mqtt", 3, 144, 0)
        assert self.kept() == []

    def test_nobody_speaks_for_another(self):
        make_meter(make_point("OTHER"), "78")
        data = json.dumps({"meter": "78", "intervals": [series()]}).encode()

        take_in(arrived(("faza/meters/77", data)), "faza", at=AT)

        assert days_of(self.point) == {}
        assert self.kept() == ['meter: "78" is not "77", whose channel this is']

    def test_what_is_none_is_kept_aside_with_the_reason_and_the_rest_is_stored(self):
        take_in(
            arrived(
                ("faza/meters/77", b"{"), ("faza/meters/77", b""), ("other/meters/77", message()),
                ("faza/unknown/77", message()), (f"faza/points/{NOBODY}", message()),
                ("faza/meters/77", b" " * (LARGEST + 1)), ("faza/meters/77", message()),
            ), "faza", at=AT,
        )  # fmt: skip

        assert days_of(self.point)["2026-03-01"] == [1500] * 48
        assert len(self.kept()) == 6
        assert f"intervals[0]: Usage point {NOBODY} is unknown." in self.kept()
        assert ImportFile.objects.filter(state="refused").count() == 5
        assert ImportFile.objects.filter(state="complete").count() == 1
        first = next(iter(aside.folder().glob("*/*.json")))
        assert first.with_suffix(".txt").exists()

    def test_what_breaks_the_reader_is_found_and_kept_aside(self, monkeypatch):
        read = mqtt.take

        def breaking(packets, **more):
            if any(b"poison" in packet.data for packet in packets):
                raise KeyError("poison")
            return read(packets, **more)

        monkeypatch.setattr(mqtt, "take", breaking)
        good = [("faza/meters/77", message(start=f"2026-03-{n:02}T00:00:00Z")) for n in range(1, 8)]

        take_in(arrived(*good[:3], ("faza/meters/77", b"poison"), *good[3:]), "faza", at=AT)

        assert len(days_of(self.point)) == 8
        assert self.kept() == ["Internal fault: see the log."]

    def test_a_database_out_of_reach_keeps_nothing_aside(self, monkeypatch):
        def failing(*args, **more):
            raise OperationalError("gone")

        monkeypatch.setattr(mqtt, "take", failing)
        with pytest.raises(OperationalError):
            take_in(arrived(("faza/meters/77", message())), "faza", at=AT)
        assert self.kept() == []

    def test_what_is_old_is_swept(self):
        take_in(arrived(("faza/meters/77", b"{")), "faza", at=AT)

        assert aside.sweep(AT - timedelta(days=1), AT) == 0
        assert aside.sweep(AT + timedelta(days=1), AT) == 2
        assert self.kept() == []


class TestAddress:
    def test_all_of_it(self):
        found = broker_of("mqtts://a%40b:s%3Acret@mq.example:8884/grid/north?client=c1&ca=/ca.pem")

        assert (found.host, found.port, found.tls) == ("mq.example", 8884, True)
        assert (found.user, found.password) == ("a@b", "s:cret")
        assert (found.topic, found.client) == ("grid/north/#", "c1")
        assert found.authorities == "/ca.pem"

    @pytest.mark.parametrize(
        "url", ["", "http://a", "mqtt://", "mqtt://a/x/#", "mqtt://a?x=1", "mqtt://a:99999"]
    )
    def test_what_is_none(self, url):
        with pytest.raises(ValueError):
            broker_of(url)

    @pytest.mark.parametrize(
        "url", ["mqtt://a:se/cret@mq", "mqtt://a:b@mq?secret", "mqtt://a:se?cret@mq"]
    )
    def test_what_is_said_of_it_has_no_part_of_the_password(self, url):
        with pytest.raises(ValueError) as said:
            broker_of(url)
        assert not {"se", "cret", "secret"} & set(str(said.value).replace("'", " ").split())


@contextmanager
def subscribed(url: str) -> Iterator[Subscriber]:
    """A subscriber at work; `count` of it are the messages that it has acknowledged.

    Its database is that of the test, which must not look into it meanwhile.
    """
    subscriber = Subscriber(broker_of(url), lambda: AT)
    subscriber.count = 0

    def tell(number: int) -> None:
        subscriber.count += number

    subscriber.on_stored = tell

    def work() -> None:
        try:
            subscriber.run()
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        assert subscriber.connected.wait(20)
        time.sleep(0.3)
        yield subscriber
    finally:
        subscriber.stop.set()
        thread.join()


def wait_for(condition, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.django_db(transaction=True)
class TestBroker:
    @pytest.fixture(autouse=True)
    def _here(self, settings, tmp_path):
        settings.HOME = tmp_path
        self.point = make_point(CODE)

    def test_with_a_password(self):
        with (
            run_broker(user="faza", password="s:cret") as running,
            subscribed(f"mqtt://faza:s%3Acret@127.0.0.1:{running.port}"),
        ):
            pass

    def test_nobody_there_is_told_once(self, caplog, monkeypatch):
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        subscriber = Subscriber(broker_of(f"mqtt://127.0.0.1:{port}"), lambda: AT)
        subscriber._client.reconnect_delay_set(1, 1)
        thread = threading.Thread(target=subscriber.run)
        thread.start()
        time.sleep(2.5)
        subscriber.stop.set()
        thread.join()
        told = [one.message for one in caplog.records if one.levelname == "WARNING"]
        assert told == [f"no broker answers at 127.0.0.1:{port}; trying again and again"]

    def test_what_is_sent_while_the_database_is_away_is_stored_later(self, broker, monkeypatch):
        store, away = mqtt.take_in, threading.Event()
        monkeypatch.setattr(mqtt, "TROUBLE", 0.05)

        def failing(batch, prefix, *, at):
            if not away.is_set():
                away.set()
                raise OperationalError("gone")
            store(batch, prefix, at=at)

        monkeypatch.setattr(mqtt, "take_in", failing)
        with subscribed(broker.url) as subscriber:
            publish(broker.port, [(f"faza/points/{CODE}", message())])
            wait_for(lambda: subscriber.count == 1)
        assert away.is_set()
        assert days_of(self.point)

    def test_a_broker_that_restarts_loses_nothing(self, broker):
        sent = [
            (
                f"faza/points/{CODE}",
                message(start=f"{date(2026, 1, 1) + timedelta(n)}T00:00:00+03:00"),
            )
            for n in range(60)
        ]
        with subscribed(broker.url) as subscriber:
            publish(broker.port, sent[:30])
            broker.restart()
            wait_for(subscriber.connected.is_set)
            publish(broker.port, sent[30:])
            wait_for(lambda: subscriber.count >= 60)
        assert len(days_of(self.point)) == 60

    def test_what_an_old_connection_brought_is_not_acknowledged_on_a_new_one(self, broker):
        subscriber = Subscriber(broker_of(broker.url), lambda: AT)
        acknowledged: list[int] = []
        subscriber._client.ack = lambda number, qos: acknowledged.append(number)  # type: ignore
        subscriber._renew()
        old = Arrived(subscriber._connection, 5, 1, "faza/points/x", b"{}")
        subscriber._renew()

        subscriber._acknowledge([old])

        assert acknowledged == []


CODES = tuple(f"7{n:014d}" for n in range(40))
MAKE = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "faza.settings"
import django
django.setup()
from tests.collection.intake.factories import make_point
for code in {codes!r}:
    make_point(code)
"""
# Each step of a batch tells of itself and rests, so that the test can kill there.
SUBSCRIBE = """
import os, sys, time, threading
os.environ["DJANGO_SETTINGS_MODULE"] = "faza.settings"
import django
django.setup()
from datetime import datetime, UTC
from faza.collection.intake import mqtt
from faza.collection.intake.topics import broker_of
rest = float(sys.argv[2])
def told(name, deed):
    def slow(*args, **more):
        print("before", name, flush=True)
        time.sleep(rest)
        done = deed(*args, **more)
        print("after", name, flush=True)
        time.sleep(rest)
        return done
    return slow
mqtt.take_in = told("store", mqtt.take_in)
subscriber = mqtt.Subscriber(
    broker_of(sys.argv[1]),
    lambda: datetime(2026, 3, 10, 9, tzinfo=UTC), batch=25)
subscriber._acknowledge = told("acknowledge", subscriber._acknowledge)
def tell():
    subscriber.connected.wait()
    time.sleep(0.5)
    print("subscribed", flush=True)
threading.Thread(target=tell, daemon=True).start()
subscriber.run()
"""
LOOK = """
import os, json
os.environ["DJANGO_SETTINGS_MODULE"] = "faza.settings"
import django
django.setup()
from datetime import date
from faza.metering.models import UsagePoint
from faza.readings.store import fetch
points = list(UsagePoint.objects.values_list("id", flat=True))
found = fetch(points, [1], date(2025, 1, 1), date(2027, 1, 1))
print(json.dumps({"days": len(found.days), "total": int(found.values.sum()),
                  "present": int((found.quality < 254).sum())}))
"""


@pytest.mark.kill
def test_no_message_is_lost_by_kills_between_receiving_storing_and_acknowledging(installation):
    """Killed at each step of a batch; then one that is left alone ends the work."""
    run(installation, "-c", MAKE.format(codes=CODES))
    days = [date(2026, 1, 1) + timedelta(n) for n in range(8)]
    sent = [
        (f"faza/points/{code}", message(start=f"{day}T00:00:00+03:00"))
        for day in days
        for code in CODES
    ]
    steps = ["before store", "after store", "before acknowledge", "after acknowledge"]
    with run_broker() as broker:

        def subscriber(rest: float) -> subprocess.Popen:
            return start(installation, "-c", SUBSCRIBE, broker.url, str(rest),
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)  # fmt: skip

        first = subscriber(0)
        until(first, "subscribed")  # the broker keeps messages for it from now on
        kill(first)
        publish(broker.port, sent)
        for n, step in enumerate(steps):
            process = subscriber(0.3)
            until(process, step)
            time.sleep(0.03 * n)
            kill(process)
            found = json.loads(run(installation, "-c", LOOK))
            assert found["present"] == found["days"] * 48  # a day is there wholly or not at all
        last = subscriber(0)
        reading = threading.Thread(target=last.stdout.read)
        reading.start()
        try:
            wait_for(
                lambda: json.loads(run(installation, "-c", LOOK))["days"] == len(sent), seconds=60
            )
        finally:
            last.kill()
            reading.join()
            kill(last)
    found = json.loads(run(installation, "-c", LOOK))
    assert found == {
        "days": len(sent), "present": len(sent) * 48, "total": len(sent) * 48 * 1500
    }  # fmt: skip


def until(process: subprocess.Popen, said: str) -> None:
    """Wait until a process says something; whoever never does is killed, and the test fails."""
    patience = threading.Timer(60, process.kill)
    patience.start()
    try:
        while (line := process.stdout.readline().strip()) != said:
            assert line, f"it ended without: {said}"
    finally:
        patience.cancel()


def kill(process: subprocess.Popen) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
