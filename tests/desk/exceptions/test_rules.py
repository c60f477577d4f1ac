"""Rules of validation at the desk: what holds where, setting one, what is looked at again."""

from __future__ import annotations

from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from faza.accounts.models import User
from faza.audit.models import Entry
from faza.readings.models import Finding, Mark, RuleSetting
from faza.readings.validation import RULES
from faza.readings.vee import ruling
from tests.cabinet.factories import make_user
from tests.desk.exceptions.factories import key, make_place, state
from tests.desk.requests.factories import signed_in
from tests.readings.vee import world
from tests.readings.vee.world import AT

pytestmark = pytest.mark.django_db
RULES_AT = "/desk/exceptions/rules/"


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: AT)


@pytest.fixture
def place():
    return make_place()


@pytest.fixture
def boss(db) -> Client:
    return signed_in(make_user("boss@example.org", User.Role.ADMINISTRATOR))


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    return unescape(answer.content.decode())


def body(code: str = "V05", **more: object) -> dict[str, object]:
    told = {f"of_{name}": value for name, value in RULES[code].parameters.items()}
    return {"is_on": "on", "effect": int(RULES[code].effect), "since": "", **told, **more}


def test_all_rules_with_their_words_sources_and_parameters(boss):
    said = page(boss, RULES_AT)
    for code, rule in RULES.items():
        assert code in said
        assert rule.source in said
    assert "Выброс" in said
    assert "по умолчанию" in said


def test_the_form_is_filled_with_what_holds(boss):
    answer = boss.get(f"{RULES_AT}V05/")
    assert answer.context["form"]["of_factor"].value() == 3
    assert answer.context["form"]["effect"].value() == 1
    assert answer.context["form"]["is_on"].value() is True


def test_only_what_is_other_than_the_default_is_kept(boss):
    boss.post(f"{RULES_AT}V05/", body(of_factor="7"))
    row = RuleSetting.objects.get()
    assert (row.node, row.rule, row.effect, row.parameters) == (None, "V05", None, {"factor": 7})
    entry = Entry.objects.get(action="readings.rule.set")
    assert entry.after["parameters"] == {"factor": 7}


def test_the_nearest_place_wins_and_says_so(boss, place):
    node = place.point.node
    boss.post(f"{RULES_AT}V05/", body(of_factor="7"))
    boss.post(f"{RULES_AT}V05/?node={node.pk}", body(of_factor="9", is_on=""))
    said = page(boss, f"{RULES_AT}?node={node.pk}")
    assert "выключено" in said
    everywhere = page(boss, RULES_AT)
    assert node.name in everywhere
    held = {one.rule.code: one for one in boss.get(RULES_AT).context["shown"]}
    assert held["V05"].parameters["factor"] == 7

    boss.post(f"{RULES_AT}V05/reset/?node={node.pk}")
    held = {one.rule.code: one for one in boss.get(f"{RULES_AT}?node={node.pk}").context["shown"]}
    assert held["V05"].parameters["factor"] == 7
    assert held["V05"].where == ""
    assert Entry.objects.filter(action="readings.rule.unset").exists()


def test_what_it_said_before_is_looked_at_again(boss, place):
    spike = key("V05")
    answer = boss.post(f"{RULES_AT}V05/", body(is_on="", since="2026-03-01"))
    assert Mark.objects.filter(purpose=Mark.Purpose.VALIDATE).exists()
    assert "проверяются заново" in page(boss, answer["Location"])
    world.work()
    assert state(spike) == Finding.State.GONE


def test_without_a_day_nothing_is_looked_at(boss, place):
    boss.post(f"{RULES_AT}V05/", body(is_on=""))
    assert not Mark.objects.filter(purpose=Mark.Purpose.VALIDATE).exists()


def test_what_is_no_such_parameter_is_told(boss):
    for wrong in (
        {"of_factor": "nan"}, {"of_factor": "-1"}, {"of_factor": "1e400"}, {"of_factor": ""},
        {"effect": "9"}, {"since": "1999-01-01"}, {"since": "9999-12-31"},
    ):  # fmt: skip
        assert boss.post(f"{RULES_AT}V05/", body(**wrong)).status_code == 422, wrong
    assert not RuleSetting.objects.exists()


def test_who_may(place, boss):
    operator = signed_in(place.operator)
    assert "Изменить правило" not in page(operator, RULES_AT)
    page(operator, f"{RULES_AT}V05/", 403)
    assert operator.post(f"{RULES_AT}V05/reset/").status_code == 403
    page(boss, f"{RULES_AT}V99/", 404)
    page(boss, f"{RULES_AT}?node=999999", 404)
    page(boss, f"{RULES_AT}?node=x", 404)


def test_the_service_refuses_what_the_rule_has_not(place):
    told = {"node": None, "is_on": True, "effect": None, "by": place.operator, "at": AT}
    with pytest.raises(ruling.NoSuchRule):
        ruling.set_rule(rule="V99", parameters={}, **told)
    for wrong in ({"zeal": 1.0}, {"factor": float("inf")}, {"factor": -1.0}):
        with pytest.raises(ValueError, match="V05"):
            ruling.set_rule(rule="V05", parameters=wrong, **told)
    with pytest.raises(ValueError, match="7"):
        ruling.set_rule(rule="V05", parameters={}, **told | {"effect": 7})
