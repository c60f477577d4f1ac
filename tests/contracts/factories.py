from datetime import UTC, datetime
from itertools import count

from faza.accounts.models import User
from faza.contracts import services
from faza.contracts.models import AgreementPoint, Application, Customer, CustomerAgreement
from faza.metering.models import NetworkNode, UsagePoint
from tests.accounts.factories import make_user

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
_numbers = count(1)


def make_customer(**fields: object) -> Customer:
    asked = {"kind": Customer.Kind.PERSON, "name": f"Customer {next(_numbers)}"}
    return services.add_customer(Customer(**(asked | fields)), at=NOW)


def make_agreement(customer: Customer | None = None, **fields: object) -> CustomerAgreement:
    asked = {
        "kind": CustomerAgreement.Kind.HOUSEHOLD,
        "number": f"Д-{next(_numbers)}",
        "customer": customer or make_customer(),
        "valid_from": LONG_AGO,
        "at": NOW,
    }
    return services.sign_agreement(**(asked | fields))


def cover(
    customer: Customer,
    point: UsagePoint,
    start: datetime,
    end: datetime | None = None,
    supplier: Customer | None = None,
) -> AgreementPoint:
    """An agreement of a customer that covers one point for its whole validity."""
    agreement = make_agreement(customer, valid_from=start, valid_to=end, supplier=supplier)
    return services.bind_point(agreement=agreement, usage_point=point, at=NOW)


def make_member(*customers: Customer, role: User.Role = User.Role.SUBSCRIBER) -> User:
    """A user who may read for customers, since long ago."""
    user = make_user(role)
    for customer in customers:
        services.admit_member(user=user, customer=customer, at=LONG_AGO)
    return user


FIELDS = {
    "kind": "person",
    "full_name": "Гринько Валентина Степановна",
    "agreement_number": "40-071-288",
    "phone": "+7 916 204-18-55",
}


def make_application(user: User | None = None, *, at: datetime = NOW, **fields: str) -> Application:
    """An application that waits for the desk: its address is confirmed."""
    sender = user or make_user()
    services.applications.submit(user=sender, fields=FIELDS | fields, at=at)
    waiting = services.applications.confirm(user=sender, at=at)
    assert waiting
    return waiting


def make_operator(*areas: NetworkNode) -> User:
    user = make_user(User.Role.OPERATOR)
    for node in areas:
        services.assign_area(user=user, node=node, at=NOW)
    return user
