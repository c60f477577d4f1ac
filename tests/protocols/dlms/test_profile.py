"""Rows of profiles into columns."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faza.protocols.dlms import axdr, profile
from faza.protocols.dlms.axdr import Compact, Data, Tag, Type
from faza.protocols.dlms.moments import moments
from faza.protocols.dlms.problems import Malformed, TooLarge
from tests.protocols.dlms import strategies
from tests.protocols.dlms.fake_meter import rows

DAY = axdr.encode(axdr.array(*rows()))


def test_a_day_of_four_energies() -> None:
    found = profile.columns(DAY)

    assert (found.count, found.width) == (48, 5)
    assert found[1].tag is Tag.DOUBLE_LONG_UNSIGNED
    assert found[1].values.tolist() == [n * 37 % 5000 for n in range(48)]
    assert found[4].values.tolist() == [n * 148 % 5000 for n in range(48)]
    assert all(column.present.all() for column in found.columns)
    clocks = moments(found[0])
    assert clocks.utc()[0] == np.datetime64("2026-11-01T21:30:00")
    assert clocks.utc()[-1] == np.datetime64("2026-11-02T21:00:00")


def test_a_null_column_stays_a_null() -> None:
    """Column 2 of every row, and the clock of all but the first, are null."""
    found = profile.columns(
        axdr.encode(
            axdr.array(
                *(
                    axdr.structure(
                        row.value[0] if n == 0 else axdr.null(), row.value[1], axdr.null(),
                        row.value[3],
                    )
                    for n, row in enumerate(rows(4))
                )
            )
        )
    )  # fmt: skip

    assert found.width == 4
    assert found[0].present.tolist() == [True, False, False, False]
    assert moments(found[0]).known.tolist() == [True, False, False, False]
    assert not found[2].present.any()
    assert found[2].tag is Tag.NULL
    assert found[3].values.tolist() == [0, 111, 222, 333]


def test_columns_of_every_kind() -> None:
    first = axdr.structure(
        Data(Tag.FLOAT32, 1.5), Data(Tag.BOOLEAN, True), Data(Tag.LONG, -7),
        Data(Tag.LONG64_UNSIGNED, 1 << 63), Data(Tag.BIT_STRING, "101"), Data(Tag.FLOAT64, 0.25),
        axdr.octet_string(b"ab"), Data(Tag.DATE_TIME, bytes(12)), Data(Tag.LONG64, -1),
    )  # fmt: skip
    for data in (axdr.array(first, first), axdr.array(axdr.structure(*first.value[:4]))):
        found = profile.columns(axdr.encode(data))
        assert found[0].values.tolist() == [1.5] * found.count
        assert found[1].values.tolist() == [1] * found.count
        assert found[2].values.tolist() == [-7] * found.count
        assert found[3].values[0] == Data(Tag.LONG64_UNSIGNED, 1 << 63)
    assert profile.columns(axdr.encode(axdr.array(first)))[8].values.tolist() == [-1]


def test_types_that_change_within_a_column_are_told() -> None:
    found = profile.columns(
        axdr.encode(
            axdr.array(
                axdr.structure(Data(Tag.UNSIGNED, 1)), axdr.structure(Data(Tag.LONG_UNSIGNED, 300))
            )
        )
    )

    assert found[0].tag is None
    assert found[0].values.tolist() == [1, 300]


def test_no_rows() -> None:
    assert profile.columns(b"\x01\x00").count == 0


KIND = Type(Tag.STRUCTURE, (Type(Tag.OCTET_STRING), *[Type(Tag.DOUBLE_LONG_UNSIGNED)] * 4))


def test_a_compact_array_gives_the_same_columns() -> None:
    compact = axdr.encode(Data(Tag.COMPACT_ARRAY, Compact(KIND, tuple(rows()))))
    plain, found = profile.columns(DAY), profile.columns(compact)

    assert len(compact) < len(DAY)
    for a, b in zip(plain.columns, found.columns, strict=True):
        assert a.tag is b.tag
        assert (a.values == b.values).all()


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\x00", b"\x01", b"\x02\x00", b"\x01\x01\x06\x00\x00\x00\x01", DAY[:-1],
        DAY + b"\x00", b"\x01\x02\x02\x01\x11\x01\x02\x02\x11\x01\x11\x01", b"\x13\x11\x01\x01",
        b"\x01\x01\x02\x81", b"\x13\x02\x01\x00\x01\x00",
    ],
)  # fmt: skip
def test_what_is_no_profile_is_malformed(raw: bytes) -> None:
    with pytest.raises(Malformed):
        profile.columns(raw)


def test_rows_and_values_are_bounded() -> None:
    with pytest.raises(TooLarge):
        profile.columns(b"\x01\x84\x00\x02\x00\x01" + bytes(1 << 18))
    row = b"\x02\x81\xff" + bytes(255)
    count = 1100
    with pytest.raises(TooLarge):
        profile.columns(b"\x01\x82" + count.to_bytes(2, "big") + row * (count - 1) + b"\x02" * 999)


cells = st.one_of(strategies.leaves, strategies.simple(Tag.UNSIGNED), st.just(axdr.null()))


@settings(max_examples=200)
@given(st.data())
def test_columns_are_the_rows_turned(data: st.DataObject) -> None:
    """Whatever the way in, the values are those of the general reader."""
    width = data.draw(st.integers(1, 4))
    table = data.draw(st.lists(st.tuples(*[cells] * width), min_size=1, max_size=6))
    found = profile.columns(axdr.encode(axdr.array(*(axdr.structure(*row) for row in table))))

    assert (found.count, found.width) == (len(table), width)
    for n, column in enumerate(found.columns):
        for m, row in enumerate(table):
            value = column.values[m]
            assert bool(column.present[m]) == (row[n].tag not in axdr.NULLS)
            if not column.present[m]:
                continue
            if isinstance(value, Data):
                assert value == row[n]
            elif isinstance(value, np.ndarray):
                assert value.tobytes() == row[n].value
            else:
                assert value == row[n].value


def test_a_day_is_far_below_a_millisecond() -> None:
    assert min(_seconds() for _ in range(5)) < 0.000_5


def _seconds() -> float:
    """CPU of a day, clocks included; the mean of 20."""
    started = time.process_time()
    for _ in range(20):
        moments(profile.columns(DAY)[0]).utc()
    return (time.process_time() - started) / 20
