"""What `faza demo` reads live: simulated meters, the collector that reads them, the factory.

A process of its own (`python -m faza.demo.live INBOX`), which ends when the demo does, however
that ends.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from faza.core.bell import Stop
from faza.core.clock import Now, clock
from faza.demo import ending
from faza.demo.plan import MOSCOW, POINTS

if TYPE_CHECKING:
    from faza.demo.deliveries import Feed
    from faza.demo.lines import Way

MOST_LINES = 100
POLITE = 5
"""The pages go before the meters."""


@contextlib.contextmanager
def running(inbox: Path) -> Iterator[None]:
    """Run the meters and what reads them as long as the block lasts."""
    with ending.child("faza.demo.live", str(inbox)):
        yield


def main() -> int:
    """Serve and collect until the end of standard input or SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("inbox", type=Path)
    options = parser.parse_args()
    options.inbox.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ.setdefault("FAZA_INBOX", str(options.inbox))
    os.nice(POLITE)
    stop = ending.stopped_with_parent()
    from faza.cli.common import start_with_tables

    start_with_tables()
    return run(options.inbox, clock(), stop)


def run(inbox: Path, now: Now, stop: Stop) -> int:
    """The same in this process, with any clock; the exit code, 1 where there is no demo grid."""
    from faza.demo import factory, lines
    from faza.simulator.serving import Serving
    from faza.simulator.serving import running as serving

    began = datetime.now(UTC)
    found = _made(now())
    if found is None:
        return 1
    ways, feed = found
    places = lines.places(ways)
    with serving(Serving(places, now, host=lines.HOST)) as ports:
        lines.keep(ways, ports, at=now())
        meters = sum(len(way.members) for way in ways)
        seconds = (datetime.now(UTC) - began).total_seconds()
        print(
            f"  Опрос: {meters} приборов на {len(ways)} линиях"
            f" | Reading {meters} meters on {len(ways)} lines ({seconds:.0f} s)",
            flush=True,
        )
        sending = factory.sending(feed, inbox, now, stop)
        threading.Thread(target=sending, name="factory", daemon=True).start()
        asyncio.run(_collect(now, stop))
    return 0


def _made(at: datetime) -> tuple[list[Way], Feed] | None:
    """The lines with their meters and what the factory measures; what else flows is forgotten."""
    from faza.demo import factory, fleet, lines, making, registers
    from faza.metering.models import UsagePoint

    scenario = making.made_so_far()
    if scenario is None:
        print("there is no demo grid", file=sys.stderr)
        return None
    today = at.astimezone(ZoneInfo(MOSCOW)).date()
    truth = making.truth_of(scenario, at, days=fleet.AHEAD + 1)
    zones = registers.zones_of_half_hours(scenario.since)
    codes = [point.code for point in POINTS]
    ids = dict(UsagePoint.objects.filter(code__in=codes).values_list("code", "id"))
    return (
        lines.ways(fleet.of(truth, scenario, zones, today)),
        factory.feed_of(truth, scenario, ids),
    )


async def _collect(now: Now, stop: Stop) -> None:
    from faza.collection.collector.run import Collector
    from faza.collection.intake.running import running as intake

    collector = Collector(now, most_lines=MOST_LINES)
    loop = asyncio.get_running_loop()

    def wait() -> None:
        stop.wait()
        loop.call_soon_threadsafe(collector.stop)

    threading.Thread(target=wait, name="end", daemon=True).start()
    with intake(stop, now):
        await collector.run()


if __name__ == "__main__":
    sys.exit(main())
