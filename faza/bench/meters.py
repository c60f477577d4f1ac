"""Simulated meters in a process of their own, so that their time and memory are not measured.

    with running(KINDS.values()) as ports: …

In the child, `python -m faza.bench.meters`: a line of JSON on standard input (`kinds`, `delay`),
a line with the ports on standard output; it ends with its standard input.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta, timezone

from faza.simulator.meter import Meter
from faza.simulator.serving import Place, Serving
from faza.simulator.serving import running as in_a_thread
from faza.simulator.spec import CONFIGURATOR, READER, Access, Driver, Mechanism, MeterSpec

AT = datetime(2026, 11, 20, 9, 10, 5, tzinfo=UTC)
"""Now, for meters and for those who read them; noon in Moscow."""
MOSCOW = timezone(timedelta(hours=3))
DAY = datetime(2026, 11, 19, tzinfo=MOSCOW), datetime(2026, 11, 20, tzinfo=MOSCOW)
"""A whole day with all its 48 half-hours."""
SINCE = AT - timedelta(days=30)
TITLE = "46415a0000000001"
"""Ours, for all who come with keys; hexadecimal."""
PHYSICAL = 17
first_counters = itertools.count(1_000_000, 1_000_000)
"""First invocation counters of those who do not ask the meter: each above all before it."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How a meter is spoken to."""

    over: Driver = "wrapper"
    mechanism: Mechanism = "lls"
    pdu: int = 1024

    @property
    def client(self) -> int:
        return CONFIGURATOR if self.mechanism == "hls5" else READER

    @property
    def address(self) -> int:
        return PHYSICAL if self.over == "hdlc" else 1


def number_of(place: int) -> str:
    return f"{70_000_000 + place}"


def spec_of(kind: Kind, place: int = 0) -> MeterSpec:
    """The meter at a place of the list; each has a load of its own."""
    return MeterSpec(
        number_of(place),
        driver=kind.over,
        address=kind.address,
        access=Access(kind.mechanism),
        max_pdu=kind.pdu,
        hdlc_info=512,
        installed_at=SINCE,
        seed=1000 * place + 7,
    )


@contextmanager
def running(kinds: Sequence[Kind], *, delay: float = 0.0) -> Iterator[list[int]]:
    """Have meters of these kinds serve as long as the block lasts; the port of each.

    delay: seconds that each answer takes.
    """
    asked = json.dumps({"kinds": [asdict(kind) for kind in kinds], "delay": delay})
    process = subprocess.Popen(
        [sys.executable, "-m", "faza.bench.meters"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin
    assert process.stdout
    try:
        process.stdin.write(asked + "\n")
        process.stdin.flush()
        yield json.loads(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()


def main() -> None:
    asked = json.loads(sys.stdin.readline())
    meters = [Meter(spec_of(Kind(**kind), n)) for n, kind in enumerate(asked["kinds"])]
    for meter in meters:  # so that the first session does not wait for a month of load
        meter.advance(AT)
    places = [Place(meter.spec.driver, [meter]) for meter in meters]
    with in_a_thread(Serving(places, now=lambda: AT, delay=asked["delay"])) as ports:
        print(json.dumps(ports), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
