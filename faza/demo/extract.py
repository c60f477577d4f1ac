"""Make `data/profiles.npz` from the published files; run once, by whoever maintains the demo.

`python -m faza.demo.extract FOLDER`, FOLDER holding the four files named in data/SOURCES.md.
Everything is cut into season weeks (`profiles.season_week`), so that the demo can take the day
of the same season and weekday for any date.
"""

from __future__ import annotations

import csv
import gzip
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from faza.demo.profiles import FILE, NONE, SLOTS, WEEKS, season_week

U16 = npt.NDArray[np.uint16]
Days = dict[date, npt.NDArray[np.float64]]

NEW_YEAR = date(2025, 1, 1)
# National holidays of the norm's year; the norm gives them Sundays' shape.
GERMAN_HOLIDAYS = [
    NEW_YEAR, date(2025, 4, 18), date(2025, 4, 21), date(2025, 5, 1), date(2025, 5, 29),
    date(2025, 6, 9), date(2025, 10, 3), date(2025, 12, 24), date(2025, 12, 25),
    date(2025, 12, 26),
]  # fmt: skip


def _rows(file: Path) -> Iterable[list[str]]:
    with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
        reader = csv.reader(lines)
        next(reader)
        yield from reader


def _days(rows: Iterable[tuple[str, Sequence[float]]], columns: int) -> Days:
    """Half-hours by civil day: (columns, 48), NaN where there is none."""
    days: Days = {}
    for stamp, values in rows:
        day = date.fromisoformat(stamp[:10])
        if day not in days:
            days[day] = np.full((columns, SLOTS), np.nan)
        days[day][:, int(stamp[11:13]) * 2 + int(stamp[14:16]) // 30] = values
    return days


def _weeks(days: Days, columns: int, year_of: Callable[[int], int]) -> U16:
    """One year by season weeks, (columns, 52, 7, 48); `year_of` a season week says which year."""
    cut = np.full((columns, WEEKS, 7, SLOTS), np.nan)
    for day, values in days.items():
        week, year = season_week(day)
        if year == year_of(week):
            cut[:, week, day.weekday()] = values
    return np.where(np.isnan(cut), NONE, np.round(cut)).astype(np.uint16)


def _same_year(week: int, *, year: int) -> int:
    return year


def _from_march(week: int, *, year: int) -> int:
    return year + (week < 9)


def _uci(folder: Path) -> U16:
    def parsed() -> Iterable[tuple[str, Sequence[float]]]:
        for stamp, active, reactive, volts, _low, _high, amperes, *_ in _rows(
            folder / "uci_household_30min.csv.gz"
        ):
            yield stamp, [
                float(text or "nan") * factor
                for text, factor in (
                    (active, 1000), (reactive, 1000), (volts, 10), (amperes, 1000)
                )
            ]  # fmt: skip

    days = _days(parsed(), 4)
    years = [_weeks(days, 4, partial(_same_year, year=year)) for year in (2008, 2009)]
    return np.stack(years, 1)


def _sgsc(folder: Path) -> U16:
    homes: dict[str, list[tuple[str, Sequence[float]]]] = {}
    for home, stamp, kwh in _rows(folder / "sgsc_au_10households_30min.csv.gz"):
        homes.setdefault(home, []).append((stamp, [float(kwh) * 1000]))
    # The trial began in February: a year of the copy is March to February.
    years = [partial(_from_march, year=year) for year in (2012, 2013)]
    cut = np.stack(
        [
            np.concatenate([_weeks(_days(rows, 1), 1, year) for year in years])
            for _, rows in sorted(homes.items())
        ]
    )
    # Homes joined at different times: a week before that is no gap, it is the other year's.
    unread = (cut == NONE).all(axis=(3, 4), keepdims=True)
    return np.where(unread, cut[:, ::-1], cut)


def _ausgrid(folder: Path) -> U16:
    rows = _rows(folder / "ausgrid_customer12_30min_2011_2012.csv.gz")
    days = _days(((r[0], [float(r[1]) * 500, float(r[2]) * 500]) for r in rows), 2)
    return _weeks(days, 2, lambda week: 2011 if week >= 26 else 2012)


def _bdew(folder: Path) -> U16:
    columns = 4
    quarters: dict[str, list[list[float]]] = {}
    for stamp, *kw in _rows(folder / "bdew_slp_2025_15min.csv.gz"):
        half_hour = f"{stamp[:14]}{int(stamp[14:16]) // 30 * 30:02d}"
        quarters.setdefault(half_hour, []).append([float(value) for value in kw])
    # kW of two quarters to hundredths of a Wh in a half-hour.
    days = _days(
        ((stamp, np.mean(both, axis=0) * 50_000) for stamp, both in quarters.items()), columns
    )
    for holiday in GERMAN_HOLIDAYS:
        days[holiday] = days[holiday + timedelta(days=7 if holiday == NEW_YEAR else -7)]
    first = min(days)
    while first.weekday():
        first -= timedelta(days=1)
        days[first] = days[first + timedelta(days=7)]
    return _weeks(days, columns, partial(_same_year, year=2025))


def main(folder: Path) -> None:
    g0, g1, h0, l0 = _bdew(folder)
    load, pv = _ausgrid(folder)
    np.savez_compressed(
        FILE, uci=_uci(folder), sgsc=_sgsc(folder), load=load, pv=pv, g0=g0, g1=g1, h0=h0, l0=l0
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
