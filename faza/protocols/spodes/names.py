"""Logical names of the СПОДЭС objects, as their six numbers.

Source: ГОСТ Р 58940-2020; СТО 34.01-5.1-006-2021, appendices Б, В, Г, Д; Blue Book 12, 7.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from faza.protocols.dlms import Attribute, obis

DATA, REGISTER, EXTENDED, DEMAND, PROFILE, CLOCK_CLASS = 1, 3, 4, 5, 7, 8
SPECIAL_DAYS_CLASS, CALENDAR_CLASS, RELAY_CLASS, LIMITER_CLASS = 11, 20, 70, 71

CLOCK: Final = "0.0.1.0.0.255"
SPECIAL_DAYS: Final = "0.0.11.0.0.255"
CALENDAR: Final = "0.0.13.0.0.255"
TARIFF_SCRIPTS: Final = "0.0.10.0.100.255"
RELAY: Final = "0.0.96.3.10.255"
LIMITERS: Final = {
    "power": "0.0.17.0.0.255",
    "current": "0.0.17.0.1.255",
    "voltage": "0.0.17.0.2.255",
}

PASSPORT: Final = "0.0.94.7.1.255"
NUMBER: Final = "0.0.96.1.0.255"
MODEL: Final = "0.0.96.1.1.255"
FIRMWARE: Final = "0.0.96.1.2.255"
MANUFACTURER: Final = "0.0.96.1.3.255"
MADE_ON: Final = "0.0.96.1.4.255"
PROTOCOL: Final = "0.0.96.1.6.255"
SCHEME: Final = "0.0.96.1.7.255"
POINT: Final = "0.0.96.1.10.255"
CURRENT_RATIO: Final = "1.0.0.4.2.255"
VOLTAGE_RATIO: Final = "1.0.0.4.3.255"
NOMINAL_VOLTAGE: Final = "1.0.0.6.0.255"
AGREED_VOLTAGE: Final = "1.0.0.6.4.255"

LOAD: Final = {1: "1.0.99.1.0.255", 2: "1.0.99.2.0.255"}
PERIODS: Final = {LOAD[1]: "1.0.0.8.4.255", LOAD[2]: "1.0.0.8.5.255"}
CAPTURED: Final = {"month": "1.0.98.1.0.255", "day": "1.0.98.2.0.255"}
STOP_FRAME: Final = "1.0.94.7.0.255"
SCALERS: Final = {
    STOP_FRAME: "1.0.94.7.3.255",
    CAPTURED["month"]: "1.0.94.7.1.255",
    CAPTURED["day"]: "1.0.94.7.2.255",
    LOAD[1]: "1.0.94.7.4.255",
    LOAD[2]: "1.0.94.7.4.255",
}
"""The profile of scalers and units of a profile."""

JOURNALS: Final = (*range(10), 10, *range(12, 29))
"""Numbers N of journals 0.0.99.98.N, with codes 0.0.96.11.N."""

QUALITY: Final = (
    "1.0.147.133.0.255",  # time of deviations of the voltage in the billing period
    "1.0.148.36.0.255",  # over-voltages in it
    "0.0.96.5.1.255",  # state of quality, day
    "0.0.96.5.4.255",  # state of quality, journal
    "0.0.96.7.0.255",  # interruptions, all phases
    "0.0.96.7.21.255",  # interruptions, any phase
    "1.0.32.32.0.255",  # dips of the voltage, by phase
    "1.0.52.32.0.255",
    "1.0.72.32.0.255",
    "1.0.32.36.0.255",  # swells of the voltage, by phase
    "1.0.52.36.0.255",
    "1.0.72.36.0.255",
)
"""Counters of the quality of supply that are asked for."""


def energy(group: int, tariff: int) -> str:
    """The register of a quantity C (1 to 4: A+ A- R+ R-) and tariff (0: all)."""
    return f"1.0.{group}.8.{tariff}.255"


def journal(number: int) -> str:
    return f"0.0.99.98.{number}.255"


@lru_cache(maxsize=4096)
def attribute(class_id: int, name: str, index: int) -> Attribute:
    return Attribute(class_id, obis(name), index)


@lru_cache(maxsize=4096)
def groups(name: str) -> tuple[int, int, int, int, int, int]:
    """The six numbers A to F of a name."""
    a, b, c, d, e, f = obis(name)
    return a, b, c, d, e, f
