"""docs/reference/validation.md tells the rules there are, and how often each is right.

The year of homes is not the one that the rules' defaults were tried on; the faults are the same
each time. A table that differs is written anew by `python -m tests.readings.validation.truth`:
look first whether the rule got better.
"""

import pytest

from faza.readings.validation import RULES
from tests.readings.validation import truth
from tests.readings.validation.faults import FAULTS


def test_the_table_of_rules_is_that_of_the_page():
    page = truth.PAGE.read_text()
    assert truth.put(page, "rules", truth.of_rules()) == page


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.code} {fault.what}")
def test_a_rule_is_right_as_often_as_the_page_says(fault):
    assert truth.row_of(truth.score(fault)) in truth.PAGE.read_text().splitlines()


def test_each_rule_has_been_tried():
    assert {fault.code for fault in FAULTS} == set(RULES)
