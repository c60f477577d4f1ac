"""Feeds that are written: valid by the schema, read by another's library, nothing invented."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from lxml import etree

from faza.core.quality import Quality, is_present
from faza.core.reading_types import A_MINUS, A_PLUS, BY_CHANNEL, GAS, HEAT, R_PLUS, WATER
from faza.protocols import espi
from tests.protocols.espi.feeds import MADE, START, feed, series

SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).parent / "atom.xsd"))
SPACE = {"e": "http://naesb.org/espi", "a": "http://www.w3.org/2005/Atom"}
HOSTILE = "<A&B> \"x\" 'y' \x00\x1b ₽ ]]>"


def tree(data: bytes) -> etree._Element:
    return etree.fromstring(data)


def check(data: bytes) -> None:
    assert SCHEMA.validate(tree(data)), SCHEMA.error_log


@pytest.mark.parametrize("kind", [A_PLUS, A_MINUS, R_PLUS, WATER, GAS, HEAT])
def test_a_feed_is_valid_by_the_schema(kind):
    check(feed(series(kind, missing=(3, 4), qualities={7: Quality.ESTIMATED_BY_DAY})))


def test_a_feed_of_nothing_is_valid():
    check(feed())


def test_the_schema_is_no_rubber_stamp():
    data = feed(series()).replace(
        b"<kind>12</kind><phase>0</phase>", b"<phase>0</phase><kind>12</kind>"
    )

    assert not SCHEMA.validate(tree(data))


def test_names_cannot_break_the_feed():
    data = feed(series(point=HOSTILE))

    check(data)
    titles = tree(data).xpath("//a:entry[a:content/e:UsagePoint]/a:title/text()", namespaces=SPACE)
    assert titles == [HOSTILE.replace("\x00", " ").replace("\x1b", " ")]


def test_another_library_reads_the_same_numbers(tmp_path):
    from greenbutton_objects import enums, parse

    given = series(missing=(5,), qualities={9: Quality.ESTIMATED_BY_DAY, 10: Quality.QUESTIONABLE})
    back = series(A_MINUS, values=range(96), start=START)
    path = tmp_path / "feed.xml"
    path.write_bytes(feed(given, back))

    [point] = parse.parse_feed(str(path))

    assert point.title == "501"
    assert point.serviceCategory is enums.ServiceKind.electricity
    readings = {one.readingType.flowDirection: one for one in point.meterReadings}
    for flow, told in (
        (enums.FlowDirectionType.forward, given),
        (enums.FlowDirectionType.reverse, back),
    ):
        reading = readings[flow]
        assert reading.readingType.uom is enums.UomType.wattHours
        assert reading.readingType.intervalLength == 1800
        rows = list(reading.intervalReadings)
        present = np.flatnonzero(is_present(told.quality))
        assert [row.value for row in rows] == told.values[present].tolist()
        starts = [int(row.timePeriod.start.timestamp()) for row in rows]
        assert starts == (int(told.start.timestamp()) + 1800 * present).tolist()
        assert {row.timePeriod.duration.total_seconds() for row in rows} == {1800.0}
    qualities = [
        {quality.quality.value for quality in row.readingQualities}
        for row in readings[enums.FlowDirectionType.forward].intervalReadings
    ]
    assert qualities[8:10] == [{8}, {10}]  # the sixth interval is missing
    assert not any(qualities[:8])


def test_what_is_missing_has_no_reading_and_no_zero():
    data = feed(series(values=[100, 0, 0, 300], missing=(2,)))

    starts = [
        int(text) for text in tree(data).xpath("//e:timePeriod/e:start/text()", namespaces=SPACE)
    ]
    values = tree(data).xpath("//e:value/text()", namespaces=SPACE)
    first = int(START.timestamp())
    assert starts == [first, first + 1800, first + 5400]
    assert values == ["100", "0", "300"]


def test_a_day_without_values_has_no_block():
    data = feed(series(values=[7] * 144, missing=range(48, 96)))

    titles = tree(data).xpath(
        "//a:entry[a:content/e:IntervalBlock]/a:title/text()", namespaces=SPACE
    )
    assert titles == ["2026-01-14", "2026-01-16"]


def test_heat_is_exact_in_joules():
    data = feed(series(HEAT, values=[1, 1_000_000], interval=60))

    assert tree(data).xpath("//e:value/text()", namespaces=SPACE) == ["41868", "41868000000"]
    [power] = tree(data).xpath("//e:powerOfTenMultiplier/text()", namespaces=SPACE)
    assert power == "-1"  # a Gcal is 4.1868 GJ: 10^6 kcal of 41,868 tenths of a joule


def test_the_same_thing_has_the_same_id_in_every_file():
    def ids(made: datetime) -> list[str]:
        data = b"".join(espi.write([series()], zone="Europe/Moscow", made_at=made))
        return tree(data).xpath("//a:entry/a:id/text()", namespaces=SPACE)

    assert ids(MADE) == ids(datetime(2027, 1, 1, tzinfo=UTC))
    assert len(set(ids(MADE))) == len(ids(MADE))


def test_days_are_civil_days_where_clocks_change():
    # Moscow, 31 October 2010: 25 hours.
    start = datetime(2010, 10, 30, 20, 0, tzinfo=UTC)
    data = feed(series(values=range(50 + 48), start=start))

    blocks = tree(data).xpath("//e:IntervalBlock", namespaces=SPACE)
    assert [len(block.findall("e:IntervalReading", SPACE)) for block in blocks] == [50, 48]
    durations = [block.findtext("e:interval/e:duration", namespaces=SPACE) for block in blocks]
    assert durations == ["90000", "86400"]


def test_a_voltage_is_refused():
    with pytest.raises(KeyError):
        feed(series(BY_CHANNEL["UA"]))
