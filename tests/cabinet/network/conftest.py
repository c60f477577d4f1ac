from __future__ import annotations

import pytest
from django.utils import timezone

from faza.metering.models import MeterModel
from tests.cabinet.factories import make_agreement, make_meter, make_point, make_user
from tests.cabinet.network.telling import (
    NOW,
)


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def house(enter):
    """A client who sees a point of three phases with its meter."""
    owner = make_user("owner@example.org")
    point = make_point("H", "Дом", phases=3)
    meter = make_meter(point, "47183206")
    MeterModel.objects.update(nominal_voltage=2300, max_current=100_000, phases=3)
    make_agreement("Д-1", [owner], [point])
    return enter(owner), point, meter
