"""Pages as their readers get them: words for what is missing, files that agree with the page."""

import csv
import io
import re
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from faza.accounts.models import User
from faza.contracts.models import CustomerAgreement
from faza.core.periods import start_of_day
from faza.core.quality import Quality
from faza.core.reading_types import R_PLUS
from tests.cabinet.factories import (
    ZONE,
    deliver,
    fill,
    give_area,
    make_agreement,
    make_meter,
    make_node,
    make_point,
    make_user,
)
from tests.cabinet.reading import payload, today, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def home():
    """Two points of one person with this week's data, ten hours missing in one of them."""
    user = make_user("kovaleva@example.org", name="Ковалёва М. С.")
    house, shop = make_point("H", "Дом"), make_point("W", "Мастерская")
    make_meter(house, "111", due=today() + timedelta(days=30))
    make_meter(shop, "222")
    make_agreement("Д-1", [user], [house, shop])
    fill(house, today() - timedelta(days=70), today(), 200)
    start = start_of_day(today() - timedelta(days=3), ZONE)
    fill(shop, today() - timedelta(days=70), today() - timedelta(days=3), 100)
    values = [None] * 20 + [100] * 28 + [100] * 96
    quality = [Quality.VALID] * 30 + [Quality.ESTIMATED_BY_DAY] * 10 + [Quality.VALID] * 104
    deliver(shop, start, values, quality=quality)
    return user, house, shop


class TestExplorer:
    def test_missing_is_said_in_words_and_hatched_and_never_zero(self, home, enter):
        day = today() - timedelta(days=3)
        address = f"{reverse('cabinet:explorer')}?point=W&period=day&on={day}"

        response = enter(home[0]).get(address)

        text = words(response)
        assert f"не считая 10 ч без данных {day:%d.%m}" in text
        assert "58,3 % · 10 ч нет данных" in text
        assert response.content.decode().count('class="n gap"') == 20
        profile = payload(response, "profile")["series"][0]
        assert (profile["value"][:20], profile["quality"][:20]) == ([None] * 20, [2] * 20)

    def test_estimated_is_underlined_and_said(self, home, enter):
        day = today() - timedelta(days=3)
        address = f"{reverse('cabinet:explorer')}?point=W&period=day&on={day}"

        response = enter(home[0]).get(address)

        assert response.content.decode().count('class="n est"') == 10 + 1
        assert "расчётное" in words(response)

    def test_a_day_opens_into_its_intervals(self, home, enter):
        day = today() - timedelta(days=2)
        days = f"from={day - timedelta(days=2)}&to={day}"
        address = f"{reverse('cabinet:explorer')}?point=W&period=any&{days}"

        shut, opened = (
            enter(home[0]).get(f"{address}&by=interval{more}") for more in ("", f"&day={day}")
        )

        assert "00:30–01:00" not in words(shut)
        assert "00:30–01:00" in words(opened)

    def test_points_are_summed_or_stand_side_by_side(self, home, enter):
        day = today() - timedelta(days=1)
        address = f"{reverse('cabinet:explorer')}?points=all&period=day&on={day}"

        together, apart = (enter(home[0]).get(f"{address}{more}") for more in ("", "&view=apart"))

        assert [len(payload(page, "profile")["series"]) for page in (together, apart)] == [1, 2]
        assert "14,4 кВт·ч" in words(together)
        assert "14,4 кВт·ч" in words(apart)
        assert "Мастерская, кВт·ч" in words(apart)
        assert "Мастерская, кВт·ч" not in words(together)

    def test_a_channel_without_data_says_so(self, home, enter):
        response = enter(home[0]).get(f"{reverse('cabinet:explorer')}?point=H")

        assert words(response).count("нет данных этого канала") == 3

    def test_a_channel_with_data_can_be_chosen(self, home, enter):
        fill(home[1], today() - timedelta(days=2), today(), 50, kind=R_PLUS)
        day = today() - timedelta(days=1)
        address = (
            f"{reverse('cabinet:explorer')}?point=H&period=day&on={day}&channel=A%2B&channel=R%2B"
        )

        response = enter(home[0]).get(address)

        assert [one["unit"] for one in payload(response, "profile")["series"]] == [
            "кВт·ч",
            "квар·ч",
        ]

    def test_wrong_parameters_are_told_and_the_page_works(self, home, enter):
        asked = "?point=H&period=any&from=2026-13-01&to=x&by=aeon&channel=Z&tree=-1&rows=x&view=q"

        response = enter(home[0]).get(reverse("cabinet:explorer") + asked)

        text = words(response)
        assert response.status_code == 200
        assert "нужны две даты" in text
        assert "Такого разрешения нет" in text
        assert "Такого канала нет" in text

    def test_late_data_are_told(self, enter):
        user, point = make_user("late@example.org"), make_point("L", "Дача")
        make_agreement("Д-9", [user], [point])
        fill(point, today() - timedelta(days=20), today() - timedelta(days=4), 100)

        response = enter(user).get(f"{reverse('cabinet:explorer')}?point=L&period=month")

        assert "запаздывают на" in words(response)

    def test_no_points_yet(self, enter):
        user = make_user("new@example.org")
        make_agreement("Д-9", [user], [])

        for name in ("home", "explorer", "meters"):
            response = enter(user).get(reverse(f"cabinet:{name}"))
            assert response.status_code == 200
        assert "Приборов пока нет" in words(response)

    def test_the_tree_searches_and_opens(self, home, enter):
        client = enter(home[0])
        address = reverse("cabinet:explorer")

        found = words(client.get(f"{address}?q=мастер&point=H"))
        shut = client.get(f"{address}?point=H&shut=a{CustomerAgreement.objects.get().pk}")

        assert "Мастерская" in found
        assert "№ 222" not in words(shut)

    def test_the_choice_stays_in_the_next_section(self, home, enter):
        client = enter(home[0])

        client.get(f"{reverse('cabinet:explorer')}?point=W")

        assert "Мастерская" in words(client.get(reverse("cabinet:home"))).split("Обзор")[2][
            :40
        ] or ("Счётчик" in words(client.get(reverse("cabinet:home"))))

    def test_a_choice_of_somebody_else_in_this_browser_falls_out(self, home, enter):
        stranger = make_user("stranger@example.org")
        client = enter(stranger)
        client.cookies["faza_points"] = "point=W"

        assert "Мастерская" not in words(client.get(reverse("cabinet:explorer")))

    def test_the_file_sums_to_the_page(self, home, enter):
        client = enter(home[0])
        day = today() - timedelta(days=3)
        page = client.get(f"{reverse('cabinet:explorer')}?points=all&period=day&on={day}")
        address = reverse("cabinet:export", args=["csv"])
        file = client.get(f"{address}?points=all&from={day}&to={day}")

        rows = csv.DictReader(io.StringIO(b"".join(file.streaming_content).decode("utf-8-sig")))

        total = sum(Decimal(row["value"]) for row in rows if row["value"])
        assert f"{total:.3f}".replace(".", ",") in words(page)

    def test_a_file_of_nothing_is_refused_in_words(self, home, enter):
        client = enter(home[0])
        address = reverse("cabinet:export", args=["csv"])

        for asked, said in (
            ("?points=none&from=2026-01-01&to=2026-01-02", "Сначала выберите точки"),
            ("?point=H", "нужны две даты"),
            ("?point=H&from=2026-02-02&to=2026-02-01", "раньше, чем начинается"),
        ):
            response = client.get(address + asked)
            assert response.status_code == 400
            assert said in words(response)


