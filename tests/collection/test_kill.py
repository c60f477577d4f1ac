"""Imports that are killed, and imports at the same time: nothing acknowledged is lost."""

import json
import signal
import subprocess
import time
from datetime import date, timedelta
from pathlib import Path

import pytest

from faza.protocols import xml80020
from tests.collection.factories import message
from tests.support.installation import run, start

pytestmark = pytest.mark.kill

FIRST = date(2026, 1, 1)
CODES = tuple(f"1320700432{n:05d}" for n in range(60))
LOOK = """
import os, json
os.environ["DJANGO_SETTINGS_MODULE"] = "faza.settings"
import django
django.setup()
from datetime import date
from faza.collection.models import ImportFile, ImportRun
from faza.metering.models import UsagePoint
from faza.readings.store import fetch
points = list(UsagePoint.objects.values_list("id", flat=True))
found = fetch(points, [1, 2], date(2025, 1, 1), date(2027, 1, 1))
present = found.quality < 254
print(json.dumps({
    "points": len(points),
    "values": int(present.sum()),
    "total": int(found.values.sum()),
    "days": {str(d): int(present[found.days == d].sum()) for d in sorted(set(found.days.tolist()))},
    "complete": list(ImportFile.objects.values_list("day", flat=True)),
    "runs": list(ImportRun.objects.order_by("id").values_list("state", flat=True)),
}, default=str))
"""


def look(installation: dict[str, str]) -> dict:
    return json.loads(run(installation, "-c", LOOK))


def write(folder: Path, days: int, codes=CODES, *, number: int = 0, value: int = 1000) -> Path:
    folder.mkdir()
    for n in range(days):
        day = FIRST + timedelta(days=n)
        one = message([value] * 48, day=day, number=number + n, codes=codes, channels=("01", "02"))
        (folder / xml80020.file_name(one)).write_bytes(xml80020.write(one))
    return folder


def importing(installation: dict[str, str], folder: Path) -> subprocess.Popen:
    return start(
        installation, "-m", "tests.support.faza", "import", "--create-points", "--json",
        str(folder), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def summary(process: subprocess.Popen) -> dict:
    out, errors = process.communicate(timeout=240)
    assert process.returncode == 0, errors
    return json.loads(out)


IMPORT = """
import sys
from faza.cli import main
from faza.cli.common import start
start()
from faza.collection import importing
importing.FLUSH = 1200
stored = importing.Importer.flush
def flush(self):
    stored(self)
    print("stored", flush=True)
importing.Importer.flush = flush
sys.exit(main(["import", "--create-points", sys.argv[1]]))
"""


def test_an_import_that_is_killed_leaves_whole_days_and_is_completed_by_the_next(
    installation, tmp_path
):
    """Ten messages are stored at a time; the process dies while the next ones are."""
    days, a_day = 60, len(CODES) * 2 * 48
    folder = write(tmp_path / "all", days)
    acknowledged = 0
    for wanted, delay in ((1, 0.0), (2, 0.13), (3, 0.29)):
        process = start(
            installation, "-c", IMPORT, str(folder), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(wanted):
            assert process.stdout.readline() == "stored\n", process.stderr.read()
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        acknowledged = max(acknowledged, 10 * wanted)
        found = look(installation)
        # A message is stored wholly or not at all, whatever the moment.
        assert set(found["days"].values()) == {a_day}
        # What is marked as stored is stored, and nothing that was told as stored is lost.
        assert set(found["complete"]) <= set(found["days"])
        assert len(set(found["complete"])) >= acknowledged
        assert found["runs"][-1] == "running"

    done = summary(importing(installation, folder))
    assert done["values"] == days * a_day
    assert done["unchanged"] >= acknowledged * a_day
    found = look(installation)
    assert found["total"] == found["values"] * 1000
    assert (found["values"], len(found["days"])) == (days * a_day, days)
    assert found["runs"][-1] == "complete"


def test_two_imports_of_halves_of_the_same_days_at_once_lose_nothing(installation, tmp_path):
    """Halves of the points, and at the same time all of them under greater numbers."""
    days = 15
    half = len(CODES) // 2
    folders = [
        write(tmp_path / "a", days, CODES[:half]),
        write(tmp_path / "b", days, CODES[half:], number=1000),
        write(tmp_path / "c", days, CODES, number=2000, value=2000),
    ]
    processes = [importing(installation, folder) for folder in folders]
    told = [summary(process) for process in processes]
    assert [t["values"] for t in told] == [days * half * 96, days * half * 96, days * half * 192]
    assert sum(t["created_points"] for t in told) == len(CODES)
    found = look(installation)
    assert found["points"] == len(CODES)
    # The greatest number stands, whoever came last.
    assert found["values"] == days * half * 192
    assert found["total"] == found["values"] * 2000


def test_two_messages_that_meet_in_a_local_day_at_once_lose_nothing(installation, tmp_path):
    """Kamchatka's day is of two of Moscow's: two processes write its halves at the same time."""
    days = 8
    folder = write(tmp_path / "all", days)
    odd, even = tmp_path / "odd", tmp_path / "even"
    odd.mkdir()
    even.mkdir()
    for n, file in enumerate(sorted(folder.iterdir())):
        file.rename((odd if n % 2 else even) / file.name)
    run(installation, "-c", MAKE.format(codes=CODES))
    processes = [importing(installation, folder) for folder in (odd, even)]
    for process in processes:
        assert summary(process)["changed"] == days // 2 * len(CODES) * 96
    found = look(installation)
    assert found["values"] == days * len(CODES) * 96
    assert found["total"] == found["values"] * 1000


MAKE = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "faza.settings"
import django
django.setup()
from tests.collection.factories import make_point
for code in {codes!r}:
    make_point(code, zone="Asia/Kamchatka")
"""
