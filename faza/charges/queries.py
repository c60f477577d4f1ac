"""Kept months, for pages: volumes by zone, charges, the month so far.

Everything takes Windows. A row is of one agreement's time in a month (or of the whole month,
agreement 0), and is shown where a window covers that time as far as it has passed; what a window
cuts is not shown. So of two successive owners each sees the own time only. Nothing is computed
here: the job `charges.keep` keeps the rows, and answers say as of when they hold.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from django.db import connection

from faza.charges.models import ChargeMonth, KeptUntil, SubstitutedMonth
from faza.charges.rules import charge as charges
from faza.charges.rules.charge import Charge
from faza.core.periods import ALWAYS, FOREVER
from faza.core.reading_types import A_PLUS
from faza.core.windows import Windows
from faza.readings.store.reading import among, day_number, day_param, rows

I64 = npt.NDArray[np.int64]
I16 = npt.NDArray[np.int16]
Mask = npt.NDArray[np.bool_]
Months = npt.NDArray[np.datetime64]

MONTHS = "months"
"""Name of the mark up to which months are kept."""
Basis = ChargeMonth.Basis


@dataclass(frozen=True, slots=True, eq=False)
class ZoneMonths:
    """Volumes of months by zone, a row each, by point, month, type, agreement and zone; all (n,).

    months datetime64[M]. agreements int64: 0 is the whole month, shown to whom a window covers it.
    zones int16: 0 is all zones; others are those of the agreement's tariff. total in the reading
    type's quantum; n_present of n_expected intervals are there, n_estimated among them. power:
    the greatest measured interval as if it went on for an hour, where has_power. tariffs: that of
    the agreement in the month, 0 for none. as_of: up to when the rows hold; None: nothing is kept.
    """

    usage_points: I64
    months: Months
    reading_types: I16
    agreements: I64
    zones: I16
    tariffs: I64
    total: I64
    n_expected: I64
    n_present: I64
    n_estimated: I64
    power: I64
    has_power: Mask
    as_of: datetime | None

    def __len__(self) -> int:
        return len(self.usage_points)


@dataclass(frozen=True, slots=True, eq=False)
class Charged:
    """Charges of months, a row each, by point, month and agreement; all (n,).

    kopecks int64: with VAT, 0 where not known. known: the total can be told. volume, exported: Wh
    as charged. tariffs: 0 for none. basis: ChargeMonth.Basis. problems: texts of rules.charge.
    starts, ends: unix seconds of the agreement's time in the month.
    """

    usage_points: I64
    months: Months
    agreements: I64
    tariffs: I64
    kopecks: I64
    known: Mask
    volume: I64
    exported: I64
    basis: I16
    is_example: Mask
    problems: tuple[str, ...]
    n_expected: I64
    n_present: I64
    n_estimated: I64
    starts: I64
    ends: I64
    as_of: datetime | None

    def __len__(self) -> int:
        return len(self.usage_points)

    @property
    def total(self) -> Decimal | None:
        """Roubles of all rows; None where none is known. `known` says whether all are."""
        if not self.known.any():
            return None
        return Decimal(int(self.kopecks[self.known].sum())) / 100

    @property
    def completeness(self) -> float | None:
        """Present of expected intervals of all rows, 0 … 1; None where nothing is expected."""
        expected = int(self.n_expected.sum())
        return int(self.n_present.sum()) / expected if expected else None


@dataclass(frozen=True, slots=True)
class ChargeOfMonth:
    """A kept charge with its lines: of one agreement's time in a month of a point."""

    usage_point: int
    agreement: int
    tariff: int | None
    starts_at: datetime
    ends_at: datetime
    charge: Charge
    n_expected: int
    n_present: int
    n_estimated: int
    as_of: datetime


def kept_until() -> datetime | None:
    """Up to which moment the kept months hold; None where they were never made. One query."""
    return KeptUntil.objects.filter(name=MONTHS).values_list("as_of", flat=True).first()


