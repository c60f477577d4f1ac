"""All that an operator looks at before deciding on an application, and what comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q
from django.http import Http404, QueryDict

from faza.accounts.models import Acceptance, User
from faza.audit import queries as trail
from faza.contracts import access
from faza.contracts.models import (
    Application,
    ApplicationNote,
    CustomerAgreement,
)
from faza.contracts.queries import Match, compared_with, matches_of
from faza.contracts.rules.applications import DECIDED, UNDO, Move, State, after
from faza.contracts.rules.applications import WrongMove as NotPossible
from faza.desk.requests import matching, words
from faza.desk.requests.places import Opening, covered_points, opening
from faza.metering.models import UsagePoint
from faza.notifications import mails
from faza.outbox.models import Message

SURE, DOUBTFUL = 80, 50
"""Likenesses in percent from which an agreement is very likely the one, and may be it."""
MOST_BY_HAND = 8
MOST_NAMED = 50
"""So many points a mail names; it always counts them all."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An agreement that may be the one, chosen or to be chosen by a link."""

    match: Match
    reasons: str
    chosen: bool
    by_hand: bool
    key: str
    """The physical key that chooses it, "" for all but the first."""

    @property
    def css(self) -> str:
        score = self.match.score
        return "good" if score >= SURE else "warn" if score >= DOUBTFUL else ""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the operator has set on the page so far; all of it stands in the form."""

    agreement: int | None = None
    find: str = ""
    place: str = ""
    points: tuple[int, ...] = ()
    contacts: tuple[str, ...] = ()
    letter: str = ""
    valid_from: str = ""
    valid_to: str = ""
    is_touched: bool = False

    @classmethod
    def of(cls, query: QueryDict) -> Choices:
        """From an address or a form. Raises Http404 for a number that is none."""
        return cls(
            agreement=_number(query.get("agreement", "")),
            find=query.get("find", "").strip()[:100],
            place=query.get("place", "").strip()[:100],
            points=tuple(key for text in query.getlist("points") if (key := _number(text))),
            contacts=tuple(query.getlist("contacts")),
            letter=query.get("letter", "")[:2000],
            valid_from=query.get("valid_from", ""),
            valid_to=query.get("valid_to", ""),
            is_touched="touched" in query,
        )


def _number(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise Http404(text[:20])
    return int(text)


@dataclass(frozen=True, slots=True)
class Case:
    """An application with the evidence; of a decided one without the choices."""

    application: Application
    choices: Choices
    candidates: tuple[Candidate, ...]
    chosen: Match | None
    fields: tuple[matching.FieldRow, ...]
    opening: Opening | None
    notes: tuple[ApplicationNote, ...]
    history: tuple[trail.Deed, ...]
    letter: str
    first_day: date
    moves: frozenset[str]
    undo_until: datetime | None

    @property
    def none_by_hand(self) -> bool:
        """Whether something was looked for by hand and not found."""
        return bool(self.choices.find) and not any(one.by_hand for one in self.candidates)

    @property
    def name(self) -> str:
        """Whose application it is: the organisation's where one applies."""
        return self.application.organisation or self.application.full_name

    @property
    def is_decided(self) -> bool:
        return self.application.state in DECIDED


def case(application: Application, choices: Choices, *, reader: User, at: datetime) -> Case:
    """The evidence about an application; some thirty queries, however much there is."""
    is_open = application.state not in DECIDED
    candidates = _candidates(application, choices, reader, at) if is_open else ()
    chosen = next((one.match for one in candidates if one.chosen), None)
    found = None
    if chosen is not None:
        found = opening(
            application,
            chosen.agreement,
            reader=reader,
            ticked=_within_reach(choices.points, reader, at),
            find=choices.place,
            at=at,
        )
    return Case(
        application=application,
        choices=choices,
        candidates=candidates,
        chosen=chosen,
        fields=matching.field_rows(chosen) if chosen else (),
        opening=found,
        notes=tuple(application.notes.select_related("author").order_by("at", "id")),
        history=_history(application),
        letter=_letter(
            application, chosen.agreement, found.told, found.told_count, choices.letter
        )
        if chosen and found
        else "",
        first_day=at.astimezone(ZoneInfo(settings.TIME_ZONE)).date(),
        moves=_moves(application),
        undo_until=_undo_until(application, at),
    )  # fmt: skip


