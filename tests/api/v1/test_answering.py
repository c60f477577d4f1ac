"""Questions of the desk about a reading, answered by a program."""

from __future__ import annotations

import pytest
from django.utils import timezone

from faza.accounts.models import User
from faza.audit.models import Entry as Deed
from faza.contracts.rules.tokens import Scope
from faza.manual_entry import asking, services
from faza.manual_entry.models import Entry, EntryWord
from faza.manual_entry.rules.moves import State
from tests.api.v1 import test_entry
from tests.api.v1.asking import ask, token_of, write
from tests.api.v1.test_entry import CODE, KEY, OTHER, send
from tests.cabinet.factories import make_agreement, make_point, make_user

pytestmark = pytest.mark.django_db
owner, token = test_entry.owner, test_entry.token
QUESTION, ANSWER = "Почему так много?", "Жили гости."


@pytest.fixture
def asked(owner, token) -> Entry:
    """A reading that the desk asks about."""
    send(token, 3000)
    entry = Entry.objects.get()
    desk = make_user("desk@example.org", User.Role.OPERATOR)
    asking.ask(entry=entry, text=QUESTION, by=desk, at=timezone.now())
    return entry


def answer(token: str, entry: Entry | str, text: object = ANSWER, key: str = ""):
    number = entry if isinstance(entry, str) else str(entry.pk)
    return write(token, "answer_entry", number, body={"text": text}, key=key)


def test_the_question_is_told_and_the_answer_sends_the_reading_back_to_the_desk(token, asked):
    told = ask(token, "sent_entries").json()["items"][0]
    assert told["state"] == "asked"
    assert [(one["kind"], one["text"]) for one in told["words"]] == [("question", QUESTION)]

    done = answer(token, asked)

    assert done.status_code == 201
    assert done["Location"] == f"/api/v1/entry/sent/{asked.pk}"
    assert done.json()["state"] == "sent"
    assert [one["text"] for one in done.json()["words"]] == [QUESTION, ANSWER]
    assert ask(token, "sent_entry", str(asked.pk)).json() == done.json()
    assert Deed.objects.filter(action="manual_entry.entry.answered").count() == 1


def test_doing_it_twice_does_it_once(token, asked):
    """By the same key; and by another one, where the first answer's was forgotten by a kill."""
    first = answer(token, asked, key=KEY)
    again = answer(token, asked, key=KEY)
    other = answer(token, asked)

    assert (again.json(), again["Idempotency-Replayed"]) == (first.json(), "true")
    assert (other.status_code, other.json()["words"]) == (201, first.json()["words"])
    assert EntryWord.objects.filter(kind="answer").count() == 1
    assert answer(token, asked, "Иначе", key=KEY).json()["code"] == "key-used"


def test_where_nothing_is_asked_any_more_it_is_told(owner, token, asked):
    services.approve(entry=asked, by=make_user("boss@example.org"), at=timezone.now())

    done = answer(token, asked)

    assert (done.status_code, done.json()["code"]) == (409, "not-asked")
    assert done.json()["state"] == "approved"
    asked.refresh_from_db()
    assert asked.state == State.APPROVED


@pytest.mark.parametrize("text", ["", "   ", "\0", "x" * 1001, 5, None])
def test_what_is_no_answer_is_named(token, asked, text):
    done = answer(token, asked, text)

    assert (done.status_code, done.json()["code"]) == (422, "invalid")
    assert done.json()["errors"][0]["field"] == "text"
    assert not EntryWord.objects.filter(kind="answer").exists()


def test_a_reading_of_others_is_none(owner, token, asked):
    stranger = make_user("other@example.org")
    make_agreement("Д-2", [stranger, owner], [make_point(OTHER)])
    limited = token_of(owner, points=[OTHER])
    for told in (token_of(stranger), limited):
        assert answer(told, asked).status_code == 404
    for number in ("0", str(2**63), "999999"):
        assert answer(token, number).status_code == 404
    assert answer(token_of(owner, scopes=[Scope.READINGS]), asked).json()["code"] == "scope-missing"
    assert asked.usage_point.code == CODE
