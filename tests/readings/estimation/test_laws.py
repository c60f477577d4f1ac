"""Laws of estimation under hypothesis: sums are met, nothing is negative, nothing else matters."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from faza.readings.estimation import (
    Brackets,
    Channels,
    Groups,
    Reference,
    Settings,
    State,
    estimate,
)
from tests.readings.estimation.making import GAP, MONDAY, brackets, channels, filled

SHORT = Settings(longest=120, weeks=1)
GREAT = st.sampled_from([3, 1_000, 10**6, 2**40])


@st.composite
def worlds(draw):
    """Channels in any state, with other meters' values, and brackets that hold what is known."""
    c, d, k = draw(st.integers(1, 3)), draw(st.integers(1, 24)), draw(st.integers(1, 6))
    seed, most = draw(st.integers(0, 2**32 - 1)), draw(GREAT)
    random = np.random.default_rng(seed)
    shares = [draw(st.integers(0, 10)) for _ in State]
    shares[State.UNKNOWN] += 1
    state = random.choice(len(shares), (c, d, k), p=np.array(shares) / sum(shares))
    values = random.integers(0, most, (c, d, k), endpoint=True)
    if draw(st.booleans()):
        values[random.random(values.shape) < 0.6] = 0
    known = np.where(state <= State.KEPT, values, 0)
    rows = []
    for channel in range(c):
        edges = np.unique(random.integers(0, d * k + 1, draw(st.integers(0, 6))))
        for first, end in zip(edges[:-1], edges[1:], strict=True):
            inside = known[channel].reshape(-1)[first:end].sum()
            rows.append((channel, first, end, inside + random.integers(0, most)))
    given_channels = Channels(values, state.astype(np.uint8), random.integers(0, 3, d), MONDAY, 30)
    about = Reference(random.integers(0, most, (c, d, k)), random.random((c, d, k)) < 0.2)
    year = Reference(random.integers(0, most, (c, d, k)), random.random((c, d, k)) < 0.5)
    shape = np.where(random.random((1, d, k)) < 0.5, np.nan, random.random((1, d, k)) * 3)
    groups = Groups(shape, random.integers(-1, 1, c))
    more = {
        "control": about if draw(st.booleans()) else None,
        "last_year": year if draw(st.booleans()) else None,
        "groups": groups if draw(st.booleans()) else None,
        "settings": SHORT,
    }
    return given_channels, brackets(*rows), more


def same(one, other):
    return (
        one.inputs == other.inputs
        and one.residuals.tolist() == other.residuals.tolist()
        and all(
            (getattr(one, name) == getattr(other, name)).all()
            for name in ("channels", "days", "values", "quality", "method", "complete")
        )
    )


@given(worlds())
def test_estimates_and_measured_values_sum_to_the_registers(world):
    given_channels, told, more = world
    made = estimate(given_channels, brackets=told, **more)

    # All brackets can be met: what is known is no more than their energy.
    holds = [
        (given_channels.state[channel].reshape(-1)[first:end] == State.UNKNOWN).any()
        for channel, first, end in zip(told.channels, told.firsts, told.ends, strict=True)
    ]
    assert made.residuals[holds].tolist() == [0] * sum(holds)
    assert made.complete[holds].all()


@given(worlds())
def test_estimates_are_never_negative_and_touch_nothing_that_stands(world):
    given_channels, told, more = world
    made = estimate(given_channels, brackets=told, **more)

    there = made.method > 0
    assert (made.values >= 0).all()
    assert (made.values[~there] == 0).all()
    assert (given_channels.state[made.channels, made.days][there] == State.UNKNOWN).all()
    assert there.any(axis=1).all()
    assert ((made.quality < 254) == there).all()


@given(worlds())
def test_what_is_in_the_places_of_missing_values_means_nothing(world):
    given_channels, told, more = world
    stands = given_channels.state <= State.KEPT
    noise = replace(given_channels, values=np.where(stands, given_channels.values, -77))

    assert same(
        estimate(given_channels, brackets=told, **more), estimate(noise, brackets=told, **more)
    )


@given(worlds())
def test_the_order_of_brackets_does_not_matter(world):
    given_channels, told, more = world
    turned = Brackets(*(getattr(told, name)[::-1] for name in Brackets.__slots__))
    one = estimate(given_channels, brackets=told, **more)
    other = estimate(given_channels, brackets=turned, **more)

    assert (one.values == other.values).all()
    assert one.residuals.tolist() == other.residuals[::-1].tolist()


@given(worlds())
def test_a_channel_is_estimated_the_same_in_whatever_company(world):
    given_channels, told, more = world
    together = filled(given_channels, estimate(given_channels, brackets=told, **more))
    for channel in range(len(given_channels.state)):
        mine = told.channels == channel
        alone = replace(
            given_channels,
            values=given_channels.values[[channel]],
            state=given_channels.state[[channel]],
        )
        bracket = Brackets(*(getattr(told, name)[mine] for name in Brackets.__slots__))
        bracket = replace(bracket, channels=bracket.channels * 0)
        less = dict(more)
        for name in ("control", "last_year"):
            if more[name]:
                less[name] = Reference(more[name].values[[channel]], more[name].known[[channel]])
        if more["groups"]:
            less["groups"] = replace(more["groups"], of=more["groups"].of[[channel]])
        made = estimate(alone, brackets=bracket, **less)
        assert (filled(alone, made)[0] == together[channel]).all()


@given(worlds())
def test_estimating_what_was_estimated_changes_nothing(world):
    given_channels, told, more = world
    made = estimate(given_channels, brackets=told, **more)
    state = given_channels.state.copy()
    values = given_channels.values.copy()
    there = made.method > 0
    state[made.channels, made.days] = np.where(there, State.KEPT, state[made.channels, made.days])
    values[made.channels, made.days] = np.where(
        there, made.values, values[made.channels, made.days]
    )
    again = estimate(replace(given_channels, values=values, state=state), brackets=told, **more)

    assert len(again) == 0


@given(st.integers(0, 2**32 - 1), st.integers(0, 30))
def test_days_out_of_reach_do_not_matter(seed, more):
    """A window that begins earlier and ends later says the same of the days within reach."""
    random = np.random.default_rng(seed)
    reach = SHORT.reach
    days = 2 * reach + 1 + 2 * more
    values = random.integers(0, 1000, (2, days, 4))
    values[random.random(values.shape) < 0.2] = GAP
    year = Reference(random.integers(0, 1000, values.shape), random.random(values.shape) < 0.8)
    classes = random.integers(0, 3, days)
    wide = channels(values, classes=classes, interval=30)
    cut = slice(more, days - more)
    narrow = channels(values[:, cut], classes=classes[cut], interval=30)
    made = estimate(wide, last_year=year, settings=SHORT)
    less = estimate(
        narrow, last_year=Reference(year.values[:, cut], year.known[:, cut]), settings=SHORT
    )

    assert (filled(wide, made)[:, more + reach] == filled(narrow, less)[:, reach]).all()
