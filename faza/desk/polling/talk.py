"""A meter's sessions and the dialogue of one of them, as the page shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from faza.collection.models import Command, Device, Session
from faza.collection.polling import dialogues
from faza.collection.polling.dialogues import HEAR, SAY, Entry
from faza.desk.polling import words
from faza.ui import formats

SESSIONS = 40
SLOW = 2_000
"""Milliseconds from which an answer is drawn as slow; the picture ends at 5 s."""
LONGEST = 5_000
COLUMNS = 16
"""Bytes of a row of the dump."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """A session in the list. result: (words, colour, icon)."""

    session: Session
    who: str
    result: tuple[str, str, str]
    lasted: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a dialogue. kind: "say", "hear", "note", "pause", "end"; bar: width in percent of
    the picture of `ms`; dump: rows of bytes, where they were kept.
    """

    at: datetime
    kind: str
    arrow: str
    message: str
    text: str
    detail: str
    size: str
    ms: str
    bar: str
    is_slow: bool
    dump: Sequence[tuple[str, str]]
    note: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A session with its dialogue."""

    session: Session
    result: tuple[str, str, str]
    facts: Sequence[str]
    lines: Sequence[Line]


def meetings(device: Device) -> list[Meeting]:
    """The last sessions of a device, the newest first. Two queries."""
    rows = list(
        Session.objects.filter(device=device).defer("dialogue").order_by("-started_at")[:SESSIONS]
    )
    asked: dict[int, Command] = {}
    for command in Command.objects.filter(session__in=rows).select_related("by"):
        assert command.session_id is not None
        asked[command.session_id] = command
    return [
        Meeting(
            row,
            words.who_asked(asked.get(row.pk)),
            words.outcome(row),
            words.seconds(row.started_at, row.ended_at),
        )
        for row in rows
    ]


def shown(session: Session) -> Shown:
    """A session as people read it."""
    entries = dialogues.unpacked(bytes(session.dialogue))
    asked = sum(entry.sign == SAY for entry in entries)
    pauses = sum(entry.message == "PAUSE" for entry in entries)
    facts = [
        words.seconds(session.started_at, session.ended_at),
        ngettext("%(n)s request", "%(n)s requests", asked) % {"n": formats.number(asked)},
        words.size(session.bytes_sent + session.bytes_received),
    ]
    if pauses:
        facts.append(ngettext("%(n)s repeat", "%(n)s repeats", pauses) % {"n": pauses})
    if read := words.read(session.summary):
        facts.append(read)
    if absent := session.summary.get("absent"):
        told = ngettext("the meter lacks %(n)s interval", "the meter lacks %(n)s intervals", absent)
        facts.append(told % {"n": formats.number(absent)})
    return Shown(
        session, words.outcome(session), facts, [_line(session, entry) for entry in entries]
    )


def _line(session: Session, entry: Entry) -> Line:
    kind, arrow = _kind(entry)
    text = dialogues.told(entry.words, _)
    detail = ""
    if entry.problem:
        text, detail = words.problem(entry.problem), text
    ms = entry.ms or 0
    return Line(
        session.started_at + timedelta(seconds=entry.seconds),
        kind, arrow,
        {"PAUSE": _("PAUSE"), "CLOCK": _("CLOCK")}.get(entry.message, "" if entry.problem else
                                                      entry.message),
        text, detail,
        formats.number(entry.size) if entry.size else "",
        formats.number(entry.ms) if entry.ms is not None else "",
        f"{100 * min(ms, LONGEST) / LONGEST:.1f}",
        ms >= SLOW,
        dump(entry.data),
        _note(entry),
    )  # fmt: skip


def _kind(entry: Entry) -> tuple[str, str]:
    if entry.problem:
        return "end", "×"
    if entry.message == "PAUSE":
        return "pause", "⟲"
    if entry.parts:
        return "part", "⋮"
    return {SAY: ("say", "→"), HEAR: ("hear", "←")}.get(entry.sign, ("note", ""))


def _note(entry: Entry) -> str:
    """What is not shown of the bytes, and why."""
    if entry.is_secret and entry.size:
        return _("Bytes that may hold a password are not kept.")
    if entry.data and len(entry.data) < entry.size:
        told = {"kept": len(entry.data), "all": formats.number(entry.size)}
        return _("the first %(kept)s of %(all)s bytes are kept") % told
    return ""


def dump(data: bytes) -> list[tuple[str, str]]:
    """Bytes in rows: hexadecimal, and as characters."""
    rows = [data[start : start + COLUMNS] for start in range(0, len(data), COLUMNS)]
    return [
        (row.hex(" ").upper(), "".join(chr(b) if 32 <= b < 127 else "·" for b in row))
        for row in rows
    ]


def as_text(session: Session) -> str:
    """The whole session as a text for a file: words, then bytes under their lines."""
    told = shown(session)
    found = [
        f"{session.device.meter.number}  {session.started_at:%Y-%m-%d %H:%M:%S} UTC",
        " · ".join([told.result[0], *told.facts]),
    ]
    if session.words:
        found.append(session.words)
    for line in told.lines:
        ms = f"  {line.ms} ms" if line.ms else ""
        count = f"  {line.size} B" if line.size else ""
        found.append(
            f"{line.at:%H:%M:%S.%f}"[:12]
            + f"  {line.arrow or ' '} {line.message:8} {line.text}{count}{ms}"
        )
        if line.detail:
            found.append(f"{'':26}{line.detail}")
        found += [f"{'':26}{row}" for row, _ in line.dump]
        if line.note:
            found.append(f"{'':26}{line.note}")
    return "\n".join(found) + "\n"
