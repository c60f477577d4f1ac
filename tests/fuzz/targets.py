"""What is fuzzed: functions of bytes that may refuse, and may do nothing worse."""

from __future__ import annotations

import contextlib
import io
import itertools
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from faza.core.reading_types import HEAT
from faza.protocols import Malformed, Problems, espi, tabular, telemetry, xml80020
from faza.protocols.dlms import (
    NEED_DATA,
    Associate,
    Connect,
    Connection,
    Damaged,
    Event,
    Get,
    GetList,
    GiveUp,
    Got,
    Mechanism,
    Request,
    Transmit,
    TryLater,
    apdu,
    axdr,
    columns,
)
from faza.protocols.dlms.hdlc import Frames
from faza.protocols.dlms.wrapper import Wrapper
from faza.protocols.files import Limits, open_files
from tests.fuzz import steps
from tests.protocols.dlms.dialogue import route_of, security
from tests.protocols.dlms.fake_meter import CHALLENGE, CLOCK, ENERGY, PASSWORD, PROFILE, TEXT
from tests.protocols.dlms.golden import NAMES, dialogue
from tests.protocols.espi.feeds import feed, foreign, series

ROOT = Path(__file__).resolve().parents[1]
FOUND = Path(__file__).parent / "found"
MOST = 1 << 16
"""Bytes of an input: enough for any layout, little enough for many tries."""
SMALL = Limits(files=64, file_bytes=1 << 20, total_bytes=4 << 20)
REFUSED = (Malformed, TryLater, GiveUp)


@dataclass(frozen=True)
class Target:
    """`run` may raise nothing. `seeds` are good inputs; `words` are pieces that help."""

    run: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]
    words: tuple[bytes, ...] = field(default=())


def refusing(read: Callable[[], object]) -> None:
    with contextlib.suppress(*REFUSED):
        read()


# DLMS


def read_apdu(data: bytes) -> None:
    refusing(lambda: apdu.decode(data))


def read_data(data: bytes) -> None:
    refusing(lambda: axdr.decode(data))
    refusing(lambda: columns(data))


def find_frames(data: bytes) -> None:
    """The first byte says in what pieces the rest comes."""
    step, stream = data[0] + 1 if data else 1, data[1:]
    for finder in (Frames(2030), Wrapper(source=32, destination=1, limit=2000)):
        find = finder.find_frame if isinstance(finder, Frames) else finder.find_apdu
        for at in range(0, len(stream), step):
            finder.receive(stream[at : at + step])
            try:
                while find() is not None:
                    pass
            except Damaged:
                continue
            except Malformed:
                break


STORY: tuple[Request, ...] = (
    Connect(),
    Associate(),
    GetList(((ENERGY, None), (TEXT, None))),
    Get(CLOCK),
    Get(PROFILE),
)
TALKS = tuple(
    (over, mechanism, ciphered)
    for over in ("wrapper", "hdlc")
    for mechanism, ciphered in (
        (Mechanism.LLS, False),
        (Mechanism.LLS, True),
        (Mechanism.HLS_GMAC, True),
    )
)


def hold_dialogue(data: bytes) -> None:
    """A client on the other end of whom is anybody.

    The first byte chooses the way and the protection, the second how the rest is cut into answers.
    """
    if len(data) < 2:
        return
    over, mechanism, ciphered = TALKS[data[0] % len(TALKS)]
    connection = Connection(
        route_of(over),
        mechanism=mechanism,
        password=PASSWORD,
        challenge=CHALLENGE,
        security=security() if ciphered else None,
        ciphered=ciphered,
        max_pdu=1024,
    )
    step = data[1] + 1
    stream = data[2:]
    answers = iter([stream[at : at + step] for at in range(0, len(stream), step)])
    with contextlib.suppress(*REFUSED, Disagreed):
        for request in STORY:
            event = _ask(connection, request, answers)
            if isinstance(event, Got) and isinstance(event.result, bytes):
                refusing(lambda raw=event.result: columns(raw))


class Disagreed(Exception):
    """The meter did not agree to what the story asks next."""


def _ask(connection: Connection, request: Request, answers: itertools.chain[bytes]) -> Event:
    try:
        connection.send(request)
    except ValueError as problem:
        raise Disagreed from problem
    while True:
        try:
            event = connection.next_event()
        except Damaged:
            connection.repeat()
            continue
        if event is NEED_DATA:
            connection.receive(next(answers, b""))
        elif not isinstance(event, Transmit):
            return event


def seeds_of_talks() -> list[bytes]:
    """Of each recorded dialogue what the meter said."""
    found = []
    for name in NAMES:
        kind = 3 if "hdlc" in name else 0
        kind += 2 if "gmac" in name else 0
        found.append(
            bytes((kind, 255)) + b"".join(raw for who, raw in dialogue(name) if who == "<")
        )
    return found


def seeds_of_apdus() -> list[bytes]:
    return [raw[8:] for name in NAMES if "hdlc" not in name for _, raw in dialogue(name)]


def seeds_of_data() -> list[bytes]:
    found = []
    for raw in seeds_of_apdus():
        with contextlib.suppress(Malformed):
            message = apdu.decode(raw)
            if isinstance(message, apdu.GetResponse) and isinstance(message.result, bytes):
                found.append(message.result)
    return [*found, bytes.fromhex("13020206110401010102"), b"\x01\x02\x02\x02\x11\x01\x11\x02" * 2]


def seeds_of_frames() -> list[bytes]:
    return [b"\x1f" + raw for name in NAMES for _, raw in dialogue(name)]


# Files


def read_80020(data: bytes) -> None:
    refusing(lambda: xml80020.read(data, file="fuzz.xml", limit=MOST))
    xml80020.looks_like(data)


