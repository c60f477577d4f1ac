"""Why an order may not be, in words."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy

from faza.collection.orders.rules import Fault

FAULTS = {
    Fault.GROUND: gettext_lazy("This ground is none for what is ordered."),
    Fault.NO_WORDS: gettext_lazy("Tell the ground in words: amount, period, number of the act."),
    Fault.NO_NOTICE: gettext_lazy("Give the day on which the consumer was given notice."),
    Fault.NOTICE_AHEAD: gettext_lazy("A notice cannot be of a day to come."),
    Fault.TOO_SOON: gettext_lazy("The term after the notice is not over on that day."),
    Fault.NO_PAPER: gettext_lazy("Attach the document: PDF, JPEG or PNG, 5 MB at most."),
    Fault.PROTECTED: gettext_lazy("A protected consumer is not limited."),
    Fault.LIFE_SUPPORT: gettext_lazy("Life support hangs on this point: it is not limited."),
    Fault.COMMON: gettext_lazy("The meter of a whole house is not limited."),
    Fault.NO_SUPPLIER: gettext_lazy("The agreement of the point has no supplier."),
    Fault.NO_DEVICE: gettext_lazy("The meter of the point has no line in use: nobody can do it."),
    Fault.NO_RELAY: gettext_lazy("This type of meter has no relay."),
    Fault.NO_PRESENCE: gettext_lazy("Tell who has seen that somebody is at the meter."),
    Fault.NO_THRESHOLD: gettext_lazy("Tell up to which power."),
    Fault.SAME_PERSON: gettext_lazy(
        "Who made the order does not confirm it: a second person does."
    ),
    Fault.TOO_MANY: gettext_lazy(
        "There were many limitations in this hour: no bulk switching off."
    ),
}


def faults(found: Iterable[Fault]) -> list[str]:
    return [str(FAULTS[one]) for one in found]
