"""The load profile says what `readings.queries.profiles` says, interval by interval."""

from datetime import UTC, date, datetime

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from faza.core.periods import Period
from faza.core.reading_types import A_PLUS
from faza.core.units import floats
from faza.readings.queries import profiles
from faza.reports import gathering
from faza.reports.kinds import load_profile
from faza.reports.table import Role, State
from tests.charges import world as charged
from tests.reports.kinds.world import (
    AT,
    EDITED,
    EST,
    MARCH,
    MOSCOW,
    make_point,
    measure,
    report,
    windows,
)

pytestmark = pytest.mark.django_db
DAY = {"period": "day", "on": "2026-03-02"}


def shaky(number: int):
    """Half-hours with a gap and with estimates among them."""
    return None if 60 <= number < 64 else 100 + number


def quality(number: int) -> int:
    return EST if 70 <= number < 73 else EDITED if number == 80 else 0


@pytest.fixture
def point():
    made = make_point("P1", MOSCOW)
    measure(made, MARCH, 31, shaky, quality=quality)
    return made


def asked(point, first=MARCH, end=date(2026, 4, 1), zone=MOSCOW):
    (found,) = profiles(windows(point), [A_PLUS.code], Period.of_days(first, end, zone))
    return found


class TestOnePoint:
    def test_each_value_and_state_is_that_of_the_profile(self, point):
        found = asked(point)

        told = report("load-profile", windows(point), period="month", on="2026-03-01")

        assert len(told.rows) == 1488
        values = floats(found.values, A_PLUS)
        for row, value, present in zip(told.rows, values, found.present, strict=True):
            assert row["P1"] == (pytest.approx(value) if present else None)
        starts = np.array([row["start"] for row in told.rows], "datetime64[s]").astype(np.int64)
        assert (starts - 3 * 3600 == found.starts).all()
        assert told.total["P1"] == pytest.approx(found.total / 1000)
        assert told.total["P1!"] == State.PARTLY
        assert "4 из 1\u202f488" in told.notes

    def test_states_and_their_words(self, point):
        rows = report("load-profile", windows(point), **DAY).rows

        states = [row["P1!"] for row in rows]
        assert states[:12] == [State.MEASURED] * 12
        assert states[12:16] == [State.MISSING] * 4
        assert states[22:25] == [State.ESTIMATED] * 3
        assert states[32] == State.MANUAL
        assert len({rows[place]["state"] for place in (0, 12, 22, 32)}) == 4

    def test_hours_are_two_half_hours(self, point):
        rows = report("load-profile", windows(point), resolution="hour", **DAY).rows

        assert len(rows) == 24
        assert rows[0]["P1"] == pytest.approx((100 + 48 + 100 + 49) / 1000)
        assert [rows[place]["P1!"] for place in (5, 6, 11, 12)] == [
            State.MEASURED, State.MISSING, State.ESTIMATED, State.ESTIMATED,
        ]  # fmt: skip

    def test_digits_round_halves_up(self, point):
        rows = report("load-profile", windows(point), digits="1", **DAY).rows

        # 148, 149, 150 Wh
        assert [row["P1"] for row in rows[:3]] == [0.1, 0.1, 0.2]

    def test_the_picture_has_the_same_numbers(self, point):
        told = report("load-profile", windows(point), **DAY)

        assert told.table.chart is not None
        (series,) = told.table.chart.series
        assert len(told.table.chart.labels) == 48
        assert np.array_equal(
            series.values, [np.nan if row["P1"] is None else row["P1"] for row in told.rows],
            equal_nan=True,
        )  # fmt: skip

    def test_who_came_later_sees_the_own_time_only(self, point):
        since = datetime(2026, 3, 2, 9, tzinfo=UTC)

        told = report("load-profile", windows(point, since=since), **DAY)

        assert told.rows[0]["start"] == "2026-03-02T12:00"
        assert len(told.rows) == 24

    def test_what_is_to_come_has_no_row(self, point):
        at = datetime(2026, 3, 2, 9, 10, tzinfo=UTC)

        told = report("load-profile", windows(point, at=at), at=at, **DAY)

        assert len(told.rows) == 24
        assert "12:10" in told.table.notes[0]

    def test_nothing_to_show(self):
        told = report("load-profile", windows())

        assert not told.blocks
        assert len(told.table.notes) == 1

    def test_a_point_without_any_data_is_all_missing(self):
        told = report("load-profile", windows(make_point("E")), **DAY)

        assert {row["E"] for row in told.rows} == {None}
        assert len(told.rows) == 48
        assert told.total["E"] is None


