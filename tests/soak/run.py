"""One soak, in a process whose environment is an installation of its own: JSON in, JSON out.

python -m tests.soak.run FOLDER '{"meters": 20, "days": 5, …}'
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from faza.cli.common import start
from tests.soak.world import Stuck, World, world

SINCE = datetime(2026, 4, 20, tzinfo=UTC)
AHEAD = timedelta(days=400)
"""So far on `faza simulate` rolls faults."""
SETTLING = 300.0
"""Seconds that a step may take."""
MOST_REST = 0.4
"""Seconds that a collector has had lines when it is killed: in sessions, or storing."""
MOST_DRAIN = 4 * 24
"""Hours after the end in which a meter that was out of reach may come back."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How big a soak is. faults: times the usual; steps: looks a day, on average; every: so many
    steps between kills. lines: on which a collector speaks at once.
    lease: seconds that the lines of a killed one stand still; on a busy machine not too short."""

    meters: int
    days: int
    faults: float = 1.0
    steps: int = 5
    every: int = 8
    seed: int = 7
    mercury: float = 0.0
    collectors: int = 2
    lines: int = 50
    lease: float = 10.0


def soak(scale: Scale, folder: Path) -> dict[str, Any]:
    """Run one and compare; the report. Raises Stuck where it does not go on."""
    from faza.bench.broker import broker
    from tests.soak import people, verdict
    from tests.soak.messages import Senders

    begun, dice = time.monotonic(), random.Random(scale.seed)
    end = SINCE + timedelta(days=scale.days)
    with world(folder) as here, broker() as post:
        at = SINCE + timedelta(hours=1)
        here.tell_time(at)
        told = here.simulate(
            "--meters", str(scale.meters), "--seed", str(scale.seed), "--since", SINCE.isoformat(),
            "--faults", str(scale.faults), "--mercury", str(scale.mercury),
        )  # fmt: skip
        people.make_known(told, SINCE)
        senders = Senders(post)
        senders.make_known(SINCE)
        os.environ["FAZA_MQTT"] = post.url
        swaps = people.swaps_of(_fleet(scale, at), end + timedelta(hours=MOST_DRAIN))
        for _ in range(scale.collectors):
            here.collect(scale.lines, scale.lease)
        steps = 0
        while at < end:
            kill = steps % scale.every == scale.every // 2
            senders.send()
            _step(here, at, scale, dice if kill else None)
            people.work(told, swaps, at)
            steps += 1
            print(f"{at:%m-%d %H:%M} {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
            at += timedelta(minutes=dice.randint(1, 2 * 1440 // scale.steps))
        at, drained = _drain(here, max(at, end), end, lambda now: people.work(told, swaps, now))
        _until(here, at, lambda: not senders.missing(), 30.0)
        seconds = time.monotonic() - begun
        here.end()
        report = verdict.compare(here.truth, SINCE, end, at)
        report["figures"]["messages"] = senders.sent
        if lost := senders.missing():
            report["problems"]["messages not stored"] = [f"{code} {day}" for code, day in lost[:20]]
        return report | {
            "seconds": round(seconds, 1), "steps": steps, "drained_hours": drained,
            "kills": here.kills, "kills_amid": here.amid,
            "scale": asdict(scale),
        }  # fmt: skip


def _fleet(scale: Scale, at: datetime) -> Any:
    from faza.simulator.fleet import Mix, make

    mix = Mix(mercury=scale.mercury, often=scale.faults)
    return make(scale.meters, seed=scale.seed, since=SINCE, until=at + AHEAD, mix=mix)


def _step(here: World, at: datetime, scale: Scale, dice: random.Random | None) -> None:
    """Let it be that time until nothing is due; with dice, kill a collector amid its sessions."""
    here.tell_time(at)
    if dice is not None:
        oldest = here.collectors[0]
        while _due(at):
            _until(here, at, lambda: _at_work(here) or not _due(at))
            time.sleep(dice.random() * MOST_REST)
            if working := _at_work(here):
                oldest = working[0]
                break
        here.kill(oldest)
        here.amid += _holds(oldest.pid)
        here.collect(scale.lines, scale.lease)
    _through(here, at)


def _through(here: World, at: datetime) -> None:
    """Wait until nothing is due at a moment, and nobody speaks or stores."""
    _until(here, at, lambda: not _due(at))


def _until(here: World, at: datetime, wanted: Any, seconds: float = SETTLING) -> None:
    end = time.monotonic() + seconds
    while not wanted():
        here.check()
        if time.monotonic() > end:
            late = f"not through with {at} after {seconds:.0f} s: {_due(at)}"
            raise Stuck(f"{late}\n{here.logs()}")
        time.sleep(0.1)


def _at_work(here: World) -> list[subprocess.Popen[bytes]]:
    """Collectors that have leases, those that began first before the others."""
    return [process for process in here.collectors if _holds(process.pid)]


def _holds(pid: int) -> bool:
    from faza.collection.models import Line

    return Line.objects.filter(leased_by__endswith=f":{pid}").exists()


def _due(at: datetime) -> list[Any]:
    from django.db.models import Q

    from faza.collection.models import Line

    busy = Line.objects.filter(Q(due_at__lte=at) | ~Q(leased_by=""))
    return list(busy.values_list("name", "due_at", "leased_by"))


def _drain(here: World, at: datetime, end: datetime, work: Any) -> tuple[datetime, int]:
    """Go on by the hour until nothing of before `end` is missing but what is known to be lost.

    Registers and events of a meter whose line was bad come at their next regular time.
    """
    from tests.soak import verdict

    hours = 0
    while hours < MOST_DRAIN:
        pause = 2 if hours < 4 else 4
        hours += pause
        at += timedelta(hours=pause)
        here.tell_time(at)
        _through(here, at)
        work(at)
        if hours >= 4 and not verdict.wanted(end) and not verdict.is_behind():
            break
    return at, hours


def main(arguments: Sequence[str]) -> None:
    start()
    print(json.dumps(soak(Scale(**json.loads(arguments[1])), Path(arguments[0]))))


if __name__ == "__main__":
    main(sys.argv[1:])
