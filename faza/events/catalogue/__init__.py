"""What the journals and codes of events mean; the one home of their words.

Journals up to 28 are those of meters under СПОДЭС (code objects 0.0.96.11.N, journals
0.0.99.98.N), with the codes of СТО 34.01-5.1-006-2021, tables Д.1 to Д.9; above 1000 are Faza's
own. Of journals 10 and 12 to 28 only the names are known here: their entries are told by number.
Code 0 of journal 9 is from memory. A code never changes its meaning; a new one is added.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from functools import lru_cache

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from faza.events.catalogue import current, own, programming, relay, rest, voltage
from faza.events.kinds import Category, Device, Entry, Importance, Journal, Kind, Pair, Warns

__all__ = [
    "BY_FAZA", "JOURNALS", "QUALITY", "Category", "Device", "Importance", "Journal", "Kind",
    "Pair", "Warns", "closers", "doubting", "find", "kinds", "warned_of",
]  # fmt: skip

BY_FAZA = 1000
"""Journals above it are not the standard's."""
MODEM, CONCENTRATOR, COLLECTION = 1001, 1002, 1003
"""Codes of theirs: `kinds.ModemSays`, `ConcentratorSays`, `Found`."""
QUALITY = 9
"""The journal of which codes are sums of bits."""

JOURNALS: dict[int, Journal] = {
    journal.number: journal
    for room in (voltage, current, relay, programming, rest, own)
    for journal in room.JOURNALS
}


@lru_cache(maxsize=4096)
def find(journal: int, code: int) -> Kind:
    """What an event is. One that nobody knows is told by its numbers, as an ordinary one."""
    known = JOURNALS.get(journal)
    if known is None:
        words = format_lazy(_("Journal {journal}, entry {code}"), journal=journal, code=code)
        told = (Category.IO, Importance.INFO, Device.METER)
        return Kind(journal, code, words, *told)
    entry = _ENTRIES.get((journal, code))
    if entry is not None:
        return _kind(known, entry)
    words = format_lazy(
        "{journal}: {entry} {code}", journal=known.words, entry=_("entry"), code=code
    )
    importance = known.importance
    parts = [bit for bit in known.entries if bit.code and code & bit.code == bit.code]
    if journal == QUALITY and parts:
        words = format_lazy("; ".join(["{}"] * len(parts)), *(bit.words for bit in parts))
        importance = max(_kind(known, bit).importance for bit in parts)
    return Kind(journal, code, words, known.category, importance, known.device)


def kinds() -> Iterator[Kind]:
    """All that are known, by journal and code."""
    for journal in sorted(JOURNALS):
        for entry in JOURNALS[journal].entries:
            yield _kind(JOURNALS[journal], entry)


def closers(journal: int, code: int) -> Collection[Pair]:
    """What ends the state that begins with an event; empty where it begins none."""
    return _CLOSERS.get((journal, code), ())


def doubting() -> Collection[Pair]:
    """Kinds from which on readings are not to be trusted, until what closes them."""
    return _DOUBTING


def warned_of() -> Collection[Pair]:
    """Kinds of which people are told at once."""
    return _WARNED


def _kind(journal: Journal, entry: Entry) -> Kind:
    return Kind(
        journal=journal.number,
        code=entry.code,
        words=entry.words,
        category=entry.category or journal.category,
        importance=journal.importance if entry.importance is None else entry.importance,
        device=journal.device,
        closes=tuple((journal.number, code) for code in entry.closes) + entry.closes_of,
        warns=entry.warns,
        doubts=entry.doubts,
    )


_ENTRIES: dict[Pair, Entry] = {
    (journal.number, entry.code): entry
    for journal in JOURNALS.values()
    for entry in journal.entries
}
_CLOSERS: dict[Pair, list[Pair]] = defaultdict(list)
for _one in kinds():
    for _pair in _one.closes:
        _CLOSERS[_pair].append((_one.journal, _one.code))
_DOUBTING = frozenset((one.journal, one.code) for one in kinds() if one.doubts)
_WARNED = frozenset((one.journal, one.code) for one in kinds() if one.warns)
