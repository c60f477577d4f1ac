import pytest

from faza.contracts import rules


@pytest.mark.parametrize("inn", ["7707083893", "500100732259"])
def test_numbers_with_right_control_digits(inn):
    assert rules.is_inn(inn)


@pytest.mark.parametrize(
    "text",
    ["", "7707083892", "500100732258", "770708389", "77070838930", "77O7083893", "٧٧٠٧٠٨٣٨٩٣"],
)
def test_other_texts_are_refused(text):
    assert not rules.is_inn(text)
