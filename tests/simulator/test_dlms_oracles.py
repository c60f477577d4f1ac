"""Other people's clients read a simulated meter over a socket, and so does ours: all the same.

`RECORD_DIALOGUES=1` writes the dialogues down, for `test_dlms_golden`.
"""

from __future__ import annotations

import os
import socket
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from faza.protocols.dlms import (
    NEED_DATA,
    Associate,
    CaptureObject,
    Connect,
    Disconnect,
    Event,
    GetList,
    GotList,
    Mechanism,
    Release,
    Request,
    Transmit,
    axdr,
    date_time,
)
from faza.simulator import serving as module
from faza.simulator.dlms.build import device_of
from faza.simulator.meter import Meter
from faza.simulator.serving import Place, Serving, running
from tests.oracles import question
from tests.oracles.ask import ask
from tests.simulator.dlms_ends import (
    ACCESS,
    ADDRESS,
    AT,
    DAY,
    METER_CHALLENGE,
    MOSCOW,
    TITLE,
    Met,
    attribute,
    meet,
    of_day,
    spec,
)

GOLDEN = Path(__file__).parents[1] / "golden" / "dlms" / "simulator"
CASES = [
    pytest.param(oracle, over, mechanism, pdu, id=f"{oracle}_{over}_{mechanism}_{pdu}")
    for oracle, over in (("cosem", "wrapper"), ("gurux", "wrapper"), ("gurux", "hdlc"))
    for mechanism in ("lls", "hls5")
    for pdu in (100, 65535)
]


class Wired(Met):
    """Our client over a socket."""

    meter: socket.socket  # type: ignore[assignment]

    def ask(self, request: Request) -> Event:
        out = self.connection.send(request)
        while True:
            if out:
                self.meter.sendall(out)
                out = b""
            event = self.connection.next_event()
            if event is NEED_DATA:
                self.connection.receive(self.meter.recv(65536))
            elif isinstance(event, Transmit):
                out = event.data
            else:
                return event


def ours(port: int, over: str, mechanism: str) -> dict[str, Any]:
    """What our client reads, told as the oracles tell it."""
    is_high = mechanism == "hls5"
    connection = meet(
        over,
        Mechanism.HLS_GMAC if is_high else Mechanism.LLS,
        ciphered=is_high,
        counter=5000,
    ).connection
    with socket.create_connection(("127.0.0.1", port), 10) as line:
        met = Wired(connection, line)  # type: ignore[arg-type]
        met.ask(Connect())
        met.ask(Associate())
        told = _read(met)
        met.ask(Release())
        if over == "hdlc":
            met.ask(Disconnect())
    return told


def _read(met: Met) -> dict[str, Any]:
    names = question.REGISTERS
    values = []
    for at in range(0, len(names), 2):
        got = met.ask(GetList(tuple([(attribute(3, name), None) for name in names[at : at + 2]])))
        assert isinstance(got, GotList)
        values += [axdr.decode(result) for result in got.results if isinstance(result, bytes)]
    scalers = {name: axdr.parts(met.read(3, name, 3)) for name in names}
    captured = axdr.parts(met.read(7, question.PROFILE, 3))
    rows = axdr.parts(met.read(7, question.PROFILE, 2, of_day()))
    return {
        "number": axdr.text(met.read(1, question.NUMBER)),
        "model": axdr.text(met.read(1, question.MODEL)),
        "clock": _moment(met.read(8, question.CLOCK)),
        "registers": dict(zip(names, map(axdr.whole, values), strict=True)),
        "scalers": {name: [axdr.whole(part) for part in found] for name, found in scalers.items()},
        "captured": [".".join(map(str, CaptureObject.of(column).name[:5])) for column in captured],
        "rows": [
            [_moment(stamp), *map(axdr.whole, values)]
            for stamp, *values in (axdr.parts(row) for row in rows)
        ],
    }


def _moment(data: axdr.Data) -> str:
    found = date_time(data).find_moment()
    assert found is not None
    return found.isoformat()


