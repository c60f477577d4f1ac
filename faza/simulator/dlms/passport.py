"""What a meter says of itself: number, model, ratios, settings, counters, and how it is spoken to.

Source: ГОСТ Р 58940; СТО 34.01-5.1-006 (0.0.96.1.N, passport 0.0.94.7.1, periods 1.0.0.8.4 and
.5 in minutes, class 1); Blue Book 12, 4.4.4 (association), 4.4.7 (security setup), 4.7.2 (HDLC).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction

from faza.protocols.dlms import axdr
from faza.protocols.dlms.axdr import Data, Tag
from faza.protocols.dlms.clock import Date
from faza.protocols.dlms.references import CaptureObject, obis
from faza.protocols.metered import Identity
from faza.simulator.dlms import values as v
from faza.simulator.dlms.cosem import Inside, Reader, Thing, constant
from faza.simulator.dlms.profiles import one_row

ASSOCIATION, SECURITY_SETUP, HDLC_SETUP = 15, 64, 23
CURRENT = obis("0.0.40.0.0.255")
COUNTERS = range(9)
"""E of invocation counters; they are one: a meter takes each number once, whoever uses it."""
_PROTECTED = 3  # every message authenticated and encrypted
_ASSOCIATED = 2

_TOLD: dict[str, Callable[[Identity], Data]] = {
    "0.0.96.1.0.255": lambda identity: v.words(identity.number),
    "0.0.96.1.1.255": lambda identity: v.words(identity.model),
    "0.0.96.1.2.255": lambda identity: v.words(identity.firmware),
    "0.0.96.1.3.255": lambda identity: v.words(identity.manufacturer),
    "0.0.96.1.4.255": lambda identity: _date(identity.made_on),
    "0.0.96.1.6.255": lambda identity: v.words(identity.protocol),
    "0.0.96.1.7.255": lambda identity: v.words(identity.scheme),
    "1.0.0.4.2.255": lambda identity: _ratio(identity.ct),
    "1.0.0.4.3.255": lambda identity: _ratio(identity.vt),
}
_IN_PASSPORT = tuple(_TOLD)


def _date(day: date | None) -> Data:
    if day is None:
        return axdr.octet_string(Date().encode())
    return axdr.octet_string(Date(day.year, day.month, day.day, day.isoweekday()).encode())


def _ratio(ratio: Fraction | None) -> Data:
    found = Fraction(1) if ratio is None else ratio
    if found.denominator != 1:
        return Data(Tag.FLOAT64, float(found))
    return v.u32(found.numerator)


def identity() -> list[Thing]:
    """Each part of the identity, and the passport of them all."""
    things = [
        Thing(v.DATA, obis(name), {2: _telling(tell)}, is_public=True)
        for name, tell in _TOLD.items()
    ]
    columns = tuple([CaptureObject(v.DATA, obis(name), 2) for name in _IN_PASSPORT])

    def row(inside: Inside, at: datetime) -> Sequence[Data]:
        found = inside.meter.identity(at)
        return [_TOLD[name](found) for name in _IN_PASSPORT]

    return [*things, one_row(obis("0.0.94.7.1.255"), columns, row)]


def _telling(tell: Callable[[Identity], Data]) -> Reader:
    return lambda inside, at: tell(inside.meter.identity(at))


def settings(inside: Inside) -> list[Thing]:
    """Periods of the load profiles, nominal and agreed voltage."""
    spec = inside.meter.spec
    volts = v.scaler_unit(0, v.VOLT)
    return [
        Thing(v.DATA, obis("1.0.0.8.4.255"), {2: constant(v.u8(spec.interval))}),
        Thing(v.DATA, obis("1.0.0.8.5.255"), {2: constant(v.u8(spec.second_interval))}),
        *[
            Thing(v.REGISTER, obis(name), {2: constant(v.u16(spec.nominal)), 3: constant(volts)})
            for name in ("1.0.0.6.0.255", "1.0.0.6.4.255")
        ],
    ]


def quality(inside: Inside, at: datetime) -> list[Thing]:
    """Counters of supply quality, each in the unit of its object."""

    def of(name: str) -> Callable[[Inside, datetime], Data]:
        return lambda inside, at: v.number(inside.meter.quality(at).counters[name])

    return [
        Thing(v.REGISTER, obis(name), {2: of(name), 3: constant(v.scaler_unit(0, v.COUNT))})
        for name in inside.meter.quality(at).counters
    ]


# How it is spoken to


def counters() -> list[Thing]:
    """0.0.43.1.{0..8}: the greatest invocation counter taken; the next must be greater."""

    def accepted(inside: Inside, at: datetime) -> Data:
        return v.u32(max(inside.accepted(), 0))

    return [
        Thing(v.DATA, bytes((0, 0, 43, 1, number, 255)), {2: accepted}, is_public=True)
        for number in COUNTERS
    ]


def device() -> list[Thing]:
    """The logical device's name, security and HDLC setup."""

    def name(inside: Inside, at: datetime) -> Data:
        return v.words("SIM" + inside.meter.identity(at).number[-13:])

    return [
        Thing(v.DATA, obis("0.0.42.0.0.255"), {2: name}, is_public=True),
        Thing(
            SECURITY_SETUP,
            obis("0.0.43.0.0.255"),
            {
                2: constant(Data(Tag.ENUM, _PROTECTED)),
                3: constant(Data(Tag.ENUM, 0)),
                4: constant(axdr.octet_string(b"")),
                5: lambda inside, at: axdr.octet_string(inside.title),
            },
        ),
    ]


def association(things: Mapping[bytes, Thing]) -> Thing:
    """The current association: what objects there are, and that one is associated."""
    listed = axdr.array(*[_listed(thing) for thing in things.values()])
    return Thing(
        ASSOCIATION,
        CURRENT,
        {2: constant(listed), 8: constant(Data(Tag.ENUM, _ASSOCIATED))},
        version=1,
        is_public=True,
    )


def _listed(thing: Thing) -> Data:
    """An element of the object list, with who may do what to it."""
    numbers = {1, *thing.reads, *((2,) if thing.rows else ())}
    attributes = [
        axdr.structure(
            Data(Tag.INTEGER, number),
            Data(Tag.ENUM, 3 if number in thing.writes else 1),
            axdr.array(Data(Tag.INTEGER, 1), Data(Tag.INTEGER, 2))
            if number == 2 and thing.rows
            else axdr.null(),
        )
        for number in sorted(numbers)
    ]
    methods = [
        axdr.structure(Data(Tag.INTEGER, number), Data(Tag.ENUM, 1)) for number in thing.acts
    ]
    return axdr.structure(
        v.u16(thing.class_id),
        v.u8(thing.version),
        axdr.octet_string(thing.name),
        axdr.structure(axdr.array(*attributes), axdr.array(*methods)),
    )
