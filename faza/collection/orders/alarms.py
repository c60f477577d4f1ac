"""Events that somebody has to look at: those people are warned of, and all alarms.

That a person has dealt with one is kept beside it, by its key; who, when and a note.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from faza.accounts.models import User
from faza.audit import services as audit
from faza.collection.models import AlarmSeen
from faza.contracts import access
from faza.contracts.permissions import Right, may
from faza.events import catalogue
from faza.events.kinds import Importance
from faza.events.models import EndDeviceEvent

LATELY = timedelta(days=30)
"""So far back events are counted as waiting; older ones are found by the list."""
TERM = timedelta(days=1)
"""By then somebody should have looked; a choice of ours."""
MOST = 1_000
"""Events of one deed."""
Key = tuple[int, datetime, int, int, int, int]
"""Usage point, moment, meter, journal, code, number."""


class Forbidden(Exception):
    """The person may not deal with alarms, or does not reach a point."""


def alarms(user: User, *, at: datetime) -> QuerySet[EndDeviceEvent]:
    """Events to look at, at the points a person works with; annotated with who has dealt with them.

    seen_by_id, seen_by_name, seen_at, seen_note: null where nobody has.
    """
    points = access.worked_points_of(user, at=at)
    seen = _seen()
    return (
        EndDeviceEvent.objects.filter(_urgent(), usage_point__in=points.values("pk"), at__lte=at)
        .annotate(
            seen_by_name=Subquery(seen.values("seen_by__full_name")[:1]),
            seen_at=Subquery(seen.values("seen_at")[:1]),
            seen_note=Subquery(seen.values("note")[:1]),
        )
        .select_related("usage_point__node")
    )


def waiting(user: User, *, at: datetime) -> QuerySet[EndDeviceEvent]:
    """Those of lately with which nobody has dealt."""
    points = access.worked_points_of(user, at=at)
    rows = EndDeviceEvent.objects.filter(_urgent(), usage_point__in=points.values("pk"))
    return rows.filter(~Exists(_seen()), at__gt=at - LATELY, at__lte=at)


def _seen() -> QuerySet[AlarmSeen]:
    return AlarmSeen.objects.filter(
        usage_point=OuterRef("usage_point"), at=OuterRef("at"), meter_id=OuterRef("meter_id"),
        journal=OuterRef("journal"), code=OuterRef("code"), number=OuterRef("number"),
    )  # fmt: skip


def _urgent() -> Q:
    by_journal: dict[int, list[int]] = {}
    for journal, code in catalogue.warned_of():
        by_journal.setdefault(journal, []).append(code)
    warned = reduce(
        or_, (Q(journal=journal, code__in=codes) for journal, codes in sorted(by_journal.items()))
    )
    return warned | Q(importance=Importance.ALARM)


def key_of(event: EndDeviceEvent) -> Key:
    return (
        event.usage_point_id, event.at, event.meter_id, event.journal, event.code, event.number
    )  # fmt: skip


@transaction.atomic
def acknowledge(keys: Iterable[Key], *, note: str, at: datetime, by: User) -> int:
    """Put down that a person has dealt with events; how many were new.

    Who was first stays. What is no alarm within reach is left. Raises Forbidden.
    """
    if not may(by, Right.ANSWER_ALARMS):
        raise Forbidden
    wanted = set(list(keys)[:MOST])
    if not wanted:
        return 0
    rows = alarms(by, at=at).filter(
        usage_point__in={key[0] for key in wanted}, at__in={key[1] for key in wanted}
    )
    found = [row for row in rows if key_of(row) in wanted and row.seen_at is None]  # type: ignore[attr-defined]
    AlarmSeen.objects.bulk_create(
        [
            AlarmSeen(
                usage_point_id=row.usage_point_id, at=row.at, meter_id=row.meter_id,
                journal=row.journal, code=row.code, number=row.number, seen_by=by, seen_at=at,
                note=note.strip()[:500],
            )
            for row in found
        ],
        ignore_conflicts=True, batch_size=200,
    )  # fmt: skip
    audit.note_many(
        "collection.alarm.seen",
        [
            audit.Done(row.usage_point, after={"at": row.at, "journal": row.journal,
                                               "code": row.code, "note": note.strip()[:500]})
            for row in found
        ],
        by=by, at=at,
    )  # fmt: skip
    return len(found)