def asked(
    oracle: str, folder: Path, port: int, over: str, mechanism: str
) -> tuple[dict[str, Any], list[tuple[str, bytes]]]:
    return ask(
        oracle,
        folder,
        host="127.0.0.1",
        port=port,
        over=over,
        client=48 if mechanism == "hls5" else 32,
        server=ADDRESS,
        mechanism=mechanism,
        password=ACCESS.password.decode(),
        encryption=ACCESS.encryption_key.hex(),
        authentication=ACCESS.authentication_key.hex(),
        title=TITLE.hex(),
        counter=1,
        pdu=65535,
        first=(DAY + timedelta(minutes=30)).isoformat(),
        last=(DAY + timedelta(days=1)).isoformat(),
    )


@pytest.mark.parametrize(("oracle", "over", "mechanism", "pdu"), CASES)
def test_all_read_the_same(
    oracle: str,
    over: str,
    mechanism: str,
    pdu: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def device(meter: Meter, *, sent: int = 1) -> object:
        found = device_of(meter, sent=sent)
        found.challenge = lambda: METER_CHALLENGE
        return found

    monkeypatch.setattr(module, "device_of", device)
    meter = Meter(spec(driver=over, max_pdu=pdu))
    with running(Serving([Place(over, [meter])], lambda: AT, first_counter=1000)) as (port,):
        told, frames = asked(f"{oracle}_reads", tmp_path, port, over, mechanism)
        assert ours(port, over, mechanism) == told
    shown = meter.registers(AT) // 10
    held = meter.profile(1, AT, DAY + timedelta(minutes=30), DAY + timedelta(days=1))
    assert told["number"] == "00012345"
    assert told["clock"] == AT.isoformat()
    assert told["registers"] == {
        f"1.0.{q + 1}.8.{t}": shown[q, t] for q in range(4) for t in range(3)
    }
    assert told["scalers"]["1.0.4.8.2"] == [1, 32]
    assert [row[1:] for row in told["rows"]] == held.values.tolist()
    assert told["rows"][0][0] == (DAY + timedelta(minutes=30)).astimezone(AT.tzinfo).isoformat()
    assert MOSCOW.utcoffset(None) == timedelta(hours=3)
    if "RECORD_DIALOGUES" in os.environ:
        _record(f"{oracle}_{over}_{mechanism}_{pdu}", frames)


@pytest.mark.parametrize("over", ["wrapper", "hdlc"])
@pytest.mark.parametrize("pdu", [100, 65535])
def test_what_another_client_does_is_done(over: str, pdu: int, tmp_path: Path) -> None:
    """Clock, relay, a SET in blocks; a GET of a list, rows by number."""
    meter = Meter(spec(driver=over, max_pdu=pdu))
    with running(Serving([Place(over, [meter])], lambda: AT)) as (port,):
        told, _ = asked("gurux_acts", tmp_path, port, over, "hls5")
    relay = meter.relay(AT)
    assert relay is not None
    assert (relay.is_on, told["relay"]) == (False, False)
    assert meter.shown(AT) == DAY + timedelta(minutes=30, seconds=30)
    assert meter.passive_calendar(AT).name == "a name longer than the meter takes at once " * 6
    assert told["calendar"] == "2 zones"
    assert told["list"] == (meter.registers(AT)[0, :2] // 10).tolist()
    assert told["entries"] == meter.profile(1, AT).values[1:3].tolist()


def _record(name: str, frames: list[tuple[str, bytes]]) -> None:
    who = "dlms-cosem 21.3.2 (MIT)" if name.startswith("cosem") else "gurux-dlms 1.0.203, run apart"
    head = f"# Client: {who}. Meter: faza.simulator, tests/simulator/dlms_ends.py.\n"
    lines = [f"{side} {raw.hex()}\n" for side, raw in frames]
    GOLDEN.mkdir(parents=True, exist_ok=True)
    (GOLDEN / f"{name}.hex").write_text(head + "".join(lines))
