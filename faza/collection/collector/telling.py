"""What came out of a session, in plain sentences for an engineer at a desk.

Values are the meter's own, before the ratios of transformers. English, as the command line is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import numpy as np

from faza.collection.polling.work import ClockPolicy, ClockRead, Problem, ProfileRead, SessionResult
from faza.core.reading_types import BY_CODE, ENERGIES
from faza.core.units import decimals
from faza.protocols.metered import (
    EventRows,
    Identity,
    Instant,
    Json,
    RegisterRows,
    TariffCalendar,
)

Named = Callable[[int, int], str]
"""Words of a journal's code."""
ON_DEMAND, PARTS = "on_demand", {"day": "At the start of days", "month": "At the start of months"}
WIDTH = 12
WHO = {
    "model": "model", "manufacturer": "made by", "firmware": "firmware", "made_on": "made on",
    "protocol": "version of its language", "scheme": "connection scheme",
    "ct": "current transformers", "vt": "voltage transformers",
}  # fmt: skip


def findings(result: SessionResult, zone: str, named: Named) -> Iterator[str]:
    """All that was read, line by line; moments in a zone of the IANA database."""
    there = ZoneInfo(zone)
    if result.identity is not None:
        yield _who(result.identity)
    if result.clock is not None:
        yield from _clock(result.clock, there)
    for rows in result.registers:
        yield from _registers(rows, there)
    for which in (1, 2):
        parts = [part for part in result.profiles if part.which == which]
        if parts:
            yield from _profile(parts, there)
    if result.instant is not None:
        yield from _instant(result.instant, there)
    if result.events is not None:
        yield from _events(result.events, there, named)
    if result.quality is not None:
        yield "Counters of supply quality:"
        for name, value in result.quality.counters.items():
            yield f"  {name:<22}{value:>{WIDTH}}"
    if result.configuration is not None:
        yield from _settings(result.configuration.settings)
    if result.calendar is not None:
        yield from _calendar(result.calendar)


def troubles(result: SessionResult) -> Iterator[str]:
    """What was asked for and is not there, a sentence each."""
    for task in result.tasks:
        if task.problem is not Problem.NONE:
            yield task.words or f"Not read: {task.problem}."


def _who(found: Identity) -> str:
    told = [
        f"{words} {value}"
        for name, words in WHO.items()
        if (value := getattr(found, name)) not in ("", None)
    ]
    return f"Meter {found.number or 'without a number'}" + "".join(f", {one}" for one in told) + "."


def _clock(read: ClockRead, zone: ZoneInfo) -> Iterator[str]:
    shown, size = read.shown.astimezone(zone), abs(read.offset)
    told = "which is right to the second"
    if size >= 1:
        told = f"and is {duration(size)} {'fast' if read.offset > 0 else 'slow'}"
    yield f"Its clock shows {shown:%Y-%m-%d %H:%M:%S} ({_offset(shown)}), {told}."
    policy = ClockPolicy()
    if size > policy.correct_to:
        yield "  That is too much to be shifted: set it (desk, or the maker's program) and look at"
        yield "  what it wrote meanwhile; a wrong zone of the meter looks so, too (--zone)."
    elif size >= policy.correct_from:
        yield "  The collector corrects that by itself where the plan allows it."


def duration(seconds: float) -> str:
    """12 s, 3 min 5 s, 2 h 0 min, 5 d 1 h."""
    whole = round(seconds)
    for size, unit, small, part in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"),
                                    (60, "min", 1, "s")):  # fmt: skip
        if whole >= size:
            return f"{whole // size} {unit} {whole % size // small} {part}"
    return f"{whole} s"


def _offset(moment: datetime) -> str:
    return f"UTC{moment.isoformat()[-6:]}"


