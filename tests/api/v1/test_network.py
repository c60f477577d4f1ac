"""Verdicts on the network as a program is told them: those of the cabinet's page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from faza.contracts.rules.tokens import Scope
from faza.metering.models import Meter, MeterModel, UsagePoint
from tests.api.v1.asking import ask, token_of
from tests.cabinet.factories import make_agreement, make_meter, make_point, make_user
from tests.cabinet.network.telling import tell

pytestmark = pytest.mark.django_db
CODE = "500000000000001"
SOUND = {
    **{f"U{phase}": 230.0 for phase in "ABC"},
    **{f"I{phase}": 5.0 for phase in "ABC"},
    "UB-UA": 120.0, "UC-UA": 240.0, "IA-UA": 10.0, "IB-UA": 130.0, "IC-UA": 250.0,
}  # fmt: skip
"""Of three phases, each shifted by ten degrees."""


CROSSED = {"UB-UA": 240.0, "UC-UA": 120.0, "IB-UA": 250.0, "IC-UA": 130.0, "UA": 190.0}


@pytest.fixture
def token() -> str:
    owner = make_user("owner@example.org")
    point = make_point(CODE, phases=3)
    make_meter(point, "M-1")
    make_agreement("Д-1", [owner], [point])
    MeterModel.objects.update(nominal_voltage=2300)
    return token_of(owner, scopes=[Scope.READINGS])


def verdicts(token, **values):
    at = timezone.now().replace(microsecond=0) - timedelta(minutes=1)
    tell(UsagePoint.objects.get(), Meter.objects.get(), SOUND | values, at)
    told = ask(token, "network", CODE).json()["verdicts"]
    return {(one["topic"], one["code"]): one for one in told}


def test_what_is_well(token):
    found = verdicts(token)
    assert found["voltage", "inside"]["numbers"]["agreed"] == 230
    assert found["connection", "right"]["state"] == "good"
    assert ("evenness", "even") in found


def test_a_current_transformer_that_is_turned_about(token):
    told = verdicts(token, **{"IB-UA": 310.0})["connection", "reversed"]
    assert (told["state"], told["phases"]) == ("bad", ["B"])


def test_a_wrong_order_of_phases_and_a_voltage_out_of_bounds(token):
    found = verdicts(token, **CROSSED)
    assert found["connection", "order"]["state"] == "bad"
    assert found["voltage", "outside"]["phases"] == ["A"]


def test_where_nothing_is_known_nothing_is_judged(token):
    assert ask(token, "network", CODE).json()["verdicts"] == []
