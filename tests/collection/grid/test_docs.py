"""The how-to page names the columns as the code knows them."""

from pathlib import Path

from faza.collection.grid import undoing, words
from faza.collection.grid.columns import COLUMNS
from faza.collection.grid.template import words_of

PAGE = Path(__file__).resolve().parents[3] / "docs/how-to/import-a-grid.md"


def test_the_page_has_every_column_with_all_its_names():
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| ")][1:]
    told = [row.strip("| ").split(" | ", 2) for row in rows]

    assert [row[0] for row in told] == [f"{c.ru} / {c.en}" for c in COLUMNS]
    for column, (_, names, about) in zip(COLUMNS, told, strict=True):
        assert names.split("; ") == column.words.split("|")
        assert column.about_en in about
        assert ("**Needed.**" in about) == column.needed
        assert all(word in about for word in words_of(column))


def test_the_page_names_the_days_of_taking_back():
    assert undoing.DAYS == 7
    assert "seven days" in PAGE.read_text()


def test_every_sentence_can_be_said_without_its_words():
    """An old mark may lack what a newer sentence names."""
    for code in words.CODES:
        assert words.title(code)
        assert words.sentence({"code": code})
