"""Reports: a month of half-hours in each format, and 10,000 points streamed to a workbook.

The month's table is that of eight columns of real homes; WeasyPrint prints the same page in the
same run, where it is installed.
"""

from __future__ import annotations

import importlib
import io
import logging
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from functools import partial

import numpy as np
from django.db import connection
from django.utils import translation

from faza.accounts.models import User
from faza.accounts.services import create_user
from faza.bench.households import ZONE, Homes
from faza.bench.measure import Measure, at_least, at_most, name, spread, timed
from faza.bench.pages import page, subscriber_of
from faza.core.quality import Quality
from faza.metering.models import Meter, MeteringComplex, MeterModel, NetworkNode, UsagePoint
from faza.readings import register_services, registers, services
from faza.readings.models import RegisterReading
from faza.reports import renderers
from faza.reports import services as reports
from faza.reports.table import Block, Cells, Chart, Column, Kind, Role, Series, State, Table

DAYS, SLOTS, COLUMNS = 31, 48, 7
AT = datetime(2026, 6, 1, 6, tzinfo=UTC)
TARGETS = {"html": 0.3, "pdf": 1.5, "xlsx": 0.5, "xls": 0.4, "csv": None, "json": None}
"""Seconds, of issue 7; None: none is set."""
POINTS, SINCE = 10_000, datetime(2025, 1, 1, tzinfo=UTC)
ENDS = (date(2026, 4, 1), date(2026, 5, 1))
PAGE_POINTS, BEGINNING = 60, 3.0

# The peak of the process itself: that of getrusage is inherited from whoever started it.
STREAM = """
import os, re, sys, tempfile, time
import django
django.setup()
from datetime import UTC, date, datetime
from django.utils import translation
from faza.core.periods import ALWAYS, FOREVER, Period
from faza.core.windows import Window, Windows
from faza.metering.models import UsagePoint
from faza.reports import registry, renderers
translation.activate("ru")
began = time.perf_counter()
points = UsagePoint.objects.filter(code__startswith="report-").values_list("id", "zone")
windows = Windows.merged(Window(i, zone, Period(ALWAYS, FOREVER)) for i, zone in points)
kind = registry.kind("readings")
asked = kind.read({"period": "month", "on": "2026-04-01", "tariffs": "1"}, date(2026, 6, 1))
assert not asked.problems, asked.problems
table = kind.make(windows, asked.parameters, datetime(2026, 6, 1, 6, tzinfo=UTC))
with tempfile.TemporaryFile() as file:
    renderers.write(table, sys.argv[1], file)
    size = file.tell()
seconds = time.perf_counter() - began
found = re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())
print(seconds, int(found[1]) / 1024, size)
"""


WAITING = 10


def measure() -> list[Measure]:
    with translation.override("ru"):
        month = [] if connection.vendor == "postgresql" else formats()
    return month + streamed() + beside()


def formats() -> list[Measure]:
    """Seconds of each format, the better of three; the database has no part in it."""
    columns, values, states = _values()
    found = []
    for code, target in TARGETS.items():
        _written(columns, values[:96], states[:96], code)
        month = partial(_written, columns, values, states, code)
        seconds = min(timed(month) for _ in range(3))
        label = f"report, {len(values):,} rows x {COLUMNS + 1}: {code}"
        if target is None:
            found.append(Measure(label, seconds, "s"))
        else:
            found.append(at_most(label, seconds, "s", target))
        if code == "pdf":
            found += _against_peer(_table(columns, values, states), seconds)
    return found


def _written(
    columns: tuple[Column, ...], kwh: np.ndarray, states: np.ndarray, code: str
) -> None:  # fmt: skip
    renderers.write(_table(columns, kwh, states), code, io.BytesIO())


def _against_peer(table: Table, seconds: float) -> list[Measure]:
    try:
        weasyprint = importlib.import_module("weasyprint")
    except (ImportError, OSError):
        return []
    logging.getLogger("weasyprint.progress").setLevel(logging.ERROR)
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    file = io.BytesIO()
    renderers.write(table, "html", file)
    began = time.perf_counter()
    weasyprint.HTML(string=file.getvalue().decode()).write_pdf()
    theirs = time.perf_counter() - began
    label, peer = "the same: times faster than WeasyPrint", f"WeasyPrint 70: {theirs:.1f} s"
    return [at_least(label, theirs / seconds, "x", 5, ratio=theirs / seconds, peer=peer)]


def _values() -> tuple[tuple[Column, ...], np.ndarray, np.ndarray]:
    """Columns; kWh (t, 7) of homes; states (t, 7) with some estimated and some missing."""
    batch = Homes(np.arange(COLUMNS)).days(0, DAYS)
    kwh = batch.values.reshape(COLUMNS, 4, DAYS, SLOTS)[:, 0].reshape(COLUMNS, -1).T / 1000
    random = np.random.default_rng(7)
    states = np.where(random.random(kwh.shape) < 0.03, State.ESTIMATED, State.MEASURED)
    states[200:210, 2] = State.MISSING
    kwh[200:210, 2] = np.nan
    columns = (
        Column("start", "Начало", Kind.MOMENT),
        *(Column(f"p{i}", f"Дом {i + 1}", Kind.NUMBER, "кВт·ч", 3) for i in range(COLUMNS)),
    )
    return columns, kwh, states.astype(np.uint8)


