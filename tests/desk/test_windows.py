"""Entry windows at the desk: rules and exceptions made, changed, ended; by whom, for how many."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from faza.accounts.models import User
from faza.audit.models import Entry as Deed
from faza.manual_entry import queries, windows
from faza.manual_entry.models import EntryException, EntryRule
from faza.manual_entry.rules.opening import Why
from faza.manual_entry.windows import Place, Terms
from tests.cabinet.factories import give_area, make_agreement, make_node, make_point, make_user
from tests.desk.requests.factories import signed_in
from tests.desk.typed import NOW

pytestmark = pytest.mark.django_db
AT = "/desk/windows/"
RULE = {
    "scope": "area", "where": "HERE", "is_allowed": "on", "first_day": "15", "last_day": "25",
    "every": "1", "silent_days": "10",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def points():
    """Two points here, one of them of a person, and one elsewhere."""
    here, there = make_node("HERE", "Здесь"), make_node("THERE", "Там")
    made = [
        make_point("P-1", "Дом", node=here), make_point("P-2", "Гараж", node=here),
        make_point("P-3", "Дача", node=there),
    ]  # fmt: skip
    make_agreement("Д-1", [make_user("own@example.org")], made[:1])
    return made


@pytest.fixture
def operator(points) -> User:
    user = make_user("desk@example.org", User.Role.OPERATOR, "Климова О. О.")
    give_area(user, points[0].node)
    return user


@pytest.fixture
def boss(points) -> User:
    return make_user("boss@example.org", User.Role.ADMINISTRATOR, "Главный Г. Г.")


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    body = b"".join(answer) if answer.streaming else answer.content
    return unescape(body.decode()).replace("\xa0", " ")


def send(client: Client, address: str, body: dict[str, str], status: int = 200) -> str:
    answer = client.post(address, body)
    assert answer.status_code == status, answer.content.decode()
    return unescape(answer.content.decode()).replace("\xa0", " ")


def confirmed(client: Client, address: str, body: dict[str, str]) -> str:
    """First what it will do, then the deed; what was told first."""
    told = send(client, address, body)
    sure = re.search(r'name="sure" value="(\w+)"', told)
    assert sure, told
    send(client, address, body | {"sure": sure.group(1)}, 302)
    return told


def new(client: Client, **changes: str) -> str:
    return confirmed(client, f"{AT}rules/new/", RULE | changes)


class TestRules:
    def test_first_for_how_many_points_then_it_is_made(self, operator, points):
        told = new(signed_in(operator))

        assert "Будет действовать для 2 точек" in told
        rule = EntryRule.objects.get()
        assert (rule.node, rule.first_day, rule.last_day) == (points[0].node, 15, 25)
        assert (rule.made_by, rule.approves) == (operator, False)
        assert Deed.objects.filter(action="manual_entry.rule.made").count() == 1

    def test_a_form_changed_after_the_preview_is_previewed_once_more(self, operator):
        client = signed_in(operator)
        told = send(client, f"{AT}rules/new/", RULE)
        sure = re.search(r'name="sure" value="(\w+)"', told)
        assert sure

        body = RULE | {"where": "P-1", "scope": "point", "sure": sure.group(1)}
        assert "для 1 точки" in send(client, f"{AT}rules/new/", body)
        assert not EntryRule.objects.exists()

    def test_narrower_rules_keep_their_points(self, boss):
        client = signed_in(boss)
        new(client)
        told = new(client, scope="everywhere", where="")

        assert "Будет действовать для 1 точки" in told
        assert "У 2 точек там остаются их более узкие правила" in told

    @pytest.mark.parametrize(
        "changes",
        [
            {"scope": "everywhere", "where": ""},
            {"where": "THERE"},
            {"where": ""},
            {"scope": "point", "where": "P-3"},
            {"scope": "agreement", "where": "Д-9"},
            {"first_day": "0"}, {"last_day": "32"}, {"every": "5"}, {"silent_days": "0"},
            {"registers": "99"}, {"group": "martians"}, {"scope": "galaxy"},
        ],
    )  # fmt: skip
    def test_what_an_operator_cannot_make(self, operator, changes):
        send(signed_in(operator), f"{AT}rules/new/", RULE | changes, 422)
        assert not EntryRule.objects.exists()

    def test_an_agreement_with_a_point_elsewhere_is_out_of_reach(self, operator, points):
        make_agreement("Д-2", [make_user("two@example.org")], [points[1], points[2]])
        client = signed_in(operator)

        send(client, f"{AT}rules/new/", RULE | {"scope": "agreement", "where": "Д-2"}, 422)
        assert "для 1 точки" in new(client, scope="agreement", where="Д-1")

    def test_of_a_kind_of_customers(self, boss):
        told = new(signed_in(boss), scope="everywhere", where="", group="person")
        assert "Будет действовать для 1 точки" in told

    def test_two_of_one_place_cannot_be(self, operator):
        client = signed_in(operator)
        new(client)
        told = send(client, f"{AT}rules/new/", RULE)
        sure = re.search(r'name="sure" value="(\w+)"', told)
        assert sure
        assert "правило уже есть" in send(
            client, f"{AT}rules/new/", RULE | {"sure": sure.group(1)}, 422
        )

    def test_approval_is_off_until_somebody_switches_it_on_by_name(self, operator, boss):
        client = signed_in(operator)
        new(client)
        rule = EntryRule.objects.get()
        body = RULE | {"approves": "on", "seen": windows.seen(rule)}
        told = confirmed(client, f"{AT}rules/{rule.pk}/edit/", body)

        assert "от вашего имени" in told
        rule.refresh_from_db()
        assert (rule.approves, rule.approves_by) == (True, operator)
        assert "Климова О. О." in page(client, AT)

        other = RULE | {"approves": "on", "last_day": "26", "seen": windows.seen(rule)}
        confirmed(signed_in(boss), f"{AT}rules/{rule.pk}/edit/", other)
        rule.refresh_from_db()
        assert rule.approves_by == operator  # not who changed the days

        off = RULE | {"seen": windows.seen(rule)}
        confirmed(client, f"{AT}rules/{rule.pk}/edit/", off)
        rule.refresh_from_db()
        assert (rule.approves, rule.approves_by) == (False, None)

    def test_of_two_who_change_it_the_second_is_told(self, operator, boss):
        client = signed_in(operator)
        new(client)
        rule = EntryRule.objects.get()
        seen = windows.seen(rule)
        confirmed(
            signed_in(boss), f"{AT}rules/{rule.pk}/edit/", RULE | {"last_day": "20", "seen": seen}
        )
        body = RULE | {"last_day": "28", "seen": seen}
        told = send(client, f"{AT}rules/{rule.pk}/edit/", body)
        sure = re.search(r'name="sure" value="(\w+)"', told)
        assert sure

        said = send(client, f"{AT}rules/{rule.pk}/edit/", body | {"sure": sure.group(1)}, 422)
        assert "тем временем изменили" in said
        send(client, f"{AT}rules/{rule.pk}/drop/", {"seen": seen}, 302)
        assert EntryRule.objects.get().last_day == 20

    def test_taken_away_it_holds_no_more(self, operator, points):
        client = signed_in(operator)
        new(client)
        rule = EntryRule.objects.get()
        (due,) = queries.due(points[:1], at=NOW)
        assert due.standing.why is Why.WINDOW

        send(client, f"{AT}rules/{rule.pk}/drop/", {"seen": windows.seen(rule)}, 302)

        (due,) = queries.due(points[:1], at=NOW)
        assert due.standing.why is Why.NOT_ALLOWED
        assert Deed.objects.filter(action="manual_entry.rule.dropped").count() == 1


class TestReach:
    def test_an_operator_sees_what_holds_from_above_and_changes_only_the_own(self, operator, boss):
        head = signed_in(boss)
        new(head, scope="everywhere", where="")
        new(head, where="THERE")
        everywhere = EntryRule.objects.get(node=None)
        there = EntryRule.objects.get(node__code="THERE")
        client = signed_in(operator)

        assert "везде" in page(client, f"{AT}rules/{everywhere.pk}/")
        assert "edit" not in page(client, f"{AT}rules/{everywhere.pk}/")
        page(client, f"{AT}rules/{everywhere.pk}/edit/", 403)
        page(client, f"{AT}rules/{there.pk}/", 404)
        assert "Там" not in page(client, AT)

    def test_an_auditor_sees_all_and_changes_nothing(self, boss):
        new(signed_in(boss))
        client = signed_in(make_user("audit@example.org", User.Role.AUDITOR))
        rule = EntryRule.objects.get()

        assert "Здесь" in page(client, AT)
        page(client, f"{AT}rules/{rule.pk}/edit/", 403)
        assert "P-1" not in page(client, f"{AT}?export=csv")


class TestExceptions:
    BODY = {
        "scope": "point", "where": "P-1", "deed": "open", "starts_at": "2026-11-22",
        "ends_at": "2026-11-30", "reason": "Сорвался опрос",
    }  # fmt: skip

    def make(self, client: Client, **changes: str) -> EntryException:
        told = confirmed(client, f"{AT}exceptions/new/", self.BODY | changes)
        assert "Касается 1 точки" in told
        return EntryException.objects.latest("pk")

    def test_opened_for_some_days(self, operator, points):
        client = signed_in(operator)
        made = self.make(client)

        assert made.ends_at - made.starts_at == timedelta(days=9)
        assert queries.due(points[:1], at=NOW)[0].standing.why is Why.OPENED
        assert "Сорвался опрос" in page(client, f"{AT}exceptions/")
        assert "Сорвался опрос" in page(client, f"{AT}exceptions/?export=csv")

    def test_sent_twice_it_is_one(self, operator):
        client = signed_in(operator)
        self.make(client)
        self.make(client)
        assert EntryException.objects.count() == 1

    def test_ended_the_rules_decide_again(self, operator, points):
        client = signed_in(operator)
        made = self.make(client)
        assert "Для 1 точки" in page(client, f"{AT}exceptions/{made.pk}/")
        send(client, f"{AT}exceptions/{made.pk}/", {}, 302)

        assert queries.due(points[:1], at=NOW)[0].standing.why is Why.NOT_ALLOWED
        made.refresh_from_db()
        assert made.ends_at == NOW
        assert "Уже закончилось" in page(client, f"{AT}exceptions/{made.pk}/")
        send(client, f"{AT}exceptions/{made.pk}/", {}, 302)
        assert Deed.objects.filter(action="manual_entry.exception.ended").count() == 1

    def test_one_that_has_not_begun_is_taken_away(self, operator):
        client = signed_in(operator)
        made = self.make(client, starts_at="2026-12-01", ends_at="2026-12-02")
        send(client, f"{AT}exceptions/{made.pk}/", {}, 302)
        assert not EntryException.objects.exists()

    @pytest.mark.parametrize(
        "changes",
        [
            {"ends_at": "2026-11-21"}, {"starts_at": "2026-10-01", "ends_at": "2026-10-02"},
            {"reason": " "}, {"deed": "destroy"}, {"starts_at": "0001-01-01"},
            {"scope": "everywhere"}, {"where": "P-3"},
        ],
    )  # fmt: skip
    def test_what_cannot_be(self, operator, changes):
        send(signed_in(operator), f"{AT}exceptions/new/", self.BODY | changes, 422)
        assert not EntryException.objects.exists()

    def test_of_another_area_it_is_not_there(self, operator, boss):
        made = self.make(signed_in(boss), where="P-3")
        page(signed_in(operator), f"{AT}exceptions/{made.pk}/", 404)


class TestLaw:
    """For how many points a rule holds is what `queries.rules_of` finds, point by point."""

    def test_concerned_is_what_holds(self, points, boss):
        make_agreement("Д-3", [make_user("three@example.org")], [points[1], points[2]])
        below = make_node("BELOW", "Ниже", parent=points[0].node)
        points.append(make_point("P-4", "Сарай", node=below))
        places = [
            Place(), Place(group="person"), Place(node=points[0].node),
            Place(node=points[0].node, group="person"), Place(node=below),
            Place(usage_point=points[1]),
            Place(agreement=queries.AgreementPoint.objects.get(usage_point=points[2]).agreement),
        ]  # fmt: skip
        for place in places:
            windows.keep_rule(place=place, terms=Terms(), by=boss, at=NOW)

        held = queries.rules_of(points, at=NOW)
        for rule in EntryRule.objects.all():
            found = windows.concerned(windows.place_of(rule), number=rule.pk, at=NOW)
            expected = {key for key, pair in held.items() if pair and pair[0].pk == rule.pk}
            assert set(found.values_list("pk", flat=True)) == expected, rule
