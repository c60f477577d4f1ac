"""Two parts of a network with one of everything in each, and one person of each role.

What belongs to this part is named «Здесь…», what belongs to the other «Там…», so that a page that
shows too much is found by its words alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.utils import timezone

from faza.accounts import services as accounts
from faza.accounts.models import LegalText, User
from faza.contracts import services as contracts
from faza.contracts.models import (
    Application,
    Customer,
    CustomerAgreement,
    HouseManagement,
    OperatorArea,
)
from faza.contracts.permissions import Right
from faza.contracts.services import applications
from faza.jobs import services as jobs
from faza.metering.models import InstrumentTransformer, Meter, NetworkNode, UsagePoint
from faza.outbox import services as outbox
from tests.api.v1 import asking as programs
from tests.cabinet.factories import (
    SINCE,
    fill,
    give_area,
    give_house,
    make_meter,
    make_node,
    make_point,
    make_user,
)
from tests.cases import factories as cases
from tests.collection.exchange import factories as exchange
from tests.collection.grid import factories as grid
from tests.contracts import phones
from tests.desk import typed
from tests.desk.balances.factories import make_group
from tests.desk.exceptions import factories as found
from tests.desk.orders import factories as orders
from tests.desk.polling import factories as polled
from tests.manual_entry import factories as entries
from tests.manual_entry import fleets as entry_files
from tests.notifications import factories as notices
from tests.reports import factories as reports
from tests.tariffs import factories as tariffs

T = TypeVar("T")
CODE = "500000000000001"
ABSENT = "500000000000009"
SOLD = timedelta(days=20)

# Words that only some roles may ever read, in any answer.
MARKS = {
    "Здесь-Квартира": {"former", "owner", "supplier", "operator"},
    "Здесь-Сосед": {"operator"},
    "Здесь-Дом": {"house_manager", "operator"},
    "Здесь-Прежний": {"former", "operator"},
    "Здесь-Новый": {"owner", "supplier", "operator"},
    "Здесь-Соискатель": {"unverified", "operator"},
    "Там-Точка": {"stranger", "elsewhere"},
    "Там-Чужой": {"stranger", "elsewhere"},
    "Там-Соискатель": {"elsewhere"},
}
SEES_ALL = {"auditor", "administrator"}


@dataclass(frozen=True)
class World:
    """People by role (None: anonymous) and names of things for addresses."""

    people: dict[str, User | None]
    names: dict[str, str]


def make_world() -> World:
    """A flat that was sold twenty days ago, its house, a neighbour, and another part elsewhere."""
    now = timezone.now()
    here = make_node("HERE", "Здесь-Сети")
    there = make_node("THERE", "Там-Сети")
    flat = make_point(CODE, "Здесь-Квартира 7", node=here)
    next_door = make_point("HERE-8", "Здесь-Сосед 8", node=here)
    house = make_point("HERE-0", "Здесь-Дом 0", node=here, is_common=True)
    other = make_point("THERE-1", "Там-Точка 1", node=there)
    people = {
        role: make_user(f"{role}@example.org", kind, name)
        for role, (kind, name) in {
            "unverified": (User.Role.SUBSCRIBER, "Здесь-Соискатель"),
            "stranger": (User.Role.SUBSCRIBER, "Там-Чужой"),
            "former": (User.Role.SUBSCRIBER, "Здесь-Прежний"),
            "owner": (User.Role.SUBSCRIBER, "Здесь-Новый"),
            "supplier": (User.Role.SUPPLIER, "Сбыт"),
            "house_manager": (User.Role.HOUSE_MANAGER, "Управдом"),
            "elsewhere": (User.Role.OPERATOR, "Оператор там"),
            "operator": (User.Role.OPERATOR, "Оператор здесь"),
            "auditor": (User.Role.AUDITOR, "Аудитор"),
            "administrator": (User.Role.ADMINISTRATOR, "Администратор"),
        }.items()
    }
    seller = _customer("Сбытовая компания", [people["supplier"]])
    former = _agreement("Здесь-Прежний", [people["former"]], [flat], "Д-1", end=now - SOLD)
    owner = _agreement(
        "Здесь-Новый", [people["owner"]], [flat], "Д-2", start=now - SOLD, supplier=seller
    )
    neighbour = make_user("neighbour@example.org", name="Здесь-Сосед")
    _agreement("Здесь-Сосед", [neighbour], [next_door], "Д-3")
    foreign = _agreement("Там-Чужой", [people["stranger"]], [other], "Д-4")
    give_area(people["operator"], here)
    give_area(people["elsewhere"], there)
    give_house(people["house_manager"], here)
    since, until = (now - timedelta(days=40)).date(), (now - timedelta(days=1)).date()
    for point in (flat, house, other):
        fill(point, since, until)
    make_group(here, house, flat)
    waiting = _application(people["unverified"], "Здесь-Соискатель", "Д-2", now)
    applicant = make_user("applicant@example.org", name="Там-Соискатель")
    elsewhere = _application(applicant, "Там-Соискатель", "Д-4", now)
    names = {
        "day": (now - timedelta(days=3)).date().isoformat(),
        "former_agreement": str(former.pk),
        "former_customer": str(former.customer_id),
        "next_door": next_door.code,
        "house": house.code,
        "key": str(_key_of(neighbour).pk),
        "absent": ABSENT,
        "nobody": "999999999",
        "operator": str(people["operator"].pk),
        "there_operator": str(people["elsewhere"].pk),
        "import": _grid_import(people["operator"], "Здесь-Новый"),
        "there_import": _grid_import(people["elsewhere"], "Там-Чужой"),
    }
    names = together(
        names,
        _things("", flat, here, owner, waiting, people["owner"]),
        _things("there_", other, there, foreign, elsewhere, people["stranger"]),
        _office(people, now),
        exchange.things(people["operator"], people["elsewhere"], other),
        orders.things("", flat, people["administrator"]),
        orders.request(flat, people["supplier"]),
        orders.things("there_", other, people["administrator"]),
        cases.things("", flat, people["owner"], people["operator"]),
        cases.things("there_", other, people["stranger"], people["elsewhere"]),
        tariffs.things(people["administrator"], now),
        notices.things("", flat, people["owner"], people["operator"]),
        notices.things("there_", other, people["stranger"], people["elsewhere"]),
        reports.things("", flat, people["owner"]),
        reports.things("there_", other, people["stranger"]),
        entries.things("", flat, people["owner"]),
        typed.things("", here, people["operator"]),
        typed.things("there_", there, people["elsewhere"]),
        entry_files.things(flat, people["owner"], people["operator"]),
        entries.things("there_", other, people["stranger"]),
        programs.things("", flat, people["owner"]),
        programs.things("there_", other, people["stranger"]),
        phones.things("", people["owner"]),
        phones.things("there_", people["stranger"]),
    )
    return World({"anonymous": None, **people}, names)


def together(*parts: Mapping[str, T]) -> dict[str, T]:
    """The names of all areas; of two with one name one would be tried and the other never."""
    found: dict[str, T] = {}
    for part in parts:
        twice = sorted(found.keys() & part.keys())
        if twice:
            raise ValueError(f"two areas name their things alike: {', '.join(twice)}")
        found |= part
    return found


def _things(
    prefix: str,
    point: UsagePoint,
    node: NetworkNode,
    agreement: CustomerAgreement,
    application: Application,
    user: User,
) -> dict[str, str]:
    """Names of one thing of each kind in a part of the network."""
    meter: Meter = make_meter(point, f"{prefix or 'here_'}001")
    standing = point.complexes.get()
    transformer = InstrumentTransformer.objects.create(
        kind="CT",
        type_name="Т-0,66",
        number=f"{prefix or 'here_'}ct",
        ratio_numerator=200,
        ratio_denominator=5,
    )
    standing.transformers.add(transformer)
    things = {
        "point": point.code,
        "point_id": point.pk,
        "node": node.pk,
        "place": node.code,
        "meter": meter.pk,
        "model": meter.model_id,
        "complex": standing.pk,
        "transformer": transformer.pk,
        "agreement": agreement.pk,
        "binding": agreement.points.get().pk,
        "customer": agreement.customer_id,
        "member": _member_of(agreement),
        "application": application.pk,
        "finding": found.thing(point, timezone.now()),
        "user": user.pk,
        "withdrawal": accounts.withdraw_consent(user=user, at=timezone.now()).pk,
        "session": UserSession.objects.create(
            user=user, session_key=f"of {user.pk}", ip="203.0.113.7", user_agent="Mozilla/5.0"
        ).pk,
    }
    things = together(things, polled.things(prefix, meter, node))
    return {f"{prefix}{name}": str(value) for name, value in things.items()}


def _key_of(user: User) -> Authenticator:
    told = {"name": f"{user.full_name}, ключ", "credential": {}}
    return Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data=told)


def _office(people: dict[str, User], now: datetime) -> dict[str, str]:
    """One of everything that the office shows; the work is the operator's."""
    text = accounts.draft_text(
        kind=LegalText.Kind.LICENCE, title="Соглашение", body="Слова.", at=now
    )
    granted = contracts.grant_right(user=people["operator"], right=Right.SWITCH_RELAY, at=now)
    mail = outbox.tell("account.exists", to=people["operator"].pk, key="world", payload={}, at=now)
    outbox.mark_failed(mail, reason="no such box", at=now, for_good=True)
    job = jobs.start("accounts.retention.sweep", arguments={}, by=people["operator"], at=now)
    things = {
        "text": text.pk,
        "right": granted.pk,
        "mail": mail.pk,
        "job": job.pk,
        "area": OperatorArea.objects.get(user=people["operator"]).pk,
        "management": HouseManagement.objects.get(user=people["house_manager"]).pk,
        "manager": people["house_manager"].pk,
        "auditor": people["auditor"].pk,
    }
    return {name: str(value) for name, value in things.items()}


