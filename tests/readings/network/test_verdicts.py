"""What is said of a wrong order, a turned transformer, a lost phase, one phase, panels."""

from __future__ import annotations

import pytest

from faza.readings.network.phasors import Values, vectors
from faza.readings.network.verdicts import (
    Character,
    Circumstances,
    State,
    character_of,
    order,
    quadrant,
    verdicts,
    worst,
)
from tests.readings.network.test_phasors import ANGLES, GOOD, without

HOUSE = Circumstances(agreed=230.0, most=100.0)


def said(values: Values, of: Circumstances = HOUSE, phases: int = 3) -> dict[str, str]:
    """Topic -> code and phases; of connection all of them."""
    found: dict[str, str] = {}
    for one in verdicts(vectors(values, phases), of):
        told = f"{one.code} {one.phases}".strip()
        found[one.topic] = f"{found[one.topic]}; {told}" if one.topic in found else told
    return found


def turned(letter: str) -> dict[str, float]:
    """The house with the current of a phase turned about: powers below zero, angle by 180."""
    told = dict(GOOD)
    for name in ("P", "Q", "PF"):
        told[f"{name}{letter}"] *= -1
    told[f"I{letter}-UA"] = (told[f"I{letter}-UA"] + 180) % 360
    for name in ("P", "Q"):
        told[name] = sum(told[f"{name}{p}"] for p in "ABC")
    return told


def test_a_sound_house():
    assert said(GOOD) == {
        "voltage": "inside ABC",
        "connection": "right",
        "evenness": "uneven A",
        "character": "motor C",
    }


def test_deviations_are_of_the_agreed_voltage():
    found = verdicts(vectors(GOOD, 3), HOUSE)[0]
    assert {name: round(value, 1) for name, value in found.numbers.items()} == {
        "agreed": 230.0, "low": 2.2, "high": 3.8, "least": 235.0, "most": 238.8,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("volts", "code"),
    [(253.0, "inside"), (253.1, "outside"), (207.0, "inside"), (206.9, "outside")],
)
def test_ten_percent_is_still_inside(volts, code):
    """230 V ±10 %: 207 to 253 V."""
    assert said(GOOD | {"UC": volts})["voltage"].startswith(code)


class TestWrongOrder:
    SWAPPED = GOOD | {"UB-UA": 240.1, "UC-UA": 119.9, "IB-UA": 245.8, "IC-UA": 153.9}

    def test_it_is_called_out(self):
        assert said(self.SWAPPED)["connection"] == "order"
        assert order(vectors(self.SWAPPED, 3)) == "ACB"

    def test_built_angles_tell_no_order(self):
        """Without angles of the meter voltages are drawn 120 degrees apart: that proves nothing."""
        assert said(without(*ANGLES))["connection"] == "order unknown"
        assert order(vectors(without(*ANGLES), 3)) == ""

    def test_with_a_turned_transformer_both_are_called_out(self):
        both = self.SWAPPED | {"PB": -0.454, "QB": -0.045, "IB-UA": 65.8}
        assert said(both)["connection"] == "order; reversed B"


class TestTurned:
    @pytest.mark.parametrize("letter", "ABC")
    def test_one_transformer(self, letter):
        assert said(turned(letter))["connection"] == f"reversed {letter}"

    def test_told_by_powers_where_there_are_no_angles(self):
        told = {name: value for name, value in turned("B").items() if name not in ANGLES}
        assert said(told)["connection"] == "reversed B"

    def test_all_of_them(self):
        told = dict(GOOD)
        for letter in "ABC":
            told |= {name: turned(letter)[name] for name in turned(letter) if letter in name}
        told |= {"P": -1.853, "Q": -0.545, "IA-UA": 191.5, "IB-UA": 305.5, "IC-UA": 94.3}
        assert said(told)["connection"] == "backwards ABC"

    def test_a_trickle_has_no_direction(self):
        """0.005 kVA below zero is noise."""
        quiet = GOOD | {"IB": 0.02, "PB": -0.004, "QB": -0.002, "SB": 0.005, "IB-UA": 299.0}
        assert said(quiet)["connection"] == "right"


