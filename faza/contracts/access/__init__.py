"""The one door: which usage points a user may see, for which periods, and which objects.

`windows_of` is for everything that was measured; the doors to objects (`meters_of` and the like)
are for what is written of them at the desk. What a door does not show is not there: 404.
Source: design/rules.md, Access.
"""

from faza.contracts.access.doors import (
    agreements_of,
    applications_of,
    complexes_of,
    customers_of,
    meters_of,
    nodes_of,
    own_customers_of,
    people_of,
    transformers_of,
    worked_points_of,
)
from faza.contracts.access.grants import (
    Grant,
    grant_of,
    granted_agreements,
    granted_customers,
    granted_point,
    granted_points,
    granted_windows,
)
from faza.contracts.access.windows import (
    EVERYWHERE,
    NoSuchPoint,
    Points,
    customers_read_for,
    members_of,
    own_agreements_of,
    own_windows_of,
    point_of,
    points_visible,
    read_until,
    readable_agreements_of,
    reads_for,
    usage_points_of,
    windows_of,
)

__all__ = [
    "EVERYWHERE",
    "Grant",
    "NoSuchPoint",
    "Points",
    "agreements_of",
    "applications_of",
    "complexes_of",
    "customers_of",
    "customers_read_for",
    "grant_of",
    "granted_agreements",
    "granted_customers",
    "granted_point",
    "granted_points",
    "granted_windows",
    "members_of",
    "meters_of",
    "nodes_of",
    "own_agreements_of",
    "own_customers_of",
    "own_windows_of",
    "people_of",
    "point_of",
    "points_visible",
    "read_until",
    "readable_agreements_of",
    "reads_for",
    "transformers_of",
    "usage_points_of",
    "windows_of",
    "worked_points_of",
]
