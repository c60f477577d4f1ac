"""Short gaps: a line from edge to edge, drawn a little to what is usual at that time."""

from __future__ import annotations

import numpy as np

from faza.readings.estimation.cells import Edges
from faza.readings.estimation.shapes import F64

DRAWN, DRAWN_MORE = 0.15, 1 / 600
"""How much of a bridge is the like days' curve: so much, and so much more a minute of the gap.

Found by measurement: a fifth for one half-hour, 0.35 for two hours.
"""
ABOVE = 2.0
"""How far above the higher edge the curve counts, in differences of the edges.

The less, the nearer come most intervals, and the more energy is lost: 2.5 to 5 % of what is
bridged with 0, 1 to 3 % with 2 (measured).
"""


def bridge(edges: Edges, profile: F64, *, interval: int, longest: int) -> F64:
    """(n,) values within gaps of up to `longest` minutes between measured edges; else NaN.

    profile: (n,) what like days say, NaN: nothing, so that the line stays plain. It counts as
    far as it lies near the edges: a flat that is quiet before and after was quiet.
    """
    minutes = (edges.before + edges.after - 1) * interval
    within = edges.both & (minutes <= longest)
    span = np.maximum(edges.before + edges.after, 1)
    line = (edges.left * edges.after + edges.right * edges.before) / span
    low, high = np.minimum(edges.left, edges.right), np.maximum(edges.left, edges.right)
    usual = np.where(np.isnan(profile), line, np.clip(profile, low, high + ABOVE * (high - low)))
    weight = np.minimum(DRAWN + DRAWN_MORE * minutes, 1)
    return np.where(within, (1 - weight) * line + weight * usual, np.nan)
