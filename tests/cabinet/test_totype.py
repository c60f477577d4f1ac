"""What is still to be typed, told by the menu, the board and its tile; until it is sent."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from faza.accounts.models import User
from faza.cabinet import totype
from faza.core.periods import Period
from faza.manual_entry import still
from faza.manual_entry.models import EntryException, EntryRule
from faza.manual_entry.still import Open
from faza.metering.models import UsagePoint
from tests.cabinet.factories import fill, make_agreement, make_meter, make_point, make_user
from tests.cabinet.reading import words
from tests.manual_entry.factories import make_entry

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 11, tzinfo=UTC)
"""14:00 in Moscow; the window of the rule closes at the end of the 25th."""
CLOSES = datetime(2026, 11, 25, 21, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def rule():
    return EntryRule.objects.create(made_at=NOW, first_day=15, last_day=25)


@pytest.fixture
def owner():
    user = make_user("owner@example.org")
    points = [make_point("BATH", "Баня"), make_point("CAR", "Гараж")]
    for point in points:
        make_meter(point, point.code)
    make_agreement("1", [user], points)
    return user


def found(user, at=NOW):
    return [(one.point.name, one.window.end) for one in still.of(user, at=at)]


class TestFound:
    def test_points_that_nobody_reads_while_a_window_is_open(self, owner, rule):
        assert found(owner) == [("Баня", CLOSES), ("Гараж", CLOSES)]

    def test_to_the_last_second_of_the_window(self, owner, rule):
        assert len(found(owner, CLOSES - timedelta(seconds=1))) == 2
        assert found(owner, CLOSES) == []

    def test_not_of_those_that_are_read_from_afar(self, owner, rule):
        fill(UsagePoint.objects.get(code="CAR"), NOW.date() - timedelta(days=2), NOW.date())

        assert [name for name, _ in found(owner)] == ["Баня"]

    @pytest.mark.parametrize(
        ("state", "n_left"), [("sent", 1), ("approved", 1), ("refused", 2), ("withdrawn", 2)]
    )
    def test_what_was_sent_is_not_told_again_what_was_refused_is(self, owner, rule, state, n_left):
        entry = make_entry(UsagePoint.objects.get(code="CAR"), owner, {0: 1}, at=NOW - HOUR)
        entry.state, entry.decided_at = state, None if state == "sent" else NOW
        entry.save()

        assert len(found(owner)) == n_left

    def test_what_the_desk_has_opened(self, owner):
        assert found(owner) == []
        point = UsagePoint.objects.get(code="CAR")
        EntryException.objects.create(
            usage_point=point, starts_at=NOW - HOUR, ends_at=NOW + HOUR, is_open=True,
            reason="Ремонт", made_at=NOW,
        )  # fmt: skip

        assert found(owner) == [("Гараж", NOW + HOUR)]

    def test_nobodys_points_of_others(self, owner, rule):
        assert found(make_user("other@example.org")) == []
        assert found(make_user("op@example.org", User.Role.OPERATOR)) == []

    def test_whoever_had_the_point_before_has_nothing_to_type(self, rule):
        user = make_user("former@example.org")
        point = make_point("A", "Дом")
        make_meter(point, "1")
        make_agreement("1", [user], [point], end=NOW - HOUR)

        assert found(user) == []

    def test_of_very_many_points_pages_say_nothing(self, owner, rule, monkeypatch):
        monkeypatch.setattr(still, "MOST", 1)

        assert found(owner) == []

    def test_it_is_remembered_until_the_person_sends(self, owner, rule, django_assert_num_queries):
        told = totype.of(owner, at=NOW)
        with django_assert_num_queries(0):
            assert totype.of(owner, at=NOW) == told != []
            assert totype.of(owner, at=CLOSES) == []
        make_entry(told[0].point, owner, {0: 1}, at=NOW)

        totype.forget(owner)

        assert len(totype.of(owner, at=NOW)) == len(told) - 1

    def test_where_nobody_types_it_costs_two_questions(self, owner, django_assert_num_queries):
        with django_assert_num_queries(2):
            assert still.of(owner, at=NOW) == []


class TestTold:
    def test_the_bell_brings_the_menus_marks(self, owner, rule, enter):
        page = enter(owner).get(reverse("cabinet:bell")).content.decode()

        assert '<span id="mark-entry" class="cnt w" hx-swap-oob="true">4 дня</span>' in page
        assert '<em id="mark-entry-phone" hx-swap-oob="true">2</em>' in page

    def test_where_nothing_is_to_type_it_brings_none(self, owner, enter):
        assert "mark-entry" not in enter(owner).get(reverse("cabinet:bell")).content.decode()

    def test_every_place_that_the_bell_fills_is_in_the_menu(self, owner, enter):
        page = enter(owner).get(reverse("cabinet:meters")).content.decode()

        assert page.count('id="mark-entry"') == page.count('id="mark-entry-phone"') == 1

    def test_the_board_says_it_first_and_on_its_tile(self, owner, rule, enter):
        page = words(enter(owner).get(reverse("cabinet:home")))

        assert "Передайте показания: Баня, Гараж" in page
        assert "Окно закроется 25.11 в 23:59" in page
        assert "2 точки учёта, до 25.11" in page

    @pytest.mark.parametrize(
        ("rest", "said"),
        [
            (timedelta(days=4, hours=9), "4 дня"),
            (timedelta(days=1), "1 день"),
            (timedelta(days=12), "12 дней"),
            (timedelta(hours=23, minutes=59), "23 ч"),
            (timedelta(minutes=3), "1 ч"),
        ],
    )
    def test_what_is_left_of_it(self, rest, said):
        one = Open(UsagePoint(zone="Europe/Moscow"), Period(NOW - HOUR, NOW + rest))

        assert totype.left([one], at=NOW).replace("\xa0", " ") == said

    def test_three_points_are_counted(self):
        one = Open(UsagePoint(name="Дом", zone="Europe/Moscow"), Period(NOW - HOUR, CLOSES))

        assert totype.notices([one] * 3)[0].title == "Передайте показания: 3 точки учёта"
