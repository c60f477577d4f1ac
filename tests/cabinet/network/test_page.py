"""«Network parameters» as the page shows it: moments, verdicts, windows, states."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from faza.accounts.models import User
from faza.cabinet.network import asked, words
from faza.collection.models import ConfigurationVersion, QualityCount
from faza.core.quality import Quality
from faza.core.reading_types import BY_CHANNEL
from faza.metering.models import MeterModel
from faza.readings.models import Finding
from faza.readings.network import verdicts
from tests.cabinet.factories import deliver, make_agreement, make_meter, make_point, make_user
from tests.cabinet.network.telling import (
    AT,
    HALF,
    average,
    get,
    happen,
    heading,
    payload,
    plain,
    tell,
)
from tests.readings.network.test_phasors import ANGLES, GOOD
from tests.readings.network.test_verdicts import TestExporter, TestLostPhase, TestWrongOrder, turned

pytestmark = pytest.mark.django_db


class TestMoment:
    def test_the_house_of_the_drawing(self, house):
        client, point, meter = house
        tell(point, meter, GOOD)
        page = get(client)
        assert heading(page) == (
            "Напряжение в норме на всех трёх фазах: 235,0–238,8 В при допустимых 207–253 В."
            " Сейчас потребляется 1,85 кВт ."
        )
        text = plain(page)
        assert "Мгновенные значения за 21.11.2026 14:00, счётчик № 47183206, прямое" in text
        assert "От +2,2 до +3,8 % к 230 В, допускается ±10 %." in text
        assert "На фазе C двигатель" in text
        assert "Нагрузка неравномерна" in text
        assert "По нейтрали течёт 3,0 А." in text
        assert "индуктивная: ток отстаёт на 34°" in text
        assert "углы от счётчика" in text

    def test_pictures_have_what_the_table_has(self, house):
        client, point, meter = house
        tell(point, meter, GOOD)
        page = get(client)
        vectors = payload(page, "phasor")["vectors"]
        assert [one["voltage"]["angle"] for one in vectors] == [0.0, 119.8, 240.3]
        assert [one["current"]["angle"] for one in vectors] == [11.5, 125.5, 274.3]
        power = payload(page, "power")
        assert power["quadrant"] == 1
        assert power["total"] == {"active": 1.853, "reactive": 0.545}
        assert [one["active"] for one in power["phases"]] == [0.941, 0.454, 0.458]

    def test_without_angles_it_is_said_that_they_are_built(self, house):
        client, point, meter = house
        tell(point, meter, {name: value for name, value in GOOD.items() if name not in ANGLES})
        page = get(client)
        assert "углы построены по мощностям" in page
        assert payload(page, "phasor")["built"]
        assert "Порядок фаз не проверить" in page

    def test_the_agreed_voltage_goes_before_the_nominal_one(self, house):
        client, point, meter = house
        ConfigurationVersion.objects.create(
            meter=meter, read_at=AT - timedelta(days=1), fingerprint="1",
            settings={"agreed_voltage": "220"},
        )  # fmt: skip
        tell(point, meter, GOOD)
        assert "Отклонение от 220" in plain(get(client))
        assert "198–242 В" in plain(get(client))


class TestVerdicts:
    @pytest.mark.parametrize(
        ("values", "title"),
        [
            (TestWrongOrder.SWAPPED, "Неверный порядок фаз"),
            (turned("B"), "Обратный ток: фаза B"),
            (TestLostPhase.LOST, "Нет напряжения: фаза B"),
            (TestLostPhase.LOST | {"IB": 1.9}, "Не учитывается: фаза B"),
            (TestExporter.SUNNY, "Токи направлены в обратную сторону"),
        ],
    )
    def test_what_is_wrong_is_a_card(self, house, values, title):
        client, point, meter = house
        tell(point, meter, values)
        assert f"<b>{title}</b>" in get(client)

    def test_what_is_worst_answers_first(self, house):
        client, point, meter = house
        tell(point, meter, turned("B"))
        assert heading(get(client)).startswith("Обратный ток: фаза B .")

    def test_behind_transformers_a_transformer_is_turned_about(self, house):
        client, point, meter = house
        point.complexes.update(ct_numerator=30)
        tell(point, meter, turned("B"))
        page = get(client)
        assert "<b>Перевёрнут трансформатор тока: фаза B</b>" in page
        assert "через трансформаторы, в 30 раз" in plain(page)

    def test_a_point_that_is_known_to_export(self, house):
        client, point, meter = house
        Finding.objects.create(
            usage_point=point, reading_type=2, rule="V15", start=AT, end=AT + HALF, effect=1,
            state=Finding.State.ACCEPTED, found_at=AT,
        )  # fmt: skip
        tell(point, meter, TestExporter.SUNNY | {"P": -4.96, "Q": 0.32})
        page = get(client)
        assert "Сейчас в сеть отдаётся" in page
        assert "<b>Энергия отдаётся в сеть</b>" in page
        assert payload(page, "power")["quadrant"] == 2

    def test_a_one_phase_meter(self, enter):
        owner = make_user("flat@example.org")
        point = make_point("F", "Квартира")
        meter = make_meter(point, "1")
        MeterModel.objects.update(nominal_voltage=2300)
        make_agreement("Д-2", [owner], [point])
        tell(point, meter, {"U": 231.4, "I": 5.2, "P": 1.17, "Q": 0.25})
        page = get(enter(owner), "?point=F")
        assert heading(page).startswith("Напряжение в норме: 231,4 В при допустимых 207–253 В")
        assert "Однофазный счётчик" in page
        assert "неравномерна" not in page
        assert payload(page, "power")["alone"]

    def test_every_verdict_has_its_words(self):
        source = Path(verdicts.__file__).read_text(encoding="utf-8")
        said = set(re.findall(r'Verdict\(\s*"(\w+)", "([\w ]+)"', source))
        loose = {("connection", code) for code in ("reversed", "backwards", "idle", "unknown")}
        assert said | loose == set(words.WORDS)


class TestMoving:
    def test_the_nearest_moment_is_shown_and_its_time_said(self, house):
        client, point, meter = house
        tell(point, meter, GOOD)
        page = get(client, "?point=H&at=2026-11-10T03:10")
        assert "За 10.11.2026 03:10 данных нет; ближайшие — за 21.11.2026 14:00." in plain(page)
        assert "Потреблялось" not in page  # 14:00 is an hour ago, and that is now

    def test_steps_go_over_moments_and_averages(self, house):
        client, point, meter = house
        average(point, AT - 3 * HALF, UA=[231.0, 232.0, 233.0], UB=[230] * 3, UC=[229] * 3)
        tell(point, meter, GOOD)
        page = get(client, "?point=H&at=2026-11-21T13:30")
        assert "Средние за 30 мин, 21.11.2026 13:00–13:30" in plain(page)
        earlier = re.search(r'href="([^"]+)" rel="prev"', page)[1].replace("&amp;", "&")
        later = re.search(r'href="([^"]+)" rel="next"', page)[1].replace("&amp;", "&")
        assert "12:30–13:00" in plain(get(client, earlier))
        # The average that ends with the moment gives way to it.
        assert "Мгновенные значения за 21.11.2026 14:00" in plain(get(client, later))

    def test_a_gap_is_stepped_over(self, house):
        client, point, meter = house
        tell(point, meter, GOOD)
        average(point, AT - timedelta(days=40), UA=[231.0], UB=[230.0], UC=[229.0])
        earlier = re.search(r'href="([^"]+)" rel="prev"', get(client))[1].replace("&amp;", "&")
        assert "12.10.2026 14:00–14:30" in plain(get(client, earlier))

    def test_a_value_that_stands_in_for_its_interval_is_no_average(self, house):
        client, point, meter = house
        tell(point, meter, GOOD, AT - HALF)
        for name in ("UA", "UB", "UC"):
            kind = BY_CHANNEL[name]
            deliver(point, AT - HALF, [2310], kind=kind, quality=[Quality.RAW])
        assert "Мгновенные значения за 21.11.2026 13:30" in plain(get(client))
        assert 'rel="next"' not in get(client)

    def test_nonsense_in_the_address_is_told(self, house):
        client, point, meter = house
        tell(point, meter, GOOD)
        page = get(client, "?point=H&at=tomorrow&q=Z&span=age")
        assert "Момент в адресе не разобрать" in page
        assert "Режим за сутки: напряжение" in page

    @pytest.mark.parametrize(
        "text", ["", "x", "2026-13-01T00:00", "0001-01-01T00:00", "9999-12-31"]
    )
    def test_what_is_no_moment(self, text):
        assert asked.moment(text, "Europe/Moscow") is None

    def test_a_moment_in_the_hour_that_comes_twice_keeps_its_place(self):
        """Berlin goes back at 03:00 on 25.10.2026: 02:30 comes at 00:30 and at 01:30 UTC."""
        for hour in (0, 1):
            at = datetime(2026, 10, 25, hour, 30, tzinfo=UTC)
            assert asked.moment(asked.written(at, "Europe/Berlin"), "Europe/Berlin") == at


class TestStates:
    def test_a_meter_that_tells_no_parameters(self, house):
        client, _point, _meter = house
        page = get(client)
        assert heading(page) == "Дом: параметры сети здесь не считываются."
        assert "Попросите её об этом" in page
        assert "были ли перерывы, неизвестно" in page

    def test_nobody_bound_yet(self, enter):
        page = get(enter(make_user("new@example.org", User.Role.OPERATOR)), "")
        assert "Точек учёта пока нет" in page

    def test_several_points_are_too_many(self, house):
        client, point, meter = house
        owner = User.objects.get(email="owner@example.org")
        make_agreement("Д-9", [owner], [make_point("H2", "Баня")])
        tell(point, meter, GOOD)
        assert "Выберите одну точку" in get(client, "?points=all")

    def test_late_data_are_said_to_be_late(self, house):
        client, point, meter = house
        tell(point, meter, GOOD, AT - timedelta(days=5))
        page = get(client)
        assert "запаздывают на 5 сут" in plain(page)
        assert "Потреблялось 1,85 кВт" in plain(page)

    def test_a_phase_that_is_partly_missing_is_a_dash_and_not_a_zero(self, house):
        client, point, _meter = house
        average(point, AT - 2 * HALF, UA=[231, 232], UB=[230, 230], UC=[229, 229], IA=[1, None])
        page = get(client, "?point=H&q=I")
        assert payload(page, "regime-data")["lines"][0]["value"][-2:] == [1.0, None]
        assert '<td class="n">—</td>' in page
        assert "Характер нагрузки неизвестен" in page

    def test_water_has_no_voltage(self, enter):
        owner = make_user("water@example.org")
        make_agreement("Д-3", [owner], [make_point("W", "Вода", resource="water")])
        assert "Это не счётчик электроэнергии" in get(enter(owner), "?point=W")


class TestWindows:
    def test_each_of_two_owners_sees_the_own_time(self, enter):
        sold = AT - timedelta(days=10)
        former, present = make_user("old@example.org"), make_user("new@example.org")
        point = make_point("F7", "Квартира", phases=3)
        meter = make_meter(point, "7")
        make_agreement("Д-1", [former], [point], end=sold)
        make_agreement("Д-2", [present], [point], start=sold)
        tell(point, meter, GOOD | {"UA": 231.0}, sold - timedelta(days=2))
        tell(point, meter, GOOD | {"UA": 241.0}, AT)
        old, new = get(enter(former), "?point=F7"), get(enter(present), "?point=F7")
        assert "231,0" in old
        assert "241,0" not in old
        assert "241,0" in new
        assert "231,0" not in new
        asked_for = f"?point=F7&at={asked.written(sold - timedelta(days=2), 'Europe/Moscow')}"
        assert "241,0" in get(enter(present), asked_for)

    def test_an_outage_that_lasts_over_the_sale_is_parted(self, enter):
        """40 minutes, sold after 30: the former owner is told of 30."""
        sold = datetime(2026, 11, 10, 9, tzinfo=UTC)
        former = make_user("old@example.org")
        point = make_point("F7", "Квартира")
        meter = make_meter(point, "7")
        make_agreement("Д-1", [former], [point], end=sold)
        start = sold - timedelta(minutes=30)
        happen(point, meter, (start, 2, 1), (start + timedelta(minutes=40), 2, 2))
        tell(point, meter, {"U": 230.0, "I": 1.0}, sold - timedelta(hours=3))
        assert "1 раз за 12 месяцев, всего 30 мин" in plain(get(enter(former), "?point=F7"))


class TestQuality:
    def test_averages_of_half_an_hour_are_an_estimate(self, house):
        client, point, _meter = house
        average(point, AT - 3 * HALF, UA=[231, 254, 233], UB=[230, 230, 206.9], UC=[229] * 3)
        text = plain(get(client))
        assert "Вне ±10 % за сутки 60 мин оценка по средним" in text.replace("1 ч", "60 мин")
        assert "Наибольшее, фаза A 254,0 В" in text
        assert "Наименьшее, фаза B 206,9 В" in text

    def test_the_meters_own_counter_is_official(self, house):
        client, point, meter = house
        tell(point, meter, GOOD)
        QualityCount.objects.create(
            usage_point=point, meter_id=meter.pk, at=AT - HALF,
            counters={"1.0.147.133.0.255": 4, "1.0.148.36.0.255": 1},
        )  # fmt: skip
        assert "Вне ±10 % за ноябрь 4 с официально: счётчик прибора" in plain(get(client))

    def test_interruptions_by_billing_period_and_length(self, house):
        client, point, meter = house
        tell(point, meter, GOOD)
        first = datetime(2026, 11, 3, 5, tzinfo=UTC)
        happen(
            point, meter, (first, 2, 1), (first + timedelta(seconds=2), 2, 29),
            (first + timedelta(minutes=6), 2, 2),
            (first - timedelta(days=40), 0, 27), (first - timedelta(days=40, minutes=-2), 0, 28),
        )  # fmt: skip
        text = plain(get(client))
        assert "Перерывы питания за ноябрь 1 раз, 6 мин" in text
        assert "2 раза за 12 месяцев, всего 8 мин" in text
        assert "Сентябрь 2026 1 2 мин, 1 короткий" in text

    def test_a_meter_whose_journals_are_read_and_had_none(self, house):
        client, point, meter = house
        tell(point, meter, GOOD)
        happen(point, meter, (AT - timedelta(days=3), 3, 68))
        assert "Перерывы питания за ноябрь 0" in plain(get(client))
