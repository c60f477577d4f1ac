"""What a meter tells, over both lines, both kinds of association, small and great PDUs."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Literal

import numpy as np
import pytest

from faza.core.reading_types import BY_CHANNEL
from faza.protocols import spodes
from faza.protocols.dlms import (
    Attribute,
    CaptureObject,
    DateTime,
    Mechanism,
    TryLater,
    axdr,
    obis,
)
from faza.protocols.metered import Identity
from faza.protocols.spodes import Meter
from tests.protocols.spodes.meter import CLOCK, OFFSET, Bench, at, bench, register, stamp, u32
from tests.protocols.spodes.whole import NOW, whole_meter

WAYS = [
    pytest.param(over, mechanism, pdu, id=f"{over}-{mechanism.name}-{pdu}")
    for over in ("wrapper", "hdlc")
    for mechanism in (Mechanism.LLS, Mechanism.HLS_GMAC)
    for pdu in (100, 0xFFFF)
]


def meter_by(over: str, mechanism: Mechanism, pdu: int) -> Bench:
    ciphered = mechanism is Mechanism.HLS_GMAC
    return bench(whole_meter(), over=over, mechanism=mechanism, ciphered=ciphered, pdu=pdu)


@pytest.fixture
def whole() -> Bench:
    return bench(whole_meter())


@pytest.mark.parametrize(("over", "mechanism", "pdu"), WAYS)
def test_all_is_read_whatever_the_way(over: str, mechanism: Mechanism, pdu: int) -> None:
    on = meter_by(over, mechanism, pdu)

    identity = on.run(spodes.identity(on.known))
    rows = on.run(spodes.profile(on.known, 1, at(0), at(24)))
    second = on.run(spodes.profile(on.known, 2, at(0), at(24)))
    events = on.run(spodes.journals(on.known, at(0), at(24)))
    registers = on.run(spodes.registers(on.known))
    days = on.run(spodes.captured(on.known, "day", at(0), at(48)))
    settings = on.run(spodes.configuration(on.known)).settings

    assert identity.number == "012345678"
    assert rows.values[:, 0].tolist() == [10 + n for n in range(48)]
    assert second.values.shape == (48, 4)
    assert events.codes.tolist() == [19, 20, 1, 2, 3]
    assert int(registers.values[0, 0, 0]) == 1_234_560
    assert len(days) == 3
    assert settings["nominal_voltage"] == "230"


def test_identity_has_all_its_parts(whole: Bench) -> None:
    assert whole.run(spodes.identity(whole.known)) == Identity(
        number="012345678",
        model="Образец 1",
        manufacturer="Завод",
        firmware="1.7.3",
        made_on=date(2024, 5, 17),
        protocol="3",
        scheme="4",
        ct=Fraction(20),
        vt=Fraction(100),
    )


def test_identity_comes_from_the_passport_where_no_object_tells_it() -> None:
    meter = whole_meter()
    told = {
        name: meter.objects.pop(Attribute(1, obis(name), 2))
        for name in ("0.0.96.1.0.255", "0.0.96.1.1.255", "1.0.0.4.2.255")
    }
    columns = [CaptureObject(1, obis(name), 2) for name in told]
    meter.put_profile("0.0.94.7.1.255", columns, [axdr.structure(*told.values())])
    on = bench(meter)

    identity = on.run(spodes.identity(on.known))

    assert (identity.number, identity.model, identity.ct) == ("012345678", "Образец 1", 20)
    assert on.run(spodes.passport(on.known))["0.0.96.1.0.255"] == "012345678"


def test_an_empty_meter_tells_nothing_and_nothing_fails() -> None:
    on = bench()

    assert on.run(spodes.identity(on.known)) == Identity()
    assert on.run(spodes.passport(on.known)) == {}
    rows = on.run(spodes.profile(on.known, 1, at(0), at(24)))
    assert (len(rows), rows.interval, rows.columns) == (0, 0, ())
    assert len(on.run(spodes.captured(on.known, "month", at(0), at(24)))) == 0
    registers = on.run(spodes.registers(on.known))
    assert not registers.present.any()
    assert np.isnat(registers.moments[0])
    assert len(on.run(spodes.journals(on.known, at(0), at(24)))) == 0
    assert on.run(spodes.instant(on.known)) is None
    assert on.run(spodes.quality(on.known)) is None
    assert on.run(spodes.relay(on.known)) is None
    assert on.run(spodes.limiters(on.known)) == ()
    assert on.run(spodes.calendar(on.known, "active")) is None
    assert on.run(spodes.configuration(on.known)).settings == {}
    with pytest.raises(spodes.Denied, match="not told"):
        on.run(spodes.clock(on.known))


def test_what_a_meter_lacks_is_asked_for_once() -> None:
    on = bench()
    on.run(spodes.registers(on.known))
    before = on.meter.questions

    on.run(spodes.registers(on.known))

    assert on.meter.questions == before
    kept = Meter.from_json(on.known.to_json(), offset=OFFSET)
    assert kept.absent == on.known.absent


# Clock


def test_the_clock_is_a_moment_in_utc(whole: Bench) -> None:
    shown = whole.run(spodes.clock(whole.known))

    assert (shown.at, shown.offset, shown.status, shown.is_valid) == (NOW, 180, 0, True)


@pytest.mark.parametrize(
    ("raw", "moment", "valid"),
    [
        ("07ea0b0201 0c1e00 00 8000 00", NOW, True),  # no deviation: the zone that is known
        ("07ea0b0201 0c1eff ff ff4c ff", NOW, True),  # no seconds, no status
        ("07ea0b0201 0c1e00 00 ff4c 01", NOW, False),
        ("ffffffffff ffffff ff 8000 ff", None, False),
        ("07d0021e01 000000 00 8000 00", None, False),  # 30 February
        ("07d00f1e01 000000 00 8000 00", None, False),  # a 15th month
    ],
)
def test_a_clock_may_be_unsure_or_dead(raw: str, moment: object, valid: bool) -> None:
    on = bench(whole_meter())
    on.meter.put(8, "0.0.1.0.0.255", 2, axdr.octet_string(bytes.fromhex(raw)))

    shown = on.run(spodes.clock(on.known))

    assert (shown.at, shown.is_valid) == (moment, valid)


def test_a_range_is_asked_for_in_the_time_that_the_meter_shows(whole: Bench) -> None:
    local = DateTime.of(NOW.replace(tzinfo=None)).encode()[:9]
    raw = local + (0).to_bytes(2, "big", signed=True) + b"\0"  # the meter lives in UTC
    whole.meter.put(8, "0.0.1.0.0.255", 2, axdr.octet_string(raw))
    whole.run(spodes.clock(whole.known))

    assert whole.known.local_offset == 0
    assert axdr.raw(whole.known.local(NOW))[:9] == local


# Registers


def test_registers_are_watt_hours_by_tariff(whole: Bench) -> None:
    rows = whole.run(spodes.registers(whole.known))

    assert rows.kind == "on_demand"
    assert rows.moments.tolist() == [NOW.replace(tzinfo=None)]
    assert rows.values[0, 0, :3].tolist() == [1_234_560, 1_000_000, 234_560]
    assert rows.present[0, 0].tolist() == [True] * 3 + [False] * 6
    assert not rows.present[0, 1].any()
    assert rows.values[0, 2, 0] == 98_765, "98765.4 varh: finer than the quantum is cut"
    assert rows.step == 10


def test_units_of_registers_are_read_once(whole: Bench) -> None:
    whole.run(spodes.registers(whole.known))
    whole.meter.asked.clear()

    again = whole.run(spodes.registers(whole.known))

    assert int(again.values[0, 0, 0]) == 1_234_560
    assert not [asked for asked in whole.meter.asked if asked.endswith("/3")]
    assert len(whole.meter.asked) == 5  # the clock and the four registers that there are


@pytest.mark.parametrize("kind", ["day", "month"])
def test_captured_registers_have_their_moments(kind: Literal["day", "month"], whole: Bench) -> None:
    rows = whole.run(spodes.captured(whole.known, kind, at(0), at(24)))

    assert rows.kind == kind
    assert rows.moments.tolist() == [at(0).replace(tzinfo=None), at(24).replace(tzinfo=None)]
    assert rows.values[:, 0, 0].tolist() == [10_000, 10_010]
    assert rows.values[:, 0, 1].tolist() == [9_000, 9_010]
    assert rows.values[:, 2, 0].tolist() == [5, 5]  # 5.5 and 5.6 varh
    assert rows.present[:, 0, :2].all()
    assert rows.present.sum() == 6


# Moment


def test_values_of_the_moment_are_in_quanta(whole: Bench) -> None:
    found = whole.run(spodes.instant(whole.known))

    assert found is not None
    assert found.at == NOW
    by_channel = {
        channel: found.values[kind.code]
        for channel, kind in BY_CHANNEL.items()
        if kind.code in found.values
    }
    assert by_channel == {
        "UA": 2305,  # 230.51 V, in tenths
        "IA": 5000,
        "P": -1150,
        "Q": 120,
        "PF": 990,
        "F": 4998,
        "UB-UA": 1200,
        "IA-UA": 300,  # told as U_A from I_A, 330 degrees
        "IB-UA": 1500,  # told as I_B from U_B, 30 degrees, and U_B from U_A
    }


def test_the_stop_frame_is_one_question_when_its_layout_is_known(whole: Bench) -> None:
    names = ["1.0.32.7.0.255", "1.0.14.7.0.255"]
    columns = [CLOCK, *[register(name) for name in names]]
    row = axdr.structure(stamp(at(6)), u32(22990), u32(5001))
    whole.meter.put_profile("1.0.94.7.0.255", columns, [row])
    first = whole.run(spodes.instant(whole.known))
    whole.meter.asked.clear()

    again = whole.run(spodes.instant(whole.known))

    assert first == again
    assert first is not None
    assert first.at == at(6)
    assert first.values[BY_CHANNEL["UA"].code] == 2299
    assert first.values[BY_CHANNEL["IA-UA"].code] == 300, "angles are asked for besides"
    assert whole.meter.asked[0] == "7/1.0.94.7.0.255/2"


# Journals


def test_journals_have_codes_and_what_else_was_noted(whole: Bench) -> None:
    events = whole.run(spodes.journals(whole.known, at(0), at(24)))

    assert events.journals.tolist() == [0, 0, 2, 2, 4]
    assert events.codes.tolist() == [19, 20, 1, 2, 3]
    assert events.moments.tolist()[:2] == [at(1).replace(tzinfo=None), at(2).replace(tzinfo=None)]
    assert events.details[0] == {"1.0.32.7.0.255": 190.5}
    assert events.details[4] == {}


def test_journals_are_read_from_a_moment_on_and_by_number(whole: Bench) -> None:
    assert whole.run(spodes.journals(whole.known, at(2), at(24))).codes.tolist() == [20, 2]
    assert whole.run(spodes.journals(whole.known, at(0), at(24), [4])).codes.tolist() == [3]


def test_journals_of_known_layouts_are_one_question(whole: Bench) -> None:
    first = whole.run(spodes.journals(whole.known, at(0), at(24)))
    before = whole.meter.questions

    again = whole.run(spodes.journals(whole.known, at(0), at(24)))

    assert whole.meter.questions == before + 1
    assert again.codes.tolist() == first.codes.tolist()


@pytest.mark.parametrize("spoil", ["no_lists", "lists_broken"])
def test_journals_are_told_without_lists_too(spoil: str, whole: Bench) -> None:
    setattr(whole.meter, spoil, True)

    events = whole.run(spodes.journals(whole.known, at(0), at(24)))

    assert events.codes.tolist() == [19, 20, 1, 2, 3]


def test_a_journal_that_is_not_told_does_not_hide_the_others(whole: Bench) -> None:
    whole.meter.denied.add(Attribute(7, obis("0.0.99.98.2.255"), 2))

    events = whole.run(spodes.journals(whole.known, at(0), at(24)))

    assert events.journals.tolist() == [0, 0, 4]
    denied = [asked for asked in whole.meter.asked if asked.startswith("7/0.0.99.98.2.255/2")]
    assert set(denied) == {"7/0.0.99.98.2.255/2 Range"}, "no other way is tried without a right"


# Quality and settings


def test_counters_of_quality(whole: Bench) -> None:
    found = whole.run(spodes.quality(whole.known))

    assert found is not None
    assert found.at == NOW
    assert found.counters == {"1.0.147.133.0.255": 77, "0.0.96.5.4.255": 8}


def test_configuration_is_json_of_what_there_is(whole: Bench) -> None:
    settings = whole.run(spodes.configuration(whole.known)).settings

    layout = whole.known.layouts["1.0.99.1.0.255"]
    assert settings == {
        "current_ratio": "20",
        "voltage_ratio": "100",
        "nominal_voltage": "230",
        "agreed_voltage": "230.5",
        "recording_interval_1": "30",
        "firmware": "1.7.3",
        "protocol": "3",
        "scheme": "4",
        "clock_offset": 180,
        "profile_1": {"layout": layout.hash, "period": 1800},
        "profile_2": {"layout": whole.known.layouts["1.0.99.2.0.255"].hash, "period": 1800},
        "relay_mode": 1,
        "limiter_power": {"threshold": 15_000, "seconds": 60, "is_on": True},
        "limiter_current": {"threshold": 60_000, "seconds": 60, "is_on": True},
        "calendar_active": "plant",
        "calendar_passive": "plant",
    }


# Lists


def test_lists_make_few_questions_of_many(whole: Bench) -> None:
    whole.run(spodes.identity(whole.known))

    assert whole.known.list_most == 16
    assert whole.meter.questions <= 5


@pytest.mark.parametrize("ciphered", [False, True])
def test_a_list_fits_a_small_pdu(ciphered: bool) -> None:
    mechanism = Mechanism.HLS_GMAC if ciphered else Mechanism.LLS
    on = bench(whole_meter(), mechanism=mechanism, ciphered=ciphered, pdu=100)

    assert on.run(spodes.identity(on.known)).number == "012345678"
    assert on.known.list_most == (4 if ciphered else 9)


def test_a_meter_that_answers_lists_with_refusals_alone_is_asked_one_by_one(whole: Bench) -> None:
    whole.meter.lists_broken = True

    assert whole.run(spodes.identity(whole.known)).number == "012345678"
    assert whole.known.habits.lists, "it may have been of another cause"


def test_a_meter_that_refuses_lists_is_asked_one_by_one(whole: Bench) -> None:
    whole.meter.no_lists = True

    assert whole.run(spodes.identity(whole.known)).number == "012345678"
    assert not whole.known.habits.lists
    assert Meter.from_json(whole.known.to_json(), offset=OFFSET).habits == whole.known.habits


def test_a_busy_meter_is_not_one_without_objects(whole: Bench) -> None:
    whole.meter.busy = 1
    with pytest.raises(TryLater):
        whole.run(spodes.profile(whole.known, 1, at(0), at(24)))
    whole.meter.busy = 1
    with pytest.raises(TryLater):
        whole.run(spodes.clock(whole.known))
    whole.meter.busy = 20
    with pytest.raises(TryLater):
        whole.run(spodes.registers(whole.known))
    assert not whole.known.absent
