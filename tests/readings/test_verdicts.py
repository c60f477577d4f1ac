"""Verdicts of validation over deliveries, with the estimates that stand in their place."""

from datetime import timedelta

import numpy as np
import pytest
from django.db import transaction

from faza.core.quality import Quality
from faza.readings import amending, services, store
from faza.readings.blocks import BlockBatch, WrongInterval
from faza.readings.models import DeliveredBlock, IntervalBlock, IntervalBlockVersion, Provenance
from tests.readings.factories import AT, DAY, day_of, deliver, full, make_point, numbers, stored

pytestmark = pytest.mark.django_db
Layer = Provenance.Layer
STANDS, DOUBTS, REJECTS = 0, 1, 2
LATER = AT + timedelta(hours=1)


@pytest.fixture
def point() -> int:
    return make_point().pk


def judge(point: int, codes: dict[int, int], **kwargs) -> services.Amended:
    """Verdicts by hour; the other hours stay as they are."""
    quality = [codes.get(hour, Quality.UNTOLD) for hour in range(24)]
    batch = day_of(point, [...] * 24)
    if not len(batch):
        batch = day_of(point, [0] * 24)
        batch.quality[:] = quality
    return services.judge(batch, at=LATER, **kwargs)


def settle(point: int, effects: dict[int, int], guesses: dict[int, int], *, at=LATER, inputs=()):
    """Both automatic layers of the day anew: verdicts and estimates by hour."""
    values = [guesses.get(hour, ...) for hour in range(24)]
    batch = day_of(point, full())
    batch.values[0] = [0 if value is ... else value for value in values]
    batch.quality[0] = [
        Quality.UNTOLD if value is ... else Quality.ESTIMATED_BY_DAY for value in values
    ]
    codes = np.array([[effects.get(hour, 0) for hour in range(24)]])
    laid = services.Laid(["like days", "linear"], np.array([[0] * 12 + [1] * 12]), inputs)
    return services.settle(batch, codes, laid, at=at, run=7)


def qualities(point: int) -> list[int]:
    return [code for _, _, code in stored(point)]


def stretches(layer: Layer) -> list[tuple[int, int, str]]:
    found = Provenance.objects.filter(layer=layer).order_by("first")
    return list(found.values_list("first", "end", "method"))


