"""Deciding an application, and taking the decision back.

What an approval added stands in `Application.added`: {"member": id or null, "bindings": [id],
"contacts": {field: [before, after]}, "note": id}.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from faza.accounts.models import User
from faza.audit import services as audit
from faza.contracts import queries
from faza.contracts.models import (
    AgreementPoint,
    Application,
    ApplicationNote,
    Customer,
    CustomerAgreement,
    CustomerMember,
)
from faza.contracts.rules.applications import UNDO, Move, WrongMove
from faza.contracts.rules.periods import gaps
from faza.contracts.services.access import AlreadyMember, admit_member, remove_member
from faza.contracts.services.agreements import OutsideAgreement, bind_point, remove_binding
from faza.contracts.services.changing import NoSuchField
from faza.contracts.services.customers import CONTACTS, change_customer
from faza.contracts.services.moving import held_by_staff, required, tell
from faza.core.periods import FOREVER, Period
from faza.metering.models import UsagePoint

MOST = 50
"""So many points a mail names; it always counts them all."""


class TooLate(Exception):
    """The decision stands for longer than it can be taken back."""


@transaction.atomic
def approve(
    *,
    application: Application,
    agreement: CustomerAgreement,
    points: Collection[UsagePoint],
    valid_from: datetime,
    valid_to: datetime | None = None,
    contacts: Mapping[str, str] | None = None,
    letter: str = "",
    by: User,
    at: datetime,
) -> Application:
    """Admit the applicant to the agreement's customer and bind the points for the time.

    What of a point's time the agreement covers already is left as it is. `contacts` are the
    customer's phone and email to be corrected (those of customers.CONTACTS). `letter` is added
    to the mail.

    Raises AlreadyDecided, WrongMove, OwnApplication, OutsideAgreement, AlreadyMember,
    ValidationError; nothing is done then.
    """
    found = held_by_staff(application, Move.APPROVE, by)
    held_agreement = CustomerAgreement.objects.select_for_update().get(pk=agreement.pk)
    customer = held_agreement.customer
    asked = Period.open(valid_from, valid_to)
    found.added = {
        "member": _admit(found.user, customer, by=by, at=at),
        "bindings": _bind(held_agreement, points, asked, by=by, at=at),
        "contacts": _correct_contacts(customer, contacts or {}, by=by, at=at),
    }
    found.agreement = held_agreement
    _decide(found, by=by, at=at)
    audit.note(
        "contracts.application.approved",
        of=found,
        by=by,
        at=at,
        after={
            "agreement": held_agreement.pk,
            "customer": customer.pk,
            "points": sorted(point.pk for point in points),
            "member": found.added["member"],
            "bindings": found.added["bindings"],
            "valid_from": valid_from,
            "valid_to": valid_to,
        },
    )
    tell(found, "approved", _opened(held_agreement, at) | {"letter": letter.strip()}, at=at)
    return found


def _admit(user: User, customer: Customer, *, by: User, at: datetime) -> int | None:
    """The id of the membership that was made; None where there was one."""
    before = set(
        CustomerMember.objects.filter(user=user, customer=customer).values_list("pk", flat=True)
    )
    member = admit_member(user=user, customer=customer, at=at, by=by)
    return None if member.pk in before else member.pk


def _bind(
    agreement: CustomerAgreement,
    points: Collection[UsagePoint],
    asked: Period,
    *,
    by: User,
    at: datetime,
) -> list[int]:
    """The ids of the bindings that were made."""
    if points and not asked.intersect(agreement.period):
        raise OutsideAgreement(f"{agreement.number}: {agreement.period}, not {asked}")
    made = []
    standing = AgreementPoint.objects.filter(agreement=agreement, usage_point__in=points)
    for point in sorted(set(points), key=lambda one: one.pk):
        held_for = [bound.period for bound in standing if bound.usage_point_id == point.pk]
        for free in gaps(asked, held_for):
            if free.intersect(agreement.period):
                bound = bind_point(
                    agreement=agreement,
                    usage_point=point,
                    valid_from=free.start,
                    valid_to=None if free.end == FOREVER else free.end,
                    at=at,
                    by=by,
                )
                made.append(bound.pk)
    return made


def _correct_contacts(
    customer: Customer, contacts: Mapping[str, str], *, by: User, at: datetime
) -> dict[str, list[str]]:
    """What the contacts were and are, of those that were changed."""
    if strange := set(contacts) - set(CONTACTS):
        raise NoSuchField(", ".join(sorted(strange)))
    if not contacts:
        return {}
    before = Customer.objects.get(pk=customer.pk)
    after = change_customer(customer=customer, fields=contacts, at=at, by=by)
    pairs = {name: [getattr(before, name), getattr(after, name)] for name in contacts}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _decide(application: Application, *, by: User, at: datetime, reason: str = "") -> None:
    application.decided_by, application.decided_at, application.reason = by, at, reason
    application.save()


def _opened(agreement: CustomerAgreement, at: datetime) -> dict[str, object]:
    """What the mail says of the points that the agreement covers."""
    covered = AgreementPoint.objects.filter(agreement=agreement).covering_at(at)
    points = UsagePoint.objects.filter(id__in=covered.values("usage_point"))
    return {
        "agreement": agreement.number,
        "points": list(points.by_place().values("name", "address")[:MOST]),
        "points_count": points.count(),
    }


@transaction.atomic
def refuse(*, application: Application, reason: str, by: User, at: datetime) -> Application:
    """Refuse with a reason that the applicant reads.

    Raises AlreadyDecided, WrongMove, OwnApplication, ValidationError.
    """
    found = held_by_staff(application, Move.REFUSE, by)
    why = required("reason", reason)
    note = ApplicationNote.objects.create(
        application=found, author=by, kind=ApplicationNote.Kind.REFUSAL, text=why, at=at
    )
    found.added = {"note": note.pk}
    _decide(found, by=by, at=at, reason=why)
    audit.note("contracts.application.refused", of=found, by=by, at=at, after={"note": note.pk})
    tell(found, "refused", {"reason": why}, at=at)
    return found


@transaction.atomic
def reopen(*, application: Application, by: User, at: datetime) -> Application:
    """Take a decision back within rules.UNDO: exactly what it added is taken away.

    A contact that somebody changed since stays as it is. The application waits again, with the
    term it had; the applicant is told. Raises TooLate, WrongMove, OwnApplication.
    """
    found = held_by_staff(application, Move.REOPEN, by)
    if found.decided_at is None or at - found.decided_at > UNDO:
        raise TooLate(f"application {found.pk}: decided at {found.decided_at}, now {at}")
    _take_back(found, by=by, at=at)
    found.agreement = found.decided_by = found.decided_at = None
    found.reason, found.added = "", {}
    found.save()
    audit.note(
        "contracts.application.reopened",
        of=found,
        by=by,
        at=at,
        before={"state": application.state, "agreement": application.agreement_id},
    )
    tell(found, "reopened", {}, at=at)
    return found


def _take_back(application: Application, *, by: User, at: datetime) -> None:
    added = application.added
    for bound in AgreementPoint.objects.filter(pk__in=added.get("bindings", [])):
        remove_binding(bound=bound, at=at, by=by)
    for member in CustomerMember.objects.filter(pk=added.get("member")):
        remove_member(member=member, at=at, by=by)
    ApplicationNote.objects.filter(pk=added.get("note")).delete()
    contacts = added.get("contacts", {})
    if contacts and application.agreement:
        customer = Customer.objects.get(pk=application.agreement.customer_id)
        as_set = {
            name: before
            for name, (before, after) in contacts.items()
            if getattr(customer, name) == after
        }
        change_customer(customer=customer, fields=as_set, at=at, by=by)


@dataclass(frozen=True, slots=True)
class Approved:
    """What became of many at once: approved, and those left with the reason as a code."""

    done: list[Application] = field(default_factory=list)
    left: list[tuple[Application, str]] = field(default_factory=list)


def approve_matching(
    *,
    applications: Sequence[Application],
    among: QuerySet[CustomerAgreement],
    by: User,
    at: datetime,
) -> Approved:
    """Approve those of which everything matches; the points are those their agreements cover.

    Each in a transaction of its own, read and checked anew; what does not pass is left with the
    reason.
    """
    result = Approved()
    asked = Application.objects.filter(pk__in=[one.pk for one in applications]).by_urgency()
    for one in queries.checked(list(asked), at=at, among=among):
        obstacles = [*one.obstacles, *_of_person(one.application, by)]
        if obstacles or one.match is None:
            result.left.append((one.application, obstacles[0]))
            continue
        try:
            done = approve(
                application=one.application,
                agreement=one.match.agreement,
                points=(),
                valid_from=at,
                by=by,
                at=at,
            )
        except (WrongMove, AlreadyMember):
            result.left.append((one.application, "not_waiting"))
        else:
            result.done.append(done)
    return result


def _of_person(application: Application, by: User) -> list[str]:
    """What stands against it for this operator: the own one, one that another works on."""
    if application.user_id == by.pk:
        return ["own"]
    return ["taken"] if application.taken_by_id not in (None, by.pk) else []