def _grid_import(user: User, customer: str) -> str:
    """The number of an import with its trial done; its second row has an error."""
    one = grid.trial([grid.row(1, node="ТП-1", customer=customer, ct_ratio="200-5")], user)
    return str(one.pk)


def _member_of(agreement: CustomerAgreement) -> int:
    from faza.contracts.models import CustomerMember

    return CustomerMember.objects.get(customer=agreement.customer_id).pk


def _customer(name: str, users: list[User]) -> Customer:
    customer = contracts.add_customer(
        Customer(kind=Customer.Kind.PERSON, name=name, actual_address=f"{name}, адрес"), at=SINCE
    )
    for user in users:
        contracts.admit_member(user=user, customer=customer, at=SINCE)
    return customer


def _agreement(
    name: str, users: list[User], points: list[UsagePoint], number: str, **about
) -> CustomerAgreement:
    signed = contracts.sign_agreement(
        kind=CustomerAgreement.Kind.HOUSEHOLD,
        number=number,
        customer=_customer(name, users),
        valid_from=about.pop("start", SINCE),
        valid_to=about.pop("end", None),
        at=SINCE,
        **about,
    )
    for point in points:
        contracts.bind_point(agreement=signed, usage_point=point, at=SINCE)
    return signed


def _application(user: User, name: str, number: str, now) -> Application:
    applications.submit(
        user=user,
        fields={
            "kind": "person",
            "full_name": name,
            "agreement_number": number,
            "phone": "+7 900 000-00-00",
        },
        at=now,
    )
    confirmed = applications.confirm(user=user, at=now)
    assert confirmed is not None
    return confirmed