class TestJudging:
    def test_a_doubtful_value_stands_and_is_told_to_be_so(self, point):
        deliver(day_of(point, full(1, 2, 3)))
        done = judge(point, {1: Quality.QUESTIONABLE})

        assert done == services.Amended(intervals=1, blocks=1)
        assert numbers(point)[:3] == [1, 2, 3]
        assert qualities(point)[:3] == [Quality.VALID, Quality.QUESTIONABLE, Quality.VALID]
        assert stretches(Layer.VERDICT) == [(1, 2, "doubt")]

    def test_a_rejected_value_does_not_stand_and_is_kept_as_delivered(self, point):
        deliver(day_of(point, full(1, 2, 3)))
        judge(point, {1: Quality.MISSING})

        assert numbers(point)[:3] == [1, None, 3]
        assert numbers(point, delivered=True)[:3] == [1, 2, 3]
        block = IntervalBlock.objects.get()
        assert (block.total, block.n_valid, block.n_missing) == (4, 23, 1)

    def test_a_verdict_that_is_lifted_gives_the_delivery_back(self, point):
        deliver(day_of(point, full(1, 2, 3)))
        before = stored(point)
        judge(point, {1: Quality.MISSING, 2: Quality.QUESTIONABLE})
        judge(point, {1: Quality.VALID, 2: Quality.VALID})

        assert stored(point) == before
        assert not DeliveredBlock.objects.exists()
        assert not Provenance.objects.exists()

    def test_what_is_untold_stays_unless_the_whole_day_is_judged(self, point):
        deliver(day_of(point, full(1, 2, 3)))
        judge(point, {1: Quality.MISSING})
        judge(point, {2: Quality.MISSING})
        assert numbers(point)[:3] == [1, None, None]

        judge(point, {2: Quality.MISSING}, whole=True)
        assert numbers(point)[:3] == [1, 2, None]

    def test_the_same_verdict_again_writes_nothing(self, point):
        deliver(day_of(point, full(1, 2, 3)))
        judge(point, {1: Quality.MISSING})
        before = [*Provenance.objects.values(), *IntervalBlock.objects.values()]
        again = judge(point, {1: Quality.MISSING}, run=9)

        assert again == services.Amended()
        assert [*Provenance.objects.values(), *IntervalBlock.objects.values()] == before

    def test_there_is_no_verdict_of_what_was_not_delivered(self, point):
        deliver(day_of(point, full(1, None, ...)))
        judge(point, {1: Quality.MISSING, 2: Quality.QUESTIONABLE})
        deliver(day_of(point, full(1, 5, 6)), 2)

        assert numbers(point)[:3] == [1, 5, 6]
        assert not Provenance.objects.filter(layer=Layer.VERDICT).exists()

    def test_an_override_stands_over_any_verdict(self, point):
        deliver(day_of(point, full(1, 2)))
        services.amend(
            day_of(point, [9, *[...] * 23]), layer=Layer.OVERRIDE, at=AT, reason="на месте",
            source=services.get_source("override"),
        )  # fmt: skip
        judge(point, {0: Quality.MISSING, 1: Quality.MISSING})

        assert numbers(point)[:2] == [9, None]

    def test_what_a_person_estimated_goes_when_the_measured_value_stands_again(self, point):
        deliver(day_of(point, full(1, 2)))
        judge(point, {1: Quality.QUESTIONABLE})
        guessed = day_of(point, [..., 8, *[...] * 22], [Quality.ESTIMATED_BY_DAY] * 24)
        operator = services.get_source("operator")
        services.amend(guessed, layer=Layer.ESTIMATE, source=operator, at=AT, method="by hand")
        assert numbers(point)[:2] == [1, 8]

        judge(point, {1: Quality.VALID})
        assert numbers(point)[:2] == [1, 2]
        assert not Provenance.objects.exists()

    def test_a_verdict_can_be_withdrawn(self, point):
        deliver(day_of(point, full(1, 2)))
        judge(point, {1: Quality.MISSING})
        services.withdraw(
            day_of(point, full()), layer=Layer.VERDICT, at=AT, reason="принято",
            source=services.get_source("validation"),
        )  # fmt: skip

        assert numbers(point)[:2] == [1, 2]

    def test_with_it_goes_the_estimate_in_its_place(self, point):
        deliver(day_of(point, full(1, 900, None)))
        settle(point, {1: REJECTS}, {1: 5, 2: 6})
        services.withdraw(
            day_of(point, full()), layer=Layer.VERDICT, at=AT, reason="принято",
            source=services.get_source("validation"),
        )  # fmt: skip

        assert numbers(point)[:3] == [1, 900, 6]


class TestRedelivery:
    def test_the_same_values_disturb_neither_verdict_nor_estimate(self, point):
        deliver(day_of(point, full(1, 2, 3)))
        settle(point, {1: REJECTS, 2: DOUBTS}, {1: 8})
        before = stored(point), IntervalBlock.objects.get().recorded_at
        deliver(day_of(point, full(1, 2, 3)), 2, at=LATER + timedelta(days=1))

        assert (stored(point), IntervalBlock.objects.get().recorded_at) == before

    def test_a_changed_value_lifts_both_at_its_interval_alone(self, point):
        deliver(day_of(point, full(1, 2, 3)))
        settle(point, {1: REJECTS, 2: REJECTS}, {1: 8, 2: 8})
        deliver(day_of(point, full(1, 4, 3)), 2)

        assert numbers(point)[:3] == [1, 4, 8]
        assert stretches(Layer.VERDICT) == [(2, 3, "reject")]
        assert stretches(Layer.ESTIMATE) == [(2, 3, "like days")]

    def test_a_persons_estimate_yields_to_what_outranks_it(self, point):
        deliver(day_of(point, full(1, None, None)))
        operator = services.get_source("operator")
        guessed = day_of(point, full(..., 8, 8, rest=...), [Quality.ESTIMATED_BY_DAY] * 24)
        services.amend(guessed, layer=Layer.ESTIMATE, source=operator, at=AT, method="by hand")
        codes = [Quality.ESTIMATED_BY_DAY] * 24
        deliver(day_of(point, full(1, 5, None), codes), 2)
        assert numbers(point)[:3] == [1, 8, 8]

        deliver(day_of(point, full(1, 6, None)), 3)
        assert numbers(point)[:3] == [1, 6, 8]


