from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faza.core import reading_types, units
from faza.core.quality import ESTIMATED, Quality, is_estimated, is_present
from faza.core.reading_types import A_PLUS, BY_CHANNEL, R_PLUS, READING_TYPES


class TestReadingTypes:
    def test_codes_and_channels_are_each_ones_own(self):
        assert len({kind.code for kind in READING_TYPES}) == len(READING_TYPES)
        assert len(BY_CHANNEL) == len(READING_TYPES)
        assert all(0 < kind.code < 2**15 for kind in READING_TYPES)

    def test_stored_codes_never_change_their_meaning(self):
        """They stand in the rows of every installation."""
        named = {c: BY_CHANNEL[c].code for c in ("A+", "A-", "R+", "R-", "WATER", "UA", "IB", "F")}
        assert named == {
            "A+": 1, "A-": 2, "R+": 3, "R-": 4, "WATER": 5, "UA": 11, "IB": 17, "F": 40,
        }  # fmt: skip

    def test_energies_are_in_the_order_of_80020(self):
        assert [kind.channel for kind in reading_types.ENERGIES] == ["A+", "A-", "R+", "R-"]


class TestUnits:
    def test_half_a_kilovar_hour_fits_exactly(self):
        assert units.from_unit(Decimal("0.5"), R_PLUS) == (500, False)

    def test_what_is_finer_than_the_quantum_is_rounded_and_said_so(self):
        assert units.from_unit(Decimal("0.0005"), A_PLUS) == (1, True)
        assert units.from_unit(Decimal("-0.0005"), A_PLUS) == (-1, True)

    @given(st.integers(-(10**12), 10**12), st.sampled_from(READING_TYPES))
    def test_to_the_unit_and_back_is_identity(self, value, kind):
        assert units.from_unit(units.to_unit(value, kind), kind) == (value, False)

    @pytest.mark.parametrize(("channel", "places"), [("A+", 3), ("UA", 1), ("F", 2), ("HEAT", 6)])
    def test_decimals_show_every_quantum(self, channel, places):
        assert units.decimals(BY_CHANNEL[channel]) == places


@given(
    st.lists(st.integers(0, 10**6), min_size=1, max_size=50),
    st.integers(1, 20_000),
    st.integers(1, 500),
)
def test_a_ratio_is_exact_for_the_day_and_off_by_one_at_most_in_an_interval(values, up, down):
    ratio = Fraction(up, down)
    primary = units.apply_ratio(np.array([values]), ratio)[0]

    assert primary.sum() == units.round_half_up(sum(values) * ratio)
    assert all(abs(p - v * ratio) <= 1 for p, v in zip(primary.tolist(), values, strict=True))


def test_quality_groups():
    codes = np.array([0, 8, 254, 255], np.uint8)

    assert is_present(codes).tolist() == [True, True, False, False]
    assert is_estimated(codes).tolist() == [False, True, False, False]
    assert Quality.MISSING not in ESTIMATED
