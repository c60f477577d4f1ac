"""The processes of a soak: a simulated fleet, collectors that may be killed, and the time."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO

from tests.support.postgres import die_with_parent

PATIENCE = 60.0
"""Seconds that a process has to begin or to end."""


class Stuck(Exception):
    """Something did not come about in time; the message says what, and what is known."""


@dataclass(slots=True)
class World:
    """See the module. All files are in `folder`; processes inherit our environment."""

    folder: Path
    simulator: subprocess.Popen[bytes] | None = None
    collectors: list[subprocess.Popen[bytes]] = field(default_factory=list)
    kills: int = 0
    amid: int = 0
    """Kills that left sessions or results behind."""
    begun: int = 0

    @property
    def clock(self) -> Path:
        return self.folder / "now"

    @property
    def truth(self) -> Path:
        return self.folder / "truth.npz"

    def tell_time(self, at: datetime) -> None:
        """Let it be that time for everybody at once."""
        part = self.folder / "now.part"
        part.write_text(at.isoformat())
        os.replace(part, self.clock)

    def simulate(self, *arguments: str) -> list[dict[str, object]]:
        """Begin the fleet; how its meters are reached."""
        file = self.folder / "meters.json"
        self.simulator = self._start(
            "simulator", "-m", "tests.support.faza", "simulate", "--port", "0",
            "--clock-file", str(self.clock), "--truth", str(self.truth),
            "--write-connections", str(file), *arguments,
        )  # fmt: skip
        until = time.monotonic() + PATIENCE
        while not file.exists():
            if self.simulator.poll() is not None or time.monotonic() > until:
                raise Stuck(f"the simulator does not begin:\n{self.log('simulator')}")
            time.sleep(0.05)
        found: list[dict[str, object]] = json.loads(file.read_text())["meters"]
        return found

    def collect(self, lines: int, lease: float) -> None:
        """Begin one collector more, that speaks on so many lines at once, with such leases."""
        self.begun += 1
        name = f"collector-{self.begun}"
        arguments = ["-m", "tests.soak.collector", str(lease), "--clock-file", str(self.clock)]
        arguments += ["--lines", str(lines)]
        self.collectors.append(self._start(name, *arguments))

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Kill a collector as power cuts do."""
        self.collectors.remove(process)
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.kills += 1

    def check(self) -> None:
        """Raises Stuck where a process has ended by itself."""
        for process in (self.simulator, *self.collectors):
            if process is not None and process.poll() is not None:
                raise Stuck(f"{self.logs()}\n{process.args!r} ended with {process.returncode}")

    def log(self, name: str, last: int = 3000) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")[-last:]

    def logs(self) -> str:
        return "\n".join(self.log(file.stem) for file in sorted(self.folder.glob("*.log")))

    def end(self) -> None:
        """End all as one ends them at night; the simulator writes its truth."""
        for process in (*self.collectors, self.simulator):
            if process is not None and process.poll() is None:
                process.terminate()
        for process in (*self.collectors, self.simulator):
            if process is not None and process.wait(PATIENCE) != 0:
                raise Stuck(f"{process.args!r} ended with {process.returncode}")

    def clear(self) -> None:
        """Kill what is left."""
        for process in (*self.collectors, self.simulator):
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()

    def _start(self, name: str, *command: str) -> subprocess.Popen[bytes]:
        with self._opened(name) as out:
            return subprocess.Popen(
                [sys.executable, *command], stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                preexec_fn=die_with_parent(signal.SIGKILL),
            )  # fmt: skip

    def _opened(self, name: str) -> IO[bytes]:
        return (self.folder / f"{name}.log").open("ab")


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """A world as long as the block lasts."""
    made = World(folder)
    try:
        yield made
    finally:
        made.clear()