class TestSettling:
    def test_rejected_and_missing_intervals_are_estimated_in_one_version(self, point):
        deliver(day_of(point, full(1, 900, None)))
        done = settle(point, {1: REJECTS}, {1: 5, 2: 6}, inputs=[{"days": ["2026-02-22"]}])

        assert done == services.Amended(intervals=2, blocks=1)
        assert numbers(point)[:3] == [1, 5, 6]
        assert numbers(point, delivered=True)[:3] == [1, 900, None]
        assert IntervalBlockVersion.objects.count() == 1
        part = Provenance.objects.get(layer=Layer.ESTIMATE)
        assert (part.first, part.end, part.method, part.run) == (1, 3, "like days", 7)
        assert part.inputs == {"days": ["2026-02-22"]}

    def test_methods_differ_by_interval(self, point):
        deliver(day_of(point, [None] * 4 + [1] * 20))
        settle(point, {}, {2: 5, 3: 5})
        deliver(day_of(point, full(rest=None)), kind="message")
        batch = day_of(point, [3] * 24, [Quality.INTERPOLATED] * 24)
        laid = services.Laid(["a", "b"], np.array([[0] * 2 + [1] * 22]))
        services.settle(batch, np.zeros((1, 24), np.int8), laid, at=LATER)

        assert stretches(Layer.ESTIMATE) == [(0, 2, "a"), (2, 4, "b")]

    def test_twice_is_once(self, point):
        deliver(day_of(point, full(1, 900, None)))
        inputs = [{"days": ["2026-02-22"], "level": 1.25}]
        settle(point, {1: REJECTS}, {1: 5, 2: 6}, inputs=inputs)
        tables = (IntervalBlock, DeliveredBlock, IntervalBlockVersion, Provenance)
        before = [list(table.objects.values()) for table in tables]
        again = settle(point, {1: REJECTS}, {1: 5, 2: 6}, inputs=inputs, at=AT + timedelta(days=9))

        assert again == services.Amended()
        assert [list(table.objects.values()) for table in tables] == before

    def test_what_is_not_told_again_is_lifted(self, point):
        deliver(day_of(point, full(1, 900, None)))
        settle(point, {1: REJECTS}, {1: 5, 2: 6})
        settle(point, {}, {2: 6})

        assert numbers(point)[:3] == [1, 900, 6]
        assert not Provenance.objects.filter(layer=Layer.VERDICT).exists()

    def test_a_persons_estimate_and_override_are_left_alone(self, point):
        deliver(day_of(point, full(None, None, None)))
        operator, override = services.get_source("operator"), services.get_source("override")
        guessed = day_of(point, full(8, rest=...), [Quality.ESTIMATED_BY_DAY] * 24)
        services.amend(guessed, layer=Layer.ESTIMATE, source=operator, at=AT, method="by hand")
        services.amend(
            day_of(point, full(..., 9, rest=...)), layer=Layer.OVERRIDE, source=override, at=AT,
            reason="на месте",
        )  # fmt: skip
        settle(point, {}, {0: 5, 1: 5, 2: 5})
        assert numbers(point)[:3] == [8, 9, 5]

        settle(point, {}, {})
        assert numbers(point)[:3] == [8, 9, None]

    def test_a_day_of_which_nothing_was_delivered_is_estimated(self, point):
        settle(point, {3: REJECTS}, {0: 5})

        assert numbers(point)[:2] == [5, None]
        assert set(numbers(point, delivered=True)) == {None}

    def test_nothing_is_written_where_nothing_is_to_be_said(self, point):
        deliver(day_of(point, full(1, None)))
        assert settle(point, {}, {}) == services.Amended()
        assert IntervalBlock.objects.get().version == 1

    def test_rows_come_in_any_order(self, point):
        other = make_point("P2").pk
        deliver(day_of(point, full(None)))
        deliver(day_of(other, full(None)))
        batch = BlockBatch.concatenate(
            [day_of(one, full(value, rest=...), [Quality.INTERPOLATED] * 24)
             for one, value in ((other, 7), (point, 5))]
        )  # fmt: skip
        laid = services.Laid(["linear"], np.zeros((2, 24), int), [{"n": 7}, {"n": 5}])
        services.settle(batch, np.zeros((2, 24), int), laid, at=AT)

        assert (numbers(point)[0], numbers(other)[0]) == (5, 7)
        found = Provenance.objects.filter(layer=Layer.ESTIMATE)
        assert {p.usage_point_id: p.inputs["n"] for p in found} == {point: 5, other: 7}

    def test_a_day_on_another_grid_is_refused(self, point):
        deliver(day_of(point, [1] * 48, interval=30))
        with pytest.raises(WrongInterval, match="is stored in"):
            settle(point, {}, {1: 5})


