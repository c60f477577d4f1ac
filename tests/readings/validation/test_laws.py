"""What holds of the rules whatever the values are."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faza.readings.blocks import BlockBatch
from faza.readings.validation import RULES, defaults, history, inline, summary
from faza.readings.validation.history_shapes import Doubts, History, Pairs, Readings
from faza.readings.validation.shapes import Days
from tests.readings.validation.cases import CASES
from tests.readings.validation.make import DAY, MISSING, T0, curve, days, pairs
from tests.readings.validation.make import history as history_of


def rows_of(findings):
    """Findings as a sorted list, that two looks can be compared by."""
    return sorted(
        zip(
            findings.usage_points.tolist(), findings.reading_types.tolist(),
            findings.starts.tolist(), findings.ends.tolist(), findings.rules,
            findings.effects.tolist(), map(str, findings.numbers),
            strict=True,
        )
    )  # fmt: skip


@st.composite
def channels(draw):
    """Some channels of some days: homes with faults of all sorts."""
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    n_days = draw(st.integers(1, 12))
    found = {}
    for point in range(1, 1 + draw(st.integers(1, 4))):
        values = curve(n_days, seed=int(random.integers(9)))
        for _ in range(draw(st.integers(0, 5))):
            start = int(random.integers(len(values)))
            stretch = slice(start, start + int(random.integers(1, 60)))
            values[stretch] = random.choice([MISSING, 0, 300, -5, 9000, 70_000])
        found[point, int(random.choice([1, 1, 2, 16]))] = values
    return found


@given(channels())
def test_channels_do_not_matter_to_each_other(several):
    together = inline.look(days(several), defaults())
    apart = [inline.look(days({key: values}), defaults()) for key, values in several.items()]
    assert rows_of(together) == sorted(row for one in apart for row in rows_of(one))


@given(channels(), st.integers(1, 7))
def test_the_size_of_chunks_does_not_matter(several, size):
    whole = inline.look(days(several), defaults())
    usual = summary.CHUNK
    try:
        summary.CHUNK = size
        assert rows_of(inline.look(days(several), defaults())) == rows_of(whole)
    finally:
        summary.CHUNK = usual


@given(channels())
def test_history_says_all_that_was_said_inline(several):
    told = rows_of(inline.look(days(several), defaults()))
    again = rows_of(history.look(history_of(several), defaults()))
    named = {row[:5] for row in again}
    for row in told:
        if row[4] not in {"V01", "V05"}:
            assert row in again
        elif row[4] == "V01":
            assert any(row[:2] == one[:2] and one[2] <= row[2] < one[3] for one in named)


@given(channels())
def test_no_interval_is_named_twice_by_one_rule(several):
    found = history.look(history_of(several), defaults())
    for code in set(found.rules):
        stretches = sorted(
            (point, kind, start, end)
            for point, kind, start, end, rule in zip(
                found.usage_points.tolist(), found.reading_types.tolist(),
                found.starts.tolist(), found.ends.tolist(), found.rules, strict=True,
            )
            if rule == code
        )  # fmt: skip
        for one, other in zip(stretches, stretches[1:], strict=False):
            assert one[:2] != other[:2] or one[3] <= other[2]


@given(channels(), st.integers(0, 11))
def test_later_days_do_not_matter(several, day):
    with_later = history_of(several, looked=range(day + 1))
    kept = np.flatnonzero(with_later.looked)
    before = replace(
        with_later,
        days=with_later.days.take(kept),
        looked=np.ones(len(kept), bool),
        classes=with_later.classes[kept],
    )
    assert rows_of(history.look(before, defaults())) == rows_of(
        history.look(with_later, defaults())
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code} {case.what}")
def test_nothing_that_is_looked_at_is_changed_and_twice_is_once(case):
    seen = case.flagged()
    batch = seen.days.batch
    before = batch.values.copy(), batch.quality.copy()
    first = rows_of(history.look(seen, defaults()))
    assert rows_of(history.look(seen, defaults())) == first
    assert (batch.values == before[0]).all()
    assert (batch.quality == before[1]).all()


@given(channels())
def test_suspects_are_all_that_a_slow_look_finds(several):
    """Spikes and flat runs are looked for in suspect days only: none may be passed over."""
    of = days(several)
    spike, flat = defaults()["V05"], defaults()["V06"]
    expected = set()
    for row in np.flatnonzero(of.batch.reading_types <= 4).tolist():
        values = of.batch.values[row].tolist()
        third = sorted(values)[-3]
        for column, value in enumerate(values):
            if value > spike["factor"] * third + spike["floor"] / 2:
                expected.add((row, column, "V05"))
            around = [
                start for start in range(max(column - 11, 0), min(column, 36) + 1)
                if len(set(values[start : start + 12])) == 1
            ]  # fmt: skip
            present = of.batch.quality[row, column] < 254
            if around and value >= flat["floor"] / 2 and present:
                expected.add((row, column, "V06"))
    only = {code: defaults()[code] for code in ("V05", "V06")}
    found = set()
    for code, _, flags in inline.flags_of(of, inline.summary_of(of, only), only):
        for place, column in np.argwhere(flags.mask).tolist():
            found.add((int(flags.rows[place]), column, code))
    assert found == expected


def test_days_of_another_length_are_looked_at_as_far_as_they_go():
    """In Berlin the 29th of March 2026 has 46 half-hours, the 25th of October 50."""
    for start, length in ((datetime(2026, 3, 28, 23, tzinfo=UTC), 46),
                          (datetime(2026, 10, 24, 22, tzinfo=UTC), 50)):  # fmt: skip
        values = np.resize(curve(), length)
        values[-3] = MISSING
        short = days({(1, 1): values}, zone="Europe/Berlin", start=start)
        midnight = int(start.timestamp())
        short = replace(short, midnights=np.array([midnight]), now=midnight + 9 * DAY)
        whole = days({(2, 1): curve(), (3, 1): curve()})
        batch = BlockBatch.concatenate([short.batch, whole.batch])
        both = replace(
            short, batch=batch, midnights=np.append(short.midnights, whole.midnights),
            **{name: np.append(getattr(short, name), getattr(whole, name))
               for name in ("limits", "low", "high", "exports")},
        )  # fmt: skip
        only = {code: own for code, own in defaults().items() if code != "V02"}
        for found in (inline.look(short, only), inline.look(both, only)):
            assert found.rules == ("V01",)
            assert found.starts.tolist() == [midnight + (length - 3) * 1800]


def test_nothing_at_all_has_no_findings():
    empty = Days(
        BlockBatch.concatenate([]), *(np.zeros(0, np.int64) for _ in range(4)),
        np.zeros(0, bool), np.zeros((0, 3), np.int64), T0,
    )  # fmt: skip
    assert len(inline.look(empty, defaults())) == 0
    nothing = History(
        empty, np.zeros(0, bool), np.zeros(0, np.int8),
        Pairs.none(), Readings.none(), Doubts.none(),
    )  # fmt: skip
    assert len(history.look(nothing, defaults())) == 0
    only_pairs = replace(nothing, pairs=pairs((T0, T0 + DAY, 5)))
    assert len(history.look(only_pairs, defaults())) == 0


def test_without_parameters_all_rules_are_off():
    assert len(RULES) == 18
    for case in CASES:
        assert len(history.look(case.flagged(), {})) == 0


def test_the_day_of_arrival_decides_what_is_late_or_of_the_future():
    arrived = np.array([T0 + 10 * 1800])
    of = days({(1, 1): curve()}, now=T0 + 3000 * DAY, arrived=arrived)
    found = inline.look(of, defaults())
    assert set(found.rules) == {"V14"}
    assert found.starts.tolist() == [T0 + 10 * 1800]
