"""Bytes to telemetry messages: one JSON object, a list of them, or one a line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from faza.protocols.problems import Document, Malformed, Problems, TooLarge
from faza.protocols.telemetry import fields, parts
from faza.protocols.telemetry.fields import Wrong
from faza.protocols.telemetry.values import Device, Event, Message, Reading, Series, Who

MOST_MESSAGES = 200_000
MOST_VALUES = 20_000_000
NOBODY = Who()
ANY = Device.METER, ""
PARTS = ("intervals", "registers", "events")


def looks_like(head: bytes) -> bool:
    """Whether the first bytes of a file are those of JSON."""
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")


def read(
    data: bytes,
    *,
    file: str = "",
    who: Who = NOBODY,
    device: tuple[Device, str] = ANY,
    is_only: bool = False,
) -> Document[tuple[Message, ...]]:
    """The messages in a file or packet. `who` and `device` are of what does not name any itself.

    With `is_only` nothing else may be named: the channel that it came by is that device's own.
    A bad item or value is a problem that names its place, and the good rest is kept.

    Raises Malformed if it is no JSON, or a message is no object or has none of its parts;
    TooLarge.
    """
    problems = Problems(file)
    messages: list[Message] = []
    objects = list(_objects(data))
    total = 0
    for n, item in enumerate(objects):
        here = f"[{n}]" if len(objects) > 1 else ""
        message = _Reader(problems, f"{here}." if here else "", is_only).read(item, who, device)
        messages.append(message)
        total += message.n_values
        if total > MOST_VALUES:
            raise TooLarge(f"It has more than {MOST_VALUES} values.", code="values")
    return Document(tuple(messages), problems.in_order(), dict(problems.counts))


def _objects(data: bytes) -> Iterator[Mapping[str, Any]]:
    """The objects of a JSON text, of a list in it, or of its lines."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        found = _loads(data)
    except Malformed:
        lines = [line for line in data.splitlines() if line.strip()]
        if len(lines) < 2 or lines[0].strip()[-1:] != b"}":
            raise
        if len(lines) > MOST_MESSAGES:
            raise TooLarge(f"It has more than {MOST_MESSAGES} lines.", code="messages") from None
        found = [_loads(line, number) for number, line in enumerate(lines, 1)]
    objects = found if type(found) is list else [found]
    if not objects:
        raise Malformed("The list of messages is empty.", code="no-values")
    if len(objects) > MOST_MESSAGES:
        raise TooLarge(f"It has more than {MOST_MESSAGES} messages.", code="messages")
    for number, item in enumerate(objects):
        place = f"[{number}]: " if len(objects) > 1 else ""
        if type(item) is not dict:
            raise Malformed(
                f"{place}{fields.shown(item)}; expected an object with {', '.join(PARTS)}.",
                code="no-values",
            )
        if not any(part in item for part in PARTS):
            raise Malformed(f"{place}the object has none of {', '.join(PARTS)}.", code="no-values")
        yield item


def _loads(data: bytes, line: int | None = None) -> Any:
    try:
        return _DECODER.decode(data.decode("utf-8"))
    except RecursionError:
        reason, code = "It is nested deeper than any message.", "nested"
    except json.JSONDecodeError as problem:
        line = line or problem.lineno
        reason, code = f"It is no JSON: {problem.msg} at character {problem.colno}.", "json"
    except UnicodeDecodeError as problem:
        reason, code = f"It is no JSON: byte {problem.start} is not UTF-8.", "json"
    except ValueError as problem:  # a number of thousands of digits, or NaN
        reason, code = f"It is no JSON: {str(problem)[:80]}.", "json"
    raise Malformed(reason, code=code, line=line)


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


_DECODER = json.JSONDecoder(parse_constant=_no_number)


