"""Blocks of a meter reading to columns; what their reading type means."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial

import numpy as np
import numpy.typing as npt

from faza.core.periods import INTERVALS
from faza.core.quality import U8, Quality
from faza.core.reading_types import Commodity
from faza.protocols import numbers
from faza.protocols.espi import codes
from faza.protocols.espi.parser import Entry
from faza.protocols.numbers import Parsed, State
from faza.protocols.problems import Problems
from faza.protocols.tabular.moments import Stamps
from faza.protocols.tabular.series import Key, Told

I64 = npt.NDArray[np.int64]
LATEST = 4_102_444_800
"""2100-01-01, unix seconds; no meter has measured later."""


class NotRead(Exception):
    """A reading type that is no amount of an interval, or of something that is not metered here."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Whose values of what a meter reading has.

    length: seconds of an interval that does not tell its own, 0 where that is not told.
    quality: of a value that does not tell its own.
    """

    key: Key
    length: int
    quality: Quality


def understood(name: str, type_: Entry, point: Entry) -> Kind:
    """What a ReadingType of a usage point says. Raises NotRead, which tells why."""
    ask = partial(_number, type_.fields)
    behaviour = ask("accumulationBehaviour", codes.DELTA)
    if behaviour not in (0, codes.DELTA):
        raise NotRead(f"accumulationBehaviour {behaviour} is no amount of an interval (4)")
    power = ask("powerOfTenMultiplier", 0)
    if not -12 <= power <= 12:
        raise NotRead(f"powerOfTenMultiplier is {power}; expected -12 to 12")
    uom, flow, commodity = ask("uom", 0), ask("flowDirection", 0), ask("commodity", 0)
    service = _number(point.fields, "ServiceCategory/kind", 0)
    resource = codes.COMMODITIES.get(commodity) or codes.SERVICES.get(service)
    kind = codes.kind_of(uom, flow, resource or Commodity.ELECTRICITY)
    if kind is None:
        of = f"unit {uom}, direction {flow}, commodity {commodity}"
        raise NotRead(f"there is no channel for {of} (uom, flowDirection, commodity)")
    unit = codes.UNITS[uom]
    unit = replace(unit, factor=unit.factor * Fraction(10) ** power)
    default = ask("defaultQuality", Quality.VALID.value)
    length = max(0, ask("intervalLength", 0))
    return Kind(Key(name, kind, unit), length, _quality(default))


def _number(fields: dict[str, str], name: str, default: int) -> int:
    text = fields.get(name, "")
    if not text:
        return default
    if not re.fullmatch(r"-?\d{1,9}", text):
        raise NotRead(f"{name} is {text[:20]!r}; expected a code number")
    return int(text)


def _quality(code: int) -> Quality:
    return Quality(code) if code in codes.QUALITIES else Quality.OTHER


def rows_of(
    blocks: Sequence[Entry], kind: Kind, problems: Problems
) -> Iterator[tuple[int, Callable[[int], Told]]]:
    """Minutes of an interval, and the values of that length; once for each length that occurs.

    The values want the number of their key in the builder.
    """
    rows = [row for block in blocks for row in block.rows]
    if not rows:
        return
    starts, lengths, values, qualities, lines = zip(*rows, strict=True)
    start, length = _counts(starts), _counts(lengths)
    length[np.array([not text for text in lengths])] = kind.length
    told = _parsed(values)
    grid = np.isin(length, np.array(INTERVALS) * 60)
    good = (start > 0) & (start < LATEST) & grid
    junk = told.state == State.JUNK
    for n in np.flatnonzero(~good | junk).tolist():
        _complain(kind, rows[n], bool(grid[n]), bool(good[n]), problems)
    kept = np.flatnonzero(good)
    quality = _qualities(qualities, kind.quality)
    line = np.array(lines, np.int32)
    for seconds in np.unique(length[kept]).tolist():
        some = kept[length[kept] == seconds]
        yield seconds // 60, partial(_told, start[some], told.take(some), quality[some], line[some])


def _told(start: I64, parsed: Parsed, quality: U8, lines: npt.NDArray[np.int32], key: int) -> Told:
    count = len(start)
    stamps = Stamps(start, np.zeros(count, np.int32), np.ones(count, bool))
    spans = np.zeros(count, np.int32)
    return Told(np.full(count, key, np.int64), stamps, spans, parsed, quality, lines)


def _parsed(texts: Sequence[str]) -> Parsed:
    return numbers.parse([text[:400].encode("ascii", "replace") for text in texts])


def _counts(texts: Sequence[str]) -> I64:
    """Whole numbers; -1 where a text is none."""
    parsed = _parsed(texts)
    whole = (parsed.state == State.NUMBER) & (parsed.decimals == 0)
    found: I64 = np.where(whole, parsed.mantissa, -1)
    return found


def _qualities(texts: Sequence[str], default: Quality) -> U8:
    """(n,) uint8. There are few different texts, so each is understood once."""
    different, places = np.unique(np.array([text[:8] for text in texts]), return_inverse=True)
    codes_ = [
        (_quality(int(text)) if text.isdecimal() else Quality.OTHER) if text else default
        for text in different.tolist()
    ]
    return np.array(codes_, np.uint8)[places]


def _complain(
    kind: Kind, row: tuple[str, str, str, str, int], on_grid: bool, good: bool, problems: Problems
) -> None:
    start, length, value, _, line = row
    name = kind.key.title()
    if good:
        reason = f"{name}: the value {value[:20]!r} is no number; it is taken as missing."
        problems.add("value", reason, line=line, found=value)
    elif not on_grid:
        reason = (
            f"{name}: an interval of {length[:20] or kind.length} seconds; expected whole minutes "
            f"that divide an hour. It is left out."
        )
        problems.add("interval", reason, line=line, found=length)
    else:
        reason = f"{name}: the start {start[:20]!r} is no unix second; the value is left out."
        problems.add("moment", reason, line=line, found=start)
