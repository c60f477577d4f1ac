"""The explorer's page: server time, queries and requests a second, with 60 and 6,000 points."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import numpy as np
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.urls import reverse

from faza.accounts.services import create_user
from faza.bench.households import START, ZONE, Homes
from faza.bench.measure import Measure, at_most, name, spread
from faza.contracts import services as contracts
from faza.contracts.models import AgreementPoint, Customer, CustomerAgreement
from faza.metering.models import Meter, MeteringComplex, MeterModel, NetworkNode, UsagePoint
from faza.readings import services

SIZES = (60, 6_000)
SINCE = datetime(2025, 1, 1, tzinfo=UTC)


def measure() -> list[Measure]:
    found, counts = [], []
    for size in SIZES:
        times, queries, rate = page(subscriber_of(size))
        p50, p95 = spread(times)
        counts.append(queries)
        label = f"explorer with {size:,} points"
        found += [
            at_most(name(f"{label}, p50"), p50, "ms", 60),
            Measure(name(f"{label}, p95"), p95, "ms"),
            at_most(name(f"{label}: queries"), queries, "", 12),
            Measure(name(f"{label}: in one process"), rate, "requests/s"),
        ]
    same = counts[0] == counts[1]
    found.append(
        Measure(name("explorer: queries more with 6,000 points"), counts[1] - counts[0], "",
                "0", same)
    )  # fmt: skip
    return found


def page(email: str) -> tuple[list[float], int, float]:
    """Seconds of each request, queries of one, and requests a second."""
    client = Client(SERVER_NAME="localhost")
    client.force_login(get_user_model().objects.get(email=email))
    address = reverse("cabinet:explorer")
    for _ in range(3):
        assert client.get(address).status_code == 200
    asked: list[str] = []

    def note(execute, sql, params, many, context):
        asked.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        client.get(address)
    times = []
    for _ in range(60):
        began = time.perf_counter()
        client.get(address)
        times.append(time.perf_counter() - began)
    return times, len(asked), len(times) / sum(times)


def subscriber_of(size: int) -> str:
    """The address of a new subscriber with so many points, each with ten days of four channels."""
    at = datetime.now(UTC)
    node, _ = NetworkNode.objects.get_or_create(
        code="bench", defaults={"kind": "organisation", "name": "Сети", "path": "1/"}
    )
    model, _ = MeterModel.objects.get_or_create(name="Bench", manufacturer="Bench")
    points = UsagePoint.objects.bulk_create(
        UsagePoint(code=f"{size}-{n:05}", name=f"Дом {n}", address=f"ул. Новая, {n}", node=node,
                   zone=ZONE)
        for n in range(size)
    )  # fmt: skip
    meters = Meter.objects.bulk_create(
        Meter(number=f"{size}{n:06}", model=model) for n in range(size)
    )
    MeteringComplex.objects.bulk_create(
        MeteringComplex(usage_point=point, meter=meter, role="billing", valid_from=SINCE)
        for point, meter in zip(points, meters, strict=True)
    )
    customer = contracts.add_customer(
        Customer(kind=Customer.Kind.ORGANISATION, name=f"Абонент {size}"), at=at
    )
    agreement = contracts.sign_agreement(
        kind=CustomerAgreement.Kind.ENERGY_SUPPLY, number=f"{size}", customer=customer,
        valid_from=SINCE, at=at,
    )  # fmt: skip
    AgreementPoint.objects.bulk_create(
        AgreementPoint(agreement=agreement, usage_point=point, valid_from=SINCE) for point in points
    )
    email = f"bench{size}@example.org"
    user = create_user(email=email, full_name="Абонент", at=at)
    contracts.admit_member(user=user, customer=customer, at=at)
    deliver(np.array([point.pk for point in points]), at)
    with connection.cursor() as cursor:
        # As the server does by itself a minute after so much was written.
        cursor.execute("ANALYZE")
    return email


def deliver(points: np.ndarray, at: datetime) -> None:
    """Ten days up to yesterday."""
    first = (at - timedelta(days=10) - START).days
    services.record(
        Homes(points).days(first, 10), source=services.get_source("meter", sender="bench"),
        sequence=1, at=at,
    )  # fmt: skip