def read_feed(data: bytes) -> None:
    refusing(lambda: espi.read(data, file="fuzz.xml", limit=MOST))
    espi.looks_like(data)


def read_telemetry(data: bytes) -> None:
    refusing(lambda: telemetry.read(data, file="fuzz.json"))
    telemetry.looks_like(data)


def read_table(data: bytes) -> None:
    """CSV and TXT: the first byte says whether profiles or registers."""
    if not data or data[1:3] == b"PK":
        return
    if data[0] % 2:
        refusing(lambda: tabular.read_registers(data[1:], file="fuzz.csv"))
    else:
        refusing(lambda: tabular.read_profiles(data[1:], file="fuzz.csv", limit=MOST))


def read_workbook(data: bytes) -> None:
    """The bytes are a part of an otherwise good workbook; the first says which, 255 the whole."""
    if not data:
        return
    raw = data[1:] if data[0] == 255 else changed(workbook(), data[0], data[1:])
    if raw[:2] != b"PK":
        return
    refusing(lambda: tabular.read_profiles(raw, file="fuzz.xlsx", limit=1 << 20))
    refusing(lambda: tabular.read_registers(raw, file="fuzz.xlsx"))


def unpack(data: bytes) -> None:
    def read() -> None:
        problems = Problems("fuzz.zip")
        for _, member in open_files("fuzz.zip", data, problems=problems, limits=SMALL):
            assert len(member) <= SMALL.file_bytes

    refusing(read)


def workbook() -> bytes:
    """A small workbook with a point, a moment and a value."""
    import xlsxwriter

    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        sheet = book.add_worksheet()
        for row, cells in enumerate(
            (["usage_point", "start", "value"], ["P", "2026-01-14 00:00", 1.5], ["P", 46036.25, 2])
        ):
            sheet.write_row(row, 0, cells)
    return stream.getvalue()


def changed(book: bytes, number: int, part: bytes) -> bytes:
    """The workbook with one of its parts replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(out, "w") as new:
        names = old.namelist()
        for at, name in enumerate(names):
            new.writestr(name, part if at == number % len(names) else old.read(name))
    return out.getvalue()


def seeds_of_workbooks() -> list[bytes]:
    book = workbook()
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        parts = [bytes((at,)) + archive.read(name) for at, name in enumerate(archive.namelist())]
    return [*parts, b"\xff" + book]


def seeds_of_80020() -> list[bytes]:
    return [path.read_bytes() for path in sorted((ROOT / "golden/80020").glob("*.xml"))]


def seeds_of_feeds() -> list[bytes]:
    short = series(values=[100, 0, 300], missing=(1,))
    return [feed(short, series(HEAT, values=[5], interval=60)), foreign(), foreign(uom="38")]


def seeds_of_telemetry() -> list[bytes]:
    """The example of the reference, alone, in a list, and one a line."""
    page = (ROOT.parent / "docs/reference/telemetry.md").read_text()
    begin = page.index("    {")
    example = page[begin : page.index("\n    }", begin) + 6].encode()
    line = b" ".join(example.split())
    return [example, b"[" + line + b"," + line + b"]", line + b"\n" + line + b"\n"]


def seeds_of_tables() -> list[bytes]:
    files = sorted(path for path in (ROOT / "golden/tabular").iterdir() if path.is_file())
    long = b"\0point;start;end;value;utc_offset\nP;2026-01-14 00:00;2026-01-14 00:30;1,5;+03:00\n"
    moments = "\0Дата;Время;A-1;A-2\n14.01.2026;00:30;1;2\n".encode("cp1251")
    registers = "\1Точка;Дата;T1\nA;01.02.2024;1\n".encode()
    return [long, moments, registers, *(b"\0" + path.read_bytes()[:3000] for path in files)]


def seeds_of_archives() -> list[bytes]:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/b.csv", "point;moment;value\n" * 40)
        archive.writestr("c.xml", "<a/>")
    return [out.getvalue(), b"plain", workbook()]


TARGETS = {
    "apdu": Target(read_apdu, seeds_of_apdus),
    "data": Target(read_data, seeds_of_data),
    "frames": Target(find_frames, seeds_of_frames, (b"\x7e", b"\x7e\xa0", b"\0\1\0\1\0\x20\0")),
    "dialogue": Target(hold_dialogue, seeds_of_talks),
    "spodes": Target(steps.hear_spodes, steps.seeds_of_spodes),
    "mercury": Target(steps.hear_mercury, steps.seeds_of_mercury),
    "line": Target(steps.hear_line, steps.seeds_of_lines),
    "80020": Target(
        read_80020,
        seeds_of_80020,
        (b"<value>", b"<period ", b'start="0000"', b'status="1"', b"<area>", b"&amp;", b"<!--"),
    ),
    "espi": Target(
        read_feed,
        seeds_of_feeds,
        (b"<entry>", b'rel="up"', b"IntervalReading", b"/MeterReading", b"<!DOCTYPE", b"xmlns:e="),
    ),
    "telemetry": Target(
        read_telemetry,
        seeds_of_telemetry,
        (b"null", b"1e9", b"-0.0", b"NaN", b"[[", b'"values"', b'"quality"', b'"A+ T8"', b"{}"),
    ),
    "table": Target(
        read_table, seeds_of_tables, (b";", b",", b"\n", b"2026-01-14", b"00:30", b"+03:00", b'"')
    ),
    "workbook": Target(read_workbook, seeds_of_workbooks, (b"<row ", b"<c ", b"<v>", b't="s"')),
    "archive": Target(unpack, seeds_of_archives, (b"PK\3\4", b"PK\1\2", b"PK\5\6")),
}
