"""What flows in the demo: registers and intervals say the same, sums hold what is below them."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from faza.contracts.rules import is_inn
from faza.demo import meters, people, plan
from faza.demo.loads import TENTHS, Truth, truth
from faza.demo.plan import MODELS, POINTS
from faza.demo.profiles import SLOTS, Calendar
from faza.demo.scenario import REPLACED, Scenario

NEVER: frozenset[date] = frozenset()
SINCE = date(2025, 9, 1)
SCENARIO = Scenario(SINCE, datetime(2026, 11, 21, 10, 30, tzinfo=UTC))
TWO_ZONES = [2] * 14 + [1] * 32 + [2] * 2


def flows(end: date) -> Truth:
    calendar = Calendar(SINCE, end, restful=NEVER, busy=NEVER)
    return truth(calendar, SCENARIO.stands(calendar))


@pytest.fixture(scope="module")
def year() -> Truth:
    return flows(date(2026, 11, 23))


class TestPlan:
    def test_there_are_60_points_and_4_substations(self):
        assert len({point.code for point in POINTS}) == 60
        assert sum(place.kind == "transformer_substation" for place in plan.PLACES) == 4

    def test_codes_have_the_fifteen_digits_of_80020(self):
        assert all(len(point.code) == 15 and point.code.isdecimal() for point in POINTS)

    def test_every_kind_of_metering_is_there(self):
        assert {MODELS[point.model].phases for point in POINTS} == {1, 3}
        assert sum(point.load.sun > 0 for point in POINTS) == 3
        assert sum(point.is_common for point in POINTS) == 2
        assert sum(point.by_hand for point in POINTS) == 2
        assert any(point.ct == (200, 5) and point.vt is None for point in POINTS)
        assert sum(point.vt is not None and point.load.of == "works" for point in POINTS) == 2
        assert {point.zone for point in POINTS} == {plan.MOSCOW, plan.YEKATERINBURG}

    def test_everybody_but_the_network_has_an_agreement(self):
        covered = {n for contract in people.contracts() for n in contract.points}
        assert {p.name for n, p in enumerate(POINTS) if n not in covered} == set(people.OWN)

    def test_one_subscriber_has_five_points_by_two_agreements(self):
        hers = [c for c in people.contracts() if c.customer == people.MISTRESS]
        assert sorted(len(contract.points) for contract in hers) == [1, 4]

    def test_taxpayer_numbers_are_right_and_of_no_region(self):
        numbers = [people.taxpayer_of(customer) for customer in people.kinds()]
        told = [number for number in numbers if number]
        assert len(set(told)) == len(told) > 10
        assert all(is_inn(number) and number.startswith("00") for number in told)


class TestTruth:
    def test_primary_energy_is_what_was_counted_times_the_ratio(self, year):
        for stand in year.stands:
            span = slice(stand.first, stand.end)
            counted = year.counted[:, stand.point, span]
            primary = year.primary[:, stand.point, span]
            ratio = stand.ratio
            assert (primary * (TENTHS * ratio.denominator) == counted * ratio.numerator).all()

    def test_registers_agree_with_intervals_within_a_step_at_every_point(self, year):
        midnights = np.arange(0, year.calendar.slots + 1, SLOTS)
        for stand in year.stands:
            point = POINTS[stand.point]
            at = midnights[(midnights >= stand.first) & (midnights <= stand.end)]
            shown = meters.registers(year, stand, TWO_ZONES, SINCE, at)
            step = 10 ** (3 - MODELS[point.model].decimals)
            sums = np.array([year.primary[:, stand.point, a:b].sum(axis=1)
                             for a, b in zip(at, at[1:], strict=False)])  # fmt: skip
            ratio = float(stand.ratio)
            apart = np.abs(np.diff(shown[:, :, 0], axis=0) * ratio - sums)
            assert (shown % step == 0).all()
            assert (apart < step * ratio).all(), point.name

    def test_registers_of_zones_add_up_to_the_total_within_a_step_each(self, year):
        at = np.arange(0, year.calendar.slots + 1, SLOTS)
        stand = year.stands[plan.BY_NAME["Дом"]]
        shown = meters.registers(year, stand, TWO_ZONES, SINCE, at)
        rest = shown[:, :, 0] - shown[:, :, 1:].sum(axis=2)
        assert (rest >= 0).all()
        assert (rest <= 10).all()
        assert (np.diff(shown[:, 0, 1:3], axis=0).sum(axis=0) > 0).all()

    def test_a_new_meter_begins_at_nothing(self, year):
        new = [stand for stand in year.stands if stand.first]
        assert [POINTS[stand.point].name for stand in new] == [REPLACED]
        shown = meters.registers(year, new[0], TWO_ZONES, SINCE, np.array([new[0].first]))
        assert not shown.any()

    def test_a_house_draws_more_than_its_flats_every_day(self, year):
        for n, point in enumerate(POINTS):
            if point.is_common:
                flats = year.primary[0, plan.leaves_below(point)].sum(axis=0)
                common = year.primary[0, n] - flats
                by_day = common.reshape(-1, SLOTS).sum(axis=1)
                assert (by_day > 0).all()
                assert 0.05 < common.sum() / flats.sum() < 0.5

    def test_a_substation_gives_what_is_below_it_and_losses(self, year):
        for n, point in enumerate(POINTS):
            if point.load.of == "below":
                leaves = plan.leaves_below(point)
                net = (year.primary[0] - year.primary[1])[leaves].sum()
                own = year.primary[0, n].sum() - year.primary[1, n].sum()
                assert net < own < 1.5 * net

    def test_panels_export_in_summer_more_than_in_winter(self, year):
        june = slice(SCENARIO.slot(date(2026, 6, 1)), SCENARIO.slot(date(2026, 7, 1)))
        december = slice(SCENARIO.slot(date(2025, 12, 1)), SCENARIO.slot(date(2026, 1, 1)))
        for n, point in enumerate(POINTS):
            exported = year.primary[1, n]
            if point.load.sun:
                assert exported[june].sum() > 4 * exported[december].sum() > 0
            elif point.load.of != "below":
                assert not exported.any()

    def test_powers_are_below_what_is_permitted(self, year):
        peaks = 2 * year.primary.max(axis=2)[:2].max(axis=0)
        assert [p.name for n, p in enumerate(POINTS) if peaks[n] > p.max_power] == []

    def test_days_do_not_depend_on_how_long_the_series_is(self, year):
        short = flows(date(2026, 3, 1))
        where = slice(0, short.calendar.slots)
        assert (short.primary == year.primary[:, :, where]).all()

    def test_currents_follow_from_power_and_voltage(self, year):
        for point in POINTS:
            if not point.phases_shown or point.load.as_measured:
                continue
            n = plan.INDEX[point.code]
            found = meters.phase_channels(year, n)
            volts = np.stack([found[code] for code in (11, 12, 13)]) / 10
            amperes = np.stack([found[code] for code in (16, 17, 18)]) / 1000
            kva = (volts * amperes).sum(axis=0) / 1000
            kw = year.primary[:2, n].sum(axis=0) / 500
            assert abs(np.median(volts) / point.nominal - 1) < 0.06
            assert (kva > 0.7 * kw).all()


class TestScenario:
    def test_all_of_it_lies_in_the_data(self):
        known = SCENARIO.known(0, SCENARIO.first_until)
        for stretch in SCENARIO.stretches():
            assert 0 <= stretch.first < min(stretch.end, known)
        for flaw in SCENARIO.flaws():
            assert 0 <= flaw.first < flaw.end < known

    @pytest.mark.parametrize("days", [28, 35, 62, 81, 120, 400])
    def test_a_short_grid_has_all_of_it_too(self, days):
        since = SCENARIO.today - timedelta(days=days)
        short = Scenario(since, SCENARIO.first_until)
        for stretch in short.stretches():
            assert 7 * SLOTS < stretch.first < stretch.end
        assert since < short.replaced[0] < short.today
        assert since < short.sold < short.today
