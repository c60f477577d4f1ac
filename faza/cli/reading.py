"""faza read."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import os
import sys
from collections.abc import Collection
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from faza.cli import environment
from faza.cli.common import (
    OK,
    PROBLEMS,
    Refused,
    command,
    counted,
    database_in_reach,
    day,
    start,
    start_with_tables,
    zone,
)

if TYPE_CHECKING:
    from faza.collection.collector.visit import Means
    from faza.collection.drivers.dialogue import Tracer
    from faza.collection.polling.work import Access, DeviceWork, LineWork, SessionResult, Task
    from faza.core.clock import Now
    from faza.protocols.metered import Json

TEACH = """\
Talks to one meter, says what it does and what the meter says, and what to try where it fails. It
only reads: nothing is stored, and nothing in the meter is changed.

METER is the number of a meter that is known here, with its line and its password. With --host no
database is needed. Addresses by driver:
  dlms-wrapper   the server's port number, e.g. 1
  dlms-hdlc      the physical address, or logical/physical, e.g. 17 or 1/17
  mercury230     the network address, e.g. 37
A password that begins with 0x is bytes, and - asks for it.

examples:
  faza read 012345678
  faza read 012345678 --what profile,events --from 2026-11-01 --to 2026-11-03
  faza read --host 10.0.0.5 --port 4059 --address 1 --password 111111
  faza read --host 10.0.0.9 --port 4001 --driver dlms-hdlc --address 1/17 --password - --trace
"""
WHATS = (
    "identity", "clock", "registers", "days", "months", "profile", "parameters", "instant",
    "events", "quality", "configuration", "calendar",
)  # fmt: skip
LONGEST = 280.0
"""Seconds of a session: the line of a known meter is held for five minutes."""
USUAL = ("identity", "clock", "registers", "profile", "events")


def add_to(commands: Any) -> None:
    parser = command(commands, "read", help="read one meter and say so in words", teach=TEACH)
    parser.add_argument("meter", nargs="?", metavar="METER", help="number of a meter known here")
    parser.add_argument(
        "--what",
        type=_whats,
        default=USUAL,
        metavar="LIST",
        help=f"what to read, between commas: all, or of {', '.join(WHATS)}"
        f" (default: {','.join(USUAL)})",
    )
    parser.add_argument(
        "--from", dest="first", type=day, metavar="DAY", help="first day (default: yesterday)"
    )
    parser.add_argument(
        "--to", dest="last", type=day, metavar="DAY", help="last day, itself included"
    )
    parser.add_argument("--trace", action="store_true", help="show the bytes, too")
    parser.add_argument("--quiet", action="store_true", help="only what was found")
    parser.add_argument("--timeout", type=float, metavar="SECONDS", help="to wait for an answer")
    parser.add_argument(
        "--clock-file", type=Path, metavar="FILE", help="take the time from a file; for trials"
    )
    away = parser.add_argument_group("a meter that is not known here")
    away.add_argument("--host", help="of the modem, gateway or meter")
    away.add_argument("--port", type=int, default=4059, help="TCP port (default: 4059)")
    away.add_argument(
        "--driver", default="dlms-wrapper", help="dlms-wrapper, dlms-hdlc, mercury230"
    )
    away.add_argument("--address", default="1", help="of the meter, see below")
    away.add_argument("--client", type=int, default=32, help="our address (default: 32, reader)")
    away.add_argument(
        "--mechanism", choices=("none", "lls", "hls5"), help="default: by what is given"
    )
    away.add_argument("--password", default="", help="see below")
    away.add_argument(
        "--encryption-key", default="", metavar="HEX", help="global unicast, 16 bytes"
    )
    away.add_argument("--authentication-key", default="", metavar="HEX", help="16 bytes")
    away.add_argument("--level", type=int, default=1, help="of drivers that have levels of access")
    away.add_argument(
        "--zone", type=zone, default="Europe/Moscow", help="where it is (default: Europe/Moscow)"
    )
    parser.set_defaults(run=run)


def _whats(text: str) -> tuple[str, ...]:
    found = tuple(part.strip() for part in text.split(",") if part.strip())
    if found == ("all",):
        return WHATS
    unknown = [part for part in found if part not in WHATS]
    if unknown or not found:
        told = f"{unknown[0]!r} is not read" if unknown else "nothing is named"
        raise argparse.ArgumentTypeError(f"{told}; expected all, or of {', '.join(WHATS)}")
    return found


def run(options: argparse.Namespace) -> int:
    if (options.meter is None) == (options.host is None):
        raise Refused(
            "name a meter that is known here, or give --host; faza read --help tells more"
        )
    from faza.collection.collector.visit import Means
    from faza.core.clock import clock

    now = clock(options.clock_file)
    try:
        now()
    except (OSError, ValueError) as problem:
        raise Refused(f"--clock-file: {problem}") from problem
    if options.host is not None:
        with environment.looking():
            start()
        _refuse_driver(options.driver)
        return _read(_at_host(options, now), options, Means(now))
    start_with_tables()
    from faza.collection.collector import desk

    with database_in_reach():
        try:
            with desk.line_of(options.meter, at=now(), tell=_tell) as line:
                return _read(line, options, Means(now, reserve=desk.reserve))
        except desk.NotKnown as problem:
            raise Refused(str(problem)) from problem


def _at_host(options: argparse.Namespace, now: Now) -> LineWork:
    """A line with one meter, of what was typed."""
    from faza.collection.polling.work import DeviceWork, LineWork

    access = _access(options)
    device = DeviceWork(
        id=0, meter=0, number="", model="", usage_point=None, zone=options.zone,
        ratio=Fraction(1), driver=options.driver, address=_address(options), access=access,
        control=access,
    )  # fmt: skip
    if not 0 < options.port < 65536:
        raise Refused("--port is 1 to 65535")
    return LineWork(0, options.host, options.host, options.port, 10.0, 0.0, now(), (device,))


def _access(options: argparse.Namespace) -> Access:
    from faza.collection.polling.work import Access

    told = options.password
    if told == "-":
        told = getpass.getpass("Password of the meter: ")
    password = _hex("--password", told[2:]) if told.startswith("0x") else told.encode()
    encryption = _hex("--encryption-key", options.encryption_key)
    authentication = _hex("--authentication-key", options.authentication_key)
    usual = "hls5" if encryption or authentication else "lls" if password else "none"
    mechanism = options.mechanism or usual
    if mechanism == "hls5" and not len(encryption) == len(authentication) == 16:
        raise Refused("hls5 takes --encryption-key and --authentication-key, 32 hexadecimal digits")
    return Access(
        options.client, mechanism, password, encryption, authentication, level=options.level
    )


def _hex(name: str, text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise Refused(f"{name}: expected hexadecimal digits") from None


def _address(options: argparse.Namespace) -> dict[str, Json]:
    """The address as the driver wants it."""
    parts = options.address.split("/")
    if not all(part.isdecimal() for part in parts) or len(parts) > 2:
        raise Refused(f"--address {options.address}: expected a number, or logical/physical")
    numbers = [int(part) for part in parts]
    if options.driver == "dlms-hdlc":
        return {"logical": numbers[0] if len(numbers) == 2 else 1, "physical": numbers[-1]}
    if len(numbers) == 2:
        raise Refused(f"--address {options.address}: {options.driver} takes one number")
    return {"server": numbers[0]} if options.driver == "dlms-wrapper" else {"address": numbers[0]}


def _read(line: LineWork, options: argparse.Namespace, means: Means) -> int:
    """Have the session and tell of it; the exit code."""
    from dataclasses import replace

    from faza.collection.collector.visit import Visit
    from faza.collection.polling.work import ClockPolicy

    (device,) = line.devices
    tasks = _tasks(options, device.zone, means.now())
    device = replace(device, tasks=tasks, clock=ClockPolicy(is_automatic=False))
    line = replace(line, devices=(device,), timeout=options.timeout or line.timeout)
    means = replace(
        means,
        longest=LONGEST,
        listener=None if options.quiet else _tell,
        tracer=_tracer(() if options.host else _passwords(device)) if options.trace else None,
    )

    async def session() -> tuple[SessionResult, str]:
        visit = Visit(line, device, means)
        return await visit.run(), visit.advice

    return _findings(*asyncio.run(session()), device.zone)


def _refuse_driver(name: str) -> None:
    """Before anything is asked of a meter."""
    from faza.collection.drivers import NoSuchDriver, driver

    try:
        driver(name)
    except NoSuchDriver as problem:
        raise Refused(f"--driver: {problem}") from problem


def _tasks(options: argparse.Namespace, there: str, at: datetime) -> tuple[Task, ...]:
    """What was asked for, as tasks of a session; days are those of the meter's zone."""
    from faza.collection.polling.work import PROFILES, Kind, Stretch, Task
    from faza.core.periods import start_of_day

    yesterday = at.astimezone(ZoneInfo(there)).date() - timedelta(days=1)
    first = options.first or options.last or yesterday
    last = options.last or max(first, yesterday)
    if last < first:
        raise Refused(f"--to {last} is before --from {first}")
    if (last - first).days >= 366:
        raise Refused("a year at most is read at once")
    start, end = start_of_day(first, there), start_of_day(last + timedelta(days=1), there)
    stretch = Stretch(start, min(end, max(at, start)))
    return tuple(
        Task(number, kind, 1, (stretch,) if kind in PROFILES else (), since=start)
        for number, kind in enumerate(Kind, 1)
        if kind.value in options.what
    )


