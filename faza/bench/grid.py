"""Import of a grid of 10,000 points from a workbook: the trial and the application."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator

import xlsxwriter

from faza.bench.measure import Measure, at_most, name
from faza.collection.grid.columns import COLUMNS

POINTS = 10_000
WRONG = 300
"""Rows with an error of some kind, as files from the field have them."""
STREETS = ("Лесная", "Полевая", "Садовая", "Речная", "Школьная", "Заречная")
# In a process of its own: its peak is not that of who wrote the workbook.
IMPORT = """
import json, re, sys, time
import django
django.setup()
from django.utils import timezone
from faza.accounts.models import User
from faza.accounts.services import create_user
from faza.collection.grid import services, working
from faza.metering.models import MeterModel
now = timezone.now()
by = create_user(email="bench@example.org", full_name="Bench", role=User.Role.ADMINISTRATOR, at=now)
for phases, name in ((1, "СЭЗ-1"), (3, "СЭЗ-3")):
    MeterModel.objects.create(manufacturer="Заречный приборный завод", name=name, phases=phases)
began = time.perf_counter()
one = services.begin("grid.xlsx", open(sys.argv[1], "rb").read(), by=by, at=now)
taken = time.perf_counter() - began
keys = {int(n): key for n, key in one.columns.items()}
services.choose(one, keys=keys, base=None, since=one.since, by=by, at=now)
began = time.perf_counter()
counts = working.run_trial(one.pk, at=now)
trial = time.perf_counter() - began
memory = int(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1]) / 1024
services.begin_applying(one, skip_errors=True, by=by, at=now)
began = time.perf_counter()
working.run_applying(one.pk, at=now)
applied = time.perf_counter() - began
peak = int(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1]) / 1024
services.begin_undoing(one, by=by, at=now)
began = time.perf_counter()
working.run_undoing(one.pk, at=now)
undone = time.perf_counter() - began
print(json.dumps({"taken": taken, "trial": trial, "memory": memory, "applied": applied,
                  "peak": peak, "undone": undone, "counts": counts}))
"""


def rows(count: int = POINTS, wrong: int = WRONG) -> Iterator[dict[str, str]]:
    """The rows of an invented grid: 8 points a switchboard, 10 switchboards a substation."""
    for n in range(count):
        substation, board, place = n // 80 + 1, n // 8 % 10 + 1, n % 8 + 1
        is_firm = place == 1
        street = STREETS[substation % len(STREETS)]
        row = {
            "node": f"Сети\\ТП-{substation}\\РУ-{board}",
            "point_code": f"{500_000_000_000_000 + n}",
            "point_name": f"КЛ-{place}",
            "address": f"ул. {street}, {board * 8 + place}",
            "zone": "Europe/Moscow",
            "phases": "3" if is_firm else "1",
            "max_power": "40" if is_firm else "15",
            "voltage_level": "НН",
            "manufacturer": "Заречный приборный завод",
            "meter_model": "СЭЗ-3" if is_firm else "СЭЗ-1",
            "meter_number": f"{40_000_000 + n}",
            "made_in": "2024",
            "verified_on": "12.03.2024",
            "verification_due": "12.03.2034",
            "installed_from": "01.04.2024",
            "agreement": f"{'Ю' if is_firm else 'Б'}-{n:06d}",
            "customer_kind": "организация" if is_firm else "физическое лицо",
            "customer": f"ООО «Пример {n}»" if is_firm else f"Иванов Иван Иванович {n}",
            "agreement_from": "01.04.2024",
        }
        if is_firm:
            row |= {"ct_type": "ТТЗ-0,66", "ct_ratio": "200/5"}
            row |= {f"ct_{phase}": f"{n}{phase}" for phase in "abc"}
        if wrong and n % (count // wrong or 1) == 0:
            row |= ({"ct_ratio": "200-5"}, {"verification_due": "31.02.2034"}, {"phases": "2"})[
                n // (count // wrong or 1) % 3
            ]
        yield row


def workbook(count: int = POINTS, wrong: int = WRONG) -> bytes:
    """The same as a workbook."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True})
    sheet = book.add_worksheet("Сетка")
    for n, column in enumerate(COLUMNS):
        sheet.write_string(0, n, column.ru)
    for line, row in enumerate(rows(count, wrong), start=1):
        for n, column in enumerate(COLUMNS):
            if text := row.get(column.key):
                sheet.write_string(line, n, text)
    book.close()
    return out.getvalue()


def measure() -> list[Measure]:
    place = os.path.join(os.environ["FAZA_HOME"], "grid.xlsx")
    with open(place, "wb") as file:
        file.write(workbook())
    done = subprocess.run(
        [sys.executable, "-c", IMPORT, place],
        env=os.environ, stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["counts"]["error"] >= WRONG, found["counts"]
    what = f"a grid of {POINTS:,} points from XLSX"
    return [
        at_most(name(f"{what}: trial"), found["trial"], "s", 20),
        at_most(name(f"{what}: trial, memory"), found["memory"], "MB", 400),
        Measure(name(f"{what}: upload and columns"), found["taken"], "s"),
        Measure(name(f"{what}: application"), found["applied"], "s"),
        Measure(name(f"{what}: application, memory"), found["peak"], "MB"),
        Measure(name(f"{what}: taking it back"), found["undone"], "s"),
    ]
