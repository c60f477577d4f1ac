"""The board: the answer with roubles, the forecast, months by unit, tiles; many points by days."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from faza.accounts.models import User
from faza.cabinet import ahead, choice
from faza.cabinet.costs.words import about
from faza.charges import keeping as months
from faza.charges.advice import keeping as advising
from faza.charges.forecast import keeping as forecasting
from faza.charges.forecast import queries as forecasts
from faza.contracts import access
from faza.contracts import services as contracts
from faza.contracts.models import AgreementPoint
from tests.cabinet.factories import (
    fill,
    give_house,
    make_agreement,
    make_meter,
    make_node,
    make_point,
    make_user,
)
from tests.cabinet.reading import payload
from tests.cabinet.test_costs import text as words
from tests.events.factories import happen
from tests.notifications.factories import things
from tests.tariffs import factories as tariffs

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 5, 21, 6, tzinfo=UTC)
MONTHS = "/?point=A&months=rub"


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def tariff():
    """One zone at 5 RUB with an order, so no example."""
    found = tariffs.tariff("ONE", name="Один", family="f")
    tariffs.price(found, tariffs.SINCE, "5", zone=1)
    return found


@pytest.fixture
def owner():
    return make_user("a@example.org")


def make_home(*users, code="A", tariff=None, first=date(2026, 2, 1), end=date(2026, 5, 21), **time):
    """A point of half-hours of 500 Wh, 24 kWh a day."""
    point = make_point(code, f"Дом {code}")
    agreement = make_agreement(f"Д-{code}", users, [point], **time)
    if tariff is not None:
        agreement.tariff = tariff
        agreement.save()
    if first < end:
        fill(point, first, end, 500)
    return point


def keep(at: datetime = NOW) -> None:
    months.keep(at=at)
    forecasting.keep(at=at)
    advising.keep(at=at)


class TestNumbers:
    def test_the_answer_has_kilowatt_hours_and_roubles(self, owner, tariff, enter):
        """20 days of 24 kWh at 5 RUB; the month ends at 31 * 24 = 744 kWh and 3,720 RUB."""
        make_home(owner, tariff=tariff)
        keep()

        response = enter(owner).get("/?point=A")
        told = words(response)

        assert "В мае израсходовано 480,0 кВт·ч на 2 400 ₽ — столько же, сколько за те же" in told
        assert "2 400 ₽ справочно" in told
        assert "пример" not in told
        assert "Прогноз на май" in told
        assert "с вероятностью 80 %" in told
        assert "≈ 3 720 ₽" in told
        running = payload(response, "running")
        assert running["current"]["points"][-1] == [20, 480]
        assert running["forecast"]["points"][0] == [20, 480, 480, 480]
        day, mid, low, high = running["forecast"]["points"][-1]
        assert (day, mid) == (31, 744)
        assert 480 <= low <= 744 <= high

    def test_months_are_in_kilowatt_hours_or_in_roubles(self, owner, tariff, enter):
        """April: 30 days, 720 kWh, 3,600 RUB; each unit's picture has its forecast."""
        make_home(owner, tariff=tariff)
        keep()
        client = enter(owner)

        in_units, in_roubles = client.get("/?point=A"), client.get(MONTHS)

        found = payload(in_units, "months")
        assert found["unit"] == "кВт·ч"
        assert [bar["measured"] for bar in found["months"][-2:]] == [720, 480]
        assert found["forecast"]["mid"] == 744
        found = payload(in_roubles, "months")
        assert found["unit"] == "₽"
        assert [bar["measured"] for bar in found["months"][-2:]] == [3600, 2400]
        assert found["months"][0]["measured"] is None  # nothing was measured a year ago
        assert found["forecast"]["mid"] == 3720
        for response in (in_units, in_roubles):
            assert "апрель 2026 720,0 кВт·ч ✓ 3 600,00 ₽" in words(response)
            assert 'href="?point=A&amp;months=rub#y13"' in response.content.decode()

    def test_a_part_without_a_price_is_not_in_the_answer(self, owner, tariff, enter):
        """960 kWh of two points, 2,400 RUB of one of them: the sentence keeps to what it knows."""
        make_home(owner, code="A", tariff=tariff)
        make_home(owner, code="B")
        keep()

        told = words(enter(owner).get("/?points=all"))

        assert "В мае израсходовано 960,0 кВт·ч — столько же" in told
        assert "2 400 ₽ справочно, цена 1 точки неизвестна" in told
        assert "цена известна по 1 точке из 2" in told

    def test_a_silent_point_costs_nothing_and_hides_nothing(self, owner, tariff, enter):
        """Its charge has no data; the other's is of all the energy beside it."""
        make_home(owner, code="A", tariff=tariff)
        make_home(owner, code="B", tariff=tariff, first=date(2026, 5, 1), end=date(2026, 5, 1))
        keep()

        told = words(enter(owner).get("/?points=all"))

        assert "480,0 кВт·ч на 2 400 ₽" in told
        assert "без 1 точки, которая не передаёт интервалы" in told

    def test_without_a_tariff_there_is_no_rouble(self, owner, enter):
        make_home(owner)
        keep()

        response = enter(owner).get(MONTHS)

        assert "₽" not in words(response)
        assert payload(response, "months")["unit"] == "кВт·ч"
        assert "Прогноз на май" in words(response)

    def test_before_anything_was_kept(self, owner, tariff, enter):
        make_home(owner, tariff=tariff)

        response = enter(owner).get("/?point=A")
        told = words(response)

        assert "480,0 кВт·ч" in told
        assert "₽" not in told
        assert "Прогноз" not in told
        assert "forecast" not in payload(response, "running")

    def test_late_data_and_an_old_forecast_say_so(self, owner, tariff, enter, monkeypatch):
        make_home(owner, tariff=tariff)
        keep()
        monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(days=5))

        told = words(enter(owner).get("/?point=A"))

        assert "запаздывают на 5 сут" in told
        assert "по данным до 20.05.2026" in told

    def test_half_of_the_month_missing(self, owner, tariff, enter):
        """Seven days are not there: the number is of what is, and the chip tells of the rest."""
        point = make_home(owner, tariff=tariff, end=date(2026, 5, 11))
        fill(point, date(2026, 5, 18), date(2026, 5, 21), 500)
        keep()

        response = enter(owner).get("/?point=A")

        assert "312,0 кВт·ч" in words(response)
        assert "нет данных" in words(response)
        assert payload(response, "running")["current"]["points"][-1] == [20, 312]

    def test_without_points_it_says_what_to_do(self, enter):
        nobody = make_user("n@example.org")
        make_agreement("Д-9", [nobody], [])

        told = words(enter(nobody).get("/"))

        assert "Точек учёта пока нет" in told
        assert "₽" not in told


