"""Words of typed readings at the desk: groups, doubts, values, who decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from faza.core.reading_types import BY_CODE, ReadingType
from faza.core.units import to_unit
from faza.manual_entry import wording
from faza.manual_entry.models import Entry
from faza.manual_entry.rules.moves import State
from faza.manual_entry.rules.plausible import Doubt
from faza.readings.registers import meaning
from faza.ui import formats

GROUPS: Mapping[str, str | Promise] = {
    "outside": gettext_lazy("Outside the band"),
    "photo": gettext_lazy("A photo is wanted, none came"),
    "inside": gettext_lazy("Inside the band"),
    "asked": gettext_lazy("The subscriber is asked"),
}
TABS: Mapping[str, str | Promise] = {
    "": pgettext_lazy("readings", "All"),
    "outside": gettext_lazy("Outside the band"),
    "photo": pgettext_lazy("readings", "No photo"),
    "inside": gettext_lazy("Inside the band"),
    "asked": pgettext_lazy("readings", "Asked"),
}
DOUBTS: Mapping[str, str | Promise] = {
    Doubt.ROLLED: gettext_lazy("the register began anew"),
    Doubt.LESS: gettext_lazy("less than before"),
    Doubt.SAME: gettext_lazy("nothing consumed"),
    Doubt.LITTLE: gettext_lazy("below the band"),
    Doubt.MUCH: gettext_lazy("above the band"),
    Doubt.IMPOSSIBLE: gettext_lazy("more than the power allows"),
}
EXPLAINED: Mapping[str, str | Promise] = {
    Doubt.ROLLED: gettext_lazy(
        "Less than before: the register has gone over its end, and the subscriber confirmed it."
    ),
    Doubt.LESS: gettext_lazy(
        "Less than before, and it cannot have gone over its end: a slip, another meter, or a wrong "
        "earlier reading. Accepted, it counts nothing until somebody has looked."
    ),
    Doubt.SAME: gettext_lazy("Nothing was consumed, where something always was."),
    Doubt.LITTLE: gettext_lazy("Less than the point has ever consumed in so long a time."),
    Doubt.MUCH: gettext_lazy("More than the point has ever consumed in so long a time."),
    Doubt.IMPOSSIBLE: gettext_lazy(
        "More than the permitted power can take in this time, day and night."
    ),
}
READ_SINCE = gettext_lazy("the meter was read since")
READ_SINCE_LESS = gettext_lazy("the meter itself shows less")
READ_THEN = gettext_lazy("the meter was read at that moment")
FIRST = gettext_lazy("nothing to compare with")
GRAVE = {Doubt.LESS, Doubt.IMPOSSIBLE}
STATES_CSS: Mapping[str, str] = {
    State.SENT: "warn", State.ASKED: "info", State.APPROVED: "good", State.REFUSED: "bad",
    State.WITHDRAWN: "bad", State.REPLACED: "",
}  # fmt: skip


def kind_of(register: int) -> ReadingType:
    return BY_CODE[meaning(register)[0]]


def zone(register: int) -> str:
    """«T1»; «Σ» of a register that counts all."""
    return wording.name_of(register) or "Σ"


def amount(register: int, quanta: int | None, decimals: int = 0) -> str:
    """«12 847», without the unit; a dash where it is not known."""
    if quanta is None:
        return "—"
    return formats.number(to_unit(quanta, kind_of(register)), decimals)


def with_unit(register: int, quanta: float) -> str:
    """«633 кВт·ч»."""
    kind = kind_of(register)
    return str(formats.quantity(to_unit(round(quanta), kind), kind.unit, 0))


def values_of(entry: Entry, shown: Mapping[str, int]) -> str:
    """All values of a reading, «T1 4 821,64 кВт·ч, T2 …»."""
    return wording.values_of(shown, entry.meter.model.decimals)


def doubts_of(doubts: Mapping[str, Sequence[str]]) -> str:
    """What was asked of a reading: «T1 выше полосы; T2 меньше прошлого»."""
    told = []
    for register, found in sorted(doubts.items(), key=lambda pair: int(pair[0])):
        name = wording.name_of(int(register))
        said = ", ".join(str(DOUBTS.get(one, one)) for one in found)
        told.append(f"{name} {said}".strip())
    return "; ".join(told)


def decided(entry: Entry) -> str:
    """«принято, О. Климова, 19.11.2026 14:20», of what somebody or a rule decided."""
    who = entry.decided_by.full_name if entry.decided_by else ""
    if not who and entry.state == State.APPROVED:
        switched = entry.switched_on_by
        who = _("by the rule")
        if switched is not None:
            who = _("by the rule, which %(who)s had switched on") % {"who": switched.full_name}
    when = formats.moment(entry.decided_at, timezone.get_current_timezone())
    return ", ".join(part for part in (str(entry.get_state_display()), who, when) if part)
