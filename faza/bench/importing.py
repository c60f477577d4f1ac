"""Import of a year of 60 points from 80020 messages, by the command that people use."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import numpy as np

from faza.bench.households import START, Homes
from faza.bench.measure import Measure, at_most

POINTS, DAYS = 60, 365
# The peak of the process itself: that of getrusage is inherited from whoever started it.
IMPORT = """
import re, sys
from faza.cli import main
code = main(sys.argv[1:])
found = re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())
print(found[1], file=sys.stderr)
sys.exit(code)
"""
CLOCK = [f"{m // 60:02}{m % 60:02}" for m in range(0, 1440, 30)] + ["0000"]


def write_day(folder: Path, homes: Homes, day: int) -> None:
    """One message of all points as a sender writes it."""
    batch = homes.days(day)
    when = START + timedelta(days=day)
    text = [
        f'<message class="80020" version="2" number="{day + 1}"><datetime>'
        f"<timestamp>{when:%Y%m%d}235900</timestamp><daylightsavingtime>0</daylightsavingtime>"
        f"<day>{when:%Y%m%d}</day></datetime><sender><inn>7700000001</inn><name>Сети</name>"
        "</sender><area><inn>7700000001</inn><name>Область</name>\n"
    ]
    for point in range(POINTS):
        text.append(f'<measuringpoint code="{10**14 + point}" name="Дом {point}">\n')
        for channel in range(4):
            values = batch.values[point * 4 + channel] / 1000
            periods = "\n".join(
                f'<period start="{CLOCK[i]}" end="{CLOCK[i + 1]}"><value status="0">{v:g}</value>'
                "</period>"
                for i, v in enumerate(values.tolist())
            )
            text.append(f'<measuringchannel code="{channel + 1:02}">{periods}</measuringchannel>')
        text.append("</measuringpoint>\n")
    text.append("</area></message>")
    name = f"80020_7700000001_{when:%Y%m%d}_{day + 1}.xml"
    (folder / name).write_text("".join(text), encoding="cp1251")


def measure() -> list[Measure]:
    homes = Homes(np.arange(POINTS))
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for day in range(DAYS):
            write_day(folder, homes, day)
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", IMPORT, "import", made, "--create-points", "--json"],
            env=os.environ, capture_output=True, text=True, check=True,
        )  # fmt: skip
        seconds = time.perf_counter() - began
    peak = int(done.stderr.splitlines()[-1]) / 1024
    values = json.loads(done.stdout)["changed"]
    assert values == POINTS * 4 * 48 * DAYS, done.stdout[:500]
    return [
        at_most(f"import of a year of {POINTS} points from XML: memory", peak, "MB", 200),
        Measure("the same: rate with start-up, one process", values / seconds, "values/s"),
    ]
