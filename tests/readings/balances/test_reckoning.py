"""The balance itself: only what is known at all points counts, and the parts make up the whole."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from faza.readings.balances.reckoning import Balances, Flows, Lost, Terms, lost, reckon

STEPS = 48
NO_MONTHS = np.ones(STEPS, np.int64)


def flows(plus, minus=None, known=None, *, estimated=0) -> Flows:
    """Points as rows, hours as columns."""
    there = np.array(plus, np.int64)
    m, s = there.shape
    return Flows(
        points=np.arange(m),
        starts=np.arange(s) * 3600,
        hours=np.ones(s),
        arrived=np.ones(s, bool),
        plus=there,
        minus=np.zeros_like(there) if minus is None else np.array(minus, np.int64),
        known=np.ones((m, s), bool) if known is None else np.array(known, bool),
        intervals=np.full((m, s), 2, np.int32),
        estimated=np.full((m, s), estimated, np.int32),
        has_minus=np.full(m, minus is not None),
    )


def terms(m: int, n_in: int = 1, **more) -> Terms:
    asked = {"reverse": np.zeros(m, bool), "errors": np.ones(m)}
    return Terms(n_in=n_in, **(asked | more))


def whole(told: Flows, how: Terms) -> tuple:
    """The balance of all steps as one stretch."""
    s = len(told.starts)
    return reckon(told, np.array([0]), np.array([s]), np.ones(s, np.int64), how)


class TestSides:
    def test_what_comes_in_less_what_goes_out_and_is_lost(self):
        how = terms(3, losses=(Lost("share", percents=(Decimal(5),)),))
        found, parts = whole(flows([[1000, 1000], [500, 600], [300, 350]]), how)

        assert found.received.tolist() == [2000]
        assert found.released.tolist() == [1750]
        assert found.losses.tolist() == [100]
        assert found.imbalance.tolist() == [150]
        assert found.percent.tolist() == [7.5]
        assert parts.forth[:, 0].tolist() == [2000, 1100, 650]

    def test_energy_that_flows_back_changes_its_side(self):
        found, parts = whole(flows([[1000], [700]], minus=[[200], [50]]), terms(2))

        assert found.received.tolist() == [1050]
        assert found.released.tolist() == [900]
        assert parts.back[:, 0].tolist() == [200, 50]

    def test_a_meter_the_other_way_round_is_read_so(self):
        how = terms(2, reverse=np.array([True, False]))
        found, _ = whole(flows([[0], [700]], minus=[[1000], [0]]), how)

        assert (found.received.tolist(), found.released.tolist()) == ([1000], [700])

    def test_where_nothing_came_in_nothing_is_judged(self):
        found, _ = whole(flows([[0], [10]]), terms(2))

        assert np.isnan(found.percent[0])
        assert not found.counts[0]
        assert not found.is_over[0]


class TestAligned:
    def test_an_hour_that_one_point_lacks_does_not_count_at_any(self):
        told = flows([[100] * 10, [90] * 9 + [0]], known=[[1] * 10, [1] * 9 + [0]])
        found, parts = whole(told, terms(2))

        assert found.received.tolist() == [900]
        assert found.imbalance.tolist() == [90]
        assert found.share.tolist() == [0.9]
        assert parts.complete[:, 0].tolist() == [1.0, 0.9]

    @pytest.mark.parametrize(("known", "counts"), [(9, True), (8, False)])
    def test_with_too_little_known_it_is_not_judged(self, known, counts):
        there = [1] * known + [0] * (10 - known)
        told = flows([[100] * 10, [10] * 10], known=[[1] * 10, there])
        found, _ = whole(told, terms(2, least=0.9))

        assert found.counts.tolist() == [counts]
        assert found.is_over.tolist() == [counts]

    def test_what_has_not_arrived_is_no_gap(self):
        told = flows([[100] * 4, [100, 100, 0, 0]], known=[[1] * 4, [1, 1, 0, 0]])
        told = replace(told, arrived=np.array([True, True, False, False]))
        found, _ = whole(told, terms(2))

        assert found.share.tolist() == [1.0]
        assert found.imbalance.tolist() == [0]

    def test_a_point_that_was_not_fetched_is_not_known(self):
        asked = flows([[100, 100], [50, 50]]).of([0, 7])
        found, _ = whole(asked, terms(2))

        assert found.counted.tolist() == [0]
        assert not found.counts[0]

    def test_estimated_intervals_are_told(self):
        found, _ = whole(flows([[100], [100]], estimated=1), terms(2))

        assert found.estimated_share.tolist() == [0.5]


class TestLosses:
    def test_constant_power_is_lost_in_the_hours_that_count(self):
        told = flows([[1000] * 4, [900] * 4], known=[[1] * 4, [1, 1, 1, 0]])
        found, _ = whole(told, terms(2, losses=(Lost("constant", power=20),)))

        assert found.losses.tolist() == [60]

    def test_a_share_may_differ_by_month(self):
        percents = tuple(Decimal(n) for n in range(1, 13))
        each = lost((Lost("share", percents=percents),), np.array([1000, 1000]), np.ones(2),
                    np.array([1, 12]))  # fmt: skip
        assert each.tolist() == [[10.0, 120.0]]

    def test_losses_by_load_grow_with_its_square(self):
        of_load = Lost("load", power=4_000, rated=100_000)
        # 45 kW at cos φ 0.9 are 50 kVA, half of the rated: a quarter of 4 kW, for two hours.
        each = lost((of_load,), np.array([90_000, 0]), np.array([2.0, 1.0]), np.ones(2, np.int64))

        assert each.tolist() == [[2000.0, 0.0]]

    def test_the_parts_add_up(self):
        losses = (Lost("constant", power=7), Lost("share", percents=(Decimal("0.333"),)))
        found, parts = whole(flows([[1001] * 5, [900] * 5]), terms(2, losses=losses))

        assert parts.losses.sum(axis=0).tolist() == found.losses.tolist()


class TestPermitted:
    def test_it_is_the_root_of_the_squares(self):
        how = terms(3, errors=np.array([1.0, 2.0, 2.0]))
        found, _ = whole(flows([[1000], [600], [400]]), how)

        assert found.permitted[0] == pytest.approx((1 + 1.2**2 + 0.8**2) ** 0.5)

    def test_the_error_of_the_losses_widens_it(self):
        how = terms(2, errors=np.zeros(2), losses_error=10.0,
                    losses=(Lost("share", percents=(Decimal(5),)),))  # fmt: skip
        found, _ = whole(flows([[1000], [950]]), how)

        assert found.permitted[0] == pytest.approx(0.5)

    def test_what_somebody_set_stands(self):
        found, _ = whole(flows([[1000], [970]]), terms(2, permitted=2.5))

        assert found.permitted.tolist() == [2.5]
        assert found.is_over.tolist() == [True]
        assert found.ratio.tolist() == [1.2]

    @pytest.mark.parametrize(("released", "over"), [(985, False), (975, True), (1025, True)])
    def test_beyond_it_in_either_direction_is_over(self, released, over):
        found, _ = whole(flows([[1000], [released]]), terms(2, permitted=2.0))

        assert found.is_over.tolist() == [over]


ENERGY = arrays.arrays(np.int64, (3, STEPS), elements=st.integers(0, 10**6))
KNOWN = arrays.arrays(np.bool_, (3, STEPS))
CUTS = st.lists(st.integers(0, STEPS), min_size=1, max_size=6)


class TestLaws:
    @given(ENERGY, ENERGY, KNOWN)
    def test_nothing_is_lost_between_the_sides(self, plus, minus, known):
        how = terms(3, losses=(Lost("constant", power=11),))
        found, parts = whole(flows(plus, minus, known), how)

        assert found.received - found.released - found.losses == found.imbalance
        assert found.received + found.released == parts.forth.sum() + parts.back.sum()

    @given(ENERGY, KNOWN, CUTS)
    def test_parts_make_up_the_whole(self, plus, known, cuts):
        told, how = flows(plus, known=known), terms(3)
        edges = np.array([0, *sorted(cuts), STEPS])
        parts, _ = reckon(told, edges[:-1], edges[1:], NO_MONTHS, how)
        one, _ = whole(told, how)

        for name in ("received", "released", "imbalance", "expected", "counted", "intervals"):
            assert getattr(parts, name).sum() == getattr(one, name)[0]

    @given(ENERGY, KNOWN)
    def test_a_step_that_is_not_known_is_as_none_at_all(self, plus, known):
        told, how = flows(plus, known=known), terms(3)
        there = known.all(axis=0)
        cut = flows(plus[:, there])
        with_gaps, _ = whole(told, how)
        without, _ = whole(cut, how)

        assert with_gaps.imbalance == without.imbalance
        np.testing.assert_array_equal(with_gaps.percent, without.percent)

    @given(ENERGY, KNOWN)
    def test_what_is_not_known_does_not_matter(self, plus, known):
        noise = np.where(known, plus, plus + 17)

        one, other = (whole(flows(e, known=known), terms(3))[0] for e in (plus, noise))
        assert one.imbalance == other.imbalance


def test_empty_balances_tell_nothing_and_take_others():
    empty = Balances.empty(3)
    found, _ = whole(flows([[1000], [900]]), terms(2))
    empty.put(np.array([1]), found)

    assert empty.imbalance.tolist() == [0, 100, 0]
    assert empty.counts.tolist() == [False, True, False]
    assert np.isnan(empty.percent[[0, 2]]).all()
