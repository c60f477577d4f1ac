"""The choice in the top bar: the first points of the reader."""

from __future__ import annotations

from datetime import datetime

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from faza.accounts.models import User
from faza.cabinet.choice import Chosen
from faza.contracts import access
from faza.ui import addresses
from faza.ui.periods import Choice

PICKS = 12
"""So many points are listed; more are chosen in the explorer's tree."""


def first_of(user: User, chosen: Chosen, *, at: datetime) -> list[tuple[str, str, str]]:
    """(code, name, address) of the first points, and one more where there are more than PICKS.

    One question; none where all of so many are chosen, for they are known then.
    """
    if chosen.is_all and len(chosen.points) > PICKS:
        return [(one.code, one.name, one.address) for one in chosen.points[: PICKS + 1]]
    rows = access.points_visible(user, at=at).by_place()
    return list(rows.values_list("code", "name", "address")[: PICKS + 1])


def one_of(user: User, chosen: Chosen, query: QueryDict, *, at: datetime) -> tuple[Choice, ...]:
    """The user's points, each leading to the same page of its own. One question at most.

    What else the address says is kept. A point whose time is over is listed where it is shown.
    """
    rows = first_of(user, chosen, at=at)
    if len(rows) < 2:
        return ()
    current = chosen.points[0].code if chosen.points else ""
    made = [
        Choice(
            name,
            addresses.changed(query, point=code, branch=None, points=None),
            current=code == current,
            title=address,
        )
        for code, name, address in rows[:PICKS]
    ]
    if len(rows) > PICKS:
        made.append(Choice(_("Choose in the tree…"), reverse("cabinet:explorer")))
    return tuple(made)
