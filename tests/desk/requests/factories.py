"""Applications as they come: registered, address proven, waiting for the desk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

from django.test import Client

from faza.accounts import services as accounts
from faza.accounts.models import User
from faza.contracts import services as contracts
from faza.contracts.models import Application, Customer, CustomerAgreement
from faza.contracts.services import applications
from faza.metering.models import UsagePoint
from tests.cabinet.factories import SINCE

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
PHONE = "+7 916 204-18-55"
_numbers = count(1)


def make_person(name: str = "Гринько Валентина Степановна", **about) -> User:
    told = {"email": f"p{next(_numbers)}@example.org", "phone": PHONE, "at": NOW}
    return accounts.create_user(full_name=name, **(told | about))


def make_application(
    number: str = "40-071-288",
    name: str = "Гринько Валентина Степановна",
    *,
    at: datetime = NOW,
    user: User | None = None,
    **fields: str,
) -> Application:
    """An application that waits since `at`."""
    user = user or make_person(name, at=at - timedelta(hours=1))
    told = {"kind": "person", "full_name": name, "agreement_number": number, "phone": PHONE}
    applications.submit(user=user, fields=told | fields, at=at)
    confirmed = applications.confirm(user=user, at=at)
    assert confirmed is not None
    return confirmed


def make_papers(
    number: str = "40-071-288",
    name: str = "Гринько Валентина Степановна",
    points: tuple[UsagePoint, ...] = (),
    **about,
) -> CustomerAgreement:
    """An agreement of a customer of that name that covers points."""
    customer = contracts.add_customer(
        Customer(kind=Customer.Kind.PERSON, name=name, **about), at=SINCE
    )
    signed = contracts.sign_agreement(
        kind=CustomerAgreement.Kind.HOUSEHOLD,
        number=number,
        customer=customer,
        valid_from=SINCE,
        at=SINCE,
    )
    for point in points:
        contracts.bind_point(agreement=signed, usage_point=point, at=SINCE)
    return signed


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client
