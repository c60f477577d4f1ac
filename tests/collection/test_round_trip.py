"""A workbook that is written is read back as it was, in whatever zone and on whatever day."""

import io
from datetime import date

import pytest

from faza.collection import queries
from faza.core.periods import ALWAYS, FOREVER, Period, minutes_of_day
from faza.core.reading_types import BY_CHANNEL
from faza.core.windows import Window, Windows
from tests.collection.factories import days_of, imported, make_point, message, written

pytestmark = pytest.mark.django_db


def windows_of(points):
    return Windows.merged(Window(p.pk, p.zone, Period(ALWAYS, FOREVER)) for p in points)


def kept(points, day):
    """What importing an exported workbook of a day changes."""
    end = date.fromordinal(day.toordinal() + 1)
    exported = queries.export_xlsx(windows_of(points), [BY_CHANNEL["A+"]], first=day, end=end)
    book = io.BytesIO(b"".join(exported.chunks))
    stored = [days_of(point) for point in points]
    done = imported([(exported.name, book)])
    assert [days_of(point) for point in points] == stored
    assert done.problems == []
    return done


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Asia/Yekaterinburg", date(2026, 1, 14)),
        ("Asia/Kamchatka", date(2026, 1, 14)),
        ("Europe/Moscow", date(2010, 3, 28)),
        ("Europe/Moscow", date(2010, 10, 31)),
        ("Asia/Kamchatka", date(2010, 10, 31)),
    ],
)
@pytest.mark.parametrize("interval", [30, 60])
def test_a_workbook_comes_back_unchanged(tmp_path, zone, day, interval):
    point = make_point(zone=zone)
    count = minutes_of_day(day, zone) // interval
    values = [250 * n + 125 for n in range(count)]
    imported(written(tmp_path, message(values, day=day, zone=zone, interval=interval)), zone=zone)
    assert days_of(point) == {str(day): values}

    done = kept([point], day)

    assert (done.values, done.changed, done.unchanged) == (count, 0, count)


def test_points_of_several_zones_share_a_workbook(tmp_path):
    day, zones = date(2026, 1, 14), ("Europe/Moscow", "Asia/Omsk", "Asia/Kamchatka")
    points = [make_point(zone, zone) for zone in zones]
    for number, zone in enumerate(zones):
        one = message(
            list(range(1, 49)), day=day, zone=zone, codes=(zone,), number=number,
            sender=str(number),
        )  # fmt: skip
        imported(written(tmp_path, one), zone=zone)

    done = kept(points, day)

    assert (done.changed, done.unchanged) == (0, 3 * 48)