def _findings(result: SessionResult, advice: str, there: str) -> int:
    from faza.collection.collector import telling
    from faza.collection.polling.work import Outcome, Problem

    print()
    for line in telling.findings(result, there, _event):
        print(line)
    for line in telling.troubles(result):
        print(f"Not read: {line}")
    if result.problem is not Problem.NONE:
        print(f"It did not work: {result.words}")
        if advice:
            print(f"What to try: {advice}")
    print(
        f"{counted(result.trips, 'question')}, {result.bytes_sent:,} bytes sent,"
        f" {result.bytes_received:,} received."
    )
    return PROBLEMS if result.outcome is Outcome.FAILED else OK


def _event(journal: int, code: int) -> str:
    """What an event is, in English as all that the command says."""
    from django.utils.translation import override

    from faza.events import catalogue

    with override("en"):
        return str(catalogue.find(journal, code).words)


def _tell(line: str) -> None:
    try:
        print(line, flush=True)
    except BrokenPipeError:
        # The reader of a pipe had enough; the session ends in order, unheard.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _passwords(device: DeviceWork) -> set[bytes]:
    """How the stored passwords of a meter look on the line: nobody is shown them again."""
    told = {device.access.password, device.control.password} - {b""}
    return told | {bytes(one - 48 for one in password) for password in told if password.isdigit()}


def _tracer(hidden: Collection[bytes]) -> Tracer:
    """Shows bytes on the side, but for those that are hidden."""

    def trace(sign: str, data: bytes) -> None:
        text = data.hex(" ")
        for secret in hidden:
            text = text.replace(secret.hex(" "), " ".join(["**"] * len(secret)))
        print(f"        {sign} {text}", file=sys.stderr, flush=True)

    return trace
