"""When a scheduled report is due."""

from datetime import UTC, datetime

import pytest

from faza.reports.timing import next_after


@pytest.mark.parametrize(
    ("every", "on_day", "after", "due"),
    [
        ("day", 0, "2026-11-20 04:59", "2026-11-20 05:00"),
        ("day", 0, "2026-11-20 05:00", "2026-11-21 05:00"),
        ("week", 1, "2026-11-20 12:00", "2026-11-23 05:00"),
        ("month", 2, "2026-11-02 05:00", "2026-12-02 05:00"),
        ("month", 28, "2026-02-27 12:00", "2026-02-28 05:00"),
    ],
)
def test_at_eight_in_moscow(every, on_day, after, due):
    moment = datetime.fromisoformat(after).replace(tzinfo=UTC)
    made = next_after(every=every, on_day=on_day, hour=8, zone="Europe/Moscow", after=moment)

    assert made == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_each_day_once_where_clocks_change():
    moment, found = datetime(2026, 10, 24, 12, tzinfo=UTC), []
    for _day in range(3):
        moment = next_after(every="day", on_day=0, hour=2, zone="Europe/Berlin", after=moment)
        found.append(moment.day)

    assert found == [25, 26, 27]
