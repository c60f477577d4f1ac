"""Dates and times as meters write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faza.protocols.dlms import axdr, clock
from faza.protocols.dlms.axdr import Data, Tag
from faza.protocols.dlms.clock import Date, DateTime, Time
from faza.protocols.dlms.moments import moments
from faza.protocols.dlms.problems import Malformed
from faza.protocols.dlms.profile import Column
from tests.protocols.dlms import strategies

MOSCOW = ZoneInfo("Europe/Moscow")


def test_a_deviation_is_minutes_from_local_time_to_utc() -> None:
    found = DateTime.decode(bytes.fromhex("07ea0b0201000000ffff4c00"))

    assert found.deviation == -180
    assert found.find_moment() == datetime(2026, 11, 1, 21, tzinfo=UTC)
    assert DateTime.of(datetime(2026, 11, 2, tzinfo=MOSCOW)).deviation == -180


def test_without_a_deviation_there_is_a_moment_only_for_who_knows_it() -> None:
    found = DateTime.decode(bytes.fromhex("07ea0b02ff0c1e00ff8000ff"))

    assert found.find_local() == datetime(2026, 11, 2, 12, 30)
    assert found.find_moment() is None
    assert found.find_moment(-180) == datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
    assert found.status is None


def test_unspecified_parts_stay_unspecified() -> None:
    found = DateTime.decode(b"\xff" * 9 + b"\x80\x00\xff")

    assert found == DateTime(Date(), Time())
    assert found.find_local() is None
    assert found.encode() == b"\xff" * 9 + b"\x80\x00\xff"


def test_rules_instead_of_days_are_kept() -> None:
    found = Date.decode(bytes((0xFF, 0xFF, clock.DAYLIGHT_BEGINS, clock.LAST_DAY, 7)))

    assert (found.year, found.month, found.day, found.weekday) == (None, 0xFE, 0xFE, 7)


@pytest.mark.parametrize(
    "text",
    [
        "", "07ea0b0201", "07ea0d0201000000ff800000", "07ea0b2001000000ff800000",
        "07ea0b0201180000ff800000", "07ea0b0201003c00ff800000", "07ea0b020100003cff800000",
        "07ea0b020100000064800000", "07ea0b0208000000ff800000", "07ea0b0201000000ff7fff00",
    ],
)  # fmt: skip
def test_parts_out_of_range_are_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        DateTime.decode(bytes.fromhex(text))


def test_a_day_that_is_not_in_the_calendar_is_no_moment() -> None:
    found = DateTime.decode(bytes.fromhex("07ea021e01000000ffff4c00"))

    assert found.find_moment() is None
    table = np.frombuffer(found.encode(), np.uint8).reshape(1, 12)
    column = moments(Column(Tag.OCTET_STRING, table, np.ones(1, np.bool_)))
    assert not column.known.any()
    assert np.isnat(column.utc()).all()


@given(strategies.clocks)
def test_reading_what_was_written_is_identity(value: DateTime) -> None:
    assert DateTime.decode(value.encode()) == value
    assert clock.date_time(value.data()) == value
    assert clock.date_time(Data(Tag.DATE_TIME, value.encode())) == value


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)),
    st.integers(-1400, 1400).map(lambda minutes: timedelta(minutes=minutes)),
)
def test_a_moment_comes_back(local: datetime, offset: timedelta) -> None:
    from datetime import timezone

    moment = local.replace(microsecond=0, tzinfo=timezone(offset))

    assert DateTime.decode(DateTime.of(moment).encode()).find_moment() == moment


@given(st.lists(strategies.clocks, min_size=1, max_size=20), st.none() | st.just(-180))
def test_a_column_of_clocks_is_read_as_one_by_one(
    values: list[DateTime], deviation: int | None
) -> None:
    table = np.frombuffer(b"".join(v.encode() for v in values), np.uint8).reshape(-1, 12)
    column = Column(Tag.OCTET_STRING, table, np.ones(len(values), np.bool_))
    found = moments(column)
    utc = found.utc(deviation)

    for n, value in enumerate(values):
        local, moment = value.find_local(), value.find_moment(deviation)
        assert bool(found.known[n]) == (local is not None)
        if local is not None:
            assert found.local[n] == np.datetime64(local.replace(microsecond=0), "s")
        if moment is None and value.find_moment(0) is not None:
            assert np.isnat(utc[n])
        if moment is not None:
            naive = moment.replace(tzinfo=None, microsecond=0)
            assert utc[n] == np.datetime64(naive, "s")


def test_other_columns_are_no_clocks() -> None:
    column = Column(Tag.UNSIGNED, np.zeros(3, np.int64), np.ones(3, np.bool_))
    with pytest.raises(Malformed):
        moments(column)
    with pytest.raises(Malformed):
        clock.date_time(axdr.null())
