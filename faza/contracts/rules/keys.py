"""Keys by which likeness is looked up: what people write in many forms, written in one.

A key of a key is the key itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import phonenumbers

_LOOK_ALIKES = str.maketrans("ABCEHKMOPTXY", "АВСЕНКМОРТХУ")
_DIGITS = "0123456789"
_LETTERS = "абвгдежзийклмнопрстуфхцчшщъыьэюя"

FORMS = (
    *("общество с ограниченной ответственностью", "публичное акционерное общество"),
    *("закрытое акционерное общество", "открытое акционерное общество"),
    *("непубличное акционерное общество", "акционерное общество"),
    *("индивидуальный предприниматель", "товарищество собственников недвижимости"),
    *("товарищество собственников жилья", "садовое некоммерческое товарищество"),
    *("садоводческое некоммерческое товарищество", "гаражно строительный кооператив"),
    *("жилищно строительный кооператив", "муниципальное унитарное предприятие"),
    *("государственное унитарное предприятие", "муниципальное бюджетное учреждение"),
    *("федеральное государственное бюджетное учреждение",),
    *("государственное бюджетное учреждение", "управляющая компания"),
    *("ооо", "пао", "зао", "оао", "нао", "ао", "ип", "тсн", "тсж", "снт", "днт", "днп"),
    *("гск", "жск", "муп", "гуп", "мбу", "фгбу", "гбу", "мбоу", "мбдоу", "ук", "нко", "ано"),
)
"""Legal forms as they stand before a name, longer ones first."""

_TRADER = ("индивидуальный предприниматель", "ип")
_QUOTES = re.compile(r"""[«»"„“”]""")
_PATRONYMIC = re.compile(r"(ич|вна|чна|оглы|кызы)$")


def number_key(text: str) -> str:
    """A number without what people leave out or mix up: 40-071-288, 40 071288, Ю‑1204/19.

    Capital Cyrillic letters and digits remain; a Latin letter that looks like a Cyrillic one is
    that one.
    """
    kept = text.replace("№", "")
    return "".join(c for c in kept.upper().translate(_LOOK_ALIKES) if c.isalnum())


def words(text: str) -> list[str]:
    """The words of a name in small letters, without signs; ё is е, look-alikes are Cyrillic."""
    said = text.upper().translate(_LOOK_ALIKES).lower()
    return re.findall(r"[^\W_]+", said.replace("ё", "е"))


def name_key(text: str) -> str:
    """Surname and initials of a person; the words of an organisation, without its form, after «."""
    return next(iter(name_keys(text)), "")


def name_keys(text: str) -> list[str]:
    """The keys a name may stand under, the likeliest first.

    More than one where the order of words is not certain, or whether it is a person.
    """
    _, said = without_form(words(text))
    if not said:
        return []
    firm = "«" + " ".join(sorted(said))
    if is_firm(text):
        return [firm]
    surname, *given = surname_first(said)
    found = [" ".join([surname, *(word[0] for word in given)])]
    if len(said) == 2 and all(len(word) > 1 for word in said):
        found.append(f"{said[1]} {said[0][0]}")
    if len(said) == 3 and all(len(word) > 1 for word in said):
        found.append(f"{said[2]} {said[0][0]} {said[1][0]}")
    return [*dict.fromkeys(found), firm]


def is_firm(text: str) -> bool:
    """Whether a name is that of an organisation: by its form, quotes, digits, number of words."""
    has_form, said = without_form(words(text))
    many = len(said) > 3 or any(_has_digit(word) for word in said)
    return has_form or many or bool(_QUOTES.search(text))


def surname_first(said: list[str]) -> list[str]:
    """The words of a person's name with the surname first, whichever order they came in.

    A patronymic tells the order, and so do initials; a surname is taken to come first elsewhere.
    """
    if len(said) < 2:
        return said
    if len(said) == 3 and _PATRONYMIC.search(said[1]) and not _PATRONYMIC.search(said[2]):
        return [said[2], said[0], said[1]]
    initials = [word for word in said if len(word) == 1]
    if initials and len(said[0]) == 1:
        longer = [word for word in said if len(word) > 1]
        return [*longer, *initials]
    return said


def without_form(said: list[str]) -> tuple[bool, list[str]]:
    """Whether words begin or end with the legal form of a firm, and the words without any form.

    A sole trader (ИП) is a person with a form.
    """
    text, found = " ".join(said), False
    for form in FORMS:
        kept = text.removeprefix(f"{form} ").removesuffix(f" {form}")
        if kept != text:
            text, found = kept, found or form not in _TRADER
    return found, text.split()


def _has_digit(word: str) -> bool:
    return any(c.isdigit() for c in word)


def phone_key(text: str) -> str:
    """A telephone number as +79162041855; digits alone where it is no such number."""
    said = re.sub(r"[^0-9+]", "", text)
    digits = said.replace("+", "")
    for written in (said, digits):
        try:
            number = phonenumbers.parse(written, "RU")
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_possible_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return digits


def number_slips(key: str) -> set[str]:
    """The keys one slip of the pen away: a sign lost, doubled, changed, or two changed places.

    So likeness is asked of an index instead of every row. Signs are the digits and those of the
    key; at either end letters too, which people leave out.
    """
    signs = sorted({*_DIGITS, *key})
    return _slips(key, signs) | {letter.upper() + key for letter in _LETTERS} - {key}


def name_slips(key: str) -> set[str]:
    """As number_slips, of the surname in a person's key."""
    surname, _, initials = key.partition(" ")
    rest = f" {initials}" if initials else ""
    return {slip + rest for slip in _slips(surname, _LETTERS) if slip}


def _slips(word: str, signs: Iterable[str]) -> set[str]:
    cuts = [(word[:n], word[n:]) for n in range(len(word) + 1)]
    lost = {left + right[1:] for left, right in cuts if right}
    swapped = {left + right[1] + right[0] + right[2:] for left, right in cuts if len(right) > 1}
    changed = {left + sign + right[1:] for left, right in cuts if right for sign in signs}
    added = {left + sign + right for left, right in cuts for sign in signs}
    return (lost | swapped | changed | added) - {word}
