"""What is done to a case; `rules` says in which state what may be. Each deed is in the trail.

The asker's side: `ask`, `say`, `end`, `mark_read`. The desk's: the others; who may is asked of
`contracts.permissions` at the door, which cases of `queries.desk_cases`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from faza.accounts.models import User
from faza.audit import services as audit
from faza.cases import queries, rules, telling
from faza.cases.models import Case, CaseMessage
from faza.cases.rules import Move, State, Subject, WrongMove
from faza.contracts import access
from faza.contracts.models import Customer
from faza.contracts.permissions import STAFF
from faza.core.periods import Period, start_of_day
from faza.core.reading_types import ReadingType
from faza.metering.models import UsagePoint
from faza.tariffs.queries import working_day_after

__all__ = [
    "AlreadyTaken",
    "Outside",
    "OwnCase",
    "TooMany",
    "WrongMove",
    "answer",
    "ask",
    "assign",
    "close",
    "due",
    "end",
    "mark_read",
    "may_ask",
    "note",
    "release",
    "say",
    "take",
    "write",
]


class Outside(Exception):
    """No time of the stretch is the asker's own; staff have none by their office."""


class TooMany(Exception):
    """The person has opened more cases within a day than anybody needs."""


class AlreadyTaken(Exception):
    """Somebody else of the desk works on the case."""


class OwnCase(Exception):
    """Nobody of the desk answers a case of their own."""


@transaction.atomic
def ask(
    *, user: User, point: UsagePoint, period: Period, kind: ReadingType | None,
    subject: Subject, question: str, at: datetime,
) -> Case:  # fmt: skip
    """Open a case about a point over a period, cut to the time that is the asker's own.

    The same question about the same stretch is asked once while the case is open. Raises
    Outside, TooMany, ValidationError for a text or a stretch that cannot be.
    """
    text = _required("question", question)
    own = _own(user, point, period, at)
    if own is None:
        raise Outside(f"user {user.pk}, point {point.pk}, {period}")
    customer, asked = own
    if asked.length > rules.LONGEST:
        raise ValidationError({"end": _("Ask about a year at most.")})
    User.objects.select_for_update().get(pk=user.pk)
    same = _same(user, customer, point, asked, kind, text)
    if same is not None:
        return same
    lately = Case.objects.filter(asked_by=user, asked_at__gt=at - timedelta(days=1))
    if lately.count() >= rules.MOST_A_DAY:
        raise TooMany(f"user {user.pk}")
    case = Case(
        usage_point=point, customer=customer, reading_type=kind.code if kind else None,
        start=asked.start, end=asked.end, subject=subject, question=text, state=State.NEW,
        asked_by=user, asked_at=at, due_at=due(at), read_at=at,
    )  # fmt: skip
    windows = access.windows_of(user, at=at, points=[point.pk])
    seen = queries.shown(windows, case, at=at)
    case.shown = seen.told() if seen else {}
    case.save(force_insert=True)
    audit.note(
        "cases.case.asked", of=case, by=user, at=at,
        after={"usage_point": point.pk, "subject": subject, "start": asked.start,
               "end": asked.end, "channel": case.channel},
    )  # fmt: skip
    telling.received(case, at=at)
    return case


def may_ask(user: User, point: UsagePoint, *, at: datetime) -> bool:
    """Whether a user may open cases about a point at all: staff only by an agreement of theirs."""
    return user.role not in STAFF or bool(access.reads_for(user, point, at=at))


def _own(
    user: User, point: UsagePoint, period: Period, at: datetime
) -> tuple[Customer | None, Period] | None:
    """For whom a user asks about a point, and which part of the period is theirs: the longest."""
    found = [
        (customer, own)
        for customer, seen in access.reads_for(user, point, at=at)
        if (own := seen.intersect(period))
    ]
    if found:
        number, own = max(found, key=lambda pair: pair[1].length)
        return Customer.objects.get(pk=number), _whole_minutes(own, at)
    if user.role in STAFF:
        return None
    windows = access.windows_of(user, at=at, points=[point.pk]).within(period)
    longest = max((window.period for window in windows), key=lambda p: p.length, default=None)
    return None if longest is None else (None, _whole_minutes(longest, at))


def _whole_minutes(period: Period, at: datetime) -> Period:
    """What reaches up to now ends with the last whole minute."""
    if period.end < at:
        return period
    end = period.end.replace(second=0, microsecond=0)
    return Period(period.start, end) if period.start < end else period


def _same(
    user: User, customer: Customer | None, point: UsagePoint, period: Period,
    kind: ReadingType | None, text: str,
) -> Case | None:  # fmt: skip
    told = Q(customer=customer) if customer else Q(customer=None, asked_by=user)
    return Case.objects.filter(
        told, usage_point=point, start=period.start, reading_type=kind.code if kind else None,
        question=text, state__in=rules.OPEN,
    ).first()  # fmt: skip


@transaction.atomic
def say(*, case: Case, text: str, by: User, at: datetime) -> CaseMessage:
    """A word of the asker's side; after an answer, or once it is closed, it asks again.

    Then the term runs anew. Raises ValidationError for an empty text.
    """
    found, before = _held(case, Move.SAY)
    asked_again = found.state != before
    if asked_again:
        found.due_at, found.closed_at, found.answered_at = due(at), None, None
    found.read_at = at
    found.save()
    message = _add(found, CaseMessage.Kind.SAID, text, by, at)
    action = "cases.case.reopened" if asked_again else "cases.case.said"
    audit.note(action, of=found, by=by, at=at, after={"message": message.pk})
    telling.said(found, at=at, asked_again=asked_again)
    return message


