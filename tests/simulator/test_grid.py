"""The sheet of a simulated fleet is one that the import of a grid takes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from faza.accounts.models import User
from faza.collection.grid import services
from faza.collection.models import GridImport
from faza.metering.models import MeteringComplex, UsagePoint
from faza.simulator.fleet import Mix, make
from faza.simulator.grid import sheet
from tests.accounts.factories import make_user
from tests.collection.grid import factories

pytestmark = pytest.mark.django_db
SINCE = datetime(2026, 9, 1, tzinfo=UTC)


def test_every_meter_becomes_known_with_its_ratio() -> None:
    fleet = make(40, seed=3, since=SINCE, until=SINCE + timedelta(days=1), mix=Mix(mercury=0.1))
    person = make_user(User.Role.ADMINISTRATOR)
    grid = factories.trial(sheet(fleet).encode(), person)
    services.decide(grid, code="model-unknown", by=person, at=factories.AT)
    grid = factories.applied(factories.tried(grid))
    assert grid.state == GridImport.State.APPLIED, factories.codes(grid)
    found = MeteringComplex.objects.select_related("meter", "meter__model")
    assert {(one.meter.number, one.meter.model.name, one.ratio) for one in found} == {
        (meter.spec.number, meter.spec.model, meter.spec.ratio) for meter in fleet.meters
    }
    assert set(UsagePoint.objects.values_list("zone", flat=True)) == {"Europe/Moscow"}
