"""What holds of every kind: whole tables, nothing made up, hostile names, the own time only."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from faza.reports import gathering, registry
from faza.reports.table import NUMERIC
from faza.ui.periods import around
from tests.readings import meters
from tests.reports.kinds.world import AT, MARCH, MOSCOW, make_point, measure, report, windows

pytestmark = pytest.mark.django_db
MONTH = {"period": "month", "on": "2026-03-01"}
CODES = [kind.code for kind in registry.kinds()]
NAMES = ('=HYPERLINK("x")', "<script>alert(1)</script>", "№ 5 «Ёлка»\n\t\N{RIGHT-TO-LEFT OVERRIDE}",
         "%(count)s {0} %s", ("Очень длинное название " * 9)[:200])  # fmt: skip


def metered(code="P1", zone=MOSCOW):
    point, meter = make_point(code, zone), meters.make_meter(code)
    meters.put_in(point, meter)
    for at, shown in ((datetime(2026, 2, 28, 21, tzinfo=UTC), 1000),
                      (datetime(2026, 3, 31, 21, tzinfo=UTC), 9000)):  # fmt: skip
        meters.read(point, meter, at, shown)
    measure(point, MARCH, 31, lambda n: None if n % 500 == 77 else 100 + n % 9)
    return point


def texts(told) -> str:
    return " ".join(str(value) for block in told.blocks for cells in block.cells
                    for value in cells.values)  # fmt: skip


def sums(told) -> float:
    keys = [column.key for column in told.table.columns if column.kind in NUMERIC]
    return sum(row[key] or 0 for row in told.rows for key in keys)


@pytest.mark.parametrize("code", CODES)
class TestEvery:
    def test_nobody_has_points(self, code):
        told = report(code, windows(), **MONTH)

        assert not told.rows
        assert told.table.notes

    def test_a_time_before_and_after_there_was_anything(self, code):
        point = metered()
        before = datetime(2026, 2, 1, tzinfo=UTC)

        for on, seen in (("2027-05-01", windows(point)), ("2026-03-01", windows(point, to=before))):
            told = report(code, seen, period="month", on=on)

            assert sums(told) == 0
            assert told.table.notes

    def test_a_point_of_which_nothing_is_known_is_no_zero(self, code):
        point = make_point("E", MOSCOW)

        told = report(code, windows(point), **MONTH)

        for row in told.rows:
            for column in told.table.columns:
                if column.kind == "number" and column.key != "hours":
                    assert row[column.key] is None

    def test_points_of_other_resources_change_nothing(self, code):
        point, other = metered(), metered("W")
        alone = report(code, windows(point), **MONTH)
        other.resource = "water"
        other.save()

        told = report(code, windows(point, other), **MONTH)

        assert (told.rows, told.sums, told.table.notes) == (
            alone.rows, alone.sums, alone.table.notes,
        )  # fmt: skip

    def test_names_come_through_as_they_are(self, code):
        points = []
        for number, name in enumerate(NAMES):
            point = metered(f"P{number}")
            point.name = name
            point.save()
            points.append(point)

        told = report(code, windows(*points), **MONTH)

        shown = texts(told) + " ".join(column.title for column in told.table.columns)
        assert all(name in shown for name in NAMES)
        for series in told.table.chart.series if told.table.chart else ():
            assert len(series.name) <= 120
        assert all(len(value) < 500 for _label, value in told.table.facts)

    def test_of_two_owners_the_parts_do_not_overlap(self, code):
        point = metered()
        change = datetime(2026, 3, 14, 21, tzinfo=UTC)

        before = report(code, windows(point, to=change), **MONTH)
        after = report(code, windows(point, since=change), **MONTH)

        if code in ("load-profile", "detail", "day-maxima", "detail-together"):
            key = {"load-profile": "start", "day-maxima": "day"}.get(code, "when")
            days = [{row[key][:10] for row in told.rows} for told in (before, after)]
            assert not days[0] & days[1]
            assert max(days[0]) == "2026-03-14"

    def test_points_of_several_zones(self, code):
        told = report(code, windows(metered("P1"), metered("P2", "Asia/Vladivostok")), **MONTH)

        assert {row.get("code") for row in told.sums or told.rows} <= {"P1", "P2", None}
        assert told.rows or told.sums

    def test_one_point_and_many_ask_alike(self, code, monkeypatch):
        points = [metered(f"P{number}") for number in range(5)]

        def count(some) -> int:
            with CaptureQueriesContext(connection) as caught:
                report(code, windows(*some), **MONTH)
            return len(caught)

        few = count(points[:2])
        assert count(points) == few
        monkeypatch.setattr(gathering, "BATCH", 2)
        assert count(points) <= 3 * few

    def test_every_length_of_period(self, code):
        point = metered()
        kind = registry.kind(code)

        for unit in kind.units:
            shown = around(unit, date(2026, 3, 4)) if unit != "any" else None
            query = {"period": unit, "on": "2026-03-04"} if shown else {
                "period": "any", "from": "2026-03-03", "to": "2026-03-20",
            }  # fmt: skip
            told = report(code, windows(point), **query)

            assert told.blocks
            assert told.table.made_at == AT

    def test_the_table_is_read_once_and_notes_are_whole_then(self, code):
        kind = registry.kind(code)
        table = kind.make(windows(metered()), kind.read(MONTH, AT.date()).parameters, AT)

        assert sum(len(block) for block in table.blocks) > 0
        notes = list(table.notes)

        assert len(notes) == len(set(notes))


def test_a_code_that_is_called_as_a_column():
    points = [metered("all"), metered("start"), metered("state"), metered("when")]

    for code in ("load-profile", "detail-together"):
        told = report(code, windows(*points), **MONTH)

        assert "point:all" in {column.key for column in told.table.columns}
