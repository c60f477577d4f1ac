"""Settings of a meter and its own counters of the quality of supply."""

from __future__ import annotations

from faza.protocols.metered import Configuration, Json, QualityCounters
from faza.protocols.spodes.asking import Quantity, Step, quantities, several
from faza.protocols.spodes.calendars import Half, calendar_name
from faza.protocols.spodes.captures import find_layout, renew_layouts
from faza.protocols.spodes.clocks import ZONE, clock
from faza.protocols.spodes.identity import text_of
from faza.protocols.spodes.meter import Meter
from faza.protocols.spodes.names import (
    AGREED_VOLTAGE,
    CAPTURED,
    CLOCK,
    CLOCK_CLASS,
    CURRENT_RATIO,
    DATA,
    FIRMWARE,
    LOAD,
    NOMINAL_VOLTAGE,
    PERIODS,
    POINT,
    PROTOCOL,
    QUALITY,
    SCHEME,
    VOLTAGE_RATIO,
    attribute,
)
from faza.protocols.spodes.switching import limiters, relay

NUMBERS = {
    "current_ratio": CURRENT_RATIO,
    "voltage_ratio": VOLTAGE_RATIO,
    "nominal_voltage": NOMINAL_VOLTAGE,
    "agreed_voltage": AGREED_VOLTAGE,
    "recording_interval_1": PERIODS[LOAD[1]],
    "recording_interval_2": PERIODS[LOAD[2]],
}
TEXTS = {"firmware": FIRMWARE, "protocol": PROTOCOL, "scheme": SCHEME, "point": POINT}


def quality(meter: Meter) -> Step[QualityCounters | None]:
    """The meter's counters of quality, whole numbers of the unit of each; None if it has none."""
    found = yield from quantities(meter, QUALITY)
    if not found:
        return None
    at = (yield from clock(meter)).at
    if at is None:
        return None
    return QualityCounters(at, {name: int(value) for name, (value, _) in found.items()})


def configuration(meter: Meter) -> Step[Configuration]:
    """Settings by name, only those that the meter has. Numbers as exact text: "0.5", "220".

    Layouts of profiles are read anew, so that a meter that was programmed otherwise is noticed.
    profile_N: the layout's hash and period in seconds; relay_mode; limiter_WHAT: threshold,
    seconds, whether on; calendar_active, calendar_passive: names; clock_offset: minutes east.
    """
    settings: dict[str, Json] = {}
    numbers = yield from quantities(meter, list(NUMBERS.values()))
    for key, name in NUMBERS.items():
        if name in numbers:
            settings[key] = _exact(numbers[name])
    asked = [attribute(DATA, name, 2) for name in TEXTS.values()]
    asked.append(attribute(CLOCK_CLASS, CLOCK, ZONE))
    *texts, zone = yield from several(meter, asked)
    settings |= {
        key: text for key, data in zip(TEXTS, texts, strict=True) if (text := text_of(data))
    }
    if zone is not None and isinstance(zone.value, int):
        settings["clock_offset"] = -zone.value
    yield from renew_layouts(meter, [*LOAD.values(), *CAPTURED.values()])
    for which, name in LOAD.items():
        found = yield from find_layout(meter, name)
        if found is not None:
            settings[f"profile_{which}"] = {"layout": found.hash, "period": found.period}
    settings |= yield from _switching(meter)
    halves: tuple[Half, ...] = ("active", "passive")
    for half in halves:
        named = yield from calendar_name(meter, half)
        if named:
            settings[f"calendar_{half}"] = named
    return Configuration(settings)


def _switching(meter: Meter) -> Step[dict[str, Json]]:
    found: dict[str, Json] = {}
    now = yield from relay(meter)
    if now is not None:
        found["relay_mode"] = now.mode
    for limiter in (yield from limiters(meter)):
        found[f"limiter_{limiter.what}"] = {
            "threshold": limiter.threshold,
            "seconds": limiter.seconds,
            "is_on": limiter.is_on,
        }
    return found


def _exact(found: Quantity) -> str:
    """A number as text: decimal where it ends, else a fraction."""
    value = found.value
    if value.denominator == 1:
        return str(value.numerator)
    places = 0
    while value.denominator != 1 and places < 12:
        value, places = value * 10, places + 1
    if value.denominator != 1:
        return str(found.value)
    digits = f"{abs(value.numerator):0{places + 1}d}"
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}"