def _within_reach(points: tuple[int, ...], reader: User, at: datetime) -> frozenset[int]:
    """The same numbers; Http404 if one is of a point that the reader does not work with."""
    if not points:
        return frozenset()
    known = access.worked_points_of(reader, at=at).filter(pk__in=points)
    found = frozenset(known.values_list("pk", flat=True))
    if found != set(points):
        raise Http404("no such point")
    return found


def _telling(likely: Sequence[Match]) -> Sequence[Match]:
    """Without those that are alike by a slip at most, where one is alike by much."""
    if likely and likely[0].score >= SURE:
        return [one for one in likely if one.score >= DOUBTFUL]
    return likely


def _candidates(
    application: Application, choices: Choices, reader: User, at: datetime
) -> tuple[Candidate, ...]:
    """The likely agreements, and those found by hand; the chosen one is among them."""
    reach = access.agreements_of(reader, at=at)
    likely = _telling(matches_of(application, at=at, among=reach))
    known = {one.agreement.pk for one in likely}
    wanted = [] if choices.agreement in known or choices.agreement is None else [choices.agreement]
    by_hand = _by_hand(application, choices.find, wanted, known, reader, at)
    if wanted and wanted[0] not in {one.agreement.pk for one in by_hand}:
        raise Http404("no such agreement")
    chosen = choices.agreement or (likely[0].agreement.pk if likely else None)
    return tuple(
        Candidate(
            match=one,
            reasons=matching.reasons(one),
            chosen=one.agreement.pk == chosen,
            by_hand=one.agreement.pk not in known,
            key=f"Digit{place}" if place <= 9 else "",
        )
        for place, one in enumerate([*likely, *by_hand], 1)
    )


def _by_hand(
    application: Application,
    find: str,
    wanted: list[int],
    known: set[int],
    reader: User,
    at: datetime,
) -> list[Match]:
    if not (find or wanted):
        return []
    asked = Q(pk__in=wanted)
    if find:
        part = words.pattern(find)
        asked |= Q(number__iregex=part) | Q(customer__name__iregex=part)
    rows = access.agreements_of(reader, at=at).filter(asked).exclude(pk__in=known)
    found = list(rows.select_related("customer").order_by("number", "pk")[:MOST_BY_HAND])
    if wanted and wanted[0] not in {one.pk for one in found}:
        found += rows.filter(pk__in=wanted).select_related("customer")
    return compared_with(application, found, at=at)


def agreement_of(key: int | None, *, reader: User, at: datetime) -> CustomerAgreement:
    """An agreement within reach. Raises Http404."""
    if key is not None:
        reach = access.agreements_of(reader, at=at).select_related("customer")
        if found := reach.filter(pk=key).first():
            return found
    raise Http404("no such agreement")


def _history(application: Application) -> tuple[trail.Deed, ...]:
    """What was done about an application, oldest first, with the texts that were accepted."""
    accepted = Acceptance.objects.filter(user=application.user_id).order_by("pk")
    deeds = trail.history_of(application, *accepted, most=60)
    looks = {"contracts.application.viewed", "contracts.application.written"}
    return tuple(deed for deed in reversed(deeds) if deed.action not in looks)


def _moves(application: Application) -> frozenset[str]:
    """What may be done now, by the table of the way of an application."""
    return frozenset(move.value for move in Move if _is_possible(application.state, move))


def _is_possible(state: str, move: Move) -> bool:
    try:
        after(State(state), move)
    except NotPossible:
        return False
    return True


def _undo_until(application: Application, at: datetime) -> datetime | None:
    decided = application.decided_at
    return decided + UNDO if decided and decided + UNDO >= at else None


def letter_of(application: Application, agreement: CustomerAgreement, *, at: datetime) -> str:
    """The mail of an approval that binds nothing new; three queries."""
    told = covered_points(agreement, at=at)
    return _letter(application, agreement, told[:MOST_NAMED], len(told), "")


def _letter(
    application: Application,
    agreement: CustomerAgreement,
    points: Sequence[UsagePoint],
    count: int,
    letter: str,
) -> str:
    """The mail that will go, as it will read: made by what makes the mail itself."""
    message = Message(
        kind="contracts.application.approved",
        recipient=application.user_id,
        language=application.user.language,
        key="",
        payload={
            "name": application.full_name,
            "application": application.pk,
            "agreement": agreement.number,
            "points": [{"name": one.name, "address": one.address} for one in points],
            "points_count": count,
            "letter": letter.strip(),
        },
    )
    return str(mails.compose(message).body)
