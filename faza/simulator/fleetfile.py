"""A fleet from a JSON file: see docs/reference/simulator.md for its words.

A word that is not known is refused by its place, never passed over.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from faza.simulator import fleet, mishaps
from faza.simulator.faults import Fault, Faults, Kind, Line
from faza.simulator.fleet import Fleet
from faza.simulator.spec import ONE_ZONE, TWO_ZONES, Access, GivenLoad, MeterSpec

CALENDARS = {"1 zone": ONE_ZONE, "2 zones": TWO_ZONES}


class WrongFleet(Exception):
    """The file does not say what a fleet is; the message has the place."""


def read(
    file: Path, *, since: datetime, until: datetime, first_port: int = 0, per_line: int
) -> Fleet:
    """The fleet of a file. since: of meters that do not say when they were installed.

    until: seeded faults come before it. Raises OSError and WrongFleet.
    """
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as problem:
        raise WrongFleet(f"{file}: no JSON ({problem})") from problem
    meters = told.get("meters") if isinstance(told, dict) else None
    if not isinstance(meters, list) or not meters:
        raise WrongFleet(f'{file}: expected {{"meters": [...]}}')
    specs = []
    for n, meter in enumerate(meters):
        try:
            specs.append(_spec(meter, n, file.parent, since, until))
        except (ValueError, TypeError, KeyError, AttributeError) as problem:
            raise WrongFleet(f"{file}: meters[{n}]: {_said(problem)}") from problem
    try:
        return fleet.arranged(specs, first_port=first_port, per_line=per_line)
    except ValueError as problem:
        raise WrongFleet(f"{file}: {problem}") from problem


def _said(problem: Exception) -> str:
    return f"no {problem}" if isinstance(problem, KeyError) else str(problem)


def _spec(
    told: Mapping[str, Any], n: int, folder: Path, since: datetime, until: datetime
) -> MeterSpec:
    _known(told, {field.name for field in fields(MeterSpec)}, "")
    given = {"seed": n + 1, "installed_at": since.isoformat()} | dict(told)
    values: dict[str, Any] = {
        name: _PARTS[name](value) if name in _PARTS else value for name, value in given.items()
    }
    if not isinstance(values["number"], str):
        raise ValueError("number is no text")
    if "load" in values:
        values["load"] = _load(values["load"], folder)
    installed = values["installed_at"]
    values["faults"] = _faults(told.get("faults", {}), values, max(installed, since), until)
    return MeterSpec(**values)


def _known(told: Mapping[str, Any], names: set[str], place: str) -> None:
    if set(told) - names:
        raise ValueError(f"{place}{min(set(told) - names)} is not known")


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"{text} has no offset from UTC")
    return found.astimezone(UTC)


def _access(told: Mapping[str, Any]) -> Access:
    _known(told, {field.name for field in fields(Access)}, "access.")
    usual = Access()
    return Access(
        mechanism=told.get("mechanism", usual.mechanism),
        password=told.get("password", usual.password.decode()).encode(),
        **{
            name: bytes.fromhex(told[name])
            for name in ("system_title", "encryption_key", "authentication_key")
            if name in told
        },
    )


def _load(told: Mapping[str, Any], folder: Path) -> GivenLoad:
    """tenths: four lists; or the name of an array in an .npz beside the file."""
    _known(told, {"start", "tenths", "file", "array"}, "load.")
    if "tenths" in told:
        tenths = np.array(told["tenths"], np.int64)
    else:
        with np.load(folder / told["file"]) as stored:
            tenths = stored[told["array"]].astype(np.int64)
    return GivenLoad(_moment(told["start"]), tenths)


def _faults(
    told: Mapping[str, Any], spec: Mapping[str, Any], since: datetime, until: datetime
) -> Faults:
    """Told one by one, or `often`: by the seed."""
    _known(told, {"often", "scheduled", "line", "drift"}, "faults.")
    by_seed = mishaps.seeded(
        spec["seed"], since=since, until=until, often=told.get("often", 0), number=spec["number"]
    )
    scheduled = tuple(_fault(fault, n) for n, fault in enumerate(told.get("scheduled", ())))
    return Faults(
        by_seed.scheduled + scheduled,
        Line(**told["line"]) if "line" in told else by_seed.line,
        told.get("drift", by_seed.drift),
    )


def _fault(told: Mapping[str, Any], n: int) -> Fault:
    place = f"faults.scheduled[{n}]."
    _known(told, {field.name for field in fields(Fault)}, place)
    until = told.get("until")
    return Fault(
        Kind(told["kind"]),
        _moment(told["at"]),
        None if until is None else _moment(until),
        seconds=told.get("seconds", 0),
        number=told.get("number", ""),
    )


_PARTS: dict[str, Callable[[Any], Any]] = {
    "access": _access,
    "ct": lambda told: Fraction(str(told)),
    "vt": lambda told: Fraction(str(told)),
    "installed_at": _moment,
    "registers": lambda told: np.array(told, np.int64),
    "calendar": CALENDARS.__getitem__,
    "channels": tuple,
}
