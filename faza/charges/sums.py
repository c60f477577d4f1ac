"""What kept months of many points add up to, month by month: for pages of thousands of points.

As in `queries`, with the same rule of who sees what; added up by the database wherever windows
end at one moment, as those of a customer or of staff do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np

from faza.charges.queries import (
    I16,
    I64,
    Months,
    charged,
    kept_until,
    zone_months,
)
from faza.charges.rules.charge import NO_DATA
from faza.core.periods import start_of_day
from faza.core.reading_types import A_PLUS
from faza.core.windows import Window, Windows
from faza.readings.store.reading import among, day_number, day_param, moment_param, rows


@dataclass(frozen=True, slots=True, eq=False)
class MonthSums:
    """Charges of many points by month, ascending; all (m,). Months without any are absent.

    kopecks: of the `known` charges of `rows`. volume, exported: Wh. examples: how many are by
    prices that are examples. empty: how many have no charge because nothing was measured. as_of:
    up to when they hold.
    """

    months: Months
    kopecks: I64
    rows: I64
    known: I64
    volume: I64
    exported: I64
    examples: I64
    empty: I64
    n_expected: I64
    n_present: I64
    n_estimated: I64
    as_of: datetime | None

    def total(self, place: int) -> Decimal | None:
        """Roubles of a month; None where none is known."""
        return Decimal(int(self.kopecks[place])) / 100 if self.known[place] else None


@dataclass(frozen=True, slots=True, eq=False)
class ZoneSums:
    """Volumes of many points by month, reading type and zone, ascending; all (n,).

    Of agreements' time; zone 0 is all zones. Zones of different tariffs with one number are added
    up: ask for points of one tariff where that matters.
    """

    months: Months
    reading_types: I16
    zones: I16
    total: I64
    n_expected: I64
    n_present: I64
    n_estimated: I64
    as_of: datetime | None


_CHARGES = (
    "coalesce(sum(kopecks), 0)", "count(*)", "count(kopecks)", "sum(volume)", "sum(exported)",
    "sum(CASE WHEN is_example THEN 1 ELSE 0 END)",
    f"sum(CASE WHEN problem = '{NO_DATA}' THEN 1 ELSE 0 END)", "sum(n_expected)",
    "sum(n_present)", "sum(n_estimated)",
)  # fmt: skip
_ZONES = ("sum(total)", "sum(n_expected)", "sum(n_present)", "sum(n_estimated)")


def month_sums(windows: Windows, first: date, end: date) -> MonthSums:
    """Charges of the months [first, end) by month. Three queries at most."""
    alike, others = _divided(windows, first)
    found = _asked("charges_charge_month", (), _CHARGES, alike, first, end)
    if not others:
        return _summed(found)
    rest = charged(others, first, end)
    table = [
        *found,
        *zip(
            (rest.months.astype("datetime64[D]").astype(np.int64)).tolist(),
            rest.kopecks.tolist(), [1] * len(rest), rest.known.astype(int).tolist(),
            rest.volume.tolist(), rest.exported.tolist(), rest.is_example.astype(int).tolist(),
            [int(problem == NO_DATA) for problem in rest.problems],
            rest.n_expected.tolist(), rest.n_present.tolist(), rest.n_estimated.tolist(),
            strict=True,
        ),
    ]  # fmt: skip
    return _summed(table)


def _summed(table: Sequence[Sequence[Any]]) -> MonthSums:
    keys, sums = _added(table, 1, len(_CHARGES))
    columns = [sums[:, place] for place in range(len(_CHARGES))]
    kopecks, count, known, volume, exported, examples, empty, *intervals = columns
    expected, present, estimated = intervals
    return MonthSums(
        _months(keys[:, 0]), kopecks, count, known, volume, exported, examples, empty, expected,
        present, estimated, kept_until(),
    )  # fmt: skip


def zone_sums(
    windows: Windows, first: date, end: date, reading_types: Collection[int] = (A_PLUS.code,)
) -> ZoneSums:
    """Volumes of the months [first, end) by month, type and zone. Four queries at most."""
    alike, others = _divided(windows, first)
    by = ("reading_type", "zone")
    found = _asked("charges_zone_month", by, _ZONES, alike, first, end, reading_types)
    rest = zone_months(others, first, end, reading_types)
    mine = rest.agreements > 0
    table = [
        *found,
        *zip(
            rest.months[mine].astype("datetime64[D]").astype(np.int64).tolist(),
            rest.reading_types[mine].tolist(), rest.zones[mine].tolist(),
            rest.total[mine].tolist(), rest.n_expected[mine].tolist(),
            rest.n_present[mine].tolist(), rest.n_estimated[mine].tolist(),
            strict=True,
        ),
    ]  # fmt: skip
    keys, sums = _added(table, 3, len(_ZONES))
    total, expected, present, estimated = (sums[:, place] for place in range(len(_ZONES)))
    return ZoneSums(
        _months(keys[:, 0]), keys[:, 1].astype(np.int16), keys[:, 2].astype(np.int16),
        total, expected, present, estimated, kept_until(),
    )  # fmt: skip


def _divided(windows: Windows, first: date) -> tuple[list[Window], Windows]:
    """Windows open since before a day that end at one moment, as many as can be; the others."""
    counts = Counter(window.usage_point for window in windows)
    since = [
        window
        for window in windows
        if counts[window.usage_point] == 1
        and window.period.start <= start_of_day(first, window.zone)
    ]
    ends = Counter(window.period.end for window in since).most_common(1)
    alike = [window for window in since if ends and window.period.end == ends[0][0]]
    points = {window.usage_point for window in alike}
    return alike, Windows(tuple(w for w in windows if w.usage_point not in points))


def _asked(
    table: str, by: Collection[str], sums: Collection[str], alike: list[Window], first: date,
    end: date, reading_types: Collection[int] = (),
) -> list[tuple[Any, ...]]:  # fmt: skip
    """Sums of the rows of agreements' time that the windows cover, by month and `by`."""
    if not alike or first >= end:
        return []
    of_points, points = among("usage_point_id", {window.usage_point for window in alike})
    until = moment_param(alike[0].period.end)
    params = [points, day_param(first), day_param(end), until, until]
    types = ""
    if reading_types:
        of_types, kinds = among("reading_type", set(reading_types))
        types, params = f" AND {of_types}", [*params, kinds]
    keys = ", ".join((day_number("month"), *by))
    return rows(
        f"SELECT {keys}, {', '.join(sums)} FROM {table}"  # noqa: S608 (names of this file)
        f" WHERE {of_points} AND month >= %s AND month < %s AND agreement_id > 0"
        f" AND (ends_at <= %s OR as_of <= %s){types} GROUP BY {keys}",
        params,
    )


def _added(table: Sequence[Sequence[Any]], n_keys: int, n_sums: int) -> tuple[I64, I64]:
    """Rows of keys and sums as arrays, those of one key added up: (m, keys), (m, sums)."""
    values = np.array([list(map(int, row)) for row in table], np.int64)
    values = values.reshape(-1, n_keys + n_sums)
    keys, place = np.unique(values[:, :n_keys], axis=0, return_inverse=True)
    sums = np.zeros((len(keys), n_sums), np.int64)
    np.add.at(sums, place.reshape(-1), values[:, n_keys:])
    return keys, sums


def _months(days: I64) -> Months:
    return days.astype("datetime64[D]").astype("datetime64[M]")
