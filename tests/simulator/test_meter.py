"""A simulated meter: what it counts is what its profile and registers say, whatever befalls it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from faza.protocols.metered import DaySchedule, Limiter, Season, TariffCalendar
from faza.simulator.faults import Fault, Faults, Kind, Line
from faza.simulator.meter import Meter, NotPossible
from faza.simulator.spec import GivenLoad, MeterSpec

SINCE = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
HALF = np.timedelta64(1800, "s")


def even(tenths: int = 5000, *, days: int = 20) -> GivenLoad:
    """So many tenths of Wh in each half-hour, import alone."""
    values = np.zeros((4, 48 * days), np.int64)
    values[0] = tenths
    return GivenLoad(SINCE, values)


def meter(*faults: Fault, **given: Any) -> Meter:
    given.setdefault("installed_at", SINCE)
    given.setdefault("faults", Faults(scheduled=faults))
    return Meter(MeterSpec(number="00012345", **given))


def stamp(moment: datetime) -> np.datetime64:
    return np.datetime64(moment.replace(tzinfo=None), "s")


class TestProfile:
    def test_the_sum_of_the_rows_is_what_the_registers_went_on_by(self) -> None:
        one = meter(seed=7, profile_step=1, register_step=1)
        before = one.registers(SINCE)
        rows = one.profile(1, SINCE + 40 * DAY)
        after = one.registers(SINCE + 40 * DAY)
        assert len(rows) == 40 * 48
        assert rows.columns[0].scale == Fraction(1, 10)
        assert np.abs(rows.values.sum(axis=0) // 10 - (after - before)[:, 0]).max() <= 1
        assert (rows.values[:, 0] > 0).all()

    def test_rows_are_stamped_with_the_end_of_their_interval(self) -> None:
        rows = meter().profile(1, SINCE + HOUR)
        assert rows.ends.tolist() == [
            (SINCE + timedelta(minutes=m)).replace(tzinfo=None) for m in (30, 60)
        ]

    def test_a_range_takes_both_its_ends(self) -> None:
        rows = meter().profile(1, SINCE + DAY, SINCE + 2 * HOUR, SINCE + 3 * HOUR)
        assert len(rows) == 3

    def test_what_is_asked_for_alone_is_what_it_is_in_the_whole(self) -> None:
        one = meter(seed=3)
        whole = one.profile(1, SINCE + 30 * DAY)
        day = one.profile(1, SINCE + 30 * DAY, SINCE + 20 * DAY, SINCE + 21 * DAY)
        assert np.array_equal(day.values, whole.values[20 * 48 - 1 : 21 * 48])
        by_place = one.profile(1, SINCE + 30 * DAY, rows=slice(5, 9))
        assert np.array_equal(by_place.values, whole.values[5:9])

    def test_it_goes_back_as_far_as_it_has_room(self) -> None:
        one = meter(depth=10)
        rows = one.profile(1, SINCE + 40 * DAY)
        assert len(rows) == one.entries(1, SINCE + 40 * DAY) == one.capacity(1) == 480
        assert rows.ends[0] == stamp(SINCE + 30 * DAY) + HALF

    def test_average_power_says_the_same_as_energy(self) -> None:
        energy = meter(load=even(), profile_step=1).profile(1, SINCE + HOUR)
        power = meter(load=even(), profile_step=1, profile_power=True).profile(1, SINCE + HOUR)
        wh = [rows.values[0, 0] * rows.columns[0].scale for rows in (energy, power)]
        assert wh == [Fraction(500), Fraction(500)]
        assert power.values[0, 0] == 10_000

    def test_the_same_seed_gives_the_same_meter(self) -> None:
        one, other, third = (meter(seed=seed).profile(1, SINCE + DAY) for seed in (5, 5, 6))
        assert np.array_equal(one.values, other.values)
        assert not np.array_equal(one.values, third.values)

    @pytest.mark.parametrize("phases", [1, 3])
    def test_network_parameters_hang_together(self, phases: int) -> None:
        rows = meter(phases=phases, seed=4).profile(2, SINCE + DAY)
        channels = [column.kind.channel for column in rows.columns]
        assert len(channels) == 5 * phases + 1
        volts, amperes = rows.values[:, 0] / 10, rows.values[:, 1] / 1000
        assert (volts > 180).all()
        assert (volts < 270).all()
        assert (np.abs(volts * amperes - np.hypot(rows.values[:, 2], rows.values[:, 3])) < 3).all()


class TestRegisters:
    def test_tariffs_follow_the_civil_time_of_the_zone(self) -> None:
        one = meter(load=even(1000), register_step=1, registers=np.zeros((4, 9), np.int64))
        shown = one.registers(SINCE + 10 * DAY)[0]
        assert shown.tolist() == [48_000, 32_000, 16_000, 0, 0, 0, 0, 0, 0]
        # 20:00 UTC is 23:00 there: night begins.
        assert one.registers(SINCE + 10 * DAY + 20 * HOUR)[0, 1] == 32_000 + 100 * 32

    def test_each_is_cut_to_its_last_digit_by_itself(self) -> None:
        one = meter(load=even(999), register_step=10, registers=np.zeros((4, 9), np.int64))
        shown = one.registers(SINCE + DAY)[0]
        assert shown.tolist()[:3] == [4790, 3190, 1590]

    def test_they_roll_over(self) -> None:
        start = np.zeros((4, 9), np.int64)
        start[0, :2] = 10**10 - 100_000
        one = meter(load=even(5000), registers=start, digits=6)
        assert one.registers(SINCE)[0, 0] == 999_990_000
        assert one.registers(SINCE + DAY)[0, 0] == 14_000
        assert (one.profile(1, SINCE + DAY).values[:, 0] == 500).all()

    def test_those_of_days_and_months_are_those_of_the_moment(self) -> None:
        one = meter(seed=9)
        midnight = datetime(2026, 3, 31, 21, tzinfo=UTC)
        shown = one.registers(midnight)
        days = one.captured("day", SINCE + 50 * DAY, midnight, midnight + DAY)
        months = one.captured("month", SINCE + 50 * DAY)
        assert days.moments.tolist() == [m.replace(tzinfo=None) for m in (midnight, midnight + DAY)]
        assert months.moments.tolist() == [midnight.replace(tzinfo=None)]
        assert np.array_equal(days.values[0], shown)
        assert np.array_equal(months.values[0], shown)
        assert days.present[0].tolist() == [[True] * 3 + [False] * 6] * 4

    def test_a_load_that_was_told_goes_on_with_its_last_week(self) -> None:
        tenths = np.zeros((4, 48 * 8), np.int64)
        tenths[0] = np.arange(48 * 8) * 10
        rows = meter(load=GivenLoad(SINCE, tenths)).profile(1, SINCE + 9 * DAY)
        assert np.array_equal(rows.values[8 * 48 :, 0], rows.values[48 : 2 * 48, 0])


class TestFaults:
    def test_without_power_nothing_flows_and_dark_intervals_have_no_rows(self) -> None:
        off = Fault(Kind.POWER, SINCE + 2.25 * HOUR, SINCE + 5.75 * HOUR)
        one = meter(off, load=even())
        assert not one.is_reachable(SINCE + 3 * HOUR)
        rows = one.profile(1, SINCE + 8 * HOUR)
        told = dict(zip(rows.ends.tolist(), rows.values[:, 0].tolist(), strict=True))
        assert told[(SINCE + 2.5 * HOUR).replace(tzinfo=None)] == 250
        assert told[(SINCE + 6 * HOUR).replace(tzinfo=None)] == 250
        assert len(rows) == 16 - 6
        assert rows.doubtful.sum() == 2
        assert one.is_reachable(SINCE + 8 * HOUR)
        assert one.journal(2, SINCE + 8 * HOUR).codes.tolist() == [1, 2]

    def test_after_a_stop_the_next_row_has_the_sum(self) -> None:
        rows = meter(
            Fault(Kind.CATCH_UP, SINCE + 2.25 * HOUR, SINCE + 5.75 * HOUR), load=even()
        ).profile(1, SINCE + 8 * HOUR)
        assert len(rows) == 16 - 7
        assert rows.values[:, 0].sum() == 16 * 500
        assert rows.values[4, 0] == 8 * 500
        assert rows.doubtful.tolist() == [False] * 4 + [True] + [False] * 4

    def test_rows_get_lost_and_come_twice(self) -> None:
        lost = meter(Fault(Kind.MISSING, SINCE + 2 * HOUR, SINCE + 3 * HOUR), load=even())
        assert len(lost.profile(1, SINCE + 4 * HOUR)) == 6
        twice = meter(Fault(Kind.DUPLICATE, SINCE + 2 * HOUR), load=even())
        rows = twice.profile(1, SINCE + 4 * HOUR)
        assert len(rows) == 9
        assert rows.ends[4] == rows.ends[5]

    def test_a_reset_empties_the_profiles_and_not_the_registers(self) -> None:
        one = meter(Fault(Kind.RESET, SINCE + 5 * HOUR), load=even())
        before = one.registers(SINCE + 4 * HOUR)[0, 0]
        assert one.profile(1, SINCE + 6 * HOUR).ends.tolist() == [
            (SINCE + h * HOUR).replace(tzinfo=None) for h in (5.5, 6)
        ]
        assert one.registers(SINCE + 6 * HOUR)[0, 0] == before + 2000

    def test_a_replaced_meter_is_another_one(self) -> None:
        one = meter(Fault(Kind.REPLACED, SINCE + 5.25 * HOUR, number="00099999"), load=even())
        assert one.identity(SINCE + 5 * HOUR).number == "00012345"
        assert one.identity(SINCE + 6 * HOUR).number == "00099999"
        assert one.registers(SINCE + 6.25 * HOUR)[0, 0] == 1000
        rows = one.profile(1, SINCE + 6.25 * HOUR)
        assert rows.values[:, 0].tolist() == [250, 500]
        assert one.journal(7, SINCE + 7 * HOUR).codes.tolist() == [1]

    def test_a_modem_comes_and_goes(self) -> None:
        one = meter(Fault(Kind.MODEM_OFF, SINCE + HOUR, SINCE + 2 * HOUR))
        assert [one.is_reachable(SINCE + h * HOUR) for h in (0.5, 1.5, 2.5)] == [True, False, True]
        assert len(one.profile(1, SINCE + 3 * HOUR)) == 6

    def test_a_bad_line_is_the_same_for_the_same_seed(self) -> None:
        line = Line(drop=0.5, garbage=0.5, slow=0.5)
        told = [
            [one.new_session(SINCE) for _ in range(40)]
            for one in (meter(seed=2, faults=Faults(line=line)) for _ in range(2))
        ]
        assert told[0] == told[1]
        assert 5 < sum(session.drop_after is not None for session in told[0]) < 35
        assert 5 < sum(bool(session.garbage) for session in told[0]) < 35


class TestClock:
    def test_it_drifts(self) -> None:
        one = meter(faults=Faults(drift=100))
        assert one.shown(SINCE + 10 * DAY) - SINCE == 10 * DAY + timedelta(seconds=86)

    def test_what_a_fast_clock_cuts_off_is_in_the_next_row(self) -> None:
        rows = meter(load=even(18000), faults=Faults(drift=1000)).profile(1, SINCE + DAY)
        assert set(rows.values[:, 0].tolist()) <= {1798, 1799}
        assert rows.ends[-1] == stamp(SINCE + DAY)

    def test_setting_it_back_lets_it_pass_ends_again(self) -> None:
        one = meter(load=even())
        one.set_clock(SINCE + HOUR, SINCE + 2.25 * HOUR)
        rows = one.profile(1, SINCE + 3.25 * HOUR)
        minutes = [int((end - stamp(SINCE)) / np.timedelta64(60, "s")) for end in rows.ends]
        assert minutes == [30, 60, 90, 120, 90, 120]
        assert rows.values[:, 0].tolist() == [500, 500, 500, 500, 750, 500]
        assert rows.doubtful.tolist() == [False] * 4 + [True, False]

    def test_setting_it_on_closes_the_interval_and_skips_the_rest(self) -> None:
        one = meter(load=even())
        one.set_clock(SINCE + 5.25 * HOUR, SINCE + 2.25 * HOUR)
        rows = one.profile(1, SINCE + 3 * HOUR)
        minutes = [int((end - stamp(SINCE)) / np.timedelta64(60, "s")) for end in rows.ends]
        assert minutes == [30, 60, 90, 120, 150, 330, 360]
        assert rows.values[:, 0].sum() == 6 * 500
        assert rows.values[4:, 0].tolist() == [250, 250, 500]
        assert rows.doubtful.tolist() == [False] * 4 + [True, True, False]

    def test_a_jump_makes_it_doubtful_until_it_is_set(self) -> None:
        one = meter(Fault(Kind.CLOCK_JUMP, SINCE + HOUR, seconds=-7200))
        at = SINCE + 2 * HOUR
        assert one.shown(at) == SINCE
        assert one.clock_is_doubtful(at)
        one.set_clock(at, at)
        assert not one.clock_is_doubtful(at)
        assert one.journal(7, at).codes.tolist() == [5]
        assert one.journal(3, at).codes.tolist() == [3]

    def test_it_is_shifted_by_fifteen_minutes_at_most(self) -> None:
        one = meter()
        one.shift_clock(-30, SINCE + HOUR)
        assert one.shown(SINCE + HOUR) == SINCE + HOUR - timedelta(seconds=30)
        with pytest.raises(NotPossible):
            one.shift_clock(901, SINCE + HOUR)


class TestCommands:
    def test_the_relay_stops_the_load(self) -> None:
        one = meter(load=even(18000))
        one.switch("off", SINCE + 100 * timedelta(seconds=6))
        stood = one.registers(SINCE + HOUR)
        assert np.array_equal(one.registers(SINCE + 2 * HOUR), stood)
        assert one.profile(1, SINCE + 2 * HOUR).values[:, 0].tolist() == [600, 0, 0, 0]
        relay = one.relay(SINCE + HOUR)
        assert relay is not None
        assert not relay.is_on
        one.switch("permit", SINCE + 2 * HOUR)
        relay = one.relay(SINCE + 2 * HOUR)
        assert relay is not None
        assert (relay.is_on, relay.control) == (False, "ready")
        one.press(SINCE + 3 * HOUR)
        assert one.registers(SINCE + 4 * HOUR)[0, 0] - stood[0, 0] == 3600
        assert one.journal(2, SINCE + 4 * HOUR).codes.tolist() == [3, 5, 7]

    def test_a_meter_without_a_relay_says_so(self) -> None:
        one = meter(has_relay=False)
        assert one.relay(SINCE) is None
        with pytest.raises(NotPossible):
            one.switch("off", SINCE)

    def test_limits_are_set_by_name(self) -> None:
        one = meter()
        wanted = Limiter("power", 5000, 30, is_on=True)
        one.set_limiter(wanted, SINCE)
        assert one.limiters(SINCE)[0] == wanted
        with pytest.raises(NotPossible):
            one.set_limiter(replace(wanted, what="heat"), SINCE)

    def test_a_calendar_waits_and_comes_into_force_by_the_meters_clock(self) -> None:
        one = meter(load=even(1000), registers=np.zeros((4, 9), np.int64), register_step=1)
        always = TariffCalendar(
            "T4", (Season("s", (1, 1), (1,) * 7),), (DaySchedule(1, ((0, 4),)),)
        )
        one.set_passive_calendar(always, SINCE + HOUR)
        one.set_activation(SINCE + 12 * HOUR, SINCE + HOUR)
        assert one.calendar(SINCE + 11 * HOUR).name == "2 zones"
        assert one.registers(SINCE + 12 * HOUR)[0, 4] == 0
        assert one.calendar(SINCE + 13 * HOUR) == always
        shown = one.registers(SINCE + 24 * HOUR)[0]
        assert (shown[0], shown[4]) == (4800, 2400)
        assert one.activates_at(SINCE + 24 * HOUR) is None
        assert one.journal(3, SINCE + 24 * HOUR).codes.tolist() == [5, 8, 9]

    def test_a_special_day_holds_at_once(self) -> None:
        one = meter(load=even(1000), registers=np.zeros((4, 9), np.int64), register_step=1)
        day_and_night = one.calendar(SINCE)
        quiet = replace(day_and_night, days=(*day_and_night.days, DaySchedule(2, ((0, 2),))))
        one.set_passive_calendar(quiet, SINCE)
        one.activate_calendar(SINCE)
        one.set_special_days(((3, 3, 2026, 2),), SINCE)
        shown = [one.registers(SINCE + d * DAY - 3 * HOUR)[0, 1] for d in (1, 2, 3, 4)]
        assert np.diff(shown).tolist() == [3200, 0, 3200]

    def test_a_calendar_that_does_not_hang_together_is_refused(self) -> None:
        one = meter()
        odd = replace(one.calendar(SINCE), days=(DaySchedule(2, ((0, 1),)),))
        with pytest.raises(NotPossible):
            one.set_passive_calendar(odd, SINCE)


def test_voltage_out_of_bounds_is_in_events_counters_and_rows_alike() -> None:
    one = meter(seed=12)
    at = SINCE + 29 * DAY
    events = one.journal(0, at)
    begun = int((events.codes == 7).sum())
    assert begun
    assert one.quality(at).counters["1.0.148.36.0.255"] == begun
    start = events.moments[np.flatnonzero(events.codes == 7)[0]].item().replace(tzinfo=UTC)
    row = one.profile(2, at, start + timedelta(minutes=30), start + timedelta(minutes=30))
    assert round(230 * 1.13 * 10) in row.values[0, 0::5]


def test_events_have_the_time_of_the_meters_clock() -> None:
    one = meter(Fault(Kind.COVER, SINCE + 5 * HOUR))
    one.set_clock(SINCE, SINCE + 2 * HOUR)
    events = one.journal(4, SINCE + 6 * HOUR)
    assert events.moments.tolist() == [(SINCE + 3 * HOUR).replace(tzinfo=None)]
    assert events.codes.tolist() == [3]
    assert len(one.journal(4, SINCE + 6 * HOUR, SINCE + 4 * HOUR)) == 0


def test_instant_values_have_angles_of_three_phases() -> None:
    values = meter(seed=2).instant(SINCE + 20 * HOUR).values
    assert {11, 12, 13, 16, 17, 18, 20, 21, 25, 35, 40, 45, 46, 47, 48, 49} <= set(values)
    assert (values[45], values[46]) == (1200, 2400)


@pytest.mark.parametrize(
    "wrong",
    [{"offset": 100}, {"register_step": 3}, {"interval": 7}, {"registers": np.ones((4, 9))}],
)
def test_a_meter_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        meter(**wrong)
