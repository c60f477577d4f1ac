"""The load profile: a ring of records of 16 bytes, found by arithmetic from the last one.

The place of a record follows from its time, because it moves on with each interval whether the
meter has power or not. Every record carries its own stamp, which alone is believed; where stamps
and places disagree (the clock was set), the place is corrected by the stamp that was found.

A record's stamp is taken as the end of its interval: the last one is said to be formed at it.
Values are halves of the meter's impulses: 500 / constant Wh (4.5.1).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import numpy as np

from faza.core.reading_types import ENERGIES
from faza.protocols.mercury230 import numbers, reading
from faza.protocols.mercury230.problems import Refusal, Status
from faza.protocols.mercury230.values import RECORD, Ask, Meter, Passport, Step, asked, tried
from faza.protocols.metered import U8, Column, Mask, ProfileRows, Stamps
from faza.protocols.problems import Malformed

SIZE = 15
"""Bytes of a record that are sent."""
AT_ONCE = 17
"""Records of a long answer."""
INCOMPLETE, INITIALISED = 0x02, 0x04
"""Bits of a record's status: power came or went in it; the memory was emptied in it."""
MOST_SHIFTS = 3
END = Ask(b"\x08\x13", (9,), "reads where the load profile ends")


def profile(meter: Meter, first: datetime, last: datetime) -> Step[ProfileRows]:
    """Rows of the intervals that lie in [first, last], of the length that is set now.

    Raises Refusal where the meter keeps no profile, Malformed where its last record is none.
    """
    known = yield from reading.passport(meter)
    if not known.has_profile or not known.constant:
        raise Refusal(Status.ILLEGAL, END.told)
    place, end, interval = yield from _end(meter, known)
    step = timedelta(minutes=interval)
    before = max((end - last) // step, 0)
    oldest = end - (known.records - 2) * step
    count = (end - before * step - max(first + step, oldest)) // step + 1
    if count <= 0:
        return _rows(known, interval, np.empty((0, SIZE), np.uint8), meter.offset)
    start = place - before - count + 1
    expected = end - (before + count - 1) * step
    raw = yield from _placed(meter, known, start, count, interval, expected)
    return _within(_rows(known, interval, raw, meter.offset), first + step, last)


def _end(meter: Meter, known: Passport) -> Step[tuple[int, datetime, int]]:
    """Number of the last record, its stamp (UTC) and minutes of an interval."""
    raw = yield from asked(END)
    word, interval = int.from_bytes(raw[:2], "big"), raw[8]
    end = numbers.moment(b"\0" + raw[4:2:-1] + raw[5:8], meter.offset)
    if end is None or not 1 <= interval <= 60:
        raise Malformed(f"The load profile's last record is {raw.hex(' ')}.", code="profile")
    if not meter.habits.unit:
        meter.habits = replace(meter.habits, unit=(yield from _unit(known, word, raw[3:8])))
    return word * meter.habits.unit // RECORD % known.records, end, interval


def _unit(known: Passport, word: int, stamp: bytes) -> Step[int]:
    """Whether the address counts records or bytes: that where the record is found."""
    for unit in (RECORD, 1):
        if word * unit % RECORD == 0:
            raw = yield from tried(_record(word * unit // RECORD % known.records))
            if raw is not None and raw[1:6] == stamp:
                return unit
    return RECORD


def _record(number: int, count: int = 1) -> Ask:
    """Records from a number on: one, or AT_ONCE."""
    address = number * RECORD
    memory = address >> 16 << 7 | 3
    payload = bytes((0x06, memory, address >> 8 & 0xFF, address & 0xFF, count * SIZE))
    return Ask(payload, (count * SIZE,), f"reads {count} of the load profile from {number} on")


def _placed(
    meter: Meter, known: Passport, start: int, count: int, interval: int, expected: datetime
) -> Step[U8]:
    """Records of a stretch that should begin with a stamp, sought again where it does not."""
    sought = np.datetime64(expected.astimezone(UTC).replace(tzinfo=None), "s")
    for _ in range(MOST_SHIFTS):
        head = yield from _records(meter, known, start, min(count, AT_ONCE))
        stamps, right = _stamps(head, meter.offset)
        if not right.any():
            break
        at = int(right.argmax())
        step = np.timedelta64(interval, "m")
        shift = int((sought + at * step - stamps[at]) // step)
        if not shift or abs(shift) >= known.records:
            break
        start += shift
    else:
        head = yield from _records(meter, known, start, min(count, AT_ONCE))
    if count <= AT_ONCE:
        return head
    rest = yield from _records(meter, known, start + len(head), count - len(head))
    return np.concatenate([head, rest])


def _records(meter: Meter, known: Passport, start: int, count: int) -> Step[U8]:
    """(n, 15) of records from a number on, of which the ring has `known.records`."""
    parts, at = [], 0
    while at < count:
        number = (start + at) % known.records
        is_long = meter.habits.long and count - at > 1 and number + AT_ONCE <= known.records
        raw = yield from tried(_record(number, AT_ONCE if is_long else 1))
        if raw is None and is_long:
            meter.habits = replace(meter.habits, long=False)
            continue
        size = AT_ONCE if is_long else 1
        if raw is None:
            raw = b"\xff" * SIZE
        parts.append(raw[: (count - at) * SIZE])
        at += size
    return np.frombuffer(b"".join(parts), np.uint8).reshape(-1, SIZE)


def _stamps(raw: U8, offset: int) -> tuple[Stamps, Mask]:
    """Stamps of records, UTC, and which records have one."""
    hour, minute, day, month, year = raw[:, 1:6].T.astype(np.int64)
    local, right = numbers.stamps(minute, hour, day, month, year)
    return local - np.timedelta64(offset, "m"), right


def _rows(known: Passport, interval: int, raw: U8, offset: int) -> ProfileRows:
    """Records with a stamp and the interval; the others are remnants of an earlier lap."""
    ends, right = _stamps(raw, offset)
    keep = right & (raw[:, 6] == interval)
    words = np.ascontiguousarray(raw[:, 7:]).view("<u2").astype(np.int64)
    present = words != numbers.NO_WORD
    scale = Fraction(500, known.constant)
    return ProfileRows(
        columns=tuple(Column(kind, scale) for kind in ENERGIES),
        interval=interval,
        ends=ends[keep],
        values=np.where(present, words, 0)[keep],
        present=present[keep],
        doubtful=(raw[keep, 0] & (INCOMPLETE | INITIALISED)) != 0,
    )


def _within(rows: ProfileRows, first: datetime, last: datetime) -> ProfileRows:
    low, high = (
        np.datetime64(at.astimezone(UTC).replace(tzinfo=None), "s") for at in (first, last)
    )
    keep = (rows.ends >= low) & (rows.ends <= high)
    return replace(
        rows,
        ends=rows.ends[keep],
        values=rows.values[keep],
        present=rows.present[keep],
        doubtful=rows.doubtful[keep],
    )
