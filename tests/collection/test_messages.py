"""Messages 80020 and 80040 through the whole import: Moscow's days to the points' own."""

import json
import os
import random
import zipfile
from datetime import date, timedelta
from pathlib import Path

import pytest

from faza.collection import services
from faza.collection.models import ExchangeProfile, ImportFile, ImportRun, PointCode, TimezoneCode
from faza.metering.models import UsagePoint
from faza.protocols import xml80020
from faza.readings.models import Source
from tests.collection.factories import (
    AREA,
    AT,
    CODE,
    DAY,
    SENDER,
    days_after,
    days_of,
    imported,
    make_point,
    message,
    written,
)

pytestmark = pytest.mark.django_db

RAMP = list(range(1, 49))


def test_a_day_is_stored_as_it_was_sent(tmp_path):
    point = make_point()
    done = imported(written(tmp_path, message(RAMP))).as_dict()
    assert days_of(point) == {"2026-01-14": RAMP}
    assert done | {"notes": []} == {
        "files": 1, "points": 1, "values": 48, "changed": 48, "unchanged": 0, "superseded": 0,
        "problems": [], "problem_count": 0, "refused": 0, "cleared": 0, "registers": 0,
        "unassigned": 0, "events": 0, "new_events": 0,
        "rounded": 0, "created_points": 0, "zones": ["Europe/Moscow"], "notes": [],
        "dry_run": False,
    }  # fmt: skip


def test_importing_twice_does_it_once(tmp_path):
    point = make_point()
    files = written(tmp_path, message(RAMP), message(RAMP, day=DAY + timedelta(days=1), number=2))
    imported(files)
    again = imported(files)
    assert (again.changed, again.unchanged, again.superseded) == (0, 96, 0)
    assert days_of(point)["2026-01-14"] == RAMP


@pytest.mark.parametrize(
    ("zone", "hours"),
    [("Europe/Kaliningrad", -1), ("Asia/Yekaterinburg", 2), ("Asia/Kamchatka", 9)],
)
def test_moscows_days_are_cut_anew_into_local_ones(tmp_path, zone, hours):
    """The sum is conserved, and every local day has its own half-hours."""
    point = make_point(zone=zone)
    days = days_after(DAY, 4)
    sent = [[1000 * n + slot for slot in range(48)] for n in range(4)]
    files = written(
        tmp_path,
        *(message(v, day=d, number=n) for n, (d, v) in enumerate(zip(days, sent, strict=True))),
    )
    random.Random(7).shuffle(files)
    imported(files)

    stored = days_of(point)
    line = [value for values in sent for value in values]
    local = [value for _, values in sorted(stored.items()) for value in values]
    told = [value for value in local if value is not None]
    assert told == line
    assert all(len(values) == 48 for values in stored.values())
    # Local midnight is `hours` before Moscow's: a whole day in the middle begins there.
    begins = 48 - 2 * hours
    assert stored["2026-01-15"] == line[begins : begins + 48]
    assert len(stored) == 5
    again = imported(files)
    assert (again.changed, again.unchanged) == (0, 192)


@pytest.mark.parametrize("order", [(0, 1), (1, 0), (0, 1, 0)])
def test_the_greater_number_replaces_a_day_wholly_in_any_order(tmp_path, order):
    point = make_point()
    first = message([*RAMP[:40], *[500] * 8], number=810)
    # The correction takes back what the first one had at the day's end.
    second = message([*[9] * 40, *[None] * 8], number=817)
    files = written(tmp_path, first, second)
    for place in order:
        imported(files[place])
    assert days_of(point)["2026-01-14"] == [*[9] * 40, *[None] * 8]


