"""Columns of clocks are read as clocks one by one are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faza.protocols.dlms.axdr import Tag
from faza.protocols.dlms.clock import NO_DEVIATION, DateTime
from faza.protocols.dlms.moments import moments
from faza.protocols.dlms.problems import Malformed
from faza.protocols.dlms.profile import Column

GIVEN = -180


def column(*clocks: bytes) -> Column:
    table = np.frombuffer(b"".join(clocks), np.uint8).reshape(-1, 12)
    return Column(Tag.OCTET_STRING, table, np.ones(len(clocks), np.bool_))


def clock_bytes(*parts: int) -> bytes:
    """year, month, day, weekday, hour, minute, second, hundredths, deviation, status"""
    year, *middle, deviation, status = parts
    return (
        year.to_bytes(2, "big")
        + bytes(middle)
        + deviation.to_bytes(2, "big", signed=True)
        + bytes((status,))
    )


def part(*values: int) -> st.SearchStrategy[int]:
    """Values of a part that meters send, and that it is not specified."""
    return st.sampled_from([*values, 0xFF])


clocks = st.builds(
    clock_bytes,
    st.sampled_from([1, 1969, 1970, 2026, 9999, 0xFFFF]),
    part(1, 2, 12, 0xFD, 0xFE),
    part(1, 28, 29, 31, 0xFD, 0xFE),
    part(0, 1, 7),
    part(0, 2, 23),
    part(0, 30, 59),
    part(0, 1, 59),
    part(0, 99),
    st.sampled_from([-1439, -180, 0, 60, 1439, NO_DEVIATION]),
    part(0, 1, 0x80),
)


@given(st.lists(clocks, min_size=1, max_size=8), st.sampled_from([None, GIVEN]))
def test_a_column_is_its_clocks_one_by_one(raw: list[bytes], given_deviation: int | None) -> None:
    found = moments(column(*raw))
    utc = found.utc(given_deviation)

    for n, one in enumerate(map(DateTime.decode, raw)):
        local = one.find_local()
        assert bool(found.known[n]) == (local is not None)
        if local is None or one.date.year in (1, 9999):  # beyond these a deviation leads nowhere
            continue
        assert found.local[n] == np.datetime64(local.replace(microsecond=0), "s")
        moment = one.find_moment(given_deviation)
        if moment is None:
            assert np.isnat(utc[n])
        else:
            assert utc[n] == np.datetime64(moment.replace(tzinfo=None, microsecond=0), "s")


@pytest.mark.parametrize(
    "wrong",
    [
        clock_bytes(2026, 13, 1, 1, 0, 0, 0, 0, 0, 0),
        clock_bytes(2026, 2, 30, 1, 0, 0, 0, 0, 0, 0),
        clock_bytes(2026, 2, 1, 1, 24, 0, 0, 0, 0, 0),
        clock_bytes(2026, 2, 1, 1, 0, 60, 0, 0, 0, 0),
        clock_bytes(2026, 2, 1, 1, 0, 0, 60, 0, 0, 0),
        clock_bytes(2026, 2, 1, 1, 0, 0, 0, 0, 1440, 0),
        clock_bytes(2026, 2, 1, 1, 0, 0, 0, 0, -0x7FFF, 0),
        clock_bytes(9999, 2, 1, 1, 0xFE, 0xFE, 0xFE, 0, 0, 0),
    ],
)
def test_an_impossible_clock_is_not_known_and_its_neighbours_are(wrong: bytes) -> None:
    right = clock_bytes(2026, 2, 1, 7, 1, 2, 3, 0, -180, 0)
    found = moments(column(right, wrong, right))

    assert found.known.tolist() == [True, False, True]
    assert np.isnat(found.local).tolist() == [False, True, False]
    assert found.utc()[2] == np.datetime64("2026-01-31T22:02:03")


def test_a_column_without_rows_has_no_moments() -> None:
    assert len(moments(column()).utc()) == 0


def test_a_column_of_numbers_is_malformed() -> None:
    numbers = Column(Tag.UNSIGNED, np.zeros(2, np.int64), np.ones(2, np.bool_))
    with pytest.raises(Malformed):
        moments(numbers)
