"""Readings as files: what is written can be read again, and nothing is outside its windows."""

import csv
import io
import zipfile
from datetime import UTC, date, datetime, timedelta

import pytest
import python_calamine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from faza.collection import queries, services
from faza.collection.models import ExchangeProfile, PointCode
from faza.collection.sheets import sheets
from faza.core.periods import ALWAYS, FOREVER, Period
from faza.core.reading_types import BY_CHANNEL
from faza.core.windows import Window, Windows
from faza.metering.models import UsagePoint
from faza.protocols import xml80020
from tests.collection.factories import (
    AT,
    CODE,
    DAY,
    days_after,
    days_of,
    imported,
    make_point,
    message,
    written,
)

pytestmark = pytest.mark.django_db

RAMP = [250 * n for n in range(48)]
A_PLUS, A_MINUS, U = BY_CHANNEL["A+"], BY_CHANNEL["A-"], BY_CHANNEL["U"]
LETTER = queries.private_letter(at=AT)


def all_time(*points: UsagePoint) -> Windows:
    return Windows.merged(Window(p.pk, p.zone, Period(ALWAYS, FOREVER)) for p in points)


def content(exported: queries.Exported) -> bytes:
    return b"".join(exported.chunks)


def rows_of(exported: queries.Exported) -> list[dict]:
    return list(csv.DictReader(io.StringIO(content(exported).decode())))


def filled(tmp_path, zone="Europe/Moscow", days=2):
    point = make_point(zone=zone)
    gap = [*RAMP[:5], None, *RAMP[6:]]
    imported(
        written(tmp_path, *(message(gap, day=d, number=n)
                            for n, d in enumerate(days_after(DAY, days))))
    )  # fmt: skip
    return point