class TestBoard:
    def test_facts_need_attention_and_nothing_is_invented(self, home, enter):
        text = words(enter(home[0]).get(reverse("cabinet:home")))

        assert "Мастерская: нет данных за 10 ч" in text
        assert "Дом: поверка счётчика" in text
        assert "прогноз" not in text
        assert "₽" not in text

    def test_all_is_well(self, home, enter):
        fill(home[2], today() - timedelta(days=3), today(), 100)
        home_point = home[1].complexes.get().meter
        type(home_point).objects.filter(pk=home_point.pk).update(verification_due=None)
        deliver(home[2], start_of_day(today() - timedelta(days=3), ZONE), [100] * 144, number=2)

        assert "Всё в порядке" in words(enter(home[0]).get(reverse("cabinet:home")))

    def test_the_last_day_stands_beside_the_same_weekday(self, home, enter):
        found = payload(enter(home[0]).get(reverse("cabinet:home")), "today")

        assert sum(found["series"][0]["value"]) == pytest.approx(14.4)
        assert sum(found["compare"]["value"]) == pytest.approx(14.4)

    def test_in_english(self, home, enter):
        client = enter(home[0])
        client.cookies["django_language"] = "en"

        text = words(client.get(reverse("cabinet:home")))

        assert re.search(r"In \w+ used [\d,.]+ kWh", text) or "There are no data" in text


class TestMeters:
    def test_a_meter_with_its_place_and_state(self, home, enter):
        text = words(enter(home[0]).get(reverse("cabinet:meters")))

        assert 'АО "Сети"\\Дом' in text
        assert "2 прибора учёта, все на связи" in text
        assert "через 30 дней" in text

    @pytest.mark.parametrize(
        "sort", ["point", "-point", "number", "-number", "due", "-due", "x", "model", "address"]
    )
    def test_sorting_keeps_every_meter(self, home, enter, sort):
        text = words(enter(home[0]).get(f"{reverse('cabinet:meters')}?sort={sort}"))

        assert "111" in text
        assert "222" in text

    def test_order_by_number_and_back(self, home, enter):
        client, address = enter(home[0]), reverse("cabinet:meters")

        up, down = (words(client.get(f"{address}?sort={sort}")) for sort in ("number", "-number"))

        assert up.index("111") < up.index("222")
        assert down.index("222") < down.index("111")

    def test_search_and_pages(self, home, enter):
        client, address = enter(home[0]), reverse("cabinet:meters")

        assert "Найдено: 1 прибор" in words(client.get(f"{address}?q=222"))
        assert "Ничего не найдено" in words(client.get(f"{address}?q=999"))
        assert client.get(f"{address}?page=77").status_code == 200


def test_an_operator_gets_the_tree_by_places(enter):
    operator = make_user("operator@example.org", User.Role.OPERATOR)
    area = make_node("TP", "ТП-369", make_node())
    make_point("A", "Ввод 1", node=area)
    make_point("B", "Чужой ввод", node=make_node("ELSE", "Другие"))
    give_area(operator, area)

    text = words(enter(operator).get(reverse("cabinet:explorer")))

    assert "ТП-369" in text
    assert "Чужой ввод" not in text


def test_moments_of_another_zone_are_counted_in_it(enter):
    user, point = make_user("east@example.org"), make_point("E", "Дом", zone="Asia/Kamchatka")
    make_agreement("Д-1", [user], [point])
    now = timezone.now().astimezone(ZoneInfo("Asia/Kamchatka"))
    day = now.date() - timedelta(days=2)
    fill(point, day, day + timedelta(days=1), 100)

    response = enter(user).get(f"{reverse('cabinet:explorer')}?point=E&period=day&on={day}")

    found = payload(response, "profile")
    assert datetime.fromisoformat(found["start"]).utcoffset() == timedelta(hours=12)
    assert "4,8 кВт·ч" in words(response)
    assert "100 %" in words(response)
