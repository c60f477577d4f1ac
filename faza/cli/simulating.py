"""faza simulate."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faza.cli.common import OK, Refused, command, counted, moment

if TYPE_CHECKING:
    from faza.core.clock import Now
    from faza.protocols.metered import Json
    from faza.simulator.fleet import Fleet

TEACH = """\
Meters in one process, each with its load, clock, events and, if asked for, faults; the same seed
gives the same fleet. Those that speak the TCP wrapper have a port each; those on HDLC hang, eight
together, on a line behind one port. Ends with Ctrl-C or SIGTERM.
--clock-file stops the time at the moment in a file (2026-03-01T08:00+00:00) until it has another.

examples:
  faza simulate
  faza simulate --meters 200 --faults 1 --write-connections meters.json
  faza simulate --fleet fleet.json --truth truth.npz --clock-file now
"""
AHEAD = timedelta(days=400)
"""So far on faults come by the seed."""
SPARE = 200
"""Open files beside those of meters: each may have a listening socket and a connection."""


def add_to(commands: Any) -> None:
    parser = command(commands, "simulate", help="run simulated meters", teach=TEACH)
    parser.add_argument("--meters", type=int, default=10, help="how many (default: 10)")
    parser.add_argument("--seed", type=int, default=1, help="which fleet (default: 1)")
    parser.add_argument("--fleet", type=Path, metavar="FILE", help="meters from a JSON file")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument(
        "--port", type=int, default=4059, help="first port (default: 4059); 0: any free ones"
    )
    parser.add_argument("--days", type=int, default=60, help="of data at the start (default: 60)")
    parser.add_argument("--since", type=moment, help="instead of --days: when they began to count")
    parser.add_argument("--faults", type=float, default=0, metavar="TIMES", help=HELP_FAULTS)
    parser.add_argument("--hdlc", type=float, default=0.25, metavar="SHARE", help="on HDLC lines")
    parser.add_argument("--mercury", type=float, default=0, metavar="SHARE", help="of Mercury 230")
    parser.add_argument("--hls", type=float, default=0.3, metavar="SHARE", help="with keys (HLS5)")
    parser.add_argument("--per-line", type=int, default=8, help="meters on a line (default: 8)")
    parser.add_argument("--delay", type=float, default=0, help="seconds before every answer")
    parser.add_argument("--clock-file", type=Path, metavar="FILE", help="time from a file")
    parser.add_argument(
        "--truth", type=Path, metavar="FILE", help="write the truth (.npz) at the end"
    )
    parser.add_argument("--write-connections", type=Path, metavar="FILE", help=HELP_CONNECTIONS)
    parser.add_argument("--write-grid", type=Path, metavar="FILE", help=HELP_GRID)
    parser.set_defaults(run=run)


HELP_FAULTS = "power cuts, lost rows, wrong clocks: times the usual (default: 0, none)"
HELP_GRID = "write a sheet of their points (CSV) for the import of a grid at the desk"
HELP_CONNECTIONS = "write how each is reached, with passwords and keys, for faza collect --add"


def run(options: argparse.Namespace) -> int:
    from faza.core.clock import clock

    _check(options)
    now = clock(options.clock_file)
    try:
        start = now()
    except (OSError, ValueError) as problem:
        raise Refused(f"--clock-file: {problem}") from problem
    fleet = _fleet(options, start)
    if options.write_grid:
        _write_grid(options.write_grid, fleet)
    _make_room(len(fleet.meters) + len(fleet.places) + SPARE)
    try:
        asyncio.run(_serve(options, fleet, now))
    except OSError as problem:
        raise Refused(f"{options.host}: {problem.strerror or problem}") from problem
    if options.truth:
        _write_truth(options.truth, fleet, now())
    return OK


def _check(options: argparse.Namespace) -> None:
    shares = (options.hdlc, options.mercury, options.hls)
    if not (0 < options.meters <= 20_000 and 0 <= options.days <= 3_000):
        raise Refused("--meters is 1 to 20000, --days 0 to 3000")
    if any(not 0 <= share <= 1 for share in shares) or options.hdlc + options.mercury > 1:
        raise Refused("shares are 0 to 1, --hdlc and --mercury not more than 1 together")
    if not 0 <= options.port < 65536 or options.seed < 0:
        raise Refused("--port is 0 to 65535, --seed 0 or more")
    if not 1 <= options.per_line <= 200 or options.faults < 0 or options.delay < 0:
        raise Refused("--per-line is 1 to 200, --faults and --delay 0 or more")


def _fleet(options: argparse.Namespace, start: datetime) -> Fleet:
    from faza.simulator import fleetfile
    from faza.simulator.fleet import Mix, make

    day = datetime.combine(start.date(), datetime.min.time(), UTC)
    since = options.since or day - timedelta(days=options.days)
    if since > start:
        raise Refused("--since is in the future")
    first, until = options.port, start + AHEAD
    try:
        if options.fleet:
            return fleetfile.read(
                options.fleet,
                since=since,
                until=until,
                first_port=first,
                per_line=options.per_line,
            )
        mix = Mix(options.hdlc, options.mercury, options.hls, options.faults, options.per_line)
        return make(
            options.meters, seed=options.seed, since=since, until=until, mix=mix, first_port=first
        )
    except (OSError, ValueError, fleetfile.WrongFleet) as problem:
        raise Refused(str(problem)) from problem


async def _serve(options: argparse.Namespace, fleet: Fleet, now: Now) -> None:
    """Serve until a signal. Raises OSError if a port is taken."""
    from faza.simulator.fleet import connections
    from faza.simulator.serving import Serving

    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopped.set)
    serving = Serving(fleet.places, now, host=options.host, delay=options.delay)
    try:
        ports = await serving.start()
        told = connections(fleet, options.host, ports)
        if options.write_connections:
            text = json.dumps({"meters": told}, indent=1)
            _write_private(options.write_connections, text)
        _say(options, told, ports)
        await stopped.wait()
    finally:
        await serving.close()


def _say(
    options: argparse.Namespace, told: Sequence[dict[str, Json]], ports: Sequence[int]
) -> None:
    """How to go on, for an engineer at the next terminal."""
    where = f"port {ports[0]}" if len(ports) == 1 else f"ports {min(ports)} to {max(ports)}"
    print(f"{counted(len(told), 'meter')} on {options.host}, {where}; Ctrl-C ends.")
    print("\nRead one in another terminal:")
    shown = set()
    for meter in told:
        kind = (meter["driver"], _mechanism(meter))
        if kind not in shown:
            shown.add(kind)
            print(f"  {reading(meter)}")
    if options.write_connections:
        print(f"\nAll of them: faza collect --add {options.write_connections}")
    sys.stdout.flush()


def _mechanism(meter: dict[str, Json]) -> Json:
    credentials = meter["credentials"]
    return credentials["mechanism"] if isinstance(credentials, dict) else None


def reading(meter: dict[str, Json]) -> str:
    """The command that reads a meter, from its entry in the connections."""
    address, credentials = meter["address"], meter["credentials"]
    assert isinstance(address, dict)
    assert isinstance(credentials, dict)
    words = ["faza read", f"--host {meter['host']}", f"--port {meter['port']}"]
    words.append(f"--driver {meter['driver']}")
    words.append("--address " + "/".join(str(part) for part in address.values()))
    words += [
        f"--{name.replace('_', '-')} {value}"
        for name, value in credentials.items()
        if name != "mechanism"
    ]
    return " ".join(words)


def _write_private(file: Path, text: str) -> None:
    """For its owner alone: passwords and keys are in it."""
    part = file.with_name(file.name + ".part")
    try:
        opened = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(opened, "w", encoding="utf-8") as stream:
            stream.write(text)
        os.replace(part, file)
    except OSError as problem:
        raise Refused(f"{file}: {problem.strerror or problem}") from problem


def _write_grid(file: Path, fleet: Fleet) -> None:
    from faza.simulator.grid import sheet

    try:
        file.write_text(sheet(fleet), encoding="utf-8")
    except OSError as problem:
        raise Refused(f"{file}: {problem.strerror or problem}") from problem


def _write_truth(file: Path, fleet: Fleet, at: datetime) -> None:
    from faza.simulator import truth

    try:
        truth.write(file, fleet.meters, at)
    except OSError as problem:
        raise Refused(f"{file}: {problem.strerror or problem}") from problem


def _make_room(files: int) -> None:
    """Let the process open so many files, as far as it may."""
    try:
        import resource
    except ImportError:  # there are systems without
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = files if hard == resource.RLIM_INFINITY else min(files, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
