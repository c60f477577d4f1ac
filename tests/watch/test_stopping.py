"""`faza serve` that is stopped, interrupted and killed; worker and collector say that they live."""

import contextlib
import http.client
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pytest

from faza.cli.server import Pages
from tests.chaos.victims import children
from tests.support.installation import run, start
from tests.support.postgres import free_port

# A server whose page of life takes two seconds.
SERVER = """
import sys, time
from faza.cli.common import start
start()
from faza.watch import views
whole = views.live
def live(request):
    time.sleep(2)
    return whole(request)
views.live = live
from faza.cli import main
sys.exit(main(["serve", "--port", sys.argv[1], "--workers", "2"]))
"""
# A server whose only worker needs a minute until it serves.
LOADING = """
import sys, time
from faza.cli import main, server
def handler():
    print("loading", flush=True)
    time.sleep(60)
import django.core.wsgi
django.core.wsgi.get_wsgi_application = handler
sys.exit(main(["serve", "--port", sys.argv[1], "--workers", "1"]))
"""
LOOK = """
import json
from faza.cli.common import start
start()
from faza.jobs.models import Process
print(json.dumps(list(Process.objects.order_by("kind").values_list("kind", flat=True))))
"""

pytestmark = pytest.mark.kill


@pytest.fixture
def server(installation):
    """A server in a group of its own, as a terminal starts one; its port and process."""
    port = free_port()
    process = start(
        installation, "-c", SERVER, str(port), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip
    until = time.monotonic() + 120
    while not takes(port):
        assert time.monotonic() < until
        assert process.poll() is None, process.communicate()
        time.sleep(0.1)
    yield port, process
    if process.poll() is None:
        process.kill()
    process.communicate()


def takes(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def page(port: int) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=60) as answer:
        return answer.read()


def asked(port: int) -> tuple[threading.Thread, list[bytes]]:
    """A request that is at work when this returns."""
    found: list[bytes] = []
    thread = threading.Thread(target=lambda: found.append(page(port)))
    thread.start()
    time.sleep(0.7)
    return thread, found


@pytest.mark.either_engine
@pytest.mark.parametrize("way", ["SIGTERM", "Ctrl-C"])
def test_a_request_at_work_is_finished_and_nothing_ugly_said(server, way):
    port, process = server
    page(port)  # loads what the first request of a worker loads
    idle = http.client.HTTPConnection("127.0.0.1", port)
    idle.connect()  # a browser keeps its connections
    thread, found = asked(port)
    began = time.monotonic()
    if way == "SIGTERM":
        process.terminate()
    else:
        os.killpg(process.pid, signal.SIGINT)
    out, errors = process.communicate(timeout=40)
    thread.join(10)
    idle.close()

    assert found == [b"alive\n"]
    assert process.returncode == 0
    assert time.monotonic() - began < 18
    assert out.splitlines() == [f"serving on http://127.0.0.1:{port}; Ctrl-C ends"]
    assert errors == ""


# What the master of the pages does, with so many signals that one comes while another is heard.
HEARS = """
import signal
from faza.core.bell import Bell
bell, heard = Bell(), 0
for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, lambda number, frame: bell.set())
print("ready", flush=True)
while heard < 8000:
    bell.wait()
    bell.clear()
    heard += 1
for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, signal.SIG_IGN)
print("heard", flush=True)
"""


@pytest.mark.either_engine
def test_a_signal_while_another_is_heard_does_not_stop_a_process_for_ever():
    process = subprocess.Popen(
        [sys.executable, "-c", HEARS], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout.readline() == "ready\n"
        until = time.monotonic() + 30
        while process.poll() is None and not select.select([process.stdout], [], [], 0.0003)[0]:
            assert time.monotonic() < until, "it hears nothing any more"
            process.terminate()
            process.send_signal(signal.SIGINT)
        told, errors = process.communicate(timeout=10)
    finally:
        process.kill()
    assert (told, errors) == ("heard\n", "")


@pytest.mark.either_engine
def test_the_end_of_the_server_is_not_forgotten_when_a_worker_ends_at_once():
    server = Pages("127.0.0.1", 1, workers=1)
    server.signal_handler_interrupt()
    server.main_loop_interrupt.clear()  # as it does before a worker is started again
    assert server.main_loop_interrupt.wait(0)


@pytest.mark.either_engine
def test_a_worker_of_pages_has_loaded_them_before_it_serves(installation):
    told = run(
        installation, "-c",
        "from faza.cli.common import start; start(); from faza.cli.server import load; load();"
        "import sys; print({'faza.cabinet.urls', 'faza.desk.urls', 'faza.api.urls'}"
        " - set(sys.modules))",
    )  # fmt: skip
    assert told.strip() == "set()"


@pytest.fixture
def loading(installation):
    """A server whose only worker loads."""
    process = start(
        installation, "-c", LOADING, str(free_port()), stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    try:
        while process.stdout.readline() not in ("loading\n", ""):
            pass
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.mark.either_engine
def test_a_worker_that_still_loads_ends_at_once(loading):
    """A worker that begins hears signals, as its killed parent's end, before it serves."""
    process, began = loading, time.monotonic()
    process.terminate()
    _, errors = process.communicate(timeout=40)
    assert (process.returncode, errors) == (0, "")
    assert time.monotonic() - began < 10


@pytest.mark.either_engine
def test_the_port_of_a_killed_server_is_free_again(server):
    port, process = server
    process.kill()
    process.wait()
    until = time.monotonic() + 90
    while takes(port):
        assert time.monotonic() < until
        time.sleep(0.1)


@pytest.mark.either_engine
def test_a_killed_worker_of_pages_is_followed_by_another_one(server):
    port, process = server
    page(port)
    before = children(process.pid)
    os.kill(before[0], signal.SIGKILL)
    with contextlib.suppress(OSError):  # what had come to the killed one is lost
        page(port)
    assert page(port) == b"alive\n"  # the other one serves meanwhile
    until = time.monotonic() + 60
    while len(children(process.pid)) < 2 or before[0] in children(process.pid):
        assert time.monotonic() < until
        time.sleep(0.1)


@pytest.mark.either_engine
def test_workers_that_load_end_with_their_killed_server(loading):
    workers = children(loading.pid)
    assert workers
    loading.kill()
    loading.wait()
    until = time.monotonic() + 30
    while any(is_alive(worker) for worker in workers):
        assert time.monotonic() < until
        time.sleep(0.1)


def is_alive(pid: int) -> bool:
    """Whether it runs; one that has ended and is waited for does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def test_worker_and_collector_say_that_they_live_until_they_are_stopped(installation):
    def look() -> list[str]:
        return json.loads(run(installation, "-c", LOOK))

    both = [
        start(installation, "-m", "tests.support.faza", name, stdout=subprocess.PIPE,
              stderr=subprocess.PIPE)
        for name in ("worker", "collect")
    ]  # fmt: skip
    try:
        until = time.monotonic() + 240
        while look() != ["collect", "worker"]:
            assert [process.poll() for process in both] == [None, None]
            assert time.monotonic() < until
    finally:
        for process in both:
            process.terminate()
        told = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert all("Traceback" not in errors for _, errors in told)
    assert look() == []
