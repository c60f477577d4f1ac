"""Workers that make and mail reports and are killed in it: `… -m tests.reports.killing HOW …`.

HOW is "daily", a schedule of the only saved report; or a format in which its owner has it made
now. Each further argument is where a worker dies by SIGKILL: "write:2", when it has written for
the second time into the file that it makes; "mailed:1", when the server has taken the mail. Each
comes an hour after the one before, when all leases are over; the last is let go to its end.
Prints a line of JSON for each: all that is there when it is gone. For test_killed.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "faza.settings")
import django

django.setup()

from django.core.mail import EmailMultiAlternatives  # noqa: E402
from django.db import connections  # noqa: E402

from faza.jobs import leases, pulse, worker  # noqa: E402
from faza.jobs import services as jobs  # noqa: E402
from faza.jobs.models import Job  # noqa: E402
from faza.notifications import mails  # noqa: E402
from faza.notifications import services as notifications  # noqa: E402
from faza.notifications.models import Notice  # noqa: E402
from faza.outbox.models import Message  # noqa: E402
from faza.reports import files, making, renderers, services  # noqa: E402
from faza.reports.models import PersonalReport, Run  # noqa: E402
from faza.reports.table import Block, Table  # noqa: E402

FIRST = datetime(2026, 11, 22, 6, tzinfo=UTC)
"""An hour after the schedule of test_killed is due."""


ASKED = datetime(2026, 11, 21, 11, tzinfo=UTC)


class Death:
    """Comes by SIGKILL when a place is reached for the nth time; the place "" is nowhere."""

    def __init__(self, word: str, times: int) -> None:
        self._word, self._times = word, times

    def reach(self, word: str) -> None:
        self._times -= word == self._word
        if word == self._word and not self._times:
            os.kill(os.getpid(), signal.SIGKILL)

    def among(self, blocks: Iterable[Block]) -> Iterator[Block]:
        """Blocks of a table, and this place before each."""
        for block in blocks:
            self.reach("block")
            yield block

    def before(self, room: Any, name: str, word: str) -> None:
        """A function of a module, and before it this place."""
        function = getattr(room, name)

        def reaching(*args: Any, **more: Any) -> Any:
            self.reach(word)
            return function(*args, **more)

        setattr(room, name, reaching)

    def after(self, room: Any, name: str, word: str) -> None:
        """A function of a module, and after it this place."""
        function = getattr(room, name)

        def reaching(*args: Any, **more: Any) -> Any:
            told = function(*args, **more)
            self.reach(word)
            return told

        setattr(room, name, reaching)


class Slow:
    """A file whose every write is on the disk before a worker may die of it."""

    def __init__(self, file: BinaryIO, death: Death) -> None:
        self._file, self._death = file, death

    def write(self, content: bytes) -> int:
        told = self._file.write(content)
        self._file.flush()
        self._death.reach("write")
        return told

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def prepare(death: Death, at: datetime) -> None:
    """Set the clock, and the places to die at."""
    write = renderers.write

    def slowly(table: Table, format: str, file: BinaryIO) -> None:
        table.blocks = death.among(table.blocks)
        write(table, format, Slow(file, death))  # type: ignore[arg-type]

    renderers.write = slowly
    death.before(subprocess.Popen, "communicate", "set")  # typst has begun to set a PDF
    death.after(services, "begin", "begin")  # amid the transaction that moves the schedule on
    death.before(making, "settle", "begun")
    death.after(files.Fresh, "place", "kept")  # the file has its name, its run has not
    death.after(making, "_tell", "told")  # amid the transaction that ends the run
    death.before(leases, "finish", "made")  # the run has ended, its job has not
    death.before(mails, "compose", "placed")  # the notice is there
    death.before(EmailMultiAlternatives, "send", "composed")
    death.after(EmailMultiAlternatives, "send", "mailed")

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return at

    worker.datetime = pulse.datetime = Clock


def work(death: Death, at: datetime) -> None:
    """What a worker does, once: the round of schedules, what waits, and the mails."""
    prepare(death, at)
    jobs.start_round(services.ROUND, at=at, pause=timedelta(minutes=1))
    worker.run_waiting()
    while notifications.deliver(at=at).count:
        pass


def in_a_process(death: Death, at: datetime) -> int:
    """How a process ended that did the work: the signal that killed it, or 0."""
    connections.close_all()
    child = os.fork()
    if not child:
        try:
            work(death, at)
            connections.close_all()
            os._exit(0)
        finally:
            sys.excepthook(*sys.exc_info())
            os._exit(1)
    _, status = os.waitpid(child, 0)
    return -os.waitstatus_to_exitcode(status)


def look() -> dict[str, Any]:
    """What is there: runs, jobs that make them, messages, notices, and files with their sizes."""
    folder = files.place_of("x").parent
    places = sorted(place for place in folder.rglob("*") if place.is_file())
    return {
        "runs": [*Run.objects.values("state", "file", "size", "name")],
        "jobs": [*Job.objects.filter(kind=services.MAKE).values_list("state", flat=True)],
        "messages": [[*row] for row in Message.objects.values_list("kind", "state")],
        "notices": [*Notice.objects.values_list("kind", flat=True)],
        "files": {str(one.relative_to(folder)): one.stat().st_size for one in places},
    }


def ask(how: str) -> None:
    report = PersonalReport.objects.get()
    if how == "daily":
        services.schedule(
            report, user=report.owner, every="day", on_day=0, hour=8, zone="Europe/Moscow",
            format="csv", at=ASKED,
        )  # fmt: skip
    else:
        services.begin(
            report.owner, title=report.title, query=report.query, format=how, at=ASKED
        )  # fmt: skip


def main(how: str, *places: str) -> None:
    ask(how)
    for number, place in enumerate(places):
        word, times = place.split(":")
        at = FIRST + timedelta(hours=number)
        assert in_a_process(Death(word, int(times)), at) == signal.SIGKILL, place
        print(json.dumps(look()))
    assert in_a_process(Death("", 1), FIRST + timedelta(hours=len(places))) == 0
    print(json.dumps(look()))


if __name__ == "__main__":
    main(*sys.argv[1:])
