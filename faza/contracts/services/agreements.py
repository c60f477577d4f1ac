from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction

from faza.accounts.models import User
from faza.audit import services as audit
from faza.contracts.models import AgreementPoint, Customer, CustomerAgreement
from faza.contracts.services.changing import apply
from faza.contracts.services.validity import end
from faza.core.periods import Period
from faza.metering.models import UsagePoint
from faza.metering.queries import Points
from faza.readings import marks
from faza.readings.vee.marking import mark_points
from faza.tariffs.models import Tariff

FIELDS = ("kind", "number", "supplier", "signed_on", "tariff", "valid_from", "valid_to")
VALIDITY = ("valid_from", "valid_to")


class AlreadyBound(Exception):
    """The agreement covers the point for some of the same time already."""


class OutsideAgreement(Exception):
    """The agreement does not hold for any of that time."""


class BreaksBindings(Exception):
    """The agreement would hold for none of the time for which points are bound to it."""

    def __init__(self, number: str, codes: list[str]) -> None:
        self.number, self.codes = number, codes
        super().__init__(f"{number}: {', '.join(codes)}")


@transaction.atomic
def sign_agreement(
    *,
    kind: CustomerAgreement.Kind,
    number: str,
    customer: Customer,
    valid_from: datetime,
    at: datetime,
    valid_to: datetime | None = None,
    supplier: Customer | None = None,
    signed_on: date | None = None,
    tariff: Tariff | None = None,
    by: User | None = None,
) -> CustomerAgreement:
    """Make an agreement that holds for [valid_from, valid_to); points are bound to it after."""
    agreement = CustomerAgreement.objects.create(
        kind=kind,
        number=number,
        customer=customer,
        supplier=supplier,
        signed_on=signed_on,
        tariff=tariff,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    audit.note(
        "contracts.agreement.signed",
        of=agreement,
        by=by,
        at=at,
        after={
            "kind": kind,
            "number": number,
            "customer": customer.pk,
            "supplier": supplier.pk if supplier else None,
            "tariff": tariff.pk if tariff else None,
            "valid_from": valid_from,
            "valid_to": valid_to,
        },
    )
    return agreement


@transaction.atomic
def close_agreement(
    *, agreement: CustomerAgreement, valid_to: datetime, at: datetime, by: User | None = None
) -> CustomerAgreement:
    """End an agreement, and with it what it covers; twice for one moment changes nothing.

    Raises AlreadyEnded if it ended at another moment or begins later.
    """
    held = CustomerAgreement.objects.select_for_update().get(pk=agreement.pk)
    if end(held, valid_to):
        audit.note(
            "contracts.agreement.closed", of=held, by=by, at=at, after={"valid_to": valid_to}
        )
        _mark_kept(held.points.values_list("usage_point_id", flat=True), at)
    return held


@transaction.atomic
def change_agreement(
    *,
    agreement: CustomerAgreement,
    fields: Mapping[str, object],
    at: datetime,
    by: User | None = None,
) -> CustomerAgreement:
    """Set fields of an agreement (those of FIELDS); what is the same already changes nothing.

    The customer stays: another customer has another agreement.

    Raises BreaksBindings if a bound point would be left without any time, ValidationError if a
    field says what cannot be, NoSuchField if it is none of FIELDS.
    """
    held = CustomerAgreement.objects.select_for_update().get(pk=agreement.pk)
    changed = apply(held, fields, allowed=FIELDS)
    if changed:
        _refuse_to_break(held)
        audit.note(
            "contracts.agreement.changed",
            of=held,
            by=by,
            at=at,
            before=changed.before,
            after=changed.after,
        )
        if changed.after.keys() & {"kind", "tariff", *VALIDITY}:
            _mark_kept(held.points.values_list("usage_point_id", flat=True), at)
    return held


def _refuse_to_break(agreement: CustomerAgreement) -> None:
    bound = AgreementPoint.objects.filter(agreement=agreement).select_related("usage_point")
    broken = [one for one in bound if not one.period.intersect(agreement.period)]
    if broken:
        codes = sorted({one.usage_point.code for one in broken})
        raise BreaksBindings(agreement.number, codes)


@transaction.atomic
def bind_point(
    *,
    agreement: CustomerAgreement,
    usage_point: UsagePoint,
    at: datetime,
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
    by: User | None = None,
) -> AgreementPoint:
    """Let an agreement cover a point for [valid_from, valid_to); from its own start by default.

    Locks the agreement. Other agreements may cover the same point at the same time: supply and
    transmission do.

    Raises OutsideAgreement if the agreement holds for none of that time, AlreadyBound if it
    covers the point for some of it.
    """
    held = CustomerAgreement.objects.select_for_update().get(pk=agreement.pk)
    start = held.valid_from if valid_from is None else valid_from
    period = Period.open(start, valid_to)
    _refuse_overlap(held, usage_point, period)
    bound = AgreementPoint.objects.create(
        agreement=held, usage_point=usage_point, valid_from=start, valid_to=valid_to
    )
    audit.note(
        "contracts.point.bound",
        of=bound,
        by=by,
        at=at,
        after={
            "agreement": held.pk,
            "usage_point": usage_point.pk,
            "valid_from": start,
            "valid_to": valid_to,
        },
    )
    _mark_kept([usage_point.pk], at)
    return bound


@transaction.atomic
def unbind_point(
    *, bound: AgreementPoint, valid_to: datetime, at: datetime, by: User | None = None
) -> AgreementPoint:
    """End an agreement's cover of a point; twice for one moment changes nothing.

    Raises AlreadyEnded if it ended at another moment or begins later.
    """
    held = AgreementPoint.objects.select_for_update().get(pk=bound.pk)
    if end(held, valid_to):
        audit.note("contracts.point.unbound", of=held, by=by, at=at, after={"valid_to": valid_to})
        _mark_kept([held.usage_point_id], at)
    return held


@transaction.atomic
def change_binding(
    *,
    bound: AgreementPoint,
    valid_from: datetime,
    valid_to: datetime | None,
    at: datetime,
    by: User | None = None,
) -> AgreementPoint:
    """Let an agreement cover a point for another time than it did.

    Locks the agreement. Raises OutsideAgreement, AlreadyBound, as bind_point does, and
    ValidationError if it would end before it starts.
    """
    agreement = CustomerAgreement.objects.select_for_update().get(pk=bound.agreement_id)
    held = AgreementPoint.objects.select_for_update().select_related("usage_point").get(pk=bound.pk)
    changed = apply(held, {"valid_from": valid_from, "valid_to": valid_to}, allowed=VALIDITY)
    if changed:
        _refuse_overlap(agreement, held.usage_point, held.period, but=held)
        audit.note(
            "contracts.point.rebound",
            of=held,
            by=by,
            at=at,
            before=changed.before,
            after=changed.after,
        )
        _mark_kept([held.usage_point_id], at)
    return held


@transaction.atomic
def remove_binding(*, bound: AgreementPoint, at: datetime, by: User | None = None) -> None:
    """Take away a binding made by mistake, with all its time; twice is once.

    What only ended is unbound instead: its time stays readable.
    """
    held = AgreementPoint.objects.select_for_update().filter(pk=bound.pk).first()
    if held is None:
        return
    before = {
        "agreement": held.agreement_id,
        "usage_point": held.usage_point_id,
        "valid_from": held.valid_from,
        "valid_to": held.valid_to,
    }
    audit.note("contracts.point.removed", of=held, by=by, at=at, before=before)
    _mark_kept([held.usage_point_id], at)
    held.delete()


def _mark_kept(points: Points, at: datetime) -> None:
    """Mark the stored days of points: months kept above say who has them, and by which tariff."""
    mark_points(points, None, None, at=at, purpose=marks.KEEP)


def _refuse_overlap(
    agreement: CustomerAgreement,
    usage_point: UsagePoint,
    period: Period,
    but: AgreementPoint | None = None,
) -> None:
    if not period.intersect(agreement.period):
        raise OutsideAgreement(f"{agreement.number}: {agreement.period}, not {period}")
    covered = AgreementPoint.objects.filter(agreement=agreement, usage_point=usage_point)
    standing = next((one for one in covered.within(period) if one != but), None)
    if standing:
        raise AlreadyBound(f"{agreement.number}, {usage_point.code}: {standing.period}")
