"""Numbers and moments as a Mercury writes them; layouts are told by their place in the answer.

Two decimal digits in a byte ("2/10 code"), words low byte first, four-byte values with the high
word first, three-byte ones as high, low, middle byte with two bits of direction on top.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from faza.protocols.metered import I64, Mask, Stamps
from faza.protocols.problems import Malformed

ABSENT = 0xFFFFFFFF
NO_WORD = 0xFFFF
EPOCH = np.datetime64("2000-01", "M")


def bcd(value: int) -> bytes:
    """Two decimal digits. Raises ValueError outside 0 to 99."""
    if not 0 <= value <= 99:
        raise ValueError(f"{value} has not two digits.")
    return bytes((value // 10 << 4 | value % 10,))


def digits(raw: int) -> int | None:
    """What two decimal digits say, None if they are none."""
    high, low = raw >> 4, raw & 15
    return high * 10 + low if high < 10 and low < 10 else None


def moment(raw: bytes, offset: int) -> datetime | None:
    """UTC of second, minute, hour, day, month, year; None if it is no moment (nothing noted)."""
    parts = [digits(byte) for byte in raw]
    if len(parts) != 6 or None in parts:
        return None
    second, minute, hour, day, month, year = (part or 0 for part in parts)
    try:
        local = datetime(2000 + year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    return local - timedelta(minutes=offset)


def written(at: datetime, offset: int) -> tuple[bytes, bytes, bytes, bytes, bytes, bytes]:
    """Second, minute, hour, day, month, year of a moment by the meter's clock."""
    local = at.astimezone(UTC) + timedelta(minutes=offset)
    if not 2000 <= local.year <= 2099:
        raise ValueError(f"The year {local.year} has no two digits.")
    return (
        bcd(local.second),
        bcd(local.minute),
        bcd(local.hour),
        bcd(local.day),
        bcd(local.month),
        bcd(local.year - 2000),
    )


def energies(raw: bytes) -> tuple[I64, Mask]:
    """(n, 4) Wh and varh, A+ A- R+ R-, of 16 bytes each; and which there are."""
    if len(raw) % 16:
        raise Malformed(f"{len(raw)} bytes of energies are no multiple of 16.", code="energies")
    words = np.frombuffer(raw, "<u2").reshape(-1, 4, 2).astype(np.int64)
    values = words[..., 0] << 16 | words[..., 1]
    present = values != ABSENT
    return np.where(present, values, 0), present


def threes(raw: bytes, places: int) -> list[tuple[int, int] | None]:
    """Value and direction bits (2: active energy flows back, 1: reactive) of three bytes each."""
    if len(raw) != 3 * places:
        raise Malformed(f"{len(raw)} bytes instead of {3 * places}.", code="size")
    found: list[tuple[int, int] | None] = []
    for at in range(0, len(raw), 3):
        high, low, middle = raw[at : at + 3]
        is_absent = raw[at : at + 3] == b"\xff\xff\xff"
        found.append(None if is_absent else ((high & 63) << 16 | middle << 8 | low, high >> 6))
    return found


def stamps(minutes: I64, hours: I64, days: I64, months: I64, years: I64) -> tuple[Stamps, Mask]:
    """Moments of columns of decimal digits by the meter's clock, and which of them are any."""
    columns = np.stack([minutes, hours, days, months, years])
    low, high = columns & 15, columns >> 4
    plain = ((low < 10) & (high < 10)).all(axis=0)
    minute, hour, day, month, year = np.where(plain, high * 10 + low, 0)
    right = plain & (minute < 60) & (hour < 24) & (month >= 1) & (month <= 12) & (day >= 1)
    starts = (EPOCH + np.where(right, year * 12 + month - 1, 0)).astype("datetime64[M]")
    length = ((starts + 1).astype("datetime64[D]") - starts.astype("datetime64[D]")).astype(int)
    right &= day <= length
    seconds = ((np.where(right, day, 1) - 1) * 24 + hour) * 3600 + minute * 60
    return starts.astype("datetime64[s]") + seconds.astype("timedelta64[s]"), right
