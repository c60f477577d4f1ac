"""A round that is killed in the middle leaves what a whole one leaves, when it is begun again."""

import json
import subprocess

import pytest

from tests.support.installation import installed, run, start

pytestmark = pytest.mark.kill

MAKE = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "faza.settings"
import django
django.setup()
from tests.readings.vee.world import daily, deliver, install, make_point, read, usual
for n in range(30):
    point = make_point(f"P{n}")
    meter = install(point, str(n))
    values = usual(30, seed=n) // 10 * 10
    read(meter, daily(values))
    values[9, 7] = -3
    deliver(point.pk, values, missing=[(n, 10 + cell) for cell in range(8)])
"""
LOOK = """
import os, json, hashlib
os.environ["DJANGO_SETTINGS_MODULE"] = "faza.settings"
import django
django.setup()
from datetime import date
from faza.readings.models import Finding, Mark, Provenance
from faza.readings.store import fetch
points = range(1, 1000)
found = fetch(points, [1], date(2026, 1, 1), date(2027, 1, 1))
told = sorted(Finding.objects.values_list("usage_point_id", "rule", "start", "state"))
laid = sorted(Provenance.objects.values_list("usage_point_id", "day", "layer", "first", "method"))
print(json.dumps({
    "days": [found.usage_points.tolist(), found.values.tolist(), found.quality.tolist()],
    "findings": hashlib.sha256(str(told).encode()).hexdigest(),
    "laid": hashlib.sha256(str(laid).encode()).hexdigest(),
    "n": [len(told), len(laid)],
    "marks": Mark.objects.filter(purpose=Mark.Purpose.VALIDATE).count(),
}))
"""


def look(installation) -> dict:
    return json.loads(run(installation, "-c", LOOK))


def go(installation) -> subprocess.Popen:
    process = start(
        installation, "-m", "tests.readings.vee.round",
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout.readline() == "ready\n"
    process.stdin.write("go\n")
    process.stdin.flush()
    return process


def test_killed_between_and_in_batches_it_ends_as_if_it_had_not_been(installation):
    with installed() as other:
        run(other, "-c", MAKE)
        whole = go(other)
        whole.communicate(timeout=120)
        expected = look(other)
    assert expected["marks"] == 0
    assert expected["n"][0] > 60

    run(installation, "-c", MAKE)
    for batches in (1, 2):
        process = go(installation)
        for _ in range(batches):
            assert process.stdout.readline().strip().isdigit()
        process.kill()
        process.communicate(timeout=30)
        assert look(installation)["marks"] > 0
    last = go(installation)
    assert last.communicate(timeout=120)[0].endswith("done\n")
    assert look(installation) == expected