class TestCsv:
    def test_columns_times_and_absent_values(self, tmp_path):
        point = filled(tmp_path)
        exported = queries.export_csv(all_time(point), first=DAY, end=DAY + timedelta(days=1))
        rows = rows_of(exported)
        assert list(rows[0]) == [
            "usage_point", "channel", "start", "end", "value", "unit", "quality",
        ]  # fmt: skip
        assert len(rows) == 48
        assert rows[1] == {
            "usage_point": CODE, "channel": "A+", "start": "2026-01-14T00:30:00+03:00",
            "end": "2026-01-14T01:00:00+03:00", "value": "0.25", "unit": "kWh", "quality": "valid",
        }  # fmt: skip
        assert (rows[5]["value"], rows[5]["quality"]) == ("", "missing")
        assert exported.name == "faza_20260114-20260114.csv"

    def test_imported_into_another_point_it_gives_the_same_values(self, tmp_path):
        point = filled(tmp_path, zone="Asia/Kamchatka")
        other = make_point("OTHER", zone="Asia/Kamchatka")
        first = DAY - timedelta(days=1)
        data = content(
            queries.export_csv(all_time(point), first=first, end=DAY + timedelta(days=3))
        )
        done = imported(
            [("t.csv", io.BytesIO(data.replace(CODE.encode(), b"OTHER")))], zone="Asia/Kamchatka"
        )
        assert not done.problems
        assert done.changed == 94
        stored = days_of(point)
        assert days_of(other) == stored
        assert len(stored) == 3

    def test_points_of_several_zones_have_their_own_days_and_one_header(self, tmp_path):
        points = [make_point(zone, zone=zone) for zone in ("Asia/Omsk", "Europe/Moscow")]
        codes = tuple(p.code for p in points)
        imported(
            written(tmp_path, *(message([1] * 48, day=d, number=n, codes=codes)
                                for n, d in enumerate(days_after(DAY, 3))))
        )  # fmt: skip
        day = DAY + timedelta(days=1)
        rows = rows_of(
            queries.export_csv(all_time(*points), first=day, end=day + timedelta(days=1))
        )
        assert len(rows) == 96
        assert {r["start"] for r in rows if r["start"].endswith("T00:00:00+06:00")} == {
            "2026-01-15T00:00:00+06:00"
        }
        assert {r["value"] for r in rows} == {"0.001"}

    def test_nothing_is_outside_the_window(self, tmp_path):
        point = filled(tmp_path)
        bought = datetime(2026, 1, 14, 9, 10, tzinfo=UTC)  # 12:10 in Moscow
        windows = Windows((Window(point.pk, point.zone, Period(bought, FOREVER)),))
        rows = rows_of(queries.export_csv(windows, first=DAY, end=DAY + timedelta(days=1)))
        assert rows[0]["start"] == "2026-01-14T12:30:00+03:00"
        assert len(rows) == 23

    def test_two_owners_share_no_interval(self, tmp_path):
        point = filled(tmp_path)
        sold = datetime(2026, 1, 14, 9, tzinfo=UTC)
        parts = [
            rows_of(
                queries.export_csv(
                    Windows((Window(point.pk, point.zone, period),)),
                    first=DAY, end=DAY + timedelta(days=2),
                )
            )
            for period in (Period(ALWAYS, sold), Period(sold, FOREVER))
        ]  # fmt: skip
        starts = [{row["start"] for row in part} for part in parts]
        assert not starts[0] & starts[1]
        assert sum(map(len, starts)) == 96

    def test_a_day_that_nobody_delivered_is_missing(self, tmp_path):
        point = filled(tmp_path)
        day = DAY - timedelta(days=1)
        rows = rows_of(queries.export_csv(all_time(point), first=day, end=DAY))
        assert len(rows) == 48
        assert {row["quality"] for row in rows} == {"missing"}

    def test_days_of_another_interval_stand_as_they_are(self, tmp_path):
        point = filled(tmp_path, days=1)
        imported(written(tmp_path, message([7] * 24, day=date(2026, 1, 15), number=9, interval=60)))
        rows = rows_of(queries.export_csv(all_time(point), first=DAY, end=date(2026, 1, 16)))
        assert len(rows) == 48 + 24
        ends = {row["end"] for row in rows if row["start"] == "2026-01-15T00:00:00+03:00"}
        assert ends == {"2026-01-15T01:00:00+03:00"}

    def test_it_is_made_a_few_points_at_a_time(self, tmp_path, monkeypatch):
        monkeypatch.setattr("faza.collection.sheets.CELLS", 50)
        points = [make_point(f"P{n}") for n in range(3)]
        imported(written(tmp_path, message([1] * 48, codes=("P0", "P1", "P2"))))
        rows = rows_of(
            queries.export_csv(all_time(*points), first=DAY, end=DAY + timedelta(days=1))
        )
        assert len(rows) == 144