@pytest.mark.parametrize("zone", ["Europe/Moscow", "Asia/Kamchatka"])
@pytest.mark.parametrize("backwards", [False, True])
def test_a_resent_day_in_the_same_run_is_superseded(tmp_path, zone, backwards):
    point = make_point(zone=zone)
    one = written(tmp_path, message(RAMP, number=810))
    other = written(tmp_path, message([7] * 48, number=817))
    done = imported([*other, *one] if backwards else [*one, *other])
    told = [v for day in days_of(point).values() for v in day if v is not None]
    assert told == [7] * 48
    assert done.values == 96


def test_half_a_kvarh_is_exact(tmp_path):
    point = make_point()
    done = imported(written(tmp_path, message([500, 1500] * 24, channels=("03",))))
    assert days_of(point, "R+") == {"2026-01-14": [500, 1500] * 24}
    assert done.rounded == 0


def test_finer_values_are_counted_and_their_sum_is_kept(tmp_path):
    point = make_point()
    data = xml80020.write(message([1000] * 48)).replace(b">1<", b">0.33333<")
    file = tmp_path / "80020.xml"
    file.write_bytes(data)
    done = imported(file)
    assert done.rounded == 48
    assert sum(days_of(point)["2026-01-14"]) == 16_000


def test_a_file_in_windows_1251_names_the_new_point(tmp_path):
    data = xml80020.write(message(RAMP))
    assert "Ввод".encode("cp1251") in data
    file = tmp_path / "m.xml"
    file.write_bytes(data)
    imported(file, create_points=True)
    point = UsagePoint.objects.get(code=CODE)
    assert point.name == f"Ввод {CODE}"
    assert point.node.name == "Сети Пример"
    assert point.node.parent.name == "Энергосбыт Пример"
    assert days_of(point)["2026-01-14"] == RAMP


def test_a_zip_of_several_days(tmp_path):
    point = make_point()
    messages = [message(RAMP, day=d, number=n) for n, d in enumerate(days_after(DAY, 3))]
    file = tmp_path / "days.zip"
    file.write_bytes(xml80020.write_zip(messages))
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("readme.xml", "<html/>")
    done = imported(file)
    assert (done.files, done.values, done.refused) == (3, 144, 1)
    assert done.problems[0].file == f"{file}/readme.xml"
    assert len(days_of(point)) == 3


def test_an_unknown_point_is_a_problem_with_its_code_and_line(tmp_path):
    point = make_point()
    done = imported(written(tmp_path, message(RAMP, codes=("999", CODE))))
    (problem,) = done.as_dict()["problems"]
    assert "999" in problem["reason"]
    assert problem["line"] > 1
    assert days_of(point)["2026-01-14"] == RAMP


def test_codes_are_mapped_for_each_sender_and_area(tmp_path):
    own, mapped, special = make_point(), make_point("P2"), make_point("P3")
    sender = services.agree(ExchangeProfile(sender_inn=SENDER), at=AT)
    area = services.agree(ExchangeProfile(sender_inn=SENDER, area_inn="42"), at=AT)
    services.map_codes(sender, {CODE: mapped}, at=AT)
    services.map_codes(area, {CODE: own}, at=AT)
    services.map_codes(area, {CODE: special}, at=AT)
    imported(
        written(
            tmp_path,
            message([1] * 48),
            message([2] * 48, area="42", number=2),
            message([3] * 48, sender="7700000009", number=3),
        )
    )
    assert [days_of(p)["2026-01-14"][0] for p in (mapped, special, own)] == [1, 2, 3]


def test_two_codes_of_one_point_in_a_message_are_told(tmp_path):
    point = make_point()
    sender = ExchangeProfile.objects.create(sender_inn=SENDER)
    PointCode.objects.create(profile=sender, code="X", usage_point=point)
    done = imported(written(tmp_path, message([[1] * 48, [2] * 48], codes=(CODE, "X"))))
    assert [p.code for p in done.problems] == ["channel-repeated"]
    assert days_of(point)["2026-01-14"] == [1] * 48


