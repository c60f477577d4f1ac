"""Faults by a seed: what befalls a meter in a stretch of time, a few of each kind.

Days are rolled one by one, so a longer stretch only adds to a shorter one.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np

from faza.simulator import shapes
from faza.simulator.faults import Fault, Faults, Kind, Line


class Rate(NamedTuple):
    """per_day: chance of a day. minutes: how long it lasts, from and to."""

    kind: Kind
    per_day: float
    minutes: tuple[int, int] = (0, 0)


RATES = (
    Rate(Kind.POWER, 0.03, (5, 600)),
    Rate(Kind.CATCH_UP, 0.015, (40, 400)),
    Rate(Kind.MISSING, 0.015, (30, 300)),
    Rate(Kind.DUPLICATE, 0.03),
    Rate(Kind.CLOCK_JUMP, 0.008),
    Rate(Kind.RESET, 0.003),
    Rate(Kind.REPLACED, 0.002),
    Rate(Kind.MODEM_OFF, 0.04, (20, 2000)),
    Rate(Kind.MODEM_REBOOT, 0.15, (1, 3)),
    Rate(Kind.MAGNET, 0.004, (3, 200)),
    Rate(Kind.COVER, 0.004),
    Rate(Kind.CASE, 0.002),
    Rate(Kind.FAILURE, 0.002, (10, 60)),
)
JUMPS = (-5400, -1800, -40, 40, 900, 5400)
"""Seconds by which a clock jumps."""
DRIFT = 60.0
"""Parts per million either way at most: 5 s a day (reference: domain, 1.2)."""
_DAY = 86400


def seeded(
    seed: int, *, since: datetime, until: datetime, often: float = 1.0, number: str = ""
) -> Faults:
    """The faults of [since, until). often: so many times the usual chances; 0: none at all.

    number: of the meter; its successors get one made from it.
    """
    if often <= 0:
        return Faults()
    first, end = int(since.timestamp()) // _DAY, int(until.timestamp()) // _DAY + 1
    days = np.arange(first, end)
    found: list[Fault] = []
    for place, rate in enumerate(RATES):
        rolled = shapes.uniform(seed + 400 + place, days)
        for day in days[rolled < rate.per_day * often].tolist():
            fault = _fault(rate, seed + 500 + place, day, number)
            if since <= fault.at < until:
                found.append(fault)
    drift = DRIFT * (2 * shapes.chance(seed, 81) - 1)
    return Faults(tuple(sorted(found, key=lambda fault: fault.at)), _line(seed, often), drift)


def _fault(rate: Rate, seed: int, day: int, number: str) -> Fault:
    second, length, jump = (shapes.chance(seed + n, day) for n in (0, 100, 200))
    at = datetime.fromtimestamp(day * _DAY, UTC) + timedelta(seconds=int(second * _DAY))
    least, most = rate.minutes
    lasting = timedelta(seconds=int(60 * (least + (most - least) * length**2)))
    return Fault(
        rate.kind,
        at,
        at + lasting if most else None,
        seconds=JUMPS[int(jump * len(JUMPS))] if rate.kind is Kind.CLOCK_JUMP else 0,
        number=_successor(number, day) if rate.kind is Kind.REPLACED else "",
    )


def _successor(number: str, day: int) -> str:
    """A number of the same length that no meter of the fleet has: it begins with 9."""
    tail = f"{(int(number or 0) * 7919 + day) % 10 ** max(len(number) - 1, 1)}"
    return "9" + tail.zfill(max(len(number) - 1, 1))


def _line(seed: int, often: float) -> Line:
    """Every fourth way is bad."""
    if shapes.chance(seed, 82) > 0.25:
        return Line()
    return Line(
        delay=0.02 * shapes.chance(seed, 83),
        drop=min(0.1 * often, 0.5),
        garbage=min(0.1 * often, 0.5),
        slow=min(0.2 * often, 1.0),
    )
