"""Feeds that are read: our own come back whole, those of others by their codes, bad ones told."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from faza.core.quality import Quality, is_present
from faza.core.reading_types import A_MINUS, GAS, HEAT, R_MINUS, WATER
from faza.protocols import Malformed, TooLarge, espi
from tests.protocols.espi.feeds import feed, foreign, series

FIRST = 1_768_338_000
"""2026-01-13 21:00 UTC."""


@pytest.mark.parametrize("kind", [A_MINUS, R_MINUS, WATER, GAS, HEAT])
def test_a_feed_comes_back_as_it_was_written(kind):
    given = [
        series(kind, missing=(5, 6), qualities={9: Quality.INTERPOLATED, 47: Quality.RAW}),
        series(kind, point="Второй & <третий>", interval=60, values=range(24)),
    ]
    document = espi.read(feed(*given))

    assert document.problems == ()
    for told, read in zip(given, document.values.series, strict=True):
        assert (read.point, read.reading_type, read.interval) == (told.point, kind, told.interval)
        assert read.start == told.start
        present = is_present(told.quality)
        assert np.array_equal(read.values, told.values)
        assert np.array_equal(read.quality[present], told.quality[present])
        assert (read.quality[~present] == Quality.UNTOLD).all()


def test_a_foreign_feed_is_read_by_its_codes():
    document = espi.read(foreign(powerOfTenMultiplier="3", flowDirection="19"))

    [one] = document.values.series
    assert (one.point, one.reading_type, one.interval) == ("Kitchen", A_MINUS, 60)
    assert one.start == datetime(2026, 1, 13, 21, tzinfo=UTC)
    assert one.values.tolist() == [1_500_000]


@pytest.mark.parametrize(
    ("fields", "value", "quanta"),
    [
        ({"uom": "42", "commodity": "7"}, "2.5", 2500),
        ({"uom": "134", "commodity": "9"}, "12", 12),
        ({"uom": "42", "commodity": "9", "powerOfTenMultiplier": "-3"}, "12", 12),
        ({"uom": "31", "commodity": "12", "powerOfTenMultiplier": "6"}, "4186.8", 1_000_000),
        ({"uom": "38"}, "1000", 1000),  # W over an hour
    ],
)
def test_units_become_quanta(fields, value, quanta):
    document = espi.read(foreign(rows=[(FIRST, 3600, value)], **fields))

    assert document.problems == ()
    assert document.values.series[0].values.tolist() == [quanta]


def test_the_service_says_what_flows_where_the_reading_type_does_not():
    point = "<e:ServiceCategory><e:kind>1</e:kind></e:ServiceCategory>"
    document = espi.read(foreign(point=point, commodity="0", uom="42"))

    assert document.values.series[0].reading_type is GAS


def test_a_length_may_stand_in_the_reading_type_alone():
    document = espi.read(foreign(rows=[(FIRST, "", 1)], intervalLength="900"))

    assert document.values.series[0].interval == 15


def test_a_point_without_a_title_goes_by_its_address():
    assert espi.read(foreign(title="")).values.series[0].point == "1"


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"accumulationBehaviour": "1"}, "no amount of an interval"),
        ({"uom": "72", "commodity": "9"}, "there is no channel for unit 72"),
        ({"uom": "80"}, "there is no channel for unit 80"),
        ({"flowDirection": "4"}, "direction 4"),
        ({"powerOfTenMultiplier": "99"}, "expected -12 to 12"),
        ({"uom": "kWh"}, "expected a code number"),
    ],
)
def test_what_is_not_metered_here_is_told_with_its_line(fields, told):
    document = espi.read(foreign(**fields))

    [problem] = document.problems
    assert told in problem.reason
    assert problem.line
    assert document.values.series == ()


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ((FIRST, 86_400, 5), "interval"),
        ((FIRST, 1000, 5), "interval"),
        (("yesterday", 3600, 5), "moment"),
        ((-1, 3600, 5), "moment"),
        ((10**17, 3600, 5), "moment"),
        ((FIRST, 3600, "five"), "value"),
        ((FIRST, 3600, "-5"), "value-negative"),
        ((FIRST, 3600, "9" * 30), "value"),
        ((FIRST, 3600, "9" * 17), "value-too-large"),
        ((FIRST + 7, 3600, 5), "moment-off-grid"),
        ((FIRST + 3600, 3600, 9), "moment-repeated"),
    ],
)
def test_a_bad_reading_is_told_and_the_rest_is_kept(row, code):
    good = [(FIRST + 3600 * n, 3600, 10) for n in range(1, 4)]
    document = espi.read(foreign(rows=[*good, row]))

    [problem] = document.problems
    assert problem.code == code
    assert problem.line
    kept = document.values.series[0]
    assert int(kept.values[is_present(kept.quality)].sum()) == 30


def test_an_absent_value_is_missing_and_no_zero():
    document = espi.read(foreign(rows=[(FIRST, 3600, ""), (FIRST + 3600, 3600, 0)]))

    [one] = document.values.series
    assert one.quality.tolist() == [Quality.MISSING, Quality.VALID]


def test_lengths_that_differ_are_series_of_their_own():
    rows = [(FIRST, 3600, 1), (FIRST + 3600, 1800, 2), (FIRST + 5400, 1800, 3)]
    document = espi.read(foreign(rows=rows))

    assert [(s.interval, s.values.tolist()) for s in document.values.series] == [
        (30, [2, 3]),
        (60, [1]),
    ]


def test_blocks_of_nothing_known_are_told():
    data = foreign().replace(b"<e:MeterReading/>", b"<e:UsageSummary/>")
    document = espi.read(data)

    assert [problem.code for problem in document.problems] == ["reading-alone"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "xml"),
        (b"<feed", "xml"),
        (b"<feed/>", "root"),
        (b'<feed xmlns="http://www.w3.org/2005/Atom"/>', "no-values"),
        (
            b'<!DOCTYPE feed [<!ENTITY a "b">]><feed xmlns="http://www.w3.org/2005/Atom"/>',
            "xml-entity",
        ),
        (b'<feed xmlns="http://www.w3.org/2005/Atom">' + b"<a>" * 100, "xml-depth"),
        (b'<?xml version="1.0" encoding="klingon"?><feed/>', "xml"),
    ],
)
def test_what_is_no_feed_is_refused(data, code):
    with pytest.raises(Malformed) as raised:
        espi.read(data)
    assert raised.value.code == code


def test_a_feed_that_is_too_large_is_refused():
    with pytest.raises(TooLarge):
        espi.read(feed(series()), limit=100)


def test_what_looks_like_a_feed():
    assert espi.looks_like(feed(series())[:4096])
    assert espi.looks_like(foreign()[:4096])
    assert not espi.looks_like(b'<?xml version="1.0"?><message class="80020">')
