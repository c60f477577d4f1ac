"""Asking the subscriber and undoing the last decision, from the desk's page to the cabinet's."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone

from faza.accounts.models import User
from faza.manual_entry.models import Entry, EntryRule
from faza.manual_entry.rules.moves import State
from tests.cabinet.factories import give_area, make_agreement, make_node, make_user
from tests.desk.requests.factories import signed_in
from tests.desk.typed import NOW, monthly, typed

pytestmark = pytest.mark.django_db
AT_LIST = "/desk/readings/"


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def place():
    """A reading that waits, its sender's browser and the desk's."""
    node = make_node("N-1", "Сети")
    owner = make_user("own@example.org", name="Абонентова А. А.")
    operator = make_user("desk@example.org", User.Role.OPERATOR, "Климова О. О.")
    give_area(operator, node)
    point = monthly("HOUSE", "Дом", node)
    make_agreement("Д-1", [owner], [point])
    EntryRule.objects.create(made_at=NOW, silent_days=None)
    return typed(point, owner, 3_510_000), signed_in(owner), signed_in(operator)


def said(answer) -> str:
    return answer.content.decode()


def state() -> State:
    return State(Entry.objects.get().state)


def test_asked_at_the_desk_answered_in_the_cabinet(place):
    entry, owner, desk = place
    desk.post(f"{AT_LIST}{entry.pk}/ask/", {"question": "Верно ли число?"})
    assert state() is State.ASKED
    assert "Дом</b>" not in said(desk.get(AT_LIST))
    assert "Дом</b>" in said(desk.get(f"{AT_LIST}?group=asked"))

    page = said(owner.get("/entry/"))
    assert "Верно ли число?" in page
    assert f"/entry/answer/{entry.pk}/" in page
    owner.post(f"/entry/answer/{entry.pk}/", {"text": "Да, верно."})

    assert state() is State.SENT
    queue = said(desk.get(AT_LIST))
    assert "Дом</b>" in queue
    assert "Да, верно." in queue


def test_a_question_without_words_and_an_answer_without(place):
    entry, owner, desk = place
    assert desk.post(f"{AT_LIST}{entry.pk}/ask/", {"question": " "}).status_code == 422
    desk.post(f"{AT_LIST}{entry.pk}/ask/", {"question": "Верно?"})

    owner.post(f"/entry/answer/{entry.pk}/", {"text": " "})

    assert state() is State.ASKED


def test_the_last_decision_is_undone_by_its_button(place):
    entry, _owner, desk = place
    desk.post(f"{AT_LIST}{entry.pk}/approve/")
    page = said(desk.get(AT_LIST))
    moment = re.search(r'name="decided_at" value="([^"]+)"', page)
    assert moment is not None
    assert 'data-key="KeyZ"' in page

    told = said(desk.post(f"{AT_LIST}undo/", {"decided_at": moment[1]}, follow=True))

    assert state() is State.SENT
    assert "снова ждёт решения" in told
    assert 'data-key="KeyZ"' not in told


@pytest.mark.parametrize("moment", ["", "вчера", "2026-11-22", "2020-01-01T00:00:00+00:00"])
def test_what_cannot_be_undone_changes_nothing(place, moment):
    entry, _owner, desk = place
    desk.post(f"{AT_LIST}{entry.pk}/approve/")

    assert desk.post(f"{AT_LIST}undo/", {"decided_at": moment}).status_code == 302
    assert state() is State.APPROVED


def test_staff_who_take_the_history_away_are_in_the_trail(place):
    from faza.audit.models import Entry as Deed

    _entry, owner, desk = place
    b"".join(owner.get("/entry/history/csv/"))
    assert not Deed.objects.filter(action="desk.list.exported").exists()
    b"".join(desk.get("/entry/history/csv/"))
    assert Deed.objects.get(action="desk.list.exported").after["list"] == "entries"
