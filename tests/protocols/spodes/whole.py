"""A meter that has everything, with its values."""

from __future__ import annotations

from datetime import datetime

from faza.protocols.dlms import CaptureObject, Data, Date, Tag, axdr, obis
from tests.protocols.spodes.meter import (
    AMPERE,
    CLOCK,
    DEGREE,
    HERTZ,
    NONE,
    U8,
    U16,
    VAR,
    VARH,
    VOLT,
    WATT,
    WH,
    SpodesMeter,
    at,
    register,
    stamp,
    u32,
    unit,
)

ENERGIES = tuple(f"1.0.{group}.29.0.255" for group in (1, 2, 3, 4))
LOAD_1 = "1.0.99.1.0.255"
NOW = at(12.5)


def load_rows(count: int = 48, *, first: datetime | None = None) -> list[Data]:
    """Half-hours from the start of the day, stamped at their end: 10 + n, 0, n, 1 of them."""
    start = first or at(0)
    return [
        axdr.structure(stamp(at((n + 1) / 2, day=start)), u32(10 + n), u32(0), u32(n), u32(1))
        for n in range(count)
    ]


def whole_meter() -> SpodesMeter:
    meter = SpodesMeter()
    _put_identity(meter)
    _put_energies(meter)
    _put_moment(meter)
    _put_journals(meter)
    _put_switching(meter)
    _put_calendar(meter)
    return meter


def _put_identity(meter: SpodesMeter) -> None:
    meter.put(8, "0.0.1.0.0.255", 2, stamp(NOW))
    meter.put(8, "0.0.1.0.0.255", 3, Data(Tag.LONG, -180))
    meter.put_text("0.0.96.1.0.255", "012345678")
    meter.put_text("0.0.96.1.1.255", "Образец 1")
    meter.put_text("0.0.96.1.2.255", "1.7.3")
    meter.put(1, "0.0.96.1.3.255", 2, axdr.octet_string("Завод".encode("cp1251")))
    meter.put(1, "0.0.96.1.4.255", 2, axdr.octet_string(Date(2024, 5, 17).encode()))
    meter.put_text("0.0.96.1.6.255", "3")
    meter.put(1, "0.0.96.1.7.255", 2, Data(U8, 4))
    meter.put(1, "1.0.0.4.2.255", 2, Data(U16, 20))
    meter.put_register("1.0.0.4.3.255", 1000, -1, NONE)
    meter.put_register("1.0.0.6.0.255", 230, 0, VOLT)
    meter.put_register("1.0.0.6.4.255", 2305, -1, VOLT)
    meter.put(1, "1.0.0.8.4.255", 2, Data(U8, 30))
    meter.put_register("1.0.147.133.0.255", 77, 0, 7)
    meter.put(1, "0.0.96.5.4.255", 2, Data(U8, 0x08))


def _put_energies(meter: SpodesMeter) -> None:
    for name, code in zip(ENERGIES, (WH, WH, VARH, VARH), strict=True):
        meter.put_register(name, 0, 0, code)
    columns = [CLOCK, *[register(name) for name in ENERGIES]]
    meter.put_profile(LOAD_1, columns, load_rows(), 1800)
    meter.put_profile(
        "1.0.94.7.4.255",
        [CaptureObject(3, obis(name), 3) for name in ENERGIES],
        [axdr.structure(unit(0, WH), unit(0, WH), unit(0, VARH), unit(0, VARH))],
    )
    for tariff, value in ((0, 123456), (1, 100000), (2, 23456)):
        meter.put_register(f"1.0.1.8.{tariff}.255", value, 1, WH)
    meter.put_register("1.0.3.8.0.255", 987654, -1, VARH)
    names = ("1.0.1.8.0.255", "1.0.1.8.1.255", "1.0.3.8.0.255")
    daily = [
        axdr.structure(stamp(at(24 * day)), u32(1000 + day), u32(900 + day), u32(55 + day))
        for day in range(3)
    ]
    for name in ("1.0.98.2.0.255", "1.0.98.1.0.255"):
        meter.put_profile(name, [CLOCK, *[register(column) for column in names]], daily)


