"""Words of rules of entry: places, days, frequency."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from faza.contracts.models import Customer
from faza.core.periods import Period
from faza.manual_entry import wording
from faza.manual_entry.models import EntryException, EntryRule
from faza.manual_entry.rules.opening import MONTHS_AHEAD
from faza.ui import formats

SCOPES: dict[str, str | Promise] = {
    "everywhere": gettext_lazy("everywhere"),
    "area": gettext_lazy("a part of the network"),
    "agreement": gettext_lazy("an agreement"),
    "point": gettext_lazy("a usage point"),
}
EVERY: dict[int, str | Promise] = {
    1: pgettext_lazy("entry", "every month"),
    2: pgettext_lazy("entry", "every two months"),
    3: pgettext_lazy("entry", "every quarter"),
    4: pgettext_lazy("entry", "three times a year"),
    6: pgettext_lazy("entry", "twice a year"),
    12: pgettext_lazy("entry", "once a year, in December"),
}


def scope_of(row: EntryRule | EntryException) -> str:
    if row.usage_point_id:
        return "point"
    if row.agreement_id:
        return "agreement"
    return "area" if row.node_id else "everywhere"


def place_of(row: EntryRule | EntryException) -> str:
    """«Лесной район», «договор 35-10, Ковалёва А. С.», «Дом», «everywhere»."""
    if row.usage_point:
        return f"{row.usage_point.name} ({row.usage_point.code})"
    if row.agreement:
        told = {"number": row.agreement.number, "customer": row.agreement.customer.name}
        return _("agreement %(number)s, %(customer)s") % told
    return row.node.name if row.node else _("everywhere")


def group_of(rule: EntryRule) -> str:
    """The kind of customers a rule is of; empty for all."""
    return str(Customer.Kind(rule.group).label) if rule.group else ""


def days_of(first: int, last: int) -> str:
    """«с 20-го по 25-е число»."""
    told = {"first": first, "last": last}
    if last < first:
        return _("from day %(first)s to day %(last)s of the next month") % told
    return _("from day %(first)s to day %(last)s") % told


def silent_of(days: int | None) -> str:
    if days is None:
        return _("no")
    return ngettext("after %(n)s day without data", "after %(n)s days without data", days) % {
        "n": days
    }


def registers_of(registers: Iterable[int]) -> str:
    return ", ".join(wording.name_of(one) or "Σ" for one in registers) or _("as the meter counts")


def next_window(rule: EntryRule, at: datetime) -> Period | None:
    """The window that is open or comes next, by the installation's clock."""
    if not rule.is_allowed:
        return None
    today = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    before = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    found = rule.plain().windows(settings.TIME_ZONE, before, MONTHS_AHEAD)
    return next((one for one in found if one.end > at), None)


def window_words(window: Period | None) -> str:
    """«20.11.2026 – 25.11.2026»."""
    if window is None:
        return "—"
    zone = ZoneInfo(settings.TIME_ZONE)
    last = (window.end - timedelta(seconds=1)).astimezone(zone).date()
    return formats.dates(window.start.astimezone(zone).date(), last)