def test_a_delivery_is_looked_at_in_its_own_transaction(point):
    deliver(day_of(point, full(1, 2, rest=...)))
    seen = []

    def look(days: BlockBatch, at) -> BlockBatch:
        seen.append((days.values[0, :3].tolist(), days.quality[0, :3].tolist(), at))
        quality = np.where(days.values > 100, np.uint8(Quality.MISSING), np.uint8(Quality.UNTOLD))
        return BlockBatch(*(getattr(days, name) for name in days.__slots__[:-1]), quality)

    source = services.get_source("meter")
    batch = day_of(point, full(..., 2, 900, rest=...))
    services.record(batch, source=source, sequence=2**40, at=LATER, look=look)

    assert seen == [([1, 2, 900], [0, 0, 0], LATER)]
    assert numbers(point)[:3] == [1, 2, None]
    services.record(batch, source=source, sequence=2**41, at=LATER, look=look)
    assert len(seen) == 1


def test_a_delivery_that_comes_between_is_seen_before_anything_is_laid_over_it(point, monkeypatch):
    deliver(day_of(point, full(1, 900, None)))
    plain, done = amending.put_days, []

    def late(*args, **kwargs):
        if not done:
            done.append(deliver(day_of(point, full(1, 900, 4)), 2))
        return plain(*args, **kwargs)

    monkeypatch.setattr(amending, "put_days", late)
    settle(point, {1: REJECTS}, {1: 5, 2: 6})

    assert numbers(point)[:3] == [1, 5, 4]
    assert IntervalBlock.objects.get().version == 3


def test_a_failing_look_stores_nothing(point):
    def look(days: BlockBatch, at) -> BlockBatch:
        raise RuntimeError("broken")

    source = services.get_source("meter")
    with pytest.raises(RuntimeError), transaction.atomic():
        services.record(day_of(point, full(1)), source=source, sequence=1, at=AT, look=look)
    assert not stored(point)


def test_what_was_delivered_is_given_whole_with_when(point):
    other = make_point("P2").pk
    deliver(day_of(point, full(1, 900)))
    deliver(day_of(other, full(4)))
    judge(point, {1: Quality.MISSING})
    found = store.fetch_delivered([point, other], [1], DAY.date(), DAY.date() + timedelta(days=1))

    assert found.values[:, :2].tolist() == [[1, 900], [4, 0]]
    assert found.recorded_at.tolist() == [int(AT.timestamp())] * 2


def test_what_amends_days_is_told_by_stretch(point):
    deliver(day_of(point, full(1, 900, None)))
    settle(point, {1: REJECTS}, {1: 5, 2: 6})
    found = store.amending([point], [1], DAY.date(), DAY.date() + timedelta(days=1))

    assert [tuple(row)[3:6] for row in found.tolist()] == [(1, 1, 3), (3, 1, 2)]
    assert store.amending([point], [2], DAY.date(), DAY.date() + timedelta(days=1)).size == 0
