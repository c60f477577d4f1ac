"""Data of COSEM that many objects need.

Source: Blue Book 12, 4.3.2 (scaler_unit), table 4 (units).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from faza.protocols.dlms import axdr
from faza.protocols.dlms.axdr import Data, Tag
from faza.protocols.dlms.clock import DateTime
from faza.protocols.dlms.problems import Malformed
from faza.protocols.dlms.references import CaptureObject, obis

SECOND, DEGREE, WATT, VOLT_AMPERE, VAR, WATT_HOUR, VAR_HOUR = 7, 8, 27, 28, 29, 30, 32
AMPERE, VOLT, HERTZ, COUNT = 33, 35, 44, 255
DATA, REGISTER, PROFILE, CLOCK = 1, 3, 7, 8
CLOCK_NAME = obis("0.0.1.0.0.255")
STAMP = CaptureObject(CLOCK, CLOCK_NAME, 2)
NEVER = b"\xff" * 9 + b"\x80\x00\xff"
"""A moment of which no part is specified."""
MOST_U8, MOST_U16, MOST_U32 = 0xFF, 0xFFFF, 0xFFFFFFFF


def scaler_unit(scaler: int, unit: int) -> Data:
    return axdr.structure(Data(Tag.INTEGER, scaler), Data(Tag.ENUM, unit))


def u8(value: int) -> Data:
    return Data(Tag.UNSIGNED, value)


def u16(value: int) -> Data:
    return Data(Tag.LONG_UNSIGNED, value)


def u32(value: int) -> Data:
    return Data(Tag.DOUBLE_LONG_UNSIGNED, value)


def number(value: int) -> Data:
    """A whole number in the shortest usual type that holds it."""
    if value < 0:
        return Data(Tag.DOUBLE_LONG, value)
    return u32(value) if value <= MOST_U32 else Data(Tag.LONG64_UNSIGNED, value)


def fitting(data: Data, most: int) -> int:
    """A whole number from 0 to `most` that a client wrote. Raises Malformed if it is none."""
    found = axdr.whole(data)
    if not 0 <= found <= most:
        raise Malformed(f"{found} is not from 0 to {most}.", code="type")
    return found


def words(text: str) -> Data:
    """Text, as the octet strings in which meters keep it."""
    return axdr.octet_string(text.encode("utf-8"))


def local_of(moment: datetime, offset: int) -> datetime:
    """A moment of the meter's clock in its civil time, naive; offset: minutes east of UTC."""
    return (moment + timedelta(minutes=offset)).replace(tzinfo=None)


def moment_of(stamp: DateTime, offset: int) -> datetime | None:
    """What a stamp means to a meter: its own wall time, whatever deviation stands there.

    None if the date, hour or minute is not specified.
    """
    local = stamp.find_local()
    if local is None:
        return None
    try:
        return (local - timedelta(minutes=offset)).replace(tzinfo=UTC)
    except OverflowError:
        return None


def stamp_in(data: Data) -> DateTime:
    """A date and time that a client wrote. Raises Malformed if it is none."""
    if data.tag not in (Tag.OCTET_STRING, Tag.DATE_TIME):
        raise Malformed(f"{data.tag.name} instead of a date and time.", code="type")
    return DateTime.decode(axdr.raw(data))
