"""Workers that are killed, stopped, and several of them: no job is lost, none is run by two."""

import json
import os
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest

from faza.cli.working import AUTOGROUP
from tests.support.installation import run, start

pytestmark = pytest.mark.kill

# A worker with short leases, and a handler that says what it does.
WORKER = """
import sys, time
from datetime import timedelta
from faza.cli.common import start
start()
from faza.cli import main, working
from faza.jobs import leases, pulse, registry
leases.LEASE, pulse.BEAT, working.GRACE = timedelta(seconds=2), 0.3, 1.0

@registry.handler("test.slow")
def slow(job):
    print("begun", job.id, flush=True)
    for number in range(job.arguments["steps"]):
        time.sleep(0.1)
        if job.arguments.get("deaf"):
            continue
        job.progress(number + 1, job.arguments["steps"], "steps")
        if job.is_cancelled:
            return {"steps": number}
    print("ended", job.id, flush=True)
    return {"steps": job.arguments["steps"]}

sys.exit(main(["worker"]))
"""
DJANGO = """
import json, sys
from datetime import UTC, datetime
from faza.cli.common import start
start()
from faza.jobs import services
from faza.jobs.models import Job
AT = datetime.now(UTC)
class Person:
    pk = 7
"""
START = (
    DJANGO
    + """
for _ in range({count}):
    services.start("test.slow", arguments={arguments!r}, by=None, at=AT)
"""
)
LOOK = (
    DJANGO
    + """
print(json.dumps(list(Job.objects.filter(key=None).order_by("id").values(
    "id", "state", "done", "total", "attempts", "result"))))
"""
)
CANCEL = (
    DJANGO
    + """
services.cancel(Job.objects.get(key=None), by=Person(), at=AT)
"""
)


@pytest.fixture
def workers(installation):
    """Begin workers: `workers()` is one; all are killed at the end."""
    begun: list[subprocess.Popen] = []

    def begin(**told: bool) -> subprocess.Popen:
        pipe = subprocess.PIPE
        begun.append(
            start(installation, "-c", WORKER, stdout=pipe, stderr=subprocess.STDOUT, **told)
        )
        return begun[-1]

    yield begin
    for process in begun:
        process.kill()
        process.wait()
        process.stdout.close()


def put(installation, count: int = 1, **arguments) -> None:
    run(installation, "-c", START.format(count=count, arguments=arguments))


def look(installation) -> list[dict]:
    return json.loads(run(installation, "-c", LOOK))


def until(installation, wanted, seconds: float = 40) -> list[dict]:
    """The jobs, as soon as they are as wanted."""
    end = time.monotonic() + seconds
    while not wanted(found := look(installation)):
        assert time.monotonic() < end, found
    return found


def all_done(found: list[dict]) -> bool:
    return all(job["state"] == "done" for job in found)


def said(process: subprocess.Popen, word: str) -> str:
    """The next line of a worker that begins with a word."""
    for line in process.stdout:
        if line.startswith(word):
            return line
    raise AssertionError(f"the worker ended without saying {word}")


def test_a_killed_workers_job_and_its_queue_are_taken_up_again(installation, workers):
    put(installation, 3, steps=15)
    first = workers()
    said(first, "begun")
    first.send_signal(signal.SIGKILL)
    first.wait()
    workers()

    found = until(installation, all_done)
    assert [job["attempts"] for job in found] == [2, 1, 1]


def test_a_silent_job_longer_than_its_lease_is_kept_by_the_heartbeat(installation, workers):
    put(installation, steps=50, deaf=True)  # five seconds, with a lease of two
    both = [workers(), workers()]

    (job,) = until(installation, all_done)
    for process in both:
        process.terminate()
    lines = [line for process in both for line in process.communicate()[0].splitlines()]
    assert Counter(line.split()[0] for line in lines) == {"begun": 1, "ended": 1}
    assert job["attempts"] == 1


def test_several_workers_run_each_job_once(installation, workers):
    put(installation, 30, steps=1)
    three = [workers() for _ in range(3)]

    until(installation, all_done)
    for process in three:
        process.terminate()
    told = [process.communicate()[0] for process in three]
    begun = [line for text in told for line in text.splitlines() if line.startswith("begun")]
    assert len(begun) == len(set(begun)) == 30


def test_a_stopped_worker_finishes_a_short_job(installation, workers):
    put(installation, steps=5)
    process = workers()
    said(process, "begun")
    process.terminate()

    assert process.wait(10) == 0
    assert look(installation)[0]["state"] == "done"


def test_pages_come_before_a_worker(installation, workers):
    put(installation, steps=5)
    process = workers()
    said(process, "begun")
    threads = [int(name) for name in os.listdir(f"/proc/{process.pid}/task")]
    nice = [os.getpriority(os.PRIO_PROCESS, thread) for thread in threads]

    # The process, its jobs and its mails; NumPy has threads of its own, which only add up.
    assert os.getpriority(os.PRIO_PROCESS, process.pid) == 10
    assert nice.count(10) >= 3


@pytest.mark.skipif(not Path("/proc/self/autogroup").exists(), reason="no groups of sessions")
def test_a_worker_with_a_session_of_its_own_gives_way_as_a_group(installation, workers):
    put(installation, steps=5)
    before = AUTOGROUP.read_text()
    own = workers(start_new_session=True)
    said(own, "begun")

    assert Path(f"/proc/{own.pid}/autogroup").read_text().endswith("nice 10\n")
    assert AUTOGROUP.read_text() == before


def test_a_stopped_worker_hands_a_long_job_back(installation, workers):
    put(installation, steps=300)
    process = workers()
    said(process, "begun")
    process.terminate()

    assert process.wait(10) == 0
    (job,) = look(installation)
    assert (job["state"], job["attempts"]) == ("waiting", 0)


def test_a_stopped_worker_does_not_wait_for_a_handler_that_does_not_listen(installation, workers):
    put(installation, steps=80, deaf=True)
    process = workers()
    said(process, "begun")
    process.terminate()

    assert process.wait(10) == 0
    assert look(installation)[0]["state"] == "running"
    said(workers(), "begun")


def test_progress_is_seen_and_a_job_can_be_cancelled_while_it_runs(installation, workers):
    put(installation, steps=300)
    said(workers(), "begun")

    (job,) = until(installation, lambda found: found[0]["done"] > 0)
    assert (job["state"], job["total"]) == ("running", 300)
    run(installation, "-c", CANCEL)
    (job,) = until(installation, lambda found: found[0]["state"] == "cancelled")
    assert 0 < job["result"]["steps"] < 300
