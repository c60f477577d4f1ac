"""Texts to quanta, exactly."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faza.core.units import round_half_up
from faza.protocols import numbers
from faza.protocols.numbers import State


def one(text: str, **options: bool) -> tuple[int, int] | State:
    parsed = numbers.parse([text.encode()], **options)
    if parsed.state[0] != State.NUMBER:
        return State(parsed.state[0])
    return int(parsed.mantissa[0]), int(parsed.decimals[0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", (0, 0)), ("12", (12, 0)), ("0.5", (5, 1)), ("12,345", (12345, 3)), (".5", (5, 1)),
        ("5.", (5, 0)), ("007", (7, 0)), (" 1.5 ", (15, 1)), ("-3.2", (-32, 1)), ("+4", (4, 0)),
        ("1 234,5", (12345, 1)), ("1 234 567", (1234567, 0)),
        ("", State.EMPTY), ("  ", State.EMPTY),
        (".", State.JUNK), ("1.2.3", State.JUNK), ("1e5", State.JUNK), ("abc", State.JUNK),
        ("12 34", State.JUNK), ("--1", State.JUNK), ("9" * 19, State.JUNK), ("nan", State.JUNK),
        ("0." + "1" * 30, (111111111111111111, 18)), ("1" * 500, State.JUNK),
    ],
)  # fmt: skip
def test_one_text(text: str, expected: object) -> None:
    assert one(text) == expected


def test_exponents_are_numbers_only_where_asked_for() -> None:
    assert one("1.5E-7", exponents=True) == (15, 8)
    assert one("1e999", exponents=True) is State.JUNK


def test_a_huge_text_does_not_widen_the_others() -> None:
    parsed = numbers.parse([b"1", b"x" * 10_000_000, b"2"])

    assert parsed.state.tolist() == [State.NUMBER, State.JUNK, State.NUMBER]
    assert parsed.mantissa.tolist() == [1, 0, 2]


DECIMALS = st.decimals(0, 10**9, places=None, allow_nan=False).map(lambda d: round(d, 8))


@given(st.lists(st.decimals(0, 10**6, places=3), min_size=1, max_size=60))
def test_what_fits_the_quantum_is_exact(values: list[Decimal]) -> None:
    parsed = numbers.parse([f"{v}".encode() for v in values]).reshape(1, -1)
    found, rounded = numbers.to_quanta(parsed, np.ones((1, len(values)), bool), numerator=1000)

    assert found[0].tolist() == [int(v * 1000) for v in values]
    assert rounded.tolist() == [0]


@given(
    st.lists(st.tuples(DECIMALS, st.booleans()), min_size=1, max_size=60),
    st.sampled_from([(1000, 1), (500, 1), (1000, 3), (250, 1)]),
)
def test_a_carried_remainder_conserves_the_sum(
    told: list[tuple[Decimal, bool]], ratio: tuple[int, int]
) -> None:
    values, there = [v for v, _ in told], np.array([[p for _, p in told]])
    parsed = numbers.parse([f"{v:f}".encode() for v in values]).reshape(1, -1)
    found, rounded = numbers.to_quanta(parsed, there, numerator=ratio[0], denominator=ratio[1])

    exact = [Fraction(v) * Fraction(*ratio) if p else Fraction(0) for v, p in told]
    assert int(found.sum()) == round_half_up(sum(exact, Fraction(0)))
    assert rounded[0] == sum(e.denominator != 1 for e in exact)
    assert (found[~there] == 0).all()
    assert all(abs(int(f) - e) <= 1 for f, e in zip(found[0], exact, strict=True))


def test_the_remainder_starts_anew_with_each_row_and_day() -> None:
    parsed = numbers.parse([b"0.0005"] * 8).reshape(2, 4)
    found, rounded = numbers.to_quanta(
        parsed, np.ones((2, 4), bool), numerator=1000, day_starts=[0, 1]
    )

    # Half a Wh: up at once, then nothing; a new day begins with up again.
    assert found.tolist() == [[1, 1, 0, 1]] * 2
    assert rounded.tolist() == [4, 4]


def test_numbers_beyond_int64_on_the_way_are_still_exact() -> None:
    text = Decimal("123456789012.123456")
    parsed = numbers.parse([f"{text}".encode()] * 48).reshape(1, 48)
    found, _ = numbers.to_quanta(parsed, np.ones((1, 48), bool), numerator=1000)

    assert int(found.sum()) == int((text * 48000).to_integral_value(ROUND_HALF_UP))


def test_values_beyond_any_meter_are_told_apart() -> None:
    parsed = numbers.parse([b"999999999999", b"1000000000001"])

    assert numbers.too_large(parsed, numerator=1000).tolist() == [False, True]
