"""Clocks of rows are remembered for other meters with the same ones, and for no others."""

from __future__ import annotations

import numpy as np
import pytest

from faza.protocols.dlms import Columns, Data, axdr, columns
from faza.protocols.spodes import Layout, Meter, Source
from faza.protocols.spodes.rows import MOST_SHARED, stamps

LAYOUT = Layout("1.0.99.1.0.255", 1800, (Source(8, "0.0.1.0.0.255", 2),))
NOON = bytes.fromhex("07ea 0b13 04 0c0000 ff 8000 00")
"""19 November 2026, 12:00, without a deviation."""


def rows(*clocks: Data) -> Columns:
    return columns(axdr.encode(axdr.array(*[axdr.structure(clock) for clock in clocks])))


def test_the_same_clocks_are_other_moments_in_another_zone() -> None:
    found = rows(axdr.octet_string(NOON))

    for offset, hour in ((180, 9), (600, 2), (180, 9)):
        when, bad = stamps(Meter(offset), LAYOUT, found)
        assert when.tolist() == [np.datetime64(f"2026-11-19T{hour:02}:00:00").item()]
        assert not bad.any()


def test_a_null_is_the_next_row_and_twelve_zeros_are_no_clock() -> None:
    noon, nothing = axdr.octet_string(NOON), axdr.octet_string(bytes(12))

    for second, is_known in ((axdr.null(), True), (nothing, False), (axdr.null(), True)):
        when, bad = stamps(Meter(180), LAYOUT, rows(noon, second))
        assert bad.tolist() == [False, not is_known]
        assert np.isnat(when).tolist() == [False, not is_known]


def test_many_rows_are_read_as_few_are() -> None:
    noon = axdr.octet_string(NOON)
    few, _ = stamps(Meter(180), LAYOUT, rows(noon))
    many, _ = stamps(Meter(180), LAYOUT, rows(*[noon] * (MOST_SHARED + 1)))

    assert set(many.tolist()) == set(few.tolist())


def test_what_is_remembered_cannot_be_changed() -> None:
    when, bad = stamps(Meter(180), LAYOUT, rows(axdr.octet_string(NOON)))

    with pytest.raises(ValueError, match="read-only"):
        when[0] = np.datetime64("NaT")
    with pytest.raises(ValueError, match="read-only"):
        bad[0] = True


@pytest.mark.parametrize(
    "wrong",
    [
        None, "name", [8, "name", 2], [8.0, "name", 2, 0, None, None],
        [8, 1, 2, 0, None, None], [8, "name", 2, 0, "1", 30],
    ],
)  # fmt: skip
def test_a_layout_with_a_column_that_is_none_is_not_known(wrong: object) -> None:
    kept = LAYOUT.to_json()
    assert Layout.from_json(kept) == LAYOUT
    sources = kept["sources"]
    assert isinstance(sources, list)
    sources.append(wrong)  # type: ignore[arg-type]
    assert Layout.from_json(kept) is None
