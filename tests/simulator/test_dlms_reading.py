"""What a client reads of a simulated meter, over every way to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from faza.protocols.dlms import (
    CaptureObject,
    DataAccessResult,
    Disconnect,
    Disconnected,
    Entries,
    Get,
    GetList,
    Got,
    GotList,
    Mechanism,
    Range,
    Refused,
    Release,
    Released,
    axdr,
    columns,
    date_time,
    moments,
    obis,
)
from faza.protocols.dlms.axdr import Data, Tag
from faza.protocols.dlms.references import CLOCK
from faza.simulator.dlms.styles import STYLES
from faza.simulator.faults import Fault, Faults, Kind
from tests.simulator.dlms_ends import AT, DAY, Met, attribute, meet, of_day, range_of, stamp

PROFILE = attribute(7, "1.0.99.1.0")
SAFETY = {
    "lls": (Mechanism.LLS, False, False),
    "hls5": (Mechanism.HLS_GMAC, True, False),
    "hls5 general": (Mechanism.HLS_GMAC, True, True),
}
WAYS = [("wrapper", 128, 1), ("hdlc", 128, 1), ("hdlc", 60, 3)]


@pytest.fixture(params=list(SAFETY))
def safety(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(params=[100, 65535])
def pdu(request: pytest.FixtureRequest) -> int:
    return request.param


@pytest.fixture(params=WAYS, ids=["wrapper", "hdlc", "hdlc, info 60, window 3"])
def met(request: pytest.FixtureRequest, safety: str, pdu: int) -> Met:
    over, info, window = request.param
    mechanism, ciphered, general = SAFETY[safety]
    return meet(
        over, mechanism, ciphered=ciphered, general=general, max_pdu=pdu, info=info, window=window
    ).associated()


def reader(**more: object) -> Met:
    return meet(**more).associated()


def test_who_it_is_and_what_time_it_has(met: Met) -> None:
    assert axdr.text(met.read(1, "0.0.96.1.0")) == "00012345"
    assert axdr.text(met.read(1, "0.0.96.1.1")) == "SIM-3"
    found = date_time(met.read(8, "0.0.1.0.0"))
    assert found.find_moment() == AT
    assert (found.deviation, found.status) == (-180, 0)
    assert met.read(8, "0.0.1.0.0", 3) == Data(Tag.LONG, -180)
    assert met.ask(Release()) == Released()
    assert met.ask(Disconnect()) == Disconnected()


def test_registers_one_by_one_and_together(met: Met) -> None:
    shown = met.meter.meter.registers(AT) // 10
    names = [(q, t) for q in range(4) for t in (0, 1, 2)]
    items = tuple([(attribute(3, f"1.0.{q + 1}.8.{t}"), None) for q, t in names])
    one_by_one = [axdr.whole(met.read(3, f"1.0.{q + 1}.8.{t}")) for q, t in names]

    assert one_by_one == [shown[q, t] for q, t in names]
    room = met.connection.terms.max_pdu  # type: ignore[union-attr]
    together = [met.ask(GetList(items[at : at + 3])) for at in range(0, len(items), 3)]
    values = [
        axdr.whole(axdr.decode(result))
        for got in together
        if isinstance(got, GotList)
        for result in got.results
        if isinstance(result, bytes)
    ]
    assert (values, room) == (one_by_one, met.meter.meter.spec.max_pdu)
    assert met.read(3, "1.0.3.8.0", 3) == axdr.structure(Data(Tag.INTEGER, 1), Data(Tag.ENUM, 32))


def test_a_day_of_the_profile(met: Met) -> None:
    got = met.ask(Get(PROFILE, of_day()))
    assert isinstance(got, Got)
    assert isinstance(got.result, bytes)
    found = columns(got.result)
    held = met.meter.meter.profile(1, AT, DAY + timedelta(minutes=30), DAY + timedelta(days=1))

    assert (found.count, found.width) == (48, 5)
    assert (moments(found[0]).utc() == held.ends).all()
    values = np.stack([column.values for column in found.columns[1:]], axis=1)
    assert (values == held.values).all()
    assert held.values[:, 0].min() >= 1000
    assert len(np.unique(held.ends)) == 48


def test_no_answer_is_greater_than_agreed(met: Met, pdu: int) -> None:
    met.ask(Get(PROFILE, of_day()))
    met.ask(GetList(((attribute(1, "0.0.96.1.0"), None), (attribute(7, "1.0.98.2.0"), None))))
    if met.meter.over == "wrapper":
        sizes = [len(raw) - 8 for who, raw in met.wire[4:] if who == "<"]
        assert max(sizes) <= pdu
        assert max(sizes) > min(pdu, 2000) - 16 or pdu > 2000


def entry(met: Met, first: int, last: int = 0) -> bytes:
    got = met.ask(Get(PROFILE, Entries(first, last)))
    assert isinstance(got, Got)
    assert isinstance(got.result, bytes)
    return got.result


def test_rows_by_number() -> None:
    met = reader()
    held = met.meter.meter.profile(1, AT)
    assert axdr.whole(met.read(7, "1.0.99.1.0", 7)) == len(held)
    second = columns(entry(met, 2, 3))
    assert second[1].values.tolist() == held.values[1:3, 0].tolist()
    assert columns(entry(met, len(held) - 1)).count == 2
    assert columns(entry(met, len(held) + 1)).count == 0
    got = met.ask(Get(PROFILE, Entries(1, 2, 2, 3)))
    assert isinstance(got, Got)
    assert [len(axdr.parts(row)) for row in axdr.parts(got.data())] == [2, 2]


def test_some_columns_of_a_range() -> None:
    met = reader()
    wanted = (CLOCK, CaptureObject(3, obis("1.0.3.29.0.255"), 2))
    selection = of_day()
    got = met.ask(Get(PROFILE, Range(selection.first, selection.last, columns=wanted)))
    assert isinstance(got, Got)
    assert isinstance(got.result, bytes)
    found = columns(got.result)
    held = met.meter.meter.profile(1, AT, DAY + timedelta(minutes=30), DAY + timedelta(days=1))
    assert found[1].values.tolist() == held.values[:, 2].tolist()


def test_a_range_is_of_the_meters_civil_time() -> None:
    """Whatever deviation the ends have: meters compare the wall time."""
    met = reader()
    naive = range_of(DAY.replace(tzinfo=None) + timedelta(minutes=30),
                     DAY.replace(tzinfo=None) + timedelta(days=1))  # fmt: skip
    assert met.ask(Get(PROFILE, naive)) == met.ask(Get(PROFILE, of_day()))
    utc = range_of(datetime(2026, 2, 20, 0, 30, tzinfo=UTC), datetime(2026, 2, 21, tzinfo=UTC))
    assert met.ask(Get(PROFILE, utc)) == met.ask(Get(PROFILE, of_day()))


def test_both_ends_of_a_range_are_in_it() -> None:
    met = reader()
    got = met.ask(Get(PROFILE, range_of(DAY, DAY + timedelta(hours=1))))
    assert isinstance(got, Got)
    assert isinstance(got.result, bytes)
    assert columns(got.result).count == 3


def test_days_and_months() -> None:
    met = reader()
    for name, kind in (("1.0.98.2.0", "day"), ("1.0.98.1.0", "month")):
        got = met.ask(Get(attribute(7, name)))
        assert isinstance(got, Got)
        assert isinstance(got.result, bytes)
        found, held = columns(got.result), met.meter.meter.captured(kind, AT)
        assert found.width == 37
        assert found.count == len(held) > 0
        assert (moments(found[0]).utc() == held.moments).all()
        values = np.stack([column.values for column in found.columns[1:]], axis=1)
        assert (values.reshape(-1, 4, 9) * 10 == held.values).all()


def test_every_column_has_its_scaler() -> None:
    met = reader()
    scalers: dict[bytes, Data] = {}
    for number in range(1, 5):
        names = [
            CaptureObject.of(column) for column in axdr.parts(met.read(7, f"1.0.94.7.{number}", 3))
        ]
        (row,) = axdr.parts(met.read(7, f"1.0.94.7.{number}"))
        assert {(name.class_id, name.attribute) for name in names} == {(3, 3)}
        scalers |= {name.name: data for name, data in zip(names, axdr.parts(row), strict=True)}
    for profile in ("1.0.99.1.0", "1.0.99.2.0", "1.0.98.1.0", "1.0.98.2.0", "1.0.94.7.0"):
        for column in axdr.parts(met.read(7, profile, 3)):
            captured = CaptureObject.of(column)
            if captured.class_id == 3:
                name = ".".join(map(str, captured.name[:5]))
                assert scalers[captured.name] == met.read(3, name, 3)


def test_the_stop_frame_is_now() -> None:
    met = reader()
    (row,) = axdr.parts(met.read(7, "1.0.94.7.0"))
    stamped, *values = axdr.parts(row)
    names = [CaptureObject.of(column) for column in axdr.parts(met.read(7, "1.0.94.7.0", 3))]
    assert date_time(stamped).find_moment() == AT
    for name, value in zip(names[1:], values, strict=True):
        assert met.read(3, ".".join(map(str, name.name[:5]))) == value
    assert {"1.0.32.7.0.255", "1.0.14.7.0.255", "1.0.81.7.40.255"} <= {
        ".".join(map(str, name.name)) for name in names
    }


def test_journals() -> None:
    magnet = datetime(2026, 2, 25, 10, tzinfo=UTC)
    fault = Fault(Kind.MAGNET, magnet, magnet + timedelta(minutes=5))
    met = reader(faults=Faults((fault,)))
    journal = attribute(7, "0.0.99.98.4")
    got = met.ask(Get(journal, range_of(DAY, DAY + timedelta(days=10))))
    assert isinstance(got, Got)
    rows = [axdr.parts(row) for row in axdr.parts(got.data())]
    assert [date_time(row[0]).find_moment() for row in rows] == [fault.at, fault.until]
    assert [axdr.whole(row[1]) for row in rows] == [1, 2]
    assert met.read(1, "0.0.96.11.4") == Data(Tag.LONG_UNSIGNED, 2)
    later = met.ask(Get(journal, range_of(DAY + timedelta(days=9), DAY + timedelta(days=10))))
    assert isinstance(later, Got)
    assert later.data() == axdr.array()


def test_every_object_of_the_list_is_there() -> None:
    met = reader()
    listed = axdr.parts(met.read(15, "0.0.40.0.0"))
    assert len(listed) > 100
    for found in listed:
        kind, version, name, rights = axdr.parts(found, 4)
        told = ".".join(map(str, axdr.raw(name)[:5]))
        assert met.read(axdr.whole(kind), told, 1) == name
        for right in axdr.parts(axdr.parts(rights)[0]):
            number = axdr.whole(axdr.parts(right)[0])
            if axdr.whole(kind) != 7 or number != 2:
                met.read(axdr.whole(kind), told, number)
        assert version.tag is Tag.UNSIGNED


def refusal(met: Met, kind: int, name: str, index: int = 2) -> object:
    got = met.ask(Get(attribute(kind, name, index)))
    return got.result if isinstance(got, Got) else got


def test_what_is_not_there_is_refused_by_its_reason() -> None:
    met = reader()
    assert refusal(met, 3, "1.0.9.8.0") is DataAccessResult.OBJECT_UNDEFINED
    assert refusal(met, 1, "1.0.1.8.0") is DataAccessResult.OBJECT_CLASS_INCONSISTENT
    assert refusal(met, 3, "1.0.1.8.0", 9) is DataAccessResult.READ_WRITE_DENIED
    without = reader(has_relay=False)
    assert refusal(without, 70, "0.0.96.3.10") is DataAccessResult.OBJECT_UNDEFINED


def test_the_public_client_sees_little() -> None:
    met = reader(mechanism=Mechanism.NONE)
    assert axdr.text(met.read(1, "0.0.96.1.0")) == "00012345"
    assert date_time(met.read(8, "0.0.1.0.0")).find_moment() == AT
    assert axdr.whole(met.read(1, "0.0.43.1.0")) == 0
    assert refusal(met, 3, "1.0.1.8.0") is DataAccessResult.READ_WRITE_DENIED
    assert refusal(met, 7, "1.0.99.1.0") is DataAccessResult.READ_WRITE_DENIED


# Models


def test_a_meter_that_tells_no_deviation() -> None:
    met = reader(model="SIM-3U")
    found = date_time(met.read(8, "0.0.1.0.0"))
    assert (found.deviation, found.time.hundredths) == (None, None)
    assert found.find_moment(-180) == AT
    got = met.ask(Get(PROFILE, of_day()))
    assert isinstance(got, Got)
    assert isinstance(got.result, bytes)
    clocks = moments(columns(got.result)[0])
    assert np.isnat(clocks.utc()).all()
    assert clocks.utc(-180)[0] == np.datetime64("2026-02-19T21:30:00")


def test_a_meter_with_a_status_and_another_order() -> None:
    met = reader(model="SIM-3S")
    names = [CaptureObject.of(column).name[2:4] for column in
             axdr.parts(met.read(7, "1.0.99.1.0", 3))]  # fmt: skip
    assert names == [b"\x01\x00", b"\x60\x0a", b"\x03\x1d", b"\x04\x1d", b"\x01\x1d", b"\x02\x1d"]
    got = met.ask(Get(PROFILE, of_day()))
    assert isinstance(got, Got)
    assert isinstance(got.result, bytes)
    held = met.meter.meter.profile(1, AT, DAY + timedelta(minutes=30), DAY + timedelta(days=1))
    assert columns(got.result)[4].values.tolist() == held.values[:, 0].tolist()


def test_a_meter_that_knows_rows_by_number_alone() -> None:
    met = reader(model="SIM-3E")
    got = met.ask(Get(PROFILE, of_day()))
    assert got == Got(DataAccessResult.SCOPE_OF_ACCESS_VIOLATED)
    assert columns(entry(met, 1, 5)).count == 5
    with pytest.raises(ValueError, match="MULTIPLE_REFERENCES"):
        met.ask(GetList(((PROFILE, None),)))
    assert "SIM-3E" in STYLES


def test_average_power_instead_of_energy() -> None:
    """The unit tells: W and var, whatever the column's number."""
    met = reader(profile_power=True, profile_step=100)
    unit = axdr.structure(Data(Tag.INTEGER, 1), Data(Tag.ENUM, 27))
    assert met.read(3, "1.0.1.5.0", 3) == unit
    assert refusal(met, 3, "1.0.1.29.0") is DataAccessResult.OBJECT_UNDEFINED


def test_registers_of_many_digits_fit_their_type() -> None:
    met = reader(digits=9, register_step=1)
    assert met.read(3, "1.0.1.8.0").tag is Tag.LONG64_UNSIGNED


def test_a_selection_where_there_are_no_rows() -> None:
    met = reader()
    got = met.ask(Get(attribute(1, "0.0.96.1.0"), Entries(1, 2)))
    assert got == Got(DataAccessResult.SCOPE_OF_ACCESS_VIOLATED)
    by = CaptureObject(3, obis("1.0.1.29.0.255"), 2)
    got = met.ask(Get(PROFILE, Range(stamp(DAY), stamp(DAY), by)))
    assert got == Got(DataAccessResult.SCOPE_OF_ACCESS_VIOLATED)


def test_a_service_that_was_not_agreed_on_is_refused() -> None:
    met = reader(model="SIM-3E")
    monkey = met.connection.terms
    assert monkey is not None
    object.__setattr__(monkey, "conformance", met.connection._initiate.conformance)
    assert isinstance(met.ask(GetList(((PROFILE, None),))), Refused)
