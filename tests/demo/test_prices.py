"""The demo's prices: all are examples, none is missing, and what is kept up is kept up once."""

from datetime import date, timedelta

import pytest

from faza.demo import people, prices
from faza.demo.plan import POINTS
from faza.tariffs import queries, services
from faza.tariffs.models import HourlyPrice, PeakHour, Price, Tariff

pytestmark = pytest.mark.django_db
SINCE, TODAY = date(2025, 9, 1), date(2026, 11, 22)


@pytest.fixture
def books():
    services.import_shipped()
    prices.set_up(SINCE, TODAY)
    ids = Tariff.objects.values_list("pk", flat=True)
    found = queries.books(ids, SINCE, TODAY + timedelta(days=1))
    return {book.tariff.code: book for book in found.values()}


def test_every_price_is_marked_as_an_example(books):
    assert not Price.objects.filter(is_example=False).exists()
    assert not HourlyPrice.objects.filter(is_example=False).exists()
    assert not PeakHour.objects.filter(is_example=False).exists()


def test_every_tariff_has_what_its_kind_needs_on_every_day(books):
    services = {"transmission_energy", "margin", "other"}
    needs = {
        0: {"energy", "export"},
        1: services | {"energy"},
        2: services | {"energy"},
        3: services | {"capacity"},
        4: services | {"capacity", "transmission_capacity"},
    }
    days = [SINCE + timedelta(days=n) for n in range((TODAY - SINCE).days + 1)]
    for book in books.values():
        for day in days:
            told = {row.component for row in book.prices_on(day)}
            assert told == needs[book.tariff.category], (book.tariff.code, day)
            assert book.zone_of_minutes(day), (book.tariff.code, day)
            assert book.vat_on(day)
        if book.tariff.category:
            assert set(days) <= set(book.market.hourly)
            assert all(book.market.network_hours(day) for day in days)
            working = {day for day in days if book.is_working_day(day)}
            assert working == set(book.market.generation)


def test_household_prices_rise_with_the_tax_and_the_indexation(books):
    changes = books["HH2"].change_days(SINCE, TODAY)

    assert changes == [date(2026, 1, 1), date(2026, 10, 1)]
    assert books["HH2"].range_bounds(date(2026, 1, 1))[0] == 700
    assert books["HH2"].range_bounds(date(2026, 7, 1))[0] == 500


def test_keeping_up_adds_what_is_new_and_nothing_twice(books):
    before = Price.objects.count(), HourlyPrice.objects.count(), PeakHour.objects.count()

    assert prices.keep(SINCE, TODAY) == 0
    assert (Price.objects.count(), HourlyPrice.objects.count(), PeakHour.objects.count()) == before
    assert prices.keep(SINCE, date(2026, 12, 1)) == 9
    assert Price.objects.count() > before[0]
    assert prices.keep(SINCE, date(2026, 12, 1)) == 0


def test_what_points_are_billed_by_is_there(books):
    asked = {point.billed or point.tariff for point in POINTS} - {None}

    assert asked <= set(books)


def test_points_of_an_agreement_are_billed_alike():
    for contract in people.contracts():
        household = contract.kind == "household"
        told = {POINTS[n].billed for n in contract.points}
        assert household or len(told) == 1, contract.number
