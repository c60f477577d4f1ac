"""Processes that deliver parts of the same days at once, and processes that are killed."""

import json
import subprocess

import pytest

from tests.support.installation import run, start

pytestmark = pytest.mark.kill

LOOK = """
import os, json
os.environ["DJANGO_SETTINGS_MODULE"] = "faza.settings"
import django
django.setup()
from datetime import date
from faza.readings.store import fetch
from tests.readings.together import POINTS
found = fetch(range(1, POINTS + 1), [1], date(2026, 1, 1), date(2027, 1, 1))
print(json.dumps({
    "days": len(found),
    "parts": sorted({tuple(int(day[6 * n]) for n in range(4)) for day in found.values}),
    "whole": bool((found.values.reshape(-1, 4, 6) == found.values.reshape(-1, 4, 6)[:, :, :1])
                  .all()) if len(found) else True,
    "missing": int((found.quality == 255).sum()),
}))
"""


def look(installation) -> dict:
    return json.loads(run(installation, "-c", LOOK))


def deliver(installation, role: int, rounds: int) -> subprocess.Popen:
    return start(
        installation, "-m", "tests.readings.together", str(role), str(rounds),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip


def go(processes) -> None:
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()


def test_four_that_deliver_parts_of_the_same_days_at_once_lose_nothing(installation):
    processes = [deliver(installation, role, 3) for role in range(4)]
    go(processes)
    for process in processes:
        process.communicate(timeout=120)
        assert process.returncode == 0

    assert look(installation) == {
        "days": 600, "parts": [[3, 3, 3, 3]], "whole": True, "missing": 0,
    }  # fmt: skip


def test_a_killed_process_loses_nothing_acknowledged_and_leaves_no_half_days(installation):
    process = deliver(installation, 1, 1000)
    go([process])
    acknowledged = [int(process.stdout.readline()) for _ in range(5)][-1]
    process.kill()
    process.communicate(timeout=30)

    found = look(installation)
    assert found["days"] == 600
    assert found["whole"]
    # One round is one transaction: all days show the same one, and none before the acknowledged.
    assert len(found["parts"]) == 1
    assert found["parts"][0][1] >= acknowledged
    again = deliver(installation, 1, acknowledged + 2)
    go([again])
    again.communicate(timeout=60)
    assert look(installation)["parts"][0][1] >= acknowledged + 2
