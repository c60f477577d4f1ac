"""A Green Button feed to series of usage points."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from faza.protocols.espi.parser import Entry, Parser
from faza.protocols.espi.rows import Kind, NotRead, rows_of, understood
from faza.protocols.problems import Document, Malformed, Note, Problems, TooLarge
from faza.protocols.tabular.series import Builder
from faza.protocols.tabular.values import Options, Profiles

LIMIT = 128 * 2**20
"""Bytes of a file: some five years of half-hours of a hundred channels take as much."""
_HEAD = re.compile(rb"<(?:[\w.-]+:)?(?:feed|entry)\b[^>]*http://www\.w3\.org/2005/Atom")


def looks_like(head: bytes) -> bool:
    """Whether the first kilobytes of a file look like a feed of Atom."""
    return _HEAD.search(head.replace(b"\0", b"")) is not None


def read(
    data: bytes, *, file: str = "", zone: str = "Europe/Moscow", limit: int = LIMIT
) -> Document[Profiles]:
    """The interval series of a feed; moments are UTC in it.

    The name of a usage point is its entry's title; where that is empty, the last part of its own
    address, else its id. `zone`: of the civil days in which remainders finer than the quantum
    are carried on.

    What is no amount of an interval (registers, demand, money, a unit that nobody meters here)
    is a problem with its line, and the rest is read. Raises Malformed if it is no feed or has
    no interval of a known kind; TooLarge if it has more than `limit` bytes.
    """
    if len(data) > limit:
        raise TooLarge(f"It has more than {limit} bytes.", code="file-bytes")
    found, problems, notes = _Found(), Problems(file), list[Note]()
    Parser(found.take).run(data)
    builders: dict[int, Builder] = {}
    for reading in found.readings.values():
        kind = _kind(reading, found, problems) if reading.blocks else None
        if kind is None:
            continue
        for interval, told in rows_of(reading.blocks, kind, problems):
            options = Options(zone=zone, interval=interval, stamped="start")
            builder = builders.setdefault(interval, Builder(options, problems, notes))
            builder.add(told(builder.key(kind.key)))
    series = [one for n in sorted(builders) for one in builders[n].series("start")]
    series.sort(key=lambda one: one.line)
    notes = [note for note in notes if note.code == "rounded"]
    if not series and not problems.items:
        raise Malformed("The feed has no intervals.", code="no-values")
    return Document(
        Profiles(tuple(series)), problems.in_order(), dict(problems.counts), tuple(notes)
    )


@dataclass(slots=True)
class _Reading:
    entry: Entry
    blocks: list[Entry] = field(default_factory=list)


@dataclass(slots=True)
class _Found:
    """Entries by their addresses. A block may stand before the reading that it is of."""

    points: dict[str, Entry] = field(default_factory=dict)
    readings: dict[str, _Reading] = field(default_factory=dict)
    types: dict[str, Entry] = field(default_factory=dict)

    def take(self, entry: Entry) -> None:
        if entry.resource == "UsagePoint":
            self.points[entry.address] = entry
        elif entry.resource == "ReadingType":
            self.types[entry.address] = entry
        elif entry.resource == "MeterReading":
            known = self.readings.get(entry.address)
            self.readings[entry.address] = _Reading(entry, known.blocks if known else [])
        elif entry.resource == "IntervalBlock":
            up = next(iter(entry.links.get("up", ())), "")
            address = up.removesuffix("/").removesuffix("/IntervalBlock")
            self.readings.setdefault(address, _Reading(Entry(entry.line))).blocks.append(entry)

    def type_of(self, reading: Entry) -> Entry | None:
        named = (self.types[a] for a in reading.links.get("related", ()) if a in self.types)
        return next(named, None)

    def point_of(self, reading: Entry) -> Entry | None:
        up = next(iter(reading.links.get("up", ())), "").removesuffix("/")
        below = self.points.get(up.removesuffix("/MeterReading"))
        if below is not None:
            return below
        # Elder feeds name the readings in the point's own links.
        others = {reading.address, up}
        return next(
            (p for p in self.points.values() if others & set(p.links.get("related", ()))), None
        )


def _name(point: Entry) -> str:
    last = point.address.rstrip("/").rpartition("/")[2]
    return (point.title or last or point.id)[:200]


def _kind(reading: _Reading, found: _Found, problems: Problems) -> Kind | None:
    """What the blocks of a meter reading tell; None where that is not known, which is told."""
    entry = reading.entry
    point, type_ = found.point_of(entry), found.type_of(entry)
    lacks = ""
    if not entry.resource:
        lacks = "meter reading"
    elif point is None:
        lacks = "usage point"
    elif type_ is None:
        lacks = "reading type"
    if lacks or point is None or type_ is None:
        reason = f"The intervals are of no {lacks} of this file; they are left out."
        problems.add("reading-alone", reason, line=reading.blocks[0].line)
        return None
    name = _name(point)
    try:
        return understood(name, type_, point)
    except NotRead as problem:
        reason = f"{name}: {problem}; these values are left out."
        problems.add("reading-kind", reason, line=type_.line)
        return None