def _table(columns: tuple[Column, ...], kwh: np.ndarray, states: np.ndarray) -> Table:
    start = np.datetime64("2026-03-01T00:00", "m") + np.arange(len(kwh)) * np.timedelta64(30, "m")
    rows = Block((Cells(start), *(Cells(kwh[:, i], states[:, i]) for i in range(COLUMNS))))
    sums = np.round(np.nansum(kwh, axis=0), 3)
    nothing = np.array(["NaT"], "datetime64[m]")
    total = Block((Cells(nothing), *(Cells(sums[i : i + 1]) for i in range(COLUMNS))), Role.TOTAL)
    labels = tuple(text[8:10] + "." + text[5:7] for text in np.datetime_as_string(start).tolist())
    return Table(
        "Профиль нагрузки", "март 2026, московское время", columns, [rows, total], AT,
        customer="Садовое товарищество", organisation="Заречные сети", n_rows=len(kwh) + 1,
        chart=Chart("Нагрузка", "кВт·ч", labels, (Series("Дом 1", kwh[:, 0], states[:, 0]),), True),
    )  # fmt: skip


def streamed() -> list[Measure]:
    """Readings and consumption of 10,000 points by tariffs, in a process of its own."""
    fleet()
    found = []
    for code, limit in (("xlsx", 30.0), ("csv", None)):
        done = subprocess.run(_stream(code), stdout=subprocess.PIPE, text=True, check=True)
        seconds, peak, _size = map(float, done.stdout.split())
        label = name(f"readings and consumption of {POINTS:,} points: {code}")
        found.append(at_most(label, seconds, "s", limit) if limit else Measure(label, seconds, "s"))
        found.append(at_most(name("the same: memory"), peak, "MB", 400))
    return found


def _stream(code: str) -> list[str]:
    return [sys.executable, "-c", STREAM, code]


def beside() -> list[Measure]:
    """What pages take while a worker makes ten reports of 10,000 points that people wait for."""
    email = subscriber_of(PAGE_POINTS)
    _p50, alone = spread(page(email)[0])
    asked_for()
    # A new process takes some seconds to come to the rows; requests before that are left out.
    work = [sys.executable, "-m", "faza", "worker", "--once"]
    with subprocess.Popen(work, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as worker:
        time.sleep(BEGINNING)
        _p50, busy = spread(page(email)[0])
        still = worker.poll() is None
        worker.kill()
    assert still, "the reports were done before the requests"
    label = f"explorer with {PAGE_POINTS} points beside {WAITING} reports: p95"
    return [
        Measure(name(label), busy, "ms", peer=f"alone: {alone:.0f} ms"),
        at_most(name("the same, times that alone"), busy / alone, "x", 2),
    ]


def asked_for() -> None:
    """Ten reports wait for a worker; nobody may wait for so many alone."""
    at, people = datetime.now(UTC), -(-WAITING // reports.MOST_WAITING)
    staff = [
        create_user(
            email=f"report-{n}@example.org",
            full_name="Отчётова",
            at=at,
            role=User.Role.ADMINISTRATOR,
        )  # fmt: skip
        for n in range(people)
    ]
    for n in range(WAITING):
        reports.begin(
            staff[n % people], title="Показания", format="xlsx", at=at,
            query="kind=readings&period=month&on=2026-04-01&tariffs=1&points=all",
        )  # fmt: skip


def fleet() -> None:
    """10,000 points with readings of two tariffs and their sum at both ends of a month."""
    node, _ = NetworkNode.objects.get_or_create(
        code="bench", defaults={"kind": "organisation", "name": "Сети", "path": "1/"}
    )
    model, _ = MeterModel.objects.get_or_create(name="Bench", manufacturer="Bench")
    points = UsagePoint.objects.bulk_create(
        UsagePoint(code=f"report-{n:05}", name=f"Дом {n}", address=f"ул. Новая, {n}", node=node,
                   zone=ZONE)
        for n in range(POINTS)
    )  # fmt: skip
    meters = Meter.objects.bulk_create(
        Meter(number=f"7{n:07}", model=model) for n in range(POINTS)
    )  # fmt: skip
    MeteringComplex.objects.bulk_create(
        MeteringComplex(usage_point=point, meter=meter, role="billing", valid_from=SINCE)
        for point, meter in zip(points, meters, strict=True)
    )
    random = np.random.default_rng(3)
    day = random.integers(1_000_000, 90_000_000, POINTS)
    night = day // 3
    for number, end in enumerate(ENDS):
        shown = [{registers.register(1): d + n, registers.register(1, 1): d,
                  registers.register(1, 2): n}
                 for d, n in zip(day.tolist(), night.tolist(), strict=True)]  # fmt: skip
        values, present = registers.rows_of(shown)
        moment = registers.seconds(datetime(end.year, end.month, end.day, tzinfo=UTC))
        batch = registers.RegisterBatch(
            np.array([point.pk for point in points], np.int64),
            np.array([meter.pk for meter in meters], np.int64),
            np.full(POINTS, moment, np.int64),
            np.full(POINTS, RegisterReading.Kind.MONTH, np.int16),
            values, present, np.full(POINTS, Quality.VALID, np.uint8),
        )  # fmt: skip
        register_services.record_registers(
            batch, source=services.get_source("meter", sender="bench"), sequence=number + 1,
            at=AT - timedelta(days=1),
        )  # fmt: skip
        day, night = day + random.integers(10_000, 400_000, POINTS), night + 50_000
    with connection.cursor() as cursor:
        # As the server does by itself a minute after so much was written.
        cursor.execute("ANALYZE")
