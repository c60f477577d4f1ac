"""What a measurement says, and how times are taken."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from django.db import connection


@dataclass(frozen=True, slots=True)
class Measure:
    """One measured number. `target` as it is to be read ("≥ 3"); ok None: there is none.

    `ratio` is value / peer or peer / value, whichever is the better the greater; `peer` says
    what it is compared with, in words with its number.
    """

    name: str
    value: float
    unit: str
    target: str = ""
    ok: bool | None = None
    peer: str = ""
    ratio: float | None = None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def at_least(name: str, value: float, unit: str, target: float, **more: Any) -> Measure:
    """A measure that is to reach a target."""
    return Measure(name, value, unit, f"≥ {target:g}", value >= target, **more)


def at_most(name: str, value: float, unit: str, target: float, **more: Any) -> Measure:
    """A measure that is to stay within a target."""
    return Measure(name, value, unit, f"≤ {target:g}", value <= target, **more)


def timed(deed: Callable[[], Any]) -> float:
    """Seconds of wall time that a deed takes."""
    began = time.perf_counter()
    deed()
    return time.perf_counter() - began


def spread(times: list[float]) -> tuple[float, float]:
    """Median and 95th percentile, in milliseconds."""
    return float(np.median(times)) * 1e3, float(np.percentile(times, 95)) * 1e3


def name(what: str) -> str:
    """A measure of the engine that is connected to."""
    return f"{'PostgreSQL' if connection.vendor == 'postgresql' else 'SQLite'}: {what}"
