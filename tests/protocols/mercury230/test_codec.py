"""Bytes of the maker's public description (Incotex, «Описание системы команд», 05.2023)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faza.protocols.mercury230 import (
    NEED_DATA,
    Ask,
    Connection,
    Damaged,
    Got,
    Meter,
    Passport,
    Refused,
    Status,
    energies,
    journals,
    numbers,
    profile,
    reading,
)
from faza.protocols.mercury230.frames import crc16, unwrap, wrap
from faza.protocols.problems import Malformed
from tests.protocols.mercury230.talking import run, script

PASSPORT = "20 57 2F 42 1A 06 12 09 00 00 B4 E3 C2 97 DF 58"
"""The description's example (4.4.3); its constant is 500 impulses per kWh."""
MOSCOW = 180


@pytest.mark.parametrize(
    "frame", ["00 00 01 B0", "01 00 00 20", "22 08 18 D6 00", "22 00 08 D0 0C"]
)
def test_frames_of_the_description(frame: str) -> None:
    raw = bytes.fromhex(frame)

    assert crc16(raw) == 0
    assert unwrap(raw) == (raw[0], raw[1:-2])
    assert wrap(raw[0], raw[1:-2]) == raw


@given(st.integers(0, 255), st.binary(max_size=60), st.integers(0, 10_000))
def test_a_flipped_bit_is_noticed(address: int, data: bytes, bit: int) -> None:
    frame = wrap(address, data)
    broken = bytearray(frame)
    broken[bit // 8 % len(frame)] ^= 1 << bit % 8

    assert unwrap(frame) == (address, data)
    assert unwrap(bytes(broken)) is None


def test_energies() -> None:
    raw = bytes.fromhex("00 00 70 0A FF FF FF FF 00 00 E8 03 00 00 00 00")
    values, present = numbers.energies(raw)

    assert values.tolist() == [[2672, 0, 1000, 0]]
    assert present.tolist() == [[True, False, True, True]]
    assert numbers.energies(bytes.fromhex("30000028" * 4))[0][0, 0] == 0x302800


@given(st.integers(0, 0xFFFFFFFE))
def test_every_energy(value: int) -> None:
    high, low = value >> 16, value & 0xFFFF
    raw = high.to_bytes(2, "little") + low.to_bytes(2, "little")

    assert numbers.energies(raw * 4)[0].tolist() == [[value] * 4]


def test_energies_of_another_size_are_malformed() -> None:
    with pytest.raises(Malformed):
        numbers.energies(bytes(17))


def test_three_bytes() -> None:
    assert numbers.threes(bytes.fromhex("00 5B 56"), 1) == [(0x565B, 0)]
    assert numbers.threes(bytes.fromhex("40 2D 02 FF FF FF"), 2) == [(557, 1), None]


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("43 14 16 27 02 08", datetime(2008, 2, 27, 13, 14, 43, tzinfo=UTC)),
        ("00 00 00 00 00 00", None),
        ("FF FF FF FF FF FF", None),
        ("00 00 24 01 01 08", None),
        ("00 00 00 31 02 08", None),
    ],
)
def test_moments(raw: str, shown: datetime | None) -> None:
    assert numbers.moment(bytes.fromhex(raw), MOSCOW) == shown


@given(
    st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 30)), st.sampled_from([-720, 0, 180, 720])
)
def test_moments_come_back(at: datetime, offset: int) -> None:
    at = at.replace(microsecond=0, tzinfo=UTC)

    assert numbers.moment(b"".join(numbers.written(at, offset)), offset) == at


@given(st.lists(st.binary(min_size=5, max_size=5), min_size=1, max_size=20))
def test_columns_of_stamps_are_as_one_by_one(raw: list[bytes]) -> None:
    columns = np.frombuffer(b"".join(raw), np.uint8).reshape(-1, 5).T.astype(np.int64)
    found, right = numbers.stamps(*columns)

    for row, told, is_right in zip(raw, found.tolist(), right.tolist(), strict=True):
        alone = numbers.moment(b"\0" + row, 0)
        assert is_right == (alone is not None)
        if alone:
            assert told == alone.replace(tzinfo=None)


