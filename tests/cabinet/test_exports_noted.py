"""What staff take away as a file is in the trail; what a subscriber takes of the own is not."""

from datetime import timedelta

import pytest
from django.urls import reverse

from faza.accounts.models import User
from faza.audit import services
from faza.audit.models import Entry
from faza.audit.services import LISTED_POINTS
from faza.contracts import services as contracts
from faza.contracts.models import Customer
from tests.cabinet.factories import (
    SINCE,
    fill,
    give_area,
    give_house,
    make_agreement,
    make_point,
    make_user,
)
from tests.cabinet.reading import today

pytestmark = pytest.mark.django_db

STAFF = [role for role in User.Role if role != User.Role.SUBSCRIBER]


@pytest.fixture
def grid():
    """A common meter of a house with an owner, a supplier and data of three days."""
    point = make_point("F7", "Дом", is_common=True)
    supplier = contracts.add_customer(
        Customer(kind=Customer.Kind.ORGANISATION, name="Сбыт"), at=SINCE
    )
    owner = make_user("owner@example.org")
    make_agreement("Д-1", [owner], [point], supplier=supplier)
    fill(point, today() - timedelta(days=3), today())
    return point, owner, supplier


def reader(role: User.Role, grid) -> User:
    point, _, supplier = grid
    user = make_user(f"{role}@example.org", role)
    if role == User.Role.SUPPLIER:
        contracts.admit_member(user=user, customer=supplier, at=SINCE)
    elif role == User.Role.HOUSE_MANAGER:
        give_house(user, point.node)
    elif role == User.Role.OPERATOR:
        give_area(user, point.node)
    return user


def taken(format: str = "csv", query: str = "point=F7", days: int = 2) -> str:
    first, last = today() - timedelta(days=days), today() - timedelta(days=1)
    return f"{reverse('cabinet:export', args=[format])}?{query}&from={first}&to={last}"


def exports():
    return Entry.objects.filter(action="readings.export.taken")


@pytest.mark.parametrize("role", STAFF)
def test_a_file_for_staff_is_in_the_trail_once(grid, enter, role):
    user = reader(role, grid)
    address = taken("xlsx", "point=F7&channel=A%2B&channel=R%2B")

    response = enter(user).get(address, REMOTE_ADDR="198.51.100.7")

    assert response.status_code == 200
    entry = exports().get()
    assert entry.person is not None
    assert (entry.person.user, entry.object_id) == (user.pk, str(user.pk))
    assert str(entry.address) == "198.51.100.7"
    assert entry.after == {
        "points": ["F7"],
        "points_count": 1,
        "first": str(today() - timedelta(days=2)),
        "last": str(today() - timedelta(days=1)),
        "channels": ["A+", "R+"],
        "format": "xlsx",
    }


def test_a_subscribers_own_file_is_not(grid, enter):
    response = enter(grid[1]).get(taken())

    assert response.status_code == 200
    assert not exports().exists()


def test_nor_is_a_file_that_was_not_given(grid, enter):
    client = enter(reader(User.Role.AUDITOR, grid))

    assert client.get(taken(query="points=none")).status_code == 400
    assert client.get(taken(query="point=ABSENT")).status_code == 404
    assert not exports().exists()


def test_an_entry_counts_all_points_and_names_a_hundred(grid):
    user = reader(User.Role.AUDITOR, grid)
    codes = [f"P{n}" for n in range(LISTED_POINTS + 20)]

    entry = services.note_export(
        of=user, by=user, at=SINCE, points=codes, first=today(), last=today(), channels=["A+"],
        format="csv",
    )  # fmt: skip

    assert entry.after is not None
    assert (len(entry.after["points"]), entry.after["points_count"]) == (100, 120)
