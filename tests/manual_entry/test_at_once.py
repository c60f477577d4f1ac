"""The same reading sent twice at the same moment: a double click, two tabs."""

import threading
from datetime import UTC, datetime

import pytest
from django.db import connection

from faza.manual_entry import queries, services
from faza.manual_entry.models import Entry, EntryRule, Photo
from faza.manual_entry.photos import keeping
from tests.cabinet.factories import make_meter, make_point, make_user
from tests.manual_entry.factories import make_picture

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor == "sqlite", reason="SQLite lets one writer in after another by itself"
    ),
]


def send_at_once(tokens, monkeypatch):
    """What came of sendings that have all looked before the first one writes."""
    point, user = make_point("A"), make_user("own@example.org")
    make_meter(point, "1")
    EntryRule.objects.create(made_at=NOW)
    (due,) = queries.due([point], at=NOW)
    looked, told = threading.Barrier(len(tokens), timeout=20), []
    written = keeping.written

    def late(picture):
        looked.wait()
        return written(picture)

    monkeypatch.setattr(services.keeping, "written", late)

    def send(token):
        try:
            told.append(
                services.send(
                    due=due, shown={0: 1000}, way=Entry.Way.CABINET, token=token, by=user, at=NOW,
                    confirmed=True, photo=make_picture(),
                )
            )  # fmt: skip
        except Exception as problem:  # noqa: BLE001  # told to the test
            told.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(token,)) for token in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def test_one_token_is_one_reading(settings, tmp_path, monkeypatch):
    settings.HOME = tmp_path

    told = send_at_once(["1"] * 4, monkeypatch)

    assert told == [Entry.objects.get()] * 4
    assert Photo.objects.count() == 1
    assert sum(place.is_file() for place in tmp_path.rglob("*")) == 1


def test_of_two_tokens_the_later_takes_the_place_of_the_first(settings, tmp_path, monkeypatch):
    settings.HOME = tmp_path

    told = send_at_once(["1", "2"], monkeypatch)

    assert {entry.token for entry in told} == {"1", "2"}
    assert sorted(Entry.objects.values_list("state", flat=True)) == ["replaced", "sent"]
