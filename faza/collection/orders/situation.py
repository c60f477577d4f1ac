"""How things stand at a point of which an order is written: facts for `rules.faults`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Q

from faza.collection.models import Device, NoticeTerm, SupplyProtection
from faza.collection.orders.rules import Asked, Deed, Ground, Initiator, Situation
from faza.contracts.models import AgreementPoint, CustomerAgreement
from faza.metering.models import MeteringComplex, UsagePoint

UNKNOWN_TERM = 30
"""Days from the first notice where the table of terms says nothing; a choice of ours."""


def situation(point: UsagePoint, *, at: datetime) -> Situation:
    """Five queries."""
    today = at.astimezone(ZoneInfo(point.zone)).date()
    agreements = agreements_of(point, at=at)
    kinds = {row.kind for row in protections_of(point, agreements, at=at)}
    device = device_of(point, at=at)
    return Situation(
        today=today,
        term=_term(agreements, at),
        is_protected=SupplyProtection.Kind.CONSUMER in kinds,
        has_life_support=SupplyProtection.Kind.LIFE in kinds,
        is_common=point.is_common,
        has_supplier=any(one.supplier_id for one in agreements),
        has_device=device is not None,
        has_relay=device is not None and has_relay(device),
    )


def asked_of(
    *, point: UsagePoint, deed: Deed, initiator: Initiator, ground: Ground, words: str,
    not_before: datetime, papers: int, **fields: object,
) -> Asked:  # fmt: skip
    """An order's words as the rules judge them; the day is the point's own."""
    day = not_before.astimezone(ZoneInfo(point.zone)).date()
    return Asked(deed, initiator, ground, words, day, papers=papers, **fields)  # type: ignore[arg-type]


def agreements_of(point: UsagePoint, *, at: datetime) -> list[CustomerAgreement]:
    """The agreements that cover a point now."""
    rows = AgreementPoint.objects.filter(usage_point=point).covering_at(at)
    return [row.agreement for row in rows.select_related("agreement__customer")]


def protections_of(
    point: UsagePoint, agreements: Sequence[CustomerAgreement], *, at: datetime
) -> list[SupplyProtection]:
    """What protects a point now: its own, and those of the customers that it supplies."""
    customers = [one.customer_id for one in agreements]
    of_it = Q(usage_point=point) | Q(customer__in=customers)
    return list(SupplyProtection.objects.valid_at(at).filter(of_it))


def device_of(point: UsagePoint, *, at: datetime) -> Device | None:
    """The connection of the meter by which a point is settled now, if it is in use."""
    standing = MeteringComplex.objects.billing().filter(usage_point=point).valid_at(at)
    return (
        Device.objects.filter(
            meter__in=standing.values("meter"), is_enabled=True, line__is_enabled=True
        )
        .select_related("meter__model", "line")
        .first()
    )


def has_relay(device: Device) -> bool:
    """By the type of meter, or because one was read."""
    return device.meter.model.has_relay or "is_on" in (device.relay or {})


def _term(agreements: Sequence[CustomerAgreement], at: datetime) -> int:
    """The longest of the agreements' terms; where none covers the point, of all kinds."""
    kinds = {one.kind for one in agreements}
    latest: dict[str, int] = {}
    rows = NoticeTerm.objects.filter(valid_from__lte=at.date()).order_by("valid_from")
    for row in rows:
        latest[row.agreement_kind] = row.days
    wanted = [latest[kind] for kind in kinds if kind in latest] or list(latest.values())
    return max(wanted, default=UNKNOWN_TERM)
