"""The choice in the top bar of pages about one point."""

from __future__ import annotations

from datetime import datetime

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from faza.accounts.models import User
from faza.cabinet import addresses
from faza.cabinet.choice import Chosen
from faza.contracts import access
from faza.ui.periods import Choice

PICKS = 12
"""So many points are listed; more are chosen in the explorer's tree."""


def one_of(user: User, chosen: Chosen, query: QueryDict, *, at: datetime) -> tuple[Choice, ...]:
    """The user's points, each leading to the same page of its own. One question.

    What else the address says is kept. A point whose time is over is listed where it is shown.
    """
    rows = list(access.points_visible(user, at=at).by_place()[: PICKS + 1])
    if len(rows) < 2:
        return ()
    current = chosen.points[0].code if chosen.points else ""
    made = [
        Choice(
            row.name,
            addresses.changed(query, point=row.code, branch=None, points=None),
            current=row.code == current,
            title=row.address,
        )
        for row in rows[:PICKS]
    ]
    if len(rows) > PICKS:
        made.append(Choice(_("Choose in the tree…"), reverse("cabinet:explorer")))
    return tuple(made)
