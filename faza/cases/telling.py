"""Who is told of a case by mail: the people of the asker's side, or those of the desk.

Mails to the desk carry no word of the subscriber: the case does. In the deed's own transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from faza.accounts.models import User
from faza.cases import queries
from faza.cases.models import Case, CaseMessage
from faza.outbox import services as outbox

CABINET, DESK = "/cases/{}/", "/desk/cases/{}/"


def received(case: Case, *, at: datetime) -> None:
    """The asker has proof that the case is there; the desk learns of it."""
    told = {"due": case.due_on.isoformat(), "subject": case.subject, "place": _place(case)}
    if case.asked_by is not None:
        _tell("received", case, [case.asked_by], told, CABINET, at)
    _tell("new", case, queries.desk_of(case.usage_point), told, DESK, at)


def answered(case: Case, message: CaseMessage, *, at: datetime) -> None:
    _tell("answered", case, _askers(case, at), {"text": message.text}, CABINET, at)


def written(case: Case, message: CaseMessage, *, at: datetime) -> None:
    _tell("message", case, _askers(case, at), {"text": message.text}, CABINET, at)


def closed(case: Case, *, at: datetime) -> None:
    _tell("closed", case, _askers(case, at), {}, CABINET, at)


def said(case: Case, *, at: datetime, asked_again: bool) -> None:
    """A word of the asker goes to whoever works on the case, else to all of the desk."""
    holder = case.assigned_to
    is_held = holder is not None and holder.is_active
    desk = [holder] if holder is not None and is_held else queries.desk_of(case.usage_point)
    told = {"due": case.due_on.isoformat(), "place": _place(case)}
    _tell("again" if asked_again else "said", case, desk, told, DESK, at)


def assigned(case: Case, to: User, *, at: datetime) -> None:
    told = {"due": case.due_on.isoformat(), "subject": case.subject, "place": _place(case)}
    _tell("assigned", case, [to], told, DESK, at)


def _askers(case: Case, at: datetime) -> list[User]:
    """Who asked and who wrote on that side, as far as they still read the case."""
    wrote = case.messages.filter(kind=CaseMessage.Kind.SAID).values("author")
    people = User.objects.filter(pk__in=[case.asked_by_id]) | User.objects.filter(pk__in=wrote)
    return [
        user
        for user in people.filter(is_active=True).order_by("pk")
        if queries.own_cases(user, at=at).filter(pk=case.pk).exists()
    ]


def _place(case: Case) -> str:
    point = case.usage_point
    return ", ".join(part for part in (point.name, point.address) if part)


def _tell(
    what: str, case: Case, people: Iterable[User], told: Mapping[str, object], page: str,
    at: datetime,
) -> None:  # fmt: skip
    kind = f"cases.case.{what}"
    for user in people:
        outbox.tell(
            kind, key=f"case:{case.pk}:{what}:{at.isoformat()}:{user.pk}", to=user.pk, at=at,
            payload={"number": case.pk, "url": page.format(case.pk), **told},
            language=user.language,
        )  # fmt: skip
