"""The XML of a message to its parts, by expat: no tree, true line numbers, no entities.

Values stay texts here; `table` makes numbers of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from faza.protocols.problems import Malformed, Problems
from faza.protocols.xml80020.texts import ESCAPED, MARK, PERIODS, Source
from faza.protocols.xml80020.values import Area, Channel, Kind

KINDS = {kind.value: kind for kind in Kind}
DIRECT = (Kind.DELIVERY_GROUP, Kind.FLOW)
"""Kinds whose periods stand in them directly."""
HOLDERS = frozenset({"measuringchannel", *DIRECT})
"""Parents of periods; those in unknown elements are not ours."""


@dataclass(slots=True)
class Raw:
    """A channel's periods as ASCII texts, in the order of the file; b"" where absent.

    `lines` are those of the periods, or (start, end) of a plain channel in the data.
    """

    channel: Channel
    starts: tuple[bytes, ...]
    ends: tuple[bytes, ...]
    statuses: tuple[bytes, ...]
    texts: tuple[bytes, ...]
    lines: tuple[int, ...] | None
    plain: tuple[int, int] = (0, 0)


Head = dict[tuple[str, str], str]
"""Texts of the head by (parent, tag): ("datetime", "day"), ("sender", "inn")."""

HEAD = {
    ("datetime", "timestamp"), ("datetime", "day"), ("datetime", "daylightsavingtime"),
    ("sender", "inn"), ("sender", "name"), ("area", "inn"), ("area", "name"),
    ("message", "comment"),
}  # fmt: skip


ROOT = ("", "message")
"""The key of the root's line."""


class _Names(dict[str, str]):
    """Local names in lower case: some writers put capitals in tags."""

    def __missing__(self, name: str) -> str:
        plain = self[name] = name.rpartition(":")[2].lower()
        return plain


class _Ascii(dict[str, bytes]):
    """Attribute texts as bytes; there are few different ones."""

    def __missing__(self, text: str) -> bytes:
        plain = self[text] = text.strip().encode("ascii", "replace")
        return plain


