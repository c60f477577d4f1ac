"""Estimation: what most likely flowed where nothing good was measured, never more than is proven.

Plain NumPy, no Django: `readings.vee` fetches what it needs and lays the results over the days.
"""

from faza.readings.estimation.estimating import Settings, estimate
from faza.readings.estimation.like import day_classes
from faza.readings.estimation.others import group_shape
from faza.readings.estimation.shapes import (
    METHODS,
    ORDER,
    Bound,
    Brackets,
    Channels,
    Estimates,
    Groups,
    Reference,
    State,
)

__all__ = [
    "METHODS", "ORDER", "Bound", "Brackets", "Channels", "Estimates", "Groups", "Reference",
    "Settings", "State", "day_classes", "estimate", "group_shape",
]  # fmt: skip
