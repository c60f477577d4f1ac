"""The door for telemetry that comes in packets: a batch of them is stored in one go.

Nothing of a packet that is no telemetry is stored, and it is refused; of the others what is good.
When `take` returns all is committed, and whoever brought it may be told so. Taking it again
changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from faza.collection.importing import record_all
from faza.collection.intake import storing
from faza.collection.intake.cutting import Given, Tell
from faza.collection.intake.directory import Directory
from faza.collection.points import PointBook
from faza.collection.summary import ImportSummary
from faza.metering.models import NetworkNode
from faza.protocols import Malformed, telemetry
from faza.protocols.telemetry import Device, Message, Who
from faza.protocols.telemetry.reader import ANY, NOBODY
from faza.readings.services import Recorded

KEPT = 100
"""Problems of a packet that are kept with their places; all are counted."""


@dataclass(frozen=True, slots=True)
class Packet:
    """Bytes as they came, and where from. `who`, `device`, `is_only`: see `telemetry.read`."""

    name: str
    data: bytes
    who: Who = NOBODY
    device: tuple[Device, str] = ANY
    is_only: bool = False


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong at a place of a packet; "" is all of it."""

    place: str
    reason: str
    code: str


@dataclass(slots=True)
class Verdict:
    """What is to be said of a packet. `n_items`: series, readings and events in it."""

    complaints: list[Complaint] = field(default_factory=list)
    n_problems: int = 0
    is_refused: bool = False
    n_items: int = 0
    n_bad: set[str] = field(default_factory=set)

    def tell(self, place: str, reason: str, code: str) -> None:
        self.n_problems += 1
        if len(self.complaints) < KEPT:
            self.complaints.append(Complaint(place, reason, code))
        if code in LOST:
            self.n_bad.add(place)

    @property
    def is_useless(self) -> bool:
        """Whether nothing of it can have been stored."""
        return self.is_refused or self.n_items <= len(self.n_bad)


LOST = frozenset({"point-unknown", "meter-none", "interval"})
"""Problems by which a whole item is not stored. `meter-none` may be of a part of it."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a batch: all together, and of each packet."""

    summary: ImportSummary
    verdicts: tuple[Verdict, ...]


def take(
    packets: Sequence[Packet], *, sender: str, at: datetime, within: NetworkNode | None = None,
    by: str = "",
) -> Taken:  # fmt: skip
    """Store packets of a sender, who may write to points at a node and below, or to all.

    Raises DatabaseError where it is out of reach; then some may be stored: take them again.
    """
    summary, verdicts = ImportSummary(), tuple(Verdict() for _ in packets)
    given = [
        one
        for packet, verdict in zip(packets, verdicts, strict=True)
        for one in _read(packet, verdict, at)
    ]
    directory = Directory(PointBook(at=at, dry_run=False), within=within)
    storing.learn(given, directory)
    days = storing.cut(given, directory, sender=sender, at=at)
    done: Recorded = record_all(days.deliveries, at=at, by=by)
    summary.add(done)
    summary.points |= days.points
    summary.points |= storing.store_rest(given, directory, summary, sender=sender, at=at)
    summary.rounded, summary.zones = days.rounded, days.zones
    summary.files = sum(not verdict.is_refused for verdict in verdicts)
    summary.refused = len(packets) - summary.files
    for packet, verdict in zip(packets, verdicts, strict=True):
        for one in verdict.complaints:
            reason = f"{one.place}: {one.reason}" if one.place else one.reason
            summary.problem(packet.name, None, reason, one.code)
        summary.n_problems += verdict.n_problems - len(verdict.complaints)
    return Taken(summary, verdicts)


def _read(packet: Packet, verdict: Verdict, at: datetime) -> list[Given]:
    """The messages of a packet; none if it is refused."""
    try:
        document = telemetry.read(
            packet.data, who=packet.who, device=packet.device, is_only=packet.is_only
        )
    except Malformed as problem:
        verdict.is_refused = True
        line = f"line {problem.line}" if (problem.line or 1) > 1 else ""
        verdict.tell(line, problem.reason, problem.code)
        return []
    for one in document.problems:
        verdict.tell(one.column, one.reason.removeprefix(f"{one.column}: "), one.code)
    verdict.n_problems += sum(document.counts.values()) - len(document.problems)
    tell: Tell = verdict.tell
    found = [
        Given(message, storing.sequence_of(message, packet.data, at), tell)
        for message in document.values
    ]
    verdict.n_items = sum(_items(message) for message in document.values)
    return found


def _items(message: Message) -> int:
    return len(message.intervals) + len(message.registers) + len(message.events)