def _registers(rows: RegisterRows, zone: ZoneInfo) -> Iterator[str]:
    """A table for each moment: channels down, T0 to the last tariff that is there across."""
    if not len(rows):
        yield f"{PARTS.get(rows.kind, 'Registers')}: the meter has none."
        return
    places = len(str(1000 // rows.step)) - 1
    for number in range(len(rows)):
        at = _moment(rows.moments[number], zone)
        title = "Registers now" if rows.kind == ON_DEMAND else PARTS[rows.kind]
        yield f"{title}, {at:%Y-%m-%d %H:%M:%S}, kWh and kvarh:"
        present, values = rows.present[number], rows.values[number]
        used = present & (values != 0)
        width = max(1, int(used.any(axis=0).nonzero()[0].max(initial=0)) + 1)
        heads = ["total", *(f"T{tariff}" for tariff in range(1, width))]
        yield "      " + "".join(f"{head:>{WIDTH}}" for head in heads)
        for row, kind in enumerate(ENERGIES):
            if present[row].any():
                cells = [
                    f"{Decimal(int(value)) / 1000:.{places}f}" if there else "-"
                    for value, there in zip(values[row, :width], present[row, :width], strict=True)
                ]
                yield f"  {kind.channel:<4}" + "".join(f"{cell:>{WIDTH}}" for cell in cells)


def _profile(parts: list[ProfileRead], zone: ZoneInfo) -> Iterator[str]:
    """Rows of one load profile by the end of the interval, oldest first, and what is missing."""
    parts = sorted(parts, key=lambda part: part.asked.start)
    first, last = parts[0].asked.start.astimezone(zone), parts[-1].asked.end.astimezone(zone)
    name = f"Load profile {parts[0].which}"
    stretch = f"from {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M}"
    columns = next((part.rows.columns for part in parts if len(part.rows)), ())
    if not columns:
        yield f"{name} {stretch}: the meter has no rows."
        return
    interval = next(part.rows.interval for part in parts if len(part.rows))
    ends = np.unique(np.concatenate([part.rows.ends for part in parts]))
    wanted = int((parts[-1].asked.end - parts[0].asked.start).total_seconds()) // (interval * 60)
    missing = max(0, wanted - len(ends))
    gaps = f"{missing} of {wanted} are not there" if missing else f"all {wanted} are there"
    yield f"{name} {stretch}, intervals of {interval} minutes: {gaps}."
    yield "  end of interval " + "".join(
        f"{f'{one.kind.channel}, {one.kind.unit}'.rstrip(', '):>{WIDTH}}" for one in columns
    )
    for part in parts:
        for number in np.argsort(part.rows.ends, kind="stable"):
            cells = [
                _value(int(value), one.scale, decimals(one.kind), one.kind.quantum)
                if there
                else "-"
                for value, there, one in zip(
                    part.rows.values[number], part.rows.present[number], columns, strict=True
                )
            ]
            mark = "  doubtful" if part.rows.doubtful[number] else ""
            at = _moment(part.rows.ends[number], zone)
            yield f"  {at:%Y-%m-%d %H:%M}" + "".join(f"{cell:>{WIDTH}}" for cell in cells) + mark


def _value(value: int, scale: Fraction, places: int, quantum: Fraction) -> str:
    """A meter's number in the unit of its reading type, with one digit more where it is finer."""
    exact = value * scale * quantum
    if scale.denominator != 1:
        places += 1
    return f"{Decimal(exact.numerator) / Decimal(exact.denominator):.{places}f}"


def _instant(found: Instant, zone: ZoneInfo) -> Iterator[str]:
    yield f"Values of the moment, {found.at.astimezone(zone):%Y-%m-%d %H:%M:%S}:"
    for code, value in sorted(found.values.items()):
        kind = BY_CODE[code]
        shown = _value(value, Fraction(1), decimals(kind), kind.quantum)
        yield f"  {kind.channel:<6} {shown:>{WIDTH}} {kind.unit}".rstrip()


def _events(rows: EventRows, zone: ZoneInfo, named: Named) -> Iterator[str]:
    if not len(rows):
        yield "Its journals have no events of that time."
        return
    yield f"Events, {len(rows)}:"
    for number in np.argsort(rows.moments, kind="stable"):
        journal, code = int(rows.journals[number]), int(rows.codes[number])
        at = _moment(rows.moments[number], zone)
        yield f"  {at:%Y-%m-%d %H:%M:%S}  {named(journal, code)} (journal {journal}, code {code})"


def _settings(settings: object) -> Iterator[str]:
    yield "Settings:"
    assert isinstance(settings, dict)  # metered.Configuration is made of one
    for name, value in settings.items():
        yield f"  {name}: {_plain(value)}"


def _plain(value: Json) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_plain(one)}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(_plain(one) for one in value)
    return "-" if value is None else str(value)


def _calendar(found: TariffCalendar) -> Iterator[str]:
    yield f"Tariff calendar {found.name!r}:"
    for season in found.seasons:
        month, day = season.start
        kinds = " ".join(map(str, season.week))
        yield f"  season {season.name} from {day:02}.{month:02}: kinds of day Mon to Sun {kinds}"
    for schedule in found.days:
        told = ", ".join(
            f"from {minute // 60:02}:{minute % 60:02} T{tariff}"
            for minute, tariff in schedule.switches
        )
        yield f"  kind of day {schedule.number}: {told}"
    for month, day, year, kind in found.special:
        yield f"  {day:02}.{month:02}{f'.{year}' if year else ''}: kind of day {kind}"


def _moment(stamp: np.datetime64, zone: ZoneInfo) -> datetime:
    seconds = int(stamp.astype("datetime64[s]").astype(np.int64))
    return datetime.fromtimestamp(seconds, UTC).astimezone(zone)
