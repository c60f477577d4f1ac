import re
from pathlib import Path

import pytest
from django.utils import translation

from faza.events import catalogue
from faza.events.catalogue.table import table_for_people
from faza.events.kinds import (
    Category,
    ConcentratorSays,
    Device,
    Found,
    Importance,
    ModemSays,
    Warns,
)
from faza.events.models import DOUBTS

ROOT = Path(__file__).resolve().parent.parent.parent


def test_every_code_is_there_once_and_in_two_languages():
    seen = set()
    for kind in catalogue.kinds():
        assert (kind.journal, kind.code) not in seen
        seen.add((kind.journal, kind.code))
        with translation.override("ru"):
            russian = str(kind.words)
        with translation.override("en"):
            english = str(kind.words)
        assert any("а" <= letter <= "я" for letter in russian), kind
        assert english.isascii() or "φ" in english
    assert len(seen) > 300


@pytest.mark.parametrize(
    ("journal", "codes"),
    [
        (0, range(1, 29)), (1, range(1, 39)), (2, range(1, 30)), (3, [*range(1, 151), 1024]),
        (4, range(1, 8)), (5, [1, 2]), (6, range(1, 5)), (7, range(1, 20)), (8, [1, 2]),
        (9, [0, 1, 8, 16, 32, 64, 128, 16384, 32768]),
    ],
)  # fmt: skip
def test_the_standards_tables_are_whole(journal, codes):
    assert [entry.code for entry in catalogue.JOURNALS[journal].entries] == list(codes)


def test_what_closes_something_closes_what_is_there():
    known = {(kind.journal, kind.code) for kind in catalogue.kinds()}
    for kind in catalogue.kinds():
        assert set(kind.closes) <= known
        assert (kind.journal, kind.code) not in kind.closes


def test_what_ends_weighs_less_than_what_it_ends():
    for kind in catalogue.kinds():
        for pair in kind.closes:
            assert kind.importance <= catalogue.find(*pair).importance


def test_everything_of_which_people_are_warned_has_its_codes():
    told = {catalogue.find(*pair).warns for pair in catalogue.warned_of()}
    assert told == set(Warns)
    assert catalogue.find(2, 1).warns == Warns.POWER_OFF
    assert catalogue.find(4, 3).warns == Warns.SEAL
    # A dead display does not falsify readings, nor does a restart.
    assert not catalogue.find(7, 9).doubts
    assert not catalogue.find(7, 1).doubts


def test_the_index_of_doubts_has_all_that_begins_or_ends_one():
    pairs = {p for one in catalogue.doubting() for p in (one, *catalogue.closers(*one))}
    assert pairs
    for journal, code in pairs:
        assert journal in (4, 7) or (journal, code) == (3, 143)
    assert "143" in str(DOUBTS)


def test_a_correction_of_time_is_of_its_category_wherever_it_is_told():
    for pair in ((3, 68), (13, 1), (1002, 4), (1003, 7)):
        assert catalogue.find(*pair).category == Category.TIME
    assert catalogue.find(1001, 2).device == Device.MODEM
    assert catalogue.find(1002, 2).device == Device.CONCENTRATOR
    assert catalogue.find(1003, 1).device == Device.SYSTEM


def test_what_nobody_knows_is_told_by_its_numbers():
    with translation.override("en"):
        assert str(catalogue.find(17, 5).words) == "Battery: entry 5"
        assert str(catalogue.find(99, 5).words) == "Journal 99, entry 5"
    with translation.override("ru"):
        assert str(catalogue.find(17, 5).words) == "Батарея: запись 5"
    assert catalogue.find(17, 5).category == Category.DIAGNOSTICS
    assert catalogue.find(99, 5).importance == Importance.INFO


def test_the_quality_journal_tells_every_bit():
    with translation.override("en"):
        words = str(catalogue.find(9, 1 | 0x20).words)
    assert words == "Voltage more than 10 % low; Frequency more than 0.2 Hz low"
    assert catalogue.find(9, 1 | 0x20).importance == Importance.WARNING


@pytest.mark.parametrize(
    ("journal", "codes"),
    [
        (catalogue.MODEM, ModemSays),
        (catalogue.CONCENTRATOR, ConcentratorSays),
        (catalogue.COLLECTION, Found),
    ],
)
def test_own_codes_have_their_words(journal, codes):
    assert [entry.code for entry in catalogue.JOURNALS[journal].entries] == list(codes)


def test_the_page_of_events_has_the_whole_catalogue():
    page = (ROOT / "docs/reference/events.md").read_text()
    assert table_for_people() in page
    for number, journal in catalogue.JOURNALS.items():
        with translation.override("ru"):
            assert re.search(rf"(?m)^\| {number} \| [^|]+ \| {journal.words} \|$", page)
