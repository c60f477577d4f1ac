"""What docs/reference/failures.md says: a database away, a full disk, a clock that jumps."""

import json
import os
import resource
import select
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

import pytest

from faza.contracts.rules.tokens import fresh
from faza.jobs import leases, registry, services
from faza.jobs.models import Job
from faza.jobs.worker import Loop, run_waiting
from tests.support.installation import run, start
from tests.support.postgres import free_port

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
PUT = """
from datetime import UTC, datetime
from faza.cli.common import start
start()
from faza.jobs import services
services.start("watch.measure", arguments={}, by=None, at=datetime.now(UTC))
"""
LOOK = """
import json
from faza.cli.common import start
start()
from faza.jobs.models import Job, Process
print(json.dumps([Job.objects.get(kind="watch.measure", key=None).state, Process.objects.count()]))
"""


class Way:
    """The way to a database server, which can be shut: connections break, new ones are refused."""

    def __init__(self, host: str, port: int) -> None:
        self.to, self.port = (host, port), free_port()
        self._ends: list[socket.socket] = []
        self._listener: socket.socket | None = None

    def open(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._take, args=(self._listener,), daemon=True).start()

    def shut(self) -> None:
        for end in [*filter(None, [self._listener]), *self._ends]:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._listener, self._ends = None, []

    def _take(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(self.to)
                self._ends += [near, far]
                threading.Thread(target=self._hand_on, args=(near, far), daemon=True).start()

    def _hand_on(self, near: socket.socket, far: socket.socket) -> None:
        with suppress(OSError, ValueError):
            while True:
                for end in select.select([near, far], [], [])[0]:
                    data = end.recv(65536)
                    if not data:
                        near.close()
                        far.close()
                        return
                    (far if end is near else near).sendall(data)


def ask(port: int, path: str, language: str = "ru") -> tuple[int, str]:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}",
        headers={"Accept-Language": language, "Cookie": "sessionid=" + "a1" * 16},
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.read().decode()


def until(wanted, seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not wanted():
        assert time.monotonic() < end
        time.sleep(0.3)


@pytest.mark.kill
def test_a_database_that_is_away_is_waited_for(installation):
    """A few seconds stand for a minute: nobody counts how long it lasts."""
    parts = urlsplit(installation["DATABASE_URL"])
    if parts.scheme == "sqlite":
        pytest.skip("a file is not away")
    way, port = Way(parts.hostname, parts.port), free_port()
    way.open()
    behind = urlunsplit(parts._replace(netloc=f"{parts.username}@127.0.0.1:{way.port}"))
    environment = installation | {"DATABASE_URL": behind}
    pipe = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    processes = {
        name: start(environment, "-m", "tests.support.faza", *name.split(), **pipe)
        for name in (f"serve --port {port}", "worker", "collect")
    }
    page = "/desk/"  # asks the database for the session, and leads to the sign-in
    try:
        until(lambda: _answers(port))
        assert ask(port, page)[0] == 200
        way.shut()
        for language, words in (("ru", "Данные сейчас недоступны"), ("en", "cannot be reached")):
            status, told = ask(port, page, language)
            assert status == 503
            assert words in told
        assert ask(port, "/health/live")[0] == 200
        status, told = ask(port, "/health/ready")
        assert (status, "database: out of reach" in told) == (503, True)
        assert "faza_database_up 0" in ask(port, "/metrics")[1]
        run(installation, "-c", PUT)
        time.sleep(3)
        way.open()
        until(lambda: ask(port, page)[0] == 200)
        assert ask(port, "/health/ready")[0] == 200
        # The job is done, and both have said anew that they live.
        until(lambda: json.loads(run(installation, "-c", LOOK)) == ["done", 2])
        assert [process.poll() for process in processes.values()] == [None] * 3
    finally:
        for process in processes.values():
            process.terminate()
        told = {name: process.communicate(timeout=60)[1] for name, process in processes.items()}
        way.shut()
    assert [process.returncode for process in processes.values()] == [0] * 3
    for name, errors in told.items():
        assert "Traceback" not in errors, (name, errors[-3000:])


def _answers(port: int) -> bool:
    with suppress(OSError):
        return ask(port, "/health/ready")[0] == 200
    return False


WRITE = """
import sys
from datetime import UTC, datetime
from faza.cli.common import Refused, database_in_reach, start
start()
from django.test import Client
from faza.jobs import services
from faza.jobs.models import Job
try:
    with database_in_reach():
        while True:
            job = services.start("x", arguments={"a": "b" * 5000}, by=None, at=datetime.now(UTC))
            print(job.pk, flush=True)
except Refused as refused:
    print("refused", refused, flush=True)
sys.stdin.readline()  # room is made
job = services.start("x", arguments={}, by=None, at=datetime.now(UTC))
print("again", job.pk, flush=True)
"""
KNOWN = """
import json
from faza.cli.common import start
start()
from django.db import connection
from faza.jobs.models import Job
with connection.cursor() as cursor:
    cursor.execute("PRAGMA integrity_check")
    whole = cursor.fetchone()[0]
print(json.dumps([whole, list(Job.objects.filter(kind="x").values_list("pk", flat=True))]))
"""


@pytest.mark.kill
def test_a_full_disk_loses_nothing_that_was_acknowledged(installation):
    """The largest size of a file stands for the disk; PostgreSQL keeps its own disk."""
    if not installation["DATABASE_URL"].startswith("sqlite"):
        pytest.skip("the disk of a server is not ours to fill")
    process = start(installation, "-c", WRITE, stdout=subprocess.PIPE, stdin=subprocess.PIPE)
    try:
        acknowledged = [int(process.stdout.readline()) for _ in range(3)]
        limit = os.path.getsize(installation["FAZA_HOME"] + "/faza.sqlite3") + 2**20
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        for line in process.stdout:
            if not line.strip().isdecimal():
                break
            acknowledged.append(int(line))
        assert line.startswith("refused the database ")
        assert "disk" in line
        unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, unlimited)
        told, _ = process.communicate("go on\n", timeout=60)
        assert told.startswith("again ")
        acknowledged.append(int(told.split()[1]))
    finally:
        process.kill()
    whole, there = json.loads(run(installation, "-c", KNOWN))
    assert whole == "ok"
    assert set(acknowledged) <= set(there)


