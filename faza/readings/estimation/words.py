"""Words of methods, as English ids: faces translate them."""

from __future__ import annotations

from collections.abc import Mapping

from faza.core.words import gettext_noop as _

TITLES: Mapping[str, str] = {
    "control": _("By the control meter"),
    "interpolation": _("By the values before and after"),
    "like-days": _("By like days"),
    "last-year": _("By the year before"),
    "group": _("By points of the same group"),
    "flat": _("Registers' energy in equal parts"),
}
"""Name of a method -> what it is called."""

EXPLAINS: Mapping[str, str] = {
    "control": _("The control meter has counted this energy in the same interval."),
    "interpolation": _(
        "The gap is short: a line from the value before it to the one after it, drawn a little"
        " to what is usual at this time."
    ),
    "like-days": _(
        "The mean of the same interval on the nearest days of this kind that were measured,"
        " brought to the use of this week."
    ),
    "last-year": _(
        "The same interval of the same weekday a year before, brought to the present use."
    ),
    "group": _(
        "The usual course of the day at points of the same group, brought to this point's"
        " average use."
    ),
    "flat": _("Nothing but the registers is known: their energy is spread evenly."),
}
"""Name of a method -> how its values come about, in a sentence."""

BOUNDS: Mapping[str, str] = {
    "register": _(
        "Register readings bound this stretch: all its intervals together are their difference."
    ),
    "jump": _(
        "The energy came in one value after a silence and was spread over the time without data."
    ),
}
"""What bounds an estimate -> what that means; the keys are those of inputs' `by`."""
