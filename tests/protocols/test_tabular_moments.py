"""Texts of dates and times, and wall time as UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faza.protocols.tabular import moments


@pytest.mark.parametrize(
    ("text", "wall", "offset"),
    [
        ("2024-01-15T00:30:00+03:00", "2024-01-15T00:30", 10800),
        ("2024-01-15T00:30-05:30", "2024-01-15T00:30", -19800),
        ("2024-01-15T00:30Z", "2024-01-15T00:30", 0),
        ("2024-01-15 00:30", "2024-01-15T00:30", None),
        ("2024-01-15 24:00", "2024-01-16T00:00", None),
        ("15.01.2024 00:30:15", "2024-01-15T00:30:15", None),
        ("15.01.24 0:30", "2024-01-15T00:30", None),
        ("15.01.2024 24:00:00", "2024-01-16T00:00", None),
        ("15.01.2024", "2024-01-15T00:00", None),
        ("2024/1/5 7", "2024-01-05T07:00", None),
        ("2024-01-15T00:30:00.123+0300", "2024-01-15T00:30", 10800),
        ("29.02.2024 10:00", "2024-02-29T10:00", None),
    ],
)
def test_moments(text: str, wall: str, offset: int | None) -> None:
    stamps = moments.parse([text])

    assert stamps.good[0]
    assert stamps.seconds.astype("datetime64[s]")[0] == np.datetime64(wall)
    assert stamps.offset[0] == (moments.NAIVE if offset is None else offset)


@pytest.mark.parametrize(
    "text",
    [
        "", "x", "2024-02-30 00:00", "30.02.2024 00:00", "2024-13-01 00:00", "2024-01-15 24:30",
        "2024-01-15 10:60", "2024-01-15T00:30:00+03:001", "15.01.2024 1e:00", "1899-12-31 00:00",
        "2024-01-15 00:30 soon", "٢٠٢٤-01-15 00:30", "9999-12-31 00:00",
    ],
)  # fmt: skip
def test_what_is_no_moment(text: str) -> None:
    assert not moments.parse([text]).good[0]


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2030, 1, 1)),
    st.sampled_from(["Europe/Moscow", "Asia/Kolkata", "America/Sao_Paulo", "Australia/Lord_Howe"]),
)
def test_wall_time_is_resolved_as_zoneinfo_does(naive: datetime, zone: str) -> None:
    naive = naive.replace(second=0, microsecond=0)
    stamps = moments.parse([str(naive)])
    found = int(moments.to_utc(stamps, zone, np.zeros(1, np.int64))[0])

    expected = naive.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    if expected.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != naive:
        assert found == moments.ABSENT
    else:
        assert moments.EPOCH + timedelta(seconds=found) == expected
