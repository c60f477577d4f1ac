"""Words of a match: why an agreement is likely, how each field fits, what stands against it."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from faza.contracts.queries import Checked, Match
from faza.contracts.rules.matching import Compared, Verdict
from faza.desk.requests.words import Words

FIELDS: dict[str, Words] = {
    "name": pgettext_lazy("field", "Full name"),
    "number": pgettext_lazy("field", "Agreement number"),
    "phone": pgettext_lazy("field", "Telephone"),
    "email": pgettext_lazy("field", "E-mail"),
    "address": pgettext_lazy("field", "Address of the point"),
}
COUNTED = ("name", "number", "phone", "address")
"""Fields by which a row of the queue shows how well it fits."""

REASONS: dict[str, Words] = {
    "number_same": pgettext_lazy("match", "number"),
    "number_form": pgettext_lazy("match", "number, written otherwise"),
    "number_typo": pgettext_lazy("match", "a slip in the number"),
    "number_part": pgettext_lazy("match", "a part of the number"),
    "number_similar": pgettext_lazy("match", "number alike"),
    "name_same": pgettext_lazy("match", "name"),
    "name_form": pgettext_lazy("match", "name, written otherwise"),
    "name_initials": pgettext_lazy("match", "surname and initials"),
    "name_typo": pgettext_lazy("match", "a slip in the name"),
    "name_part": pgettext_lazy("match", "a part of the name"),
    "name_other_person": pgettext_lazy("match", "surname of another person"),
    "name_similar": pgettext_lazy("match", "name alike"),
    "phone_same": pgettext_lazy("match", "telephone"),
    "phone_form": pgettext_lazy("match", "telephone"),
    "phone_typo": pgettext_lazy("match", "a slip in the telephone"),
    "email_same": pgettext_lazy("match", "e-mail"),
    "address_same": pgettext_lazy("match", "address"),
    "address_parsed": pgettext_lazy("match", "address"),
    "address_part": pgettext_lazy("match", "the same house"),
    "address_similar": pgettext_lazy("match", "address alike"),
    "other_owner": pgettext_lazy("match", "same address, another customer"),
    "closed": pgettext_lazy("match", "the agreement has ended"),
}

OBSTACLES: dict[str, Words] = {
    "no_agreement": gettext_lazy("No agreement was found"),
    "number_differs": gettext_lazy("Another agreement number"),
    "number_missing": gettext_lazy("No agreement number"),
    "name_differs": gettext_lazy("Another name in the agreement"),
    "name_missing": gettext_lazy("No name"),
    "name_initials": gettext_lazy("Only initials are the same"),
    "phone_differs": gettext_lazy("Another telephone"),
    "email_differs": gettext_lazy("Another e-mail"),
    "address_differs": gettext_lazy("Another address"),
    "closed": gettext_lazy("The agreement has ended"),
    "no_points": gettext_lazy("The agreement has no points"),
    "has_user": gettext_lazy("The customer has a user already"),
    "several": gettext_lazy("Several agreements fit"),
    "rivals": gettext_lazy("Another application with this number"),
    "not_waiting": gettext_lazy("Does not wait for a check any more"),
    "own": gettext_lazy("Your own application"),
    "taken": gettext_lazy("A colleague works on it"),
}
TYPO = gettext_lazy("A slip in the agreement number")
ALL = gettext_lazy("Everything matches")


@dataclass(frozen=True, slots=True)
class Mark:
    """How well an application fits its best agreement: `filled` of `whole` fields, and a remark."""

    words: str
    filled: int
    whole: int
    passes: bool

    @property
    def pips(self) -> list[str]:
        css = "good" if self.passes else "warn"
        return [css if place < self.filled else "" for place in range(self.whole)]


def mark(checked: Checked) -> Mark:
    """What a row of the queue says of an application."""
    fields = checked.match.fields if checked.match else ()
    filled = sum(one.agrees for one in fields if one.field in COUNTED)
    return Mark(remark(checked), filled, len(COUNTED), checked.passes)


def remark(checked: Checked) -> str:
    """The first thing that stands against approving unseen, or that nothing does."""
    if checked.passes:
        return str(ALL)
    first = checked.obstacles[0]
    if first == "no_agreement" and not checked.application.agreement_number:
        first = "number_missing"
    if first == "number_differs" and checked.match and "number_typo" in checked.match.reasons:
        return str(TYPO)
    return obstacle(first)


def obstacle(code: str) -> str:
    """Why something cannot be approved unseen; a code that nobody gave words stands for itself."""
    return str(OBSTACLES.get(code, code))


def reasons(match: Match) -> str:
    """Why an agreement is likely, in one line."""
    told = [str(REASONS.get(code, code)) for code in match.reasons]
    return ", ".join(told) or _("little is alike")


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a text, marked where it differs from the other side."""

    text: str
    differs: bool


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A field as the person wrote it and as the papers have it, with a verdict in words.

    `offer`: the contact of the papers that the decision can set; `is_offered` ticks it at first.
    """

    field: str
    label: str
    claimed: tuple[Segment, ...]
    known: tuple[Segment, ...]
    words: str
    css: str
    icon: str
    offer: str = ""
    is_offered: bool = False


def field_rows(match: Match) -> tuple[FieldRow, ...]:
    """The comparison as a table's rows."""
    return tuple(_row(one) for one in match.fields)


def _row(one: Compared) -> FieldRow:
    claimed, known = segments(one.claimed, one.known, marked=one.verdict != Verdict.SAME)
    words, css, icon = _verdict(one)
    lacks = one.verdict == Verdict.MISSING and bool(one.claimed) and not one.known
    settable = one.field in ("phone", "email") and bool(one.claimed)
    return FieldRow(
        field=one.field,
        label=str(FIELDS[one.field]),
        claimed=claimed,
        known=known,
        words=words,
        css=css,
        icon=icon,
        offer=one.field if settable and not one.agrees else "",
        is_offered=lacks and settable,
    )


def _verdict(one: Compared) -> tuple[str, str, str]:
    if one.verdict == Verdict.SAME:
        return _("the same"), "good", "check"
    if one.verdict == Verdict.FORM:
        return _form(one), "good", "check"
    if one.verdict == Verdict.MISSING:
        said = _("not in the agreement") if one.claimed else _("not in the application")
        return said, "t3", "minus"
    match one.note:
        case "typo":
            return _("like a slip of the pen"), "warn", "wave-sine"
        case "part":
            return _("only a part is the same"), "warn", "wave-sine"
        case "other_person":
            return _("another person of that surname"), "bad", "x"
    return _("differs"), "bad", "x"


def _form(one: Compared) -> str:
    if one.note == "initials":
        return _("surname and initials are the same")
    if one.note == "parsed":
        return _("the same once taken apart")
    return _("the same, written otherwise")


def segments(
    one: str, other: str, *, marked: bool
) -> tuple[tuple[Segment, ...], tuple[Segment, ...]]:
    """Two texts in parts, those that differ marked; texts that are wholly unlike are not."""
    matcher = SequenceMatcher(None, one.lower(), other.lower(), autojunk=False)
    lengths_kept = len(one.lower()) == len(one) and len(other.lower()) == len(other)
    if not (marked and one and other and lengths_kept) or matcher.ratio() < 0.6:
        return (Segment(one, False),), (Segment(other, False),)
    left: list[Segment] = []
    right: list[Segment] = []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        for part, to in ((one[i1:i2], left), (other[j1:j2], right)):
            if part:
                # A mark on a space would be a smear.
                to.append(Segment(part, tag != "equal" and bool(part.strip())))
    return tuple(left), tuple(right)
