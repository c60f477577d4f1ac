"""faza collect."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faza.cli.common import (
    BAD,
    OK,
    PROBLEMS,
    Refused,
    command,
    counted,
    database_in_reach,
    start_with_tables,
)

if TYPE_CHECKING:
    from faza.collection.collector.run import Collector, Summary
    from faza.core.clock import Now

TEACH = """\
Reads meters by their plans until Ctrl-C or SIGTERM, and takes what comes into FAZA_INBOX and
FAZA_MQTT: then sessions end after the answer they wait for, and what was read is stored. Several
collectors may run, on several machines too: they share the lines, and what a killed one was
reading is taken over by the others after a minute.

--add takes a JSON list of meters with their lines and passwords, as `faza simulate` writes it.

examples:
  faza collect
  faza collect --once             read what is due now, and exit
  faza collect --once --only 012345678
  faza collect --add meters.json  make lines, meters and passwords known, and exit
"""
MOST_LINES = 10_000


def add_to(commands: Any) -> None:
    parser = command(commands, "collect", help="read meters by their plans", teach=TEACH)
    parser.add_argument("--once", action="store_true", help="read what is due now, and exit")
    parser.add_argument(
        "--only", action="append", default=[], metavar="METER", help="only the lines of this meter"
    )
    parser.add_argument("--add", metavar="FILE", type=Path, help="make meters known, and exit")
    parser.add_argument(
        "--lines", type=int, default=1000, help="lines to speak on at once (default: 1000)"
    )
    parser.add_argument(
        "--clock-file", type=Path, metavar="FILE", help="take the time from a file; for trials"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from faza.core.clock import clock

    if not 0 < options.lines <= MOST_LINES:
        raise Refused(f"--lines is 1 to {MOST_LINES}")
    now = clock(options.clock_file)
    try:
        now()
    except (OSError, ValueError) as problem:
        raise Refused(f"--clock-file: {problem}") from problem
    start_with_tables()
    if options.add is not None:
        return _add(options.add, now)
    from faza.collection.secrets import WrongKey

    _refuse_unknown(options.only)
    if not options.once:
        print("reading meters by their plans; Ctrl-C ends", flush=True)
    try:
        with database_in_reach():
            summary = asyncio.run(_collect(options, now))
    except WrongKey as problem:
        raise Refused(str(problem)) from problem
    print(
        f"{counted(summary.done, 'session')} done, {summary.partial} in part,"
        f" {summary.failed} failed"
    )
    is_useless = options.once and summary.failed and not summary.done and not summary.partial
    return PROBLEMS if is_useless else OK


def _refuse_unknown(numbers: Sequence[str]) -> None:
    """Whoever names a meter wants to hear that it has no connection, not that nothing was due."""
    from faza.collection.models import Device

    with database_in_reach():
        known = set(
            Device.objects.filter(meter__number__in=numbers).values_list("meter__number", flat=True)
        )
    for number in numbers:
        if number not in known:
            raise Refused(f"--only {number}: no meter of this number has a connection here")


async def _collect(options: argparse.Namespace, now: Now) -> Summary:
    from faza.collection.collector.run import Collector

    collector = Collector(now, once=options.once, meters=options.only, most_lines=options.lines)
    stop = threading.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _stop, collector, stop)
    with _presence(options), _intake(options, stop, now):
        return await collector.run()


def _presence(options: argparse.Namespace) -> contextlib.AbstractContextManager[object]:
    """That the collector lives is told, unless it ends by itself."""
    if options.once:
        return contextlib.nullcontext()
    from faza.jobs.models import Process
    from faza.jobs.presence import Presence

    return Presence(Process.Kind.COLLECTOR)


def _stop(collector: Collector, stop: threading.Event) -> None:
    stop.set()
    collector.stop()


def _intake(
    options: argparse.Namespace, stop: threading.Event, now: Now
) -> contextlib.AbstractContextManager[None]:
    """The folder and the broker, beside what runs until it is stopped."""
    if options.once:
        return contextlib.nullcontext()
    from faza.collection.intake.running import running

    return running(stop, now)


def _add(file: Path, now: Now) -> int:
    from faza.collection.polling import adding

    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or problem
        raise Refused(f"{file}: {reason}") from problem
    if isinstance(told, dict):  # `faza simulate` has more to say than the list
        told = told.get("meters", told)
    with database_in_reach():
        added = adding.add(told, at=now())
    for number, words in added.problems:
        print(f"{file}, entry {number + 1}: {words}", file=sys.stderr)
    print(
        f"{counted(added.made, 'connection')} made, {added.changed} changed,"
        f" {added.same} as they were"
    )
    return OK if added.made or added.changed or added.same else BAD
