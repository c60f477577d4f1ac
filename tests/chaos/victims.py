"""What is killed: processes that somebody starts again, as systemd does, and the database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.support import postgres

PAUSE = 0.3
"""Seconds before what has ended is started again."""
OPTIONS = {"fsync": "off", "synchronous_commit": "on"}
"""A killed server loses nothing that it has given to the system; only a power cut would."""


@dataclass(slots=True)
class Kept:
    """A process that is started again whenever it has ended, with all its children."""

    name: str
    command: list[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0
    stop: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None

    def keep(self) -> None:
        self._start()
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    def kill(self, *, child: bool = False) -> None:
        """Kill it as a lack of memory does; or its first child, where it has one."""
        assert self.process is not None
        below = children(self.process.pid) if child else []
        with suppress(ProcessLookupError):
            os.kill(below[0] if below else self.process.pid, signal.SIGKILL)

    def end(self, patience: float = 40.0) -> int:
        """Have it end in order; its exit code, -9 where it had to be killed.

        What was started again hears two signals at once, as from an impatient person: the kernel
        counts the thread that started it as its parent, and that one ends here, too.
        """
        self.stop.set()
        if self.thread is not None:
            self.thread.join()
        assert self.process is not None
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            return self.process.wait(patience)
        self.clear()
        return -9

    def clear(self) -> None:
        self.stop.set()
        if self.thread is not None:
            self.thread.join()
        if self.process is not None:
            self._clear()

    def _watch(self) -> None:
        while not self.stop.wait(0.05):
            assert self.process is not None
            if self.process.poll() is not None:
                self._clear()
                if not self.stop.wait(PAUSE):
                    self._start()

    def _start(self) -> None:
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, *self.command], stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                start_new_session=True, preexec_fn=postgres.die_with_parent(signal.SIGTERM),
            )  # fmt: skip
        self.starts += 1

    def _clear(self) -> None:
        """Kill it and what it left behind."""
        assert self.process is not None
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@dataclass(slots=True)
class Database:
    """A PostgreSQL server of our own that may be killed and begun again with what it had."""

    folder: Path
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return postgres.url_of(self.port)

    def make(self) -> None:
        self.folder.mkdir()
        postgres.make(self.folder)
        self.port = postgres.free_port()
        self.begin()
        postgres.create(self.port)

    def begin(self) -> None:
        """Start it. Raises NoServer."""
        for _ in range(20):  # what a killed server shared with its children goes with the last one
            self.process = postgres.begin(self.folder, self.port, OPTIONS)
            if postgres.answers(self.port, self.process):
                return
            time.sleep(0.2)
        raise postgres.NoServer(postgres.log_of(self.folder))

    def kill(self) -> None:
        """Kill the server and all its processes."""
        assert self.process is not None
        below = children(self.process.pid)
        for pid in (self.process.pid, *below):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def end(self) -> None:
        if self.process is not None:
            postgres.end(self.process)


def children(pid: int) -> list[int]:
    """The processes that a process has started and that still run, the oldest first."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            after = stat.read_text().rpartition(")")[2].split()
            if int(after[1]) == pid:
                found.append(int(stat.parent.name))
    return sorted(found)
