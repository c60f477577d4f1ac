"""«Meter readings», «History», «Consumption of resources»: numbers of known readings."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import numpy as np
import pytest
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from faza.accounts.models import User
from faza.audit.models import Entry
from faza.charges import keeping
from faza.collection.services import import_files
from faza.core.periods import start_of_day
from faza.core.quality import Quality
from faza.core.reading_types import HEAT, WATER
from faza.metering import services as metering
from faza.metering.models import Meter, MeteringComplex, MeterModel
from faza.readings import register_services, registers, replacement, rules, services
from faza.readings.models import RegisterReading
from faza.readings.registers import RegisterBatch, register
from tests.cabinet.factories import (
    SINCE,
    ZONE,
    deliver,
    fill,
    give_tariff,
    make_agreement,
    make_meter,
    make_point,
    make_user,
)
from tests.cabinet.reading import payload, words
from tests.cabinet.states import told

pytestmark = pytest.mark.django_db

Kind = RegisterReading.Kind
NOW = datetime(2026, 11, 21, 11, tzinfo=UTC)  # 14:00 in Moscow


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def read(point, meter, day: date, shown: dict[int, int], kind=Kind.MONTH, hour=0):
    """A meter showed Wh (l, kcal) by register at an hour of a civil day."""
    at = start_of_day(day, ZONE) + timedelta(hours=hour)
    batch = RegisterBatch.of(usage_point=point.pk, meter=meter.pk, at=at, kind=kind, shown=shown)
    source = services.get_source("manual" if kind == Kind.MANUAL else "meter")
    register_services.record_registers(
        batch, source=source, sequence=rules.sequence(rules.moment(at)), at=NOW
    )


def zones(day: int, night: int) -> dict[int, int]:
    return {register(1): day + night, register(1, 1): day, register(1, 2): night}


@pytest.fixture
def house():
    """A house of two zones, read at the starts of October and November and of today."""
    user = make_user("kovaleva@example.org", name="Ковалёва М. С.")
    point = make_point("H", "Дом")
    meter = make_meter(point, "47183206")
    give_tariff(make_agreement("Д-1", [user], [point]))
    read(point, meter, date(2026, 10, 1), zones(19_500_000, 4_300_000))
    read(point, meter, date(2026, 11, 1), zones(20_118_920, 4_451_120))
    read(point, meter, date(2026, 11, 21), zones(20_605_410, 4_558_160), Kind.DAY)
    return user, point, meter


def page_of(enter, user, name="registers", query="?point=H"):
    response = enter(user).get(reverse(f"cabinet:{name}") + query)
    assert response.status_code == 200
    return response


class TestRegisters:
    def test_zones_are_told_at_the_start_of_the_month_and_now(self, house, enter):
        """20 605,41 - 20 118,92 = 486,49 by day; 4 558,16 - 4 451,12 = 107,04 by night."""
        text = words(page_of(enter, house[0]))

        assert "С начала ноября счётчик прибавил 593,53 кВт·ч: день 82 %, ночь 18 %." in text
        assert "На 01.11.2026 00:00" in text
        assert "На 21.11.2026 00:00" in text
        for number in ("20 118,92", "20 605,41", "486,49", "4 451,12", "4 558,16", "107,04"):
            assert number in text
        assert "Счётчик № 47183206" in text
        assert "Прочитаны автоматически" in text

    def test_the_last_reading_is_continued_by_the_profile_and_marked(self, house, enter):
        """28 half-hours of 500 Wh after midnight: 2 x 7 hours, of which 14 are by night."""
        user, point, _ = house
        fill(point, date(2026, 11, 1), date(2026, 11, 21), 500)
        deliver(point, start_of_day(date(2026, 11, 21), ZONE), [500] * 28)

        response = page_of(enter, user)

        text = words(response)
        assert "На 21.11.2026 14:00" in text
        assert "20 612,41" in text  # 14 half-hours of the day from 7 to 14: 7 kWh
        assert "4 565,16" in text  # and 14 of the night
        assert "С начала ноября счётчик прибавил 607,53 кВт·ч" in text
        assert response.content.decode().count('class="n est"') == 3
        assert "подчёркнуты пунктиром" in text

    def test_nothing_is_carried_over_a_gap(self, house, enter):
        user, point, _ = house
        fill(point, date(2026, 11, 1), date(2026, 11, 21), 500)
        deliver(point, start_of_day(date(2026, 11, 21), ZONE), [500] * 5 + [None] + [500] * 22)

        text = words(page_of(enter, user))

        assert "прибавил 593,53 кВт·ч" in text
        assert "На 21.11.2026 00:00" in text

    def test_months_come_from_their_boundaries(self, house, enter):
        """October: 20 118,92 - 19 500 = 618,92 by day, 151,12 by night; before it nothing."""
        months = payload(page_of(enter, house[0]), "months")

        assert [zone["label"] for zone in months["zones"]] == ["день T1", "ночь T2"]
        by_month = {bar["month"]: bar["values"] for bar in months["months"]}
        assert by_month["2026-10"] == [618.92, 151.12]
        assert by_month["2026-11"] == [486.49, 107.04]
        assert by_month["2026-08"] == [None, None]

    def test_a_replacement_adds_up_by_meter_and_ratio(self, enter):
        """(150 - 100) x 40 = 2 000 and (30 - 0) x 20 = 600: 2 600 kWh."""
        user, point = make_user("firm@example.org"), make_point("H", "Магазин")
        model = MeterModel.objects.create(name="ЭМ-3", manufacturer="Завод")
        old, new = (Meter.objects.create(model=model, number=n) for n in ("111", "222"))
        metering.install(usage_point=point, meter=old, valid_from=SINCE, at=SINCE, ct=Fraction(40))
        make_agreement("Э-1", [user], [point])
        read(point, old, date(2026, 11, 1), {register(1): 100_000})
        replacement.replace_meter(
            usage_point=point, meter=new, replaced_at=datetime(2026, 11, 10, 9, tzinfo=UTC),
            closing={register(1): 150_000}, opening={register(1): 0},
            source=services.get_source("meter"), at=NOW, ct=Fraction(20),
        )  # fmt: skip
        read(point, new, date(2026, 11, 21), {register(1): 30_000}, Kind.DAY)

        text = words(page_of(enter, user))

        assert "прибавил 2 600,00 кВт·ч" in text
        until = "с 01.11.2026 00:00 по 10.11.2026 12:00"
        since = "с 10.11.2026 12:00 по 21.11.2026 00:00"
        assert f"Счётчик № 111: {until}, 50,00 × 40 = 2 000,00" in text
        assert f"Счётчик № 222: {since}, 30,00 × 20 = 600,00" in text

    def test_profile_and_registers_are_checked(self, house, enter):
        """20 x 48 x 618 Wh are 593,28 kWh, 0,25 less than registers say; 0,02 is allowed."""
        user, point, _ = house
        fill(point, date(2026, 11, 1), date(2026, 11, 21), 618)

        text = words(page_of(enter, user))

        assert "не сходитсяразница −0,25 кВт·ч" in text

    def test_a_gap_in_the_profile_is_no_disagreement(self, house, enter):
        user, point, _ = house
        fill(point, date(2026, 11, 1), date(2026, 11, 5), 618)
        deliver(point, start_of_day(date(2026, 11, 5), ZONE), [None] * 20 + [618] * 28)
        fill(point, date(2026, 11, 6), date(2026, 11, 21), 618)

        text = words(page_of(enter, user))

        assert "не сходится" not in text
        assert "в профиле нет данных за 10 ч" in text

    def test_an_estimated_peak_is_left_out(self, house, enter):
        user, point, _ = house
        fill(point, date(2026, 11, 1), date(2026, 11, 5), 500)
        quality = [Quality.VALID] * 47 + [Quality.ESTIMATED_BY_DAY]
        deliver(
            point, start_of_day(date(2026, 11, 5), ZONE), [900] + [500] * 46 + [9000],
            quality=quality,
        )  # fmt: skip

        text = words(page_of(enter, user))

        assert "1,80кВт за 30 минут" in text
        assert "неизмеренные интервалы: 1" in text

    def test_late_and_typed_are_said(self, enter):
        user, point = make_user("b@example.org"), make_point("H", "Баня")
        meter = make_meter(point, "1")
        make_agreement("Д-1", [user], [point])
        for month, shown in ((10, 100_000), (11, 190_000)):
            read(point, meter, date(2026, month, 20), {register(1): shown}, Kind.MANUAL, 19)

        text = words(page_of(enter, user))

        assert "прибавил 90,00 кВт·ч" in text
        assert "Введены вручную" in text
        assert "20.10.2026 19:00" in text

    def test_empty_says_what_to_do(self, enter):
        user, point = make_user("c@example.org"), make_point("H", "Пустая")
        make_agreement("Д-1", [user], [point])

        text = words(page_of(enter, user))

        assert "За это время показаний нет" in text

    def test_of_two_owners_each_sees_the_own_readings(self, house, enter):
        """The new one's window opens on 10.11: the reading of 01.11 is none of theirs."""
        _, point, _ = house
        newcomer = make_user("new@example.org")
        start = datetime(2026, 11, 9, 21, tzinfo=UTC)
        make_agreement("Д-2", [newcomer], [point], start=start)

        text = words(page_of(enter, newcomer))

        assert "20 118,92" not in text
        assert "20 605,41" in text

    def test_the_file_has_the_readings_of_the_days(self, house, enter):
        address = reverse("cabinet:registers_file", args=["csv"])
        response = enter(house[0]).get(f"{address}?point=H&period=month&on=2026-11-01")

        rows = list(csv.reader(io.StringIO(
            b"".join(response.streaming_content).decode("utf-8-sig")), delimiter=";"))  # fmt: skip
        assert rows[0][4:] == ["A+ T0, кВт·ч", "A+ T1, кВт·ч", "A+ T2, кВт·ч"]
        assert [row[2] for row in rows[1:]] == ["01.11.2026 00:00", "21.11.2026 00:00"]
        assert rows[2][4:] == ["25163,57", "20605,41", "4558,16"]

    def test_the_file_is_taken_back_by_the_import(self, house, enter):
        address = reverse("cabinet:registers_file", args=["csv"])
        response = enter(house[0]).get(f"{address}?point=H&period=month&on=2026-11-01")
        data = b"".join(response.streaming_content)

        before = RegisterReading.objects.count()
        done = import_files([("readings.csv", io.BytesIO(data))], at=NOW)

        assert not done.problems
        assert (done.registers, RegisterReading.objects.count()) == (2, before)

    def test_a_file_taken_by_staff_is_noted(self, house, enter):
        boss = make_user("boss@example.org", User.Role.ADMINISTRATOR)
        address = reverse("cabinet:registers_file", args=["csv"])

        enter(boss).get(f"{address}?point=H&period=month&on=2026-11-01")

        assert Entry.objects.filter(action__contains="export").count() == 1


