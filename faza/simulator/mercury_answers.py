"""The data of answers of a simulated Mercury: bytes of a meter's state; see `mercury`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from faza.protocols.mercury230.numbers import bcd
from faza.protocols.metered import I64, Instant, ProfileRows
from faza.simulator.meter import Meter

DONE, REFUSED, FAILED, DENIED, TOO_OFTEN, NOT_OPEN = (bytes((code,)) for code in range(6))
"""Statuses."""
RECORDS = 8192
CONSTANT_CODE = {1: 0, 10: 3}
"""Of 5000 and 500 impulses per kWh: a unit of the profile is half an impulse."""
EMPTY = b"\xff" * 15
DEPTH = 10

# Journal of a Mercury → journal of СПОДЭС, code of the first and of the second moment.
JOURNALS = {
    0x01: (2, 2, 1),
    0x02: (3, None, 68),
    0x12: (4, 3, None),
    0x1A: (4, 1, 2),
    0x0A: (3, 46, None),
}
SHORT = {0x0A}
"""Journals of one moment; their entries have six bytes."""


@dataclass(frozen=True)
class Kept:
    """Ten entries of a journal by place, and when each was made (0: never)."""

    raw: list[bytes]
    made: list[int]


def moment(local: datetime) -> bytes:
    """Second, minute, hour, day, month, year."""
    parts = (local.second, local.minute, local.hour, local.day, local.month, local.year - 2000)
    return b"".join(bcd(part) for part in parts)


def passport(meter: Meter, at: datetime) -> bytes:
    """Number, date of making, firmware 9.0.0, six bytes of execution."""
    told = meter.identity(at)
    number = bytes(int(told.number[place : place + 2]) for place in range(0, 8, 2))
    made = told.made_on
    day = bytes((made.day, made.month, made.year - 2000)) if made else bytes(3)
    spec = meter.spec
    second = 0x60 | (0x10 if spec.phases == 1 else 0) | CONSTANT_CODE[spec.profile_step]
    variant = bytes((0xB4, second, 0xC2, 0x96, 0x80 if spec.has_relay else 0, 0x40))
    return number + day + b"\x09\0\0" + variant


def sixteen(values: I64) -> bytes:
    """Four energies, each high word first, words low byte first."""
    words = np.stack([values >> 16 & 0xFFFF, values & 0xFFFF], axis=1)
    return words.astype("<u2").tobytes()


def masked(value: int, direction: int) -> bytes:
    """Three bytes: high with two bits of direction, low, middle."""
    return bytes((direction << 6 | value >> 16 & 63, value & 255, value >> 8 & 255))


def record(meter: Meter, rows: ProfileRows, place: int | None) -> bytes:
    """A record of the load profile; bytes without a meaning where there is no row."""
    if place is None:
        return EMPTY
    end = datetime.fromtimestamp(int(rows.ends[place].astype(np.int64)), UTC)
    _, minute, hour, day, month, year = moment(end + timedelta(minutes=meter.spec.offset))
    status = 0x08 | (0x02 if rows.doubtful[place] else 0)
    head = bytes((status, hour, minute, day, month, year, rows.interval))
    words = np.where(rows.present[place], np.minimum(rows.values[place], 0xFFFE), 0xFFFF)
    return head + words.astype("<u2").tobytes()


# Number of a group: codes of reading types, last digits in one quantum, whether it has directions.
GROUPS: dict[int, tuple[tuple[int, ...], int, bool]] = {
    0x00: ((20, 21, 22, 23), 100, True),
    0x04: ((25, 26, 27, 28), 100, True),
    0x08: ((30, 31, 32, 33), 100, True),
    0x11: ((11, 12, 13), 10, False),
    0x21: ((16, 17, 18), 1, False),
    0x30: ((35, 36, 37, 38), 1, True),
    0x40: ((40,), 1, False),
}


def group(now: Instant, number: int) -> bytes:
    """Present values of a group; a phase that is not there has all bits set."""
    known = GROUPS.get(number)
    if known is None:
        return REFUSED
    codes, digits, has_directions = known
    out = b""
    for code in codes:
        value = now.values.get(code)
        direction = _direction(now, code) if has_directions else 0
        out += b"\xff\xff\xff" if value is None else masked(abs(value) * digits, direction)
    return out


def _direction(now: Instant, code: int) -> int:
    """Bits of the phase's active and reactive power that flow back."""
    phase = code % 5
    back = now.values.get(20 + phase, 0) < 0, now.values.get(25 + phase, 0) < 0
    return back[0] << 1 | back[1]


def entries(meter: Meter, journal: int, at: datetime) -> Kept | None:
    """The ring of a journal; None if there is no such journal."""
    known = JOURNALS.get(journal)
    if known is None:
        return None
    source, first, second = known
    rows = meter.journal(source, at)
    found: list[list[datetime | None]] = []
    for stamp, code in zip(
        rows.moments.astype(np.int64).tolist(), rows.codes.tolist(), strict=True
    ):
        local = datetime.fromtimestamp(stamp, UTC) + timedelta(minutes=meter.spec.offset)
        if code == first:
            found.append([local, None])
        elif code == second and found and found[-1][1] is None:
            found[-1][1] = local
        elif code == second:
            found.append([None, local])
    size = 6 if journal in SHORT else 12
    raw, made = [bytes(size)] * DEPTH, [0] * DEPTH
    for count, pair in enumerate(found):
        told = b"".join(bytes(6) if part is None else moment(part) for part in pair)
        raw[count % DEPTH], made[count % DEPTH] = told[:size], count + 1
    return Kept(raw, made)
