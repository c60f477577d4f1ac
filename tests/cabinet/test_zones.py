"""Zones of the day: columns and a tint where all chosen points share a tariff that has them."""

from datetime import timedelta

import pytest
from django.urls import reverse

from faza.core.periods import start_of_day
from tests.cabinet.factories import (
    ZONE,
    deliver,
    fill,
    give_tariff,
    make_agreement,
    make_point,
    make_user,
)
from tests.cabinet.reading import payload, today, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    """A house of two zones: 100 Wh in each half-hour of three days, none of the last night."""
    point, owner = make_point("A", "Дом"), make_user("owner@example.org")
    agreement = make_agreement("Д-1", [owner], [point])
    give_tariff(agreement)
    day = today() - timedelta(days=3)
    fill(point, day - timedelta(days=4), day + timedelta(days=1))
    # From 02:00 to 06:00 nothing was measured.
    values = [100] * 4 + [None] * 8 + [100] * 36
    deliver(point, start_of_day(day + timedelta(days=1), ZONE), values)
    return owner, agreement, day


def address(day, days: int = 2, more: str = "") -> str:
    last = day + timedelta(days=days - 1)
    return f"{reverse('cabinet:explorer')}?point=A&period=any&from={day}&to={last}{more}"


def test_days_are_divided_into_zones(house, enter):
    owner, _, day = house

    said = words(enter(owner).get(address(day)))

    assert "День 07–23" in said
    assert "Ночь 23–07" in said
    # 48, 32 and 16 half-hours; the day after lacks eight of the night.
    assert "4,800 3,200 1,600" in said
    assert "4,000 3,200 0,800" in said


def test_a_zone_that_lacks_hours_is_hatched(house, enter):
    owner, _, day = house

    page = enter(owner).get(address(day)).content.decode()

    assert page.count('class="n wide-only gap" title="4\xa0ч нет данных"') == 1


def test_a_zone_without_any_value_has_none(house, enter):
    owner, agreement, day = house
    point = make_point("B")
    make_agreement("Д-2", [owner], [point], start=agreement.valid_from)
    give_tariff(type(agreement).objects.get(number="Д-2"))
    values = [None] * 14 + [100] * 32 + [None] * 2
    deliver(point, start_of_day(day, ZONE), values)

    said = words(enter(owner).get(address(day).replace("point=A", "point=B")))

    assert "3,200 3,200 нет данных" in said


def test_the_night_is_tinted_and_named(house, enter):
    owner, _, day = house

    response = enter(owner).get(address(day))

    midnight = int(start_of_day(day, ZONE).timestamp() * 1000)
    hour = 3_600_000
    assert payload(response, "profile")["nights"] == [
        [midnight, midnight + 7 * hour],
        [midnight + 23 * hour, midnight + 31 * hour],
        [midnight + 47 * hour, midnight + 48 * hour],
    ]
    assert "ночь, 23–07" in words(response)


def test_the_board_tints_the_night_too(house, enter):
    response = enter(house[0]).get(reverse("cabinet:home"))

    assert len(payload(response, "today")["nights"]) == 2
    assert "ночь, 23–07" in words(response)


@pytest.mark.parametrize("more", ["&by=day", "&channel=A%2B&channel=R%2B"])
def test_other_tables_have_no_zones(house, enter, more):
    owner, _, day = house

    assert "Ночь 23–07" not in words(enter(owner).get(address(day, more=more)))


def test_points_of_different_tariffs_have_no_zones(house, enter):
    owner, _, day = house
    other = make_point("B")
    make_agreement("Д-2", [owner], [other])
    fill(other, day, day + timedelta(days=2))

    said = words(enter(owner).get(address(day, more="&point=B")))

    assert "23–07" not in said
