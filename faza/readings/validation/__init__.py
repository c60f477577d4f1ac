"""Validation: what is wrong with what was delivered, by which rule, with which numbers.

`shapes` and `history_shapes` are what rules see and say, `rules` lists them, `inline` and
`history` look; `paint` brings findings to intervals. Plain NumPy, no Django. Verdicts stand over
the delivery as a layer of their own; nothing that was delivered is changed.
"""

from faza.readings.validation import history, inline, limits
from faza.readings.validation.cells import paint
from faza.readings.validation.rules import PARAMETERS, RULES, Shown, defaults, shown

__all__ = [
    "PARAMETERS",
    "RULES",
    "Shown",
    "defaults",
    "history",
    "inline",
    "limits",
    "paint",
    "shown",
]
