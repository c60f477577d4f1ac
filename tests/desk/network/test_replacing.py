"""The wizard, as an operator goes through it: forth, back, wrong, and done once."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from faza.metering import services
from faza.metering.models import Meter, MeteringComplex
from tests.desk.network.conftest import START, meter, point
from tests.readings.meters import Kind, read, stored

AT = "2026-11-10T14:30"
WHEN = {"when-what": "meter", "when-moment": AT}
CLOSING = {"closing-r0": "1 234,56"}


def moment():
    from datetime import datetime

    return datetime(2026, 11, 10, 14, 30, tzinfo=ZoneInfo("Europe/Moscow"))


@pytest.fixture
def new(grid) -> dict[str, str]:
    return {"meter-model": str(grid.model.pk), "meter-number": "200"}


@pytest.fixture
def opening() -> dict[str, str]:
    return {"opening-r0": "0,02", "opening-transformers": "71", "opening-ct": "", "opening-vt": ""}


def post(client, step: str, *told: dict[str, str], **more: str):
    body = {key: value for one in told for key, value in one.items()}
    return client.post("/desk/points/P1/replace/", {"step": step} | body | more)


def now_at(answer) -> str:
    import re

    found = re.search(r'name="step" value="(\w+)"', answer.content.decode())
    return found[1] if found else ""


class TestTheWay:
    def test_step_by_step_to_both_readings(self, client, grid, new, opening):
        assert now_at(client.get("/desk/points/P1/replace/")) == "when"
        assert now_at(post(client, "when", WHEN)) == "closing"
        assert now_at(post(client, "closing", WHEN, CLOSING)) == "meter"
        assert now_at(post(client, "meter", WHEN, CLOSING, new)) == "opening"
        check = post(client, "opening", WHEN, CLOSING, new, opening)
        assert now_at(check) == "check"
        shown = check.content.decode()
        for words in ("№ 100", "№ 200", "234,56", "0,02", "10.11.2026 14:30"):
            assert words in shown
        assert MeteringComplex.objects.filter(usage_point=grid.point).count() == 1

        done = post(client, "check", WHEN, CLOSING, new, opening)

        assert done.url == "/desk/points/P1/"
        opened = MeteringComplex.objects.get(usage_point=grid.point, valid_to=None)
        assert (opened.meter.number, opened.valid_from, opened.ratio) == ("200", moment(), 40)
        assert stored() == [
            (moment(), Kind.CLOSING, {0: 1_234_560}),
            (moment(), Kind.OPENING, {0: 20}),
        ]
        card = client.get("/desk/points/P1/").content.decode()
        for words in ("234,56", "0,02", "№ 100 → № 200"):
            assert words in card

    def test_what_was_typed_goes_along_and_back(self, client, new):
        answer = post(client, "meter", WHEN, CLOSING, new, back="1")
        assert now_at(answer) == "closing"
        shown = answer.content.decode()
        assert 'value="1 234,56"' in shown
        assert '<input type="hidden" name="meter-number" value="200">' in shown

    def test_sending_twice_does_it_once(self, client, grid, new, opening):
        for _ in range(2):
            post(client, "check", WHEN, CLOSING, new, opening)
        assert MeteringComplex.objects.filter(usage_point=grid.point).count() == 2
        assert Meter.objects.filter(number="200").count() == 1

    def test_no_step_is_skipped_by_a_forged_form(self, client, grid, new, opening):
        answer = post(client, "check", WHEN, new, opening)
        assert (answer.status_code, now_at(answer)) == (422, "closing")
        assert MeteringComplex.objects.count() == 2


class TestOtherWays:
    def test_a_new_ratio_with_the_same_meter(self, client, grid, opening):
        when = WHEN | {"when-what": "ratio"}
        ratio = {"opening-transformers": "", "opening-ct": "300/5", "opening-vt": ""}
        assert now_at(post(client, "closing", when, CLOSING)) == "opening"

        post(client, "check", when, CLOSING, ratio)

        opened = MeteringComplex.objects.get(usage_point=grid.point, valid_to=None)
        assert (opened.meter, opened.ratio) == (grid.meter, 60)
        assert [shown for _, _, shown in stored()] == [{0: 1_234_560}] * 2

    def test_where_none_stands_one_is_put_in(self, client, grid, new, opening, now):
        services.remove(installed=grid.complex, valid_to=moment() - timedelta(days=1), at=now)
        answer = client.get("/desk/points/P1/replace/")
        assert "Конечное показание" not in answer.content.decode()

        post(client, "check", {"when-moment": AT}, new, opening)

        opened = MeteringComplex.objects.get(usage_point=grid.point, valid_to=None)
        assert opened.meter.number == "200"
        assert stored() == [(moment(), Kind.OPENING, {0: 20})]

    def test_taken_away_without_another(self, client, grid):
        body = {"step": "check", "when-moment": AT} | CLOSING
        client.post("/desk/points/P1/take-away/", body)

        assert MeteringComplex.objects.get(usage_point=grid.point).valid_to == moment()
        assert stored() == [(moment(), Kind.CLOSING, {0: 1_234_560})]
        assert client.get("/desk/points/P1/take-away/").status_code == 404

    def test_a_meter_from_stock_is_taken_by_its_number(self, client, grid, new, opening):
        waiting = meter(grid.model, "200", certificate="С-1")
        post(client, "check", WHEN, CLOSING, new, opening)
        opened = MeteringComplex.objects.get(usage_point=grid.point, valid_to=None)
        assert opened.meter == waiting

    def test_zones_make_the_sum_where_it_is_not_typed(self, client, grid):
        closing = {"closing-r1": "100,5", "closing-r2": "50"}
        body = {"step": "check", "when-moment": AT} | closing
        client.post("/desk/points/P1/take-away/", body)
        assert stored()[0][2] == {0: 150_500, 1: 100_500, 2: 50_000}


class TestRefused:
    @pytest.mark.parametrize(
        ("step", "wrong", "words"),
        [
            ("when", {"when-moment": "2036-01-01T00:00"}, "ещё не наступил"),
            ("when", {"when-moment": "2020-01-01T00:00"}, "только с 01.01.2024"),
            ("when", {"when-moment": ""}, "Обязательное поле"),
            ("closing", {"closing-r0": ""}, "хотя бы одно"),
            ("closing", {"closing-r0": "много"}, "Это не число"),
            ("closing", {"closing-r0": "-5"}, "не бывает отрицательным"),
            ("closing", {"closing-r0": "1,2345"}, "знаков после запятой"),
            ("closing", {"closing-r0": "123456"}, "до запятой знаков: 5"),
            ("closing", {"closing-r0": "NaN"}, "Это не число"),
            ("meter", {"meter-number": "900"}, "стоит на другой точке"),
            ("meter", {"meter-number": ""}, "Обязательное поле"),
            ("opening", {"opening-transformers": "71, 99"}, "№ 99"),
            ("opening", {"opening-ct": "0"}, "200/5"),
        ],
    )
    def test_the_step_says_what_is_wrong_and_keeps_the_rest(
        self, client, new, opening, step, wrong, words
    ):
        answer = post(client, "check", WHEN, CLOSING, new, opening, wrong)

        shown = answer.content.decode()
        assert (answer.status_code, now_at(answer)) == (422, step)
        assert words in shown
        assert 'value="0,02"' in shown
        assert MeteringComplex.objects.count() == 2

    def test_another_point_of_mine_is_named_and_a_foreign_one_is_not(self, client, new, grid):
        answer = post(client, "meter", WHEN, CLOSING, new, {"meter-number": "900"})
        assert "OUT-1" not in answer.content.decode()
        answer = post(client, "meter", WHEN, CLOSING, new, {"meter-number": "100"})
        assert "Точка P1" in answer.content.decode()

    def test_a_meter_that_was_mine_and_stands_elsewhere_names_no_foreign_point(
        self, client, grid, new, now
    ):
        moved = meter(grid.model, "300")
        here = services.install(
            usage_point=point("P2", grid.house), meter=moved, valid_from=START, at=now
        )
        services.remove(installed=here, valid_to=moment(), at=now)
        services.install(
            usage_point=point("F2", grid.other, name="Чужая"), meter=moved,
            valid_from=moment(), at=now,
        )  # fmt: skip

        answer = post(client, "meter", WHEN, CLOSING, new, {"meter-number": "300"})
        assert answer.status_code == 422
        assert "Чужая" not in answer.content.decode()

    def test_later_readings_refuse_it_and_no_new_meter_is_left(self, client, grid, new, opening):
        read(grid.point, grid.meter, moment() + timedelta(days=1), 2_000_000)
        answer = post(client, "check", WHEN, CLOSING, new, opening)
        assert answer.status_code == 422
        assert "Проверьте дату" in answer.content.decode()
        assert not Meter.objects.filter(number="200").exists()

    def test_a_closing_reading_below_the_last_is_said_and_not_refused(
        self, client, grid, new, opening
    ):
        read(grid.point, grid.meter, moment() - timedelta(days=1), 9_000_000)
        check = post(client, "opening", WHEN, CLOSING, new, opening)
        assert "меньше последнего" in check.content.decode()
        assert post(client, "check", WHEN, CLOSING, new, opening).status_code == 302
