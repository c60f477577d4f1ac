"""Words for faults, states and verdicts of orders and calendars."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from faza.collection.models import SupplyOrder
from faza.collection.orders.rules import State
from faza.collection.orders.schedules import Difference, Switches
from faza.collection.orders.scheduling import Verdict
from faza.ui import formats

CSS = {
    State.ASKED: "warn", State.WAITING: "warn", State.SENT: "", State.DONE: "good",
    State.FAILED: "bad", State.REFUSED: "", State.WITHDRAWN: "",
}  # fmt: skip
VERDICTS = {
    Verdict.SAME: gettext_lazy("as it should be"),
    Verdict.OTHER: gettext_lazy("counts otherwise"),
    Verdict.UNREAD: gettext_lazy("not read yet"),
    Verdict.UNKNOWN: gettext_lazy("no tariff with zones"),
}
VERDICT_CSS = {Verdict.SAME: "good", Verdict.OTHER: "bad", Verdict.UNREAD: "warn"}


def meter_said(order: SupplyOrder) -> str:
    """What the meter said when it was read back."""
    said = order.result
    if "control" in said:
        if said.get("is_on"):
            return _("relay closed, current flows")
        ready = said.get("control") == "ready"
        return _("relay open, may be switched on at the meter") if ready else _("relay open")
    if "threshold" in said:
        power = formats.number(int(said["threshold"]) / 1000, 1)
        acts = _("acts") if said.get("is_on") else _("does not act")
        return _("limiter %(power)s kW, %(acts)s") % {"power": power, "acts": acts}
    return ""


def when(order: SupplyOrder) -> str:
    return formats.moment(order.not_before, timezone.get_current_timezone())


def switches(told: Switches | None) -> str:
    """A day: «T2 00:00, T1 07:00, T2 23:00»."""
    if told is None:
        return _("no schedule")
    return ", ".join(f"T{zone} {minute // 60:02}:{minute % 60:02}" for minute, zone in told)


def differing(found: Sequence[Difference]) -> list[tuple[str, str, str, str]]:
    """Rows: from which day, how many days, what should be, what is."""
    return [
        (formats.day(one.first), str(one.days), switches(one.wanted), switches(one.is_now))
        for one in found
    ]