@transaction.atomic
def end(*, case: Case, by: User, at: datetime) -> Case:
    """The asker needs nothing more. Raises WrongMove where it is closed already."""
    found, _before = _held(case, Move.END)
    found.closed_at = found.read_at = at
    found.save()
    audit.note("cases.case.ended", of=found, by=by, at=at)
    return found


def mark_read(case: Case, *, at: datetime) -> None:
    """The asker's side has opened the case; this is no deed."""
    if case.has_news:
        Case.objects.filter(pk=case.pk).update(read_at=at)


def take(*, case: Case, by: User, at: datetime) -> Case:
    """Work on a case oneself; twice is once. Raises AlreadyTaken if somebody else does, OwnCase."""
    return assign(case=case, to=by, by=by, at=at)


@transaction.atomic
def assign(*, case: Case, to: User, by: User, at: datetime) -> Case:
    """Give a case to somebody of the desk, who is told; twice is once.

    Only who takes it for themselves is refused where another has it: giving on is meant. Raises
    AlreadyTaken, OwnCase, WrongMove.
    """
    found, before = _held(case, Move.ASSIGN)
    _not_own(found, to, at)
    if before == State.IN_WORK and found.assigned_to_id == to.pk:
        return found
    if before == State.IN_WORK and to == by and found.assigned_to_id is not None:
        raise AlreadyTaken(f"case {found.pk}: by {found.assigned_to_id}")
    was = found.assigned_to_id
    found.assigned_to, found.assigned_at = to, at
    found.save()
    audit.note(
        "cases.case.assigned", of=found, by=by, at=at,
        before={"assigned_to": was}, after={"assigned_to": to.pk},
    )  # fmt: skip
    if to != by:
        telling.assigned(found, to, at=at)
    return found


@transaction.atomic
def release(*, case: Case, by: User, at: datetime) -> Case:
    """Leave a case to others again, whoever had it. Raises WrongMove where nobody has."""
    found, _before = _held(case, Move.RELEASE)
    was = found.assigned_to_id
    found.assigned_to = found.assigned_at = None
    found.save()
    audit.note("cases.case.released", of=found, by=by, at=at, before={"assigned_to": was})
    return found


@transaction.atomic
def write(*, case: Case, text: str, by: User, at: datetime) -> CaseMessage:
    """A word of the desk that is no answer yet: a question to the asker, news. It is mailed."""
    found, _before = _held(case, Move.WRITE)
    _not_own(found, by, at)
    found.word_at = at
    found.save()
    message = _add(found, CaseMessage.Kind.WRITTEN, text, by, at)
    audit.note("cases.case.written", of=found, by=by, at=at, after={"message": message.pk})
    telling.written(found, message, at=at)
    return message


@transaction.atomic
def note(*, case: Case, text: str, by: User, at: datetime) -> CaseMessage:
    """A note that only the desk reads, in any state."""
    found, _before = _held(case, Move.NOTE)
    _not_own(found, by, at)
    message = _add(found, CaseMessage.Kind.NOTE, text, by, at)
    audit.note("cases.case.noted", of=found, by=by, at=at, after={"message": message.pk})
    return message


@transaction.atomic
def answer(*, case: Case, text: str, by: User, at: datetime) -> CaseMessage:
    """Answer a case; it is mailed. Who answers what nobody has taken has it from then on.

    Raises WrongMove where it is answered or closed, OwnCase, ValidationError.
    """
    found, _before = _held(case, Move.ANSWER)
    _not_own(found, by, at)
    found.answered_at = found.word_at = at
    if found.assigned_to is None:
        found.assigned_to, found.assigned_at = by, at
    found.save()
    message = _add(found, CaseMessage.Kind.ANSWER, text, by, at)
    audit.note("cases.case.answered", of=found, by=by, at=at, after={"message": message.pk})
    telling.answered(found, message, at=at)
    return message


@transaction.atomic
def close(*, case: Case, by: User, at: datetime) -> Case:
    """The desk closes what it has answered; the asker is told, and may ask again."""
    found, _before = _held(case, Move.CLOSE)
    _not_own(found, by, at)
    found.closed_at = found.word_at = at
    found.save()
    audit.note("cases.case.closed", of=found, by=by, at=at)
    telling.closed(found, at=at)
    return found


def due(at: datetime) -> datetime:
    """By when what was asked at a moment is to be answered: the end of the last working day.

    In the installation's zone, by the production calendar; the day of asking is not counted.
    """
    came = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    last = working_day_after(came, rules.DUE_WORKING_DAYS)
    return start_of_day(last + timedelta(days=1), settings.TIME_ZONE)


def _held(case: Case, move: Move) -> tuple[Case, State]:
    """The case locked, its state after the move, not stored yet; and the state before."""
    found = (
        Case.objects.select_for_update(of=("self",))
        .select_related("usage_point__node", "assigned_to", "asked_by")
        .get(pk=case.pk)
    )
    before = State(found.state)
    found.state = rules.after(before, move).value
    return found, before


def _not_own(case: Case, by: User, at: datetime) -> None:
    if case.asked_by_id == by.pk or queries.own_cases(by, at=at).filter(pk=case.pk).exists():
        raise OwnCase(f"case {case.pk}")


def _add(case: Case, kind: CaseMessage.Kind, text: str, by: User, at: datetime) -> CaseMessage:
    return CaseMessage.objects.create(
        case=case, author=by, kind=kind, text=_required("text", text), at=at
    )


def _required(name: str, text: str) -> str:
    said = text.strip()
    if not said:
        raise ValidationError({name: _("Please write something here.")})
    if len(said) > rules.LONGEST_TEXT:
        raise ValidationError({name: _("The text is too long.")})
    return said
