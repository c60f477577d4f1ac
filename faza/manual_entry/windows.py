"""When readings may be typed: rules and exceptions by date made, changed and ended, each audited.

Who may, and which places are within reach, is asked at the door.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import Q, QuerySet

from faza.accounts.models import User
from faza.audit import services as audit
from faza.contracts.models import AgreementPoint, CustomerAgreement
from faza.manual_entry.models import EntryException, EntryRule
from faza.manual_entry.rules.opening import Scope
from faza.metering.models import NetworkNode, UsagePoint
from faza.metering.rules import chain

__all__ = [
    "Changed",
    "Ended",
    "Place",
    "Taken",
    "Terms",
    "concerned",
    "drop_rule",
    "end_exception",
    "except_for",
    "keep_rule",
    "place_of",
    "points_of",
    "seen",
]


class Changed(Exception):
    """Somebody has changed the rule since it was looked at."""


class Taken(Exception):
    """There is a rule of this place and group already: `rule`."""

    def __init__(self, rule: EntryRule) -> None:
        super().__init__(str(rule))
        self.rule = rule


class Ended(Exception):
    """The exception is over already."""


@dataclass(frozen=True, slots=True)
class Place:
    """Of what a rule or an exception is: one of the three, or everywhere; of a group if set."""

    node: NetworkNode | None = None
    agreement: CustomerAgreement | None = None
    usage_point: UsagePoint | None = None
    group: str = ""

    def told(self) -> dict[str, object]:
        """For the trail."""
        return {
            "node": self.node.pk if self.node else None,
            "agreement": self.agreement.pk if self.agreement else None,
            "usage_point": self.usage_point.pk if self.usage_point else None,
            "group": self.group,
        }


@dataclass(frozen=True, slots=True)
class Terms:
    """What a rule says; see `rules.opening.Rule`. registers: empty for the usual ones."""

    is_allowed: bool = True
    first_day: int = 20
    last_day: int = 25
    every: int = 1
    wants_photo: bool = False
    silent_days: int | None = 10
    registers: tuple[int, ...] = ()
    approves: bool = False


def place_of(row: EntryRule | EntryException) -> Place:
    group = row.group if isinstance(row, EntryRule) else ""
    return Place(row.node, row.agreement, row.usage_point, group)


def terms_of(rule: EntryRule) -> Terms:
    return Terms(
        is_allowed=rule.is_allowed, first_day=rule.first_day, last_day=rule.last_day,
        every=rule.every, wants_photo=rule.wants_photo, silent_days=rule.silent_days,
        registers=tuple(rule.registers), approves=rule.approves,
    )  # fmt: skip


def seen(rule: EntryRule) -> str:
    """What a rule said when it was looked at: to be handed back with a change."""
    told = DjangoJSONEncoder(sort_keys=True).encode(asdict(terms_of(rule)))
    return hashlib.sha256(told.encode()).hexdigest()[:32]


@transaction.atomic
def keep_rule(
    *, place: Place, terms: Terms, by: User, at: datetime, over: EntryRule | None = None,
    seen_as: str = "",
) -> EntryRule:  # fmt: skip
    """Make a rule, or change what one says; its place never changes.

    Who switches the approval by rule on is kept; switched off, nobody is. Raises Taken where the
    place and group have one, Changed where `seen_as` is not what `over` says any more.
    """
    if over is None:
        return _made(place, terms, by, at)
    rule = _held(over, seen_as)
    before = asdict(terms_of(rule))
    if terms == terms_of(rule):
        return rule
    _put(rule, terms, by)
    rule.save()
    after = asdict(terms)
    changed = [name for name in before if before[name] != after[name]]
    audit.note(
        "manual_entry.rule.changed", of=rule, by=by, at=at,
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
    )  # fmt: skip
    return rule


def _made(place: Place, terms: Terms, by: User, at: datetime) -> EntryRule:
    # Who makes rules does it one after another: the place is looked up before it is taken.
    User.objects.select_for_update().get(pk=by.pk)
    same = EntryRule.objects.filter(
        node=place.node, agreement=place.agreement, usage_point=place.usage_point,
        group=place.group,
    ).first()  # fmt: skip
    if same is not None:
        raise Taken(same)
    rule = EntryRule(
        node=place.node, agreement=place.agreement, usage_point=place.usage_point,
        group=place.group, made_by=by, made_at=at,
    )  # fmt: skip
    _put(rule, terms, by)
    rule.save(force_insert=True)
    audit.note(
        "manual_entry.rule.made", of=rule, by=by, at=at, after=place.told() | asdict(terms)
    )  # fmt: skip
    return rule


def _put(rule: EntryRule, terms: Terms, by: User) -> None:
    if terms.approves != rule.approves:
        rule.approves_by = by if terms.approves else None
    for name, value in asdict(terms).items():
        setattr(rule, name, list(value) if name == "registers" else value)


def _held(rule: EntryRule, seen_as: str) -> EntryRule:
    found = EntryRule.objects.select_for_update(of=("self",)).filter(pk=rule.pk).first()
    if found is None or seen(found) != seen_as:
        raise Changed(str(rule))
    return found


@transaction.atomic
def drop_rule(*, rule: EntryRule, by: User, at: datetime, seen_as: str) -> None:
    """Let a rule hold no more; what it approved stays, the trail keeps what it said."""
    found = _held(rule, seen_as)
    audit.note(
        "manual_entry.rule.dropped", of=found, by=by, at=at,
        before=place_of(found).told() | asdict(terms_of(found)),
    )  # fmt: skip
    found.delete()


@transaction.atomic
def except_for(
    *, place: Place, starts_at: datetime, ends_at: datetime, is_open: bool, reason: str,
    by: User, at: datetime,
) -> EntryException:  # fmt: skip
    """Open or close entry for [starts_at, ends_at), whatever the rules say; twice is once."""
    told = {
        "node": place.node, "agreement": place.agreement, "usage_point": place.usage_point,
        "starts_at": starts_at, "ends_at": ends_at, "is_open": is_open,
    }  # fmt: skip
    User.objects.select_for_update().get(pk=by.pk)
    same = EntryException.objects.filter(**told).first()
    if same is not None:
        return same
    made = EntryException.objects.create(**told, reason=reason.strip(), made_by=by, made_at=at)
    audit.note(
        "manual_entry.exception.made", of=made, by=by, at=at,
        after=place.told() | {"start": starts_at, "end": ends_at, "is_open": is_open,
                              "reason": made.reason},
    )  # fmt: skip
    return made


@transaction.atomic
def end_exception(*, exception: EntryException, by: User, at: datetime) -> None:
    """Let an exception hold no longer; one that has not begun is taken away. Raises Ended."""
    found = (
        EntryException.objects.select_for_update(of=("self",))
        .filter(pk=exception.pk, ends_at__gt=at)
        .first()
    )
    if found is None:
        raise Ended(str(exception))
    audit.note(
        "manual_entry.exception.ended", of=found, by=by, at=at,
        before={"start": found.starts_at, "end": found.ends_at}, after={"end": at},
    )  # fmt: skip
    if found.starts_at >= at:
        found.delete()
        return
    found.ends_at = at
    found.save(update_fields=["ends_at"])


def points_of(place: Place, *, at: datetime) -> QuerySet[UsagePoint]:
    """The usage points of a place, of the group's customers where one is set."""
    return UsagePoint.objects.filter(_of(place, at))


