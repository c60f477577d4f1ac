"""Registers of energy: of now, and as kept at starts of days and months."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from faza.protocols.mercury230 import numbers, reading
from faza.protocols.mercury230.problems import Refusal, Status
from faza.protocols.mercury230.values import Ask, Meter, Step, tried
from faza.protocols.metered import I64, Mask, RegisterRows, Stamps

TARIFFS = 5
"""The sum and four tariffs."""
SHAPE = (4, 9)
NOW, MONTH, TODAY, YESTERDAY = 0x00, 0xB0, 0xC0, 0xD0
"""Arrays of registers (table 4.6); that of months has the month's number in its low half."""


def registers(meter: Meter) -> Step[RegisterRows]:
    """What the registers show now, at the moment of the meter's clock."""
    at = yield from reading.clock(meter)
    values, present = yield from _of_array(NOW, "now")
    if not present.any():
        raise Refusal(Status.INTERNAL, "reads registers now")
    return _rows("on_demand", [(at, values, present)])


def captured(meter: Meter, kind: str, first: datetime, last: datetime) -> Step[RegisterRows]:
    """Registers at the starts of civil days ("day") or months that lie in [first, last].

    What the meter keeps no more, or not yet, is not there. Meters without long arrays have two
    days and twelve months.
    """
    known = yield from reading.passport(meter)
    starts = _starts(kind, first, last, meter.offset)
    found = []
    shown = None if known.has_days else (yield from reading.clock(meter))
    for start in starts:
        local = start + timedelta(minutes=meter.offset)
        if known.has_days:
            kept = yield from _of_date(0 if kind == "day" else 1, local)
        else:
            assert shown is not None  # asked for above
            array = _array(kind, local, shown + timedelta(minutes=meter.offset))
            if array is None:
                continue
            kept = yield from _of_array(array, f"at {local:%d.%m.%Y}")
        if kept[1].any():
            found.append((start, *kept))
    return _rows(kind, found)


def _array(kind: str, local: datetime, shown: datetime) -> int | None:
    """The array of a date, in meters that have no others."""
    if kind == "day":
        return {0: TODAY, 1: YESTERDAY}.get((shown.date() - local.date()).days)
    past = (shown.year - local.year) * 12 + shown.month - local.month
    return MONTH | local.month if 0 <= past < 12 else None


def _of_array(array: int, told: str) -> Step[tuple[I64, Mask]]:
    """(4, 9) of an array, a question for each tariff; nothing where it is not kept."""
    values, present = np.zeros(SHAPE, np.int64), np.zeros(SHAPE, np.bool_)
    for tariff in range(TARIFFS):
        ask = Ask(bytes((0x05, array, tariff)), (16,), f"reads registers {told}, T{tariff}")
        raw = yield from tried(ask)
        if raw is None and not tariff:
            break
        _put(values, present, tariff, raw)
    return values, present


def _of_date(array: int, local: datetime) -> Step[tuple[I64, Mask]]:
    """(4, 9) of the start of a date from the long arrays; nothing where it is not kept."""
    values, present = np.zeros(SHAPE, np.int64), np.zeros(SHAPE, np.bool_)
    day = b"".join(numbers.bcd(part) for part in (local.day, local.month, local.year - 2000))
    for tariff in range(TARIFFS):
        payload = bytes((0x18, array)) + day + bytes((tariff,))
        told = f"reads registers kept at {local:%d.%m.%Y}, T{tariff}"
        raw = yield from tried(Ask(payload, (16,), told))
        if raw is None and not tariff:
            break
        _put(values, present, tariff, raw)
    return values, present


def _put(values: I64, present: Mask, tariff: int, raw: bytes | None) -> None:
    if raw is not None:
        (values[:, tariff],), (present[:, tariff],) = numbers.energies(raw)


def _starts(kind: str, first: datetime, last: datetime, offset: int) -> list[datetime]:
    """Starts of local days or months in [first, last], UTC."""
    shift = timedelta(minutes=offset)
    local = (first + shift).astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    local = local.replace(day=1) if kind == "month" else local
    found = []
    while local - shift <= last:
        if local - shift >= first:
            found.append(local - shift)
        if kind == "month":
            local = (local + timedelta(days=31)).replace(day=1)
        else:
            local += timedelta(days=1)
    return found


def _rows(kind: str, found: list[tuple[datetime, I64, Mask]]) -> RegisterRows:
    moments: Stamps = np.array(
        [at.astimezone(UTC).replace(tzinfo=None) for at, _, _ in found], "datetime64[s]"
    )
    values = np.array([row for _, row, _ in found], np.int64).reshape(-1, *SHAPE)
    present = np.array([row for _, _, row in found], np.bool_).reshape(-1, *SHAPE)
    return RegisterRows(kind, moments, values, present)