def water_meter(point, number="7"):
    model, _ = MeterModel.objects.get_or_create(
        name="Родник", manufacturer="Завод", defaults={"digits": 5, "decimals": 3, "tariffs": 1}
    )
    meter = Meter.objects.create(model=model, number=number)
    metering.install(
        usage_point=point, meter=meter, valid_from=SINCE, at=SINCE,
        role=MeteringComplex.Role.BILLING,
    )  # fmt: skip
    return meter


class TestOtherResources:
    def test_water_is_told_in_cubic_metres(self, enter):
        """272,980 to 281,960 m³ are 8,980."""
        user, point = make_user("w@example.org"), make_point("H", "Вода", resource="water")
        meter = water_meter(point)
        make_agreement("В-1", [user], [point])
        read(point, meter, date(2026, 11, 1), {register(WATER.code): 272_980})
        read(point, meter, date(2026, 11, 21), {register(WATER.code): 281_960}, Kind.DAY)

        text = words(page_of(enter, user))

        assert "прибавил 8,980 м³" in text
        assert "281,960" in text
        assert "коэффициент" not in text

    def test_a_register_of_heat_goes_round_at_its_own_digits(self, enter):
        """Five digits of Gcal: from 99 999,500 to 0,700 are 1,200."""
        user, point = make_user("w@example.org"), make_point("H", "Тепло", resource="heat")
        meter = water_meter(point)
        make_agreement("Т-1", [user], [point])
        read(point, meter, date(2026, 11, 1), {register(HEAT.code): 99_999_500_000})
        read(point, meter, date(2026, 11, 21), {register(HEAT.code): 700_000}, Kind.DAY)

        text = words(page_of(enter, user))

        assert "прибавил 1,200 Гкал" in text
        assert "прошёл через ноль" in text

    def test_the_explorer_and_the_board_speak_cubic_metres(self, enter):
        user, point = make_user("w@example.org"), make_point("H", "Вода", resource="water")
        make_agreement("В-1", [user], [point])
        fill(point, date(2026, 11, 1), date(2026, 11, 21), 10, kind=WATER)

        explorer = words(page_of(enter, user, "explorer", "?point=H&period=month"))
        board = words(page_of(enter, user, "home", "?point=H"))

        assert "израсходовано воды 9,600 м³" in explorer
        assert "9,600 м³" in board

    def test_other_resources_are_left_out_of_a_sum_and_said(self, house, enter):
        user, point, _ = house
        water = make_point("W", "Вода", resource="water")
        make_agreement("В-1", [user], [water])
        fill(point, date(2026, 11, 1), date(2026, 11, 21), 500)
        fill(water, date(2026, 11, 1), date(2026, 11, 21), 10, kind=WATER)

        text = words(page_of(enter, user, "explorer", "?points=all&period=month"))

        assert "Без 1 точки другого ресурса" in text
        assert "480,0 кВт·ч" in text