class _Reader:
    """Reads one message; `prefix` is its place among several."""

    def __init__(self, problems: Problems, prefix: str, is_only: bool) -> None:
        self.problems = problems
        self.prefix = prefix
        self.is_only = is_only

    def read(self, item: Mapping[str, Any], who: Who, device: tuple[Device, str]) -> Message:
        try:
            sent_at = fields.moment(item, "sent_at", self.prefix) if "sent_at" in item else None
            named = self._who(item, self.prefix, who)
            is_shown = parts.side_of(item, self.prefix, False)
            device = self._device(item, device)
        except Wrong as wrong:
            wrong.tell(self.problems)
            return Message()
        series = tuple(self._intervals(item, named, is_shown))
        return Message(
            series,
            tuple(self._registers(item, named)),
            tuple(self._events(item, named, device)),
            sent_at,
            sum(len(one.values) for one in series),
        )

    def _who(self, item: Mapping[str, Any], place: str, default: Who) -> Who:
        who = parts.who_of(item, place, default)
        if self.is_only and default and not _is_same(who, default):
            where = f"{place}{'point' if 'point' in item else 'meter'}"
            raise Wrong(where, f'"{who}" is not "{default}", whose channel this is', "foreign")
        return who

    def _device(self, item: Mapping[str, Any], default: tuple[Device, str]) -> tuple[Device, str]:
        told = item.get("device")
        if told is None:
            return default
        place = f"{self.prefix}device"
        if type(told) is not dict:
            raise Wrong(place, f"{fields.shown(told)}; expected an object", "device")
        kind = fields.text(told, "kind", f"{place}.", "meter")
        if kind not in set(Device):
            raise Wrong(f"{place}.kind", f'"{kind}" is none of {", ".join(Device)}', "device")
        found = Device(kind), fields.text(told, "number", f"{place}.")
        if found[0] is not Device.METER and not found[1]:
            raise Wrong(f"{place}.number", "is not there", "device")
        if self.is_only and default[1] and found != default:
            raise Wrong(place, f'"{found[1]}" is not "{default[1]}", whose channel this is',
                        "foreign")  # fmt: skip
        return found

    def _items(
        self, item: Mapping[str, Any], name: str, who: Who
    ) -> Iterator[tuple[Mapping[str, Any], str, Who]]:
        """Each item of a list with its place and whom it is about."""
        for n, one in enumerate(fields.rows(item, name, self.problems)):
            place = f"{self.prefix}{name}[{n}]"
            try:
                if type(one) is not dict:
                    raise Wrong(place, f"{fields.shown(one)}; expected an object")
                yield one, place, self._who(one, f"{place}.", who)
            except Wrong as wrong:
                wrong.tell(self.problems)

    def _intervals(self, item: Mapping[str, Any], who: Who, is_shown: bool) -> Iterator[Series]:
        for one, place, of in self._items(item, "intervals", who):
            try:
                _named(of, place)
                yield parts.series_of(one, place, of, is_shown, self.problems)
            except Wrong as wrong:
                wrong.tell(self.problems)

    def _registers(self, item: Mapping[str, Any], who: Who) -> Iterator[Reading]:
        for one, place, of in self._items(item, "registers", who):
            try:
                _named(of, place)
                yield parts.reading_of(one, place, of, self.problems)
            except Wrong as wrong:
                wrong.tell(self.problems)

    def _events(
        self, item: Mapping[str, Any], who: Who, device: tuple[Device, str]
    ) -> Iterator[Event]:
        for one, place, of in self._items(item, "events", who):
            kind, number = device
            if kind is not Device.METER and ("point" in one or "meter" in one):
                kind, number = Device.METER, ""  # a concentrator tells of one of its meters
            try:
                if kind is Device.METER:
                    _named(of, place)
                yield parts.event_of(one, place, of, kind, number)
            except Wrong as wrong:
                wrong.tell(self.problems)


def _named(who: Who, place: str) -> None:
    if not who:
        raise Wrong(place, "neither a point nor a meter is named", "unnamed")


def _is_same(who: Who, only: Who) -> bool:
    return all(not mine or mine == its for mine, its in zip(only, who, strict=True))
