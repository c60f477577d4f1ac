"""Laws of simulated meters under any faults: nothing is counted twice, nothing goes astray."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from faza.simulator import rows as rows_of
from faza.simulator import truth
from faza.simulator.clocks import Clock
from faza.simulator.faults import Fault, Faults, Kind
from faza.simulator.meter import Meter
from faza.simulator.shapes import chance, uniform
from faza.simulator.spec import MeterSpec

SINCE = datetime(2026, 3, 1, tzinfo=UTC)
START = int(SINCE.timestamp())
LONG = 6 * 86400

seconds = st.integers(0, LONG)
harmless = st.sampled_from(
    [Kind.POWER, Kind.CATCH_UP, Kind.CLOCK_JUMP, Kind.MODEM_OFF, Kind.MAGNET]
)


@st.composite
def faults(draw: st.DrawFn) -> list[Fault]:
    """Faults that lose no energy of the profile."""
    found = []
    for _ in range(draw(st.integers(0, 6))):
        at = SINCE + timedelta(seconds=draw(seconds))
        until = at + timedelta(seconds=draw(st.integers(1, 30_000)))
        jump = draw(st.integers(-20_000, 20_000))
        found.append(Fault(draw(harmless), at, until, seconds=jump))
    return found


def meter(scheduled: list[Fault], drift: float, seed: int) -> Meter:
    return Meter(
        MeterSpec(
            number="1",
            seed=seed,
            installed_at=SINCE,
            profile_step=1,
            faults=Faults(tuple(scheduled), drift=drift),
        )
    )


@given(faults(), st.floats(-500, 500), st.integers(1, 50), seconds)
@settings(max_examples=60, deadline=None)
def test_the_rows_sum_to_what_flowed_until_the_last_of_them(
    scheduled: list[Fault], drift: float, seed: int, at: int
) -> None:
    one = meter(scheduled, drift, seed)
    one.advance(SINCE + timedelta(seconds=at))
    made = rows_of.ever_made(one.state)
    values = rows_of.energies_in_tenths(one.state, made)
    assert (values >= 0).all()
    assert (np.diff(made.moments) >= 0).all()
    if len(made):
        counted = one.state.counter.total(made.moments[-1:])[0]
        assert np.array_equal(values.sum(axis=0), counted)
        clock = one.state.clock
        assert len(clock.segments) > 1 or (np.diff(made.stamps) > 0).all()


@given(faults(), st.lists(seconds, min_size=2, max_size=8), st.integers(1, 50))
@settings(max_examples=40, deadline=None)
def test_registers_never_go_back_and_tariffs_sum_to_the_whole(
    scheduled: list[Fault], moments: list[int], seed: int
) -> None:
    one = meter(scheduled, 0, seed)
    shown = []
    for at in sorted(moments):
        one.advance(SINCE + timedelta(seconds=at))
        shown.append(one.state.tenths(np.array([START + at]))[0])
    assert all((later >= earlier).all() for earlier, later in zip(shown, shown[1:], strict=False))
    for at, registers in zip(sorted(moments), shown, strict=True):
        total = one.state.counter.total(np.array([START + at]))[0] + one.state.start.sum(axis=1)
        assert np.array_equal(registers.sum(axis=1), total)


LATER = [Fault(Kind.POWER, SINCE + timedelta(hours=80), SINCE + timedelta(hours=90))]


@given(faults(), st.integers(1, 50), st.lists(seconds, min_size=1, max_size=5))
@example(LATER, 3, [2 * 86400])
@settings(max_examples=40, deadline=None)
def test_a_meter_that_is_asked_often_is_the_same_as_one_that_is_asked_once(
    scheduled: list[Fault], seed: int, moments: list[int]
) -> None:
    often, once = (meter(scheduled, 20, seed) for _ in range(2))
    for at in sorted(moments):
        often.profile(1, SINCE + timedelta(seconds=at))
        often.registers(SINCE + timedelta(seconds=at))
    end = SINCE + timedelta(seconds=LONG)
    one, other = often.profile(1, end), once.profile(1, end)
    assert np.array_equal(one.ends, other.ends)
    assert np.array_equal(one.values, other.values)
    assert np.array_equal(often.registers(end), once.registers(end))


@given(st.floats(-900, 900), st.lists(st.tuples(seconds, st.integers(-9000, 9000)), max_size=5))
@settings(max_examples=80, deadline=None)
def test_a_clock_shows_an_end_first_when_it_reached_it(
    drift: float, jumps: list[tuple[int, int]]
) -> None:
    clock = Clock(START, drift=drift)
    for at, jump in sorted(jumps):
        clock.set(clock.shown(START + at) + jump, START + at)
    found = clock.boundaries(1800, since=START, until=START + LONG)
    assert (found.stamps % 1800 == 0).all()
    assert (np.diff(found.moments) >= 0).all()
    last = clock.segments[-1]
    for stamp, moment in zip(found.stamps.tolist(), found.moments.tolist(), strict=True):
        if moment > last.at:
            assert clock.shown(moment) >= stamp > clock.shown(moment - 1)


@given(st.integers(0, 1 << 40), st.integers(0, 1 << 40))
def test_one_chance_is_that_of_many(seed: int, number: int) -> None:
    found = chance(seed, number)
    assert found == uniform(seed, np.array([number]))[0]
    assert 0 <= found < 1


def test_truth_is_read_as_it_was_written(tmp_path) -> None:
    told = [
        Fault(Kind.POWER, SINCE + timedelta(hours=30), SINCE + timedelta(hours=33)),
        Fault(Kind.MISSING, SINCE + timedelta(hours=50), SINCE + timedelta(hours=51)),
        Fault(Kind.CLOCK_JUMP, SINCE + timedelta(hours=80, minutes=10), seconds=-3600),
        Fault(Kind.COVER, SINCE + timedelta(hours=81)),
    ]
    one, other = meter(told, 0, 3), meter([], 0, 4)
    at = SINCE + timedelta(days=5)
    truth.write(tmp_path / "truth.npz", [one, other], at)
    first, second = truth.read(tmp_path / "truth.npz")
    rows = one.profile(1, at)
    assert np.array_equal(first.rows.ends, rows.ends)
    assert np.array_equal(first.rows.values, rows.values)
    assert first.rows.held.all()
    assert len(first.lost) == 5 + 2 + 2
    assert len(first.ambiguous) == 2
    assert len(second.lost) == len(second.ambiguous) == 0
    assert np.array_equal(second.consumed.T, second.rows.values)
    assert np.array_equal(first.registers, one.registers(at))
    assert (4, 3) in {(journal, code) for _, journal, code in first.events.tolist()}
    assert second.primary(second.rows.values)[0, 0] == second.rows.values[0, 0] // 10


def test_what_a_replaced_meter_had_is_told_and_not_held(tmp_path) -> None:
    gone = Fault(Kind.REPLACED, SINCE + timedelta(days=2, minutes=10), number="9")
    truth.write(tmp_path / "truth.npz", [meter([gone], 0, 3)], SINCE + timedelta(days=4))
    (told,) = truth.read(tmp_path / "truth.npz")
    assert told.rows.numbers.count("1") == 96
    assert told.rows.held.tolist() == [False] * 96 + [True] * 96
    assert len(told.lost) == 96
