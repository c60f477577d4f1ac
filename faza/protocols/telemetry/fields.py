"""Fields of a JSON object: read with their place, complained of in one manner."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from faza.protocols.problems import Problems

LONGEST = 64
"""Characters of a code, a number or a name."""
SHOWN = 40
FIRST_YEAR, LAST_YEAR = 1970, 2200


class Wrong(Exception):
    """A field cannot be what it is; of the item around it nothing is kept."""

    def __init__(self, place: str, reason: str, code: str = "field") -> None:
        super().__init__(reason)
        self.place = place
        self.reason = reason
        self.code = code

    def tell(self, problems: Problems) -> None:
        problems.add(self.code, f"{self.place}: {self.reason}", column=self.place)


def shown(value: object) -> str:
    """A JSON value as it is told in a sentence: short, and by its kind where it is long."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    text = "null" if value is None else str(value).lower() if value is True or value is False else (
        repr(value) if not isinstance(value, str) else f'"{value[:SHOWN]}"'
    )  # fmt: skip
    return text[: SHOWN + 2]


def text(item: Mapping[str, Any], name: str, place: str, default: str = "") -> str:
    """A short text of printable characters. Raises Wrong."""
    value = item.get(name, default)
    if value is None:
        return default
    if type(value) is int and 0 <= value < 10**18:
        raise Wrong(f"{place}{name}", f"{value} is a number; expected a text, in quotes")
    if type(value) is not str:
        raise Wrong(f"{place}{name}", f"{shown(value)}; expected a text")
    value = value.strip()
    if len(value) > LONGEST or not (value.isprintable() or not value):
        raise Wrong(
            f"{place}{name}", f"{shown(value)}; expected at most {LONGEST} printable characters"
        )
    return value


def whole(
    item: Mapping[str, Any], name: str, place: str, low: int, high: int, default: int | None = None
) -> int:
    """A whole number of [low, high]. Raises Wrong."""
    value = item.get(name, default)
    if type(value) is not int or not low <= value <= high:
        told = "is not there" if value is None else f"{shown(value)}"
        raise Wrong(f"{place}{name}", f"{told}; expected a whole number, {low} to {high}")
    return value


def moment(item: Mapping[str, Any], name: str, place: str) -> int:
    """A moment in unix seconds. Raises Wrong."""
    value = item.get(name)
    found = seconds(value) if type(value) is str and len(value) <= LONGEST else None
    if found is None:
        told = "is not there" if value is None else f"{shown(value)}"
        raise Wrong(
            f"{place}{name}",
            f"{told}; expected a moment with its offset, as 2026-03-01T00:00:00+03:00",
            "moment",
        )
    return found


@lru_cache(maxsize=4096)
def seconds(value: str) -> int | None:
    """Unix seconds of an ISO moment with an offset, on a whole second; None for anything else."""
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    if found.tzinfo is None or found.microsecond or not FIRST_YEAR < found.year < LAST_YEAR:
        return None
    return int(found.astimezone(UTC).timestamp())


def rows(item: Mapping[str, Any], name: str, problems: Problems) -> list[Any]:
    """A list of a message; a problem and nothing if it is none."""
    value = item.get(name)
    if value is None:
        return []
    if type(value) is not list:
        Wrong(name, f"{shown(value)}; expected a list").tell(problems)
        return []
    return value
