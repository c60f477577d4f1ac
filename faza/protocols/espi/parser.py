"""The XML of a feed to its entries, by expat: no tree, true line numbers, no entities."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from faza.protocols.espi.codes import ATOM, ESPI
from faza.protocols.problems import Malformed

PIECE = 1 << 20
RESOURCES = frozenset({"UsagePoint", "MeterReading", "ReadingType", "IntervalBlock"})
"""Entries that tell of intervals; others (summaries, clocks, customers) are passed over."""
_SPACES = {ATOM: "atom", ESPI: "espi"}
LONGEST = 64
"""Levels of elements; a feed has about ten."""


@dataclass(slots=True)
class Entry:
    """An entry: what it is, its links, its plain fields, and the rows of a block.

    fields: by the path below the resource, "ServiceCategory/kind". rows: (start, duration,
    value, quality, line) as texts and a number, "" where a field was absent.
    """

    line: int
    resource: str = ""
    id: str = ""
    title: str = ""
    links: dict[str, list[str]] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    rows: list[tuple[str, str, str, str, int]] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Its own address; entries of one file name each other by it."""
        return next(iter(self.links.get("self", ())), self.id)


@dataclass(slots=True)
class Parser:
    """Feeds bytes to expat and hands each entry to `sink` as soon as it ends."""

    sink: Callable[[Entry], None]
    root: str = ""
    _path: list[str] = field(default_factory=list)
    _text: list[str] = field(default_factory=list)
    _entry: Entry | None = None
    _depth: int = 0
    _row: dict[str, str] | None = None
    _row_line: int = 0
    _expat: Any = None  # pyexpat's parser type has no public name

    def run(self, data: bytes) -> None:
        """Parse it all. Raises Malformed where it is no well-formed feed."""
        parser = self._expat = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text.append
        parser.EntityDeclHandler = self._entity
        try:
            for at in range(0, len(data), PIECE):
                parser.Parse(data[at : at + PIECE], False)
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            reason = f"The XML is broken at line {error.lineno}: {expat.ErrorString(error.code)}."
            raise Malformed(reason, code="xml", line=error.lineno) from error
        except (ValueError, LookupError) as error:  # an encoding of several bytes, or none
            raise Malformed(f"The XML cannot be read: {error}.", code="xml") from error
        finally:
            self._expat = None

    def _entity(self, name: str, *_: object) -> None:
        raise Malformed(
            f"The file declares an entity ({name!r}); feeds have none.", code="xml-entity"
        )

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        space, _, name = tag.rpartition(" ")
        self._text.clear()
        self._path.append(name)
        if len(self._path) > LONGEST:
            raise Malformed("Its elements stand too deep in each other.", code="xml-depth")
        if len(self._path) == 1:
            self._root(_SPACES.get(space, ""), name)
        if self._entry is None:
            if name == "entry" and space == ATOM:
                self._entry = Entry(self._expat.CurrentLineNumber)
        elif self._depth:
            if name == "IntervalReading" and len(self._path) == self._depth + 1:
                self._row, self._row_line = {}, self._expat.CurrentLineNumber
        elif name == "link" and space == ATOM:
            address = attributes.get("href", "").strip()
            self._entry.links.setdefault(attributes.get("rel", ""), []).append(address)
        elif name in RESOURCES and space == ESPI:
            self._entry.resource, self._depth = name, len(self._path)

    def _root(self, space: str, name: str) -> None:
        if space != "atom" or name not in ("feed", "entry"):
            raise Malformed(f"The root is <{name}> instead of <feed> of Atom.", code="root")

    def _end(self, tag: str) -> None:
        name = self._path[-1]
        entry = self._entry
        if entry is not None:
            if self._depth:
                self._field(entry, name)
            elif name == "entry":
                self.sink(entry)
                self._entry = None
            elif name in ("id", "title") and not getattr(entry, name):
                setattr(entry, name, "".join(self._text).strip())
        self._path.pop()
        self._text.clear()

    def _field(self, entry: Entry, name: str) -> None:
        below = self._path[self._depth :]
        if not below:
            self._depth = 0
        elif self._row is None:
            entry.fields.setdefault("/".join(below), "".join(self._text).strip())
        elif name == "IntervalReading" and len(below) == 1:
            get = self._row.get
            entry.rows.append(
                (get("start", ""), get("duration", ""), get("value", ""), get("quality", ""),
                 self._row_line)
            )  # fmt: skip
            self._row = None
        else:
            self._row.setdefault(name, "".join(self._text).strip())
