"""Processor time of the client for a day of load profile, beside two other clients.

A session: connect, associate, read the 48 x 4 values of a day by range, release, close; the
layout of the profile is known from before. Ours is measured twice: through driver and link, as a
collector spends it with an event loop and a log of the dialogue, and over a plain socket that
blocks, as the others have it, for the comparison. It ends with arrays of moments and energies.
The others are in processes of their own, where they are installed, on the same meters in the same
run; all end with the same moments and numbers, which is compared.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from faza.bench import plainly
from faza.bench.measure import Measure
from faza.bench.meters import AT, DAY, MOSCOW, TITLE, Kind, first_counters, running
from faza.collection.drivers import Opening, driver
from faza.collection.drivers.dialogue import Dialogue
from faza.collection.drivers.link import connect
from faza.collection.polling.work import Access, Counter
from faza.protocols.metered import ProfileRows
from faza.simulator.fleet import DRIVERS
from faza.simulator.spec import Access as Let

ROUNDS, SESSIONS = 15, 20
"""The best of so many rounds of so many sessions: whatever else the machine does takes only away.
A first one more warms up."""
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Row:
    """What is measured on a kind of meter, its target in ms, and who else reads it."""

    name: str
    kind: Kind
    target: float | None
    others: Mapping[str, float | None] = field(default_factory=dict)
    """Oracle → how many times less time we are to take, None: it is only told."""


BOTH = {"gurux": 5.0, "cosem": 2.0}
TOLD = {"gurux": None, "cosem": None}
ROWS = (
    Row("wrapper, LLS, PDU 1024", Kind(), 1.0, BOTH),
    Row("wrapper, HLS5 ciphered, PDU 1024", Kind(mechanism="hls5"), 1.5, BOTH),
    Row("wrapper, LLS, PDU 100", Kind(pdu=100), 2.5, BOTH),
    Row("HDLC, LLS, PDU 1024", Kind(over="hdlc"), None, {"gurux": 5.0}),
)
PACKAGES = {"gurux": ("gurux_dlms", "gurux-dlms"), "cosem": ("dlms_cosem", "dlms-cosem")}


def measure() -> list[Measure]:
    others = [name for name in PACKAGES if is_there(name)]
    found = []
    with running([row.kind for row in ROWS]) as ports:
        for row, port in zip(ROWS, ports, strict=True):
            ours, sums = read_by_us(row.kind, port)
            name = f"DLMS: CPU of a profile-day, {row.name}: collector's driver"
            target = "" if row.target is None else f"≤ {row.target:g}"
            ok = None if row.target is None else ours <= row.target
            found.append(Measure(name, ours, "ms", target, ok))
            plain, read = plainly.read(row.kind, port, rounds=ROUNDS, sessions=SESSIONS)
            assert read == sums, f"{read} over a plain socket, {sums} by the driver"
            name = "the same: our protocol over a plain socket, as the others"
            found.append(Measure(name, plain, "ms"))
            for other in row.others:
                if other in others:
                    found.append(_beside(row, other, port, plain, sums))
    return found


def is_there(other: str) -> bool:
    """Whether another client can be run; says so if it cannot."""
    module, package = PACKAGES[other]
    if importlib.util.find_spec(module) is None:
        print(f"{package} is not installed: its rows are left out", file=sys.stderr)
    elif not (ROOT / "tests" / "oracles" / f"{other}_days.py").exists():
        print(f"tests/oracles is not here: rows of {package} are left out", file=sys.stderr)
    else:
        return True
    return False


def _beside(row: Row, other: str, port: int, ours: float, sums: plainly.Sums) -> Measure:
    """The same of another client, as often as much time as ours."""
    theirs, read = read_by(other, row.kind, port)
    assert read == sums, f"{other} read {read}, we {sums}"
    times, least = theirs / ours, row.others[other]
    return Measure(
        f"the same: {PACKAGES[other][1]} over a plain socket", theirs, "ms",
        "" if least is None else f"≥ {least:g} × ours",
        None if least is None else times >= least,
        f"ours {ours:.3f} ms", times,
    )  # fmt: skip


# Ours


def read_by_us(
    kind: Kind, port: int, *, rounds: int = ROUNDS, sessions: int = SESSIONS
) -> tuple[float, plainly.Sums]:
    """Milliseconds of our own processor for a session, and the sums of what is read."""
    return asyncio.run(_read(kind, port, rounds, sessions))


async def _read(kind: Kind, port: int, rounds: int, sessions: int) -> tuple[float, plainly.Sums]:
    opening = opening_of(kind)
    opening, rows = await session(kind, port, opening)  # learns the layout
    taken = []
    for _ in range(1 + rounds):
        began = time.process_time()
        for _ in range(sessions):
            opening, rows = await session(kind, port, opening)
        taken.append((time.process_time() - began) / sessions * 1e3)
    return min(taken[1:]), plainly.sums(rows)


def opening_of(kind: Kind) -> Opening:
    """All that a driver is told the first time."""
    let, is_high = Let(kind.mechanism), kind.mechanism == "hls5"
    access = Access(
        kind.client,
        kind.mechanism,
        b"" if is_high else let.password,
        let.encryption_key if is_high else b"",
        let.authentication_key if is_high else b"",
        bytes.fromhex(TITLE) if is_high else b"",
    )
    hdlc = {"logical": 1, "physical": kind.address}
    address = hdlc if kind.over == "hdlc" else {"server": kind.address}
    counter = Counter(0, 0, is_known=False) if is_high else None
    return Opening(access, lambda: AT, address, counter=counter)


async def session(kind: Kind, port: int, opening: Opening) -> tuple[Opening, ProfileRows]:
    """A session; what the next one is to be opened with, and the rows."""
    dialogue = Dialogue(time.monotonic)
    link = await connect("127.0.0.1", port, timeout=30, dialogue=dialogue)
    talk = await driver(DRIVERS[kind.over])(link, opening)
    rows = await talk.profile(1, *DAY)
    await talk.close()
    await link.close()
    learned = talk.learned()
    if learned.layouts is None and learned.counter is None:
        return opening, rows
    layouts = opening.layouts if learned.layouts is None else learned.layouts
    return replace(opening, layouts=layouts, counter=learned.counter), rows


# The others


def read_by(
    other: str, kind: Kind, port: int, *, rounds: int = ROUNDS, sessions: int = SESSIONS
) -> tuple[float, plainly.Sums]:
    """The same of another client."""
    told = ask(other, kind, port, rounds=rounds, sessions=sessions)
    moments, values = told["sums"]
    return min(told["ms"][1:]), (moments, values)


def ask(other: str, kind: Kind, port: int, *, rounds: int, sessions: int) -> dict[str, Any]:
    """What `tests.oracles.{other}_days` tells: ms of a session by round, and sums of the rows."""
    let = Let(kind.mechanism)
    with tempfile.TemporaryDirectory(prefix="faza-bench-") as folder:
        result = Path(folder, "told.json")
        asked = {
            "host": "127.0.0.1", "port": port, "over": kind.over, "client": kind.client,
            "server": kind.address, "mechanism": kind.mechanism,
            "password": let.password.decode(), "encryption": let.encryption_key.hex(),
            "authentication": let.authentication_key.hex(), "title": TITLE,
            "counter": next(first_counters), "pdu": kind.pdu,
            "first": _stamp(0), "last": _stamp(1),
            "rounds": 1 + rounds, "sessions": sessions, "result": str(result),
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", f"tests.oracles.{other}_days"],
            input=json.dumps(asked), capture_output=True, text=True, check=False, cwd=ROOT,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        told: dict[str, Any] = json.loads(result.read_text())
    return told


def _stamp(end: int) -> str:
    """The first and the last stamp of the day's rows, ends of half-hours by the meter's clock."""
    step = (DAY[1] - DAY[0]) / 48
    return (DAY[end] if end else DAY[0] + step).astimezone(MOSCOW).isoformat()
