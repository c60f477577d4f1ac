"""Green Button: feeds are imported as tables are, and exports come back unchanged."""

from __future__ import annotations

import io
import zipfile
from datetime import date, timedelta

import pytest

from faza.collection import queries
from faza.collection.models import ImportFile
from faza.core.periods import ALWAYS, FOREVER, Period
from faza.core.reading_types import A_MINUS, A_PLUS, BY_CHANNEL
from faza.core.windows import Window, Windows
from faza.protocols import espi
from tests.collection.factories import (
    AT,
    DAY,
    days_of,
    imported,
    make_point,
    message,
    written,
)
from tests.protocols.espi.feeds import feed, foreign, series

pytestmark = pytest.mark.django_db

NEXT = DAY + timedelta(days=1)
GAPPY = [*range(0, 5 * 250, 250), None, *range(6 * 250, 48 * 250, 250)]


def all_time(*points):
    return Windows.merged(Window(p.pk, p.zone, Period(ALWAYS, FOREVER)) for p in points)


def exported(*points, first=DAY, end=NEXT, kinds=(A_PLUS,)):
    return queries.export_espi(all_time(*points), kinds, first=first, end=end, at=AT)


def content(file):
    return b"".join(file.chunks)


def filled(tmp_path, code="501", zone="Europe/Moscow", values=GAPPY, day=DAY):
    point = make_point(code, zone)
    imported(written(tmp_path, message(values, codes=(code,), day=day, zone=zone)), zone=zone)
    return point


def test_a_feed_is_found_out_and_stored(tmp_path):
    point = make_point("501")

    done = imported([("january.xml", io.BytesIO(feed(series(values=range(48)))))])

    assert done.problems == []
    assert (done.values, done.changed) == (48, 48)
    assert days_of(point) == {"2026-01-14": list(range(48))}
    assert ImportFile.objects.get().format == "espi"


def test_an_export_comes_back_unchanged(tmp_path):
    point = filled(tmp_path)
    stored = days_of(point)
    file = exported(point)

    done = imported([(file.name, io.BytesIO(content(file)))])

    assert (done.problems, done.changed, done.unchanged) == ([], 0, 47)
    assert days_of(point) == stored


def test_what_is_missing_is_left_out_of_the_feed(tmp_path):
    [one] = espi.read(content(exported(filled(tmp_path)))).values.series

    assert len(one.values) == 48
    assert int((one.quality >= 254).sum()) == 1


def test_nothing_outside_the_window_is_written(tmp_path):
    point = filled(tmp_path)
    noon = Period.of_days(DAY, NEXT, point.zone)
    middle = noon.start + (noon.end - noon.start) / 2
    windows = Windows.merged([Window(point.pk, point.zone, Period(middle, FOREVER))])

    file = queries.export_espi(windows, (A_PLUS,), first=DAY, end=NEXT, at=AT)

    [one] = espi.read(content(file)).values.series
    assert (one.start, len(one.values)) == (middle, 24)


def test_points_of_several_zones_are_feeds_of_one_archive(tmp_path):
    points = [
        filled(tmp_path, "501"),
        filled(tmp_path, "502", "Asia/Omsk", values=[7] * 48),
    ]
    file = exported(*points)

    assert file.content_type == "application/zip"
    with zipfile.ZipFile(io.BytesIO(content(file))) as archive:
        feeds = {name: espi.read(archive.read(name)) for name in archive.namelist()}
    assert {name: [s.point for s in d.values.series] for name, d in feeds.items()} == {
        "Asia-Omsk.green-button.xml": ["502"],
        "Europe-Moscow.green-button.xml": ["501"],
    }


def test_a_channel_that_has_nothing_is_a_feed_without_readings(tmp_path):
    point = filled(tmp_path)

    data = content(exported(point, kinds=(A_MINUS,)))

    assert b"IntervalReading" not in data


def test_a_voltage_is_refused(tmp_path):
    with pytest.raises(queries.NotInFormat, match="not UA"):
        exported(filled(tmp_path), kinds=(BY_CHANNEL["UA"],))


def test_an_unknown_point_is_named_and_the_others_are_stored():
    point = make_point("501")
    both = feed(series(values=[1] * 48), series(point="999", values=[2] * 48))

    done = imported([("both.xml", io.BytesIO(both))])

    assert days_of(point) == {"2026-01-14": [1] * 48}
    [problem] = done.problems
    assert "999" in problem.reason


def test_a_bad_reading_is_told_with_its_line_and_the_rest_is_stored():
    point = make_point("Kitchen")
    first = 1_768_338_000
    rows = [(first + 3600 * n, 3600, 10) for n in range(24)]
    rows[5] = (rows[5][0], 3600, "ten")

    done = imported([("kitchen.xml", io.BytesIO(foreign(rows=rows)))])

    [problem] = done.problems
    assert "'ten' is no number" in problem.reason
    assert problem.line
    [values] = days_of(point).values()
    assert values.count(10) == 23
    assert values[5] is None


def test_a_whole_year_is_exported_day_by_day(tmp_path):
    """Made while it is read: no piece is more than a day of a channel."""
    point = filled(tmp_path, values=[100] * 48)
    file = exported(point, first=date(2026, 1, 1), end=date(2027, 1, 1))

    assert max(len(chunk) for chunk in file.chunks) < 20_000
