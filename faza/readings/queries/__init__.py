"""What was measured: profiles, consumption and completeness, as arrays.

Everything takes Windows and is clipped to them: an interval belongs to an answer if it lies
wholly in a window. A total is a number with its completeness. Integers are in the reading type's
quantum; `core.units` makes decimals of them at the edge. Days, months and hours are civil time
of the usage point; moments are unix seconds.
"""

from faza.readings.queries.changed import Changes, changed_since
from faza.readings.queries.consumption import By, Consumption, consumption
from faza.readings.queries.fleet import (
    Completeness,
    DayTotals,
    Latest,
    completeness,
    day_totals,
    latest,
    reading_types_of,
)
from faza.readings.queries.origins import Origin, origins
from faza.readings.queries.profiles import Gap, Profile, gaps, profiles

__all__ = [
    "By",
    "Changes",
    "Completeness",
    "Consumption",
    "DayTotals",
    "Gap",
    "Latest",
    "Origin",
    "Profile",
    "changed_since",
    "completeness",
    "consumption",
    "day_totals",
    "gaps",
    "latest",
    "origins",
    "profiles",
    "reading_types_of",
]