class TestHistory:
    def test_a_month_has_its_readings_and_completeness(self, house, enter):
        user, point, _ = house
        fill(point, date(2026, 10, 1), date(2026, 11, 1), 500)
        keeping.keep(at=NOW)

        text = words(page_of(enter, user, "history", "?point=H&period=year&on=2026-01-01"))

        assert "октябрь" in text
        assert "23 800,00" in text  # opening: 19 500 + 4 300
        assert "770,04" in text  # 618,92 + 151,12
        assert "По интервалам744,00 кВт·ч" in text  # 31 x 48 x 0,5
        assert "Интервалы минус показания−26,04 кВт·ч" in text

    def test_readings_that_do_not_bound_a_month_give_way_to_whole_intervals(self, enter):
        """Typed on the 20th: of October it is told by intervals, of September by what was typed."""
        user, point = make_user("b@example.org"), make_point("H", "Баня")
        meter = make_meter(point, "1")
        make_agreement("Д-1", [user], [point])
        for month, shown in ((8, 0), (9, 100_000), (10, 190_000), (11, 300_000)):
            read(point, meter, date(2026, month, 20), {register(1): shown}, Kind.MANUAL, 19)
        client = enter(user)
        address = reverse("cabinet:history") + "?point=H"

        text = told(client.get(address))
        assert "сентябрь основание: показания" in text
        assert "на границах месяца" in text.split("сентябрь")[1].split("август")[0]
        assert "0,0 %" not in text  # whoever sends no intervals is not short of any

        fill(point, date(2026, 10, 1), date(2026, 11, 1), 500)
        keeping.keep(at=NOW)
        text = told(client.get(address))
        assert "октябрь основание: интервалы" in text
        assert "744,00 100 %" in text.split("октябрь")[1].split("сентябрь")[0]

    def test_a_year_without_anything_says_so(self, house, enter):
        text = words(page_of(enter, house[0], "history", "?point=H&period=year&on=2025-01-01"))

        assert "За этот год данных нет" in text

    def test_the_file_has_a_row_a_month_and_meter(self, house, enter):
        address = reverse("cabinet:history_file", args=["csv"])
        response = enter(house[0]).get(f"{address}?point=H&period=year&on=2026-01-01")

        rows = list(csv.reader(io.StringIO(
            b"".join(response.streaming_content).decode("utf-8-sig")), delimiter=";"))  # fmt: skip
        october = next(row for row in rows if row[0] == "октябрь")
        assert (october[1], october[3], october[5], october[7]) == (
            "47183206", "23800", "24570,04", "770,04",
        )  # fmt: skip

    def test_the_file_has_numbers_and_times_as_such(self, house, enter):
        address = reverse("cabinet:history_file", args=["xlsx"])
        response = enter(house[0]).get(f"{address}?point=H&period=year&on=2026-01-01")
        book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(response.streaming_content)))
        rows = book.get_sheet_by_index(0).to_python()

        october = next(row for row in rows if row[0] == "октябрь")
        assert october[1] == "47183206"
        assert (october[2], october[3], october[5], october[7]) == (1.0, 23800.0, 24570.04, 770.04)
        opened, closed = (date(at.year, at.month, at.day) for at in (october[4], october[6]))
        assert (opened, closed) == (date(2026, 10, 1), date(2026, 11, 1))
        assert not any("\u202f" in str(cell) for row in rows for cell in row)


