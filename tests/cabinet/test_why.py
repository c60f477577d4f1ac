"""«Why estimated?»: what the page says of a stretch that nobody measured, and to whom."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from faza.accounts.models import User
from faza.core.periods import ALWAYS, Period, start_of_day
from faza.core.quality import Quality
from faza.core.reading_types import A_PLUS
from faza.core.windows import Window, Windows
from faza.readings import queries, services
from faza.readings.blocks import BlockBatch
from faza.readings.models import Provenance
from faza.readings.vee import deeds
from tests.cabinet.factories import ZONE, deliver, fill, make_agreement, make_point, make_user
from tests.cabinet.reading import today, words
from tests.cabinet.test_query_counts import counted
from tests.readings.vee.world import work

pytestmark = pytest.mark.django_db

SLOTS = slice(40, 48)
"""Half-hours from 20:00 to midnight."""


def estimate(point, day, *, method="like-days", inputs=None) -> None:
    """The last four hours of a day, 50 Wh in each half-hour, reckoned the next day at 10:40."""
    quality = [int(Quality.UNTOLD)] * 48
    quality[SLOTS] = [int(Quality.ESTIMATED_BY_DAY)] * 8
    batch = BlockBatch.from_series(
        usage_points=[point.pk],
        reading_types=[A_PLUS.code],
        start=start_of_day(day, ZONE),
        interval=30,
        values=[[50] * 48],
        quality=[quality],
        zone=ZONE,
    )
    services.amend(
        batch,
        layer=Provenance.Layer.ESTIMATE,
        source=services.get_source("estimate"),
        at=start_of_day(day + timedelta(days=1), ZONE) + timedelta(hours=10, minutes=40),
        method=method,
        inputs=inputs or {},
    )


@pytest.fixture
def shop():
    """A point of which five days are measured but the last four hours of the second."""
    point = make_point("A", "Мастерская")
    owner = make_user("owner@example.org")
    make_agreement("Д-1", [owner], [point])
    day = today() - timedelta(days=5)
    fill(point, day, day + timedelta(days=1))
    values = [100] * 40 + [None] * 8
    deliver(point, start_of_day(day + timedelta(days=1), ZONE), values)
    fill(point, day + timedelta(days=2), today())
    return point, owner, day + timedelta(days=1)


def address(day, period: str = "day", page: str = "cabinet:why") -> str:
    return f"{reverse(page)}?point=A&period={period}&on={day}"


def test_a_stretch_is_explained_line_by_line(shop, enter):
    point, owner, day = shop
    week_before = day - timedelta(days=7)
    bound = {"by": "register", "energy": 400, "resolution": 1, "residual": 0}
    estimate(point, day, inputs={"days": [str(week_before)], "bounds": [bound]})

    said = words(enter(owner).get(address(day)))

    assert f"{day:%d.%m} с 20:00 до 24:00 · 0,400 кВт·ч" in said
    assert f"Нет измеренных значений: {day:%d.%m} с 20:00 до 24:00" in said
    assert "Почему расчётное?" in said
    assert "По похожим дням" in said
    assert "Показания счётчика на краях промежутка" in said
    assert f"День {week_before:%d.%m}" in said
    assert f"{day + timedelta(days=1):%d.%m.%Y} 10:40" in said
    assert "Сумма за промежуток точная, распределение по часам — оценка." in said


def test_a_rule_that_nobody_described_is_explained_in_general(shop, enter):
    point, owner, day = shop
    estimate(point, day, method="moon_phase")

    said = words(enter(owner).get(address(day)))

    assert "Правило системы, у которого ещё нет описания" in said
    assert "И сумма, и распределение по часам — оценка." in said
    assert "Из чего" not in said


def test_what_the_sender_marked_itself_is_said_to_be_so(enter):
    point, owner = make_point("A"), make_user("owner@example.org")
    make_agreement("Д-1", [owner], [point])
    day = today() - timedelta(days=2)
    quality = [int(Quality.ESTIMATED_BY_DAY)] * 48
    deliver(point, start_of_day(day, ZONE), [100] * 48, quality=quality)

    said = words(enter(owner).get(address(day)))

    assert "Отправитель передал значения с пометкой «расчётные»." in said


def test_where_everything_is_measured_it_says_so(shop, enter):
    _, owner, day = shop

    assert "расчётных значений нет" in words(enter(owner).get(address(day + timedelta(days=1))))


def test_the_explorer_leads_there_from_its_table_and_its_legend(shop, enter):
    point, owner, day = shop
    estimate(point, day)
    client = enter(owner)

    page = client.get(
        f"{reverse('cabinet:explorer')}?point=A&period=any&from={day}&to={day + timedelta(days=2)}"
    ).content.decode()

    there = f"{reverse('cabinet:why')}?point=A&amp;channel=A%2B&amp;period=day&amp;on={day}"
    assert page.count(f'href="{there}"') == 1
    assert page.count('data-sheet-from="#origins"') == 2
    assert client.get(there.replace("&amp;", "&")).status_code == 200


def test_nothing_leads_there_where_all_is_measured(shop, enter):
    _, owner, day = shop

    page = enter(owner).get(address(day + timedelta(days=1), page="cabinet:explorer"))

    assert "data-sheet-from" not in page.content.decode()


def test_several_points_are_not_explained_together(shop, enter):
    owner, day = shop[1], shop[2]
    make_agreement("Д-2", [owner], [make_point("B")])

    response = enter(owner).get(f"{reverse('cabinet:why')}?points=all&period=day&on={day}")

    assert "Выберите одну точку" in words(response)


def test_it_asks_no_more_than_sixteen_questions(shop, enter):
    point, owner, day = shop
    estimate(point, day)
    client = enter(owner)
    client.get(address(day))

    with counted() as told:
        client.get(address(day))

    assert len(told) <= 16


def interval(day, slot: int = SLOTS.start) -> str:
    """The address of one half-hour of a day."""
    start = start_of_day(day, ZONE) + slot * timedelta(minutes=30)
    return f"{address(day)}&interval={int(start.timestamp())}"


def test_what_is_missing_is_explained_and_what_comes_next_is_told(shop, enter):
    _, owner, day = shop
    client = enter(owner)

    said = words(client.get(address(day)))

    assert "Почему нет данных?" in said
    assert f"{day:%d.%m} с 20:00 до 24:00 · нет данных" in said
    assert "Рассчитать значение пока не из чего. Нулём оно не считается" in said


def test_a_young_gap_waits_for_reading(enter, monkeypatch):
    point, owner = make_point("A"), make_user("owner@example.org")
    make_agreement("Д-1", [owner], [point])
    day = today() - timedelta(days=2)
    deliver(point, start_of_day(day, ZONE), [100] * 40 + [None] * 8)
    fill(point, day + timedelta(days=1), today())
    monkeypatch.setattr(
        timezone, "now", lambda: start_of_day(day + timedelta(days=1), ZONE) + timedelta(hours=4)
    )

    said = words(enter(owner).get(address(day)))

    assert "Если за 20 часов он ничего не отдаст, значение рассчитают." in said


def test_a_rejected_value_is_shown_with_the_rule_and_its_numbers(shop, enter):
    point, owner, day = shop
    point.max_power = 15_000
    point.save()
    after = start_of_day(day, ZONE) + timedelta(days=1)
    deliver(point, after, [90_000] + [100] * 47, number=9)
    work(timezone.now())

    said = words(enter(owner).get(interval(day + timedelta(days=1), 0)))

    assert "Значение пришло, но не прошло проверку." in said
    assert "Выше физического предела" in said
    assert "90,000 кВт·ч" in said


def test_one_interval_through_its_life(shop, enter):
    """Missing, estimated by the job, measured when the truth comes late: each is told."""
    point, owner, day = shop
    fill(point, day - timedelta(days=20), day)
    client = enter(owner)
    assert "Почему нет данных?" in words(client.get(interval(day)))

    work(timezone.now())
    said = words(client.get(interval(day)))
    assert "Почему расчётное?" in said
    assert "Из чего" in said
    assert "Дни " in said
    assert "Что было раньше" in said
    assert "так сейчас" in said

    deliver(point, start_of_day(day, ZONE), [100] * 48, number=2)
    said = words(client.get(interval(day)))
    assert "0,100 кВт·ч · измерено" in said
    assert "так сейчас" in said
    history = said[said.index("Что было раньше") :]
    assert history.index("нет данных") < history.index("расчётное") < history.index("измерено")


def test_a_person_of_the_company_has_no_name_here(shop, enter):
    point, owner, day = shop
    clerk = make_user("clerk@example.org", User.Role.ADMINISTRATOR, "Семён Тайный")
    start = start_of_day(day, ZONE) + timedelta(hours=20)
    deeds.edit(point, A_PLUS.code, start, [123], by=clerk, at=timezone.now(), reason="Акт 7")
    deeds.withdraw(
        point, A_PLUS.code, start, start + timedelta(minutes=30),
        layer=Provenance.Layer.OVERRIDE, by=clerk, at=timezone.now(), reason="Ошибка",
    )  # fmt: skip

    said = words(enter(owner).get(interval(day)))

    assert "0,123 кВт·ч · введено вручную" in said
    assert "сотрудник сетевой компании" in said
    assert "Тайный" not in said
    assert "clerk@" not in said


def test_nobody_sees_what_lies_outside_the_window(shop, enter):
    point, _, day = shop
    sold = start_of_day(day, ZONE) + timedelta(hours=20)
    stranger = make_user("new@example.org")
    make_agreement("Д-9", [stranger], [make_point("B", "Другая")])
    old = make_user("old@example.org")
    make_agreement("Д-8", [old], [point], end=sold)
    estimate(point, day)

    assert enter(stranger).get(interval(day)).status_code == 404
    said = words(enter(old).get(interval(day)))
    assert "Что было раньше" not in said
    assert "0,400" not in said
    assert "0,050" not in said


def test_an_interval_that_is_none_shows_the_whole_day(shop, enter):
    _, owner, day = shop
    for text in ("x", "-1", "99999999999", "999999999999999999999", "²"):
        response = enter(owner).get(f"{address(day)}&interval={text}")
        assert response.status_code == 200
        assert "Что было раньше" not in words(response)


def test_each_missing_interval_of_the_table_leads_to_its_explanation(shop, enter):
    _, owner, day = shop
    client = enter(owner)

    page = client.get(address(day, page="cabinet:explorer")).content.decode()

    start = int((start_of_day(day, ZONE) + timedelta(hours=20)).timestamp())
    assert f"interval={start}" in page
    assert page.count("&amp;interval=") == 8


class TestOrigins:
    def test_they_end_with_the_readers_window(self, shop):
        point, _, day = shop
        estimate(point, day)
        sold = start_of_day(day, ZONE) + timedelta(hours=22)
        window = Window(point.pk, ZONE, Period(ALWAYS, sold))

        found = queries.origins(Windows((window,)), A_PLUS.code, day, day + timedelta(days=1))

        (one,) = found
        assert datetime.fromtimestamp(one.start, UTC) == sold - timedelta(hours=2)
        assert datetime.fromtimestamp(one.end, UTC) == sold
        assert (one.method, one.kind, one.is_override) == ("like-days", "estimate", False)

    def test_one_question_where_nothing_is_amended(self, shop, django_assert_num_queries):
        point, _, day = shop
        windows = Windows((Window(point.pk, ZONE, Period(ALWAYS, start_of_day(today(), ZONE))),))

        with django_assert_num_queries(1):
            assert queries.origins(windows, A_PLUS.code, day, today()) == ()
