"""The catalogue in Markdown, as the page of events in the documentation has it."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import translation

from faza.events import catalogue

HEADS = ("code", "event", "Russian", "importance", "category", "told at once", "ends")


def table_for_people() -> str:
    """A heading and a table for each journal of which codes are known, by number."""
    parts = []
    for number, journal in sorted(catalogue.JOURNALS.items()):
        if not journal.entries:
            continue
        head = f"### {number}: {_in('en', journal.words)}, {_in('ru', journal.words)}"
        table = ["| " + " | ".join(HEADS) + " |", "|---" * len(HEADS) + "|"]
        rows = [f"| {' | '.join(_cells(number, one.code))} |" for one in journal.entries]
        parts.append("\n".join([head, "", *table, *rows]))
    return "\n\n".join(parts) + "\n"


def _cells(journal: int, code: int) -> Iterator[str]:
    kind = catalogue.find(journal, code)
    yield str(code)
    yield _in("en", kind.words)
    yield _in("ru", kind.words)
    yield kind.importance.name.lower()
    yield kind.category.value
    yield kind.warns.value if kind.warns else ""
    yield ", ".join(str(c) if j == journal else f"{j}/{c}" for j, c in kind.closes)


def _in(language: str, words: object) -> str:
    with translation.override(language):
        return str(words)
