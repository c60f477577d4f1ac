"""How far forecasts of a month are from what came: real homes, each month forecast on several days.

`python -m faza.bench.forecasting PAGE` writes the tables of a page (docs/reference/forecast.md).
The homes are those of the demo's file, its SOURCES.md names owners and licences. Nothing after
the day of a forecast is used for it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np

from faza.charges.forecast import band
from faza.charges.forecast.blend import Forecasts, forecast
from faza.charges.forecast.levels import F64, I64, WHOLE, History

SLOTS, NONE = 48, 65535
START = np.datetime64("2012-02-27")
"""The Monday that the copies' first week is laid on."""
LENGTH, EVERY = 30, 10
"""Days of a month, and from one month's beginning to the next one's."""
KNOWN = (5, 10, 15, 20, 25)
"""Days of the month that are known."""
ENOUGH, SHORT = 180, 60
"""Days of history before the month: of the long table, and at least of the short one."""
LEAST = 5_000
"""Wh: months in which a home used less are left out of percentages."""


@dataclass(frozen=True, slots=True, eq=False)
class Home:
    """energy (d,) Wh and share (d,) of days from START on, in order of time."""

    energy: F64
    share: F64


@dataclass(frozen=True, slots=True, eq=False)
class Months:
    """The same thirty days of several homes: [first, first + 30) since START.

    homes (n,): their numbers; energy (n,): what they took, Wh.
    """

    first: int
    homes: I64
    energy: F64


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """Forecasts of m months with so many days known, in % of each month; all (m,).

    low, high: bounds of the band; average: what the plain average of the days so far says.
    """

    blend: F64
    average: F64
    low: F64
    high: F64

    @property
    def covered(self) -> float:
        """Share of months that ended within the band."""
        return float(((self.low <= 0) & (self.high >= 0)).mean())


@cache
def homes() -> tuple[Home, ...]:
    """Ten homes of SGSC and one of UCI over two years, one of Ausgrid over one.

    The file keeps a week by its place in the year; here they are put in order of time. Weeks that
    stand in both years are copies (a home joined later): only the second is kept.
    """
    with files("faza.demo").joinpath("data/profiles.npz").open("rb") as file:
        stored = np.load(file)
        found = [_ordered(home, 9) for home in stored["sgsc"]]
        found += [_ordered(stored["uci"][0], 0), _ordered(stored["load"][None], 26)]
    return tuple(_home(weeks) for weeks in found)


def _ordered(years: I64, first: int) -> I64:
    """(weeks, 7, 48) in order of time, of years (y, 52, 7, 48) that begin with week `first`."""
    years = years.copy()
    if len(years) > 1:
        years[0][(years[0] == years[1]).all(axis=(1, 2))] = NONE
    return np.concatenate([np.roll(year, -first, axis=0) for year in years])


def _home(weeks: I64) -> Home:
    days = weeks.reshape(-1, SLOTS)
    known = days != NONE
    return Home(np.where(known, days, 0).sum(axis=1).astype(float), known.mean(axis=1))


@cache
def arrays() -> tuple[F64, F64]:
    """energy and share (12, d) of all homes; shorter ones end with days that are not there."""
    longest = max(len(home.energy) for home in homes())
    energy, share = np.zeros((2, len(homes()), longest))
    for number, home in enumerate(homes()):
        energy[number, : len(home.energy)] = home.energy
        share[number, : len(home.energy)] = home.share
    return energy, share


def months(history: int, below: int = 10_000) -> Iterator[Months]:
    """Months of the homes that have at least `history` and less than `below` days before them.

    One begins every tenth day. All days but one are there, and the home used something.
    """
    energy, share = arrays()
    whole = share >= WHOLE
    begins = whole.argmax(axis=1)
    for first in range(0, energy.shape[1] - LENGTH + 1, EVERY):
        days = slice(first, first + LENGTH)
        took = energy[:, days].sum(axis=1)
        counts = (whole[:, days].sum(axis=1) >= LENGTH - 1) & (took >= LEAST)
        counts &= (first - begins >= history) & (first - begins < below)
        if counts.any():
            yield Months(first, np.flatnonzero(counts), took[counts])


@cache
def foretold(of: Months, known: int) -> tuple[Forecasts, F64, F64]:
    """Forecasts from what was there after `known` days, what that was, and its mean day; Wh."""
    energy, share = (values[of.homes] for values in arrays())
    end = of.first + known
    classes = ((START + np.arange(of.first + LENGTH)).astype(int) + 3) % 7
    told = forecast(History(energy[:, :end], share[:, :end], classes[:end]), classes[end:], known)
    so_far = energy[:, of.first : end].sum(axis=1)
    there = share[:, of.first : end].sum(axis=1)
    return told, so_far, so_far / np.maximum(there, 0.5)


def outcome(of: Iterable[Months], known: int) -> Outcome:
    """How forecasts of months ended."""
    left = LENGTH - known
    rows = []
    for month in of:
        told, so_far, mean = foretold(month, known)
        edges = told.rest[:, None] * np.exp(band.bounds(told.log_errors, left))
        made = np.stack([told.rest, mean * left, *edges.T])
        rows.append((so_far + made - month.energy) / month.energy * 100)
    return Outcome(*np.concatenate(rows, axis=1))


def together(of: Iterable[Months], known: int) -> Outcome:
    """Months of at least five homes together, with the band of the sum."""
    left = LENGTH - known
    rows = []
    for month in of:
        if len(month.homes) >= 5:
            told, so_far, mean = foretold(month, known)
            edges = band.together(told.rest, band.kept(told.log_errors), left)
            made = np.array([told.rest.sum(), mean.sum() * left, *edges])
            took = month.energy.sum()
            rows.append((so_far.sum() + made - took) / took * 100)
    return Outcome(*np.array(rows).T)


def as_table(found: dict[int, Outcome]) -> str:
    """Markdown: a row per number of known days."""
    head = ["days known", "months", "forecast, mean %", "average, mean %", "forecast, median %",
            "average, median %", "within the band, %", "band, median ± %"]  # fmt: skip
    rows = [head, ["--:"] * len(head)]
    for known, one in found.items():
        ours, plain = np.abs(one.blend), np.abs(one.average)
        width = float(np.median(one.high - one.low)) / 2
        rows.append(
            [str(known), str(len(ours)), f"{ours.mean():.2f}", f"{plain.mean():.2f}",
             f"{np.median(ours):.1f}", f"{np.median(plain):.1f}", f"{one.covered * 100:.0f}",
             f"{width:.1f}"]
        )  # fmt: skip
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def tables() -> dict[str, str]:
    """All tables of the page, by the name of their place in it."""
    long, short = list(months(ENOUGH)), list(months(SHORT, ENOUGH))
    return {
        "long": as_table({known: outcome(long, known) for known in KNOWN}),
        "short": as_table({known: outcome(short, known) for known in KNOWN}),
        "together": as_table({known: together(long, known) for known in KNOWN}),
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
