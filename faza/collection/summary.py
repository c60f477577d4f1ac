"""What an import is told and what it tells: options, problems, counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from faza.protocols import Document, Problem
from faza.readings.register_services import RegistersRecorded
from faza.readings.services import Recorded

KEPT = 1000
"""How many problems of a run are kept with their places; the others are only counted."""

FORMATS = ("80020", "80040", "profiles", "registers", "telemetry", "espi")
"""What a file may be forced to be; 80020 and 80040 are read alike, by the message's own class."""


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How files are to be taken. None and "" are found out from the files.

    `zone` is the IANA zone of naive moments in tables and of the days of messages; without it
    both are Moscow's, unless something else is agreed with a sender (`ExchangeProfile`).
    `stamped`: whether a table's moments are the starts or ends of intervals. `as_of` is the
    moment that a table's content was so: of two tables the later one stands; without it, when
    the file was changed last. `channel`, `unit`, `interval` are of tables that name none.

    `only`: the usage points that may be written to, others are unknown; files that name meters
    are refused then. `senders`: whose messages are taken; of another sender they are refused.
    """

    format: str | None = None
    create_points: bool = False
    dry_run: bool = False
    zone: str | None = None
    stamped: Literal["start", "end"] | None = None
    as_of: datetime | None = None
    channel: str | None = None
    unit: str | None = None
    interval: int | None = None
    by: str = ""
    only: frozenset[int] | None = None
    senders: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is: `done` of `total` given files; `name` is the one at work."""

    done: int
    total: int | None
    name: str
    values: int


ProgressCallback = Callable[[Progress], None]


@dataclass(slots=True)
class ImportSummary:
    """What an import did.

    `files` that were understood, `refused` those that are no such files. `values` were delivered
    = changed + unchanged + superseded; `cleared` were taken back by a message that says there
    are none. `registers` are the register readings among them, one for all registers of a moment;
    `unassigned` readings wait for their meter to be installed. `events` of devices were delivered,
    `new_events` of them were not known. `rounded` values were finer than the
    quantum. `problems` are the first KEPT, `n_problems` counts all. `notes`: what was decided
    without being told, with the number of files. `run` is the number of the ImportRun.
    """

    files: int = 0
    refused: int = 0
    points: set[int] = field(default_factory=set)
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    superseded: int = 0
    cleared: int = 0
    registers: int = 0
    unassigned: int = 0
    events: int = 0
    new_events: int = 0
    rounded: int = 0
    zones: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    n_problems: int = 0
    notes: dict[str, int] = field(default_factory=dict)
    dry_run: bool = False
    run: int | None = None

    @property
    def values(self) -> int:
        return self.changed + self.unchanged + self.superseded

    def add(self, recorded: Recorded) -> None:
        self.changed += recorded.changed
        self.unchanged += recorded.unchanged
        self.superseded += recorded.superseded
        self.cleared += recorded.cleared

    def add_registers(self, done: RegistersRecorded) -> None:
        self.changed += done.changed
        self.unchanged += done.unchanged
        self.superseded += done.superseded
        self.registers += done.changed + done.unchanged + done.superseded
        self.unassigned += done.unassigned
        if done.conflicts:
            self.note(f"{len(done.conflicts)} typed readings differ from what the meters say.")

    def problem(self, file: str, line: int | None, reason: str, code: str) -> None:
        self._keep(Problem(file, line, reason, code))
        self.n_problems += 1

    def take(self, document: Document[Any]) -> int:
        """Take over the problems of a file; how many there are."""
        for problem in document.problems:
            self._keep(problem)
        number = max(sum(document.counts.values()), len(document.problems))
        self.n_problems += number
        return number

    def note(self, text: str) -> None:
        self.notes[text] = self.notes.get(text, 0) + 1

    def _keep(self, problem: Problem) -> None:
        if len(self.problems) < KEPT:
            self.problems.append(problem)

    def as_dict(self) -> dict[str, Any]:
        """The summary as plain values; the keys are part of the command's interface."""
        return {
            "files": self.files,
            "points": len(self.points),
            "values": self.values,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "superseded": self.superseded,
            "problems": [
                {"file": p.file, "line": p.line, "reason": p.reason} for p in self.problems
            ],
            "problem_count": self.n_problems,
            "refused": self.refused,
            "cleared": self.cleared,
            "registers": self.registers,
            "unassigned": self.unassigned,
            "events": self.events,
            "new_events": self.new_events,
            "rounded": self.rounded,
            "created_points": self.created,
            "zones": sorted(self.zones),
            "notes": [{"text": text, "files": n} for text, n in sorted(self.notes.items())],
            "dry_run": self.dry_run,
        }
