"""Why a deed is not done, by what the person can do about it."""

from __future__ import annotations


class Refused(Exception):
    """The deed cannot be done as told; nothing is done."""


class UnderItself(Refused):
    """A node would stand under itself."""


class TooDeep(Refused):
    """The tree would be deeper than `rules.MOST_LEVELS`."""


class InUse(Refused):
    """Something stands on it: children, points, rights, a place in the past."""


class ZoneStands(Refused):
    """The zone and the resource of a point are not changed by an edit: its days are cut by them."""


class AnotherInstalled(Refused):
    """Another billing complex stands at the point for some of the same time."""


class MeterElsewhere(Refused):
    """The meter is installed for some of the same time already."""


class NotInstalled(Refused):
    """The complex does not stand at that moment."""


class OneSided(Refused):
    """A balance has no point on one of its sides."""


class LaterStands(Refused):
    """A group of the balance begins later: what is set in the past would change what stands."""
