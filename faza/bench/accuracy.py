"""How far estimates are from what was measured: real homes, intervals taken away and estimated.

`python -m faza.bench.accuracy PAGE` writes the tables of a page (docs/reference/estimation.md).
The homes are those of the demo's file, its SOURCES.md names owners and licences; all is drawn by
fixed seeds.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
import numpy.typing as npt

from faza.readings.estimation import Bound, Brackets, Channels, State, day_classes, estimate

SLOTS, MONTH, FIRST = 48, 28, 42
"""Half-hours of a day, days of a month, days at the beginning from which nothing is taken."""
NONE = 65535
START = np.datetime64("2026-01-05")
"""A Monday, as the file's weeks begin; the years do not matter."""
SEEDS = (1, 2, 3, 4)
"""Of the tries that are taken together."""
LEAST = 5_000
"""Wh: months in which a home used less are left out of percentages."""

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Homes:
    """Measured half-hours of twelve homes, (c, d, 48) Wh; `known` where there is one at all."""

    values: I64
    known: Mask


@dataclass(frozen=True, slots=True)
class Errors:
    """Of one way to fill: month in % of a home's month, interval in Wh; medians and p90."""

    way: str
    month: float
    month_p90: float
    interval: float
    interval_p90: float


@dataclass(frozen=True, slots=True)
class Case:
    """What was taken away, and how far each way came from it; ours is the first."""

    name: str
    ways: tuple[Errors, ...]


@cache
def homes() -> Homes:
    """Ten homes of SGSC and one of UCI over two years, one of Ausgrid over one."""
    with files("faza.demo").joinpath("data/profiles.npz").open("rb") as file:
        stored = np.load(file)
        rows = [home.reshape(-1, SLOTS) for home in stored["sgsc"]]
        rows += [stored["uci"][0].reshape(-1, SLOTS), stored["load"].reshape(-1, SLOTS)]
    values = np.full((len(rows), len(rows[0]), SLOTS), NONE, np.int64)
    for home, row in enumerate(rows):
        values[home, : len(row)] = row
    known = values != NONE
    return Homes(np.where(known, values, 0), known)


def at_random(shape: tuple[int, ...], random: np.random.Generator) -> Mask:
    """A twentieth of the intervals, each by itself."""
    return random.random(shape) < 0.05


def whole_days(run: int) -> Callable[[tuple[int, ...], np.random.Generator], Mask]:
    """A twentieth of the days, `run` in a row."""

    def taken(shape: tuple[int, ...], random: np.random.Generator) -> Mask:
        begins = random.random(shape[:2]) < 0.05 / run
        days = begins.copy()
        for after in range(1, run):
            days[:, after:] |= begins[:, :-after]
        return np.repeat(days[:, :, None], shape[2], axis=2)

    return taken


def stretches(hours: int) -> Callable[[tuple[int, ...], np.random.Generator], Mask]:
    """A twentieth of the intervals, so many hours in a row, at any time of the day."""

    def taken(shape: tuple[int, ...], random: np.random.Generator) -> Mask:
        flat = np.zeros((shape[0], shape[1] * shape[2]), bool)
        begins = random.random(flat.shape) < 0.05 / (2 * hours)
        for after in range(2 * hours):
            flat[:, after:] |= begins[:, : flat.shape[1] - after]
        return flat.reshape(shape)

    return taken


CASES = {
    "5 % of half-hours at random": at_random,
    "one hour at any time": stretches(1),
    "two hours": stretches(2),
    "six hours": stretches(6),
    "whole days": whole_days(1),
    "three whole days in a row": whole_days(3),
    "a week": whole_days(7),
}
STEPS = (1, 10, 100, 1_000)
"""Wh that registers show: of meters without transformers, and behind them."""
OUTAGES = (1, 3, 12, 24)
"""Hours of silence before a jump."""


def taken_away(truth: Homes, taken: Callable[..., Mask], seed: int = 1) -> Mask:
    """What is missing, with all before and after whole weeks: measured, after the first weeks."""
    missing = taken(truth.values.shape, np.random.default_rng(seed)) & truth.known
    missing[:, :FIRST] = False
    return missing


