"""What the pages of an import say: states, refusals of files, reasons against taking back."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from faza.protocols.problems import Malformed

REFUSALS: dict[str, str | Promise] = {
    "empty": gettext_lazy("The file is empty."),
    "no-header": gettext_lazy("The file has no row with names of columns."),
    "workbook": gettext_lazy("The workbook is broken or is none; save it anew and try again."),
    "not-text": gettext_lazy("This is neither a workbook nor a table of text."),
    "encoding": gettext_lazy("The text cannot be read; save it as UTF-8."),
    "file-bytes": gettext_lazy("The file is larger than 64 MB, or unpacks to more."),
    "zip-total": gettext_lazy("The workbook unpacks to more than 64 MB."),
    "zip-ratio": gettext_lazy("The workbook is packed too densely to be one."),
    "zip-files": gettext_lazy("The workbook has too many parts to be one."),
    "sheet-cells": gettext_lazy("A sheet has cells too far away; delete the empty ones."),
    "rows": gettext_lazy("The sheet has more than 50,000 rows; part it."),
}


def refusal(problem: Malformed) -> str:
    """Why a file is refused."""
    return str(REFUSALS.get(problem.code, _("This file cannot be read.")))


STEPS: dict[str, str | Promise] = {
    "reading": gettext_lazy("Reading the rows"),
    "comparing": gettext_lazy("Comparing with the network"),
    "applying": gettext_lazy("Writing to the network"),
    "withdrawing": gettext_lazy("Taking back"),
}


def against(reasons: Iterable[tuple[str, int, str]]) -> list[str]:
    """Why an import cannot be taken back."""
    said = []
    for code, count, first in reasons:
        told = {"count": count, "first": first}
        if code == "late":
            said.append(_("More than %(count)s days have passed.") % told)
        elif code == "readings":
            text = ngettext(
                "%(count)s of its points has readings.",
                "%(count)s of its points have readings.",
                count,
            )
            said.append(text % told)
        elif code == "later":
            text = ngettext(
                "%(count)s thing was changed since.",
                "%(count)s things were changed since.",
                count,
            )
            said.append(text % told)
        else:
            text = ngettext(
                "%(count)s thing was built upon it since.",
                "%(count)s things were built upon it since.",
                count,
            )
            said.append(text % told)
    return said