class TestWhose:
    def test_a_former_customer_sees_neither_forecast_nor_later_roubles(self, tariff, enter):
        """Until April 11 one, then the other: 10 days of April are 1,200 RUB, 20 are 2,400."""
        former, present = make_user("f@example.org"), make_user("p@example.org")
        edge = datetime(2026, 4, 10, 21, tzinfo=UTC)
        point = make_home(former, tariff=tariff)
        contracts.unbind_point(
            bound=AgreementPoint.objects.get(usage_point=point), valid_to=edge, at=NOW
        )
        agreement = make_agreement("Д-2", [present], [], start=edge)
        agreement.tariff = tariff
        agreement.save()
        contracts.bind_point(agreement=agreement, usage_point=point, at=NOW)
        keep()
        happen(("2026-05-20 12:40:02", 2, 1), point=point.pk, meter=1)

        old, new = enter(former).get(MONTHS), enter(present).get(MONTHS)

        assert "В апреле израсходовано 240,0 кВт·ч на 1 200 ₽" in words(old)
        assert "Прогноз" not in words(old)
        assert "событие за неделю" not in words(old)
        assert payload(old, "months")["months"][-1]["measured"] == 1200
        april, may = payload(new, "months")["months"][-2:]
        assert (april["measured"], may["measured"]) == (2400, 2400)
        assert [bar for bar in payload(new, "months")["months"][:-2] if bar["measured"]] == []
        assert "1 событие за неделю" in words(new)

    def test_a_house_manager_has_the_tiles_of_the_own_menu(self, enter):
        manager = make_user("m@example.org", User.Role.HOUSE_MANAGER)
        place = make_node("H", "Дом 12", make_node())
        give_house(manager, place)
        point = make_point("A", "Ввод", node=place, is_common=True)
        fill(point, date(2026, 5, 1), date(2026, 5, 21), 500)

        response = enter(manager).get("/?point=A")

        assert response.status_code == 200
        assert "0 договоров" in words(response)


class TestAround:
    def test_every_section_has_a_tile_with_a_fact(self, owner, tariff, enter):
        point = make_home(owner, tariff=tariff)
        make_meter(point, "111", due=date(2034, 2, 14))
        keep()

        response = enter(owner).get("/?point=A")
        page = response.context["page"]

        urls = {tile.url for tile in page.tiles}
        for name in ("explorer", "registers", "resources", "history", "events", "network", "meters",
                     "complexes", "passport", "reports", "costs", "agreements", "notices", "news",
                     "cases", "profile"):  # fmt: skip
            assert reverse(f"cabinet:{name}") in urls
        assert all(tile.fact for tile in page.tiles)
        told = words(response)
        assert "по 30 минут, 1 точка учёта" in told
        assert "1 прибор учёта, 1 на связи" in told
        assert "класс 1, поверка до 02.2034" in told
        assert "без трансформаторов" in told
        assert "1 договор" in told

    def test_events_notices_and_news_stand_there_once(self, owner, tariff, enter, monkeypatch):
        point = make_home(owner, tariff=tariff)
        happen(
            ("2026-05-20 12:40:02", 2, 1), ("2026-05-20 12:46:20", 2, 2), point=point.pk, meter=1
        )
        desk = make_user("d@example.org", User.Role.ADMINISTRATOR)
        things("a", point, owner, desk)
        monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(hours=1))

        response = enter(owner).get("/?point=A")
        told = words(response)

        assert "2 события за неделю" in told
        assert "20.05" in told
        assert "1 непрочитанное уведомление" in told
        assert "Новость a" in told
        assert "Электричества не будет с 9 до 13." in told
        assert told.count("Новость a") == 1