def test_the_clock() -> None:
    answers = script({"04 00": "43 14 16 03 27 02 08 01"})

    assert run(reading.clock(Meter(MOSCOW)), answers) == datetime(
        2008, 2, 27, 13, 14, 43, tzinfo=UTC
    )


def test_a_clock_that_shows_nothing_is_malformed() -> None:
    with pytest.raises(Malformed):
        run(reading.clock(Meter()), script({"04 00": "00" * 8}))


class TestIdentity:
    def test_in_one_answer(self) -> None:
        told = {"08 00": PASSPORT[:20], "08 01": PASSPORT, "08 02": "00 01 00 14"}
        found = run(reading.identity(Meter()), script(told))

        assert (found.number, found.made_on) == ("32874766", date(2018, 6, 26))
        assert (found.firmware, found.vt, found.ct) == ("9.0.0", Fraction(1), Fraction(20))

    def test_older_meters_tell_it_in_parts(self) -> None:
        meter = Meter()
        parts = {
            "08 00": PASSPORT[:20],
            "08 03": "09 00 00",
            "08 12": PASSPORT[30:],
            "08 02": "00010001",
        }

        assert run(reading.identity(meter), script(parts)).number == "32874766"
        assert meter.passport is not None
        assert meter.passport.constant == 500

    def test_another_meter_is_not_taken_for_the_known_one(self) -> None:
        meter = Meter(passport=Passport("11111111", None, "", bytes(6)))
        run(reading.number(meter), script({"08 00": PASSPORT[:20]}))

        assert meter.passport is None

    def test_a_number_of_no_digits_is_malformed(self) -> None:
        with pytest.raises(Malformed):
            run(reading.number(Meter()), script({"08 00": "FF" * 7}))

    def test_variant(self) -> None:
        meter = Meter()
        run(reading.passport(meter), script({"08 01": PASSPORT}))
        known = meter.passport
        assert known is not None

        assert known.records == 8192
        assert (known.has_profile, known.has_days, known.has_relay) == (True, True, True)
        assert (known.is_one_phase, known.has_two_seals) == (False, True)
        assert Passport.from_json(known.to_json()) == known

    @pytest.mark.parametrize(
        "told", [{}, {"number": 1, "made_on": "x", "firmware": "", "variant": ""}]
    )
    def test_a_passport_of_another_version_is_none(self, told: dict[str, object]) -> None:
        assert Passport.from_json(told) is None


def test_registers_of_a_date() -> None:
    """The description's registers of 23.06.2019; here T1 instead of T2."""
    raw = "00 00 5E 7C FF FF FF FF 00 00 DC 02 00 00 9D 0D"
    meter = Meter(0)
    answers = script({"08 01": PASSPORT, "18 00 23 06 19 00": raw, "18 00 23 06 19 01": raw})
    day = datetime(2019, 6, 23, tzinfo=UTC)
    found = run(energies.captured(meter, "day", day, day + timedelta(days=1)), answers)

    assert found.moments.tolist() == [day.replace(tzinfo=None)]
    assert found.values[0, :, 1].tolist() == [31838, 0, 732, 3485]
    assert found.present[0, :, :3].tolist() == [
        [True, True, False],
        [False] * 3,
        [True, True, False],
        [True, True, False],
    ]


def test_a_record_of_the_load_profile() -> None:
    """10:00 of 5 March 2008, incomplete, A+ of 10.5 kW over half an hour (there A = 1000)."""
    known = Passport("1", None, "", bytes.fromhex("B4E4C297DF58"))
    answers = script(
        {
            "08 13": "00 01 0A 10 00 05 03 08 1E",
            "06 03 00 10 0F": "0A 10 00 05 03 08 1E 04 29 FF FF 00 00 00 00",
        }
    )
    end = datetime(2008, 3, 5, 7, 0, tzinfo=UTC)
    meter = Meter(MOSCOW, known)
    rows = run(profile.profile(meter, end - timedelta(minutes=30), end), answers)

    assert rows.ends.tolist() == [end.replace(tzinfo=None)]
    assert rows.values.tolist() == [[0x2904, 0, 0, 0]]
    assert rows.present.tolist() == [[True, False, True, True]]
    assert rows.doubtful.tolist() == [True]
    assert rows.columns[0].scale * int(rows.values[0, 0]) == Fraction(5250), "5.25 kWh, 10.5 kW"
    assert meter.habits.unit == 16


