"""The numbers of each kind, counted a second time by hand from what the store has."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from faza.core.periods import Period
from faza.core.reading_types import A_PLUS
from faza.core.windows import Windows
from faza.readings.queries import profiles
from tests.reports.kinds.world import EST, MARCH, MOSCOW, make_point, measure, report, windows

pytestmark = pytest.mark.django_db
APRIL = date(2026, 4, 1)
MONTH = {"period": "month", "on": "2026-03-01"}
ZONE = ZoneInfo(MOSCOW)


@pytest.fixture
def seen() -> Windows:
    """A point all measured, and one with gaps and estimates, both from February on."""
    whole, shaky = make_point("W", MOSCOW), make_point("S", MOSCOW)
    measure(whole, date(2026, 2, 1), 59, lambda n: 200 + n % 311)
    measure(
        shaky, date(2026, 2, 1), 59,
        lambda n: None if 1500 <= n < 1507 or 2016 <= n < 2064 else 100 + n % 977,
        quality=lambda n: EST if n % 97 == 5 else 0,
    )  # fmt: skip
    return windows(whole, shaky)


def stored(seen: Windows, first: date = MARCH, end: date = APRIL) -> dict[str, Any]:
    """By code: [(civil beginning, Wh or None, whether it is estimated), …] of the store."""
    found = profiles(seen, [A_PLUS.code], Period.of_days(first, end, MOSCOW))
    codes = dict(zip(seen.points, ("W", "S"), strict=True))
    return {
        codes[one.usage_point]: [
            (datetime.fromtimestamp(at, ZONE), int(value) if there else None, quality == EST)
            for at, value, there, quality in zip(
                one.starts.tolist(), one.values.tolist(), one.present.tolist(),
                one.quality.tolist(), strict=True,
            )
        ]
        for one in found
    }  # fmt: skip


def days(rows: list[Any]) -> dict[str, list[Any]]:
    made: dict[str, list[Any]] = {}
    for at, value, guessed in rows:
        made.setdefault(at.date().isoformat(), []).append((at, value, guessed))
    return made


def kwh(rows: list[Any]) -> float | None:
    known = [value for _at, value, _guessed in rows if value is not None]
    return sum(known) / 1000 if known else None


def test_load_profile(seen):
    told, rows = report("load-profile", seen, **MONTH), stored(seen)

    for code in ("W", "S"):
        wanted = [None if value is None else value / 1000 for _at, value, _guessed in rows[code]]
        assert [row[code] for row in told.rows] == wanted


def test_detail_and_the_same_as_one_table(seen):
    told, table = report("detail", seen, **MONTH), report("detail-together", seen, **MONTH)

    for code, rows in stored(seen).items():
        wanted = {day: kwh(some) for day, some in days(rows).items()}
        alone = {row["when"]: row["used"] for row in told.rows if row["code"] == code}
        assert alone == wanted
        assert {row["when"]: row[code] for row in table.rows} == wanted


def test_day_maxima(seen):
    told = report("day-maxima", seen, **MONTH)

    for code, rows in stored(seen).items():
        wanted = {}
        for day, some in days(rows).items():
            hours = [
                (a[1] + b[1]) / 1000
                for a, b in zip(some[::2], some[1::2], strict=True)
                if None not in (a[1], b[1]) and not (a[2] or b[2])
            ]
            wanted[day] = max(hours, default=None)
        assert {r["day"]: r["maximum"] for r in told.rows if r["code"] == code} == wanted


def test_against_previous(seen):
    told = report("against-previous", seen, **MONTH)
    now, before = stored(seen), stored(seen, date(2026, 2, 1), MARCH)

    for row in told.rows:
        assert row["now"] == pytest.approx(kwh(now[row["code"]]))
        assert row["before"] == pytest.approx(kwh(before[row["code"]]))
        assert row["change"] == pytest.approx(row["now"] - row["before"])


def test_completeness(seen):
    told = {row["code"]: row for row in report("completeness", seen, **MONTH).sums}

    for code, rows in stored(seen).items():
        missing = sum(value is None for _at, value, _guessed in rows)
        guessed = sum(bool(one) for _at, value, one in rows if value is not None)
        row = told[code]
        assert (row["expected"], row["missing"]) == (len(rows), missing)
        assert (row["estimated"], row["measured"]) == (guessed, len(rows) - missing - guessed)


def test_what_is_counted_is_what_is_asked_for(seen):
    """The helper itself: a month of half-hours, of which 48 + 7 less are there."""
    rows = stored(seen)

    assert {code: len(some) for code, some in rows.items()} == {"W": 1488, "S": 1488}
    assert np.count_nonzero([value is None for _at, value, _g in rows["S"]]) == 55
