"""The reader of Mercury 230 against a simulated one: what is read is what the meter holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import numpy as np
import pytest

from faza.protocols.mercury230 import Meter as Known
from faza.protocols.mercury230 import (
    NotTaken,
    Passport,
    Refusal,
    Status,
    commands,
    energies,
    journals,
    profile,
    reading,
)
from faza.protocols.mercury230.frames import wrap
from faza.protocols.metered import Limiter
from faza.simulator.faults import Fault, Faults, Kind
from faza.simulator.mercury import Speaker, Station, stations_of
from faza.simulator.meter import Meter
from faza.simulator.spec import MeterSpec
from tests.protocols.mercury230.talking import AT, OPEN, Talk

SPEC = Talk().spec
HALF_HOUR = timedelta(minutes=30)


def with_faults(*faults: Fault) -> Talk:
    return Talk(replace(SPEC, faults=Faults(scheduled=faults)))


class TestReading:
    def test_identity(self) -> None:
        talk = Talk(replace(SPEC, ct=Fraction(20)))
        told, known = talk.run(reading.identity(Known())), talk.meter.identity(AT)

        assert (told.number, told.made_on) == (known.number, known.made_on)
        assert (told.ct, told.vt) == (known.ct, known.vt)

    @pytest.mark.parametrize("offset", [120, 180, 720])
    def test_clock(self, offset: int) -> None:
        talk = Talk(replace(SPEC, offset=offset))

        assert talk.run(reading.clock(Known(offset))) == AT.replace(microsecond=0)

    def test_registers(self) -> None:
        talk = Talk()
        found = talk.run(energies.registers(Known()))
        held = talk.meter.registers(AT)

        assert np.array_equal(found.values[0, :, :5], held[:, :5])
        assert found.present[0, :, :5].all()
        assert not found.present[0, :, 5:].any()
        assert (found.kind, found.step) == ("on_demand", 1)

    @pytest.mark.parametrize("kind", ["day", "month"])
    @pytest.mark.parametrize("has_days", [True, False])
    def test_captured(self, kind: str, has_days: bool) -> None:
        """Meters without long arrays have today and yesterday, and months without a year."""
        talk, known = Talk(), Known()
        whole = talk.run(reading.passport(known))
        if not has_days:
            variant = whole.variant[:5] + b"\0"
            known.passport = Passport(whole.number, whole.made_on, whole.firmware, variant)
        first = AT - timedelta(days=70)
        found = talk.run(energies.captured(known, kind, first, AT))
        held = talk.meter.captured("day" if kind == "day" else "month", AT, first, AT)
        count = 2 if kind == "day" and not has_days else len(held)

        assert count >= 2
        assert found.moments.tolist() == held.moments[-count:].tolist()
        assert np.array_equal(found.values[..., :5], held.values[-count:, :, :5])

    def test_instant(self) -> None:
        talk = Talk()
        found, held = talk.run(reading.instant(Known())), talk.meter.instant(AT)

        assert found.at == held.at
        assert set(found.values) >= {11, 12, 13, 16, 20, 21, 25, 30, 35, 40}
        assert {code: held.values[code] for code in found.values} == dict(found.values)

    def test_configuration(self) -> None:
        told = Talk().run(reading.configuration(Known())).settings

        assert told["capture_period_1"] == 1800
        assert told["impulses_per_kwh"] == 500


class TestProfile:
    @pytest.mark.parametrize("days", [1, 3])
    @pytest.mark.parametrize("interval", [30, 60])
    def test_days(self, days: int, interval: int) -> None:
        talk = Talk(replace(SPEC, interval=interval))
        first = AT.replace(hour=21, minute=0, second=0) - timedelta(days=days + 3)
        last = first + timedelta(days=days)
        found = talk.run(profile.profile(Known(), first, last))
        held = talk.meter.profile(1, AT, first + timedelta(minutes=interval), last)

        assert len(found) == days * 1440 // interval
        assert found.interval == interval
        assert np.array_equal(found.ends, held.ends)
        assert np.array_equal(found.values, held.values)
        assert found.columns == held.columns
        assert found.present.all()

    def test_tenths(self) -> None:
        talk = Talk(replace(SPEC, profile_step=1))
        found = talk.run(profile.profile(Known(), AT - timedelta(hours=5), AT))
        held = talk.meter.profile(1, AT, found_from := AT - timedelta(hours=5) + HALF_HOUR, AT)

        assert found_from < AT
        assert found.columns[0].scale == Fraction(1, 10)
        assert np.array_equal(found.values, held.values)

    def test_seventeen_records_are_one_question(self) -> None:
        talk, known = Talk(), Known(habits=Known().habits)
        talk.run(profile.profile(known, AT - timedelta(days=1), AT))
        questions = sum(payload[0] == 0x06 for payload in talk.asked)

        assert questions <= 1 + 48 // 17 + 1, "one to find out the unit of addresses"

    def test_meters_without_long_answers(self) -> None:
        talk, known = Talk(), Known()
        talk.change = lambda ask, data: b"\x01" if len(data) > 16 else data
        found = talk.run(profile.profile(known, AT - timedelta(hours=6), AT))

        assert len(found) == 11
        assert not known.habits.long

    def test_addresses_that_count_bytes(self) -> None:
        """Older meters; their memory ends where two bytes do."""
        talk, known = Talk(unit=1), Known()
        whole = talk.run(reading.passport(known))
        variant = bytes((*whole.variant[:3], whole.variant[3] & 0x7F, *whole.variant[4:]))
        known.passport = Passport(whole.number, whole.made_on, whole.firmware, variant)
        number = int(AT.timestamp()) // 1800 + 6
        if number % 8192 >= 4096:
            talk.at = AT + timedelta(minutes=30 * (8192 - number % 8192 + 40))
            talk.station.answer(OPEN, talk.at)
        found = talk.run(profile.profile(known, talk.at - timedelta(hours=6), talk.at))

        assert known.habits.unit == 1
        assert len(found) == 11

    def test_intervals_without_power_are_not_there(self) -> None:
        off = AT.replace(minute=0, second=0) - timedelta(hours=9)
        talk = with_faults(Fault(Kind.POWER, off, off + timedelta(hours=4)))
        found = talk.run(profile.profile(Known(), AT - timedelta(hours=12), AT))
        held = talk.meter.profile(1, AT, AT - timedelta(hours=12) + HALF_HOUR, AT)

        assert 0 < len(found) < 24
        assert np.array_equal(found.ends, held.ends)
        assert np.array_equal(found.doubtful, held.doubtful)

    def test_nothing_is_asked_beyond_the_last_record(self) -> None:
        talk = Talk()
        found = talk.run(profile.profile(Known(), AT, AT + timedelta(days=1)))

        assert len(found) == 0

    def test_not_older_than_the_memory(self) -> None:
        talk = Talk()
        old = AT - timedelta(days=400)
        found = talk.run(profile.profile(Known(), old, old + timedelta(days=1)))

        assert len(found) == 0
        assert not any(payload[0] == 0x06 and payload[4] > 15 for payload in talk.asked)

    def test_places_that_moved_are_found_again(self) -> None:
        """The clock was set: places go on, stamps have jumped by five intervals."""
        talk, moved = Talk(), 5

        def shifted(ask: bytes, data: bytes) -> bytes:
            if ask[0] != 0x06 or len(data) < 15:
                return data
            number = ((ask[1] >> 7) << 12 | ask[2] << 4 | ask[3] >> 4) + moved
            address = number % 8192 * 16
            memory = address >> 16 << 7 | 3
            again = bytes((6, memory, address >> 8 & 255, address & 255, ask[4]))
            return talk.station.answer(again, talk.at)

        known = Known()
        known.habits = replace(known.habits, unit=16)
        talk.change = shifted
        end = AT - timedelta(days=2)
        found = talk.run(profile.profile(known, end - timedelta(days=1), end))

        assert len(found) == 47

    def test_a_meter_without_a_profile_refuses(self) -> None:
        known = Known(passport=Passport("1", None, "", bytes(6)))
        with pytest.raises(Refusal):
            Talk().run(profile.profile(known, AT, AT))


class TestEvents:
    def test_power_cover_and_magnet(self) -> None:
        begin = AT - timedelta(days=3)
        talk = with_faults(
            Fault(Kind.POWER, begin, begin + timedelta(hours=1)),
            Fault(Kind.COVER, begin + timedelta(hours=5)),
            Fault(Kind.MAGNET, begin + timedelta(hours=9), begin + timedelta(hours=10)),
        )
        rows = talk.run(journals.events(Known(), AT - timedelta(days=5), AT))
        codes = list(zip(rows.journals.tolist(), rows.codes.tolist(), strict=True))

        assert [code for code in codes if code[0] != 3] == [(2, 1), (2, 2), (4, 3), (4, 1), (4, 2)]
        assert (np.diff(rows.moments.astype(int)) >= 0).all()

    def test_what_is_old_is_not_told(self) -> None:
        begin = AT - timedelta(days=3)
        talk = with_faults(Fault(Kind.POWER, begin, begin + timedelta(hours=1)))
        rows = talk.run(journals.events(Known(), AT - timedelta(days=1), AT))

        assert len(rows) == 0

    def test_journals_one_by_one(self) -> None:
        begin = AT - timedelta(days=3)
        talk = with_faults(Fault(Kind.POWER, begin, begin + timedelta(hours=1)))
        whole = talk.run(journals.events(Known(), AT - timedelta(days=5), AT))
        known = Known()
        known.habits = replace(known.habits, long=False)
        single = talk.run(journals.events(known, AT - timedelta(days=5), AT))

        assert single.moments.tolist() == whole.moments.tolist()


class TestCommands:
    def test_the_clock_is_set(self) -> None:
        talk = Talk(replace(SPEC, faults=Faults(drift=50)))
        shown = talk.run(commands.set_clock(Known(), AT))

        assert shown == AT
        assert talk.meter.shown(AT) == AT

    @pytest.mark.parametrize("seconds", [-240, -7, 7, 240])
    def test_the_clock_is_corrected(self, seconds: int) -> None:
        talk = Talk()
        talk.run(commands.shift_clock(Known(), seconds))

        assert talk.meter.shown(AT) == AT + timedelta(seconds=seconds)

    def test_once_a_day(self) -> None:
        talk = Talk()
        talk.run(commands.shift_clock(Known(), 7))
        with pytest.raises(Refusal) as caught:
            talk.run(commands.shift_clock(Known(), 7))

        assert caught.value.status is Status.CLOCK

    def test_not_beyond_four_minutes(self) -> None:
        talk = Talk()
        before = len(talk.asked)
        with pytest.raises(ValueError):
            talk.run(commands.shift_clock(Known(), 241))

        assert len(talk.asked) == before

    def test_not_over_midnight(self) -> None:
        late = datetime(2026, 3, 2, 20, 58, 0, tzinfo=UTC)
        talk = Talk(at=late)
        with pytest.raises(Refusal):
            talk.run(commands.shift_clock(Known(), 200))

        assert talk.meter.shown(late) == late

    def test_the_relay(self) -> None:
        talk, known = Talk(), Known()

        assert talk.run(commands.switch(known, "off")).control == "off"
        assert talk.meter.relay(AT) is not None
        assert not talk.meter.relay(AT).is_on
        assert talk.run(commands.switch(known, "on")).is_on

    def test_a_meter_without_a_relay_refuses(self) -> None:
        with pytest.raises(Refusal):
            Talk(replace(SPEC, has_relay=False)).run(commands.relay(Known()))

    def test_the_limit(self) -> None:
        limit = Limiter("power", 7000, 0, True)

        assert Talk().run(commands.set_limiter(Known(), limit)) == limit

    def test_what_is_not_taken_is_told(self) -> None:
        talk = Talk()
        talk.change = lambda ask, data: b"\0" if ask[:2] in (b"\x03\x31", b"\x03\x2c") else data
        talk.station.answer = refusing(talk.station, (b"\x03\x31", b"\x03\x2c"))  # type: ignore[method-assign]
        with pytest.raises(NotTaken):
            talk.run(commands.switch(Known(), "off"))
        with pytest.raises(NotTaken):
            talk.run(commands.set_limiter(Known(), Limiter("power", 700, 0, True)))

    def test_level_one_may_not_command(self) -> None:
        talk = Talk(level=1)
        with pytest.raises(Refusal) as caught:
            talk.run(commands.switch(Known(), "off"))

        assert caught.value.status is Status.LEVEL

    def test_a_wrong_password(self) -> None:
        talk = Talk()
        with pytest.raises(Refusal):
            talk.run(commands.open_channel(1, b"\x09" * 6))

        assert talk.meter.journal(6, AT).codes.tolist() == [1]


def refusing(station: Station, commands: tuple[bytes, ...]) -> object:
    """A station that takes commands and does nothing."""
    answer = station.answer
    return lambda payload, at: b"\0" if payload[:2] in commands else answer(payload, at)


class TestLine:
    def test_who_is_not_meant_is_silent(self) -> None:
        meters = {n: Meter(replace(SPEC, address=n, number=f"4011112{n}")) for n in (1, 2)}
        said = list(Speaker(stations_of(meters)).hear(wrap(2, b"\x08\x00"), AT))

        assert [address for address, _ in said] == [2]
        assert said[0][1][1:5] == bytes((40, 11, 11, 22))

    def test_a_damaged_question_is_met_with_silence(self) -> None:
        speaker = Speaker(stations_of({90: Meter(SPEC)}))

        assert list(speaker.hear(wrap(90, b"\x08\x00")[:-1] + b"\0", AT)) == []
        assert list(speaker.hear(bytes(40), AT)) == []
        assert len(list(speaker.hear(wrap(90, b"\0"), AT))) == 1

    def test_a_channel_closes_by_itself(self) -> None:
        station = Station(Meter(SPEC))
        station.answer(OPEN, AT)

        assert station.answer(b"\x04\0", AT + timedelta(seconds=239)) != b"\x05"
        assert station.answer(b"\x04\0", AT + timedelta(seconds=480)) == b"\x05"

    @pytest.mark.parametrize(
        "wrong", [{"number": "A1"}, {"profile_step": 100}, {"ct": Fraction(3, 2)}]
    )
    def test_what_is_no_mercury(self, wrong: dict[str, object]) -> None:
        with pytest.raises(ValueError):
            Station(Meter(replace(SPEC, **wrong)))

    def test_the_date_of_making_is_told(self) -> None:
        assert isinstance(SPEC, MeterSpec)
        assert isinstance(Talk().run(reading.identity(Known())).made_on, date)