def channels_of(truth: Homes, missing: Mask) -> Channels:
    """The homes without what is missing; their own gaps are not asked for."""
    state = np.where(truth.known, np.uint8(State.MEASURED), np.uint8(State.WAITING))
    state[missing] = State.UNKNOWN
    days = START + np.arange(truth.values.shape[1])
    return Channels(np.where(missing, 0, truth.values), state, day_classes(days), START, 30)


def days_bracketed(truth: Homes, step: int = 1) -> Brackets:
    """Registers read at each midnight that show whole `step` Wh; days with own gaps have none."""
    c, d, k = truth.values.shape
    register = np.cumsum(truth.values.reshape(c, -1), axis=1)[:, k - 1 :: k]
    shown = np.concatenate([np.zeros((c, 1), np.int64), register // step * step], axis=1)
    channel, day = np.nonzero(truth.known.all(axis=2))
    return Brackets(
        channels=channel,
        firsts=day * k,
        ends=(day + 1) * k,
        energies=np.diff(shown, axis=1)[channel, day],
        resolutions=np.full(len(day), step),
        bounds=np.full(len(day), int(Bound.REGISTER)),
    )


def ours(truth: Homes, missing: Mask, brackets: Brackets | None = None) -> F64:
    """What estimation makes of it, (c, d, 48); NaN where it says nothing."""
    made = estimate(channels_of(truth, missing), brackets=brackets)
    filled = np.where(missing, np.nan, truth.values)
    rows = filled[made.channels, made.days]
    filled[made.channels, made.days] = np.where(made.method > 0, made.values, rows)
    return filled


def linear(truth: Homes, missing: Mask) -> F64:
    """A line from the last value before to the first value after."""
    filled = truth.values.astype(np.float64).reshape(len(truth.values), -1)
    gone = missing.reshape(filled.shape)
    there = truth.known.reshape(filled.shape) & ~gone
    at = np.arange(filled.shape[1])
    for row, missed, stands in zip(filled, gone, there, strict=True):
        row[missed] = np.interp(at[missed], at[stands], row[stands])
    return filled.reshape(missing.shape)


def zeros(truth: Homes, missing: Mask) -> F64:
    """Nothing flowed."""
    return np.where(missing, 0.0, truth.values)


def jumps(truth: Homes, missing: Mask) -> tuple[Mask, F64, Brackets]:
    """Stretches that are told in one interval at their end: where the jumps are, what is
    delivered, and the brackets they make.
    """
    c, d, k = missing.shape
    flat = missing.reshape(c, -1)
    edge = np.diff(np.pad(flat, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    channel, first = np.nonzero(edge == 1)
    end = np.nonzero(edge == -1)[1]
    values = truth.values.reshape(c, -1)
    before = np.concatenate([np.zeros((c, 1), np.int64), np.cumsum(values, axis=1)], axis=1)
    energy = before[channel, end] - before[channel, first]
    delivered = np.where(flat, 0.0, values)
    delivered[channel, end - 1] = energy
    at = np.zeros_like(flat)
    at[channel, end - 1] = True
    bounds = np.full(len(channel), int(Bound.JUMP))
    brackets = Brackets(channel, first, end, energy, np.ones_like(end), bounds)
    return at.reshape(missing.shape), delivered.reshape(missing.shape), brackets


def evenly(missing: Mask, brackets: Brackets, delivered: F64) -> F64:
    """Each bracket's energy in equal parts."""
    filled = delivered.reshape(len(missing), -1).copy()
    for channel, first, end, energy in zip(
        brackets.channels, brackets.firsts, brackets.ends, brackets.energies, strict=True
    ):
        filled[channel, first:end] = energy / (end - first)
    return filled.reshape(missing.shape)


def errors(way: str, truth: Homes, tries: Iterable[tuple[Mask, F64]]) -> Errors:
    """How far a way to fill is from the truth, over several tries: what was missing, what it is."""
    percents, cells = [], []
    for missing, filled in tries:
        wrong = np.where(missing, filled - truth.values, 0)
        percents.append(_months(truth, missing, wrong))
        cells.append(np.abs(wrong[missing]))
    month, cell = np.concatenate(percents), np.concatenate(cells)
    return Errors(
        way,
        float(np.median(month)),
        float(np.percentile(month, 90)),
        float(np.median(cell)),
        float(np.percentile(cell, 90)),
    )


def _months(truth: Homes, missing: Mask, wrong: F64) -> F64:
    """Errors of all months of homes that something is missing in, % of their energy."""
    by_month = (len(truth.values), -1, MONTH * SLOTS)
    error = wrong.reshape(by_month).sum(axis=2)
    energy = truth.values.reshape(by_month).sum(axis=2)
    hit = missing.reshape(by_month).any(axis=2) & (energy >= LEAST)
    percent: F64 = np.abs(error[hit]) / energy[hit] * 100
    return percent


def unbound(name: str) -> Case:
    """A case without registers: ours, a line, zeros."""
    truth = homes()
    missing = [taken_away(truth, CASES[name], seed) for seed in SEEDS]
    return Case(
        name,
        (
            errors("estimated", truth, ((m, ours(truth, m)) for m in missing)),
            errors("line", truth, ((m, linear(truth, m)) for m in missing)),
            errors("zeros", truth, ((m, zeros(truth, m)) for m in missing)),
        ),
    )


def bound(name: str) -> Case:
    """A case with registers at every midnight, of several steps; in days without own gaps."""
    truth = homes()
    whole = truth.known.all(axis=2, keepdims=True)
    missing = [taken_away(truth, CASES[name], seed) & whole for seed in SEEDS[:2]]
    brackets = {step: days_bracketed(truth, step) for step in STEPS}
    return Case(
        name,
        tuple(
            errors(f"{step} Wh", truth, ((m, ours(truth, m, told)) for m in missing))
            for step, told in brackets.items()
        ),
    )


def outage(hours: int) -> Case:
    """Hours without values whose energy comes in the next interval: ours, evenly, as it came."""
    truth = homes()
    tries = []
    for seed in SEEDS[:2]:
        missing = taken_away(truth, stretches(hours), seed)
        _, delivered, brackets = jumps(truth, missing)
        tries.append((missing, delivered, brackets))
    return Case(
        f"{hours} h",
        (
            errors("estimated", truth, ((m, ours(truth, m, b)) for m, _, b in tries)),
            errors("evenly", truth, ((m, evenly(m, b, d)) for m, d, b in tries)),
            errors("as it came", truth, ((m, d) for m, d, _ in tries)),
        ),
    )


def as_table(heading: str, cases: Iterable[Case], *, month: bool = True) -> str:
    """Markdown: a row per case and way."""
    head = [heading, "way", "month, median %", "month, p90 %", "interval, median Wh",
            "interval, p90 Wh"]  # fmt: skip
    columns = [True, True, month, month, True, True]
    rows = [head, ["---", "---"] + ["--:"] * 4]
    for case in cases:
        for one in case.ways:
            rows.append(
                [case.name, one.way, f"{one.month:.3f}", f"{one.month_p90:.2f}",
                 f"{one.interval:.0f}", f"{one.interval_p90:.0f}"]
            )  # fmt: skip
    return "\n".join(
        "| "
        + " | ".join(cell for cell, is_told in zip(row, columns, strict=True) if is_told)
        + " |"
        for row in rows
    )


def tables() -> dict[str, str]:
    """All tables of the page, by the name of their place in it."""
    return {
        "unbound": as_table("taken away", map(unbound, CASES)),
        "bound": as_table("taken away", map(bound, ("5 % of half-hours at random", "whole days"))),
        "jump": as_table("silence", map(outage, OUTAGES), month=False),
    }


def write(page: Path) -> None:
    """Write the tables between their marks of a Markdown page."""
    text = page.read_text(encoding="utf-8")
    for name, table in tables().items():
        begin, end = f"<!-- {name}:begin -->\n", f"<!-- {name}:end -->"
        head, rest = text.split(begin)
        text = f"{head}{begin}\n{table}\n\n{end}{rest.split(end)[1]}"
    page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
