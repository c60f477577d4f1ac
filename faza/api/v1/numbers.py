"""Stored integers as JSON's numbers, moments as text, shares.

A number is the exact decimal of the stored integer in the unit of its reading type: quanta are
1/10**n of the unit, so the nearest double of the quotient is written with the same digits, as long
as there are no more than fifteen. Missing is null, never zero.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from faza.core.periods import ALWAYS, FOREVER, Period
from faza.core.reading_types import ReadingType

Mask = npt.NDArray[np.bool_]
SHARE = 10_000
"""Shares are told to four decimals, rounded down: what is not whole does not read as whole."""


def values(numbers: npt.NDArray[np.int64], present: Mask, kind: ReadingType) -> list[float | None]:
    """(n,) quanta in the type's unit, None where there is none."""
    return nulled(numbers / kind.quantum.denominator * kind.quantum.numerator, present)


def nulled(numbers: npt.NDArray[Any], present: Mask) -> list[Any]:
    """(n,) numbers, None where there is none."""
    if present.all():
        return numbers.tolist()
    told = numbers.astype(object)
    told[~present] = None
    return told.tolist()


def value(number: int, kind: ReadingType) -> float:
    """Quanta in the type's unit."""
    return int(number) * kind.quantum.numerator / kind.quantum.denominator


def share(part: int, whole: int) -> float | None:
    """Of a whole, 0 … 1; None of nothing."""
    return part * SHARE // whole / SHARE if whole else None


def counted(expected: int, present: int, estimated: int) -> dict[str, Any]:
    """How complete an answer is: numbers of intervals, and what they are of each other."""
    return {
        "expected": expected,
        "present": present,
        "estimated": estimated,
        "completeness": share(present, expected),
        "estimated_share": share(estimated, present),
    }


def roubles(kopecks: int) -> str:
    """Money is a decimal in text."""
    return f"{Decimal(kopecks) / 100:.2f}"


def moment(second: int, zone: ZoneInfo) -> str:
    """A moment by the clock of a zone, with its offset."""
    return (_EPOCH + timedelta(seconds=second)).astimezone(zone).isoformat()


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def iso(at: datetime | None, zone: ZoneInfo) -> str | None:
    return None if at is None else at.astimezone(zone).isoformat(timespec="seconds")


def day(of: date | None) -> str | None:
    return None if of is None else of.isoformat()


def edges(period: Period, zone: ZoneInfo, *, at: datetime) -> dict[str, str | None]:
    """A period as from and to; null is since ever, and up to now or without an end."""
    start = None if period.start <= ALWAYS else iso(period.start, zone)
    end = None if period.end >= min(at, FOREVER) else iso(period.end, zone)
    return {"from": start, "to": end}
