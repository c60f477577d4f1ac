"""Each rule flags its case and not the near one, and nothing does so when it is switched off."""

import pytest

from faza.readings.validation import RULES, defaults, history, inline
from tests.readings.validation.cases import CASES
from tests.readings.validation.make import HALF_HOUR, T0

ALL = [pytest.param(case, id=f"{case.code} {case.what}") for case in CASES]
INLINE = [pytest.param(case, id=f"{case.code} {case.what}") for case in CASES if case.inline]


def told(findings, code):
    return sorted(
        ((start - T0) // HALF_HOUR, (end - T0) // HALF_HOUR)
        for start, end, rule in zip(
            findings.starts.tolist(), findings.ends.tolist(), findings.rules, strict=True
        )
        if rule == code
    )


@pytest.mark.parametrize("case", ALL)
def test_flags_its_stretch(case):
    assert told(history.look(case.flagged(), defaults()), case.code) == case.told


@pytest.mark.parametrize("case", ALL)
def test_lets_the_near_one_pass(case):
    assert told(history.look(case.near(), defaults()), case.code) == []


@pytest.mark.parametrize("case", ALL)
def test_says_nothing_when_switched_off(case):
    others = {code: own for code, own in defaults().items() if code != case.code}
    without = history.look(case.flagged(), others)
    assert case.code not in without.rules
    with_it = history.look(case.flagged(), defaults())
    assert sorted(without.rules) == sorted(code for code in with_it.rules if code != case.code)


@pytest.mark.parametrize("case", INLINE)
def test_inline_rules_say_the_same_at_record(case):
    flagged, near = case.flagged(), case.near()
    assert told(inline.look(flagged.days, defaults()), case.code) == case.told
    assert told(inline.look(near.days, defaults()), case.code) == []
    off = {code: own for code, own in defaults().items() if code != case.code}
    assert case.code not in inline.look(flagged.days, off).rules


def test_each_rule_has_a_case():
    assert {case.code for case in CASES} == set(RULES)
    assert {case.code for case in CASES if case.inline} == {
        code for code, rule in RULES.items() if rule.stage == "inline"
    }


@pytest.mark.parametrize("case", ALL)
def test_numbers_are_those_of_the_rule_and_effects_those_of_the_settings(case):
    found = history.look(case.flagged(), defaults())
    own = [place for place, code in enumerate(found.rules) if code == case.code]
    rule = RULES[case.code]
    assert own
    for place in own:
        assert set(found.numbers[place]) <= set(rule.numbers)
        assert all(type(value) in (int, float, str) for value in found.numbers[place].values())
    changed = {**defaults(), case.code: {**defaults()[case.code], "effect": 1}}
    if case.what != "late":
        effects = {found.effects[place] for place in own}
        assert effects == {rule.effect}
        again = history.look(case.flagged(), changed)
        assert {
            effect for effect, code in zip(again.effects, again.rules, strict=True)
            if code == case.code
        } == {1}  # fmt: skip
