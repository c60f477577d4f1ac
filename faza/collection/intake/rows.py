"""Register readings and events of messages, on their way into the store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np

from faza.collection import registers
from faza.collection.intake.cutting import Given
from faza.collection.intake.directory import Directory
from faza.collection.warnings import record
from faza.events.batches import EventBatch
from faza.events.kinds import Device as EventDevice
from faza.events.services import DeviceEvent, record_devices
from faza.protocols.tabular import REGISTERS, TARIFFS, Registers
from faza.protocols.telemetry import Device, Event, Reading, Who
from faza.readings import services as readings
from faza.readings.register_services import RegistersRecorded

SHAPE = (len(REGISTERS), TARIFFS)


class Held(NamedTuple):
    """A reading or event with the message it came in."""

    given: Given
    reading: Reading


def store_registers(
    given: Sequence[Given], directory: Directory, *, sender: str, at: datetime
) -> tuple[RegistersRecorded, set[int]]:
    """Record the readings of messages; what became of them, and of which points.

    A meter that stood nowhere lets its reading wait, unless the sender is bound to an area: then
    it is a problem, as nobody may leave readings for the meters of others.
    """
    held = [Held(one, reading) for one in given for reading in one.message.registers]
    if directory.within is not None:
        held = [inside for one in held if (inside := _inside(one, directory)) is not None]
    done, points = RegistersRecorded(), set[int]()
    for turn in _turns(held):
        more, touched = _store(turn, directory, sender, at)
        done += more
        points |= touched
    return done, points


def _inside(held: Held, directory: Directory) -> Held | None:
    """A reading with the point of the area that it is of; None, and told, where there is none.

    A number alone may be of meters elsewhere too, and a meter that moves stands in two places.
    """
    who, at = held.reading.who, held.reading.at
    if not who.meter:
        if directory.place(who.point):
            return held
        held.given.tell(held.reading.place, f"Usage point {who.point} is unknown.", "point-unknown")
        return None
    codes = [one.code for one in directory.standing(who) if one.start <= at <= one.end]
    if not codes:
        held.given.tell(held.reading.place, f"Meter {who.meter} is unknown.", "point-unknown")
        return None
    return held._replace(reading=replace(held.reading, who=Who(codes[-1], who.meter)))


def _turns(held: Sequence[Held]) -> list[list[Held]]:
    """Parts in which no reading comes twice: a message may be repeated within a batch."""
    seen: dict[tuple[Who, int, str], int] = defaultdict(int)
    turns: list[list[Held]] = []
    for one in sorted(held, key=lambda one: one.given.sequence):
        key = (one.reading.who, one.reading.at, one.reading.kind)
        turn = seen[key]
        seen[key] += 1
        if turn == len(turns):
            turns.append([])
        turns[turn].append(one)
    return turns


def _store(
    held: Sequence[Held], directory: Directory, sender: str, at: datetime
) -> tuple[RegistersRecorded, set[int]]:
    values = np.zeros((len(held), *SHAPE), np.int64)
    present = np.zeros(values.shape, bool)
    for n, one in enumerate(held):
        for place, amount in one.reading.shown.items():
            values[(n, *place)], present[(n, *place)] = amount, True
    readings = [one.reading for one in held]
    found = Registers(
        points=tuple(one.who.point for one in readings),
        meters=tuple(one.who.meter for one in readings),
        moments=np.array([one.at for one in readings], np.int64).astype("datetime64[s]"),
        values=values,
        present=present,
        kinds=tuple(one.kind for one in readings),
        lines=tuple(range(1, len(held) + 1)),
    )

    def complain(line: int | None, reason: str, code: str) -> None:
        if line:
            held[line - 1].given.tell(readings[line - 1].place, reason, code)

    late = int(at.timestamp()) + int(registers.SLACK.total_seconds())
    for one in held:
        if one.reading.at > late:
            reason = "It was read after the moment of arrival; it is stored."
            one.given.tell(one.reading.place, reason, "value-late")
    sequences = np.array([one.given.sequence for one in held], np.int64)
    return registers.store(
        found, sequence=sequences, book=directory.book, at=at, complain=complain,
        source=("meter", sender),
    )  # fmt: skip


def store_events(
    given: Sequence[Given], directory: Directory, *, sender: str, at: datetime
) -> tuple[int, set[int]]:
    """Record the events of messages; how many were new, and of which points."""
    source = readings.get_source("meter", sender=sender).pk
    rows: list[tuple[int, int, Event]] = []
    others: list[DeviceEvent] = []
    late = int(at.timestamp()) + int(registers.SLACK.total_seconds())
    node = directory.within.pk if directory.within is not None else None
    for one in given:
        for event in one.message.events:
            if event.at > late:
                reason = "It happened after the moment of arrival; it is stored."
                one.tell(event.place, reason, "value-late")
            if event.device is not Device.METER:
                others.append(_of_device(event, node))
            elif (stood := _where(one, event, directory)) is not None:
                rows.append((*stood, event))
    new = len(record_devices(others, source=source, at=at)) if others else 0
    if rows:
        points, meters, events = zip(*rows, strict=True)
        batch = EventBatch.of(
            points, meters, [event.at for event in events],
            [event.journal for event in events], [event.code for event in events],
            details=[event.details for event in events],
        )  # fmt: skip
        new += record(batch, source=source, at=at).count
    return new, {point for point, _, _ in rows}


def _of_device(event: Event, node: int | None) -> DeviceEvent:
    return DeviceEvent(
        EventDevice(event.device.value), event.number, datetime.fromtimestamp(event.at, UTC),
        event.journal, event.code, node=node, details=event.details,
    )  # fmt: skip


def _where(given: Given, event: Event, directory: Directory) -> tuple[int, int] | None:
    """Usage point and meter of an event; the meter is 0 where none stood. None: it is told."""
    who, place = event.who, directory.place(event.who.point)
    if who.meter:
        stood = [one for one in directory.standing(who) if one.start <= event.at <= one.end]
        if stood:
            return stood[-1].place.id, stood[-1].meter
        where = f" at {who.point}" if who.point else ""
        given.tell(event.place, f"Meter {who.meter} stood nowhere{where} then.", "meter-none")
        return None
    if place is None or place.id < 0:
        given.tell(event.place, f"Usage point {who.point} is unknown.", "point-unknown")
        return None
    here = [one for one in directory.standing_at(place) if one.start <= event.at <= one.end]
    billing = [one for one in here if one.is_billing] or here
    return place.id, billing[-1].meter if billing else 0
