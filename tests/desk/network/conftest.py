"""A part of the network with everything in it, an operator of it, and another part elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from django.test import Client
from django.utils import timezone

from faza.accounts.models import User
from faza.metering import services
from faza.metering.models import (
    InstrumentTransformer,
    Meter,
    MeteringComplex,
    MeterModel,
    NetworkNode,
    UsagePoint,
)
from tests.cabinet.factories import give_area, make_user

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
START = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass
class Grid:
    root: NetworkNode
    house: NetworkNode
    other: NetworkNode
    point: UsagePoint
    foreign: UsagePoint
    model: MeterModel
    meter: Meter
    complex: MeteringComplex
    ct: InstrumentTransformer


def node(code: str, parent: NetworkNode | None = None, kind: str = "other") -> NetworkNode:
    return services.add_node(
        kind=NetworkNode.Kind(kind), code=code, name=f"Узел {code}", parent=parent, at=START
    )


def point(code: str, place: NetworkNode, **fields: object) -> UsagePoint:
    asked = {"code": code, "name": f"Точка {code}", "node": place, "phases": 1}
    return services.add_usage_point(UsagePoint(**(asked | fields)), at=START)


def meter(model: MeterModel, number: str, **fields: object) -> Meter:
    return services.add_meter(Meter(model=model, number=number, **fields), at=START)


@pytest.fixture
def grid(db: None) -> Grid:
    root, other = node("R"), node("O")
    house = node("H", root, "building")
    mine, foreign = point("P1", house, address="ул. Речная, 8"), point("OUT-1", other)
    model = services.add_meter_model(
        MeterModel(name="СЧ-1", manufacturer="Пример", digits=5, tariffs=2), at=START
    )
    ct = services.add_transformer(
        InstrumentTransformer(
            kind="CT", type_name="Т-0,66", number="71", ratio_numerator=200, ratio_denominator=5
        ),
        at=START,
    )
    stands = meter(model, "100", verified_on=date(2020, 1, 1), verification_due=date(2036, 1, 1))
    installed = services.install(
        usage_point=mine, meter=stands, valid_from=START, at=START, ct=ct.ratio, transformers=[ct]
    )
    services.install(usage_point=foreign, meter=meter(model, "900"), valid_from=START, at=START)
    return Grid(root, house, other, mine, foreign, model, stands, installed, ct)


@pytest.fixture
def operator(grid: Grid) -> User:
    user = make_user("operator@example.org", User.Role.OPERATOR, "Климова Оксана")
    give_area(user, grid.root)
    return user


@pytest.fixture
def client(operator: User) -> Client:
    made = Client()
    made.force_login(operator, backend=BACKEND)
    return made


@pytest.fixture
def now() -> datetime:
    return timezone.now()
