"""Addresses as people write them, taken apart: «ул. Садовая, д. 27, кв. 5», «Садовая 27-5»."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LABELS = {
    **dict.fromkeys(("д", "дом", "уч", "участок", "вл", "владение", "зд", "здание"), "house"),
    **dict.fromkeys(("к", "корп", "корпус", "стр", "строение", "лит", "литера"), "building"),
    **dict.fromkeys(("кв", "квартира", "оф", "офис", "пом", "помещение", "комн"), "flat"),
}
"""Words before a number, and which number it is."""

_KINDS = frozenset(
    {
        *("г", "гор", "город", "с", "село", "п", "пос", "поселок", "пгт", "дер", "деревня", "д"),
        *("обл", "область", "край", "респ", "республика", "район", "ул", "улица", "пер"),
        *("переулок", "пр", "проспект", "просп", "проезд", "ш", "шоссе", "бул", "бульвар", "пл"),
        *("площадь", "наб", "набережная", "туп", "тупик", "аллея", "мкр", "микрорайон"),
        *("квартал", "снт", "днт", "гск", "россия"),
    }
)
"""Words that say what the next word is; people leave them out."""

_HYPHENED = re.compile(r"(?<![^\W_])(?:пр-к?т|пр-д|б-р|кв-л|р-н)(?![^\W_])")
_ORDINALS = frozenset({"я", "й", "ая", "ый", "ой", "го"})
_TOKEN = re.compile(r"\d+(?:/\d+)?(?:[а-яa-z](?![а-яa-z]))?|[^\W\d_]+|[,;]")


@dataclass(frozen=True, slots=True)
class Address:
    """Names of places in any order, and the numbers; empty where not said."""

    names: frozenset[str] = frozenset()
    house: str = ""
    building: str = ""
    flat: str = ""

    def __bool__(self) -> bool:
        return bool(self.names or self.house)


def parse(text: str) -> Address:
    """What an address says; nothing of it is ever an error."""
    said = _HYPHENED.sub(" ", text.lower().replace("ё", "е"))
    said = re.sub(r"(\d)\s*-\s*(?=\d)", r"\1, ", said)
    said = re.sub(r"(\d)-(?=[^\W\d_])", r"\1 ", said)
    said = re.sub(r"(\d)\s+([а-е])(?![^\W_])", r"\1\2", said)
    tokens = _TOKEN.findall(said)
    names: set[str] = set()
    numbers: dict[str, str] = {}
    spare: list[str] = []
    place = 0
    while place < len(tokens):
        part, following = tokens[place], tokens[place + 1 : place + 3]
        place += 1
        if part in ",;":
            continue
        label = _LABELS.get(part)
        if label and following and following[0][0].isdigit():
            numbers.setdefault(label, following[0])
            place += 1
        elif part[0].isdigit():
            if following and following[0] in _ORDINALS:
                following = following[1:]
                place += 1
            if part.isdigit() and _is_name(following):
                names.add(part + following[0])
                place += 1
            else:
                spare.append(part)
        elif part not in _KINDS and part not in _LABELS:
            names.add(part)
    for number in spare:
        free = next((kind for kind in ("house", "flat") if kind not in numbers), None)
        if free:
            numbers[free] = number
    return Address(frozenset(names), **numbers)


def _is_name(following: list[str]) -> bool:
    """Whether the next token goes with a number before it: 8 Марта, 50 лет."""
    if not following or following[0] in ",;" or following[0][0].isdigit():
        return False
    word = following[0]
    return len(word) > 1 and word not in _KINDS and word not in _LABELS


def key(text: str) -> str:
    """An address written in one way: names in order, then the numbers."""
    found = parse(text)
    names = [re.sub(r"^(\d+)", r"\1 ", name) for name in sorted(found.names)]
    labels = (("д", found.house), ("к", found.building), ("кв", found.flat))
    return " ".join([*names, *(f"{label} {number}" for label, number in labels if number)])
