"""The round: delivered, judged, estimated, and met by late truth."""

import pytest

from faza.core.quality import Quality, is_estimated
from faza.readings.models import Finding, Mark
from tests.readings.vee.world import (
    cells,
    daily,
    deliver,
    install,
    make_point,
    open_findings,
    read,
    usual,
    work,
)  # fmt: skip

pytestmark = pytest.mark.django_db


def test_a_gap_is_found_and_filled_and_late_truth_takes_its_place():
    point = make_point()
    values = usual(30)
    missing = [(20, 30), (20, 31), (20, 32)]
    deliver(point.pk, values, missing=missing)
    work()

    found, quality = cells(point.pk)
    assert is_estimated(quality[20, 30:33]).all()
    assert (found[20, 30:33] > 0).all()
    assert [rule for rule, *_ in open_findings()] == ["V01"]

    deliver(point.pk, values, number=2)
    work()
    found, quality = cells(point.pk)
    assert (found == values).all()
    assert (quality == Quality.VALID).all()
    assert open_findings() == []
    assert Finding.objects.get().state == Finding.State.GONE
    assert not Mark.objects.filter(purpose=Mark.Purpose.VALIDATE).exists()


def test_estimates_and_measured_sum_to_the_register_difference():
    point = make_point()
    meter = install(point)
    values = usual(30) // 10 * 10
    deliver(point.pk, values, missing=[(20, n) for n in range(10, 40)], untold=[12, 13])
    read(meter, daily(values))
    work()

    found, quality = cells(point.pk)
    assert (quality < Quality.UNTOLD).all()
    assert found.sum(axis=1).tolist() == values.sum(axis=1).tolist()
