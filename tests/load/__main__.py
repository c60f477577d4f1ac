"""`make load`: pages, reports and API under an evening's peak while readings are recorded.

On a private PostgreSQL, over a grid of each size that is asked for; all by the loopback interface.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from tests.support import postgres

FAZA = [sys.executable, "-m", "tests.support.faza"]
INSIDE = [sys.executable, "-m", "tests.load.inside"]
MOST_USERS, MOST_SECONDS = 200, 1800
WARM = 15
"""Seconds in which all find their places, not counted."""


@dataclass(frozen=True, slots=True)
class Scale:
    points: int
    days: int
    users: int
    seconds: int
    workers: int
    validated: bool


@dataclass(frozen=True, slots=True)
class Row:
    """What locust counted of one kind of request: milliseconds, requests a second."""

    name: str
    requests: int
    failures: int
    p50: float
    p95: float
    p99: float
    rate: float


def load(scale: Scale, folder: Path) -> dict[str, Any]:
    """Make the grid, run the peak; its rows and figures."""
    with postgres.server(durable=True) as url:
        (folder / "home").mkdir()
        environment = os.environ | {
            "FAZA_HOME": str(folder / "home"), "DATABASE_URL": url, "FAZA_LOG": "ERROR",
            "FAZA_LOAD_WHO": str(folder / "who.json"), "DJANGO_SETTINGS_MODULE": "faza.settings",
        }  # fmt: skip
        return make(scale, environment) | peak(scale, environment, folder)


def make(scale: Scale, environment: dict[str, str]) -> dict[str, Any]:
    """Fill the empty database that the environment names; seconds, MB of the largest process."""
    begun = time.monotonic()
    size = ["--points", str(scale.points), "--days", str(scale.days)]
    subprocess.run([*FAZA, "demo", *size], env=environment, check=True)
    if scale.validated:
        subprocess.run([*FAZA, "worker", "--once"], env=environment, check=True)
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    return {
        "points": scale.points, "made_s": round(time.monotonic() - begun), "made_mb": most,
    }  # fmt: skip


def peak(scale: Scale, environment: dict[str, str], folder: Path) -> dict[str, Any]:
    """Serve what is there, record beside, and count what locust's people see."""
    with ExitStack() as stack:
        port = postgres.free_port()
        environment = environment | {"FAZA_URL": f"http://127.0.0.1:{port}"}
        subprocess.run([*INSIDE, "who", environment["FAZA_LOAD_WHO"]], env=environment, check=True)
        served = subprocess.Popen(
            [*FAZA, "serve", "--port", str(port), "--workers", str(scale.workers)],
            env=environment, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        stack.callback(_end, served)
        _wait(f"{environment['FAZA_URL']}/health/live")
        writer = subprocess.Popen(
            [*INSIDE, "write", str(scale.seconds + WARM)], env=environment, stdout=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        stack.callback(_end, writer)
        rows = _peak(scale, environment, folder)
        memory = _memory(served.pid)
        told, _ = writer.communicate(timeout=60)
        return {"memory_mb": memory, "rows": rows, **json.loads(told)}


def _peak(scale: Scale, environment: dict[str, str], folder: Path) -> list[Row]:
    out = folder / "locust"
    call = [
        sys.executable, "-m", "locust", "-f", str(Path(__file__).with_name("people.py")),
        "--headless", "--users", str(scale.users), "--spawn-rate", "4", "--host",
        environment["FAZA_URL"], "--run-time", f"{scale.seconds + WARM}s", "--csv", str(out),
        "--only-summary", "--exit-code-on-error", "0", "--reset-stats", "--loglevel", "ERROR",
    ]  # fmt: skip
    subprocess.run(call, env=environment, check=True, stdout=subprocess.DEVNULL)
    with out.with_name("locust_stats.csv").open() as file:
        return [
            Row(
                row["Name"], int(row["Request Count"]), int(row["Failure Count"]),
                float(row["50%"]), float(row["95%"]), float(row["99%"]),
                round(float(row["Requests/s"]), 2),
            )
            for row in csv.DictReader(file)
        ]  # fmt: skip


def _wait(address: str, patience: float = 60.0) -> None:
    until = time.monotonic() + patience
    while time.monotonic() < until:
        try:
            with urlopen(address, timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    raise SystemExit(f"{address} does not answer")


def _memory(pid: int) -> int:
    """MB of a process and what it started, shared pages counted with each."""
    found = [pid, *(int(p.parent.name) for p in Path("/proc").glob("[0-9]*/stat")
                    if p.read_text().rpartition(")")[2].split()[1] == str(pid))]  # fmt: skip
    pages = [int(Path(f"/proc/{one}/statm").read_text().split()[1]) for one in found]
    return sum(pages) * os.sysconf("SC_PAGE_SIZE") // 2**20


def _end(process: subprocess.Popen[Any]) -> None:
    if process.poll() is None:
        process.terminate()
        process.wait(30)


def table(reports: list[dict[str, Any]], scale: Scale) -> str:
    """The figures as Markdown."""
    lines = [
        f"{scale.users} people who look at a page every two seconds, {scale.workers} worker(s),"
        f" {scale.seconds} s, PostgreSQL; {scale.days} days of half-hours.", "",
        "| points | request | n | errors | p50, ms | p95, ms | p99, ms |",
        "|--:|---|--:|--:|--:|--:|--:|",
    ]  # fmt: skip
    for report in reports:
        lines += [
            f"| {report['points']:,} | {'all' if r.name == 'Aggregated' else r.name} |"
            f" {r.requests:,} | {r.failures} | {r.p50:.0f} | {r.p95:.0f} | {r.p99:.0f} |"
            for r in report["rows"]
        ]
    lines += [""] + [
        f"{r['points']:,} points: {r['rows'][-1].rate} requests/s beside {r['values_s']:,} recorded"
        f" values/s, {r['memory_mb']} MB of the server's processes; the grid was made in"
        f" {r['made_s']} s by processes of {r['made_mb']} MB at most."
        for r in reports
    ]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("--points", type=int, nargs="+", default=[1_000, 100_000])
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--users", type=int, default=10)
    parser.add_argument("--seconds", type=int, default=120)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument(
        "--validated", action="store_true",
        help="a worker validates all before: some 100 s for 1 M days of a channel",
    )  # fmt: skip
    options = parser.parse_args()
    if not (0 < options.users <= MOST_USERS and 0 < options.seconds <= MOST_SECONDS):
        parser.error(f"at most {MOST_USERS} users and {MOST_SECONDS} seconds")
    reports = []
    for points in options.points:
        scale = Scale(points, options.days, options.users, options.seconds, options.workers,
                      options.validated)  # fmt: skip
        with tempfile.TemporaryDirectory(prefix="faza-load-") as folder:
            reports.append(load(scale, Path(folder)))
    print(table(reports, scale))
    return 1 if any(row.failures for report in reports for row in report["rows"]) else 0


if __name__ == "__main__":
    sys.exit(main())
