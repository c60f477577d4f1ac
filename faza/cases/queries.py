"""Which cases somebody reaches, and what was measured over the stretch of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db.models import F, Q, QuerySet

from faza.accounts.models import User
from faza.cases.models import Case, CaseMessage
from faza.cases.rules import WAITING
from faza.contracts import access
from faza.contracts.models import OperatorArea
from faza.core.periods import Period
from faza.core.quality import Quality, is_estimated, is_present
from faza.core.windows import Windows
from faza.metering.models import UsagePoint
from faza.readings import queries as readings

PUBLIC = (CaseMessage.Kind.SAID, CaseMessage.Kind.WRITTEN, CaseMessage.Kind.ANSWER)


def own_cases(user: User, *, at: datetime) -> QuerySet[Case]:
    """The cases that a user reads as their asker, in the cabinet.

    Those asked for the customers the user reads for, by whichever of its users, and the own ones
    about a house's common meters; of these such whose stretch shares time with a window of the
    user's. So a former owner keeps the own cases, and the next one never sees them. Five queries.
    """
    asked = Case.objects.filter(
        Q(customer__in=access.customers_read_for(user, at)) | Q(customer=None, asked_by=user)
    )
    rows = list(asked.values_list("pk", "usage_point_id", "start", "end"))
    if not rows:
        return Case.objects.none()
    windows = access.windows_of(user, at=at, points={point for _, point, _, _ in rows})
    periods: dict[int, list[Period]] = {}
    for window in windows:
        periods.setdefault(window.usage_point, []).append(window.period)
    seen = [
        pk
        for pk, point, start, end in rows
        if any(one.start < end and start < one.end for one in periods.get(point, ()))
    ]
    return Case.objects.filter(pk__in=seen)


def unread(user: User, *, at: datetime) -> list[Case]:
    """The own cases in which the desk wrote what nobody of the asker's side has opened yet."""
    news = Q(read_at=None) | Q(read_at__lt=F("word_at"))
    return list(own_cases(user, at=at).filter(news, word_at__isnull=False).order_by("-word_at"))


def desk_cases(user: User, *, at: datetime) -> QuerySet[Case]:
    """The cases about the points that a person of the desk works with."""
    points = access.worked_points_of(user, at=at)
    return Case.objects.filter(usage_point__in=points.values("pk"))


def waiting(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Those that wait for the desk."""
    return cases.filter(state__in=WAITING)


def desk_of(point: UsagePoint) -> list[User]:
    """Who answers for a point: the operators of its area, else the administrators. Two queries."""
    path = point.node.path
    areas = OperatorArea.objects.filter(user__is_active=True, user__role=User.Role.OPERATOR)
    here = {
        area.user_id: area.user
        for area in areas.select_related("user", "node")
        if path.startswith(area.node.path)
    }
    if here:
        return sorted(here.values(), key=lambda user: (user.full_name, user.pk))
    everywhere = User.objects.filter(role=User.Role.ADMINISTRATOR, is_active=True)
    return list(everywhere.order_by("full_name", "pk"))


def assignable(point: UsagePoint) -> list[User]:
    """Whom a case about a point may be given to: its operators and the administrators."""
    bosses = User.objects.filter(role=User.Role.ADMINISTRATOR, is_active=True)
    found = {user.pk: user for user in [*desk_of(point), *bosses]}
    return sorted(found.values(), key=lambda user: (user.full_name, user.pk))


@dataclass(frozen=True, slots=True)
class Shown:
    """What a channel had over a stretch, as counts of intervals and a sum of what is present.

    total: in the reading type's quantum; None where nothing is present. Missing is not zero.
    """

    intervals: int
    missing: int
    estimated: int
    doubtful: int
    total: int | None

    def told(self) -> dict[str, int | None]:
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def of(cls, told: Mapping[str, int | None]) -> Shown | None:
        """What was put down in a case; None where nothing was."""
        if set(told) != set(cls.__slots__):
            return None
        return cls(
            intervals=told["intervals"] or 0,
            missing=told["missing"] or 0,
            estimated=told["estimated"] or 0,
            doubtful=told["doubtful"] or 0,
            total=told["total"],
        )


def shown(windows: Windows, case: Case, *, at: datetime) -> Shown | None:
    """What the windows show of a case's channel and stretch at `at`; None without a channel."""
    if case.reading_type is None:
        return None
    told = readings.profiles(
        windows.of_points([case.usage_point_id]), [case.reading_type], case.period, until=at
    )
    if not told:
        return None
    quality = np.concatenate([one.quality for one in told])
    values = np.concatenate([one.values for one in told])
    present = is_present(quality)
    return Shown(
        intervals=len(quality),
        missing=int((~present).sum()),
        estimated=int(is_estimated(quality).sum()),
        doubtful=int((quality == Quality.QUESTIONABLE).sum()),
        total=int(values[present].sum()) if present.any() else None,
    )
