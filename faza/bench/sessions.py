"""One collector with a thousand sessions at once, to meters that take half a second to answer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Collection
from pathlib import Path

from faza.bench import fleet, meters
from faza.bench.measure import Measure, at_least, at_most, name
from faza.bench.meters import AT, running
from faza.collection.models import Session
from faza.collection.polling.work import Kind
from faza.readings.models import IntervalBlock

METERS, DELAY = 1_000, 0.5
PLAN = {Kind.CLOCK: 1440, Kind.REGISTERS: 1440, Kind.PROFILE: 1440}
# In a process of its own: a collector and nothing else.
COLLECT = """
import json, re, sys, time
from faza.cli import main
began = time.perf_counter()
code = main(["collect", "--once", "--clock-file", sys.argv[1]])
seconds = time.perf_counter() - began
memory = int(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1]) / 1024
print(json.dumps({"seconds": seconds, "busy": time.process_time(), "memory": memory}))
"""
ESTABLISHED = "01"
LOOK = 0.2
"""Seconds between two looks at how many connections there are."""


def measure() -> list[Measure]:
    with running([meters.Kind()] * METERS, delay=DELAY) as ports:
        fleet.make(ports, plan=PLAN)
        clock = Path(os.environ["FAZA_HOME"], "clock")
        clock.write_text(AT.isoformat())
        collector = subprocess.Popen(
            [sys.executable, "-c", COLLECT, str(clock)], stdout=subprocess.PIPE, text=True
        )
        most = 0
        while collector.poll() is None:
            most = max(most, connections(ports))
            time.sleep(LOOK)
    assert collector.stdout
    told = collector.stdout.read()
    found = json.loads(told.splitlines()[-1])
    sessions = Session.objects.filter(outcome="done").count()
    assert sessions == METERS, f"{sessions} sessions were good: {told}"
    days = IntervalBlock.objects.count()
    what = f"a collector with {METERS:,} sessions to meters that answer after {DELAY} s"
    return [
        at_most(name(f"{what}: memory"), found["memory"], "MB", 300),
        at_least(name("the same: connections open at once"), most, "", METERS),
        Measure(name("the same: until all is stored"), found["seconds"], "s"),
        Measure(name("the same: channel-days stored"), days, ""),
        Measure(
            name("the same: CPU of a session, all included"), found["busy"] / METERS * 1e3, "ms"
        ),
    ]


def connections(ports: Collection[int]) -> int:
    """To how many of these ports of this machine there is an open connection."""
    there = set(ports)
    found = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, _, remote, state, *_ = line.split()
        if state == ESTABLISHED:
            found.add(int(remote.partition(":")[2], 16))
    return len(found & there)
