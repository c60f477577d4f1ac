"""Telemetry messages into the store: whom they are about, then days, registers, events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from faza.collection.intake import cutting, rows
from faza.collection.intake.cutting import Days, Given
from faza.collection.intake.directory import Directory
from faza.collection.summary import ImportSummary
from faza.protocols.telemetry import Device, Message, Who
from faza.readings import rules as readings_rules

FILES = "files"
"""The sender of telemetry in files: nobody says who."""
SLACK = timedelta(minutes=30)
"""Devices' clocks may be as fast as that; what says to be sent later counts as sent then."""


def sequence_of(message: Message, content: bytes, at: datetime) -> int:
    """The place of a message among those of its sender: when it was sent, else when it came.

    `at` bounds it: a device whose clock stands in the next year would beat all that comes after.
    """
    sent = readings_rules.moment(at)
    if message.sent_at is not None:
        sent = min(message.sent_at, readings_rules.moment(at + SLACK))
    return readings_rules.sequence(sent, content)


def learn(given: Sequence[Given], directory: Directory) -> None:
    """Look up everybody whom messages name. A fixed number of queries."""
    whos: set[Who] = set()
    shown: set[Who] = set()
    for one in given:
        message = one.message
        whos.update(series.who for series in message.intervals)
        whos.update(reading.who for reading in message.registers)
        shown.update(series.who for series in message.intervals if series.is_shown)
        of_points = {event.who for event in message.events if event.device is Device.METER}
        whos |= of_points
        shown |= of_points
    directory.learn(whos, shown)


def codes_of(messages: Iterable[Message]) -> set[str]:
    """The codes of usage points that series of messages name."""
    return {series.who.point for one in messages for series in one.intervals if series.who.point}


def store_rest(
    given: Sequence[Given], directory: Directory, summary: ImportSummary, *, sender: str,
    at: datetime,
) -> set[int]:  # fmt: skip
    """Record registers and events, counted in the summary; the points that they are of."""
    points: set[int] = set()
    if any(one.message.registers for one in given):
        done, touched = rows.store_registers(given, directory, sender=sender, at=at)
        summary.add_registers(done)
        points |= touched
    if any(one.message.events for one in given):
        new, touched = rows.store_events(given, directory, sender=sender, at=at)
        summary.events += sum(len(one.message.events) for one in given)
        summary.new_events += new
        points |= touched
    return points


def cut(given: Sequence[Given], directory: Directory, *, sender: str, at: datetime) -> Days:
    """Days of all series; `learn` comes before."""
    return cutting.cut(given, directory, sender=sender, at=at)