def _put_moment(meter: SpodesMeter) -> None:
    values: dict[str, tuple[int | Data, int, int]] = {
        "1.0.32.7.0.255": (23051, -2, VOLT),
        "1.0.31.7.0.255": (5000, -3, AMPERE),
        "1.0.1.7.0.255": (Data(Tag.DOUBLE_LONG, -1150), 0, WATT),
        "1.0.3.7.0.255": (120, 0, VAR),
        "1.0.13.7.0.255": (990, -3, NONE),
        "1.0.14.7.0.255": (4998, -2, HERTZ),
        "1.0.81.7.10.255": (1200, -1, DEGREE),
        "1.0.81.7.4.255": (3300, -1, DEGREE),
        "1.0.81.7.51.255": (300, -1, DEGREE),
    }
    for name, (value, scaler, code) in values.items():
        meter.put_register(name, value, scaler, code)
    columns = ["1.0.32.7.0.255", "1.0.31.7.0.255", "1.0.1.7.0.255", "1.0.14.7.0.255"]
    rows = [
        axdr.structure(
            stamp(at((n + 1) / 2)), u32(23000 + n), u32(1000), Data(Tag.DOUBLE_LONG, -n), u32(5000)
        )
        for n in range(48)
    ]
    meter.put_profile("1.0.99.2.0.255", [CLOCK, *[register(name) for name in columns]], rows, 1800)


def _put_journals(meter: SpodesMeter) -> None:
    for number, codes in ((0, (19, 20)), (2, (1, 2)), (4, (3,)), (6, ())):
        code = CaptureObject(1, obis(f"0.0.96.11.{number}.255"), 2)
        volts = register("1.0.32.7.0.255")
        columns = [CLOCK, code, volts] if not number else [CLOCK, code]
        rows = [
            axdr.structure(
                stamp(at(n + 1)), Data(U8, found), *([u32(19050 + n)] if not number else [])
            )
            for n, found in enumerate(codes)
        ]
        meter.put_profile(f"0.0.99.98.{number}.255", columns, rows)


def _put_switching(meter: SpodesMeter) -> None:
    relay = "0.0.96.3.10.255"
    meter.put(70, relay, 2, Data(Tag.BOOLEAN, True))
    meter.put(70, relay, 3, Data(Tag.ENUM, 1))
    meter.put(70, relay, 4, Data(Tag.ENUM, 1))
    for name, monitored, value in (
        ("0.0.17.0.0.255", "1.0.1.7.0.255", 15_000),
        ("0.0.17.0.1.255", "1.0.31.7.0.255", 60_000),
    ):
        watched = axdr.structure(
            Data(U16, 3), axdr.octet_string(obis(monitored)), Data(Tag.INTEGER, 2)
        )
        action = axdr.structure(axdr.octet_string(obis("0.0.10.0.106.255")), Data(U16, 1))
        meter.put(71, name, 2, watched)
        meter.put(71, name, 4, u32(value))
        meter.put(71, name, 6, u32(60))
        meter.put(71, name, 11, axdr.structure(action, action))


def _put_calendar(meter: SpodesMeter) -> None:
    name = "0.0.13.0.0.255"
    start = axdr.octet_string(bytes.fromhex("ffff0101ffffffffff800000"))
    scripts = axdr.octet_string(obis("0.0.10.0.100.255"))
    season = axdr.structure(axdr.octet_string(b"all"), start, axdr.octet_string(b"W"))
    week = axdr.structure(axdr.octet_string(b"W"), *[Data(U8, 1)] * 5, *[Data(U8, 2)] * 2)
    night = axdr.structure(axdr.octet_string(bytes((23, 0, 0, 0))), scripts, Data(U16, 2))
    morning = axdr.structure(axdr.octet_string(bytes((7, 0, 0, 0))), scripts, Data(U16, 1))
    days = [
        axdr.structure(Data(U8, 1), axdr.array(morning, night)),
        axdr.structure(Data(U8, 2), axdr.array(night)),
    ]
    for first in (2, 6):
        meter.put(20, name, first, axdr.octet_string(b"plant"))
        meter.put(20, name, first + 1, axdr.array(season))
        meter.put(20, name, first + 2, axdr.array(week))
        meter.put(20, name, first + 3, axdr.array(*days))
    meter.put(20, name, 10, axdr.octet_string(bytes.fromhex("ffffffffffffffffff8000ff")))
    holiday = axdr.octet_string(Date(None, 1, 1).encode())
    entry = axdr.structure(Data(U16, 1), holiday, Data(U8, 2))
    meter.put(11, "0.0.11.0.0.255", 2, axdr.array(entry))
