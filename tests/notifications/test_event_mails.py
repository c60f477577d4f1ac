"""What mails about events say: what happened, when by the clock of the place, where."""

import pytest

from faza.notifications import mails
from faza.outbox.models import Message

pytestmark = pytest.mark.django_db


def event(journal: int, code: int, at: str = "2026-11-17T15:40:02+00:00", **fields) -> dict:
    told = {"at": at, "journal": journal, "code": code, "zone": "Europe/Moscow"}
    return told | {"place": "Дом, ул. Мира, 3"} | fields


def compose(kind: str, language: str = "ru", **payload):
    message = Message(
        kind=kind, key="k", address="a@example.ru", language=language, payload=payload
    )
    return mails.compose(message)


def test_one_event_is_the_subject():
    mail = compose("events.warning", events=[event(2, 1)], more=0, url="/")
    assert mail.subject == "Перерыв питания: Дом, ул. Мира, 3"
    assert "17.11.2026 18:40 (МСК) – Перерыв питания. Дом, ул. Мира, 3" in mail.body
    assert "недостоверн" not in mail.body


def test_several_are_counted_and_what_is_too_much_is_not_hidden():
    events = [event(2, 1), event(2, 2, zone="Asia/Omsk")]
    mail = compose("events.warning", events=events, more=3, url="/")
    assert mail.subject == "5 событий приборов учёта"
    assert "17.11.2026 18:40 (МСК)" in mail.body
    assert "17.11.2026 21:40" in mail.body
    assert "и ещё 3." in mail.body


def test_it_says_that_readings_are_doubtful_where_they_are():
    for pair in ((4, 1), (4, 3), (7, 11)):
        mail = compose("events.warning", "en", events=[event(*pair)], more=0)
        assert "marked as doubtful" in mail.body


def test_a_summary_counts_by_kind():
    counts = [
        {"journal": 2, "code": 1, "count": 3, "first": "2026-09-01T00:00:00+00:00",
         "last": "2026-10-01T00:00:00+00:00"},
        {"journal": 4, "code": 3, "count": 1, "first": "2026-09-01T00:00:00+00:00",
         "last": "2026-09-01T00:00:00+00:00"},
    ]  # fmt: skip
    mail = compose("events.warning.late", counts=counts, url="/")
    assert (
        "Перерыв питания: 3 раза, с 01.09.2026 03:00 (МСК) по 01.10.2026 03:00 (МСК)" in mail.body
    )
    assert "Вскрыта крышка клемм: 01.09.2026 03:00 (МСК)" in mail.body


def test_a_place_is_text_and_no_markup():
    mail = compose("events.warning", events=[event(2, 1, place="<b>Дом & двор</b>")], more=0)
    assert "<b>" not in mail.alternatives[0].content
    assert "<b>Дом & двор</b>" in mail.body
    assert mail.subject == "Перерыв питания: <b>Дом & двор</b>"
