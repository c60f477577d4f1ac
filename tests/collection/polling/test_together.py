"""Collectors that claim at once, and one that is killed."""

import json
import subprocess

import pytest

from tests.collection.polling.together import METERS
from tests.support.installation import run, start

pytestmark = pytest.mark.kill
MODULE = "tests.collection.polling.together"
LOOK = """
import os, json
os.environ["DJANGO_SETTINGS_MODULE"] = "faza.settings"
import django
django.setup()
from faza.collection.models import Line, Session
from faza.readings.models import IntervalBlock
from django.db.models import Sum
print(json.dumps({
    "sessions": Session.objects.count(),
    "collectors": sorted(set(Session.objects.values_list("collector", flat=True))),
    "leased": Line.objects.exclude(leased_by="").count(),
    "missing": IntervalBlock.objects.filter(day="2026-11-18").aggregate(n=Sum("n_missing"))["n"],
    "valid": IntervalBlock.objects.filter(day="2026-11-18").aggregate(n=Sum("n_valid"))["n"],
}))
"""


def collector(installation, name: str, rounds: int = 1) -> subprocess.Popen:
    return start(
        installation, "-m", MODULE, name, str(rounds),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip


def go(*processes) -> None:
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()


def test_two_collectors_at_once_share_the_lines_and_none_is_read_twice(installation):
    run(installation, "-m", MODULE, "make", "0")
    processes = [collector(installation, name) for name in ("one", "two")]
    go(*processes)
    lines: list[str] = []
    for process in processes:
        out, _ = process.communicate(timeout=120)
        assert process.returncode == 0
        lines += [line for row in out.split() for line in row.split(",")]
    assert len(lines) == len(set(lines)) == METERS
    found = json.loads(run(installation, "-c", LOOK))
    assert found == {
        "sessions": METERS, "collectors": ["one", "two"], "leased": 0, "missing": 0,
        "valid": METERS * 48 * 4,
    }  # fmt: skip


def test_what_a_killed_collector_held_is_taken_over_when_its_lease_is_over(installation):
    run(installation, "-m", MODULE, "make", "0")
    victim = collector(installation, "hold")
    go(victim)
    assert victim.stdout.readline() == f"{METERS // 2}\n"
    victim.kill()
    victim.communicate(timeout=30)

    heir = collector(installation, "heir", 2)  # at once, and an hour later
    go(heir)
    heir.communicate(timeout=120)
    assert heir.returncode == 0
    found = json.loads(run(installation, "-c", LOOK))
    assert found["leased"] == 0
    assert found["valid"] == METERS * 48 * 4
    assert found["sessions"] == METERS // 2 + METERS
