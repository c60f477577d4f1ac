"""What would be billed for a month without readings: by which clause, and what it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from faza.cabinet import words as common
from faza.charges import queries as charges
from faza.charges.models import SubstitutedMonth
from faza.charges.rules import substitution as rules
from faza.core.windows import Windows
from faza.ui import formats

KWH = 1000


@dataclass(frozen=True, slots=True)
class Instead:
    """A billing volume: what is said of it, how it was taken, the numbers, and what to know."""

    text: SafeString
    way: str
    rows: tuple[tuple[str, str], ...]
    note: str = ""
    is_example: bool = False


def instead(windows: Windows, point: int, month: date) -> tuple[Instead, ...]:
    """What would be billed where the reading of a month that is over is missing. One query."""
    return tuple(_one(row, month) for row in charges.substituted(windows, point, month))


def _one(row: SubstitutedMonth, month: date) -> Instead:
    told = common.filled(
        _("In %(month)s the reading is missing: by the rules %(volume)s would be billed"
          " (%(clause)s). It is not part of what was used."),
        month=common.month(month), clause=row.clause, volume=common.bold(_energy(row.volume)),
    )  # fmt: skip
    if row.method == rules.NORMATIVE and "per_resident" in row.inputs:
        return _by_normative(row, told)
    return Instead(told, _way(row), _rows(row))


def _way(row: SubstitutedMonth) -> str:
    return {
        rules.MEAN: _("The mean of the last months that were measured; the month without a reading"
                      " is number %(number)s in a row, %(most)s are taken so."),
        rules.CONTROL: _("What the control meter counted in the month."),
        rules.LAST_YEAR: _("The same month of last year."),
        rules.NEAREST: _("The nearest month before that was measured."),
        rules.CALCULATED: _("The agreed power for all hours of the month."),
    }.get(row.method, "") % {"number": row.number, "most": rules.BY_MEAN}  # fmt: skip


def _rows(row: SubstitutedMonth) -> tuple[tuple[str, str], ...]:
    """Months or names with what they gave, as they were used."""
    found = []
    for name, value in row.inputs.items():
        if name == "max_power":
            found.append((_("Agreed power"), str(formats.quantity(_kilo(value), "kW", 1))))
        elif name == "hours":
            found.append((pgettext("of a month", "Hours"), formats.number(int(value))))
        elif name == "control":
            found.append((_("Control meter"), _energy(value)))
        else:
            first = date.fromisoformat(name)
            found.append((f"{common.month(first)} {first.year}", _energy(value)))
    return tuple(found)


def _by_normative(row: SubstitutedMonth, told: SafeString) -> Instead:
    """The normative of the household's dwelling, for each resident, with its coefficient."""
    used = row.inputs
    residents = int(used["residents"])
    rows = [
        (_("Normative for a resident a month"), _energy(used["per_resident"])),
        (_("Residents"), formats.number(residents)),
    ]
    if Decimal(used["factor"]) != 1:
        rows.append((_("Raising coefficient"), f"× {formats.number(Decimal(used['factor']), 2)}"))
    if used["days"] != used["of_days"]:
        rows.append((_("Days of the month"), _("%(days)s of %(all)s days") % {
            "days": used["days"], "all": used["of_days"],
        }))  # fmt: skip
    since = date.fromisoformat(used["valid_from"])
    way = _(
        "The normative of consumption of %(group)s, which holds since %(day)s, for %(who)s."
    ) % {
        "group": f"«{used['group_name']}»",
        "day": formats.day(since),
        "who": ngettext("%(count)s resident", "%(count)s residents", residents)
        % {"count": residents},
    }
    note = ""
    if used["order"]:
        note = pgettext("price", "Order: %(order)s.") % {"order": used["order"]}
    return Instead(told, way, tuple(rows), note, bool(used["is_example"]))


def _kilo(value: int) -> Decimal:
    return Decimal(value) / KWH


def _energy(value: int) -> str:
    """kWh, with as many decimals as it has up to one."""
    exact = _kilo(value)
    return str(formats.energy(exact, "kWh", 0 if exact == int(exact) else 1))