class TestZone:
    def test_an_agreed_zone_beats_moscows(self, tmp_path):
        zone = "Asia/Yekaterinburg"
        point = make_point(zone=zone)
        ExchangeProfile.objects.create(sender_inn=SENDER, area_inn=AREA, zone=zone)
        done = imported(written(tmp_path, message(RAMP, zone=zone)))
        assert days_of(point) == {"2026-01-14": RAMP}
        assert done.zones == {zone}

    def test_80040_goes_by_the_zone_code_of_its_area(self, tmp_path):
        point = make_point(zone="Asia/Omsk")
        TimezoneCode.objects.create(code="6", zone="Asia/Omsk")
        done = imported(
            written(
                tmp_path,
                message(RAMP[:24], zone="Asia/Omsk", class_="80040", timezone="6", interval=60),
            )
        )
        assert days_of(point) == {"2026-01-14": RAMP[:24]}
        assert done.zones == {"Asia/Omsk"}
        assert ImportFile.objects.get().format == "80040"

    def test_an_unknown_code_is_moscow_and_said(self, tmp_path):
        make_point()
        done = imported(written(tmp_path, message(RAMP, timezone="77")))
        assert any("'77'" in note for note in done.notes)
        assert done.zones == {"Europe/Moscow"}

    def test_a_told_zone_beats_all_and_is_the_new_points(self, tmp_path):
        zone = "Asia/Omsk"
        ExchangeProfile.objects.create(sender_inn=SENDER, zone="Asia/Tokyo")
        imported(written(tmp_path, message(RAMP, zone=zone)), zone=zone, create_points=True)
        point = UsagePoint.objects.get(code=CODE)
        assert point.zone == zone
        assert days_of(point) == {"2026-01-14": RAMP}

    def test_days_of_other_lengths(self, tmp_path):
        """In 2010 Moscow's clocks changed: 46 half-hours on 28 March, 50 on 31 October."""
        point = make_point()
        spring, autumn = date(2010, 3, 28), date(2010, 10, 31)
        imported(
            written(
                tmp_path,
                message(list(range(1, 47)), day=spring),
                message(list(range(1, 51)), day=autumn, number=2),
            )
        )
        assert {day: len(v) for day, v in days_of(point).items()} == {
            "2010-03-28": 46, "2010-10-31": 50,
        }  # fmt: skip


class TestDryRun:
    def test_it_tells_the_same_and_changes_nothing(self, tmp_path):
        point = make_point()
        files = written(tmp_path, message(RAMP))
        tried = imported(files, dry_run=True)
        assert days_of(point) == {}
        assert not ImportRun.objects.exists()
        assert not Source.objects.exists()
        done = imported(files)
        assert tried.as_dict() | {"dry_run": False} == done.as_dict()
        again = imported(files, dry_run=True)
        assert (again.changed, again.unchanged) == (0, 48)

    def test_points_that_would_be_made_are_counted(self, tmp_path):
        files = written(tmp_path, message(RAMP, codes=("A", "B"), channels=("01", "02")))
        done = imported(files, dry_run=True, create_points=True)
        assert (done.created, len(done.points), done.changed) == (2, 2, 192)
        assert not UsagePoint.objects.exists()


class TestRefusal:
    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"\x89PNG\r\n\x1a\n" + bytes(200),
            b"<html><body/></html>",
            b"<message class='80020'",
        ],
    )
    def test_what_is_no_such_file_is_one_clear_error(self, tmp_path, data):
        point = make_point()
        (tmp_path / "a.xml").write_bytes(data)
        written(tmp_path, message(RAMP))
        done = imported(tmp_path)
        assert (done.files, done.refused) == (1, 1)
        assert len(done.problems) == 1
        assert days_of(point)["2026-01-14"] == RAMP
        assert ImportRun.objects.get().state == "refused"
        assert set(ImportFile.objects.values_list("state", flat=True)) == {"complete", "refused"}

    def test_a_number_that_no_sequence_can_hold(self, tmp_path):
        make_point()
        done = imported(written(tmp_path, message(RAMP, number=2**40)))
        assert (done.refused, done.values) == (1, 0)

    def test_hours_that_no_half_hour_zone_can_have(self, tmp_path):
        make_point(zone="Asia/Kolkata")
        done = imported(written(tmp_path, message(RAMP[:24], interval=60)))
        assert done.values == 0
        assert [p.code for p in done.problems] == ["interval"]


