"""Estimates and overrides over deliveries."""

import pytest

from faza.core.quality import Quality
from faza.readings import services
from faza.readings.models import DeliveredBlock, IntervalBlock, IntervalBlockVersion, Provenance
from tests.readings.factories import AT, day_of, deliver, full, make_point, numbers, stored

pytestmark = pytest.mark.django_db
Layer = Provenance.Layer


@pytest.fixture
def point() -> int:
    return make_point().pk


def estimate(point: int, values, **kwargs) -> int:
    codes = [Quality.ESTIMATED_BY_DAY] * 24
    source = services.get_source("estimate")
    return services.amend(
        day_of(point, values, codes), layer=Layer.ESTIMATE, source=source, at=AT,
        method="like-day", **kwargs,
    )  # fmt: skip


def override(point: int, values, reason="проверено на месте") -> int:
    source = services.get_source("override")
    batch = day_of(point, values, [Quality.EDITED] * 24)
    return services.amend(batch, layer=Layer.OVERRIDE, source=source, at=AT, reason=reason, by="op")


class TestEstimates:
    def test_an_estimate_fills_a_gap_and_leaves_the_delivery_as_it_was(self, point):
        deliver(day_of(point, full(1, None, None)))
        changed = estimate(point, full(8, 8, 8, rest=8))

        assert changed == 2
        assert numbers(point)[:4] == [1, 8, 8, 0]
        assert numbers(point, delivered=True)[:3] == [1, None, None]
        block = IntervalBlock.objects.get()
        assert (block.n_valid, block.n_estimated, block.n_missing) == (22, 2, 0)

    def test_nothing_measured_is_overwritten_by_anything_guessed(self, point):
        deliver(day_of(point, full(1, 2, 3)))

        assert estimate(point, full(8, 8, 8, rest=8)) == 0
        assert not DeliveredBlock.objects.exists()

    def test_redelivery_does_not_disturb_an_estimate(self, point):
        deliver(day_of(point, full(1, None)))
        estimate(point, full(8, 8))
        before = stored(point)
        deliver(day_of(point, full(1, None)))
        deliver(day_of(point, full(1, None)), 2)

        assert stored(point) == before

    def test_a_late_value_takes_the_place_of_its_estimate_only(self, point):
        deliver(day_of(point, full(1, None, None)))
        estimate(point, full(8, 8, 8))
        deliver(day_of(point, full(1, 5, None)), 2)

        assert numbers(point)[:3] == [1, 5, 8]
        part = Provenance.objects.get(layer=Layer.ESTIMATE)
        assert (part.first, part.end, part.method) == (2, 3, "like-day")

    def test_when_all_has_come_nothing_of_the_estimate_is_left(self, point):
        deliver(day_of(point, full(1, None)))
        estimate(point, full(8, 8))
        deliver(day_of(point, full(1, 5)), 2)

        assert numbers(point)[:2] == [1, 5]
        assert not DeliveredBlock.objects.exists()
        assert not Provenance.objects.exists()
        assert IntervalBlockVersion.objects.count() == 2

    def test_a_day_without_any_delivery_can_be_estimated_and_delivered_after(self, point):
        estimate(point, full(8, 8))
        assert numbers(point)[:2] == [8, 8]
        assert set(numbers(point, delivered=True)) == {None}

        deliver(day_of(point, [5, *[...] * 23]))
        assert numbers(point)[:2] == [5, 8]


class TestOverrides:
    def test_an_override_stands_over_any_delivery(self, point):
        deliver(day_of(point, full(1, 2)))
        override(point, [9, *[...] * 23])
        deliver(day_of(point, full(4, 4)), 7)

        assert numbers(point)[:2] == [9, 4]
        assert numbers(point, delivered=True)[:2] == [4, 4]

    def test_an_estimate_does_not_reach_under_an_override(self, point):
        deliver(day_of(point, full(None, None)))
        override(point, [9, *[...] * 23])
        estimate(point, full(8, 8))

        assert numbers(point)[:2] == [9, 8]

    def test_withdrawn_it_leaves_what_was_delivered_meanwhile(self, point):
        deliver(day_of(point, full(1, 2)))
        override(point, [9, *[...] * 23])
        deliver(day_of(point, full(4, 4)), 7)
        services.withdraw(
            day_of(point, full()), layer=Layer.OVERRIDE, source=services.get_source("override"),
            at=AT, reason="ошибка", by="op",
        )  # fmt: skip

        assert numbers(point)[:2] == [4, 4]
        assert not DeliveredBlock.objects.exists()
        assert [v.reason for v in IntervalBlockVersion.objects.order_by("version")][0] == (
            "проверено на месте"
        )

    def test_it_needs_a_reason(self, point):
        with pytest.raises(ValueError, match="reason"):
            override(point, full(1), reason="")