class TestClocksChange:
    @pytest.mark.parametrize(
        ("day", "count", "twice"),
        [("2026-03-29", 46, 0), ("2026-10-25", 50, 2), ("2026-10-24", 48, 0)],
    )
    def test_days_of_46_and_of_50_half_hours(self, day, count, twice):
        point = make_point("B", "Europe/Berlin")
        measure(point, date.fromisoformat(day), 1, lambda number: 1000 + number)

        told = report("load-profile", windows(point), period="day", on=day)

        assert [row["B"] for row in told.rows] == [(1000 + n) / 1000 for n in range(count)]
        walls = [row["start"] for row in told.rows]
        assert len(walls) - len(set(walls)) == twice
        assert walls[-1] == f"{day}T23:30"

    @pytest.mark.parametrize(("day", "count"), [("2026-03-29", 23), ("2026-10-25", 25)])
    def test_hours_of_such_days(self, day, count):
        point = make_point("B", "Europe/Berlin")
        measure(point, date.fromisoformat(day), 1, 500)

        told = report("load-profile", windows(point), period="day", on=day, resolution="hour")

        assert [row["B"] for row in told.rows] == [1.0] * count


class TestSeveral:
    def test_side_by_side_with_their_sum(self, point):
        other = make_point("P2", MOSCOW)
        measure(other, date(2026, 3, 2), 1, 1000)

        told = report("load-profile", windows(point, other), **DAY)

        assert [column.key for column in told.table.columns] == [
            "start", "P1", "P2", "all", "state",
        ]  # fmt: skip
        assert told.rows[0]["all"] == pytest.approx(1.148)
        assert (told.rows[12]["all"], told.rows[12]["all!"]) == (1.0, State.PARTLY)
        assert told.total["all"] == pytest.approx(told.total["P1"] + told.total["P2"])

    def test_half_hours_beside_hours_are_shown_by_hours(self, point):
        other = make_point("P2", MOSCOW)
        measure(other, date(2026, 3, 2), 1, 1000, interval=60)

        told = report("load-profile", windows(point, other), **DAY)

        assert len(told.rows) == 24
        assert told.rows[0]["P1"] == pytest.approx(0.297)
        assert told.rows[0]["P2"] == 1.0

    def test_twenty_minutes_beside_half_hours_are_shown_by_hours(self, point):
        other = make_point("P2", MOSCOW)
        measure(other, date(2026, 3, 2), 1, 200, interval=20)

        told = report("load-profile", windows(point, other), **DAY)

        assert len(told.rows) == 24
        assert told.rows[0]["P2"] == pytest.approx(0.6)

    def test_points_whose_days_begin_apart_stand_one_below_another(self, point):
        other = make_point("P2", "Asia/Yekaterinburg")
        measure(other, date(2026, 3, 2), 1, lambda number: number)

        told = report("load-profile", windows(point, other), **DAY)

        assert len(told.rows) == 96
        assert {row["start"][11:] for row in told.rows if row["code"] == "P2"} == {
            f"{hour:02d}:{minute}" for hour in range(24) for minute in ("00", "30")
        }
        assert [row["value"] for row in told.rows if row["code"] == "P2"][:3] == [0, 0.001, 0.002]
        assert len(told.sums) == 2
        assert told.total["value"] == pytest.approx(sum(row["value"] for row in told.sums))

    def test_many_points_stand_one_below_another(self, point, monkeypatch):
        monkeypatch.setattr(load_profile, "MOST_COLUMNS", 1)
        other = make_point("P2", MOSCOW)
        measure(other, date(2026, 3, 2), 1, 1000)
        beside = report("load-profile", windows(point), **DAY)

        told = report("load-profile", windows(point, other), **DAY)

        mine = [row["value"] for row in told.rows if row["code"] == "P1"]
        assert mine == [row["P1"] for row in beside.rows]

    def test_other_resources_are_left_out(self, point):
        other = make_point("W", MOSCOW)
        other.resource = "water"
        other.save()

        told = report("load-profile", windows(point, other), **DAY)

        assert [column.key for column in told.table.columns] == ["start", "P1", "state"]
        assert not report("load-profile", windows(point), resource="water", **DAY).blocks

    def test_two_times_of_one_point_are_one_column(self, point):
        day = Period.of_days(date(2026, 3, 2), date(2026, 3, 3), MOSCOW)
        early = windows(point, to=day.start.replace(hour=23))
        late = windows(point, since=datetime(2026, 3, 2, 12, tzinfo=UTC))
        both = type(early)((*early, *late))

        told = report("load-profile", both, **DAY)

        assert [row["start"] for row in told.rows][:5] == [
            "2026-03-02T00:00", "2026-03-02T00:30", "2026-03-02T01:00", "2026-03-02T01:30",
            "2026-03-02T15:00",
        ]  # fmt: skip


