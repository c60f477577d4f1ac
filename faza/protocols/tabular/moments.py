"""Texts of dates and times to seconds, many at a time; wall time to UTC."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from faza.core.quality import U8
from faza.core.units import I64

I32 = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]

DAY = 86_400
NAIVE = np.int32(-(2**31))
"""Stands for "no offset told"."""
YEARS = (1970, 2200)
"""Moments outside are no moments of meters but broken texts."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, eq=False)
class Stamps:
    """Moments as files tell them.

    seconds: (n,) int64 since 1970 by the wall clock that was told. offset: (n,) int32 seconds
    east of UTC, NAIVE where not told. good: (n,) bool; the others are 0.
    """

    seconds: I64
    offset: I32
    good: Bools

    def take(self, index: Bools | I64) -> Stamps:
        return Stamps(self.seconds[index], self.offset[index], self.good[index])


def parse(texts: Sequence[str]) -> Stamps:
    """Moments in ISO 8601 or as dd.mm.yyyy, with a time or without; 24:00 is the next midnight."""
    count = len(texts)
    width = 25
    try:
        table = np.array([text[:26] for text in texts], dtype="S26")
    except UnicodeEncodeError:
        table = np.array([text[:26].encode("ascii", "replace") for text in texts], dtype="S26")
    c = np.ascontiguousarray(table.view(np.uint8).reshape(count, 26).T)
    seconds, offset = np.zeros(count, np.int64), np.full(count, NAIVE, np.int32)
    good = np.zeros(count, bool)
    # The two usual layouts in columns; everything else one by one.
    iso = (c[4] == ord("-")) & (c[7] == ord("-")) & ((c[10] == ord("T")) | (c[10] == ord(" ")))
    russian = (c[2] == ord(".")) & (c[5] == ord(".")) & (c[10] == ord(" "))
    for mask, year, month, day in ((iso, (0, 4), 5, 8), (russian, (6, 10), 3, 0)):
        if not mask.any():
            continue
        part = c[:, mask]
        found, sound = _clock(part)
        days, valid = _days(
            _digits(part, year[0], year[1]), _digits(part, month, month + 2),
            _digits(part, day, day + 2),
        )  # fmt: skip
        shift, end_sound = _offset(part)
        seconds[mask], offset[mask] = days * DAY + found, shift
        good[mask] = sound & valid & end_sound & (part[width] == 0)
    for n in np.flatnonzero(~good).tolist():
        text = texts[n].strip()
        seconds[n], offset[n], good[n] = _parse_one(text) if len(text) < LONGEST else NOTHING
    return Stamps(seconds, offset, good)


def _digits(c: U8, first: int, end: int) -> I64:
    """Decimal digits of a field; -10^6 or so where one is no digit."""
    number = np.zeros(c.shape[1], np.int64)
    for column in c[first:end]:
        digit = column.astype(np.int64) - ord("0")
        number = number * 10 + np.where((digit >= 0) & (digit <= 9), digit, -(10**6))
    return number


def _clock(c: U8) -> tuple[I64, Bools]:
    """hh:mm or hh:mm:ss from column 11 on."""
    hour, minute = _digits(c, 11, 13), _digits(c, 14, 16)
    has_seconds = c[16] == ord(":")
    second = np.where(has_seconds, _digits(c, 17, 19), 0)
    total = hour * 3600 + minute * 60 + second
    sound = (c[13] == ord(":")) & (hour >= 0) & (minute >= 0) & (minute < 60)
    return total, sound & (second >= 0) & (second < 60) & (total <= DAY)


def _offset(c: U8) -> tuple[I32, Bools]:
    """What follows the time: nothing, Z, or +hh:mm."""
    at = np.where(c[16] == ord(":"), 19, 16)
    rows = np.arange(c.shape[1])
    sign = c[at, rows]
    tail = np.stack([c[np.minimum(at + n, 25), rows] for n in range(1, 6)])
    nothing = (sign == 0) & (tail == 0).all(axis=0)
    zulu = (sign == ord("Z")) & (tail == 0).all(axis=0)
    hours, minutes = _digits(tail, 0, 2), _digits(tail, 3, 5)
    told = ((sign == ord("+")) | (sign == ord("-"))) & (tail[2] == ord(":"))
    told &= (hours >= 0) & (hours <= 18) & (minutes >= 0) & (minutes < 60)
    told &= (c[np.minimum(at + 6, 25), rows] == 0) | (at + 6 > 25)
    shift = np.where(sign == ord("-"), -1, 1) * (hours * 3600 + minutes * 60)
    offset = np.where(told, shift, np.where(zulu, 0, NAIVE)).astype(np.int32)
    return offset, nothing | zulu | told


def _days(year: I64, month: I64, day: I64) -> tuple[I64, Bools]:
    """Days since 1970, and which dates exist."""
    valid = (year >= YEARS[0]) & (year < YEARS[1]) & (month >= 1) & (month <= 12) & (day >= 1)
    year, month, day = (np.where(valid, x, 1) for x in (year, month, day))
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    first = months.astype("datetime64[D]").astype(np.int64)
    length = (months + 1).astype("datetime64[D]").astype(np.int64) - first
    return first + day - 1, valid & (day <= length)


_DATE = (
    r"(?:(?P<y>\d{4})[-./](?P<m>\d\d?)[-./](?P<d>\d\d?)"
    r"|(?P<d2>\d\d?)[-./](?P<m2>\d\d?)[-./](?P<y2>\d{4}|\d\d))"
)
_TIME = r"(?:[T\s]\s*(?P<h>\d\d?)(?::(?P<i>\d\d)(?::(?P<s>\d\d)(?:[.,]\d{1,9})?)?)?)?"
_ZONE = r"\s*(?P<z>Z|[+-]\d\d:?(?:\d\d)?)?"
_ANY = re.compile(_DATE + _TIME + _ZONE, re.ASCII)


