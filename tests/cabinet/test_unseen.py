"""New events beside the journal in the menu: since the last look, of own points, counted once."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse

from faza.accounts.models import User
from faza.cabinet.events import unseen, visits
from tests.cabinet.factories import make_agreement, make_meter, make_point, make_user
from tests.events.factories import happen

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 11, tzinfo=UTC)
LOOKED = NOW - timedelta(hours=5)


@pytest.fixture(autouse=True)
def _moment(monkeypatch):
    from django.utils import timezone

    cache.clear()
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def owner():
    user = make_user("kovaleva@example.org")
    house, foreign = make_point("H", "Дом"), make_point("F", "Чужой дом")
    meters = [make_meter(house, "111"), make_meter(foreign, "222")]
    make_agreement("Д-1", [user], [house])
    make_agreement("Д-2", [make_user("other@example.org")], [foreign])
    for point, meter in zip((house, foreign), meters, strict=True):
        happen(("2026-11-21 01:00:00", 2, 1), point=point.pk, meter=meter.pk,
               at=LOOKED - timedelta(hours=1))  # fmt: skip
        # One happened before the look and came after it, one both after it.
        happen(("2026-11-20 23:00:00", 3, 68), ("2026-11-21 09:40:00", 2, 2), point=point.pk,
               meter=meter.pk, at=NOW - timedelta(hours=1))  # fmt: skip
    return user


def bell(client, user: User, *, looked: datetime | None = LOOKED) -> str:
    if looked is not None:
        moment = int(looked.timestamp())
        client.cookies[visits.COOKIE] = f"{user.pk}.{moment}.{moment}"
    return client.get(reverse("cabinet:bell")).content.decode()


def test_what_came_since_the_last_look_is_counted_of_the_own_points(owner, enter):
    page = bell(enter(owner), owner)
    assert page.count('id="mark-events"') == page.count('id="mark-events-phone"') == 1
    assert '<span aria-hidden="true">2</span>' in page
    assert "2 новых события" in page


def test_a_look_at_the_journal_takes_it_away(owner, enter):
    client = enter(owner)
    client.get(reverse("cabinet:events"))
    assert "mark-events" not in bell(client, owner, looked=None)


def test_before_the_first_look_and_for_staff_nothing_is_new(owner, enter):
    assert "mark-events" not in bell(enter(owner), owner, looked=None)
    admin = make_user("admin@example.org", User.Role.ADMINISTRATOR)
    assert "mark-events" not in bell(enter(admin), admin)


def test_the_cookie_of_somebody_else_counts_nothing(owner, enter):
    client = enter(owner)
    other = make_user("else@example.org")
    assert "mark-events" not in bell(client, other)


def test_the_next_page_asks_nobody(owner, enter, rf, django_assert_num_queries):
    request = rf.get("/")
    moment = int(LOOKED.timestamp())
    request.COOKIES[visits.COOKIE] = f"{owner.pk}.{moment}.{moment}"
    assert unseen.count(request, owner, at=NOW) == 2
    with django_assert_num_queries(0):
        assert unseen.count(request, owner, at=NOW) == 2


def test_a_hundred_and_more_are_not_counted_out(owner, enter):
    from faza.metering.models import UsagePoint

    house = UsagePoint.objects.get(code="H")
    happen(*((f"2026-11-21 02:{n // 60:02d}:{n % 60:02d}", 3, 68) for n in range(120)),
           point=house.pk, meter=0, at=NOW - timedelta(minutes=5))  # fmt: skip
    assert "99+" in bell(enter(owner), owner)


def test_the_menu_has_both_places(owner, enter):
    page = enter(owner).get(reverse("cabinet:meters")).content.decode()
    assert page.count('id="mark-events"') == page.count('id="mark-events-phone"') == 1