@pytest.mark.django_db
class TestClock:
    """A clock that jumps makes work be done twice at most, never not at all."""

    def test_forwards_a_running_job_may_be_taken_by_another_and_ends_once(self):
        job = services.start("x", arguments={}, by=None, at=AT)
        mine = leases.take(worker="a", at=AT)
        jumped = AT + timedelta(hours=2)
        theirs = leases.take(worker="b", at=jumped)
        assert theirs is not None
        assert theirs.attempts == 2
        assert leases.beat(mine, at=jumped, done=1, total=2, note="") is None  # it lets go
        leases.finish(theirs, {"by": "b"}, at=jumped)
        leases.finish(mine, {"by": "a"}, at=jumped)
        assert Job.objects.get(pk=job.pk).result == {"by": "b"}

    def test_backwards_a_living_worker_keeps_its_job_and_goes_by_the_new_time(self):
        services.start("x", arguments={}, by=None, at=AT)
        mine = leases.take(worker="a", at=AT)
        back = AT - timedelta(hours=2)
        assert leases.take(worker="b", at=back) is None
        assert leases.beat(mine, at=back, done=1, total=2, note="") is False
        # Had it been killed after that beat, its job would stand still for one lease, no longer.
        assert leases.take(worker="b", at=back + leases.LEASE + timedelta(seconds=1)) is not None

    def test_the_daily_work_of_a_day_is_begun_once(self, monkeypatch):
        monkeypatch.setattr(registry, "dailies", {"x": 0})
        Loop().start_dailies(at=AT)
        Loop().start_dailies(at=AT + timedelta(days=1))
        Loop().start_dailies(at=AT)  # the clock went back
        assert Job.objects.filter(kind="x").count() == 2


@pytest.mark.django_db
def test_a_job_whose_database_went_away_is_not_failed(monkeypatch):
    from django.db import OperationalError

    def away(job):
        raise OperationalError("the connection was lost")

    monkeypatch.setitem(registry.handlers, "test.away", away)
    services.start("test.away", arguments={}, by=None, at=AT)
    with pytest.raises(OperationalError):
        run_waiting()
    job = Job.objects.get(kind="test.away")
    assert (job.state, job.attempts, job.error) == (Job.State.RUNNING, 1, "")


def test_a_page_that_meets_a_full_disk_says_try_again(client, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    client.raise_request_exception = False
    monkeypatch.setattr("allauth.account.views.LoginView.dispatch", full)
    answer = client.get("/accounts/login/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")


@pytest.mark.django_db
def test_programs_are_told_in_their_own_shapes_to_come_again(client, monkeypatch):
    from django.db import OperationalError

    def away(*args, **kwargs):
        raise OperationalError("server at 10.1.2.3 is away")

    bearer = {"authorization": f"Bearer {fresh()}"}
    with monkeypatch.context() as patch:
        patch.setattr("django.db.backends.utils.CursorWrapper.execute", away)
        patch.setattr("faza.api.intake.token_of", away)  # a token of no form asks nothing
        pushed = client.post("/api/intake", b"{}", content_type="application/json", headers=bearer)
        asked = client.get("/api/v1/usage-points", headers=bearer)
    assert (pushed.status_code, pushed.json()["error"]["code"]) == (503, "try-later")
    assert (asked.status_code, asked.json()["code"]) == (503, "unavailable")
    assert asked.headers["Content-Type"] == "application/problem+json"
    assert pushed.headers["Retry-After"] == "30"
    assert asked.headers["Retry-After"] == "10"
