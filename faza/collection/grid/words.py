"""What is said of cells: a title for the kind, a sentence for the cell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")
WORSE = "cwe"
"""Kinds of marks, the worst last: change, warning, error."""


@dataclass(frozen=True, slots=True)
class Words:
    """Of a code: its kind, what a group of such cells is called, what is said of one."""

    kind: str
    title: str | Promise
    sentence: str | Promise


def _error(title: str | Promise, sentence: str | Promise) -> Words:
    return Words("e", title, sentence)


def _warning(title: str | Promise, sentence: str | Promise) -> Words:
    return Words("w", title, sentence)


CODES: dict[str, Words] = {
    "change": Words("c", _("Will change"), _("Was “%(was)s”, will be “%(found)s”.")),
    "unchecked": _warning(_("Corrected, and not tried yet"), _("The next trial judges it.")),
    # A cell by itself
    "empty": _error(_("A needed cell is empty"), _("Nothing is written here, and it is needed.")),
    "too-long": _error(_("The text is too long"), _("There is room for %(expected)s characters.")),
    "path": _error(_("The path has no names"), _("Expected names parted by \\.")),
    "choice": _error(
        _("The word is not known"), _("“%(found)s” is not known here; expected: %(expected)s.")
    ),
    "zone-unknown": _error(
        _("There is no such time zone"),
        _("“%(found)s” is not known; expected Europe/Moscow or МСК+2."),
    ),
    "number": _error(
        _("This is not a power"), _("“%(found)s”: expected a number of kW, such as 15 or 0.5.")
    ),
    "number-fine": _error(
        _("The power is finer than a watt"), _("“%(found)s” kW has more than three decimals.")
    ),
    "year": _error(
        _("This is not a year"), _("“%(found)s”: expected a year of four digits, from 1950 on.")
    ),
    "date": _error(_("This is not a date"), _("“%(found)s”: expected a day, such as 12.03.2034.")),
    "date-none": _error(
        _("There is no such date"), _("There is no day %(found)s in the calendar.")
    ),
    "ratio": _error(
        _("The ratio is not understood"), _("“%(found)s”: expected a fraction, such as 200/5.")
    ),
    "ratio-date": _error(
        _("A spreadsheet made a date of a ratio"),
        _("“%(found)s” is a date; write the ratio as text, such as 10/5."),
    ),
    "ratio-mark": _error(
        _("The ratio is not written as a fraction"),
        _("“%(found)s”: expected a fraction, such as 200/5."),
    ),
    "ratio-bare": _error(
        _("The ratio is one number"),
        _("“%(found)s”: expected the fraction of the plate, such as 200/5."),
    ),
    "ratio-kv": _error(
        _("The ratio of a voltage transformer is in kilovolts"),
        _("“%(found)s”: expected volts, such as 10000/100."),
    ),
    "inn": _error(
        _("The taxpayer number is wrong"), _("The check digits of %(found)s do not fit.")
    ),
    # Places
    "node-outside": _error(
        _("The place is outside your area"),
        _("“%(found)s” is not in the part of the network that is yours."),
    ),
    "node-look-alike": _error(
        _("Latin letters in a Russian name"),
        _("The name “%(name)s” has Latin letters that look like Russian ones."),
    ),
    "node-ambiguous": _error(
        _("Two places have this path"), _("There is more than one “%(name)s” in one place.")
    ),
    "node-deep": _error(_("The path is too deep"), _("There may be %(expected)s levels at most.")),
    "node-like": _warning(
        _("The place looks like another one"), _("There is “%(name)s”; is it the same?")
    ),
    # Points
    "point-twice": _error(
        _("The point comes twice"), _("The same point stands in row %(line)s already.")
    ),
    "code-taken": _error(
        _("The point code cannot be used"),
        _("A point with the code %(found)s cannot be made here."),
    ),
    "point-ambiguous": _error(
        _("Two points have this name"),
        _("There are two points “%(found)s” at the place; write their codes."),
    ),
    "point-like": _warning(
        _("A point of this name is there under another code"),
        _("There is one with the code %(was)s; a second one will be made."),
    ),
    "zone-change": _error(
        _("The time zone of a point with data"),
        _("The point's time zone is %(was)s; it is not changed by an import."),
    ),
    "resource-change": _error(
        _("The resource of a point cannot change"), _("The point meters another resource.")
    ),
    # Meters
    "meter-no-model": _error(
        _("A meter without a type"), _("The meter's type is needed to know its number.")
    ),
    "meter-no-number": _error(
        _("A meter without a number"), _("A type is written, and no number.")
    ),
    "model-unknown": _error(
        _("The type of meter is not in the catalogue"),
        _("There is no type “%(found)s” in the catalogue."),
    ),
    "model-no-maker": _error(
        _("The manufacturer is not told"),
        _("A new type of meter needs its manufacturer."),
    ),
    "model-ambiguous": _error(
        _("Several manufacturers make this type"), _("Write the manufacturer: %(expected)s.")
    ),
    "model-guessed": _warning(
        _("The type of meter was guessed"), _("“%(found)s” is taken for %(name)s.")
    ),
    "model-new": _warning(
        _("A new type of meter will be made"),
        _("“%(found)s” comes into the catalogue, with a register of 6 digits and 2 decimals."),
    ),
    "meter-twice": _error(
        _("The meter comes twice"), _("The same meter stands in row %(line)s already.")
    ),
    "meter-elsewhere": _error(
        _("The meter stands at another point"), _("It stands at %(place)s since %(since)s.")
    ),
    "meter-hidden": _error(
        _("The meter is taken"), _("A meter with this number cannot be installed here.")
    ),
    "meter-differs": _error(
        _("Another meter stands at the point"),
        _("Meter %(was)s stands there since %(since)s. Is this a replacement?"),
    ),
    "number-zeros": _error(
        _("The meter's number lost its zeros"), _("There is a meter %(proposal)s of this type.")
    ),
    "replace-date": _error(
        _("The date of the replacement does not fit"),
        _("What stands there began on %(since)s; the new one has to begin later."),
    ),
    "installed-before": _error(
        _("Another meter stood there at that time"),
        _("The date of installation lies before %(since)s, when another one was removed."),
    ),
    "replaced": _warning(
        _("A meter is replaced without closing readings"),
        _("%(was)s ends where this one begins; enter its closing reading after the import."),
    ),
    "phases-differ": _warning(
        _("The type of meter has other phases"),
        _("The point has %(phases)s phases, the type of meter has others."),
    ),
    "due-before": _error(
        _("The verification ends before it began"),
        _("It ends on %(found)s, and was made on %(was)s."),
    ),
    "due-past": _warning(_("The verification has run out"), _("It ran out on %(found)s.")),
    "due-soon": _warning(
        _("The verification runs out within a month"), _("It runs out on %(found)s.")
    ),
    # Transformers
    "ratio-read": _error(
        _("The ratio of a point with readings"),
        _("The ratio is %(was)s; with readings it is changed in the complex, from a date on."),
    ),
    "transformer-read": _error(
        _("The transformers of a point with readings"),
        _("Other transformers stand there; they are replaced in the complex, from a date on."),
    ),
    "transformer-type": _error(
        _("A transformer without type or ratio"), _("Its type and ratio are needed.")
    ),
    "transformer-twice": _error(
        _("The transformer comes twice"), _("It stands in row %(line)s already.")
    ),
    "transformer-elsewhere": _error(
        _("The transformer stands at another point"), _("It is in another complex.")
    ),
    "transformer-ratio": _error(
        _("The transformer's plate has another ratio"),
        _("Transformer %(found)s is known with the ratio %(was)s."),
    ),
    "meter-needed": _error(
        _("Transformers without a meter"), _("A ratio needs a meter at the point.")
    ),
    # Agreements
    "agreement-none": _warning(
        _("No such agreement: the point stays without a customer"),
        _("There is no agreement %(found)s, and no customer's name to make it with."),
    ),
    "agreement-hidden": _error(
        _("The agreement cannot be used"), _("An agreement %(found)s cannot be used here.")
    ),
    "agreement-ambiguous": _error(
        _("Several agreements have this number"),
        _("More than one agreement is written so; bind the point by hand."),
    ),
    "agreement-conflict": _error(
        _("The agreement is told differently"),
        _("Row %(line)s tells another customer, date or tariff of it."),
    ),
    "agreement-dates": _error(_("The agreement ends before it begins"), _("It ends on %(found)s.")),
    "agreement-ended": _error(
        _("The agreement does not hold"), _("It does not hold at the time of the binding.")
    ),
    "customer-kind": _error(
        _("The kind of customer is not told"), _("A new customer needs a kind.")
    ),
    "customer-differs": _warning(
        _("The agreement has another customer"),
        _("The agreement is of %(was)s; it stays so."),
    ),
    "bound-elsewhere": _error(
        _("The point is in another agreement"),
        _("It is covered by %(was)s; end that first."),
    ),
    "tariff-unknown": _error(
        _("There is no such tariff"), _("There is no tariff with the code %(found)s.")
    ),
    "agreement-missing": _warning(
        _("A customer without an agreement"),
        _("There is no agreement number: the customer is left out."),
    ),
    "kept": _warning(_("An import does not change this"), _("It is “%(was)s”, and stays so.")),
}


def kind_of(code: str) -> str:
    return CODES[code].kind


def title(code: str) -> str:
    return str(CODES[code].title)


def sentence(mark: Mapping[str, Any]) -> str:
    """What is said of a cell, by its mark as JSON."""
    told = {"found": "", "was": "", "proposal": "", **mark, **mark.get("args", {})}
    told = {name: _as_said(value) for name, value in told.items()}
    return str(CODES[mark["code"]].sentence) % _Missing(told)


def _as_said(value: object) -> object:
    """A day as people write it; anything else as it is."""
    if isinstance(value, str) and ISO_DAY.fullmatch(value):
        return ".".join(reversed(value.split("-")))
    return value


class _Missing(dict[str, Any]):
    """Words of a sentence; one that an old mark lacks is left out."""

    def __missing__(self, key: str) -> str:
        return ""
