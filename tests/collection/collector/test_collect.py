"""`faza collect` as processes: sharing lines, being killed and stopped, and bad lines."""

import json
import signal
import subprocess
import time
from datetime import UTC, datetime, timedelta

import pytest

from faza.core.clock import clock
from faza.simulator.meter import Meter
from faza.simulator.serving import Place, Serving, running
from faza.simulator.spec import MeterSpec
from tests.collection.collector.spying import spying
from tests.support.installation import run, start

pytestmark = pytest.mark.kill

# A collector with short leases.
COLLECTOR = """
import sys
from datetime import timedelta
from faza.cli import main
from faza.cli.common import start
start()
from faza.collection.collector import run
run.LEASE, run.BEAT, run.GRACE, run.POLL = timedelta(seconds=6), 0.5, 3.0, 0.3
sys.exit(main(["collect", *sys.argv[1:]]))
"""
LOOK = """
import json
from faza.cli.common import start
start()
from faza.collection.models import Device, DeviceTask, Line, Session
from faza.collection.polling.marking import dialogue_of
rows = Session.objects.order_by("started_at")
print(json.dumps({
    "sessions": list(rows.values("device_id", "collector", "outcome", "problem", "words")),
    "leased": Line.objects.exclude(leased_until=None).count(),
    "due": [str(at) for at in DeviceTask.objects.order_by("id").values_list("due_at", flat=True)],
    "dialogue": dialogue_of(rows[0]) if rows else [],
    "failures": list(Device.objects.order_by("id").values_list("failures", flat=True)),
}))
"""
SINCE = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=6)


def fleet(lines: int, each: int, *, driver: str = "hdlc") -> list[list[Meter]]:
    """Meters by line."""
    return [
        [
            Meter(
                MeterSpec(
                    f"{7000 + 10 * number + place}",
                    driver=driver,
                    address=17 + place,
                    installed_at=SINCE,
                )  # fmt: skip
            )
            for place in range(each)
        ]
        for number in range(lines)
    ]


def serving(lines: list[list[Meter]], delay: float = 0.0) -> Serving:
    places = [Place(one[0].spec.driver, one) for one in lines]
    return Serving(places, now=clock(), delay=delay)


def make_known(installation, tmp_path, lines, ports, plan=None, **line) -> None:
    """Meters, points, connections and a plan in the installation."""
    told = [
        {
            "number": one.spec.number, "model": one.spec.model, "host": "127.0.0.1", "port": port,
            "driver": f"dlms-{one.spec.driver}", "position": place,
            "address": {"physical": one.spec.address, "server": one.spec.address},
            "credentials": {"client": 32, "mechanism": "lls", "password": "111111"}, **line,
        }
        for meters, port in zip(lines, ports, strict=True)
        for place, one in enumerate(meters)
    ]  # fmt: skip
    file = tmp_path / "meters.json"
    file.write_text(json.dumps({"meters": told}))
    plan = [json.dumps(plan or {"clock": 60, "profile": 60})]
    known = ["-m", "tests.collection.collector.known", str(file), SINCE.isoformat(), *plan]
    run(installation, *known)


@pytest.fixture
def collectors(installation):
    """Begin collectors: `collectors("--once")`; all are killed at the end."""
    begun: list[subprocess.Popen] = []

    def begin(*arguments: str) -> subprocess.Popen:
        pipe = subprocess.PIPE
        command = ["-c", COLLECTOR, *arguments]
        begun.append(start(installation, *command, stdout=pipe, stderr=subprocess.STDOUT))
        return begun[-1]

    yield begin
    for process in begun:
        process.kill()
        process.wait()
        process.stdout.close()


def look(installation) -> dict:
    return json.loads(run(installation, "-c", LOOK))


def until(installation, wanted, seconds: float = 60) -> dict:
    """What is there, as soon as it is as wanted."""
    end = time.monotonic() + seconds
    while not wanted(found := look(installation)):
        assert time.monotonic() < end, found
    return found


def done(found: dict) -> set[int]:
    return {one["device_id"] for one in found["sessions"] if one["outcome"] == "done"}


def test_collectors_share_lines_and_never_speak_on_one_at_once(installation, collectors, tmp_path):
    lines = fleet(6, 2)
    with running(serving(lines, 0.005)) as ports, spying(ports) as spy:
        make_known(installation, tmp_path, lines, [spy.ports[port] for port in ports])
        both = [collectors("--lines", "2"), collectors("--lines", "2")]
        found = until(installation, lambda found: len(done(found)) == 12)
        for process in both:
            process.terminate()
            assert process.wait(20) == 0

    assert {one["outcome"] for one in found["sessions"]} == {"done"}
    assert len({one["collector"] for one in found["sessions"]}) == 2
    assert set(spy.most.values()) == {1}
    assert look(installation)["leased"] == 0


