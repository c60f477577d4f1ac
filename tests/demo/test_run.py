"""`faza demo` as a process: what it prints, what it serves, how it ends."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from faza.demo import people
from tests.support.postgres import die_with_parent, free_port

ROOT = Path(__file__).resolve().parent.parent.parent
FAZA = [sys.executable, "-m", "tests.support.faza", "demo"]


def environment(home: Path) -> dict[str, str]:
    """The embedded database in a folder of its own, whatever the tests run on."""
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return kept | {"FAZA_HOME": str(home), "FAZA_LOG": "WARNING", "PYTHONUNBUFFERED": "1"}


def of(process: int) -> list[str]:
    """The children of a process, by number."""
    return Path(f"/proc/{process}/task/{process}/children").read_text().split()


def is_alive(process: str) -> bool:
    """Whether a process runs: one that has ended may wait for whoever inherited it."""
    try:
        told = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return told.rpartition(")")[2].split()[0] not in "ZX"


def await_live(file: Path) -> dict[str, int]:
    """Wait until meters were read and the factory's message of the last day has come."""
    asked = {
        "sessions": "SELECT count(*) FROM collection_session WHERE outcome = 'done'",
        "messages": "SELECT count(*) FROM collection_importfile WHERE name LIKE '80020_%'",
        "readings": "SELECT coalesce(sum(json_extract(summary, '$.read.\"profile 1\"')), 0)"
        " FROM collection_session",
    }
    until = time.monotonic() + 120
    found = dict.fromkeys(asked, 0)
    while found["sessions"] < 10 or not found["messages"]:
        assert time.monotonic() < until, found
        time.sleep(0.5)
        with closing(sqlite3.connect(file, timeout=20)) as database:
            found = {name: database.execute(sql).fetchone()[0] for name, sql in asked.items()}
    return found


def assert_nothing_stays_of_a_killed_one(home: Path) -> None:
    """Start it again, kill it, and see its children end."""
    with subprocess.Popen(
        [*FAZA, "--port", str(free_port())], cwd=ROOT, env=environment(home), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, preexec_fn=die_with_parent(9),
    ) as serving:  # fmt: skip
        assert serving.stdout
        for line in serving.stdout:
            if "Ctrl-C" in line:
                break
        children = of(serving.pid)
        serving.kill()
        serving.stdout.read()  # its end comes when the last of them has closed it
    until = time.monotonic() + 30
    while any(is_alive(child) for child in children):
        assert time.monotonic() < until
        time.sleep(0.1)


@pytest.mark.kill
@pytest.mark.either_engine
def test_it_makes_the_grid_tells_the_logins_serves_and_ends_on_a_signal(tmp_path):
    port = free_port()
    with subprocess.Popen(
        [*FAZA, "--port", str(port)], cwd=ROOT, env=environment(tmp_path), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, preexec_fn=die_with_parent(9),
    ) as serving, ExitStack() as stack:  # fmt: skip
        stack.callback(serving.kill)  # where an assertion fails
        assert serving.stdout
        told = ""
        for line in serving.stdout:
            told += line
            if "Ctrl-C" in line:
                break
        assert "66 usage points" in told
        assert f"http://127.0.0.1:{port}" in told
        assert people.PASSWORD in told
        assert all(login.email in told for login in people.LOGINS)
        assert len(list((tmp_path / "demo").glob("80020_*.xml"))) == 3
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20).close()
        except urllib.error.HTTPError as answer:
            answer.close()
        mailbox = re.search(r"Mails: (http://127.0.0.1:\d+/)", told)
        assert mailbox
        with urllib.request.urlopen(mailbox[1], timeout=20) as page:
            assert "Почтовый ящик" in page.read().decode()
        read = await_live(tmp_path / "faza.sqlite3")
        assert read["readings"] > 30  # beyond what was made
        children = of(serving.pid)
        assert len(children) >= 3  # the pages, and what runs beside them
        serving.send_signal(signal.SIGTERM)
        serving.stdout.read()
        assert serving.wait(20) == 0
        assert not any(Path(f"/proc/{child}").exists() for child in children)

    assert_nothing_stays_of_a_killed_one(tmp_path)
    again = subprocess.run(
        [*FAZA, "--prepare"], cwd=ROOT, env=environment(tmp_path), capture_output=True, text=True,
        timeout=60, check=True,
    )  # fmt: skip
    assert people.PASSWORD in again.stdout
    assert "added" not in again.stdout  # a second start makes nothing