def _of(place: Place, at: datetime) -> Q:
    bound = AgreementPoint.objects.covering_at(at)
    told = Q()
    if place.usage_point is not None:
        told &= Q(pk=place.usage_point.pk)
    if place.agreement is not None:
        told &= Q(pk__in=bound.filter(agreement=place.agreement).values("usage_point"))
    if place.node is not None:
        told &= Q(node__path__startswith=place.node.path)
    if place.group:
        of_group = bound.filter(agreement__customer__kind=place.group)
        told &= Q(pk__in=of_group.values("usage_point"))
    return told


def concerned(place: Place, *, number: int | None, at: datetime) -> QuerySet[UsagePoint]:
    """The points of a place for which a rule there holds: no narrower one has them.

    number: of the rule, None for one that is not made yet (then it is the last).
    """
    mine = _weight(place, number)
    narrower = [
        place_of(rule)
        for rule in EntryRule.objects.select_related("node", "agreement", "usage_point")
        if rule.pk != number and _weight(place_of(rule), rule.pk) > mine
    ]
    found = points_of(place, at=at)
    return found.exclude(_any(narrower, at)) if narrower else found


def _any(places: Iterable[Place], at: datetime) -> Q:
    """The points of any of the places; single points as one list: there may be thousands."""
    told, points = Q(), []
    for place in places:
        if place.usage_point is not None and not place.group:
            points.append(place.usage_point.pk)
        else:
            told |= _of(place, at)
    return told | Q(pk__in=points) if points else told


def _weight(place: Place, number: int | None) -> tuple[int, int, float]:
    """Of two rules of a point the greater one holds, as `queries.rules_of` orders them."""
    has_group = bool(place.group)
    last = float("inf") if number is None else float(number)
    if place.usage_point is not None:
        return Scope.POINT, int(has_group), last
    if place.agreement is not None:
        return Scope.AGREEMENT, int(has_group), last
    if place.node is not None:
        return Scope.AREA, 2 * (len(chain(place.node.path)) - 1) + has_group, last
    return (Scope.GROUP if has_group else Scope.EVERYWHERE), int(has_group), last