def test_a_killed_collectors_line_is_taken_over(installation, collectors, tmp_path):
    lines = fleet(1, 2)
    with running(serving(lines, 0.1)) as ports, spying(ports) as spy:
        make_known(installation, tmp_path, lines, [spy.ports[port] for port in ports])
        first = collectors()
        end = time.monotonic() + 90
        while not spy.total:
            assert time.monotonic() < end
            time.sleep(0.05)
        time.sleep(0.5)
        first.send_signal(signal.SIGKILL)
        first.wait()
        assert look(installation)["leased"] == 1
        second = collectors()
        found = until(installation, lambda found: len(done(found)) == 2)
        second.terminate()
        assert second.wait(20) == 0
    assert {one["collector"].endswith(f":{second.pid}") for one in found["sessions"]} == {True}
    assert set(spy.most.values()) == {1}


def test_a_clock_that_was_ahead_and_is_set_right_leaves_no_line_waiting(
    installation, collectors, tmp_path
):
    lines = fleet(1, 1)
    shown = tmp_path / "clock"

    def set_clock(days: int) -> None:
        new = shown.with_suffix(".new")
        new.write_text((datetime.now(UTC) + timedelta(days=days)).isoformat())
        new.replace(shown)

    with running(serving(lines)) as ports:
        make_known(installation, tmp_path, lines, ports)
        set_clock(20)
        collector = collectors("--clock-file", str(shown))
        until(installation, lambda found: len(found["sessions"]) == 1)
        set_clock(0)
        found = until(installation, lambda found: len(found["sessions"]) == 2)
        collector.terminate()
        assert collector.wait(20) == 0
    assert {one["outcome"] for one in found["sessions"]} == {"done"}
    assert max(found["due"]) < str(datetime.now(UTC) + timedelta(days=1))


def test_a_stopped_collector_stores_what_it_has_and_lets_go(installation, collectors, tmp_path):
    lines = fleet(2, 3)
    with running(serving(lines, 0.1)) as ports, spying(ports) as spy:
        make_known(installation, tmp_path, lines, [spy.ports[port] for port in ports])
        process = collectors()
        end = time.monotonic() + 90
        while len(spy.total) < 2:
            assert time.monotonic() < end
            time.sleep(0.05)
        time.sleep(0.5)
        begun = time.monotonic()
        process.terminate()
        assert process.wait(20) == 0
        assert time.monotonic() - begun < 10
    found = look(installation)
    assert found["leased"] == 0
    assert 0 < len(found["sessions"]) <= 4
    assert {one["problem"] for one in found["sessions"]} <= {"", "interrupted"}
    assert set(found["failures"]) == {0}


def test_a_suspended_collector_does_not_speak_after_its_lease(installation, collectors, tmp_path):
    lines = fleet(1, 1, driver="wrapper")  # a gateway would keep its one connection
    with running(serving(lines, 0.2)) as ports, spying(ports) as spy:
        make_known(installation, tmp_path, lines, [spy.ports[port] for port in ports])
        first = collectors()
        end = time.monotonic() + 90
        while not spy.total:
            assert time.monotonic() < end
            time.sleep(0.05)
        time.sleep(0.5)
        first.send_signal(signal.SIGSTOP)
        second = collectors()
        is_taken = lambda found: spy.total[ports[0]] > 1 or done(found)  # noqa: E731
        try:
            until(installation, is_taken, 25)
        except AssertionError:
            # It was stopped amid a transaction: until that ends nobody can have its rows.
            first.send_signal(signal.SIGCONT)
            until(installation, is_taken)
        first.send_signal(signal.SIGCONT)
        found = until(installation, lambda found: len(done(found)) == 1)
        for process in (first, second):
            process.terminate()
            assert process.wait(20) == 0
    who = {one["collector"] for one in found["sessions"] if one["outcome"] == "done"}
    assert who
    assert all(one["problem"] in ("", "interrupted", "dropped") for one in found["sessions"])


def test_bad_lines_are_told_and_put_off_and_the_others_are_read(installation, collectors, tmp_path):
    lines = fleet(3, 1, driver="wrapper")
    with running(serving(lines)) as ports:
        places = [ports[0], 9, ports[2]]  # nobody listens at 9
        lines[2][0] = Meter(MeterSpec("7777", driver="wrapper", address=99))  # nobody there
        make_known(installation, tmp_path, lines, places, timeout=2.0)
        process = collectors("--once")
        assert process.wait(60) == 0, process.stdout.read()
        assert "1 session done, 0 in part, 2 failed" in process.stdout.read()
    found = look(installation)
    assert sorted(one["problem"] for one in found["sessions"]) == ["", "timeout", "unreachable"]
    assert found["failures"] == [0, 1, 1]
    soon = datetime.now(UTC)
    assert all(datetime.fromisoformat(at) > soon - timedelta(seconds=60) for at in found["due"])
    assert any("Reading: clock" in line for line in found["dialogue"]) or found["dialogue"]

    again = collectors("--once")
    assert again.wait(60) == 0
    assert len(look(installation)["sessions"]) <= 4, "what failed is not tried at once again"


def test_where_nothing_could_be_read_the_exit_code_says_so(installation, collectors, tmp_path):
    lines = fleet(1, 1)
    make_known(installation, tmp_path, lines, [9])
    process = collectors("--once")
    assert process.wait(60) == 1
    assert "0 sessions done, 0 in part, 1 failed" in process.stdout.read()