def test_folders_are_walked_in_the_order_of_names(tmp_path):
    make_point()
    for name in ("b", "a"):
        (tmp_path / name).mkdir()
        written(tmp_path / name, message(RAMP, number=ord(name)))
    (tmp_path / "a" / ".hidden.xml").write_bytes(b"junk")
    done = imported(tmp_path)
    assert (done.files, done.refused) == (2, 0)
    names = list(ImportFile.objects.order_by("id").values_list("name", flat=True))
    assert names == sorted(names)


def test_what_was_imported_when_is_kept(tmp_path):
    make_point()
    imported(written(tmp_path, message(RAMP, number=5)))
    run, file = ImportRun.objects.get(), ImportFile.objects.get()
    assert (run.state, run.files, run.points, run.values, run.changed) == ("complete", 1, 1, 48, 48)
    assert (file.sender_inn, file.number, file.day) == (SENDER, 5, DAY)
    assert (file.values, file.state, len(file.content_hash)) == (48, "complete", 32)


GOLDEN = Path(__file__).parent.parent / "golden" / "80020"


@pytest.mark.parametrize("file", sorted(GOLDEN.glob("*.xml")), ids=lambda file: file.stem)
def test_files_as_they_are_in_the_field(file):
    """Whatever is odd in them, what is good is stored, and storing it twice changes nothing."""
    done = imported(file, create_points=True)
    assert (done.files, done.refused) == (1, 0)
    assert done.changed == done.values > 0
    again = imported(file)
    assert (again.changed, again.unchanged) == (0, done.values)
    assert sum(v is not None for p in UsagePoint.objects.all() for c in ("A+", "A-", "R+", "R-")
               for day in days_of(p, c).values() for v in day) == done.values  # fmt: skip


def test_a_name_that_is_no_text_does_no_harm(tmp_path):
    point = make_point()
    name = os.fsencode(tmp_path) + b"/\xc4\xe5\xed\xfc.xml"
    with open(name, "wb") as out:
        out.write(xml80020.write(message(RAMP)))
    done = imported(tmp_path)
    assert days_of(point)["2026-01-14"] == RAMP
    json.dumps(done.as_dict(), ensure_ascii=False).encode()
    assert ImportFile.objects.count() == 1


def test_streams_are_taken_as_well_as_paths():
    import io

    point = make_point()
    done = imported([("m.xml", io.BytesIO(xml80020.write(message(RAMP))))])
    assert done.files == 1
    assert days_of(point)["2026-01-14"] == RAMP


def test_a_failure_between_the_parts_of_messages_leaves_nothing_of_them(tmp_path, monkeypatch):
    """Two messages that meet in a local day are recorded in two goes, and stored in one."""
    from faza.collection import importing

    point = make_point(zone="Asia/Kamchatka")
    files = written(tmp_path, *(message(RAMP, day=d, number=n)
                                for n, d in enumerate(days_after(DAY, 2))))  # fmt: skip
    record, calls = importing.readings.record, []

    def failing(batch, **kwargs):
        calls.append(len(batch))
        if len(calls) == 2:
            raise OSError("the cable is out")
        return record(batch, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(importing.readings, "record", failing)
        with pytest.raises(OSError, match="cable"):
            imported(files)
    assert calls == [3, 1]
    assert days_of(point) == {}
    assert ImportRun.objects.get().state == "running"
    assert not ImportFile.objects.exists()
    assert imported(files).changed == 96