def zone_months(
    windows: Windows,
    first: date,
    end: date,
    reading_types: Collection[int] = (A_PLUS.code,),
    *,
    zones: Collection[int] = (),
) -> ZoneMonths:
    """Volumes of the months [first, end), both first days of months. Two queries.

    zones: only these are asked, 0 is all of them together; empty is any.
    """
    found = _rows(
        "SELECT z.usage_point_id, {month}, z.reading_type, z.agreement_id, z.zone, z.total,"
        " z.n_expected, z.n_present, z.n_estimated, coalesce(z.power, 0), z.power IS NOT NULL,"
        " coalesce(c.tariff_id, 0), {starts}, {ends}, {as_of}"
        " FROM charges_zone_month z LEFT JOIN charges_charge_month c"
        " ON c.usage_point_id = z.usage_point_id AND c.month = z.month"
        " AND c.agreement_id = z.agreement_id"
        " WHERE {chosen} {types} {zones}"
        " ORDER BY z.usage_point_id, z.month, z.reading_type, z.agreement_id, z.zone",
        windows, first, end, "z", reading_types, zones,
    )  # fmt: skip
    table = _columns(found, 15)
    seen = _covered(windows, table[0], table[12], table[13], table[14])
    (point, month, kind, agreement, zone, total, expected, present, estimated, power, has_power,
     tariff, *_) = (column[seen] for column in table)  # fmt: skip
    return ZoneMonths(
        point, month.astype("datetime64[D]").astype("datetime64[M]"), kind.astype(np.int16),
        agreement, zone.astype(np.int16), tariff, total, expected, present, estimated, power,
        has_power.astype(bool), kept_until(),
    )  # fmt: skip


def charged(windows: Windows, first: date, end: date) -> Charged:
    """Charges of the months [first, end), both first days of months. Two queries."""
    found = _rows(
        "SELECT z.usage_point_id, {month}, z.agreement_id, coalesce(z.tariff_id, 0),"
        " coalesce(z.kopecks, 0), z.kopecks IS NOT NULL, z.volume, z.exported, z.basis,"
        " z.is_example, z.n_expected, z.n_present, z.n_estimated, {starts}, {ends}, {as_of},"
        " z.problem FROM charges_charge_month z WHERE {chosen}"
        " ORDER BY z.usage_point_id, z.month, z.agreement_id",
        windows, first, end, "z",
    )  # fmt: skip
    problems = [row[16] for row in found]
    table = _columns([row[:16] for row in found], 16)
    seen = _covered(windows, table[0], table[13], table[14], table[15])
    (point, month, agreement, tariff, kopecks, known, volume, exported, basis, example, expected,
     present, estimated, starts, ends, _) = (column[seen] for column in table)  # fmt: skip
    return Charged(
        point, month.astype("datetime64[D]").astype("datetime64[M]"), agreement, tariff, kopecks,
        known.astype(bool), volume, exported, basis.astype(np.int16), example.astype(bool),
        tuple(problems[place] for place in np.flatnonzero(seen).tolist()),
        expected, present, estimated, starts, ends, kept_until(),
    )  # fmt: skip


def charge(windows: Windows, usage_point: int, month: date) -> list[ChargeOfMonth]:
    """The charges of a point in a month with their lines, an agreement each, oldest first.

    One query.
    """
    kept = ChargeMonth.objects.filter(usage_point=usage_point, month=month)
    found = list(kept.order_by("starts_at", "agreement_id"))
    seen = _seen(windows, found)
    return [
        ChargeOfMonth(
            usage_point=usage_point,
            agreement=row.agreement_id,
            tariff=row.tariff_id,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            charge=charges.from_json(row.lines),
            n_expected=row.n_expected,
            n_present=row.n_present,
            n_estimated=row.n_estimated,
            as_of=row.as_of,
        )
        for row, may in zip(found, seen.tolist(), strict=True)
        if may
    ]


def substituted(
    windows: Windows, usage_point: int, month: date, end: date | None = None
) -> list[SubstitutedMonth]:
    """The billing volumes of a point in months that have no reading, an agreement each. One query.

    Of the months [month, end), of one where no end is told; shown as charges are.
    """
    until = end or next_month(month)
    rows = SubstitutedMonth.objects.filter(
        usage_point=usage_point, month__gte=month, month__lt=until
    )
    found = list(rows.order_by("starts_at"))
    seen = _seen(windows, found)
    return [row for row, may in zip(found, seen.tolist(), strict=True) if may]


