"""Verdicts on customers, from plain values."""

from __future__ import annotations

_TENTH = (2, 4, 10, 3, 5, 9, 4, 6, 8)
_ELEVENTH = (7, *_TENTH)
_TWELFTH = (3, *_ELEVENTH)


def is_inn(text: str) -> bool:
    """Whether a text is a taxpayer's number: 10 digits of a firm or 12 of a person, checked.

    Source: order of ФНС of 29.06.2012 № ММВ-7-6/435@, the algorithm as widely published [?].
    """
    if not (text.isascii() and text.isdigit()):
        return False
    digits = [int(digit) for digit in text]

    def control(weights: tuple[int, ...]) -> int:
        return sum(w * d for w, d in zip(weights, digits, strict=False)) % 11 % 10

    match len(digits):
        case 10:
            return digits[9] == control(_TENTH)
        case 12:
            return digits[10] == control(_ELEVENTH) and digits[11] == control(_TWELFTH)
    return False
