"""Load profiles: exact scales, rows as they lie, and every way in which a meter gives them."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from faza.core.reading_types import ENERGIES
from faza.protocols import spodes
from faza.protocols.dlms import (
    CaptureObject,
    Data,
    Entries,
    Malformed,
    Range,
    Tag,
    axdr,
    obis,
)
from faza.protocols.spodes import Habits, Meter
from tests.protocols.spodes.meter import (
    CLOCK,
    OFFSET,
    U8,
    VAR,
    WATT,
    WH,
    SpodesMeter,
    at,
    bench,
    register,
    stamp,
    u32,
)
from tests.protocols.spodes.profile_meter import IMPORT, NULL, meter_of, moments, read, row
from tests.protocols.spodes.whole import LOAD_1, whole_meter

# A day


def test_a_day_is_48_intervals_of_four_energies() -> None:
    on = bench(whole_meter())

    rows = read(on)

    assert [column.kind for column in rows.columns] == list(ENERGIES)
    assert {column.scale for column in rows.columns} == {Fraction(1)}
    assert rows.interval == 30
    assert rows.ends[0] == np.datetime64(at(0.5).replace(tzinfo=None), "s")
    assert rows.ends[-1] == np.datetime64(at(24).replace(tzinfo=None), "s")
    assert rows.values[:, 2].tolist() == list(range(48))
    assert rows.present.all()
    assert not rows.doubtful.any()


def test_only_intervals_within_the_period_are_asked_for() -> None:
    rows = [row(hours / 2, 1) for hours in range(97)]
    on = bench(meter_of(rows))

    found = read(on, 24, 25)

    assert found.ends.tolist() == moments(24.5, 25)


def test_a_known_layout_makes_it_one_question() -> None:
    on = bench(whole_meter())
    read(on)
    kept = Meter.from_json(on.known.to_json(), offset=OFFSET)
    again = bench(whole_meter(), known=kept)

    assert len(read(again)) == 48
    assert again.meter.asked == [f"7/{LOAD_1}/2 Range"]


@pytest.mark.parametrize("hours", [0, 5])
def test_no_rows_are_no_rows(hours: float) -> None:
    on = bench(meter_of([]))

    rows = read(on, hours, hours + 1)

    assert rows.values.shape == (0, 1)
    assert rows.columns[0].kind is ENERGIES[0]


# Scales


@pytest.mark.parametrize(
    ("scaler", "code", "scale"),
    [
        (0, WH, Fraction(1)),
        (1, WH, Fraction(10)),
        (3, WH, Fraction(1000)),
        (-1, WH, Fraction(1, 10)),
        (0, WATT, Fraction(1, 2)),  # an average over half an hour
        (3, WATT, Fraction(500)),
        (-1, WATT, Fraction(1, 20)),
    ],
)
def test_energy_is_scaled_exactly(scaler: int, code: int, scale: Fraction) -> None:
    on = bench(meter_of([row(1, 7)], scaler=scaler, code=code))

    rows = read(on)

    assert (rows.columns[0].kind, rows.columns[0].scale) == (ENERGIES[0], scale)
    assert rows.values.tolist() == [[7]]


def test_average_power_of_20_minutes_is_a_third_of_an_hour() -> None:
    meter = meter_of([row(1, 7)], code=WATT)
    meter.put(7, LOAD_1, 4, u32(1200))

    rows = read(bench(meter))

    assert (rows.interval, rows.columns[0].scale) == (20, Fraction(1, 3))


def test_power_in_the_second_profile_stays_power() -> None:
    name = "1.0.99.2.0.255"
    meter = SpodesMeter()
    meter.put_register("1.0.1.7.0.255", 0, 0, WATT)
    meter.put_register("1.0.3.27.0.255", 0, 0, VAR)
    columns = [CLOCK, register("1.0.1.7.0.255"), register("1.0.3.27.0.255")]
    meter.put_profile(name, columns, [axdr.structure(stamp(at(1)), u32(5), u32(6))], 600)

    rows = read(bench(meter), which=2)

    assert [column.kind.channel for column in rows.columns] == ["P", "Q"]
    assert rows.interval == 10
    assert {column.scale for column in rows.columns} == {Fraction(1)}


def test_columns_of_other_things_are_left_out_and_order_is_the_meters() -> None:
    names = ["1.0.3.29.0.255", "1.0.1.8.0.255", "1.0.1.29.0.255"]
    meter = SpodesMeter()
    meter.put_register(names[0], 0, 0, 32)
    meter.put_register(names[1], 0, 0, WH)  # a register is no energy of an interval
    meter.put_register(names[2], 0, 0, WH)
    meter.put_profile(
        LOAD_1,
        [register(names[0]), CaptureObject(1, obis("0.0.96.8.0.255"), 2), CLOCK]
        + [register(name) for name in names[1:]],
        [axdr.structure(u32(3), u32(999), stamp(at(1)), u32(8), u32(1))],
        1800,
    )
    on = bench(meter)
    meter.refuses = (Range,)  # this small meter looks for clocks in the first column

    rows = read(on)

    assert [column.kind.channel for column in rows.columns] == ["R+", "A+"]
    assert rows.values.tolist() == [[3, 1]]


def test_a_column_without_a_unit_is_no_energy() -> None:
    meter = meter_of([row(1, 7)])
    del meter.objects[next(key for key in meter.objects if key.index == 3 and key.class_id == 3)]

    rows = read(bench(meter))

    assert rows.columns == ()
    assert rows.values.shape == (1, 0)


def test_floats_are_taken_to_a_millionth() -> None:
    on = bench(meter_of([row(1, Data(Tag.FLOAT32, 1.5)), row(1.5, Data(Tag.FLOAT32, 2.25))]))

    rows = read(on)

    scaled = [int(value) * rows.columns[0].scale for value in rows.values[:, 0]]
    assert scaled == [Fraction(3, 2), Fraction(9, 4)]


def test_the_period_comes_from_its_own_object_where_the_profile_has_none() -> None:
    meter = meter_of([row(1, 7)])
    meter.put(7, LOAD_1, 4, u32(0))
    meter.put(1, "1.0.0.8.4.255", 2, Data(U8, 30))

    assert read(bench(meter)).interval == 30


def test_a_profile_without_a_period_is_told_not_guessed() -> None:
    meter = meter_of([row(1, 7)])
    meter.put(7, LOAD_1, 4, u32(0))

    with pytest.raises(Malformed, match="period"):
        read(bench(meter))


# Rows as they lie


def test_duplicates_and_order_are_kept() -> None:
    on = bench(meter_of([row(2, 5), row(1, 3), row(2, 5)]))

    rows = read(on)

    assert rows.ends.tolist() == moments(2, 1, 2)
    assert rows.values[:, 0].tolist() == [5, 3, 5]


def test_a_null_is_not_present_and_never_zero() -> None:
    on = bench(meter_of([row(1, 3), row(1.5, NULL), row(2, 4)]))

    rows = read(on)

    assert rows.present[:, 0].tolist() == [True, False, True]


def test_a_column_of_nulls_alone_is_not_present() -> None:
    rows = read(bench(meter_of([row(1, NULL), row(1.5, NULL)])))

    assert rows.present.tolist() == [[False], [False]]


def test_a_null_clock_is_the_next_interval() -> None:
    lying = [row(1, 1), axdr.structure(NULL, u32(2)), axdr.structure(NULL, u32(3)), row(5, 4)]
    on = bench(meter_of(lying))

    rows = read(on)

    assert rows.ends.tolist() == moments(1, 1.5, 2, 5)
    assert rows.values[:, 0].tolist() == [1, 2, 3, 4]


def test_a_null_clock_of_rows_without_a_period_is_unknown() -> None:
    code = CaptureObject(1, obis("0.0.96.11.4.255"), 2)
    meter = SpodesMeter()
    lying = [axdr.structure(stamp(at(1)), Data(U8, 3)), axdr.structure(NULL, Data(U8, 4))]
    meter.put_profile("0.0.99.98.4.255", [CLOCK, code], lying)
    on = bench(meter)

    events = on.run(spodes.journals(on.known, at(0), at(24)))

    assert np.isnat(events.moments).tolist() == [False, True]


def test_a_null_clock_before_any_clock_is_unknown() -> None:
    rows = read(bench(meter_of([axdr.structure(NULL, u32(2)), row(1, 1)])))

    assert np.isnat(rows.ends).tolist() == [True, False]
    assert rows.doubtful.tolist() == [True, False]


def test_a_row_out_of_a_dead_clock_is_kept_without_a_moment() -> None:
    dead = axdr.octet_string(bytes.fromhex("ffffffffffffffffff8000ff"))
    meter = meter_of([row(1, 1), axdr.structure(dead, u32(2))])
    meter.refuses = (Range, Entries)

    rows = read(bench(meter))

    assert rows.values[:, 0].tolist() == [1, 2]
    assert np.isnat(rows.ends).tolist() == [False, True]
    assert rows.doubtful.tolist() == [False, True]


def test_clocks_without_deviation_are_in_the_zone_that_is_known() -> None:
    rows = read(bench(meter_of([row(1, 1, deviation=False)])))

    assert rows.ends.tolist() == moments(1)


@pytest.mark.parametrize(
    ("status", "doubtful"), [(0, False), (0x80, False), (0xFF, False), (0x02, True), (0x01, True)]
)
def test_a_bad_clock_makes_a_row_doubtful(status: int, doubtful: bool) -> None:
    rows = read(bench(meter_of([row(1, 1, status=None if status == 0xFF else status)])))

    assert rows.doubtful.tolist() == [doubtful]


@pytest.mark.parametrize(
    ("state", "doubtful"), [(0x00, False), (0x08, False), (0x80, True), (0x04, True), (0x20, True)]
)
def test_a_state_of_the_interval_makes_it_doubtful(state: int, doubtful: bool) -> None:
    meter = SpodesMeter()
    meter.put_register(IMPORT, 0, 0, WH)
    columns = [CLOCK, CaptureObject(1, obis("0.0.96.10.1.255"), 2), register(IMPORT)]
    lying = axdr.structure(stamp(at(1)), Data(U8, state), u32(3))
    meter.put_profile(LOAD_1, columns, [lying], 1800)

    assert read(bench(meter)).doubtful.tolist() == [doubtful]


def test_a_meter_that_stamps_the_start_is_told_by_ends() -> None:
    rows = [row(hours / 2, hours) for hours in range(97)]
    known = Meter(OFFSET, Habits(stamped_at_end=False))
    on = bench(meter_of(rows), known=known)

    found = read(on, 24, 25)

    assert found.ends.tolist() == moments(24.5, 25)
    assert found.values[:, 0].tolist() == [48, 49]


# Other ways to the rows
