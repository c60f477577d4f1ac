"""`faza demo --points N`: a utility of many points made, and how fast that went."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.core.management import call_command

from faza.demo import people
from faza.demo.crowd import building, filling
from faza.demo.crowd.filling import Span
from faza.demo.crowd.plan import Plan, plan_of
from faza.demo.making import AnotherGrid
from faza.demo.plan import MOSCOW

DAYS, LONGEST = 400, 3_660
STEP = 31
EVERY = 10.0
"""Seconds between two lines of how far it is."""


@dataclass(frozen=True, slots=True)
class Made:
    """What was made now: values and register readings, and the peak of memory in MB."""

    values: int
    registers: int
    seconds: float
    memory: float


class Progress:
    """Tells now and then how much is done, and how fast."""

    def __init__(self, words: str, whole: int) -> None:
        self._words, self._whole, self._done = words, whole, 0
        self._began = self._told = time.monotonic()

    def __call__(self, number: int) -> None:
        self._done += number
        now = time.monotonic()
        if now - self._told >= EVERY:
            self._told = now
            rate = self._done / (now - self._began)
            share = f"{100 * self._done / self._whole:.0f} %"
            print(f"  … {self._words}: {share}, {rate:,.0f}/s", file=sys.stderr, flush=True)


def make(points: int, days: int, *, step: int = STEP, at: datetime) -> Made:
    """Make a utility, or what is missing of it: readings of the `days` before today.

    One that was begun before keeps its first day, and goes on to today. Memory does not grow
    with the number of values. Raises AnotherGrid where the database holds something else,
    ValueError if there are too many points or days, or none.
    """
    if not (1 <= days <= LONGEST and 1 <= step <= STEP):
        raise ValueError(f"from 1 to {LONGEST:,} days, from 1 to {STEP} of them at once")
    plan = plan_of(points)
    building.refuse_others(points)
    began = time.monotonic()
    today = at.astimezone(ZoneInfo(MOSCOW)).date()
    span = Span(building.begun_on() or today - timedelta(days=days), today, step)
    building.build(plan, since=span.first, at=at, told=_absolute(points))
    values = filling.fill(plan, span, told=Progress("half-hours", plan.points * days * 48))
    shown = filling.show_registers(
        plan, span, told=Progress("registers", plan.points * (days // 30))
    )
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Made(values, shown, time.monotonic() - began, memory)


def _absolute(points: int) -> Callable[[int], None]:
    """Progress of something that tells how many there are, not how many came."""
    progress, last = Progress("points", points), [0]

    def told(there: int) -> None:
        progress(there - last[0])
        last[0] = there

    return told


def run(points: int, days: int, step: int, *, at: datetime) -> int:
    """Make it and say how that went; the exit code."""
    call_command("migrate", verbosity=0)
    try:
        made = make(points, days, step=step, at=at)
    except (AnotherGrid, ValueError) as refusal:
        print(f"faza demo: {refusal}", file=sys.stderr)
        return 2
    plan = plan_of(points)
    rate = made.values / made.seconds if made.seconds else 0
    print(
        f"{points:,} points: {made.values:,} values and {made.registers:,} register"
        f" readings added in {made.seconds:,.0f} s ({rate:,.0f} values/s), at most"
        f" {made.memory:,.0f} MB of memory"
    )
    print(logins(plan))
    return 0


def logins(plan: Plan) -> str:
    """Who can sign in."""
    told = [("person00001", "one to three points")]
    if len(plan.sizes) > plan.n_persons and plan.sizes[plan.n_persons] > building.LARGE:
        largest = int(plan.sizes[plan.n_persons])
        told.append((building.login_of(plan.n_persons, plan), f"{largest:,} points"))
    told += [("operator", "the desk"), ("admin", "everything")]
    lines = [f"  {name}@{building.DOMAIN}  {words}" for name, words in told]
    return "\n".join(
        [
            "Sign in with the password " + people.PASSWORD + ":",
            *lines,
            "Validation and costs are made by `faza worker`; the pages are those of `faza serve`.",
        ]
    )
