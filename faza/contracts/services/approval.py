"""Deciding an application, and taking the decision back.

What an approval added stands in `Application.added`: {"member": id or null, "bindings": [id],
"contacts": {field: [before, after]}, "note": id, "points": [id asked for]}. Where somebody was
approved after and found it there, it is handed over to that approval instead of being taken away.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

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
from faza.contracts.rules.applications import OPEN, UNDO, Move, State, WrongMove
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
        "points": sorted(point.pk for point in points),
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
            "points": found.added["points"],
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

    A contact that somebody changed since stays as it is, and so does what another approval made
    since needs. The application waits again, with the term it had; the applicant is told. Raises
    TooLate, OwnApplication, and WrongMove also where the person has applied anew meanwhile.
    """
    found = held_by_staff(application, Move.REOPEN, by)
    if found.decided_at is None or at - found.decided_at > UNDO:
        raise TooLate(f"application {found.pk}: decided at {found.decided_at}, now {at}")
    # As it stands in the database, not as the caller knows it.
    was = State.APPROVED if found.agreement_id else State.REFUSED
    before = {"state": was.value, "agreement": found.agreement_id}
    User.objects.select_for_update().get(pk=found.user_id)  # as submit does
    if Application.objects.filter(user=found.user_id, state__in=OPEN).exists():
        raise WrongMove(was, Move.REOPEN)
    _take_back(found, by=by, at=at)
    found.agreement = found.decided_by = found.decided_at = None
    found.reason, found.added = "", {}
    found.save()
    audit.note(
        "contracts.application.reopened",
        of=found,
        by=by,
        at=at,
        before=before,
    )
    tell(found, "reopened", {}, at=at)
    return found


def _take_back(application: Application, *, by: User, at: datetime) -> None:
    added, heirs = application.added, _approved_since(application)
    for bound in AgreementPoint.objects.filter(pk__in=added.get("bindings", [])):
        heir = next((one for one in heirs if _needs(one, bound)), None)
        if heir is None:
            remove_binding(bound=bound, at=at, by=by)
        else:
            heir.added.setdefault("bindings", []).append(bound.pk)
    for member in CustomerMember.objects.filter(pk=added.get("member")):
        heir = next((one for one in heirs if one.user_id == application.user_id), None)
        if heir is None:
            remove_member(member=member, at=at, by=by)
        else:
            heir.added["member"] = member.pk
    for one in heirs:
        one.save(update_fields=["added"])
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


def _approved_since(application: Application) -> list[Application]:
    """Later approvals for the same customer, locked: they found there what this one had added."""
    if application.agreement is None:
        return []
    since = Q(decided_at__gt=application.decided_at) | Q(
        decided_at=application.decided_at, pk__gt=application.pk
    )
    agreements = CustomerAgreement.objects.filter(customer=application.agreement.customer_id)
    approved = Application.objects.filter(since, state=State.APPROVED, agreement__in=agreements)
    # The first of them first: two who take back at once wait for each other in one order.
    heirs = list(approved.select_for_update().order_by("decided_at", "pk"))
    # Whoever is being approved now has the agreement: wait for them.
    CustomerAgreement.objects.select_for_update().get(pk=application.agreement.pk)
    return heirs or list(approved.order_by("decided_at", "pk"))


def _needs(approved: Application, bound: AgreementPoint) -> bool:
    """Whether an approval asked for what is bound; without points it took all there were."""
    points = approved.added.get("points", [])
    is_asked = not points or bound.usage_point_id in points
    return approved.agreement_id == bound.agreement_id and is_asked


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
    for application in asked:
        done, why = _approve_unseen(application, among=among, by=by, at=at)
        if done is None:
            result.left.append((application, why))
        else:
            result.done.append(done)
    return result


@transaction.atomic
def _approve_unseen(
    application: Application, *, among: QuerySet[CustomerAgreement], by: User, at: datetime
) -> tuple[Application | None, str]:
    """The application if it was approved, and why not."""
    held = Application.objects.select_for_update().filter(pk=application.pk).first()
    if held is None:
        return None, "not_waiting"
    (one,) = queries.checked([held], at=at, among=among)
    obstacles = [*one.obstacles, *_of_person(held, by)]
    if obstacles or one.match is None:
        return None, obstacles[0]
    # In the order in which approve takes them: nobody else comes between the look and the deed.
    CustomerAgreement.objects.select_for_update().get(pk=one.match.agreement.pk)
    Customer.objects.select_for_update().get(pk=one.match.customer.pk)
    if CustomerMember.objects.filter(customer=one.match.customer).valid_at(at).exists():
        return None, "has_user"
    try:
        done = approve(
            application=held, agreement=one.match.agreement, points=(), valid_from=at, by=by, at=at
        )
    except (WrongMove, AlreadyMember):
        return None, "not_waiting"
    return done, ""


def _of_person(application: Application, by: User) -> list[str]:
    """What stands against it for this operator: the own one, one that another works on."""
    if application.user_id == by.pk:
        return ["own"]
    return ["taken"] if application.taken_by_id not in (None, by.pk) else []