def so_far(windows: Windows, at: datetime) -> Charged:
    """Charges of each point's present month up to what is kept. Two queries.

    Where points' zones are in different months, each has its own.
    """
    of_zone = {window.zone: month_of(at, window.zone) for window in windows}
    months = sorted(set(of_zone.values())) or [at.date().replace(day=1)]
    found = charged(windows, months[0], next_month(months[-1]))
    if len(months) == 1:
        return found
    own = {window.usage_point: np.datetime64(of_zone[window.zone], "M") for window in windows}
    mine = np.array(
        [own[p] == m for p, m in zip(found.usage_points.tolist(), found.months, strict=True)], bool
    )
    return _chosen(found, mine)


def month_of(at: datetime, zone: str) -> date:
    """The first day of the civil month of a moment in a zone."""
    return at.astimezone(ZoneInfo(zone)).date().replace(day=1)


def next_month(month: date) -> date:
    """The first day of the month after."""
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def _chosen(found: Charged, mine: Mask) -> Charged:
    told: dict[str, Any] = {}
    for name in Charged.__slots__:
        value = getattr(found, name)
        told[name] = value[mine] if isinstance(value, np.ndarray) else value
    told["problems"] = tuple(
        text for text, may in zip(found.problems, mine.tolist(), strict=True) if may
    )
    return Charged(**told)


def _rows(
    sql: str, windows: Windows, first: date, end: date, table: str,
    reading_types: Collection[int] = (), zones: Collection[int] = (),
) -> list[tuple[Any, ...]]:  # fmt: skip
    if not len(windows) or first >= end:
        return []
    of_points, points = among(f"{table}.usage_point_id", windows.points)
    params = [points, day_param(first), day_param(end)]
    types = ""
    if reading_types:
        of_types, kinds = among(f"{table}.reading_type", set(reading_types))
        types, params = f"AND {of_types}", [*params, kinds]
    of_zones = ""
    if zones:
        among_zones, numbers = among(f"{table}.zone", set(zones))
        of_zones, params = f"AND {among_zones}", [*params, numbers]
    told = {name: seconds(f"{table}.{name}_at") for name in ("starts", "ends")}
    return rows(
        sql.format(
            chosen=f"{of_points} AND {table}.month >= %s AND {table}.month < %s",
            types=types, zones=of_zones, month=day_number(f"{table}.month"),
            as_of=seconds(f"{table}.as_of"), **told,
        ),
        params,
    )  # fmt: skip


def seconds(moment: str) -> str:
    """The expression for a moment as whole unix seconds, down: PostgreSQL's cast alone rounds."""
    if connection.vendor == "postgresql":
        return f"floor(extract(epoch FROM {moment}))::bigint"
    return f"unixepoch({moment})"


def _columns(found: list[tuple[Any, ...]], count: int) -> list[I64]:
    if not found:
        return [np.zeros(0, np.int64)] * count
    return [np.array(column, np.int64) for column in zip(*found, strict=True)]


def _covered(windows: Windows, points: I64, starts: I64, ends: I64, as_of: I64) -> Mask:
    """(n,) which rows lie in a window of their point, as far as their time had passed as_of."""
    passed = np.minimum(ends, np.maximum(as_of, starts))
    epoch = np.array(
        [
            (w.usage_point, _second(w.period.start), _second(w.period.end))
            for w in windows
        ],
        np.int64,
    ).reshape(-1, 3)  # fmt: skip
    place = np.searchsorted(epoch[:, 0], points, side="left")
    stop = np.searchsorted(epoch[:, 0], points, side="right")
    seen = np.zeros(len(points), bool)
    while len(left := np.flatnonzero(place < stop)):
        at = place[left]
        seen[left] |= (epoch[at, 1] <= starts[left]) & (epoch[at, 2] >= passed[left])
        place[left] += 1
    return seen


def _seen(windows: Windows, found: Sequence[ChargeMonth] | Sequence[SubstitutedMonth]) -> Mask:
    """(n,) which rows are shown; as _covered."""
    moments = np.array(
        [[int(at.timestamp()) for at in (row.starts_at, row.ends_at, row.as_of)] for row in found],
        np.int64,
    ).reshape(-1, 3)  # fmt: skip
    points = np.array([row.usage_point_id for row in found], np.int64)
    return _covered(windows, points, *moments.T)


def _second(moment: datetime) -> int:
    if moment in (ALWAYS, FOREVER):
        return int(np.iinfo(np.int64).max if moment == FOREVER else np.iinfo(np.int64).min)
    return int(moment.timestamp())
