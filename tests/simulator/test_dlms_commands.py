"""What a configurator writes and does, and what the meter says of it afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from faza.protocols.dlms import (
    Acted,
    Action,
    ActionResult,
    DataAccessResult,
    Date,
    DateTime,
    Done,
    DoneList,
    Get,
    Got,
    Mechanism,
    Set,
    SetList,
    Time,
    axdr,
    date_time,
)
from faza.protocols.dlms.axdr import Data, Tag
from faza.protocols.metered import DaySchedule, Limiter, Season, TariffCalendar
from faza.simulator.dlms import schedules
from tests.simulator.dlms_ends import AT, MOSCOW, Met, attribute, configurator, meet, method, stamp

OK, DENIED = DataAccessResult.SUCCESS, DataAccessResult.READ_WRITE_DENIED
CLOCK = attribute(8, "0.0.1.0.0")
NOTHING = Data(Tag.INTEGER, 0)
WINTER = TariffCalendar(
    name="3 zones",
    seasons=(
        Season("winter", (11, 1), (1, 1, 1, 1, 1, 2, 2)),
        Season("summer", (4, 1), (2, 2, 2, 2, 2, 2, 2)),
    ),
    days=(
        DaySchedule(1, ((0, 2), (7 * 60, 1), (10 * 60, 3), (17 * 60, 1), (23 * 60, 2))),
        DaySchedule(2, ((0, 2), (23 * 60 + 30, 1))),
    ),
)


@pytest.fixture(params=[("wrapper", 65535), ("hdlc", 100), ("wrapper", 100)])
def met(request: pytest.FixtureRequest) -> Met:
    over, pdu = request.param
    return configurator(over, max_pdu=pdu)


def do(met: Met, kind: int, name: str, index: int = 1, data: Data = NOTHING) -> ActionResult:
    found = met.ask(Action(method(kind, name, index), data))
    assert isinstance(found, Acted)
    return found.result


def put(met: Met, kind: int, name: str, index: int, data: Data) -> DataAccessResult:
    found = met.ask(Set(attribute(kind, name, index), data))
    assert isinstance(found, Done)
    return found.result


# The clock


def test_the_clock_is_set_and_shifted(met: Met) -> None:
    later = AT + timedelta(seconds=90)
    assert put(met, 8, "0.0.1.0.0", 2, stamp(later.astimezone(MOSCOW))) is OK
    assert date_time(met.read(8, "0.0.1.0.0")).find_moment() == later
    assert do(met, 8, "0.0.1.0.0", 6, Data(Tag.LONG, -30)) is ActionResult.SUCCESS
    assert date_time(met.read(8, "0.0.1.0.0")).find_moment() == later - timedelta(seconds=30)
    assert do(met, 8, "0.0.1.0.0", 3) is ActionResult.SUCCESS
    assert date_time(met.read(8, "0.0.1.0.0")).find_moment() == AT.replace(second=0) + timedelta(
        minutes=1
    )
    codes = met.meter.meter.journal(3, AT).codes.tolist()
    assert codes == [3, 68, 3]


def test_a_clock_is_set_by_the_meters_zone_if_none_is_told() -> None:
    met = configurator()
    naive = DateTime.of(datetime(2026, 3, 2, 12, 0))
    assert put(met, 8, "0.0.1.0.0", 2, naive.data()) is OK
    assert met.meter.meter.shown(AT).astimezone(MOSCOW).hour == 12


def test_a_clock_that_makes_no_sense_is_not_set() -> None:
    met = configurator()
    nowhen = DateTime(Date(), Time(), None, None).data()
    assert put(met, 8, "0.0.1.0.0", 2, nowhen) is DataAccessResult.TYPE_UNMATCHED
    assert put(met, 8, "0.0.1.0.0", 2, NOTHING) is DataAccessResult.TYPE_UNMATCHED
    too_old = stamp(datetime(1999, 1, 1, tzinfo=MOSCOW))
    assert put(met, 8, "0.0.1.0.0", 2, too_old) is DataAccessResult.OTHER_REASON
    assert do(met, 8, "0.0.1.0.0", 6, Data(Tag.LONG, 901)) is ActionResult.OTHER_REASON
    assert do(met, 8, "0.0.1.0.0", 6, Data(Tag.INTEGER, 1)) is ActionResult.TYPE_UNMATCHED
    assert met.meter.meter.shown(AT) == AT


# The relay and the limiters


def relay(met: Met) -> tuple[object, object]:
    found = [met.read(70, "0.0.96.3.10", index) for index in (2, 3)]
    return found[0].value, found[1].value


def test_the_relay_goes_off_and_on(met: Met) -> None:
    assert relay(met) == (True, 1)
    assert do(met, 70, "0.0.96.3.10", 1) is ActionResult.SUCCESS
    assert relay(met) == (False, 0)
    assert do(met, 70, "0.0.96.3.10", 2) is ActionResult.SUCCESS
    assert relay(met) == (True, 1)


def test_in_other_modes_a_person_switches_on() -> None:
    met = configurator()
    assert put(met, 70, "0.0.96.3.10", 4, Data(Tag.ENUM, 1)) is OK
    assert met.read(70, "0.0.96.3.10", 4) == Data(Tag.ENUM, 1)
    do(met, 70, "0.0.96.3.10", 1)
    assert do(met, 70, "0.0.96.3.10", 2) is ActionResult.SUCCESS
    assert relay(met) == (False, 2)
    assert put(met, 70, "0.0.96.3.10", 4, Data(Tag.ENUM, 7)) is DataAccessResult.TYPE_UNMATCHED
    assert put(met, 70, "0.0.96.3.10", 4, Data(Tag.ENUM, 0)) is OK
    assert do(met, 70, "0.0.96.3.10", 1) is ActionResult.READ_WRITE_DENIED


def test_a_meter_without_a_relay_has_none() -> None:
    met = configurator(has_relay=False)
    assert do(met, 70, "0.0.96.3.10", 1) is ActionResult.OBJECT_UNDEFINED


@pytest.mark.parametrize(("place", "what"), [(0, "power"), (1, "current")])
def test_a_limiter_is_set(met: Met, place: int, what: str) -> None:
    name = f"0.0.17.0.{place}"
    script = axdr.structure(axdr.octet_string(bytes(6)), Data(Tag.LONG_UNSIGNED, 1))
    assert put(met, 71, name, 4, Data(Tag.DOUBLE_LONG_UNSIGNED, 7000)) is OK
    assert put(met, 71, name, 6, Data(Tag.DOUBLE_LONG_UNSIGNED, 120)) is OK
    assert put(met, 71, name, 11, axdr.structure(script, script)) is OK
    found = met.meter.meter.limiters(AT)[place]
    assert found == Limiter(what, 7000, 120, is_on=True)
    assert met.read(71, name, 3) == Data(Tag.DOUBLE_LONG_UNSIGNED, 7000)
    assert axdr.whole(axdr.parts(axdr.parts(met.read(71, name, 11))[0])[1]) == 1
    assert put(met, 71, name, 3, NOTHING) is DENIED


# The calendar


def parts_of(calendar: TariffCalendar) -> dict[int, Data]:
    return {part: told(calendar) for part, told in schedules.PARTS.items()}


def write(met: Met, calendar: TariffCalendar) -> None:
    for part, data in parts_of(calendar).items():
        assert put(met, 20, "0.0.13.0.0", part, data) is OK


def test_a_calendar_is_written_and_activated(met: Met) -> None:
    write(met, WINTER)
    for part, data in parts_of(WINTER).items():
        assert met.read(20, "0.0.13.0.0", part) == data
    assert met.meter.meter.calendar(AT).name == "2 zones"
    assert do(met, 20, "0.0.13.0.0") is ActionResult.SUCCESS
    assert met.meter.meter.calendar(AT) == WINTER
    assert met.read(20, "0.0.13.0.0", 5) == parts_of(WINTER)[9]


def test_a_calendar_comes_into_force_by_itself() -> None:
    met = configurator()
    write(met, WINTER)
    moment = AT + timedelta(days=1)
    assert put(met, 20, "0.0.13.0.0", 10, stamp(moment.astimezone(MOSCOW))) is OK
    assert date_time(met.read(20, "0.0.13.0.0", 10)).find_local() == datetime(2026, 3, 3, 12, 7, 9)
    assert met.meter.meter.calendar(moment - timedelta(seconds=1)).name == "2 zones"
    assert met.meter.meter.calendar(moment).name == "3 zones"
    met.meter.at = moment
    assert date_time(met.read(20, "0.0.13.0.0", 10)).find_local() is None


def test_parts_that_do_not_hang_together_are_a_draft_alone() -> None:
    met = configurator()
    seasons = schedules.PARTS[schedules.SEASONS](WINTER)
    days = schedules.PARTS[schedules.DAYS](replace(WINTER, days=WINTER.days[1:]))
    assert put(met, 20, "0.0.13.0.0", 9, days) is OK
    assert put(met, 20, "0.0.13.0.0", 7, seasons) is OK
    assert met.read(20, "0.0.13.0.0", 9) == days
    assert met.meter.meter.passive_calendar(AT).name == "2 zones"
    assert do(met, 20, "0.0.13.0.0") is not ActionResult.SUCCESS
    assert met.meter.meter.calendar(AT).name == "2 zones"
    write(met, WINTER)
    assert do(met, 20, "0.0.13.0.0") is ActionResult.SUCCESS


def test_a_calendar_of_another_shape_is_refused() -> None:
    met = configurator()
    assert put(met, 20, "0.0.13.0.0", 9, NOTHING) is DataAccessResult.TYPE_UNMATCHED
    assert put(met, 20, "0.0.13.0.0", 6, NOTHING) is DataAccessResult.TYPE_UNMATCHED
    assert put(met, 20, "0.0.13.0.0", 5, axdr.array()) is DENIED


def special(number: int, day: date, kind: int) -> Data:
    moment = axdr.octet_string(Date(day.year, day.month, day.day).encode())
    return axdr.structure(Data(Tag.LONG_UNSIGNED, number), moment, Data(Tag.UNSIGNED, kind))


def test_special_days(met: Met) -> None:
    days = [special(number, date(2026, 5, number), 1) for number in range(1, 12)]
    assert put(met, 11, "0.0.11.0.0", 2, axdr.array(*days)) is OK
    assert met.read(11, "0.0.11.0.0") == axdr.array(*days)
    assert do(met, 11, "0.0.11.0.0", 2, Data(Tag.LONG_UNSIGNED, 1)) is ActionResult.SUCCESS
    assert len(met.meter.meter.calendar(AT).special) == 10
    new = special(11, date(2026, 6, 12), 1)
    assert do(met, 11, "0.0.11.0.0", 1, new) is ActionResult.SUCCESS
    assert met.meter.meter.calendar(AT).special[-1] == (6, 12, 2026, 1)
    assert do(met, 11, "0.0.11.0.0", 2, Data(Tag.LONG_UNSIGNED, 99)) is (
        ActionResult.TYPE_UNMATCHED
    )
    wrong = axdr.array(special(1, date(2026, 5, 1), 9))
    assert put(met, 11, "0.0.11.0.0", 2, wrong) is DataAccessResult.OTHER_REASON


# Services


def test_several_attributes_at_once() -> None:
    met = configurator()
    items = tuple([(attribute(71, f"0.0.17.0.{place}", 4), None) for place in (0, 1, 7)])
    values = tuple([Data(Tag.DOUBLE_LONG_UNSIGNED, watts) for watts in (5000, 20_000, 1)])
    undefined = DataAccessResult.OBJECT_UNDEFINED
    assert met.ask(SetList(items, values)) == DoneList((OK, OK, undefined))
    assert [limit.threshold for limit in met.meter.meter.limiters(AT)] == [5000, 20_000]
    met = configurator(max_pdu=100)
    many = tuple([(attribute(71, "0.0.17.0.0", 4), None)] * 6)
    more = tuple([Data(Tag.DOUBLE_LONG_UNSIGNED, watts) for watts in range(6)])
    turns = met.turns
    assert met.ask(SetList(many, more)) == DoneList((OK,) * 6)
    assert met.turns > turns + 1


def test_other_clients_of_the_meter_see_what_was_done() -> None:
    met = configurator()
    do(met, 70, "0.0.96.3.10", 1)
    reader = meet(mechanism=Mechanism.LLS, end=met.meter).associated()
    assert reader.ask(Get(attribute(70, "0.0.96.3.10"))) == Got(b"\x03\x00")
