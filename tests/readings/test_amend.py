"""Estimates and overrides over deliveries."""

import pytest

from faza.core.quality import Quality
from faza.readings import services
from faza.readings.blocks import BlockBatch, WrongInterval
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

    def test_an_estimate_gives_way_to_a_value_and_not_to_a_forecast(self, point):
        deliver(day_of(point, full(1, None, None)))
        estimate(point, full(8, 8, 8))
        deliver(day_of(point, [1, 4, *[...] * 22]), 5, kind="forecast")

        assert numbers(point)[:3] == [1, 8, 8]

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

    @pytest.mark.parametrize("delivered", [(5, 7), (3, 5, 7)])
    def test_it_stands_also_where_it_says_what_was_delivered(self, point, delivered):
        deliver(day_of(point, full(delivered[0])))
        services.amend(
            day_of(point, [5, *[...] * 23]), layer=Layer.OVERRIDE, at=AT, reason="проверено",
            source=services.get_source("override"),
        )  # fmt: skip
        for number, value in enumerate(delivered[1:], 2):
            deliver(day_of(point, full(value)), number)

        assert numbers(point)[0] == 5
        assert numbers(point, delivered=True)[0] == 7

    def test_a_delivery_on_another_grid_does_not_wipe_it_away(self, point):
        deliver(day_of(point, full(1)))
        override(point, [9, *[...] * 23])
        halves = day_of(point, [2] * 48, interval=30)

        assert deliver(halves, 2).superseded == 48
        assert numbers(point) == full(9)


class TestRefusal:
    @pytest.mark.parametrize("hours", [True, False])
    def test_nothing_is_laid_over_or_taken_from_a_day_on_another_grid(self, point, hours):
        shapes = [day_of(point, [1] * 24), day_of(point, [2] * 48, interval=30)]
        stands, other = shapes if hours else reversed(shapes)
        deliver(stands)
        before = stored(point)
        source = services.get_source("override")

        with pytest.raises(WrongInterval, match="is stored in"):
            services.amend(other, layer=Layer.OVERRIDE, source=source, at=AT, reason="x")
        with pytest.raises(WrongInterval, match="is stored in"):
            services.withdraw(other, layer=Layer.OVERRIDE, source=source, at=AT, reason="x")
        assert stored(point) == before

    def test_one_day_twice_in_a_batch(self, point):
        batch = BlockBatch.concatenate([day_of(point, full(1))] * 2)
        source = services.get_source("estimate")
        with pytest.raises(WrongInterval, match="comes twice"):
            services.amend(batch, layer=Layer.ESTIMATE, source=source, at=AT)
