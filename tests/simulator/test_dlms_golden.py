"""Dialogues of dlms-cosem and gurux-dlms with a simulated meter, byte for byte as they were.

Both clients understood what they were told (`test_dlms_oracles`): whatever makes a meter say
another thing to the same words is to be looked at. After a change on purpose, run
`RECORD_DIALOGUES=1 pytest tests/simulator/test_dlms_oracles.py`.
"""

from __future__ import annotations

import pytest

from faza.protocols.dlms import apdu
from faza.protocols.dlms.hdlc import Frames
from faza.simulator.meter import Meter
from tests.simulator.dlms_ends import End, spec
from tests.simulator.test_dlms_oracles import CASES, GOLDEN

NAMES = [str(case.id) for case in CASES]


def dialogue(name: str) -> list[tuple[str, bytes]]:
    lines = (GOLDEN / f"{name}.hex").read_text().splitlines()
    return [(line[0], bytes.fromhex(line[2:])) for line in lines if line[:1] in ("<", ">")]


def end_of(name: str) -> End:
    _, over, _, pdu = name.split("_")
    return End(Meter(spec(driver=over, max_pdu=int(pdu))), over)


def test_every_way_was_written_down() -> None:
    assert sorted(NAMES) == sorted(path.stem for path in GOLDEN.glob("*.hex"))


@pytest.mark.parametrize("name", NAMES)
def test_the_meter_says_what_it_said(name: str) -> None:
    end = end_of(name)
    lines = dialogue(name)
    for (who, asked), (other, answer) in zip(lines[::2], lines[1::2], strict=True):
        assert (who, other) == (">", "<")
        assert end.take(asked).hex() == answer.hex()


@pytest.mark.parametrize("name", NAMES)
def test_no_answer_is_greater_than_agreed(name: str) -> None:
    most = int(name.rsplit("_", 1)[1])
    answers = [raw for who, raw in dialogue(name) if who == "<"]
    if "wrapper" in name:
        # Terms and proofs of an association come before there is an agreement.
        assert max(len(raw) - 8 for raw in answers[2:]) <= most
        assert all(apdu.decode(raw[8:]) for raw in answers)
        return
    frames = Frames(128)
    for raw in answers:
        frames.receive(raw)
        while frames.find_frame() is not None:
            pass
