"""What a row of the table says, and the words that most rows are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

ROLES = (
    "anonymous",
    "unverified",  # registered, address proven, waits for the operator
    "stranger",  # a subscriber with a point in another part of the network
    "former",  # had the flat until twenty days ago
    "owner",  # has had it since
    "supplier",  # supplies the owner's agreement
    "house_manager",  # runs the house that the flat is in
    "elsewhere",  # an operator of another part of the network
    "operator",
    "auditor",
    "administrator",
)
OUTSIDE = ROLES[:7]
STAFF = ROLES[7:]

Statuses = Mapping[str, int]


def by(default: int, **roles: int) -> Statuses:
    """A status for each role: the default, or what is said of one by name.

    Groups stand for several: `staff` (operators, auditor, administrator), `outside` (the rest
    but anonymous), `people` (everybody but anonymous).
    """
    groups = {"staff": STAFF, "outside": OUTSIDE[1:], "people": ROLES[1:]}
    found = dict.fromkeys(ROLES, default)
    for group, members in groups.items():
        if group in roles:
            found |= dict.fromkeys(members, roles[group])
    return found | {role: status for role, status in roles.items() if role not in groups}


@dataclass(frozen=True)
class Door:
    """An address with its arguments, as one is asked for it, and the status for each role.

    `args`, `query` and the values of `body` may name things of the world: `{point}` is the flat's
    code, `{there_point}` a foreign one, `{absent}` one that is not there; see `world.World.names`.
    With a `body` (or `post=True`) it is a POST, else a GET. What a POST does is rolled back.
    `is_limited`: attempts are counted, and the counters are emptied before each visit.
    """

    name: str
    statuses: Statuses
    args: tuple[str, ...] = ()
    query: str = ""
    body: Mapping[str, str] = field(default_factory=dict)
    post: bool = False
    is_limited: bool = False

    @property
    def is_post(self) -> bool:
        return self.post or bool(self.body)


OPEN = by(200)
"""Everybody."""
OWN = by(200, anonymous=302)
"""Everybody who has signed in; what is inside is the person's own."""
CABINET = by(200, anonymous=302, unverified=302)
"""As OWN; who waits for the operator is led to the state of the request."""
POINT = by(404, anonymous=302, unverified=302, former=200, owner=200, supplier=200, operator=200,
           auditor=200, administrator=200)  # fmt: skip
"""Whoever has ever had a window of the flat; the house's manager has none of a flat."""
NOWHERE = by(404, anonymous=302, unverified=302)
"""A code that does not exist: for everybody as a foreign one is for a stranger."""
GUEST = by(302, anonymous=200)
"""Who has not signed in yet."""
DESK = by(200, anonymous=302, outside=403)
"""The staff."""
HERE = by(200, anonymous=302, outside=403, elsewhere=404)
"""The staff, but an operator of another part of the network does not find it."""
DEED = by(403, anonymous=302, elsewhere=404, operator=302, administrator=302)
"""A deed of the operator's on something of this part of the network; the auditor only reads."""
OFFICE = by(403, anonymous=302, auditor=200, administrator=200)
"""The administrator, and the auditor who reads."""
RULE = by(403, anonymous=302, administrator=302)
"""A deed of the administrator's."""
