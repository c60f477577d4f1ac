"""One run, in a process of its own: JSON in, JSON out.

python -m tests.chaos.run FOLDER '{"engine": "postgresql", "rounds": 20, …}'
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.chaos.load import Load
from tests.chaos.victims import Database, Kept
from tests.support.postgres import free_port

SINCE = datetime(2026, 4, 20, tzinfo=UTC)
METERS, POINTS = 6, 8
PATIENCE = 60.0
"""Seconds in which everything has to come back by itself."""
STEP = timedelta(minutes=30)
"""What the time of the meters goes on by with each round."""


@dataclass(frozen=True, slots=True)
class Scale:
    engine: str = "postgresql"
    rounds: int = 20
    seed: int = 7


class Stuck(Exception):
    """Something did not come back in time; the message says what."""


@dataclass(slots=True)
class Stage:
    """All that runs."""

    folder: Path
    dice: random.Random
    database: Database | None
    web: Kept
    worker: Kept
    collector: Kept
    load: Load
    at: datetime
    tell_time: Callable[[datetime], None]
    back: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """Seconds until what was killed did its work again."""


def chaos(scale: Scale, folder: Path) -> dict[str, Any]:
    """Run and compare; the report. Raises Stuck."""
    begun = time.monotonic()
    with _stage(scale, folder) as stage:
        stage.load.begin()
        _acknowledged(stage, "the first messages")
        for number in range(scale.rounds):
            for deed in (_kill_web, _kill_worker, _kill_collector, _kill_database):
                time.sleep(stage.dice.uniform(0.3, 1.5))
                deed(stage, number)
        _acknowledged(stage, "the last messages")
        stage.load.end()
        problems = _verdict(stage)
        figures = Counter(stage.load.counts)
        figures["messages acknowledged"] = sum(stage.load.acknowledged.values())
        figures["reports promised"] = len(stage.load.reports)
        for one in (stage.web, stage.worker, stage.collector):
            figures[f"{one.name}: starts"] = one.starts
            if (code := one.end()) != 0:
                problems.append(f"{one.name} ended with {code}")
        return {
            "scale": asdict(scale), "seconds": round(time.monotonic() - begun, 1),
            "problems": problems, "figures": dict(sorted(figures.items())),
            "back": {name: [round(one, 1) for one in took] for name, took in stage.back.items()},
        }  # fmt: skip


@contextmanager
def _stage(scale: Scale, folder: Path) -> Iterator[Stage]:
    with ExitStack() as stack:
        home = folder / "home"
        home.mkdir()
        database, url = None, "sqlite:///"
        if scale.engine == "postgresql":
            database = Database(folder / "database")
            stack.callback(database.end)
            database.make()
            url = database.url
        os.environ |= {"FAZA_HOME": str(home), "DATABASE_URL": url, "FAZA_LOG": "WARNING"}
        subprocess.run([sys.executable, "-m", "tests.support.faza", "migrate"], check=True,
                       stdout=subprocess.DEVNULL)  # fmt: skip
        from faza.cli.common import start

        start()
        from tests.chaos import world
        from tests.soak.world import world as fleet

        here = stack.enter_context(fleet(folder))
        at = SINCE + timedelta(hours=3)
        here.tell_time(at)
        points, tokens = world.make(here, SINCE, METERS, POINTS)
        port = free_port()
        clock = ["--clock-file", str(here.clock), "--lines", "4"]
        commands = {
            "web": ["-m", "tests.support.faza", "serve", "--port", str(port)],
            "worker": ["-m", "tests.support.faza", "worker"],
            "collector": ["-m", "tests.soak.collector", "4", *clock],
        }
        kept = {name: Kept(name, command, folder / f"{name}.log")
                for name, command in commands.items()}  # fmt: skip
        for one in kept.values():
            stack.callback(one.clear)
            one.keep()
        load = Load(f"http://127.0.0.1:{port}", points, tokens)
        stack.callback(load.stop.set)
        dice = random.Random(scale.seed)
        yield Stage(
            folder, dice, database, kept["web"], kept["worker"], kept["collector"], load, at,
            here.tell_time,
        )  # fmt: skip
        here.end()


def _kill_web(stage: Stage, number: int) -> None:
    stage.web.kill(child=number % 2 == 1)
    time.sleep(0.3)  # an answer may have been on its way
    stage.back["web"].append(_acknowledged(stage, "messages after the web's end"))


def _kill_worker(stage: Stage, number: int) -> None:
    stage.worker.kill()
    before = _made()
    took = _until(stage, "reports after the worker's end", lambda: _made() > before)
    stage.back["worker"].append(took)


def _kill_collector(stage: Stage, number: int) -> None:
    stage.at += STEP
    stage.tell_time(stage.at)
    time.sleep(stage.dice.uniform(0.1, 0.6))  # it connects, reads or stores
    stage.collector.kill()
    at = stage.at
    took = _until(stage, "readings after the collector's end", lambda: not _due(at))
    stage.back["collector"].append(took)


def _kill_database(stage: Stage, number: int) -> None:
    if stage.database is None:
        return
    stage.at += STEP
    stage.tell_time(stage.at)
    stage.database.kill()
    time.sleep(stage.dice.uniform(0.2, 3.0))
    stage.database.begin()
    took = _acknowledged(stage, "messages after the database's end")
    before, at = _made(), stage.at
    _until(stage, "reports after the database's end", lambda: _made() > before)
    _until(stage, "readings after the database's end", lambda: not _due(at))
    stage.back["database"].append(took)


def _acknowledged(stage: Stage, what: str) -> float:
    begun = time.monotonic()
    return _until(stage, what, lambda: stage.load.lately > begun)


def _until(stage: Stage, what: str, is_so: Callable[[], bool]) -> float:
    """Seconds until it was so. Raises Stuck with the last words of all."""
    begun = time.monotonic()
    while not is_so():
        if time.monotonic() - begun > PATIENCE:
            logs = sorted(stage.folder.glob("*.log"))
            words = [f"-- {log.name}\n{log.read_text(errors='replace')[-2500:]}" for log in logs]
            raise Stuck(f"no {what} in {PATIENCE:.0f} s; {dict(stage.load.counts)}"
                        f" {stage.load.problems}\n" + "\n".join(words))  # fmt: skip
        time.sleep(0.1)
    return time.monotonic() - begun


def _asked(ask: Callable[[], Any]) -> Any:
    """What the database says, when it is there again."""
    from django.db import OperationalError, close_old_connections

    until = time.monotonic() + PATIENCE
    while True:
        try:
            return ask()
        except OperationalError:
            if time.monotonic() > until:
                raise
            close_old_connections()
            time.sleep(0.2)


def _made() -> int:
    from faza.reports.models import Run

    count: int = _asked(Run.objects.filter(state=Run.State.MADE).count)
    return count


def _due(at: datetime) -> bool:
    from django.db.models import Q

    from faza.collection.models import Line

    due = Line.objects.filter(Q(due_at__lte=at) | ~Q(leased_by=""))
    found: bool = _asked(due.exists)
    return found


def _verdict(stage: Stage) -> list[str]:
    from tests.chaos import verdict

    verdict.settle(stage.load, lambda what, is_so: _until(stage, what, is_so))
    return stage.load.problems + verdict.compare(stage.load, SINCE, stage.at)


def main(arguments: Sequence[str]) -> None:
    print(json.dumps(chaos(Scale(**json.loads(arguments[1])), Path(arguments[0]))))


if __name__ == "__main__":
    main(sys.argv[1:])
