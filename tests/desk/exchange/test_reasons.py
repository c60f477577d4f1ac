"""What is wrong in a file is said in Russian, where its form is known."""

import re

import pytest

from faza.collection.exchange import mailbox, sftp
from faza.desk.exchange.reasons import FORMS, reason_words
from tests.collection.exchange.factories import xml
from tests.collection.factories import imported, make_point

TABLE = "usage_point,channel,start,end,value,unit,quality\n"
ROW = "{},A+,2026-01-14T00:00+03:00,2026-01-14T00:30+03:00,{},kWh,0\n"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("data", "words"),
    [
        (xml(codes=("132",)), "Нет точки учёта 132."),
        (b"<message", "XML повреждён в строке 1"),
        (b"abc", "Это не XML и не таблица показаний."),
        ((TABLE + ROW.format("132070043214102", "1О0")).encode(), "— не число."),
        (xml().replace(b"<day>20260114", b"<day>2026-114"), "Дата макета '2026-114'"),
        (xml().replace(b'number="1"', b'number="x"'), "Номер макета 'x'"),
    ],
)
def test_what_readers_say_most_is_said_in_russian(data, words, tmp_path):
    make_point()
    file = tmp_path / "f.csv"
    file.write_bytes(data)

    told = [reason_words(one.reason) for one in imported(file).problems]

    assert any(words in one for one in told), told


def test_each_form_has_words_for_all_that_they_name():
    for form, words in FORMS:
        names = dict.fromkeys(re.compile(form).groupindex, "x")
        assert str(words) % names


def test_what_is_not_known_stands_as_it_was_said():
    assert reason_words("Something else (100%).") == "Something else (100%)."


def test_limits_are_said_in_bytes():
    told = f"The mail has {mailbox.LIMIT + 1:,} bytes; at most {mailbox.LIMIT:,} are taken."
    assert "Слишком велик" in reason_words(told)
    told = f"The file has {sftp.LIMIT + 1:,} bytes; at most {sftp.LIMIT:,} are taken."
    assert "Слишком велик" in reason_words(told)
