"""Which news a person of the desk reaches, and which they may change.

An operator reads what is for everywhere or wholly for the own areas, and changes the latter; the
administrator all.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from faza.accounts.models import User
from faza.contracts import access
from faza.contracts.access import EVERYWHERE
from faza.contracts.permissions import Right, may
from faza.notifications.models import News


def news_of(user: User, *, at: datetime) -> QuerySet[News]:
    """The news that a person of the desk reads."""
    rows = News.objects.all()
    if user.role in EVERYWHERE:
        return rows
    nodes = News.nodes.through.objects.exclude(
        networknode__in=access.nodes_of(user, at=at).values("id")
    )
    points = News.points.through.objects.exclude(
        usagepoint__in=access.worked_points_of(user, at=at).values("id")
    )
    return rows.exclude(pk__in=nodes.values("news")).exclude(pk__in=points.values("news"))


def may_change(user: User, news: News) -> bool:
    """Whether a person may change a piece that they reach."""
    if not may(user, Right.EDIT_NEWS):
        return False
    return user.role in EVERYWHERE or news.nodes.exists() or news.points.exists()
