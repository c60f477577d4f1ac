"""The clock, class 8. Source: Blue Book 12, 4.5.1; ГОСТ Р 58940."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from faza.protocols.dlms import axdr
from faza.protocols.dlms.axdr import Data, Tag
from faza.protocols.dlms.clock import DOUBTFUL, DateTime
from faza.protocols.dlms.problems import Malformed
from faza.simulator.dlms import values as v
from faza.simulator.dlms.cosem import Inside, Thing, constant

_CRYSTAL = 1
_MINUTE = timedelta(minutes=1)


def time(inside: Inside, at: datetime) -> Data:
    """What the clock shows: civil time, with the deviation if the model tells it."""
    spec = inside.meter.spec
    shown = inside.meter.shown(at)
    zone = timezone(timedelta(minutes=spec.offset)) if inside.style.tells_deviation else None
    local = v.local_of(shown, spec.offset).replace(tzinfo=zone)
    encoded = bytearray(DateTime.of(local, status=status(inside, at)).encode())
    if inside.style.hundredths:
        encoded[8] = inside.style.hundredths
    return axdr.octet_string(bytes(encoded))


def status(inside: Inside, at: datetime) -> int:
    return DOUBTFUL if inside.meter.clock_is_doubtful(at) else 0


def _zone(inside: Inside, at: datetime) -> Data:
    """Minutes from local time to UTC."""
    return Data(Tag.LONG, -inside.meter.spec.offset)


def _set(inside: Inside, at: datetime, data: Data) -> None:
    stamp = v.stamp_in(data)
    moment = stamp.find_moment(-inside.meter.spec.offset)
    if moment is None:
        raise Malformed("A clock is set to no moment.", code="clock")
    inside.meter.set_clock(moment, at)


def _shift(inside: Inside, at: datetime, data: Data) -> None:
    if data.tag is not Tag.LONG:
        raise Malformed(f"{data.tag.name} instead of seconds.", code="type")
    inside.meter.shift_clock(axdr.whole(data), at)


def _to_minute(inside: Inside, at: datetime, data: Data) -> None:
    """Adjust to the nearest minute, downwards below 30 s (method 3)."""
    shown = inside.meter.shown(at)
    rest = shown - shown.replace(second=0, microsecond=0)
    inside.meter.set_clock(shown - rest + (_MINUTE if rest >= _MINUTE / 2 else 0 * _MINUTE), at)


CLOCK = Thing(
    v.CLOCK,
    v.CLOCK_NAME,
    {
        2: time,
        3: _zone,
        4: lambda inside, at: v.u8(status(inside, at)),
        5: constant(axdr.octet_string(v.NEVER)),
        6: constant(axdr.octet_string(v.NEVER)),
        7: constant(Data(Tag.INTEGER, 0)),
        8: constant(Data(Tag.BOOLEAN, False)),
        9: constant(Data(Tag.ENUM, _CRYSTAL)),
    },
    {2: _set},
    {3: _to_minute, 6: _shift},
    is_public=True,
)
