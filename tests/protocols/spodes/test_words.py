"""A dialogue in words."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from faza.protocols.dlms import (
    Acted,
    Action,
    ActionResult,
    Associate,
    Attribute,
    Connect,
    Data,
    DataAccessResult,
    Disconnect,
    Done,
    Entries,
    Get,
    GetList,
    Got,
    GotList,
    Method,
    Range,
    Refused,
    Release,
    Request,
    ServiceError,
    Set,
    StateError,
    Tag,
    axdr,
    obis,
)
from faza.protocols.dlms.events import Answer
from faza.protocols.spodes import describe, describe_answer, words
from tests.protocols.spodes.meter import at, stamp
from tests.protocols.spodes.whole import load_rows

PROFILE = Attribute(7, obis("1.0.99.1.0.255"), 2)


def attribute(class_id: int, name: str, index: int = 2) -> Attribute:
    return Attribute(class_id, obis(name), index)


CLOCK = attribute(8, "0.0.1.0.0.255")


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        (Connect(), "Opening the link"),
        (Associate(), "Introducing itself to the meter"),
        (Release(), "Saying goodbye"),
        (Disconnect(), "Closing the link"),
        (Get(attribute(8, "0.0.1.0.0.255")), "Reading: clock"),
        (Get(attribute(3, "1.0.1.8.0.255")), "Reading: active energy, import"),
        (Get(attribute(3, "1.0.3.8.2.255")), "Reading: reactive energy, import, tariff 2"),
        (Get(attribute(3, "1.0.1.8.0.255", 3)), "Reading: active energy, import (unit)"),
        (Get(attribute(7, "0.0.99.98.4.255", 3)), "Reading: journal 4 (columns)"),
        (Get(attribute(7, "1.2.3.4.5.6", 9)), "Reading: 1.2.3.4.5.6 (9)"),
        (
            Get(PROFILE, Range(stamp(at(0)), stamp(at(24)))),
            "Reading: load profile 1, from 2026-11-02 00:00:00 to 2026-11-03 00:00:00",
        ),
        (Get(PROFILE, Entries(3, 5)), "Reading: load profile 1, rows 3 to 5"),
        (
            GetList(
                ((attribute(8, "0.0.1.0.0.255"), None), (attribute(1, "0.0.96.1.0.255"), None))
            ),
            "Reading: clock; serial number",
        ),
        (
            Set(attribute(70, "0.0.96.3.10.255", 4), Data(Tag.ENUM, 2)),
            "Writing: load switch (control mode) = 2",
        ),
        (Action(Method(70, obis("0.0.96.3.10.255"), 1)), "Command: switching off"),
        (
            Action(Method(8, obis("0.0.1.0.0.255"), 6), Data(Tag.LONG, -30)),
            "Command: shifting the clock: -30",
        ),
        (Action(Method(9, obis("0.0.10.0.0.255"), 1)), "Command: 0.0.10.0.0.255 (1)"),
    ],
)
def test_requests_in_words(request_: Request, told: str) -> None:
    assert describe(request_) == told


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Got(axdr.encode(axdr.array(*load_rows(7)))), "rows: 7"),
        (Got(axdr.encode(stamp(at(12.5)))), "2026-11-02 12:30:00"),
        (Got(axdr.encode(axdr.octet_string(b"012345678"))), "012345678"),
        (Got(axdr.encode(axdr.octet_string(bytes((1, 0, 1, 8, 0, 255))))), "1.0.1.8.0.255"),
        (Got(axdr.encode(axdr.null())), "no value"),
        (Got(b"\x06\x00"), "4 bytes wanted at 1"),
        (Got(DataAccessResult.OBJECT_UNDEFINED), "refused: no such object"),
        (Got(DataAccessResult.LONG_GET_ABORTED), "refused: LONG_GET_ABORTED"),
        (
            GotList((b"\x11\x05", DataAccessResult.READ_WRITE_DENIED)),
            "5; refused: no right to it",
        ),
        (Done(DataAccessResult.SUCCESS), "done"),
        (Acted(ActionResult.HARDWARE_FAULT, None), "refused: fault of the meter"),
        (
            Refused(StateError.SERVICE_UNKNOWN, ServiceError.PDU_TOO_LONG),
            "refused: service unknown, pdu too long",
        ),
    ],
)
def test_answers_in_words(answer: Answer, told: str) -> None:
    assert told in describe_answer(answer)


def test_a_reader_has_it_in_the_own_language() -> None:
    russian = {"Reading: %(what)s": "Чтение: %(what)s", "clock": "часы"}

    told = describe(Get(attribute(8, "0.0.1.0.0.255")), lambda words: russian.get(words, words))

    assert told == "Чтение: часы"


def test_every_word_is_marked_for_translation() -> None:
    """What `say` is given is gathered by the tool for messages, which looks for the marks."""
    tree = ast.parse(Path(words.__file__).read_text())
    marked = {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "gettext_noop"
        and isinstance(node.args[0], ast.Constant)
    }

    tables = (words.OBJECTS, words.ENERGIES, words.PARTS, words.METHODS, words.REFUSALS)
    assert {text for table in tables for text in table.values()} <= marked
    assert {words.READING, words.FROM_TO, words.ROWS, words.REFUSED, words.NOTHING} <= marked
