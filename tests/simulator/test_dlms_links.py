"""The meter's end of HDLC and of the wrapper: what is lost, repeated, damaged or for others."""

from __future__ import annotations

from datetime import timedelta

import pytest

from faza.protocols.dlms import (
    Address,
    Associate,
    Connect,
    Connected,
    DataAccessResult,
    Get,
    Got,
    Parameters,
    apdu,
    columns,
)
from faza.protocols.dlms.hdlc import Frame, Frames, Kind
from faza.protocols.problems import Malformed
from faza.simulator.dlms.build import device_of
from faza.simulator.dlms.link import Line
from faza.simulator.dlms.services import Outgoing, Services
from faza.simulator.dlms.wrapper import Wrapped
from faza.simulator.meter import Meter
from tests.simulator.dlms_ends import ADDRESS, AT, DAY, Met, attribute, meet, of_day, spec

PROFILE = Get(attribute(7, "1.0.99.1.0"), of_day())
CLIENT, METER = Address(32), Address(1, ADDRESS)


def frames(data: bytes) -> list[Frame]:
    found, out = Frames(2030), []
    found.receive(data)
    while (frame := found.find_frame()) is not None:
        out.append(frame)
    return out


class Losing:
    """A line on which the n-th answer, or question, is lost; the client asks again."""

    def __init__(self, met: Met, *places: int, ours: bool = False) -> None:
        self.end, self.places, self.ours = met.meter, places, ours
        self.count = 0
        self.over, self.meter, self.at = met.meter.over, met.meter.meter, met.meter.at

    def take(self, data: bytes) -> bytes:
        self.count += 1
        is_bad = self.count in self.places
        if is_bad and self.ours:
            self.end.take(_flipped(data))
            return self.take(data)
        answer = self.end.take(data)
        return self.take(data) if is_bad else answer


def _flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes((data[middle] ^ 0x10,)) + data[middle + 1 :]


@pytest.mark.parametrize(("info", "window"), [(128, 1), (60, 3), (40, 7)])
@pytest.mark.parametrize("ours", [False, True], ids=["its answers", "our questions"])
def test_what_is_lost_comes_again(info: int, window: int, ours: bool) -> None:
    met = meet("hdlc", info=info, window=window)
    losing = Losing(met, 2, 3, 5, 8, ours=ours)
    met.meter = losing  # type: ignore[assignment]
    met.associated()
    got = met.ask(PROFILE)
    assert isinstance(got, Got)
    assert isinstance(got.result, bytes)
    held = losing.meter.profile(1, AT, DAY + timedelta(minutes=30), DAY + timedelta(days=1))
    assert columns(got.result)[1].values.tolist() == held.values[:, 0].tolist()
    assert losing.count > 8


def test_a_window_is_filled_and_given_back() -> None:
    met = meet("hdlc", info=60, window=3).associated()
    met.ask(PROFILE)
    bursts = [frames(raw) for who, raw in met.wire if who == "<"]
    assert max(map(len, bursts)) == 3
    for burst in bursts:
        assert [frame.poll for frame in burst] == [False] * (len(burst) - 1) + [True]
        assert all(len(frame.info) <= 60 for frame in burst[0:] if frame.kind is Kind.I)


def said(line: Line, frame: Frame) -> list[Frame]:
    line.receive(frame.encode())
    out = b""
    for heard in line.frames():
        answer = line.answer(heard, AT)
        out += b"" if answer is None else answer.data
    return frames(out)


@pytest.fixture
def line() -> Line:
    return Line({address: device_of(Meter(spec(address=address))) for address in (17, 18)})


def test_each_meter_of_a_line_answers_for_itself(line: Line) -> None:
    (found,) = said(line, Frame(Address(1, 18), CLIENT, Kind.SNRM))
    assert (found.kind, found.source, found.destination) == (Kind.UA, Address(1, 18), CLIENT)
    (other,) = said(line, Frame(METER, CLIENT, Kind.DISC))
    assert other.kind is Kind.DM
    assert said(line, Frame(Address(1, 19), CLIENT, Kind.SNRM)) == []
    assert said(line, Frame(Address(2, 17), CLIENT, Kind.SNRM)) == []
    assert said(line, Frame(Address(1), CLIENT, Kind.SNRM)) == []


def test_addresses_of_four_bytes_and_of_one(line: Line) -> None:
    (found,) = said(line, Frame(Address(1, 17, 4), CLIENT, Kind.SNRM))
    assert found.source.size == 4
    alone = Line({17: device_of(Meter(spec()))})
    (found,) = said(alone, Frame(Address(1), CLIENT, Kind.SNRM))
    assert (found.kind, found.source) == (Kind.UA, Address(1))


def test_who_is_not_linked_is_told_so(line: Line) -> None:
    (found,) = said(line, Frame(METER, CLIENT, Kind.I, b"\xe6\xe6\x00\xc0"))
    assert found.kind is Kind.DM
    assert said(line, Frame(METER, CLIENT, Kind.UI, b"\xe6\xe6\x00\xc0")) == []
    said(line, Frame(METER, CLIENT, Kind.SNRM))
    (found,) = said(line, Frame(METER, Address(48), Kind.RR))
    assert found.kind is Kind.DM
    (found,) = said(line, Frame(METER, CLIENT, Kind.RR))
    assert found.kind is Kind.RR
    (found,) = said(line, Frame(METER, CLIENT, Kind.DISC))
    assert found.kind is Kind.UA


