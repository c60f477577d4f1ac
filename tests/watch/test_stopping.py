"""`faza serve` that is stopped, interrupted and killed; worker and collector say that they live."""

import http.client
import json
import os
import signal
import socket
import subprocess
import threading
import time
import urllib.request

import pytest

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


@pytest.mark.either_engine
def test_the_port_of_a_killed_server_is_free_again(server):
    port, process = server
    process.kill()
    process.wait()
    until = time.monotonic() + 90
    while takes(port):
        assert time.monotonic() < until
        time.sleep(0.1)


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
