"""How many questions each page asks the database: the same with 60 points as with 6,000.

A number here changes only on purpose. Statements are counted at the driver, because the interval
store does not go through Django's cursors. Two of each page are the session's and the person's;
of a subscriber's and a supplier's, a third asks for which customers they read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from faza.accounts.models import User
from faza.contracts import services as contracts
from faza.contracts.models import AgreementPoint, Customer
from faza.metering.models import UsagePoint
from tests.cabinet.factories import (
    SINCE,
    fill,
    give_area,
    give_house,
    give_tariff,
    make_agreement,
    make_node,
    make_point,
    make_user,
)

pytestmark = pytest.mark.django_db

# (address, query) -> questions of each of ROLES
ROLES = ("subscriber", "administrator", "operator", "supplier", "house_manager")
COUNTS = {
    ("cabinet:home", "?point=A"): (27, 25, 26, 26, 26),
    ("cabinet:explorer", "?point=A"): (12, 11, 12, 12, 11),
    ("cabinet:explorer", "?point=A&period=month&by=day&compare=1"): (12, 11, 12, 12, 12),
    ("cabinet:explorer", "?point=A&period=year"): (12, 11, 12, 12, 12),
    ("cabinet:explorer", "?point=A&q=%D0%B2%D0%B2%D0%BE%D0%B4"): (12, 11, 12, 12, 11),
    ("cabinet:explorer", "?point=A&open=a1&rows=200"): (12, 11, 12, 12, 11),
    ("cabinet:costs", "?point=A"): (12, 11, 12, 12, 12),
    ("cabinet:reports", "?point=A"): (9, 8, 9, 9, 9),
    ("cabinet:reports", "?point=A&kind=load-profile"): (11, 10, 11, 11, 11),
    ("cabinet:reports", "?point=A&choose=1"): (11, 10, 11, 11, 11),
    ("cabinet:events", "?point=A"): (9, 8, 9, 9, 9),
    ("cabinet:search", "?q=%D0%B2%D0%B2%D0%BE%D0%B4"): (6, 5, 5, 6, 5),
    ("cabinet:registers", "?point=A"): (7, 6, 7, 7, 7),
    ("cabinet:registers", "?point=A&period=year"): (7, 6, 7, 7, 7),
    ("cabinet:history", "?point=A"): (14, 13, 14, 14, 14),
    ("cabinet:resources", "?point=A"): (14, 13, 14, 14, 14),
    ("cabinet:meters", ""): (14, 13, 14, 14, 14),
    ("cabinet:network", "?point=A"): (9, 8, 9, 9, 9),
    ("cabinet:passport", "?point=A"): (8, 7, 8, 8, 8),
    ("cabinet:passport", "?points=all"): (10, 9, 10, 10, 10),
    ("cabinet:complexes", "?point=A"): (8, 7, 8, 8, 8),
    ("cabinet:complexes", "?points=all&q=1"): (9, 8, 9, 9, 9),
    ("cabinet:agreements", ""): (9, 4, 4, 9, 5),
    ("cabinet:agreements", "?q=1"): (6, 3, 3, 6, 4),
    ("cabinet:entry", ""): (20, 3, 3, 4, 21),
    ("cabinet:entry", "?page=2&q=%D0%B2%D0%B2%D0%BE%D0%B4"): (18, 3, 3, 4, 19),
    ("cabinet:entry_history", ""): (5, 3, 3, 4, 5),
    ("cabinet:entry_file", ""): (5, 4, 4, 5, 5),
    ("cabinet:help", "?q=1"): (3, 2, 2, 3, 2),
    ("cabinet:about", ""): (3, 2, 2, 3, 2),
    ("cabinet:meters", "?sort=-number&page=2"): (14, 13, 14, 14, 14),
}
MOST_OF_EXPLORER = 12


@pytest.fixture(autouse=True)
def _noon(monkeypatch):
    """The middle of a day: in its first minutes nothing of it has arrived, which asks less."""
    noon = timezone.now().replace(hour=9, minute=0)
    monkeypatch.setattr(timezone, "now", lambda: noon)


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that reach the driver while the block runs."""
    told: list[str] = []
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        connection.connection.set_trace_callback(told.append)
        try:
            yield told
        finally:
            connection.connection.set_trace_callback(None)
        return
    import psycopg

    execute = psycopg.Cursor.execute

    def counting(self, query, *args, **kwargs):
        told.append(str(query))
        return execute(self, query, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(psycopg.Cursor, "execute", counting)
        yield told


def make_grid(count: int) -> tuple[User, ...]:
    """A person of each role who sees `count` points; data of this week at the first point."""
    owner = make_user("owner@example.org")
    admin = make_user("admin@example.org", User.Role.ADMINISTRATOR)
    operator = make_user("operator@example.org", User.Role.OPERATOR)
    supplier = make_user("supplier@example.org", User.Role.SUPPLIER)
    manager = make_user("manager@example.org", User.Role.HOUSE_MANAGER)
    places = [make_node(f"N{n}", f"РУ {n}", make_node()) for n in range(20)]
    for place in places:
        give_area(operator, place)
        give_house(manager, place)
    sales = contracts.add_customer(Customer(kind=Customer.Kind.ORGANISATION, name="Сбыт"), at=SINCE)
    contracts.admit_member(user=supplier, customer=sales, at=SINCE)
    first = make_point("A", "Аптека", node=places[0], is_common=True)
    agreement = make_agreement("Д-1", [owner], [first], supplier=sales)
    give_tariff(agreement)
    points = UsagePoint.objects.bulk_create(
        UsagePoint(
            code=f"P{n:05d}", name=f"Ввод {n}", node=places[n % 20], phases=1, is_common=True
        )
        for n in range(count - 1)
    )
    AgreementPoint.objects.bulk_create(
        AgreementPoint(agreement=agreement, usage_point=point, valid_from=SINCE) for point in points
    )
    now = timezone.now()
    fill(first, (now - timedelta(days=5)).date(), (now + timedelta(days=1)).date())
    count_rows()
    return owner, admin, operator, supplier, manager


def count_rows() -> None:
    """Tell the planner what there is, as its daemon does.

    A vacuum in the middle of the filling has seen no rows on many pages; who believes it takes
    minutes for a page.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def asked(enter, count: int) -> dict[tuple[str, str], tuple[int, ...]]:
    people = make_grid(count)
    found = {}
    for name, query in COUNTS:
        numbers = []
        for user in people:
            client = enter(user)
            client.get(reverse(name) + query)
            with counted() as told:
                assert client.get(reverse(name) + query).status_code == 200
            numbers.append(len(told))
        found[(name, query)] = tuple(numbers)
    return found


@pytest.mark.parametrize("count", [60, 6000])
def test_pages_ask_as_often_with_few_points_as_with_many(enter, count):
    assert asked(enter, count) == COUNTS


def test_the_explorer_stays_under_its_limit():
    most = max(max(counts) for (name, _), counts in COUNTS.items() if name == "cabinet:explorer")

    assert most <= MOST_OF_EXPLORER