LONGEST = 60
"""Characters of a moment, at most; longer texts are not kept either."""
NOTHING = 0, int(NAIVE), False


@lru_cache(maxsize=65_536)
def _parse_one(text: str) -> tuple[int, int, bool]:
    match = _ANY.fullmatch(text)
    if not match:
        return NOTHING
    year = int(match["y"] or match["y2"])
    year += 2000 if len(match["y"] or match["y2"]) == 2 else 0
    hour, minute, second = (int(match[name] or 0) for name in "his")
    clock = hour * 3600 + minute * 60 + second
    if minute > 59 or second > 59 or clock > DAY or not YEARS[0] <= year < YEARS[1]:
        return NOTHING
    try:
        day = datetime(year, int(match["m"] or match["m2"]), int(match["d"] or match["d2"]),
                       tzinfo=UTC)  # fmt: skip
    except ValueError:
        return NOTHING
    offset = int(NAIVE)
    if match["z"] == "Z":
        offset = 0
    elif match["z"]:
        digits = match["z"][1:].replace(":", "")
        offset = int(digits[:2]) * 3600 + int(digits[2:] or 0) * 60
        offset = -offset if match["z"][0] == "-" else offset
    return int((day - EPOCH).total_seconds()) + clock, offset, True


_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-]?)(\d\d?)(?::?(\d\d))?(?::00)?", re.ASCII)


def offset_of(text: str) -> int:
    """Seconds east of UTC that a cell of its own tells: NAIVE for "", ABSENT for what is none."""
    if not text:
        return int(NAIVE)
    text = text.upper().replace("−", "-")
    if text in {"Z", "UTC", "GMT"}:
        return 0
    match = _OFFSET.fullmatch(text)
    if not match or int(match[2]) > 18 or int(match[3] or 0) > 59:
        return ABSENT
    seconds = int(match[2]) * 3600 + int(match[3] or 0) * 60
    return -seconds if match[1] == "-" else seconds


# Wall time to UTC

ABSENT = int(np.iinfo(np.int64).min)
"""Stands for a wall time that its day does not have."""


def to_utc(stamps: Stamps, zone: str, keys: I64) -> I64:
    """Seconds since 1970 UTC, shape (n,); ABSENT where the wall time never was.

    A naive moment is wall time of `zone`. In the hour that comes twice the first of the same
    wall time and key is the first hour, later ones the second: the order of the file decides.
    """
    told = stamps.offset != NAIVE
    utc = stamps.seconds - np.where(told, stamps.offset, 0)
    naive = np.flatnonzero(~told & stamps.good)
    if not len(naive):
        return utc
    days, inverse = np.unique(stamps.seconds[naive] // DAY, return_inverse=True)
    offsets = np.array([_day_offset(int(day), zone) for day in days], np.int64)
    shift = offsets[inverse]
    utc[naive] -= np.where(shift == ABSENT, 0, shift)
    changing = naive[shift == ABSENT]
    seen: dict[tuple[int, int], int] = {}
    for n in changing.tolist():
        wall = int(stamps.seconds[n])
        moments = _moments_of(wall, zone)
        if not moments:
            utc[n] = ABSENT
            continue
        key = (int(keys[n]), wall)
        turn = seen.get(key, 0)
        seen[key] = turn + 1
        utc[n] = moments[min(turn, len(moments) - 1)]
    return utc


@lru_cache(maxsize=65_536)
def _day_offset(day: int, zone: str) -> int:
    """The offset of a civil day, ABSENT if it changes in it or at its ends."""
    tz = ZoneInfo(zone)
    wall = (EPOCH + timedelta(days=day)).replace(tzinfo=None)
    found = {
        (wall + timedelta(hours=hours)).replace(tzinfo=tz, fold=fold).utcoffset()
        for hours in (-1, 0, 12, 24, 25)
        for fold in (0, 1)
    }
    offset = found.pop()
    return int(ABSENT) if found or offset is None else int(offset.total_seconds())


@lru_cache(maxsize=65_536)
def _moments_of(wall: int, zone: str) -> tuple[int, ...]:
    """The moments at which clocks show a wall time: none, one, or two in order."""
    tz = ZoneInfo(zone)
    naive = (EPOCH + timedelta(seconds=wall)).replace(tzinfo=None)
    found = []
    for fold in (0, 1):
        moment = naive.replace(tzinfo=tz, fold=fold).astimezone(UTC)
        if moment.astimezone(tz).replace(tzinfo=None) == naive:
            found.append(int((moment - EPOCH).total_seconds()))
    return tuple(sorted(set(found)))


def aware(second: int) -> datetime:
    """Seconds since 1970 as an aware datetime in UTC."""
    return EPOCH + timedelta(seconds=second)


def seconds_of(moment: datetime) -> int:
    """An aware datetime as whole seconds since 1970."""
    return (moment - EPOCH) // timedelta(seconds=1)


def offsets_of(utc: I64, zone: str) -> I64:
    """The zone's offset at each of ascending moments, in seconds; asked once an hour."""
    hours, inverse = np.unique(utc // 900, return_inverse=True)
    return np.array([_offset_at(int(h), zone) for h in hours], np.int64)[inverse]


@lru_cache(maxsize=65_536)
def _offset_at(quarter: int, zone: str) -> int:
    moment = aware(quarter * 900).astimezone(ZoneInfo(zone))
    offset = moment.utcoffset()
    assert offset is not None
    return int(offset.total_seconds())
