"""«Why estimated?»: what the page says of a stretch that nobody measured, and to whom."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from faza.core.periods import ALWAYS, Period, start_of_day
from faza.core.quality import Quality
from faza.core.reading_types import A_PLUS
from faza.core.windows import Window, Windows
from faza.readings import queries, services
from faza.readings.blocks import BlockBatch
from faza.readings.models import Provenance
from tests.cabinet.factories import ZONE, deliver, fill, make_agreement, make_point, make_user
from tests.cabinet.reading import today, words
from tests.cabinet.test_query_counts import counted

pytestmark = pytest.mark.django_db

SLOTS = slice(40, 48)
"""Half-hours from 20:00 to midnight."""


def estimate(point, day, *, method="similar_days", inputs=None) -> None:
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
    estimate(point, day, inputs={"days": [str(week_before)], "registers": True})

    said = words(enter(owner).get(address(day)))

    assert f"{day:%d.%m} с 20:00 до 24:00 · 0,400 кВт·ч" in said
    assert f"Нет измеренных значений: {day:%d.%m} с 20:00 до 24:00" in said
    assert "Похожие дни, приведено к разности показаний" in said
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


def test_it_asks_no_more_than_twelve_questions(shop, enter):
    point, owner, day = shop
    estimate(point, day)
    client = enter(owner)
    client.get(address(day))

    with counted() as told:
        client.get(address(day))

    assert len(told) <= 12


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
        assert (one.method, one.kind, one.is_override) == ("similar_days", "estimate", False)

    def test_one_question_where_nothing_is_amended(self, shop, django_assert_num_queries):
        point, _, day = shop
        windows = Windows((Window(point.pk, ZONE, Period(ALWAYS, start_of_day(today(), ZONE))),))

        with django_assert_num_queries(1):
            assert queries.origins(windows, A_PLUS.code, day, today()) == ()
