"""«History» as a table for a file: numbers as numbers, times as times, nothing twice."""

from __future__ import annotations

from django.utils.translation import gettext as _

from faza.cabinet.history.exact import Exact
from faza.cabinet.history.page import Page


def rows_of(shown: Page) -> list[list[object]]:
    """The head, then a row for each month and meter; what is of the whole month, and would be
    added up twice, stands in the month's first row. None where nothing is known.
    """
    head: list[object] = [
        _("Month"), _("Meter"), _("Ratio"), _("Reading at the start"), _("Read at"),
        _("Reading at the end"), _("Read at"),
        _("Used, %(unit)s") % {"unit": shown.unit}, _("Basis"), f"{_('Completeness')}, %",
        f"{_('Estimated')}, %", _("Cost, ₽"),
    ]  # fmt: skip
    made = [head]
    for row in shown.rows:
        used, share, estimated, cost = row.exact
        meters = [(one.number, one.exact) for one in row.meters] or [("", Exact(used=used))]
        for place, (number, one) in enumerate(meters):
            made.append(
                [row.name, number, one.ratio, one.opening, one.opened_at, one.closing,
                 one.closed_at, one.used, row.basis, share, estimated, None if place else cost]
            )  # fmt: skip
    return made
