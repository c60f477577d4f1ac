"""What a meter is, what its clock shows, what flows now. Raises Refusal and Malformed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction

from faza.core.reading_types import BY_CODE
from faza.protocols.mercury230 import numbers
from faza.protocols.mercury230.values import Ask, Habits, Meter, Passport, Step, asked, tried
from faza.protocols.metered import Configuration, Identity, Instant, Json
from faza.protocols.problems import Malformed

TEST = Ask(b"\x00", (), "tests the channel")
SERIAL = Ask(b"\x08\x00", (7,), "reads number and date of making")
PASSPORT = Ask(b"\x08\x01", (16,), "reads the passport")
RATIOS = Ask(b"\x08\x02", (4,), "reads the transformer ratios")
FIRMWARE = Ask(b"\x08\x03", (3,), "reads the version of the firmware")
VARIANT = Ask(b"\x08\x12", (6, 8), "reads the variant of execution")
CLOCK = Ask(b"\x04\x00", (8,), "reads the clock")
LOAD = Ask(b"\x08\x18", (2,), "reads the state of the load control")
STATE = Ask(b"\x08\x0a", (6,), "reads the word of state")
MAKER = "Incotex"


def passport(meter: Meter) -> Step[Passport]:
    """The passport, asked for once; older meters tell it in three parts."""
    if meter.passport is None:
        whole = yield from tried(PASSPORT)
        if whole is None:
            serial = yield from asked(SERIAL)
            firmware = yield from asked(FIRMWARE)
            variant = yield from asked(VARIANT)
            whole = serial + firmware + variant[:6]
        meter.passport = _passport(whole)
    return meter.passport


def number(meter: Meter) -> Step[str]:
    """The serial number, without an open channel; what was known of another meter is dropped."""
    raw = yield from asked(SERIAL)
    found = _number(raw)
    if meter.passport is not None and meter.passport.number != found:
        meter.passport, meter.habits = None, Habits()
    return found


def identity(meter: Meter) -> Step[Identity]:
    """Number, firmware, date of making and ratios. The meter does not say its model."""
    yield from number(meter)
    known = yield from passport(meter)
    ratios = yield from asked(RATIOS)
    vt, ct = (int.from_bytes(ratios[at : at + 2], "big") for at in (0, 2))
    return Identity(
        number=known.number,
        manufacturer=MAKER,
        firmware=known.firmware,
        made_on=known.made_on,
        ct=Fraction(ct) if ct else None,
        vt=Fraction(vt) if vt else None,
    )


def clock(meter: Meter) -> Step[datetime]:
    """What the clock shows, UTC. Raises Malformed if it is no moment."""
    found, _ = yield from clock_and_season(meter)
    return found


def clock_and_season(meter: Meter) -> Step[tuple[datetime, int]]:
    """What the clock shows, and its flag: 1 winter, 0 summer."""
    raw = yield from asked(CLOCK)
    shown = numbers.moment(raw[:3] + raw[4:7], meter.offset)
    if shown is None:
        raise Malformed(f"The clock shows {raw.hex(' ')}.", code="clock")
    return shown, raw[7] & 1


def instant(meter: Meter) -> Step[Instant]:
    """Powers, voltages, currents, factors, frequency and angles, by phase and in sum.

    Power that flows back is below zero, and so is its factor.
    """
    at = yield from clock(meter)
    values: dict[int, int] = {}
    for number, told, codes, signed, unit in GROUPS:
        ask = Ask(bytes((0x08, 0x16, number)), (3 * len(codes),), f"reads {told}")
        raw = yield from tried(ask)
        if raw is None:
            continue
        for code, found in zip(codes, numbers.threes(raw, len(codes)), strict=True):
            if found is not None:
                value, direction = found
                exact = Fraction(value) * unit / BY_CODE[code].quantum
                values[code] = round(-exact if direction & signed else exact)
    return Instant(at.astimezone(UTC), values)


HUNDREDTH, MILLI, WATT_HUNDREDTH = Fraction(1, 100), Fraction(1, 1000), Fraction(1, 100_000)
GROUPS: tuple[tuple[int, str, tuple[int, ...], int, Fraction], ...] = (
    (0x00, "active power", (20, 21, 22, 23), 2, WATT_HUNDREDTH),
    (0x04, "reactive power", (25, 26, 27, 28), 1, WATT_HUNDREDTH),
    (0x08, "apparent power", (30, 31, 32, 33), 0, WATT_HUNDREDTH),
    (0x11, "voltages", (11, 12, 13), 0, HUNDREDTH),
    (0x21, "currents", (16, 17, 18), 0, MILLI),
    (0x30, "power factors", (35, 36, 37, 38), 2, MILLI),
    (0x40, "frequency", (40,), 0, HUNDREDTH),
)
"""What is read at once: its number (figure 4.22), codes of reading types, the bit of direction
that makes it negative, and what the last digit is in the reading type's unit."""


def configuration(meter: Meter) -> Step[Configuration]:
    """Passport, ratios, interval of the load profile and the word of state, by name."""
    known = yield from passport(meter)
    found: dict[str, Json] = {"firmware": known.firmware, "variant": known.variant.hex()}
    found["impulses_per_kwh"] = known.constant
    raw = yield from tried(RATIOS)
    if raw is not None:
        found["vt"], found["ct"] = (int.from_bytes(raw[at : at + 2], "big") for at in (0, 2))
    if known.has_profile:
        last = yield from tried(Ask(b"\x08\x13", (9,), "reads where the load profile ends"))
        if last is not None:
            found["capture_period_1"] = last[8] * 60
    for name, ask in (("load_control", LOAD), ("state", STATE)):
        word = yield from tried(ask)
        if word is not None:
            found[name] = word.hex()
    return Configuration(found)


def _passport(raw: bytes) -> Passport:
    day, month, year = raw[4:7]
    try:
        made_on = date(2000 + year, month, day)
    except ValueError:
        made_on = None
    return Passport(_number(raw), made_on, ".".join(str(byte) for byte in raw[7:10]), raw[10:16])


def _number(raw: bytes) -> str:
    if max(raw[:4]) > 99:
        raise Malformed(f"The number is {raw[:4].hex(' ')}.", code="number")
    return "".join(f"{byte:02}" for byte in raw[:4])
