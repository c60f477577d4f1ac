"""Reading of messages 80020 and 80040."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from faza.protocols.problems import Document, Malformed, Note, Problems, TooLarge
from faza.protocols.xml80020.parser import ROOT, Parser
from faza.protocols.xml80020.table import Table
from faza.protocols.xml80020.texts import Source, source_of
from faza.protocols.xml80020.values import CLASSES, Area, Message

LIMIT = 256 * 2**20
"""Bytes of one message: some 16,000 points of four channels; a caller may ask for more."""
DAY, STAMP, DAYLIGHT = (
    ("datetime", tag) for tag in ("day", "timestamp", "daylightsavingtime")
)  # fmt: skip
MOSCOW = "Europe/Moscow"
"""The zone of a day unless its sender or area is set otherwise (rules, "Time")."""

_HEAD = re.compile(rb"""<(?:\w+:)?message\s[^>]{0,400}?class\s*=\s*["']\s*(80020|80040)\b""", re.I)


def looks_like(head: bytes) -> bool:
    """Whether the first kilobytes of a file look like a message 80020 or 80040."""
    return _HEAD.search(head.replace(b"\0", b"")) is not None


def read(
    data: bytes,
    *,
    file: str = "",
    zone: str | Callable[[Area], str] = MOSCOW,
    limit: int = LIMIT,
) -> Document[Message]:
    """The message in a file's bytes.

    `zone` is the IANA zone of the message's day, or says it for an area.

    Raises Malformed if it is no message: no XML, another root or class, no number, no day, a
    declared entity; TooLarge if it is longer than `limit` bytes.
    """
    if len(data) > limit:
        raise TooLarge(
            f"The message has {len(data)} bytes; the limit is {limit} bytes.", code="message-bytes"
        )
    problems = Problems(file)
    source = source_of(data)
    table = Table(source, problems)
    parser = Parser(source, table.add, problems)
    parser.run()
    message = _message(parser, problems)
    areas = parser.areas

    def zone_of(area: int) -> str:
        return zone if isinstance(zone, str) else zone(areas[area])

    grids = table.grids(message.day, zone_of, lambda area: areas[area].inn)
    message = Message(
        class_=message.class_,
        number=message.number,
        day=message.day,
        sender_inn=message.sender_inn,
        sender_name=message.sender_name,
        version=message.version,
        created=message.created,
        daylight=message.daylight,
        areas=tuple(areas),
        grids=grids,
        comment=message.comment,
    )
    if not any(len(grid.channels) for grid in grids):
        problems.add("no-series", "The message has no channel with values.")
    return Document(message, problems.in_order(), dict(problems.counts), _notes(source, message))


def _message(parser: Parser, problems: Problems) -> Message:
    """The head of a message, as yet without series."""
    root, head, lines = parser.root, parser.head, parser.lines
    class_ = root.get("class", "").strip()
    if class_ not in CLASSES:
        raise Malformed(
            f"The message's class is {class_!r} instead of {' or '.join(CLASSES)}.",
            code="class", line=lines.get(ROOT),
        )  # fmt: skip
    number = root.get("number", "").strip()
    if not number.isascii() or not number.isdecimal() or len(number) > 18:
        reason = f"The message's number is {number!r}; expected digits."
        raise Malformed(reason, code="number", line=lines.get(ROOT))
    inn = head.get(("sender", "inn"), "")
    if not inn:
        problems.add("sender-inn", "The sender has no INN.")
    for area in parser.areas:
        if not area.inn:
            problems.add("area-inn", f"Area {area.name!r} has no INN.")
    return Message(
        class_=class_,
        number=int(number),
        day=_day(head.get(DAY, ""), lines.get(DAY)),
        sender_inn=inn,
        sender_name=head.get(("sender", "name"), ""),
        version=root.get("version", "").strip(),
        created=_created(head.get(STAMP, ""), problems, lines.get(STAMP)),
        daylight=_daylight(head.get(DAYLIGHT, ""), problems, lines.get(DAYLIGHT)),
        comment=head.get(("message", "comment"), ""),
    )


def _day(text: str, line: int | None) -> date:
    if re.fullmatch(r"[0-9]{8}", text):
        try:
            day = date(int(text[:4]), int(text[4:6]), int(text[6:]))
        except ValueError:
            pass
        else:
            # A day inside what any zone can show, its neighbours included.
            if 1900 <= day.year <= 9000:
                return day
    reason = f"The message's day is {text!r}; expected a date as yyyyMMdd."
    raise Malformed(reason, code="day", line=line)


def _created(text: str, problems: Problems, line: int | None) -> datetime | None:
    if not text:
        return None
    if re.fullmatch(r"[0-9]{14}", text):
        try:
            moment = datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=ZoneInfo(MOSCOW))
            return moment.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    reason = f"The timestamp is {text!r}; expected yyyyMMddHHmmss."
    problems.add("timestamp", reason, line=line, found=text)
    return None


def _daylight(text: str, problems: Problems, line: int | None) -> int | None:
    if text in ("0", "1", "2"):
        return int(text)
    if text:
        reason = f"The daylightsavingtime is {text!r}; expected 0, 1 or 2."
        problems.add("daylight", reason, line=line, found=text)
    return None


def _notes(source: Source, message: Message) -> tuple[Note, ...]:
    zones = ", ".join(sorted({grid.zone for grid in message.grids}))
    notes = [Note("zone", zones, f"The day is read in {zones}.")] if zones else []
    real, declared = source.encoding, source.declared
    if declared and declared.replace("windows-", "cp") != real:
        text = f"The file declares {declared} but was read as {real}."
        notes.append(Note("encoding", real, text))
    rounded = sum(int(grid.rounded.sum()) for grid in message.grids)
    if rounded:
        text = f"{rounded} values were finer than 1 Wh; the remainder was carried on."
        notes.append(Note("rounded", str(rounded), text))
    return tuple(notes)
