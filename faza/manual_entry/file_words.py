"""What is said of files of readings: why they are refused, what is wrong, what is doubted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from faza.manual_entry import wording
from faza.manual_entry.filing import faults_of
from faza.manual_entry.rules.plausible import Doubt
from faza.manual_entry.table import COLUMNS, Fault
from faza.protocols.problems import Malformed

SHOWN = 200
"""So many rows a page lists; the file of remarks has all."""

REFUSALS: Mapping[str, Promise] = {
    "empty": gettext_lazy("The file is empty."),
    "no-rows": gettext_lazy("There is no row under the titles."),
    "no-header": gettext_lazy("There is no row with the titles “Point code” and “New reading”."),
    "rows": gettext_lazy("The file has more than 100,000 rows; part it."),
    "file-bytes": gettext_lazy("The file is larger than 16 MB, or unpacks to more."),
    "not-text": gettext_lazy("This is neither a workbook nor a table of text."),
    "workbook": gettext_lazy("The workbook is broken or is none; save it anew and try again."),
    "encoding": gettext_lazy("The text cannot be read; save it as UTF-8."),
    "zip-total": gettext_lazy("The file is larger than 16 MB, or unpacks to more."),
    "zip-ratio": gettext_lazy("The workbook is packed too densely to be one."),
    "zip-files": gettext_lazy("The workbook has too many parts to be one."),
    "sheet-cells": gettext_lazy("A sheet has cells too far away; delete the empty ones."),
}


def refusal(problem: Malformed) -> str:
    """Why a file is refused as a whole."""
    return str(REFUSALS.get(problem.code, gettext_lazy("This file cannot be read.")))


FAULTS: Mapping[str, Promise] = {
    "broken": gettext_lazy("The rows cannot be read any further: %(found)s"),
    "no-point": gettext_lazy("There is no code of a point."),
    "no-such-point": gettext_lazy("Among your points there is none with the code “%(found)s”."),
    "not-a-number": gettext_lazy("“%(found)s” is no reading; expected a number as 12345,67."),
    "not-a-date": gettext_lazy(
        "“%(found)s” is no date; expected one as 22.11.2026 or 22.11.2026 14:30."
    ),
    "no-register": gettext_lazy("“%(found)s” is no register; expected one as A+ T1."),
    "two-dates": gettext_lazy("The rows of one point have different dates."),
    "in-future": gettext_lazy("%(found)s is still to come; expected a day up to %(expected)s."),
    "too-old": gettext_lazy(
        "%(found)s is too long ago; expected a day of the last 62 up to %(expected)s."
    ),
    "no-meter": gettext_lazy("No meter stands at this point."),
    "other-meter": gettext_lazy("Meter “%(found)s” does not stand there; expected %(expected)s."),
    "which-register": gettext_lazy(
        "It is not said which register it is; expected one of %(expected)s."
    ),
    "not-this-register": gettext_lazy(
        "%(found)s is not typed at this point; expected one of %(expected)s."
    ),
    "twice": gettext_lazy("%(found)s of this point stands in row %(expected)s already."),
    "too-fine": gettext_lazy("%(found)s has more decimals than the meter: expected %(expected)s."),
    "too-large": gettext_lazy(
        "%(found)s does not fit the meter's face; expected %(expected)s at most."
    ),
    "half": gettext_lazy(
        "The point is not taken without all its registers; missing: %(expected)s."
    ),
    "with-other": gettext_lazy(
        "Left out with row %(expected)s: of a point all or nothing is taken."
    ),
    "photo-wanted": gettext_lazy("This point wants a photo of the meter: send it on the page."),
    "closed-between": gettext_lazy("The time for readings of this point begins on %(expected)s."),
    "closed-not_allowed": gettext_lazy("Readings of this point are not typed."),
    "closed-closed": gettext_lazy("The network company has closed entry until %(expected)s."),
}
DOUBTS: Mapping[str, Promise] = {
    Doubt.ROLLED: gettext_lazy("less than before: did the meter begin anew?"),
    Doubt.LESS: gettext_lazy("less than before"),
    Doubt.SAME: gettext_lazy("nothing was consumed"),
    Doubt.LITTLE: gettext_lazy("less than usual"),
    Doubt.MUCH: gettext_lazy("more than usual"),
    Doubt.IMPOSSIBLE: gettext_lazy("more than the permitted power allows"),
}


def sentence(fault: Fault) -> str:
    """What is wrong, and what was expected."""
    words = FAULTS.get(fault.code) or gettext_lazy("Readings of this point cannot be sent now.")
    if fault.code.startswith("closed-") and "%(expected)s" in str(words) and not fault.expected:
        words = gettext_lazy("Readings of this point cannot be sent now.")
    return str(words) % {"found": fault.found or "—", "expected": fault.expected}


def column(key: str) -> str:
    """The title of a column as the template has it; "" of none."""
    language = get_language() or "ru"
    return next((one.title(language) for one in COLUMNS if one.key == key), "")


@dataclass(frozen=True, slots=True)
class Remark:
    """A row that is wrong or doubted, in words."""

    line: int
    point: str
    column: str
    text: str


def remarks(told: Mapping[str, Any]) -> list[Remark]:
    """What is wrong in a file, by line."""
    return [
        Remark(fault.line, fault.point, column(fault.column), sentence(fault))
        for fault in faults_of(told)
    ]


def doubted(told: Mapping[str, Any]) -> list[Remark]:
    """What waits for a yes, by line."""
    return [_doubted(row) for row in told.get("doubts", ())]


def _doubted(row: list[Any]) -> Remark:
    line, point, register, doubts, typed, last, decimals = row
    said = ", ".join(str(DOUBTS.get(doubt, doubt)) for doubt in doubts)
    told = {"typed": wording.value_of(register, typed, decimals), "said": said}
    if last is None:
        text = _("%(typed)s: %(said)s.") % told
    else:
        told["last"] = wording.value_of(register, last, decimals)
        text = _("%(typed)s after %(last)s: %(said)s.") % told
    return Remark(line, point, wording.name_of(register), text)


def rows(found: Iterable[Remark]) -> Iterable[tuple[object, ...]]:
    """The file of remarks: a head, and a row each."""
    yield _("Row"), _("Point"), _("Column"), _("What is wrong")
    for one in found:
        yield one.line, one.point, one.column, one.text
