"""Commands: each is read back, and what the meter then says is believed, not its «yes»."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Literal

import pytest

from faza.protocols import spodes
from faza.protocols.dlms import Attribute, Data, Mechanism, Tag, axdr, obis
from faza.protocols.metered import DaySchedule, Limiter, Relay, Season, TariffCalendar
from tests.protocols.spodes.meter import Bench, at, bench, stamp
from tests.protocols.spodes.whole import NOW, whole_meter

RELAY = "0.0.96.3.10.255"
THREE_ZONES = TariffCalendar(
    "2027",
    (
        Season("winter", (1, 1), (1, 1, 1, 1, 1, 2, 2)),
        Season("summer", (5, 1), (2, 2, 2, 2, 2, 2, 2)),
    ),
    (
        DaySchedule(1, ((0, 2), (7 * 60, 1), (10 * 60, 3), (23 * 60, 2))),
        DaySchedule(2, ((0, 2),)),
    ),
    ((1, 1, None, 2), (5, 9, 2027, 2)),
)


@pytest.fixture
def whole() -> Bench:
    return bench(whole_meter())


def mode(on: Bench, number: int) -> None:
    on.meter.put(70, RELAY, 4, Data(Tag.ENUM, number))


# Relay


def test_the_switch_says_its_state(whole: Bench) -> None:
    assert whole.run(spodes.relay(whole.known)) == Relay(True, "on", 1)


def test_off_is_read_back(whole: Bench) -> None:
    assert whole.run(spodes.switch(whole.known, "off")) == Relay(False, "off", 1)


@pytest.mark.parametrize("own", range(1, 7))
@pytest.mark.parametrize(("wanted", "control"), [("on", "on"), ("permit", "ready")])
def test_on_and_permission_are_what_they_say_in_every_mode(
    wanted: Literal["on", "permit"], control: str, own: int, whole: Bench
) -> None:
    mode(whole, own)
    whole.run(spodes.switch(whole.known, "off"))

    found = whole.run(spodes.switch(whole.known, wanted))

    assert found.control == control
    assert found.is_on == (wanted == "on")
    assert found.mode == own, "the meter's own mode is put back"


def test_permission_for_what_is_on_changes_nothing(whole: Bench) -> None:
    assert whole.run(spodes.switch(whole.known, "permit")).is_on
    assert whole.meter.done == []


def test_a_meter_that_says_yes_and_does_nothing_is_found_out(whole: Bench) -> None:
    whole.meter.deaf = True

    with pytest.raises(spodes.NotTaken, match="wanted off, the meter says on"):
        whole.run(spodes.switch(whole.known, "off"))


def test_a_switch_that_is_always_on_refuses_to_go_off(whole: Bench) -> None:
    mode(whole, 0)

    with pytest.raises(spodes.Denied, match="READ_WRITE_DENIED"):
        whole.run(spodes.switch(whole.known, "off"))


def test_a_mode_that_may_not_be_written_stops_the_command(whole: Bench) -> None:
    whole.run(spodes.switch(whole.known, "off"))
    whole.meter.read_only.add(Attribute(70, obis(RELAY), 4))
    whole.meter.done.clear()

    with pytest.raises(spodes.Denied, match="relay mode"):
        whole.run(spodes.switch(whole.known, "on"))
    assert whole.meter.done == []


def test_no_switch_is_told() -> None:
    on = bench()

    with pytest.raises(spodes.Denied, match="no such object"):
        on.run(spodes.switch(on.known, "off"))


# Limiters


def test_limiters_are_in_watts_and_milliamperes(whole: Bench) -> None:
    assert whole.run(spodes.limiters(whole.known)) == (
        Limiter("power", 15_000, 60, True),
        Limiter("current", 60_000, 60, True),
    )


@pytest.mark.parametrize(
    "wanted",
    [
        Limiter("power", 7000, 300, True),
        Limiter("power", 15_000, 60, False),
        Limiter("current", 25_000, 10, True),
    ],
)
def test_a_limiter_is_set_and_read_back(wanted: Limiter, whole: Bench) -> None:
    assert whole.run(spodes.set_limiter(whole.known, wanted)) == wanted
    assert wanted in whole.run(spodes.limiters(whole.known))


def test_a_limiter_goes_off_and_on_again(whole: Bench) -> None:
    off = Limiter("power", 15_000, 60, False)

    whole.run(spodes.set_limiter(whole.known, off))

    assert whole.run(spodes.set_limiter(whole.known, replace(off, is_on=True))).is_on


def test_a_threshold_in_kilowatts_can_not_hold_half_of_one(whole: Bench) -> None:
    whole.meter.put_register("1.0.1.7.0.255", 1, 3, 27)
    whole.meter.put(71, "0.0.17.0.0.255", 4, Data(Tag.LONG_UNSIGNED, 15))
    assert whole.run(spodes.limiters(whole.known))[0].threshold == 15_000

    with pytest.raises(spodes.NotTaken, match="7500"):
        whole.run(spodes.set_limiter(whole.known, Limiter("power", 7500, 60, True)))


def test_a_limiter_of_nothing_known_is_a_mistake(whole: Bench) -> None:
    with pytest.raises(ValueError, match="mass"):
        whole.run(spodes.set_limiter(whole.known, Limiter("mass", 1, 1, True)))


def test_a_limiter_that_is_not_there_is_told(whole: Bench) -> None:
    with pytest.raises(spodes.Denied, match="limiter of voltage"):
        whole.run(spodes.set_limiter(whole.known, Limiter("voltage", 1, 1, True)))


# Clock


def test_the_clock_is_set_in_its_zone_and_read_back(whole: Bench) -> None:
    shown = whole.run(spodes.set_clock(whole.known, at(20), 300))

    assert (shown.at, shown.offset) == (at(20), 300)
    assert whole.meter.value(8, "0.0.1.0.0.255", 3).value == -300
    assert whole.known.local_offset == 300


def test_a_zone_that_may_not_be_written_does_not_matter(whole: Bench) -> None:
    whole.meter.read_only.add(Attribute(8, obis("0.0.1.0.0.255"), 3))

    assert whole.run(spodes.set_clock(whole.known, at(20), 300)).at == at(20)


def test_a_clock_that_does_not_take_the_time_is_found_out(whole: Bench) -> None:
    whole.meter.deaf = True

    with pytest.raises(spodes.NotTaken):
        whole.run(spodes.set_clock(whole.known, at(20), 180))


@pytest.mark.parametrize("seconds", [-900, -5, 30, 900])
def test_the_clock_is_shifted_and_read_back(seconds: int, whole: Bench) -> None:
    shown = whole.run(spodes.shift_clock(whole.known, seconds))

    assert shown.at == NOW + timedelta(seconds=seconds)


def test_a_shift_is_bounded(whole: Bench) -> None:
    with pytest.raises(ValueError, match="901"):
        whole.run(spodes.shift_clock(whole.known, 901))


def test_a_shift_that_is_not_taken_is_found_out(whole: Bench) -> None:
    whole.meter.deaf = True

    with pytest.raises(spodes.NotTaken):
        whole.run(spodes.shift_clock(whole.known, 30))


# Calendar


def test_the_calendar_is_read(whole: Bench) -> None:
    assert whole.run(spodes.calendar(whole.known, "active")) == TariffCalendar(
        "plant",
        (Season("all", (1, 1), (1, 1, 1, 1, 1, 2, 2)),),
        (DaySchedule(1, ((420, 1), (1380, 2))), DaySchedule(2, ((1380, 2),))),
        ((1, 1, None, 2),),
    )


@pytest.mark.parametrize("pdu", [100, 0xFFFF])
@pytest.mark.parametrize("mechanism", [Mechanism.LLS, Mechanism.HLS_GMAC])
def test_a_calendar_is_written_activated_and_read_back(mechanism: Mechanism, pdu: int) -> None:
    ciphered = mechanism is Mechanism.HLS_GMAC
    on = bench(whole_meter(), mechanism=mechanism, ciphered=ciphered, pdu=pdu)

    passive = on.run(spodes.write_calendar(on.known, THREE_ZONES))
    active = on.run(spodes.activate(on.known))

    assert passive == active == THREE_ZONES
    assert on.run(spodes.calendar(on.known, "active")) == THREE_ZONES


def test_a_calendar_becomes_active_at_a_moment(whole: Bench) -> None:
    whole.run(spodes.write_calendar(whole.known, THREE_ZONES, at(240)))

    told = axdr.raw(whole.meter.value(20, "0.0.13.0.0.255", 10))
    assert told[:8] == axdr.raw(stamp(at(240)))[:8]
    active = whole.run(spodes.calendar(whole.known, "active"))
    assert active is not None
    assert active.name == "plant"


def test_a_moment_of_activation_is_taken_back(whole: Bench) -> None:
    whole.run(spodes.write_calendar(whole.known, THREE_ZONES, at(240)))

    whole.run(spodes.write_calendar(whole.known, THREE_ZONES))

    told = axdr.raw(whole.meter.value(20, "0.0.13.0.0.255", 10))
    assert told[:8] == b"\xff" * 8


def test_a_calendar_that_is_not_taken_is_found_out(whole: Bench) -> None:
    whole.meter.deaf = True

    with pytest.raises(spodes.NotTaken):
        whole.run(spodes.write_calendar(whole.known, THREE_ZONES))


def test_a_calendar_without_a_kind_of_day_is_not_written(whole: Bench) -> None:
    wrong = replace(THREE_ZONES, days=THREE_ZONES.days[:1])

    with pytest.raises(ValueError, match="No kind of day 2"):
        whole.run(spodes.write_calendar(whole.known, wrong))
    assert axdr.raw(whole.meter.value(20, "0.0.13.0.0.255", 6)) == b"plant"


def test_a_calendar_needs_no_table_of_special_days_for_none(whole: Bench) -> None:
    del whole.meter.objects[Attribute(11, obis("0.0.11.0.0.255"), 2)]
    plain = replace(THREE_ZONES, special=())

    assert whole.run(spodes.write_calendar(whole.known, plain)) == plain