class Test80020:
    @pytest.mark.parametrize("zone", ["Europe/Moscow", "Asia/Kamchatka", "Europe/Kaliningrad"])
    def test_imported_again_it_changes_nothing(self, tmp_path, zone):
        point = filled(tmp_path, zone=zone, days=3)
        before = days_of(point)
        exported = queries.export_80020(
            all_time(point), first=DAY, end=DAY + timedelta(days=3), letter=LETTER
        )
        assert exported.name.endswith(".zip")
        done = imported([("z.zip", io.BytesIO(content(exported)))])
        assert (done.files, done.values, done.changed) == (3, 141, 0)
        assert days_of(point) == before
        UsagePoint.objects.filter(pk=point.pk).update(code="was")
        other = make_point(zone=zone)
        imported([("z.zip", io.BytesIO(content(queries.export_80020(
            all_time(point), first=DAY, end=DAY + timedelta(days=3),
            letter=queries.Letter(created=AT, first_number=1, codes={point.pk: CODE}),
        ))))])  # fmt: skip
        assert days_of(other) == before

    def test_one_day_is_one_message(self, tmp_path):
        point = filled(tmp_path)
        exported = queries.export_80020(
            all_time(point), (A_PLUS, A_MINUS), first=DAY, end=DAY + timedelta(days=1),
            letter=LETTER,
        )  # fmt: skip
        read = xml80020.read(content(exported)).values
        assert read.day == DAY
        assert [c.channel for grid in read.grids for c in grid.channels] == ["01", "02"]
        (grid,) = read.grids
        assert grid.values[0].tolist() == [*RAMP[:5], 0, *RAMP[6:]]
        assert grid.quality[0, 5] == 255
        assert (grid.quality[1] == 255).all()
        assert exported.name == f"80020_{queries.NOBODY}_20260114_{LETTER.first_number}.xml"

    def test_a_profile_numbers_names_and_rounds(self, tmp_path):
        point = filled(tmp_path)
        profile = ExchangeProfile.objects.create(
            sender_inn="7700000005", sender_name="Мы", area_inn="42", rounding="whole",
            last_number=100,
        )  # fmt: skip
        PointCode.objects.create(profile=profile, code="132000000000001", usage_point=point)
        number = services.take_numbers(profile, 2)
        assert number == 101
        assert services.take_numbers(profile, 1) == 103
        letter = queries.letter_of(profile, first_number=number, at=AT)
        exported = queries.export_80020(
            all_time(point), first=DAY, end=DAY + timedelta(days=2), letter=letter
        )
        with zipfile.ZipFile(io.BytesIO(content(exported))) as archive:
            read = [xml80020.read(archive.read(name)).values for name in archive.namelist()]
        assert [m.number for m in read] == [101, 102]
        assert read[0].sender_inn == "7700000005"
        grid = read[0].grids[0]
        assert grid.channels[0].code == "132000000000001"
        assert not (grid.values % 1000).any()
        assert abs(int(grid.values.sum()) - (sum(RAMP) - RAMP[5])) <= 500

    def test_what_is_outside_the_window_is_missing(self, tmp_path):
        point = filled(tmp_path)
        sold = datetime(2026, 1, 14, 9, tzinfo=UTC)
        windows = Windows((Window(point.pk, point.zone, Period(ALWAYS, sold)),))
        exported = queries.export_80020(
            windows, first=DAY, end=DAY + timedelta(days=1), letter=LETTER
        )
        (grid,) = xml80020.read(content(exported)).values.grids
        assert (grid.quality[0] != 255).sum() == 23

    def test_voltages_are_not_for_80020(self, tmp_path):
        with pytest.raises(queries.NotInFormat):
            queries.export_80020(
                all_time(filled(tmp_path)), (U,), first=DAY, end=DAY + timedelta(days=1),
                letter=LETTER,
            )  # fmt: skip


def test_a_workbook_has_numbers(tmp_path):
    point = filled(tmp_path)
    data = content(queries.export_xlsx(all_time(point), first=DAY, end=DAY + timedelta(days=2)))
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    cells = [c for row in book.get_sheet_by_index(0).to_python() for c in row]
    assert 0.25 in cells
    other = make_point("OTHER")
    UsagePoint.objects.filter(pk=point.pk).update(code="was")
    UsagePoint.objects.filter(pk=other.pk).update(code=CODE)
    done = imported([("w.xlsx", io.BytesIO(data))])
    assert not done.problems
    assert days_of(other) == days_of(point)


@settings(
    max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    values=st.lists(st.one_of(st.none(), st.integers(0, 10**7)), min_size=48, max_size=48),
    zone=st.sampled_from(["Europe/Moscow", "Asia/Kamchatka", "Europe/Kaliningrad"]),
    number=st.integers(1, 2**20),
)
def test_what_is_written_is_what_was_read(values, zone, number):
    point = make_point(f"H{UsagePoint.objects.count()}-{zone}", zone=zone)
    data = xml80020.write(message(values, codes=(point.code,), number=number))
    imported([("m.xml", io.BytesIO(data))])
    period = Period.of_days(DAY, DAY + timedelta(days=1), "Europe/Moscow")
    for sheet in sheets(all_time(point), [A_PLUS], period):
        found = [
            None if q == 255 else v
            for v, q in zip(sheet.values[0].tolist(), sheet.quality[0].tolist(), strict=True)
        ]
        assert found == values
