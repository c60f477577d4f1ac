"""Search over the help: sections that hold all words, in any of their usual endings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from faza.cabinet.help.topics import Section, Text

MOST = 20
AROUND = 90
"""Letters of an excerpt before and after the first word found."""
SHORTEST = 3
_WORD = re.compile(r"\w+")
_MARKUP = re.compile(r"[*_`>#]|\]\([^)]*\)|\[")


@dataclass(frozen=True, slots=True)
class Found:
    """A section that fits: where it is, and its words around, cut at what was looked for."""

    text: Text
    section: Section | None
    excerpt: tuple[tuple[str, bool], ...]


def find(words: str, texts: tuple[Text, ...]) -> list[Found]:
    """The sections that hold all the words, those first that name them in a heading."""
    stems = [_stem(word) for word in _WORD.findall(_folded(words)) if len(word) >= SHORTEST]
    if not stems:
        return []
    scored = [
        (score, place, found)
        for place, (text, section) in enumerate(_parts(texts))
        for score, found in [_scored(text, section, stems)]
        if score
    ]
    return [found for _score, _place, found in sorted(scored, key=lambda one: (-one[0], one[1]))][
        :MOST
    ]


def _parts(texts: tuple[Text, ...]) -> Iterator[tuple[Text, Section | None]]:
    for text in texts:
        yield text, None
        for section in text.sections:
            yield text, section


def _scored(text: Text, section: Section | None, stems: list[str]) -> tuple[int, Found]:
    heading = section.title if section else text.title
    body = _MARKUP.sub("", section.body if section else text.summary)
    # The topic's title helps to find its sections, and counts for little by itself.
    above, within = _folded(heading), _folded(body)
    around = _folded(text.title)
    score = 0
    for stem in stems:
        hit = 10 * _has(above, stem) + 2 * _has(within, stem)
        if not hit and not _has(around, stem):
            return 0, Found(text, section, ())
        score += hit
    return score, Found(text, section, _excerpt(body, stems))


def _excerpt(body: str, stems: list[str]) -> tuple[tuple[str, bool], ...]:
    """Some words around the first hit, as (words, whether they were looked for)."""
    whole = " ".join(body.split())
    folded = _folded(whole)
    hits = [match for match in _WORD.finditer(folded) if any(map(match[0].startswith, stems))]
    start = max(0, hits[0].start() - AROUND) if hits else 0
    start = whole.rfind(" ", 0, start) + 1 if start else 0
    end = min(len(whole), (hits[0].end() if hits else 0) + 2 * AROUND)
    end = whole.find(" ", end) if end < len(whole) and " " in whole[end:] else len(whole)
    parts, at = [], start
    for hit in hits:
        if hit.end() <= end and hit.start() >= at:
            parts += [(whole[at : hit.start()], False), (whole[hit.start() : hit.end()], True)]
            at = hit.end()
    parts.append((whole[at:end], False))
    shown = [("…", False)] * (start > 0) + parts + [("…", False)] * (end < len(whole))
    return tuple(part for part in shown if part[0])


def _has(folded: str, stem: str) -> bool:
    return any(word.startswith(stem) for word in _WORD.findall(folded))


def _folded(text: str) -> str:
    # One letter for one letter, so that places in both are the same.
    return text.lower().replace("ё", "е")


def _stem(word: str) -> str:
    """A word without its ending: «показаний» finds «показания»."""
    return word if len(word) < 5 else word[: max(4, len(word) - 2)]