class TestLostPhase:
    LOST = GOOD | {
        "UB": 0.0, "IB": 0.0, "PB": 0.0, "QB": 0.0, "SB": 0.0, "PFB": 0.0,
    }  # fmt: skip

    def test_it_is_called_out(self):
        told = said(self.LOST)
        assert told["voltage"] == "lost B"
        assert told["connection"] == "lost B"

    def test_a_meter_that_tells_nothing_of_the_phase(self):
        told = {k: v for k, v in self.LOST.items() if not k.endswith("B") and "B-" not in k}
        assert said(told)["voltage"] == "lost B"

    def test_voltage_that_motors_feed_back_is_none(self):
        assert said(self.LOST | {"UB": 92.0})["voltage"] == "lost B"

    def test_current_without_voltage(self):
        told = said(self.LOST | {"IB": 1.9})
        assert told["connection"] == "no voltage B"

    def test_a_meter_without_any_voltage_tells_nothing(self):
        assert said({"P": 1.0})["voltage"] == "unknown"


class TestOnePhase:
    TOLD = {"U": 231.4, "I": 5.2, "P": 1.17, "Q": 0.25, "F": 49.99}

    def test_neither_order_nor_evenness(self):
        assert said(self.TOLD, phases=1) == {
            "voltage": "inside A",
            "connection": "one phase",
            "character": "plain",
        }

    def test_backwards(self):
        told = self.TOLD | {"P": -1.17, "Q": -0.25}
        assert said(told, phases=1)["connection"] == "backwards A"

    def test_idle(self):
        told = {"U": 231.4, "I": 0.01, "P": 0.002, "Q": 0.0}
        assert said(told, phases=1)["connection"] == "idle"


class TestExporter:
    PANELS = Circumstances(agreed=230.0, exports=True)
    SUNNY = {
        "UA": 241.0, "UB": 240.2, "UC": 242.3, "IA": 6.9, "IB": 7.0, "IC": 6.8,
        "PA": -1.65, "PB": -1.67, "PC": -1.64, "QA": 0.12, "QB": 0.09, "QC": 0.11,
        "UB-UA": 120.0, "UC-UA": 240.0, "IA-UA": 175.8, "IB-UA": 296.9, "IC-UA": 56.2,
    }  # fmt: skip

    def test_it_gives_as_it_may(self):
        told = said(self.SUNNY, self.PANELS)
        assert told["connection"] == "gives ABC"
        assert told["character"] == "gives"

    def test_one_phase_of_an_inverter_is_no_turned_transformer(self):
        assert said(turned("B"), self.PANELS)["connection"] == "gives B"

    def test_who_may_not_is_backwards(self):
        assert said(self.SUNNY)["connection"] == "backwards ABC"

    def test_its_loads_are_seen_from_the_other_side(self):
        phase = vectors(self.SUNNY, 3).phases[0]
        assert character_of(phase) is Character.RESISTIVE


def test_more_than_the_meter_carries():
    assert said(GOOD, Circumstances(230.0, most=4.0))["evenness"] == "overloaded A"


@pytest.mark.parametrize(
    ("shift", "found"),
    [
        (5.7, Character.RESISTIVE), (11.5, Character.SLIGHTLY_INDUCTIVE), (34, Character.INDUCTIVE),
        (-12, Character.SLIGHTLY_CAPACITIVE), (-50, Character.CAPACITIVE),
        (170, Character.SLIGHTLY_CAPACITIVE), (-150, Character.INDUCTIVE),
    ],
)  # fmt: skip
def test_characters(shift, found):
    told = {"UA": 230.0, "UB-UA": 120.0, "IA": 10.0, "IA-UA": shift % 360}
    assert character_of(vectors(told, 1).phases[0]) is found


def test_quadrants():
    """IEC 62053-23."""
    assert [quadrant(1, 1), quadrant(-1, 1), quadrant(-1, -1), quadrant(1, -1)] == [1, 2, 3, 4]


def test_what_is_bad_answers_first():
    assert worst(verdicts(vectors(TestWrongOrder.SWAPPED, 3), HOUSE)).code == "order"
    assert worst(verdicts(vectors(GOOD, 3), HOUSE)).topic == "voltage"
    assert worst(verdicts(vectors(GOOD, 3), HOUSE)).state is State.GOOD
