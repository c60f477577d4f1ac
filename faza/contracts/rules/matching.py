"""How well what somebody wrote fits the papers of an agreement: field by field, then in all.

Likeness is from 0 to 100 and the same both ways round. Reasons and notes are codes; the words for
them are made in the face.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from faza.contracts.rules import addresses, keys


class Verdict(StrEnum):
    SAME = "same"
    FORM = "form"
    DIFFERS = "differs"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Compared:
    """A field as the person wrote it and as the papers have it.

    `note` says more than the verdict: initials, typo, part, other_person, parsed.
    """

    field: str
    claimed: str
    known: str
    verdict: Verdict
    likeness: int
    note: str = ""

    @property
    def agrees(self) -> bool:
        return self.verdict in (Verdict.SAME, Verdict.FORM)


@dataclass(frozen=True, slots=True)
class Claim:
    """What an applicant wrote; `name` is the organisation's where one applies."""

    number: str
    name: str
    phone: str = ""
    email: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Papers:
    """What is known of an agreement and its customer; several addresses: of points and papers."""

    number: str
    name: str
    phone: str = ""
    email: str = ""
    addresses: tuple[str, ...] = ()


WEIGHTS = {"number": 40, "name": 30, "address": 15, "phone": 10, "email": 5}
"""What a field counts for. Of our own making: a number alone does not reach half."""

UNKNOWN = 0.25
"""The part of its weight by which a field lowers the score that one of both sides lacks."""

TYPO, PART, INITIALS, SURNAME, LIKE = 80, 60, 85, 35, 85


def compare(claim: Claim, papers: Papers) -> tuple[Compared, ...]:
    """The fields one by one, in the order they are shown."""
    return (
        compare_names(claim.name, papers.name),
        compare_numbers(claim.number, papers.number),
        compare_phones(claim.phone, papers.phone),
        compare_emails(claim.email, papers.email),
        nearest_address(claim.address, papers.addresses),
    )


def score(fields: tuple[Compared, ...]) -> int:
    """From 0 to 100: the likeness of all that can be compared, by weight."""
    weighed = [
        (WEIGHTS[one.field] * (UNKNOWN if one.verdict == Verdict.MISSING else 1), one.likeness)
        for one in fields
    ]
    return round(sum(weight * like for weight, like in weighed) / sum(w for w, _ in weighed))


def reasons(fields: tuple[Compared, ...]) -> tuple[str, ...]:
    """Codes of what speaks for a match: field_same, field_form, field_typo and the like."""
    found = []
    for one in fields:
        if one.agrees:
            found.append(f"{one.field}_{one.note or one.verdict.value}")
        elif one.likeness >= SURNAME:
            found.append(f"{one.field}_{one.note or 'similar'}")
    by_field = {one.field: one for one in fields}
    if by_field["address"].agrees and by_field["name"].verdict == Verdict.DIFFERS:
        found.append("other_owner")
    return tuple(found)


def compare_numbers(claimed: str, known: str) -> Compared:
    """Numbers of agreements: the key, then slips of the pen, then a part left out."""
    ours, theirs = keys.number_key(claimed), keys.number_key(known)
    if not (ours and theirs):
        return Compared("number", claimed, known, Verdict.MISSING, 0)
    if claimed.strip() == known.strip():
        return Compared("number", claimed, known, Verdict.SAME, 100)
    if ours == theirs:
        return Compared("number", claimed, known, Verdict.FORM, 95)
    slips, shorter = OSA.distance(ours, theirs), min(ours, theirs, key=len)
    if slips == 1 and len(shorter) > 3:
        return Compared("number", claimed, known, Verdict.DIFFERS, TYPO, "typo")
    if len(shorter) > 4 and (ours.startswith(shorter) and theirs.startswith(shorter)):
        return Compared("number", claimed, known, Verdict.DIFFERS, PART, "part")
    if slips == 2 and len(shorter) > 6:
        return Compared("number", claimed, known, Verdict.DIFFERS, 55, "typo")
    return Compared("number", claimed, known, Verdict.DIFFERS, 0)


def compare_phones(claimed: str, known: str) -> Compared:
    ours, theirs = keys.phone_key(claimed), keys.phone_key(known)
    if not (ours and theirs):
        return Compared("phone", claimed, known, Verdict.MISSING, 0)
    if ours == theirs:
        return Compared("phone", claimed, known, Verdict.SAME, 100)
    if OSA.distance(ours, theirs) == 1:
        return Compared("phone", claimed, known, Verdict.DIFFERS, 50, "typo")
    return Compared("phone", claimed, known, Verdict.DIFFERS, 0)


