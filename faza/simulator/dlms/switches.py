"""The relay, class 70, and limiters, class 71. Source: Blue Book 12, 4.5.8 and 4.5.9."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from faza.protocols.dlms import axdr
from faza.protocols.dlms.axdr import Data, Tag
from faza.protocols.dlms.names import DataAccessResult
from faza.protocols.dlms.problems import Malformed
from faza.protocols.dlms.references import obis
from faza.protocols.metered import Limiter, Relay
from faza.simulator.dlms import values as v
from faza.simulator.dlms.cosem import Denied, Inside, Thing, Writer, constant

DISCONNECT_CONTROL, LIMITER = 70, 71
RELAY = obis("0.0.96.3.10.255")
_STATES = {"off": 0, "on": 1, "ready": 2}
_MODES = range(7)
_AT_ONCE = frozenset({2, 4})
"""Modes in which the current flows as soon as it may; in the others somebody presses a button."""
_ALWAYS_ON = 0
_MONITORED = {"power": obis("1.0.1.7.0.255"), "current": obis("1.0.11.7.0.255")}
_SCRIPTS = obis("0.0.10.0.106.255")
_OFF_SCRIPT, _ON_SCRIPT = 1, 2


def _relay(inside: Inside, at: datetime) -> Relay:
    relay = inside.meter.relay(at)
    if relay is None:
        raise Denied(DataAccessResult.OBJECT_UNDEFINED)
    return relay


def _mode(inside: Inside, at: datetime) -> int:
    mode = inside.relay_mode
    return _relay(inside, at).mode if mode is None else mode


def _set_mode(inside: Inside, at: datetime, data: Data) -> None:
    mode = axdr.whole(data)
    if data.tag is not Tag.ENUM or mode not in _MODES:
        raise Malformed(f"{mode} is no mode.", code="type")
    inside.relay_mode = mode


def _off(inside: Inside, at: datetime, data: Data) -> None:
    if _mode(inside, at) == _ALWAYS_ON:
        raise Denied(DataAccessResult.READ_WRITE_DENIED)
    inside.meter.switch("off", at)


def _on(inside: Inside, at: datetime, data: Data) -> None:
    inside.meter.switch("on" if _mode(inside, at) in _AT_ONCE else "permit", at)


def relay() -> Thing:
    return Thing(
        DISCONNECT_CONTROL,
        RELAY,
        {
            2: lambda inside, at: Data(Tag.BOOLEAN, _relay(inside, at).is_on),
            3: lambda inside, at: Data(Tag.ENUM, _STATES[_relay(inside, at).control]),
            4: lambda inside, at: Data(Tag.ENUM, _mode(inside, at)),
        },
        {4: _set_mode},
        {1: _off, 2: _on},
    )


# Limiters


def limiter(place: int, what: str) -> Thing:
    """0.0.17.0.{0,1}.255: what is exceeded for too long switches the relay off.

    An action with the selector 0 is none: the limiter is off.
    """

    def of(inside: Inside, at: datetime) -> Limiter:
        return inside.meter.limiters(at)[place]

    def threshold(inside: Inside, at: datetime) -> Data:
        return v.u32(of(inside, at).threshold)

    def changing(change: Callable[[Limiter, Data], Limiter]) -> Writer:
        def write(inside: Inside, at: datetime, data: Data) -> None:
            inside.meter.set_limiter(change(of(inside, at), data), at)

        return write

    monitored = axdr.structure(
        v.u16(v.REGISTER), axdr.octet_string(_MONITORED[what]), Data(Tag.INTEGER, 2)
    )
    emergency = axdr.structure(v.u16(0), axdr.octet_string(v.NEVER), v.u32(0))
    return Thing(
        LIMITER,
        bytes((0, 0, 17, 0, place, 255)),
        {
            2: constant(monitored),
            3: threshold,
            4: threshold,
            5: constant(v.u32(0)),
            6: lambda inside, at: v.u32(of(inside, at).seconds),
            7: constant(v.u32(0)),
            8: constant(emergency),
            9: constant(axdr.array()),
            10: constant(Data(Tag.BOOLEAN, False)),
            11: lambda inside, at: _actions(of(inside, at)),
        },
        {
            4: changing(lambda old, data: replace(old, threshold=v.fitting(data, v.MOST_U32))),
            6: changing(lambda old, data: replace(old, seconds=v.fitting(data, v.MOST_U32))),
            11: changing(lambda old, data: replace(old, is_on=_is_acting(data))),
        },
    )


def _actions(found: Limiter) -> Data:
    over, under = (_OFF_SCRIPT, _ON_SCRIPT) if found.is_on else (0, 0)
    return axdr.structure(_script(over), _script(under))


def _script(selector: int) -> Data:
    return axdr.structure(axdr.octet_string(_SCRIPTS), v.u16(selector))


def _is_acting(data: Data) -> bool:
    """Whether an action is set for what is over the threshold."""
    over, _ = axdr.parts(data, 2)
    _, selector = axdr.parts(over, 2)
    return axdr.whole(selector) != 0
