"""Two operators who may switch relays, a flat with a meter on a line, its people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from faza.accounts.models import User
from faza.collection.models import Device, SupplyOrder
from faza.collection.orders import services
from faza.collection.orders.papers import Document
from faza.collection.orders.rules import Deed, Ground
from faza.collection.orders.services import Wanted
from faza.collection.polling import results
from faza.collection.polling.work import CommandResult, Problem
from faza.contracts import services as contracts
from faza.contracts.models import Customer, CustomerAgreement
from faza.contracts.permissions import Right
from faza.metering.models import UsagePoint
from tests.accounts.factories import make_user
from tests.collection.polling.factories import AT, COLLECTOR, answered, claim, make_device, only
from tests.contracts.factories import LONG_AGO, make_customer, make_member, make_operator

PDF = Document("уведомление.pdf", b"%PDF-1.7 paper")
DAY = timedelta(days=1)


@dataclass
class Place:
    device: Device
    point: UsagePoint
    customer: Customer
    supplier: Customer
    agreement: CustomerAgreement
    subscriber: User
    seller: User
    first: User
    second: User


def make_place(number: str = "1001") -> Place:
    device = make_device(number)
    device.meter.model.has_relay = True
    device.meter.model.save()
    point = device.meter.complexes.get().usage_point
    customer, supplier = make_customer(), make_customer(kind=Customer.Kind.ORGANISATION)
    agreement = contracts.sign_agreement(
        kind=CustomerAgreement.Kind.HOUSEHOLD, number=f"Д-{number}", customer=customer,
        supplier=supplier, valid_from=LONG_AGO, at=AT,
    )  # fmt: skip
    contracts.bind_point(agreement=agreement, usage_point=point, at=AT)
    seller = make_member(supplier, role=User.Role.SUPPLIER)
    first, second = make_switcher(point), make_switcher(point)
    return Place(
        device, point, customer, supplier, agreement, make_member(customer), seller, first, second
    )


def make_switcher(point: UsagePoint) -> User:
    """An operator of the point's area who has the right by name."""
    user = make_operator(point.node)
    contracts.grant_right(user=user, right=Right.SWITCH_RELAY, at=LONG_AGO)
    return user


def wanted(**fields: object) -> Wanted:
    """To limit wholly for a debt, with a notice long ago."""
    told = {
        "deed": Deed.OFF, "ground": Ground.DEBT, "words": "Долг за три месяца.", "not_before": AT,
        "noticed_on": date(2026, 10, 1),
    }  # fmt: skip
    return Wanted(**(told | fields))  # type: ignore[arg-type]


def restoring(**fields: object) -> Wanted:
    told = {"deed": Deed.RESTORE, "ground": Ground.CURED, "words": "Оплачено.", "noticed_on": None}
    return wanted(**(told | fields))


def make_order(place: Place, want: Wanted | None = None, *, at=AT, documents=(PDF,)) -> SupplyOrder:
    return services.make(
        point=place.point, wanted=want or wanted(), documents=documents, at=at, by=place.first
    )


def confirmed(place: Place, want: Wanted | None = None, *, at=AT) -> SupplyOrder:
    return services.confirm(order=make_order(place, want, at=at), at=at, by=place.second)


def do(order: SupplyOrder, said: dict | None, *, problem=Problem.NONE, at=None) -> SupplyOrder:
    """A collector does the command of an order; `said` is what the meter says when read back."""
    at = at or order.not_before + timedelta(minutes=1)
    work = claim(at)
    device = only(work)
    told = [CommandResult(one.id, problem, "words", said or {}) for one in device.commands]
    results.store(
        [answered(work[0], device, at=at, reads=(), commands=tuple(told))],
        collector=COLLECTOR, at=at,
    )  # fmt: skip
    order.refresh_from_db()
    return order


def off(**said) -> dict:
    return {"is_on": False, "control": "off", "mode": 4} | said


def on(**said) -> dict:
    return {"is_on": True, "control": "on", "mode": 4} | said


__all__ = [name for name in globals() if not name.startswith("_")]
_ = make_user