class TestManyPoints:
    """More points than MOST: sums by day alone, the same numbers."""

    @pytest.fixture(autouse=True)
    def _few(self, monkeypatch):
        monkeypatch.setattr(choice, "MOST", 1)

    def test_the_numbers_are_those_of_the_points(self, owner, tariff, enter):
        for code in "AB":
            make_home(owner, code=code, tariff=tariff)
        keep()

        response = enter(owner).get("/?points=all&months=rub")
        told = words(response)

        assert "В мае израсходовано 960,0 кВт·ч на 4 800 ₽ — столько же, сколько" in told
        assert "По данным на 20.05.2026" in told
        assert "480,0 кВт·ч" not in told
        assert "Всего 2 С данными за 20.05.2026 2 С прогнозом 2" in told
        running = payload(response, "running")
        assert running["current"]["points"][-1] == [20, 960]
        assert running["previous"]["points"][-1] == [30, 1440]
        assert running["forecast"]["points"][-1][1] == 1488
        assert payload(response, "months")["months"][-1]["measured"] == 4800

    def test_a_point_that_fell_silent_is_told_and_is_not_compared_away(self, owner, enter):
        """B has no May: 50 % of it is there, so May stands beside nothing."""
        make_home(owner, code="A")
        make_home(owner, code="B", end=date(2026, 5, 1))
        keep()

        told = words(enter(owner).get("/?points=all"))

        assert "Нет данных от 1 точки" in told
        assert "не сравниваем: данных 100 %" in told
        assert "больше" not in told.split("Нарастающим")[0]

    def test_late_and_empty(self, owner, enter, monkeypatch):
        for code in "AB":
            make_home(owner, code=code)
        monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(days=3))
        assert "запаздывают на 3 сут" in words(enter(owner).get("/?points=all"))

    def test_nothing_arrived_at_all(self, owner, enter):
        for code in "AB":
            make_home(owner, code=code, first=date(2026, 5, 1), end=date(2026, 5, 1))

        told = words(enter(owner).get("/?points=all"))

        assert "Данных в мае пока нет" in told
        assert "Данных ещё не было" in told

    def test_the_windows_of_a_former_customer_cut_the_sums(self, tariff, enter):
        former = make_user("f@example.org")
        edge = datetime(2026, 4, 10, 21, tzinfo=UTC)
        for code in "AB":
            make_home(former, code=code, tariff=tariff, end=date(2026, 5, 21))
        for bound in AgreementPoint.objects.all():
            contracts.unbind_point(bound=bound, valid_to=edge, at=NOW)
        keep()

        told = words(enter(former).get("/?points=all"))

        assert "В апреле израсходовано 480,0 кВт·ч на 2 400 ₽" in told
        assert "Прогноз" not in told


class TestFan:
    def test_it_begins_at_the_last_point_and_never_below_it(self, owner, tariff):
        make_home(owner, tariff=tariff)
        keep()
        told = forecasts.month(access.windows_of(owner, at=NOW), at=NOW)

        fan = ahead.fan([[0, 0], [20.5, 740.0]], told, 31, 1.0)

        assert fan["points"][0] == [20.5, 740.0, 740.0, 740.0]
        assert [one[0] for one in fan["points"][1:]] == list(range(21, 32))
        assert all(low >= 740 and mid >= 740 for _, mid, low, _ in fan["points"])

    def test_a_month_that_is_over_has_none(self, owner, tariff):
        make_home(owner, tariff=tariff)
        keep()
        told = forecasts.month(access.windows_of(owner, at=NOW), at=NOW)

        assert ahead.fan([[0, 0], [31, 744.0]], told, 31, 1.0) is None
        assert ahead.fan([[0, 0], [20, None]], told, 31, 1.0) is None

    @pytest.mark.parametrize(
        ("amount", "said"), [("2923647.4", "2924000"), ("10239.6", "10240"), ("874.26", "874")]
    )
    def test_its_roubles_have_four_digits(self, amount, said):
        digits = "".join(one for one in about(Decimal(amount)) if one.isdigit())
        assert digits == said
