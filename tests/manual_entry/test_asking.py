"""A question of the desk about a typed reading: it leaves the queue, and comes back answered."""

from datetime import timedelta

import pytest

from faza.accounts.models import User
from faza.audit.models import Entry as Deed
from faza.manual_entry import asking, services
from faza.manual_entry.models import Entry, EntryRule, EntryWord
from faza.manual_entry.rules.moves import State
from faza.notifications import words
from faza.notifications.models import Notice
from faza.notifications.services import deliver
from faza.outbox.models import Message
from tests.cabinet.factories import give_area, make_agreement, make_node, make_user
from tests.desk.typed import HOUR, NOW, monthly, typed

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    """A reading that waits, who sent it and who decides."""
    node = make_node("N-1", "Сети")
    EntryRule.objects.create(made_at=NOW, silent_days=None)
    owner = make_user("own@example.org", name="Абонентова А. А.")
    desk = make_user("desk@example.org", User.Role.OPERATOR, "Климова О. О.")
    give_area(desk, node)
    point = monthly("HOUSE", "Дом", node)
    make_agreement("Д-1", [owner], [point])
    return typed(point, owner, 3_510_000), owner, desk


def ask(place, text="Показание точно верное?", at=NOW):
    return asking.ask(entry=place[0], text=text, by=place[2], at=at)


def state(entry):
    return State(Entry.objects.get(pk=entry.pk).state)


def test_asked_and_answered_it_waits_again(place):
    entry, owner, _ = place
    ask(place)
    assert state(entry) is State.ASKED

    asking.answer(entry=entry, text=" Да, посмотрел ещё раз. ", by=owner, at=NOW + HOUR)

    assert state(entry) is State.SENT
    assert list(entry.words.values_list("kind", "text", "author")) == [
        ("question", "Показание точно верное?", place[2].pk),
        ("answer", "Да, посмотрел ещё раз.", owner.pk),
    ]
    codes = list(Deed.objects.order_by("pk").values_list("action", flat=True))
    assert codes[-2:] == ["manual_entry.entry.asked", "manual_entry.entry.answered"]


def test_the_sender_is_told_what_is_asked(place, mailbox):
    ask(place)
    deliver(at=NOW + timedelta(minutes=5))

    [notice] = Notice.objects.filter(user=place[1])
    told = words.told(notice.kind, notice.payload, "Europe/Moscow").whole
    assert "Показание точно верное" in told
    assert len(mailbox.all()) == 1


def test_it_may_be_decided_all_the_same(place):
    ask(place)
    services.refuse(entry=place[0], reason="Нет ответа", by=place[2], at=NOW + HOUR)

    assert state(place[0]) is State.REFUSED
    with pytest.raises(services.WrongMove):
        asking.answer(entry=place[0], text="Да", by=place[1], at=NOW + HOUR)


def test_another_reading_takes_its_place(place):
    ask(place)
    again = typed(place[0].usage_point, place[1], 3_512_000, at=NOW + HOUR, token="2")

    assert (state(place[0]), state(again)) == (State.REPLACED, State.SENT)


@pytest.mark.parametrize("text", ["", "  ", "\0"])
def test_nothing_is_asked_without_words(place, text):
    with pytest.raises(asking.Empty):
        ask(place, text)
    assert not EntryWord.objects.exists()
    assert state(place[0]) is State.SENT


def test_what_is_decided_is_not_asked_about(place):
    services.approve(entry=place[0], by=place[2], at=NOW)
    with pytest.raises(services.WrongMove):
        ask(place)
    assert not Message.objects.filter(kind="manual_entry.entry.asked").exists()


def test_an_answer_to_nothing_is_refused(place):
    with pytest.raises(services.WrongMove):
        asking.answer(entry=place[0], text="Да", by=place[1], at=NOW)