class TestResources:
    def test_resources_are_summed_apart(self, house, enter):
        """20 days of 48 x 500 Wh are 480 kWh; 20 x 48 x 10 l are 9,6 m³."""
        user, point, _ = house
        water = make_point("W", "Вода", resource="water")
        make_agreement("В-1", [user], [water])
        fill(point, date(2026, 11, 1), date(2026, 11, 21), 500)
        fill(water, date(2026, 11, 1), date(2026, 11, 21), 10, kind=WATER)
        keeping.keep(at=NOW)

        text = words(page_of(enter, user, "resources", "?points=all"))

        assert "В ноябре израсходовано 480,0 кВт·ч электроэнергии и 9,60 м³ воды." in text

    def test_a_point_without_intervals_is_counted_by_its_readings(self, house, enter):
        text = words(page_of(enter, house[0], "resources", "?point=H"))

        assert "593,5 кВт·ч" in text
        assert "по показаниям" in text

    def test_nothing_known_is_no_zero(self, enter):
        user, point = make_user("c@example.org"), make_point("H", "Пустая")
        make_agreement("Д-1", [user], [point])

        text = words(page_of(enter, user, "resources", "?point=H"))

        assert "данных о расходе нет" in text
        assert "0,0 кВт·ч" not in text


def test_registers_have_room_for_every_resource():
    values, present = registers.rows_of([{register(1): 5, register(7): 2**40}])
    masks, blobs = registers.pack(values, present)

    again, there = registers.unpack(masks, blobs)

    assert (again == values).all()
    assert (there == present).all()
    assert registers.WHOLE[[register(1), register(5), register(7)]].tolist() == [
        1000, 1000, 1_000_000,
    ]  # fmt: skip
    assert np.int64(masks[0]) > 0