def compare_emails(claimed: str, known: str) -> Compared:
    ours, theirs = claimed.strip().lower(), known.strip().lower()
    if not (ours and theirs):
        return Compared("email", claimed, known, Verdict.MISSING, 0)
    if ours == theirs:
        return Compared("email", claimed, known, Verdict.SAME, 100)
    return Compared("email", claimed, known, Verdict.DIFFERS, 0)


def compare_names(claimed: str, known: str) -> Compared:
    """Names of people or organisations, whatever their case, order, form and signs."""
    ours, theirs = _name(claimed), _name(known)
    if not (ours and theirs):
        return Compared("name", claimed, known, Verdict.MISSING, 0)
    if _plain(claimed) == _plain(known):
        return Compared("name", claimed, known, Verdict.SAME, 100)
    if sorted(ours) == sorted(theirs):
        return Compared("name", claimed, known, Verdict.FORM, 100)
    verdict, likeness, note = _compare_words(claimed, known, ours, theirs)
    return Compared("name", claimed, known, verdict, likeness, note)


def _compare_words(
    claimed: str, known: str, ours: list[str], theirs: list[str]
) -> tuple[Verdict, int, str]:
    person = not (keys.is_firm(claimed) or keys.is_firm(known))
    if person and ours[0] == theirs[0] and ours[1:] and theirs[1:]:
        pairs = list(zip(ours[1:], theirs[1:], strict=False))
        if all(_same_given(one, other) for one, other in pairs):
            return Verdict.FORM, INITIALS, "initials"
        if all(one[0] == other[0] and fuzz.ratio(one, other) >= LIKE for one, other in pairs):
            return Verdict.DIFFERS, TYPO, "typo"
        return Verdict.DIFFERS, SURNAME, "other_person"
    if person and (len(ours) == 1 or len(theirs) == 1) and ours[0] == theirs[0]:
        return Verdict.DIFFERS, PART, "part"
    if person and len(ours) > 1 and len(theirs) > 1:
        pairs = list(zip(ours[1:], theirs[1:], strict=False))
        near = OSA.distance(ours[0], theirs[0]) == 1 and min(len(ours[0]), len(theirs[0])) > 3
        if near and all(_same_given(one, other) for one, other in pairs):
            return Verdict.DIFFERS, TYPO, "typo"
    alike = fuzz.ratio(" ".join(sorted(ours)), " ".join(sorted(theirs)))
    if alike >= LIKE:
        return Verdict.DIFFERS, TYPO, "typo"
    return Verdict.DIFFERS, 0, ""


def _same_given(one: str, other: str) -> bool:
    return one == other or (1 in (len(one), len(other)) and one[0] == other[0])


def _name(text: str) -> list[str]:
    _, said = keys.without_form(keys.words(text))
    return said if keys.is_firm(text) else keys.surname_first(said)


def _plain(text: str) -> str:
    return " ".join(text.lower().replace("ё", "е").split())


def nearest_address(claimed: str, known: tuple[str, ...]) -> Compared:
    """The most alike of the addresses known."""
    compared = [compare_addresses(claimed, one) for one in known]
    return max(
        compared,
        key=lambda one: (one.likeness, one.verdict == Verdict.SAME),
        default=Compared("address", claimed, "", Verdict.MISSING, 0),
    )


def compare_addresses(claimed: str, known: str) -> Compared:
    """Addresses by their parts; a town may be left out, a house may not."""
    ours, theirs = addresses.parse(claimed), addresses.parse(known)
    if not (ours and theirs):
        return Compared("address", claimed, known, Verdict.MISSING, 0)
    if _plain(claimed) == _plain(known):
        return Compared("address", claimed, known, Verdict.SAME, 100)
    few, many = sorted((ours.names, theirs.names), key=len)
    common = bool(few) and all(
        any(fuzz.ratio(name, other) >= LIKE for other in many) for name in few
    )
    if not common or ours.house != theirs.house:
        return Compared("address", claimed, known, Verdict.DIFFERS, 0)
    same_building = ours.building == theirs.building
    if same_building and ours.flat == theirs.flat:
        return Compared("address", claimed, known, Verdict.FORM, 100, "parsed")
    if same_building and not (ours.flat and theirs.flat):
        return Compared("address", claimed, known, Verdict.DIFFERS, PART, "part")
    return Compared("address", claimed, known, Verdict.DIFFERS, 20)
