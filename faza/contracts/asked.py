"""Which usage points somebody asks for: as an address says it, and as what is saved says it.

`?point=CODE&branch=a12` lists points and whole branches; `&points=all` turns the list into the
exceptions from everything. A point that is listed twice, by itself and by its branch, is out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.http import QueryDict

from faza.accounts.models import User
from faza.contracts import access
from faza.contracts.models import AgreementPoint
from faza.metering.models import NetworkNode

MOST_BRANCHES = 30
"""Each is a question within the one for points, nested; SQLite parses no deep ones."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address says about points."""

    codes: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
    everything: bool = False
    nothing: bool = False

    @classmethod
    def read(cls, query: QueryDict) -> Asked:
        base = query.get("points", "")
        return cls(
            codes=tuple(dict.fromkeys(filter(None, query.getlist("point")))),
            branches=tuple(dict.fromkeys(filter(is_branch, query.getlist("branch")))),
            everything=base == "all",
            nothing=base == "none",
        )

    def __bool__(self) -> bool:
        """Whether the address says anything of points."""
        return bool(self.codes or self.branches or self.everything or self.nothing)

    def into(self, query: QueryDict) -> QueryDict:
        """A copy of an address that names these points."""
        made = query.copy()
        made.setlist("point", list(self.codes))
        made.setlist("branch", list(self.branches))
        made.setlist("points", ["all"] * self.everything or ["none"] * self.nothing)
        return made


def is_branch(key: str) -> bool:
    return key[:1] in {"a", "n", "t"} and key[1:].isdecimal() and len(key) < 18


def condition(asked: Asked, user: User, *, at: datetime) -> Q:
    """The points asked for, as a condition on those that the user sees.

    Raises NoSuchPoint where more than MOST_BRANCHES are listed.
    """
    if len(asked.branches) > MOST_BRANCHES:
        raise access.NoSuchPoint(asked.branches[MOST_BRANCHES])
    told = Q(code__in=asked.codes)
    for key in asked.branches:
        told ^= in_branch(key, user, at=at)
    return ~told if asked.everything else told


def in_branch(key: str, user: User, *, at: datetime) -> Q:
    """Points of a branch of the tree: of an agreement of the user's, or of a place.

    `n12`: at a place of the network itself; `t12`: at it and at all under it.
    """
    number = int(key[1:])
    if key[0] == "t":
        path = NetworkNode.objects.filter(pk=number).values_list("path", flat=True).first()
        return Q(pk__in=[]) if path is None else Q(node__path__startswith=path)
    if key[0] == "n":
        return Q(node_id=number)
    bound = AgreementPoint.objects.covering_before(at).filter(
        agreement__in=access.readable_agreements_of(user, at=at).filter(id=number).values("id")
    )
    return Q(id__in=bound.values("usage_point"))