class TestTariffs:
    @pytest.fixture
    def home(self):
        made, _meter, _agreement = charged.make_home(hours=["07:00-23:00", "23:00-07:00"])
        measure(made, MARCH, 31, lambda n: 100 + n % 48)
        return made

    def test_the_zone_of_each_row_and_sums_of_zones(self, home):
        day = sum(100 + n for n in range(14, 46)) / 1000
        night = sum(100 + n for n in (*range(14), 46, 47)) / 1000

        told = report("load-profile", windows(home), tariffs="1", **DAY)

        assert [row["zone"][:2] for row in told.rows] == ["T2"] * 14 + ["T1"] * 32 + ["T2"] * 2
        sums = told.of(Role.TOTAL)
        assert [row["zone"][:2] for row in sums] == ["T1", "T2", ""]
        assert [row["P1"] for row in sums] == pytest.approx([day, night, day + night])

    def test_one_below_another(self, home, point_of_none):
        beside = report("load-profile", windows(home), tariffs="1", **DAY)

        told = report("load-profile", windows(home, point_of_none), tariffs="1", layout="rows",
                      **DAY)  # fmt: skip

        mine = [row for row in told.rows if row["code"] == "P1"]
        assert [row["zone"] for row in mine] == [row["zone"] for row in beside.rows]
        assert [row["value"] for row in told.sums if row["code"] == "P1"] == [
            row["P1"] for row in beside.of(Role.TOTAL)
        ]
        assert {row["zone"] for row in told.rows if row["code"] == "P9"} == {""}
        assert "48" in told.table.notes[-1]

    @pytest.fixture
    def point_of_none(self):
        return make_point("P9", MOSCOW)


class TestMany:
    def test_batches_of_days_tell_the_same(self, point, monkeypatch):
        whole = report("load-profile", windows(point), on="2026-03-01")
        monkeypatch.setattr(gathering, "VALUES", 100)
        monkeypatch.setattr(load_profile, "VALUES", 100)

        told = report("load-profile", windows(point), on="2026-03-01")

        assert len(told.blocks) > 10
        assert told.rows == whole.rows
        assert told.total == whole.total
        assert told.table.notes == whole.table.notes
        assert told.table.n_rows is None

    def test_queries_are_counted_by_batches_not_by_points(self, point, monkeypatch):
        points = [point, *(make_point(f"Q{number}", MOSCOW) for number in range(9))]

        def count(some) -> int:
            with CaptureQueriesContext(
                connection,
            ) as caught:
                report("load-profile", windows(*some), layout="rows", **DAY)
            return len(caught)

        one = count(points[:2])
        assert count(points) == one
        monkeypatch.setattr(gathering, "BATCH", 5)
        assert one < count(points) < 2 * one

    def test_blocks_are_made_as_they_are_read(self, point):
        kind = load_profile.KIND
        parameters = kind.read({"layout": "rows", **DAY}, AT.date()).parameters
        table = kind.make(windows(point), parameters, AT)

        with CaptureQueriesContext(connection) as caught:
            next(iter(table.blocks))

        assert len(caught) > 0
