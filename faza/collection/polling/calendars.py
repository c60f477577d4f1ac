"""Tariff calendars as JSON and back, for commands and for the history of what meters had."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from faza.protocols.metered import DaySchedule, Season, TariffCalendar


def to_json(calendar: TariffCalendar) -> dict[str, Any]:
    return {
        "name": calendar.name,
        "seasons": [
            {"name": s.name, "start": list(s.start), "week": list(s.week)} for s in calendar.seasons
        ],
        "days": [
            {"number": d.number, "switches": [list(one) for one in d.switches]}
            for d in calendar.days
        ],
        "special": [list(one) for one in calendar.special],
    }


def from_json(told: Mapping[str, Any]) -> TariffCalendar:
    """Raises ValueError where it is no calendar."""
    try:
        return TariffCalendar(
            str(told["name"]),
            tuple(
                Season(str(s["name"]), _ints(s["start"], 2), _ints(s["week"], 7))  # type: ignore[arg-type]
                for s in told["seasons"]
            ),
            tuple(
                DaySchedule(int(d["number"]), tuple(_ints(one, 2) for one in d["switches"]))  # type: ignore[misc]
                for d in told["days"]
            ),
            tuple(
                (int(month), int(day), None if year is None else int(year), int(number))
                for month, day, year, number in told.get("special", ())
            ),
        )
    except (KeyError, TypeError) as problem:
        raise ValueError(f"no tariff calendar: {problem}") from problem


def fingerprint(told: Mapping[str, Any]) -> str:
    """Equal for equal JSON, whatever the order of keys: 64 hexadecimal digits."""
    text = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _ints(told: Any, count: int) -> tuple[int, ...]:
    found = tuple(int(one) for one in told)
    if len(found) != count:
        raise ValueError(f"{count} numbers are expected, not {len(found)}")
    return found
