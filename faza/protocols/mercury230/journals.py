"""Journals of events, told by the codes of СПОДЭС (journal, code) that mean the same.

Most have ten entries in a ring, of two moments (begin and end) or one. What СПОДЭС has no code
for is not read: limits of energy by tariff, maxima of power, frequency.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from faza.protocols.mercury230 import numbers, reading
from faza.protocols.mercury230.values import Ask, Meter, Step, tried
from faza.protocols.metered import EventRows, Json

Code = tuple[int, int]
DEPTH = 10
ALL, LAST = 0xFE, 0xFF
"""Instead of an entry's number: all ten; the last one, with its number behind it."""
CLOCK, COVERS, LOAD = 0x02, 0x12, 0x87
CORRECTED: Code = (3, 68)

PAIRS: Mapping[int, tuple[Code, Code]] = {
    0x01: ((2, 2), (2, 1)),  # the meter's power: on, then off
    **{0x03 + n: ((0, 2 + 2 * n), (0, 1 + 2 * n)) for n in range(3)},  # voltage of a phase
    0x1A: ((4, 1), (4, 2)),  # magnetic field
    **{0x80 + n: ((1, 1 + 2 * n), (1, 2 + 2 * n)) for n in range(3)},  # current flows back
    **{0x83 + n: ((1, 19 + 2 * n), (1, 20 + 2 * n)) for n in range(3)},  # current, no voltage
    0x86: ((0, 25), (0, 26)),  # order of phases
}
"""Journals of two moments: what each of them is."""
SINGLES: Mapping[int, Code] = {
    0x07: (3, 7),  # tariff schedule
    0x08: (3, 49),  # special days
    0x09: (3, 1024),  # registers emptied: СПОДЭС has no code of its own
    0x0A: (3, 46),  # load profile emptied
    0x0F: (3, 19),  # power limit
    0x11: (3, 18),  # technical losses
}
"""Journals of one moment."""
SWITCHED: Mapping[int, Code] = {
    0x01: (2, 28), 0x02: (2, 27), 0x03: (2, 3), 0x04: (2, 4), 0x05: (2, 5), 0x06: (2, 6),
    0x07: (2, 7), 0x08: (2, 8), 0x09: (2, 20), 0x0A: (2, 9), 0x0B: (2, 21), 0x0C: (2, 11),
    0x0D: (2, 12), 0x0E: (2, 10), 0x0F: (2, 14), 0x10: (2, 22), 0x11: (2, 15), 0x12: (2, 23),
    0x13: (2, 18), 0x14: (2, 19), 0x15: (2, 19), 0x16: (2, 19), 0x17: (2, 19),
}  # fmt: skip
"""Causes in an entry of the load control's journal (table 4.5): bit n of six bytes, the first
byte lowest. The order of bits is not described; it is that of the other words of state."""
TERMINALS, CASE = (4, 3), (4, 4)


@dataclass(frozen=True, slots=True)
class Event:
    at: datetime
    code: Code
    details: Mapping[str, Json]


def events(meter: Meter, first: datetime, last: datetime) -> Step[EventRows]:
    """Events in [first, last] of all journals, oldest first, each once; those of a journal that
    the meter does not have are not there."""
    known = yield from reading.passport(meter)
    found: dict[tuple[datetime, Code], Event] = {}
    for number in (*PAIRS, CLOCK, COVERS, *SINGLES, *([LOAD] if known.has_relay else [])):
        size = 6 if number in SINGLES else 12
        entries = yield from _entries(meter, number, size, first)
        for event in _told(meter, number, entries):
            if first <= event.at <= last:
                found[event.at, event.code] = event
    return _rows([found[key] for key in sorted(found)])


def _entries(
    meter: Meter, number: int, size: int, since: datetime
) -> Step[list[tuple[int, bytes]]]:
    """Entries of a journal with their places; none if the last one is before `since`."""
    if number != COVERS:  # there the last one cannot be asked for
        ask = Ask(bytes((4, number, LAST)), (size + 1,), f"reads the last of journal {number}")
        last = yield from tried(ask)
        if last is None or not _is_since(meter, last[:size], since):
            return []
    if meter.habits.long:
        told = f"reads journal {number}"
        whole = yield from tried(Ask(bytes((4, number, ALL)), (size * DEPTH,), told))
        if whole is not None:
            return [(n, whole[n * size : (n + 1) * size]) for n in range(DEPTH)]
    found = []
    for place in range(DEPTH):
        told = f"reads entry {place} of journal {number}"
        raw = yield from tried(Ask(bytes((4, number, place)), (size,), told))
        if raw is None:
            break
        found.append((place, raw))
    return found


def _is_since(meter: Meter, raw: bytes, since: datetime) -> bool:
    parts = (numbers.moment(raw[at : at + 6], meter.offset) for at in range(0, len(raw) - 5, 6))
    moments = [moment for moment in parts if moment is not None]
    return bool(moments) and max(moments) >= since


def _told(meter: Meter, number: int, entries: list[tuple[int, bytes]]) -> Iterator[Event]:
    """What entries mean; moments that are none are not noted yet."""
    for place, raw in entries:
        first = numbers.moment(raw[:6], meter.offset)
        if number == LOAD:
            yield from _switched(first, raw[6:])
            continue
        second = numbers.moment(raw[6:], meter.offset) if len(raw) == 12 else None
        if number == CLOCK:
            if second is not None:
                before = first.isoformat() if first else None
                yield Event(second, CORRECTED, {"before": before})
        elif number == COVERS:
            if first is not None:
                closed = {"until": second.isoformat()} if second else {}
                yield Event(first, _cover(meter, place), closed)
        elif number in SINGLES:
            if first is not None:
                yield Event(first, SINGLES[number], {"mercury": number})
        else:
            for moment, code in zip((first, second), PAIRS[number], strict=True):
                if moment is not None:
                    yield Event(moment, code, {})


def _switched(at: datetime | None, raw: bytes) -> Iterator[Event]:
    causes = int.from_bytes(raw, "little")
    if at is not None:
        for bit, code in SWITCHED.items():
            if causes >> bit & 1:
                yield Event(at, code, {"mercury": bit})


def _cover(meter: Meter, place: int) -> Code:
    """Of two seals the terminal cover has the first five entries, the case the others."""
    known = meter.passport
    assert known is not None  # read before any journal
    if known.has_two_seals:
        return TERMINALS if place < DEPTH // 2 else CASE
    return CASE if known.has_case_seal else TERMINALS


def _rows(found: list[Event]) -> EventRows:
    moments = [event.at.astimezone(UTC).replace(tzinfo=None) for event in found]
    return EventRows(
        np.array(moments, "datetime64[s]"),
        np.array([event.code[0] for event in found], np.int16),
        np.array([event.code[1] for event in found], np.int16),
        tuple(event.details for event in found),
    )
