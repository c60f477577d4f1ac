"""Load profiles of meters that refuse ranges, lose rows or are programmed anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from faza.protocols import spodes
from faza.protocols.dlms import (
    Attribute,
    Entries,
    Range,
    axdr,
    obis,
)
from faza.protocols.metered import Json
from faza.protocols.spodes import Habits, Layout, Meter, Source
from tests.protocols.spodes.meter import (
    CLOCK,
    OFFSET,
    WH,
    bench,
    register,
    stamp,
    u32,
)
from tests.protocols.spodes.profile_meter import IMPORT, meter_of, read, row
from tests.protocols.spodes.whole import LOAD_1, whole_meter

# A day


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize(("first", "last"), [(0, 24), (5, 6), (40, 48), (-9, 1)])
def test_rows_are_asked_for_by_number_where_ranges_are_refused(
    newest_first: bool, first: float, last: float
) -> None:
    lying = [row((n + 1) / 2, n) for n in range(96)]
    meter = meter_of([])
    meter.newest_first = newest_first
    rows = lying[::-1] if newest_first else lying
    meter.put_profile(LOAD_1, [CLOCK, register(IMPORT)], rows, 1800)
    meter.refuses = (Range,)
    on = bench(meter)

    found = read(on, first, last)

    wanted = [n for n in range(96) if first < (n + 1) / 2 <= last]
    assert sorted(found.values[:, 0].tolist()) == wanted
    assert on.known.habits.access == "entries"
    meter.asked.clear()
    read(on, first, last)
    assert not [asked for asked in meter.asked if asked.endswith("Range")], "it has learnt"


def test_rows_lost_and_rows_twice_do_not_stop_the_search() -> None:
    lying = [row(n / 2, n) for n in range(1, 200) if not 60 < n < 120 for _ in range(3)]
    meter = meter_of(lying)
    meter.refuses = (Range,)

    found = read(bench(meter), 10, 20)

    assert found.values[:, 0].tolist() == [n for n in range(21, 41) for _ in range(3)]


def test_all_rows_are_read_where_nothing_else_is_taken() -> None:
    meter = whole_meter()
    meter.refuses = (Range, Entries)
    on = bench(meter)

    assert len(read(on, 0, 2)) == 4
    assert on.known.habits.access == "whole"


def test_a_refusal_is_not_no_rows() -> None:
    meter = whole_meter()
    meter.refuses = (Range, Entries, type(None))
    on = bench(meter)
    on.known.layouts[LOAD_1] = Layout(
        LOAD_1, 1800, (Source(8, "0.0.1.0.0.255", 2), Source(3, IMPORT, 2, 0, 0, WH))
    )

    with pytest.raises(spodes.Denied, match="SCOPE_OF_ACCESS_VIOLATED"):
        read(on)


def test_columns_that_are_not_told_are_not_no_profile() -> None:
    on = bench(whole_meter())
    on.meter.denied.add(Attribute(7, obis(LOAD_1), 3))

    with pytest.raises(spodes.Denied, match="columns not told"):
        read(on)


def test_an_empty_range_that_is_refused_teaches_nothing() -> None:
    meter = meter_of([])
    meter.refuses = (Range,)
    on = bench(meter)

    assert len(read(on)) == 0
    assert on.known.habits.access == "range"


# Layouts


def test_a_meter_programmed_anew_is_noticed_by_its_width() -> None:
    on = bench(whole_meter())
    read(on)
    on.meter.put_profile(LOAD_1, [CLOCK, register(IMPORT)], [row(1, 9)], 1800)

    rows = read(on)

    assert rows.values.tolist() == [[9]]
    assert len(on.known.layouts[LOAD_1].sources) == 2


def test_layouts_that_changed_are_named_when_renewed() -> None:
    on = bench(whole_meter())
    read(on)
    read(on, which=2)
    before = on.known.layouts[LOAD_1].hash
    assert on.run(spodes.renew_layouts(on.known)) == ()
    on.meter.put_register(IMPORT, 0, 3, WH)
    on.meter.put_profile("1.0.94.7.4.255", [], [])

    assert on.run(spodes.renew_layouts(on.known)) == (LOAD_1,)
    assert on.known.layouts[LOAD_1].hash != before


def test_the_configuration_notices_other_columns_of_the_same_width() -> None:
    """Rows of two columns stay rows of two columns: only the layout, read anew, tells."""
    on = bench(meter_of([row(1, 9)]))
    read(on)
    before = on.run(spodes.configuration(on.known)).settings["profile_1"]
    on.meter.put_register("1.0.2.29.0.255", 0, 0, WH)
    on.meter.put_profile(LOAD_1, [CLOCK, register("1.0.2.29.0.255")], [row(1, 9)], 1800)

    after = on.run(spodes.configuration(on.known)).settings["profile_1"]

    assert before != after
    assert read(on).columns[0].kind.channel == "A-"


def test_what_is_known_survives_json() -> None:
    on = bench(whole_meter())
    read(on)
    on.run(spodes.registers(on.known))
    on.known.habits = replace(on.known.habits, access="entries", stamped_at_end=False)

    kept = Meter.from_json(on.known.to_json(), offset=OFFSET)

    assert kept.layouts == on.known.layouts
    assert kept.units == on.known.units
    assert kept.habits == on.known.habits


@pytest.mark.parametrize(
    "kept",
    [
        {},
        {"layouts": 7, "units": [], "absent": {}, "habits": "x", "shown_offset": "3"},
        {"layouts": [{"name": 1}, {"name": "x", "period": 1, "sources": [[1, 2]]}, None]},
        {"units": {"1.0.1.8.0.255": [1], "1.0.2.8.0.255": ["a", 2]}},
        {"habits": {"access": ["range"], "lists": None}},
    ],
)
def test_spoilt_json_is_nothing_known(kept: dict[str, Json]) -> None:
    meter = Meter.from_json(kept, offset=60)

    assert (meter.layouts, meter.units, meter.absent) == ({}, {}, set())
    assert (meter.habits, meter.local_offset) == (Habits(), 60)


def test_a_year_of_rows_is_asked_for_in_one_zone() -> None:
    """A range over the change of a year keeps the meter's offset."""
    start = datetime(2026, 12, 31, 12, tzinfo=UTC)
    lying = [axdr.structure(stamp(start + timedelta(minutes=30 * n)), u32(n)) for n in range(1, 49)]
    on = bench(meter_of(lying))

    found = on.run(spodes.profile(on.known, 1, start, start + timedelta(days=1)))

    assert len(found) == 48