def test_events_of_the_description() -> None:
    """Power on and off (4.2.3), a correction of the clock (4.2.4)."""
    none = "00" * 12
    answers = script(
        {
            "08 01": PASSPORT,
            "04 01 FF": "01 53 07 01 02 08 09 50 12 01 02 08 02",
            "04 01 FE": none * 2 + "01 53 07 01 02 08 09 50 12 01 02 08" + none * 7,
            "04 02 FF": "53 23 10 23 01 08 59 23 10 23 01 08 00",
            "04 02 00": "53 23 10 23 01 08 59 23 10 23 01 08",
        }
    )
    first, last = datetime(2008, 1, 1, tzinfo=UTC), datetime(2008, 12, 31, tzinfo=UTC)
    rows = run(journals.events(Meter(0), first, last), answers)

    told = list(
        zip(rows.moments.tolist(), rows.journals.tolist(), rows.codes.tolist(), strict=True)
    )
    assert told == [
        (datetime(2008, 1, 23, 10, 23, 59), 3, 68),
        (datetime(2008, 2, 1, 7, 53, 1), 2, 2),
        (datetime(2008, 2, 1, 12, 50, 9), 2, 1),
    ]
    assert rows.details[0] == {"before": "2008-01-23T10:23:53+00:00"}


class TestConnection:
    ASK = Ask(b"\x05\0\0", (16,), "")

    def test_answers_in_pieces(self) -> None:
        connection = Connection(90)
        connection.send(self.ASK)
        for byte in wrap(90, bytes(range(16))):
            assert connection.next_event() is NEED_DATA
            connection.receive(bytes((byte,)))

        assert connection.next_event() == Got(bytes(range(16)))

    def test_noise_before_an_answer(self) -> None:
        connection = Connection(90)
        connection.send(self.ASK)
        connection.receive(b"\x5a\x00\xff" * 5 + wrap(90, bytes(16)))

        assert connection.next_event() == Got(bytes(16))

    @pytest.mark.parametrize("status", [1, 2, 3, 4, 5])
    def test_a_status_instead_of_data(self, status: int) -> None:
        connection = Connection(90)
        connection.send(self.ASK)
        connection.receive(wrap(90, bytes((status,))))

        assert connection.next_event() == Refused(Status(status))

    def test_done_is_no_data(self) -> None:
        connection = Connection(90)
        connection.send(self.ASK)
        connection.receive(wrap(90, b"\0"))

        assert connection.next_event() == Refused(Status.ILLEGAL)

    def test_an_answer_of_another_meter_is_no_answer(self) -> None:
        connection = Connection(90)
        connection.send(self.ASK)
        connection.receive(wrap(91, bytes(16)))

        assert connection.next_event() is NEED_DATA
        assert connection.has_part

    def test_the_common_address_takes_any(self) -> None:
        connection = Connection(0)
        connection.send(self.ASK)
        connection.receive(wrap(91, bytes(16)))

        assert connection.next_event() == Got(bytes(16))

    def test_too_much_is_damaged_and_let_go(self) -> None:
        connection = Connection(90)
        connection.send(self.ASK)
        connection.receive(bytes(100))
        with pytest.raises(Damaged):
            connection.next_event()

        assert not connection.has_part
        assert connection.next_event() is NEED_DATA

    @pytest.mark.parametrize("address", [-1, 241, 254])
    def test_addresses_that_are_none(self, address: int) -> None:
        with pytest.raises(ValueError):
            Connection(address)
