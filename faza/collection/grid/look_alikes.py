"""Names that look the same and are not: Latin letters among Cyrillic ones. Pure."""

from __future__ import annotations

import re

LATIN = "ABCEHKMOPTXYaceopxyk"
CYRILLIC = "АВСЕНКМОРТХУасеорхук"
_TO_CYRILLIC = str.maketrans(LATIN, CYRILLIC)
_RUN = re.compile(r"[A-Za-zА-Яа-яЁё]+")
_ZERO = re.compile(r"(?<=\d)[OОoо](?=\d)")


def is_suspicious(name: str) -> bool:
    """Whether a name has Latin letters that stand for Cyrillic ones: «ТП-4O3», «Cекция»."""
    runs = _RUN.findall(name)
    if not any(_is_cyrillic(letter) for run in runs for letter in run):
        return False
    for run in runs:
        latin = [letter for letter in run if not _is_cyrillic(letter)]
        if latin and all(letter in LATIN for letter in latin):
            return True
    return False


def mended(name: str) -> str:
    """The name as it was meant: an O between digits is a zero, the rest is Cyrillic."""
    return _ZERO.sub("0", name).translate(_TO_CYRILLIC)


def squeezed(name: str) -> str:
    """What of a name the eye sees: no case, no spaces, no punctuation, one alphabet."""
    text = mended(name).lower().replace("ё", "е")
    text = re.sub(r"(?<=\d)\s*[.,\-–—/]\s*(?=\d)", "/", text)  # 1-1 is not 11
    return re.sub(r"[\s.,\-–—_\"'«»()№]+", "", text)


def _is_cyrillic(letter: str) -> bool:
    return "а" <= letter.lower() <= "я" or letter in "ёЁ"
