"""Whatever a client sends, a simulated meter goes on: it answers, is silent or hangs up."""

from __future__ import annotations

from contextlib import suppress
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faza.protocols.dlms import DataAccessResult, Method, apdu, axdr
from faza.protocols.dlms.axdr import Data
from faza.protocols.problems import Malformed
from faza.simulator.dlms.build import device_of
from faza.simulator.dlms.cosem import Cosem
from faza.simulator.dlms.dialogue import Dialogue
from faza.simulator.meter import Meter
from tests.protocols.dlms.strategies import data
from tests.simulator.dlms_ends import AT, End, attribute, configurator, spec
from tests.simulator.test_dlms_golden import dialogue, end_of

WRITABLE = [
    (8, "0.0.1.0.0", 2),
    (70, "0.0.96.3.10", 4),
    *[(71, f"0.0.17.0.{place}", index) for place in (0, 1) for index in (4, 6, 11)],
    *[(20, "0.0.13.0.0", index) for index in (6, 7, 8, 9, 10)],
    (11, "0.0.11.0.0", 2),
]


def objects() -> Cosem:
    found = device_of(Meter(spec())).objects
    assert isinstance(found, Cosem)
    return found


def reads_whole(cosem: Cosem) -> bool:
    """Whether all that may be written can still be read."""
    client = device_of(Meter(spec())).clients[48]
    return all(
        isinstance(cosem.get(attribute(*what), None, client, AT), bytes) for what in WRITABLE
    )


@settings(max_examples=60)
@given(st.sampled_from(WRITABLE), data)
def test_any_data_may_be_written(what: tuple[int, str, int], value: Data) -> None:
    cosem = objects()
    client = device_of(Meter(spec())).clients[48]
    cosem.set(attribute(*what), axdr.encode(value), client, AT)
    for thing in cosem.things(AT).values():
        for number in thing.acts:
            method = Method(thing.class_id, thing.name, number)
            cosem.act(method, axdr.encode(value), client, AT)
    assert reads_whole(cosem)


LONG = Data(axdr.Tag.LONG64, 1 << 40)
BEFORE = Data(axdr.Tag.LONG64, -1)


@pytest.mark.parametrize("number", [LONG, BEFORE])
@pytest.mark.parametrize("what", [(71, "0.0.17.0.0", 4), (71, "0.0.17.0.0", 6)])
def test_numbers_that_do_not_fit_are_refused(what: tuple[int, str, int], number: Data) -> None:
    cosem = objects()
    client = device_of(Meter(spec())).clients[48]
    found = cosem.set(attribute(*what), axdr.encode(number), client, AT)
    assert found is DataAccessResult.TYPE_UNMATCHED
    assert reads_whole(cosem)


@pytest.mark.parametrize("place", range(4))
def test_a_calendar_with_numbers_that_do_not_fit_is_no_calendar(place: int) -> None:
    """A kind of day 300, a day of the week 300, a tariff of 2**40, a special day 300."""
    cosem = objects()
    client = device_of(Meter(spec())).clients[48]
    long = Data(axdr.Tag.LONG_UNSIGNED, 300)
    time = axdr.octet_string(bytes(4))
    tariff = LONG if place == 2 else Data(axdr.Tag.LONG_UNSIGNED, 1)
    switch = axdr.structure(time, axdr.octet_string(bytes(6)), tariff)
    kind = long if place in (0, 1) else Data(axdr.Tag.UNSIGNED, 1)
    days = axdr.array(axdr.structure(kind, axdr.array(switch)))
    weeks = axdr.array(axdr.structure(axdr.octet_string(b"\x01"), *[kind] * 7))
    date = axdr.octet_string(bytes((7, 0xEA, 5, 9, 0xFF)))
    special = axdr.array(axdr.structure(Data(axdr.Tag.LONG_UNSIGNED, 1), date, long))
    for index, value in ((8, weeks), (9, days)):
        cosem.set(attribute(20, "0.0.13.0.0", index), axdr.encode(value), client, AT)
    if place == 3:
        cosem.set(attribute(11, "0.0.11.0.0"), axdr.encode(special), client, AT)
    cosem.act(Method(20, attribute(20, "0.0.13.0.0").name, 1), None, client, AT)
    assert reads_whole(cosem)
    for index in (2, 3, 4, 5):
        assert isinstance(cosem.get(attribute(20, "0.0.13.0.0", index), None, client, AT), bytes)


@cache
def questions(name: str) -> list[bytes]:
    return [raw for who, raw in dialogue(name) if who == ">"]


@settings(max_examples=60)
@given(
    st.sampled_from(["cosem_wrapper_lls_100", "gurux_hdlc_lls_65535", "gurux_hdlc_hls5_100"]),
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 400), st.integers(1, 255)), max_size=6),
    st.binary(max_size=40),
)
def test_a_damaged_dialogue_ends_in_no_error(
    name: str, flips: list[tuple[int, int, int]], garbage: bytes
) -> None:
    end = end_of(name)
    lines = [bytearray(raw) for raw in questions(name)[:30]]
    for line, place, mask in flips:
        raw = lines[line % len(lines)]
        raw[place % len(raw)] ^= mask
    lines.insert(len(lines) // 2, bytearray(garbage))
    with suppress(Malformed):  # a wrapper hangs up
        for raw in lines:
            end.take(bytes(raw))


@settings(max_examples=60)
@given(st.integers(0, 400), st.integers(1, 255), st.sampled_from(range(4)))
def test_a_damaged_apdu_is_answered(place: int, mask: int, which: int) -> None:
    met = configurator()
    plain = Dialogue(met.meter.device, 32)
    name = "cosem_wrapper_lls_65535"
    aarq, *others = [raw[8:] for raw in questions(name)]
    plain.answer(aarq, AT)
    asked = bytearray(others[(which * 7) % len(others)])
    asked[place % len(asked)] ^= mask
    assert apdu.decode(plain.answer(bytes(asked), AT))


def test_an_end_goes_on_after_garbage() -> None:
    end = End(Meter(spec()), "hdlc")
    assert end.take(b"\x7e\xa0" + bytes(50)) == b""
    for _ in range(8):
        assert end.take(bytes(500)) == b""
    with pytest.raises(Malformed, match="without a frame"):
        end.take(bytes(500))