@dataclass(slots=True)
class Parser:
    """Feeds a source to expat and hands each channel to `sink` as soon as it ends."""

    source: Source
    sink: Callable[[Raw], None]
    problems: Problems
    root: dict[str, str] = field(default_factory=dict)
    head: Head = field(default_factory=dict)
    areas: list[Area] = field(default_factory=list)
    lines: dict[tuple[str, str], int] = field(default_factory=dict)  # as `head`, and ROOT
    _names: _Names = field(default_factory=_Names)
    _ascii: _Ascii = field(default_factory=_Ascii)
    _path: list[str] = field(default_factory=list)
    _text: list[str] = field(default_factory=list)
    _area: dict[str, str] | None = None
    _point: Channel | None = None
    _channel: Channel | None = None
    _rows: list[list[Any]] = field(default_factory=list)  # start, end, status, text, line
    _period: list[Any] | None = None
    _expat: Any = None  # pyexpat's parser type has no public name

    def run(self) -> None:
        """Parse it all. Raises Malformed where it is no well-formed message."""
        parser = self._expat = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text.append
        parser.ProcessingInstructionHandler = self._instruction
        parser.EntityDeclHandler = self._entity
        try:
            for piece in self.source.utf8():
                parser.Parse(piece, False)
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            reason = f"The XML is broken at line {error.lineno}: {expat.ErrorString(error.code)}."
            raise Malformed(reason, code="xml", line=error.lineno) from error
        finally:
            self._expat = None

    def _entity(self, name: str, *_: object) -> None:
        raise Malformed(
            f"The file declares an entity ({name!r}); messages have none.", code="xml-entity"
        )

    # Elements

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        # Periods and values never enter the path: there are a hundred of them to one other.
        name = self._names[tag]
        if name == "value":
            if self._period is not None and "status" in attributes:
                self._period[2] = self._ascii[attributes["status"]]
            self._text.clear()
        elif name == "period":
            if self._channel is not None and self._path[-1] in HOLDERS:
                get, known = attributes.get, self._ascii
                line = self._expat.CurrentLineNumber
                self._period = [known[get("start", "")], known[get("end", "")], b"", b"", line]
        else:
            self._text.clear()
            self._path.append(name)
            self._open(name, attributes)

    def _end(self, tag: str) -> None:
        name = self._names[tag]
        if name == "value":
            if self._period is not None:
                self._period[3] = "".join(self._text).strip().encode("ascii", ESCAPED)
        elif name == "period":
            if self._period is not None:
                self._rows.append(self._period)
                self._period = None
        else:
            self._path.pop()
            self._close(name)
        self._text.clear()

    def _open(self, name: str, attributes: dict[str, str]) -> None:
        if name == "measuringchannel":
            self._open_channel(attributes)
        elif name in KINDS:
            self._open_point(KINDS[name], attributes)
        elif name == "area":
            self._area = {"timezone": _lowered(attributes).get("timezone", "").strip()}
        elif len(self._path) == 1:
            self._open_root(name, attributes)

    def _close(self, name: str) -> None:
        if name == "measuringchannel":
            self._close_channel()
        elif name in KINDS:
            self._close_channel()
            self._point = None
        elif name == "area":
            self._close_area()
        elif self._path and (key := (self._path[-1], name)) in HEAD:
            self._leaf(key, "".join(self._text).strip())

    def _open_root(self, name: str, attributes: dict[str, str]) -> None:
        if name != "message":
            raise Malformed(f"The root is <{name}> instead of <message>.", code="root")
        self.lines[ROOT] = self._expat.CurrentLineNumber
        self.root = _lowered(attributes)

    def _leaf(self, key: tuple[str, str], text: str) -> None:
        if key[0] == "area" and self._area is not None:
            self._area.setdefault(key[1], text)
        else:
            self.head.setdefault(key, text)
            self.lines.setdefault(key, self._expat.CurrentLineNumber)

    def _close_area(self) -> None:
        area = self._area or {}
        self.areas.append(Area(area.get("inn", ""), area.get("name", ""), area.get("timezone", "")))
        self._area = None

    def _open_point(self, kind: Kind, attributes: dict[str, str]) -> None:
        self._close_channel()
        self._point = None
        line = self._expat.CurrentLineNumber
        if self._area is None:
            self.problems.add(
                "point-outside-area", f"<{kind}> stands outside an <area>.", line=line
            )
            return
        attributes = _lowered(attributes)
        code = attributes.get("code", "").strip()
        if kind is Kind.FLOW and not code:
            ends = (attributes.get("codefrom", "").strip(), attributes.get("codeto", "").strip())
            code = "→".join(ends) if all(ends) else ""
        if not code:
            self.problems.add("point-code", f"<{kind}> has no code; it is left out.", line=line)
            return
        name = attributes.get("name", "").strip()
        self._point = Channel(kind, len(self.areas), code, "", name, line=line)
        if kind in DIRECT:
            self._channel = self._point

    def _open_channel(self, attributes: dict[str, str]) -> None:
        if self._point is None:
            return
        self._close_channel()
        attributes = _lowered(attributes)
        code = attributes.get("code", "").strip()
        line = self._expat.CurrentLineNumber
        if not code:
            self.problems.add(
                "channel-code", f"A channel of {self._point.code} has no code.", line=line
            )
        point = self._point
        self._channel = Channel(
            point.kind, point.area, point.code, code, point.name,
            attributes.get("desc", "").strip(), line,
        )  # fmt: skip

    def _close_channel(self) -> None:
        channel, rows = self._channel, self._rows
        self._channel, self._period = None, None
        if channel is None:
            return
        # A group or flow that has channels says nothing itself.
        if rows:
            starts, ends, statuses, texts, lines = zip(*rows, strict=True)
            self.sink(Raw(channel, starts, ends, statuses, texts, lines))
            self._rows = []
        elif channel.channel:
            self.sink(Raw(channel, (), (), (), (), ()))

    def _instruction(self, target: str, text: str) -> None:
        """A plain channel stands here (see `texts`)."""
        if target != MARK or self._channel is None or self._path[-1] != "measuringchannel":
            return
        if not text.isdecimal() or int(text) >= len(self.source.plain):
            return  # the file's own, not ours
        first, end = self.source.plain[int(text)]
        rows = PERIODS.findall(self.source.data, first, end)
        starts, ends, statuses, texts = zip(*rows, strict=True)
        self.sink(Raw(self._channel, starts, ends, statuses, texts, None, (first, end)))
        self._channel = None


def _lowered(attributes: dict[str, str]) -> dict[str, str]:
    return {name.rpartition(":")[2].lower(): value for name, value in attributes.items()}
