"""Vectors of a moment: what the meter tells, what is built, what is not known."""

from __future__ import annotations

import math

import pytest

from faza.readings.network.phasors import Angles, vectors, wrapped

GOOD = {
    "UA": 238.8, "UB": 237.8, "UC": 235.0, "IA": 4.02, "IB": 1.92, "IC": 2.35,
    "PA": 0.941, "PB": 0.454, "PC": 0.458, "QA": 0.191, "QB": 0.045, "QC": 0.309,
    "SA": 0.960, "SB": 0.457, "SC": 0.552, "PFA": 0.980, "PFB": 0.995, "PFC": 0.829,
    "P": 1.853, "Q": 0.545, "S": 1.932, "PF": 0.959, "F": 50.02,
    "UB-UA": 119.8, "UC-UA": 240.3, "IA-UA": 11.5, "IB-UA": 125.5, "IC-UA": 274.3,
}  # fmt: skip
"""A house of three phases, a pump on phase C: the numbers of the drawing."""


def without(*names: str) -> dict[str, float]:
    return {name: value for name, value in GOOD.items() if name not in names}


ANGLES = ("UB-UA", "UC-UA", "IA-UA", "IB-UA", "IC-UA")


class TestTold:
    def test_angles_are_the_meters(self):
        found = vectors(GOOD, 3)
        assert found.angles is Angles.METER
        assert [round(phase.shift, 1) for phase in found.phases] == [11.5, 5.7, 34.0]
        assert [phase.voltage_angle for phase in found.phases] == [0.0, 119.8, 240.3]
        assert [round(phase.current_angle, 1) for phase in found.phases] == [11.5, 125.5, 274.3]

    def test_the_neutral_is_the_sum_of_the_vectors(self):
        """4.02 at 11.5°, 1.92 at 125.5°, 2.35 at 274.3°:

        real 3.939 - 1.115 + 0.176 = 3.000, lagging 0.801 + 1.563 - 2.343 = 0.021 -> 3.00 A.
        """
        found = vectors(GOOD, 3)
        assert not found.is_neutral_told
        assert round(found.neutral, 2) == 3.00
        assert vectors(GOOD | {"IN": 2.9}, 3).neutral == 2.9
        assert vectors(GOOD, 3, has_neutral=False).neutral is None

    def test_a_total_of_all_phases(self):
        total = vectors(without("P", "Q", "S", "PF"), 3).total
        assert (round(total.active, 3), round(total.reactive, 3)) == (1.853, 0.545)
        assert round(total.apparent, 3) == 1.931
        assert round(total.shift, 1) == 16.4

    def test_of_some_phases_there_is_no_total(self):
        told = without("P", "PA", "QA", "PFA", "IA-UA")
        assert vectors(told, 3).total.active is None


class TestBuilt:
    def test_from_active_and_reactive_power(self):
        found = vectors(without(*ANGLES), 3)
        assert found.angles is Angles.BUILT
        assert round(found.phases[2].shift, 1) == 34.0
        assert found.phases[1].voltage_angle == 120.0
        assert round(found.phases[2].current_angle, 1) == 274.0

    def test_from_the_factor_and_the_direction_of_reactive_power(self):
        told = {"UA": 230.0, "IA": 10.0, "PFA": 0.8, "Q": -1.0}
        phase = vectors(told, 3).phases[0]
        assert round(phase.shift, 1) == -36.9
        assert round(phase.active, 2) == 1.84
        assert round(phase.reactive, 2) == -1.38

    def test_a_factor_alone_tells_no_side(self):
        """cos φ 0.8 lags or leads: nobody knows; 0.999 is the same either way."""
        assert vectors({"UA": 230.0, "IA": 10.0, "PFA": 0.8}, 1).phases[0].shift is None
        assert vectors({"UA": 230.0, "IA": 10.0, "PFA": 0.999}, 1).phases[0].shift is not None

    def test_voltages_and_currents_alone_have_no_angle(self):
        found = vectors({f"{name}{p}": 230.0 for name in "UI" for p in "ABC"}, 3)
        assert found.angles is Angles.NONE
        assert found.neutral is None
        assert found.phases[1].apparent == pytest.approx(52.9)

    def test_energy_to_the_grid_is_beyond_a_right_angle(self):
        told = {"UA": 230.0, "IA": 10.0, "PA": -2.2, "QA": 0.4}
        assert round(vectors(told, 1).phases[0].shift) == 170


def test_a_one_phase_meter_names_its_values_with_the_phase_or_without():
    plain = vectors({"U": 231.0, "I": 5.0, "P": 1.1, "Q": 0.2}, 1)
    named = vectors({"UA": 231.0, "IA": 5.0, "PA": 1.1, "QA": 0.2}, 1)
    assert plain.phases == named.phases
    assert plain.total == named.total
    assert plain.neutral is None


def test_a_phase_without_voltage_needs_no_angle_of_the_meter():
    told = GOOD | {"UB": 0.0, "IB": 0.0, "PB": 0.0, "QB": 0.0, "SB": 0.0}
    told = {name: value for name, value in told.items() if name not in {"UB-UA", "IB-UA"}}
    found = vectors(told, 3)
    assert found.angles is Angles.METER
    assert found.phases[1].current_angle is None


@pytest.mark.parametrize(
    ("angle", "found"), [(0, 0), (180, 180), (181, -179), (-180, 180), (540, 180), (-90, -90)]
)
def test_angles_are_wrapped(angle, found):
    assert math.isclose(wrapped(angle), found)
