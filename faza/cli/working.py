"""faza worker: runs jobs and delivers mails; and what `faza demo` runs beside its pages."""

from __future__ import annotations

import argparse
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from faza.cli.common import (
    OK,
    PROBLEMS,
    command,
    counted,
    database_in_reach,
    start_with_tables,
)
from faza.core.bell import Bell

TEACH = """\
Runs jobs, what is due daily, and delivers mails, until Ctrl-C or SIGTERM: then the running job is
finished, or handed back to be begun again. Several workers may run, on several machines too.

examples:
  faza worker
  faza worker --once       do what waits, and exit
"""
GRACE = 10.0
"""Seconds that a running job has to end by itself, and again to let go of its work."""
AUTOGROUP = Path("/proc/self/autogroup")
NICENESS = 10
"""Priority of a worker: pages that share its processors come first. A niceness of 10 has about a
tenth of the share of 0, and all of a processor that nobody else wants."""


def add_to(commands: Any) -> None:
    parser = command(commands, "worker", help="run jobs and deliver mails", teach=TEACH)
    parser.add_argument("--once", action="store_true", help="do what waits, and exit")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    start_with_tables()
    if options.once:
        return _once()
    stop = Bell()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: stop.set())
    return OK if work(stop) else PROBLEMS


def give_way() -> None:
    """Run with less priority than pages: this thread, and those that it starts from now on.

    Never with more than whoever started us gave. Where Linux groups processes by their session
    (sched_autogroup_enabled), niceness only counts inside a group: a group of our own gives way
    as a whole, one that we share with a terminal stays as it is.
    """
    if os.getpriority(os.PRIO_PROCESS, 0) < NICENESS:
        os.setpriority(os.PRIO_PROCESS, 0, NICENESS)
    if os.getsid(0) == os.getpid():
        with suppress(OSError):  # no Linux, or no groups
            AUTOGROUP.write_text(f"{NICENESS}\n")


def _once() -> int:
    give_way()
    from faza.jobs import worker as jobs
    from faza.notifications import worker as mails

    with database_in_reach():
        ran, told = jobs.run_waiting(), mails.deliver_waiting()
    sent = f"{counted(told.sent, 'mail')} delivered"
    print(f"{counted(ran, 'job')} run, {sent}, {told.later} put off, {told.never} given up")
    return OK


def work(stop: Bell) -> bool:
    """Run jobs, deliver mails and tell devices until `stop`; False if one of them ended."""
    from faza.jobs.models import Process
    from faza.jobs.presence import Presence

    give_way()
    with Presence(Process.Kind.WORKER):
        return _work(stop)


def _work(stop: Bell) -> bool:
    from faza.jobs.worker import Loop as Jobs
    from faza.notifications import worker as notices
    from faza.notifications.pushing import keys

    jobs = Jobs()
    senders = [notices.Loop()]
    if keys.is_on():  # beside the mails: a push service that is slow must not hold them up
        senders.append(notices.Loop(notices.push_some))
    # Daemons: a handler that does not listen must not keep the process for ever.
    loops: list[Callable[[], None]] = [jobs, *senders]
    threads = [threading.Thread(target=loop, daemon=True) for loop in loops]
    for thread in threads:
        thread.start()
    while not stop.wait(0.2) and all(thread.is_alive() for thread in threads):
        pass
    jobs.stop.set()
    for sender in senders:
        sender.stop.set()
    _join(threads)
    jobs.hurry.set()
    _join(threads)
    jobs.abandon()
    return stop.is_set()


def _join(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.join(GRACE)