def test_sizes_and_windows_are_the_lesser_of_both(line: Line) -> None:
    wanted = Parameters(512, 512, 7, 7)
    (found,) = said(line, Frame(METER, CLIENT, Kind.SNRM, wanted.encode()))
    assert Parameters.decode(found.info) == Parameters(128, 128, 1, 1)
    assert said(line, Frame(METER, CLIENT, Kind.SNRM, b"\x81\x80\x03\x05\x01\x01")) == []


def test_what_is_no_apdu_is_rejected(line: Line) -> None:
    said(line, Frame(METER, CLIENT, Kind.SNRM))
    (found,) = said(line, Frame(METER, CLIENT, Kind.I, b"\x01\x02\x03\x04"))
    assert found.kind is Kind.FRMR


def test_too_long_a_question_is_rejected(line: Line) -> None:
    said(line, Frame(METER, CLIENT, Kind.SNRM))
    for number in range(100):
        part = Frame(METER, CLIENT, Kind.I, bytes(128), segmented=True, sent=number % 8, received=0)
        (found,) = said(line, part)
        if found.kind is Kind.FRMR:
            return
    raise AssertionError("never rejected")


def test_a_new_link_begins_anew() -> None:
    met = meet("hdlc").associated()
    met.ask(PROFILE)
    again = meet("hdlc", end=met.meter)
    assert again.ask(Connect()) == Connected()
    again.ask(Associate())
    assert isinstance(again.ask(PROFILE), Got)


# The wrapper


def test_meters_of_one_port_are_told_apart() -> None:
    meters = {n: device_of(Meter(spec(address=n, number=f"{n:08}"))) for n in (1, 2)}
    wrapped = Wrapped(meters)
    for server in (1, 2, 3):
        met = meet()
        met.connection._line._out = b"\x00\x01\x00\x20" + server.to_bytes(2, "big")  # type: ignore[attr-defined]
        wrapped.receive(met.connection._line.send(b"\xc0"))
        (heard,) = wrapped.frames()
        assert (heard.source, heard.destination, heard.apdu) == (32, server, b"\xc0")
        found = wrapped.answer(heard, AT)
        assert (found is None) == (server == 3)
        if found is not None:
            assert found[1][:6] == b"\x00\x01" + server.to_bytes(2, "big") + b"\x00\x20"


def test_pieces_are_put_together_and_nonsense_is_no_frame() -> None:
    wrapped = Wrapped({1: device_of(Meter(spec()))})
    for byte in b"\x00\x01\x00\x20\x00\x01\x00\x02":
        wrapped.receive(bytes((byte,)))
        assert list(wrapped.frames()) == []
    wrapped.receive(b"\xc0\x01" + b"GET")
    assert [heard.apdu for heard in wrapped.frames()] == [b"\xc0\x01"]
    wrapped.receive(b" / HTTP/1.1")
    with pytest.raises(Malformed, match="4745"):
        list(wrapped.frames())


# Blocks


def test_a_block_may_be_asked_for_again_and_not_out_of_turn() -> None:
    met = meet(max_pdu=100).associated()
    device = met.meter.device
    services = Services(device.objects, device.clients[32], 100, device.served)
    first = apdu.decode(
        services.answer(apdu.GetRequest(0xC1, PROFILE.attribute, PROFILE.selection), AT)
    )
    assert isinstance(first, apdu.GetBlock)
    second = services.answer(apdu.GetNext(0xC1, 1), AT)
    assert services.answer(apdu.GetNext(0xC1, 1), AT) == second
    wrong = apdu.decode(services.answer(apdu.GetNext(0xC1, 7), AT))
    assert isinstance(wrong, apdu.GetBlock)
    assert (wrong.last, wrong.result) == (True, 19)
    after = apdu.decode(services.answer(apdu.GetNext(0xC1, 2), AT))
    assert isinstance(after, apdu.GetBlock)
    assert after.result == 16


def test_the_last_block_is_not_empty() -> None:
    out = Outgoing(bytes(20), 10)
    assert [out.block(number) for number in (1, 2)] == [(False, bytes(10)), (True, bytes(10))]


def test_blocks_of_a_set_come_in_turn() -> None:
    device = device_of(Meter(spec()))
    services = Services(device.objects, device.clients[48], 100, device.served)
    name = attribute(20, "0.0.13.0.0", 6)
    assert services.answer(apdu.SetBlock(0xC1, False, 2, b"x"), AT)[3] == 18
    first = apdu.SetFirstBlock(0xC1, name, False, 1, b"\x09\x02a")
    assert services.answer(first, AT) == apdu.SetBlockTaken(0xC1, 1).encode()
    assert services.answer(apdu.SetBlock(0xC1, True, 3, b"b"), AT)[3] == 19
    services.answer(first, AT)
    whole = services.answer(apdu.SetBlock(0xC1, True, 2, b"b"), AT)
    assert whole == apdu.SetLastTaken(0xC1, DataAccessResult.SUCCESS, 2).encode()
    assert device.objects.get(name, None, device.clients[48], AT) == b"\x09\x02ab"
    services.answer(first, AT)
    for number in range(2, 5):
        found = services.answer(apdu.SetBlock(0xC1, False, number, bytes(30_000)), AT)
    assert found[3] == 17
