"""Meters that measure less than all, and whose voltages are told."""

from dataclasses import replace

import numpy as np
import pytest

from faza.core.reading_types import BY_CHANNEL
from faza.protocols.dlms import DataAccessResult, Get, Got, axdr
from faza.protocols.dlms.axdr import Tag
from faza.simulator import fleetfile
from faza.simulator.meter import Meter
from faza.simulator.spec import MeterSpec
from tests.simulator.dlms_ends import AT, BEGUN, attribute, load, meet, of_day, spec

PROFILES = ("1.0.99.1.0", "1.0.98.1.0", "1.0.98.2.0", "1.0.94.7.0", "1.0.94.7.1", "1.0.94.7.4")


def test_channels_that_a_meter_has_not_are_nowhere():
    whole, less = meet().associated(), meet(channels=(0, 2)).associated()
    for name in PROFILES:
        every, some = (len(axdr.parts(met.read(7, name, 3))) for met in (whole, less))
        per_channel = 9 if name in ("1.0.98.1.0", "1.0.98.2.0", "1.0.94.7.1") else 1
        assert every - some == 2 * per_channel, name
    absent = less.ask(Get(attribute(3, "1.0.2.8.0"), None))
    assert isinstance(absent, Got)
    assert absent.result == DataAccessResult.OBJECT_UNDEFINED
    assert less.read(3, "1.0.3.8.1").value == whole.read(3, "1.0.3.8.1").value
    rows, wanted = less.read(7, "1.0.99.1.0", 2, of_day()), whole.read(7, "1.0.99.1.0", 2, of_day())
    for row, full in zip(axdr.parts(rows), axdr.parts(wanted), strict=True):
        cells, known = axdr.parts(row), axdr.parts(full)
        assert list(cells) == [known[0], known[1], known[3]]


def test_registers_of_tariffs_that_no_calendar_names_say_nothing():
    whole, less = meet().associated(), meet(shows_unused=False).associated()
    assert whole.read(3, "1.0.1.8.3").value == 0
    assert less.read(3, "1.0.1.8.3").tag is Tag.NULL
    assert less.read(3, "1.0.1.8.2").value == whole.read(3, "1.0.1.8.2").value
    day = axdr.parts(axdr.parts(less.read(7, "1.0.98.2.0", 2, of_day()))[0])
    told = [cell.tag is not Tag.NULL for cell in day[1:]]
    assert told == ([True] * 3 + [False] * 6) * 4


@pytest.mark.parametrize("channels", [(), (2, 0), (0, 0), (4,)])
def test_channels_are_some_of_four(channels):
    with pytest.raises(ValueError, match="channels"):
        spec(channels=channels)


def test_a_file_tells_channels(tmp_path):
    file = tmp_path / "fleet.json"
    file.write_text('{"meters": [{"number": "1", "channels": [0, 1], "shows_unused": false}]}')
    (meter,) = fleetfile.read(file, since=BEGUN, until=AT, per_line=8).meters
    assert (meter.spec.channels, meter.spec.shows_unused) == ((0, 1), False)


def test_told_voltages_stand_instead_of_seeded_ones_as_far_as_they_go():
    voltage, current = BY_CHANNEL["UA"].code, BY_CHANNEL["IA"].code
    given = load()
    told = 2000 + np.arange(given.tenths.shape[1])
    meter = Meter(spec(load=replace(given, parameters={voltage: told})))
    rows = meter.profile(2, AT)
    codes = [column.kind.code for column in rows.columns]
    volts = rows.values[:, codes.index(voltage)]
    assert (volts[: len(told)] == told).all()
    seeded = Meter(spec()).profile(2, AT)
    assert (volts[len(told) :] == seeded.values[len(told) :, codes.index(voltage)]).all()
    assert len(volts) > len(told)
    others = rows.values[:, codes.index(current)] == seeded.values[:, codes.index(current)]
    assert others.all()


def test_told_voltages_are_as_long_as_the_load():
    with pytest.raises(ValueError, match="load is not"):
        MeterSpec("1", load=replace(load(), parameters={10: np.zeros(3, np.int64)}))
