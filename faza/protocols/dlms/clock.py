"""Dates and times of COSEM as values, with their unspecified parts.

Source: Blue Book 12, 4.1.6.1; IEC 62056-62, 4.1.6.1; ГОСТ Р 58940 (clock, class 8).

An unspecified part is None. `deviation` is in minutes from local time **to** UTC: -180 in
Moscow. A meter's local time with a deviation is a moment; without one it is a moment only with a
deviation that the caller knows, and this module guesses none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from faza.protocols.dlms import axdr
from faza.protocols.dlms.axdr import Data, Tag
from faza.protocols.dlms.problems import Malformed

NO_DEVIATION = -0x8000
DAY = 24 * 60
DAYLIGHT_ENDS, DAYLIGHT_BEGINS = 0xFD, 0xFE
"""Months that stand for a rule."""
SECOND_LAST_DAY, LAST_DAY = 0xFD, 0xFE
"""Days that stand for a rule."""
INVALID, DOUBTFUL, OTHER_BASE, BAD_STATUS, DAYLIGHT = 0x01, 0x02, 0x04, 0x08, 0x80
"""Bits of the clock's status."""


@dataclass(frozen=True, slots=True)
class Date:
    """A date; `weekday` is 1 for Monday to 7, some meters write 0."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None

    @classmethod
    def decode(cls, data: bytes) -> Date:
        """From 5 bytes. Raises Malformed if a part is out of its range."""
        _size(data, 5)
        year = int.from_bytes(data[:2], "big")
        return cls(
            None if year == 0xFFFF else year,
            _part(data[2], "month", 1, 12, DAYLIGHT_ENDS, DAYLIGHT_BEGINS),
            _part(data[3], "day", 1, 31, SECOND_LAST_DAY, LAST_DAY),
            _part(data[4], "weekday", 0, 7),
        )

    def encode(self) -> bytes:
        year = 0xFFFF if self.year is None else self.year
        rest = bytes([_byte(self.month), _byte(self.day), _byte(self.weekday)])
        return year.to_bytes(2, "big") + rest


@dataclass(frozen=True, slots=True)
class Time:
    """A time of the day."""

    hour: int | None = None
    minute: int | None = None
    second: int | None = None
    hundredths: int | None = None

    @classmethod
    def decode(cls, data: bytes) -> Time:
        """From 4 bytes. Raises Malformed if a part is out of its range."""
        _size(data, 4)
        return cls(
            _part(data[0], "hour", 0, 23),
            _part(data[1], "minute", 0, 59),
            _part(data[2], "second", 0, 59),
            _part(data[3], "hundredths", 0, 99),
        )

    def encode(self) -> bytes:
        parts = (self.hour, self.minute, self.second, self.hundredths)
        return bytes([_byte(part) for part in parts])


@dataclass(frozen=True, slots=True)
class DateTime:
    """A date and time as a meter has it; `status` is None where it is not specified."""

    date: Date
    time: Time
    deviation: int | None = None
    status: int | None = None

    @classmethod
    def decode(cls, data: bytes) -> DateTime:
        """From 12 bytes. Raises Malformed if a part is out of its range."""
        _size(data, 12)
        deviation = int.from_bytes(data[9:11], "big", signed=True)
        if deviation != NO_DEVIATION and not -DAY < deviation < DAY:
            raise Malformed(f"A deviation of {deviation} minutes.", code="clock")
        return cls(
            Date.decode(data[:5]),
            Time.decode(data[5:9]),
            None if deviation == NO_DEVIATION else deviation,
            None if data[11] == 0xFF else data[11],
        )

    @classmethod
    def of(cls, moment: datetime, *, status: int | None = 0) -> DateTime:
        """A moment in its own zone; a naive one has no deviation."""
        offset = moment.utcoffset()
        return cls(
            Date(moment.year, moment.month, moment.day, moment.isoweekday()),
            Time(moment.hour, moment.minute, moment.second, moment.microsecond // 10_000),
            None if offset is None else -(offset // timedelta(minutes=1)),
            status,
        )

    def encode(self) -> bytes:
        deviation = NO_DEVIATION if self.deviation is None else self.deviation
        tail = deviation.to_bytes(2, "big", signed=True) + bytes([_byte(self.status)])
        return self.date.encode() + self.time.encode() + tail

    def data(self) -> Data:
        """As an octet string, in which clocks, profiles and range descriptors carry it."""
        return axdr.octet_string(self.encode())

    def find_local(self) -> datetime | None:
        """The meter's wall time, naive; None if the date, hour or minute is not specified.

        Unspecified seconds and hundredths are 0.
        """
        day, time = self.date, self.time
        if day.year is None or day.month is None or day.day is None:
            return None
        if time.hour is None or time.minute is None:
            return None
        tail = (time.second or 0, (time.hundredths or 0) * 10_000)
        try:
            return datetime(day.year, day.month, day.day, time.hour, time.minute, *tail)  # noqa: DTZ001 - a wall time
        except ValueError:
            return None

    def find_moment(self, deviation: int | None = None) -> datetime | None:
        """The moment in UTC; None if a part, or the deviation (own, else the given), is unknown."""
        local = self.find_local()
        known = self.deviation if self.deviation is not None else deviation
        if local is None or known is None:
            return None
        try:
            return (local + timedelta(minutes=known)).replace(tzinfo=UTC)
        except OverflowError:
            return None


def date_time(data: Data) -> DateTime:
    """What an octet string or date-time says. Raises Malformed if it is no date and time."""
    if data.tag not in (Tag.OCTET_STRING, Tag.DATE_TIME):
        raise Malformed(f"{data.tag.name} instead of a date and time.", code="type")
    return DateTime.decode(axdr.raw(data))


def _size(data: bytes, size: int) -> None:
    if len(data) != size:
        raise Malformed(f"{len(data)} bytes instead of {size}.", code="clock")


def _part(value: int, name: str, least: int, most: int, *special: int) -> int | None:
    if value == 0xFF:
        return None
    if least <= value <= most or value in special:
        return value
    raise Malformed(f"The {name} is {value}.", code="clock")


def _byte(value: int | None) -> int:
    return 0xFF if value is None else value
