"""From what a file says to what `readings.services.record` takes: points found, days cut."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from faza.collection import rules
from faza.collection.points import Owner, Place, PointBook, Zones
from faza.collection.summary import ImportOptions
from faza.core.periods import FOREVER
from faza.core.quality import Quality, is_present
from faza.core.reading_types import ReadingType
from faza.protocols.tabular import Profiles
from faza.protocols.xml80020 import Grid, Message
from faza.readings.blocks import BlockBatch, WrongInterval

SHOWN = 64
"""Longer identities of senders and areas are cut; the source's columns are as wide."""

Complain = Callable[[int | None, str, str], None]
"""Notes a problem of the file at hand: line, reason, code."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Days of one source, out of one file: recorded wholly or not at all.

    `sequence` is one for all, or (n,) of each day.
    """

    kind: str
    owner: Owner
    sequence: int | npt.NDArray[np.int64]
    batch: BlockBatch


@dataclass(slots=True)
class Series:
    """Rows of a file that share a grid of time, on their way to days.

    `places`: (n,) of the usage points. values, quality: (n, t). `rounded`: (n,).
    """

    places: list[Place]
    kinds: list[ReadingType]
    start: datetime
    interval: int
    values: npt.NDArray[np.int64]
    quality: npt.NDArray[np.uint8]


@dataclass(slots=True)
class Late:
    """Values that lie after a moment: how many, and where the first of them begins."""

    after: datetime = FOREVER
    count: int = 0
    first: datetime = FOREVER

    def look(self, series: Series, present: npt.NDArray[np.bool_]) -> None:
        """Count those of series; `present` (n, t) says where values are."""
        step = timedelta(minutes=series.interval)
        # An interval may be under way: only what begins later cannot have been measured.
        begin = max(0, (self.after - series.start) // step + 1)
        columns = present[:, begin:].any(axis=0)
        if columns.any():
            self.count += int(present[:, begin:].sum())
            start = series.start + (begin + int(np.argmax(columns))) * step
            self.first = min(self.first, start)


@dataclass(slots=True)
class Cut:
    """What came out of a file: deliveries, and what a dry run only counts."""

    deliveries: list[Delivery] = field(default_factory=list)
    points: set[int] = field(default_factory=set)
    values: int = 0
    virtual: int = 0
    rounded: int = 0
    zones: set[str] = field(default_factory=set)
    late: Late = field(default_factory=Late)


def of_message(
    message: Message,
    *,
    sequence: int,
    book: PointBook,
    zones: Zones,
    options: ImportOptions,
    complain: Complain,
    note: Callable[[str], None],
    at: datetime = FOREVER,
) -> Cut:
    """The deliveries of a message: one of each of its areas that has a known point."""
    cut = Cut(zones={grid.zone for grid in message.grids}, late=Late(at))
    parts: dict[Owner, list[BlockBatch]] = defaultdict(list)
    for number, area in enumerate(message.areas):
        owner = Owner(message.sender_inn[:SHOWN], area.inn[:SHOWN])
        if not zones.is_known(area.timezone) and not zones.told:
            note(f"Time zone code {area.timezone!r} is unknown: {zones.of(*owner)} is taken.")
        names: dict[str, str] = {}
        lines: dict[str, int] = {}
        others = 0
        for channel in (c for grid in message.grids for c in grid.channels if c.area == number):
            if channel.reading_type is None:
                others += not channel.channel
                continue
            names.setdefault(channel.code, channel.name)
            lines.setdefault(channel.code, channel.line)
        if others:
            note("Groups and flows (deliverygroup, peretok) are not imported.")
        found = _resolve(
            book, owner, names, lines, options=options, complain=complain,
            zone=zones.of(message.sender_inn, area.inn, area.timezone),
            owner_name=message.sender_name, area_name=area.name,
        )  # fmt: skip
        for grid in message.grids:
            rows = [
                row
                for row, c in enumerate(grid.channels)
                if c.area == number and c.reading_type is not None and c.code in found
            ]
            if rows:
                parts[owner] += _of_grid(grid, rows, found, cut, complain)
    for owner, batches in parts.items():
        if not batches:
            continue
        batch = BlockBatch.concatenate(batches)
        cut.deliveries.append(Delivery("message", owner, sequence, batch))
    return cut


def _of_grid(
    grid: Grid, rows: list[int], found: dict[str, Place], cut: Cut, complain: Complain
) -> list[BlockBatch]:
    channels = [grid.channels[row] for row in rows]
    places = [found[c.code] for c in channels]
    kinds = [c.reading_type for c in channels if c.reading_type is not None]
    again = rules.twice(
        np.array([place.id for place in places], np.int64),
        np.array([kind.code for kind in kinds], np.int64),
    )
    for at in np.flatnonzero(again).tolist():
        complain(
            channels[at].line or None,
            f"Channel {channels[at].channel} of {channels[at].code} ({channels[at].kind}) is of a"
            " usage point of which the message has that channel already; the first is kept.",
            "channel-repeated",
        )
    kept = np.flatnonzero(~again)
    chosen = np.array(rows)[kept]
    cut.rounded += int(grid.rounded[chosen].sum())
    series = Series(
        [places[at] for at in kept], [kinds[at] for at in kept],
        grid.start, grid.interval, grid.values[chosen], grid.quality[chosen],
    )  # fmt: skip
    return cut_days(series, cut, complain)


def of_profiles(
    profiles: Profiles,
    *,
    sequence: int,
    book: PointBook,
    options: ImportOptions,
    complain: Complain,
    at: datetime = FOREVER,
) -> Cut:
    """The one delivery of a table of interval values."""
    cut = Cut(rounded=sum(series.rounded for series in profiles.series), late=Late(at))
    owner = Owner()
    names = {series.point: "" for series in profiles.series}
    lines: dict[str, int] = {}
    for one in profiles.series:
        lines[one.point] = min(one.line, lines.get(one.point, one.line))
    found = _resolve(
        book, owner, names, lines, options=options, complain=complain,
        zone=options.zone or rules.MOSCOW,
    )  # fmt: skip
    batches: list[BlockBatch] = []
    for stack in profiles.stacks():
        rows = [row for row, point in enumerate(stack.points) if point in found]
        if not rows:
            continue
        # "No value" in a table says nothing: a day without any must not become a stored one.
        told = stack.quality[rows]
        series = Series(
            [found[stack.points[row]] for row in rows], [stack.reading_types[row] for row in rows],
            stack.start, stack.interval, stack.values[rows],
            np.where(is_present(told), told, np.uint8(Quality.UNTOLD)),
        )  # fmt: skip
        batches += cut_days(series, cut, complain)
    if batches:
        batch = BlockBatch.concatenate(batches)
        cut.deliveries.append(Delivery("table", owner, sequence, batch))
    return cut


def cut_days(series: Series, cut: Cut, complain: Complain) -> list[BlockBatch]:
    """Blocks of the points' own days; series of points that are not there yet are counted."""
    there = is_present(series.quality)
    cut.late.look(series, there)
    present = there.sum(axis=1)
    cut.values += int(present.sum())
    by_zone: dict[str, list[int]] = defaultdict(list)
    for row, place in enumerate(series.places):
        if present[row]:
            cut.points.add(place.id)
        if place.id < 0:
            cut.virtual += int(present[row])
        else:
            by_zone[place.zone].append(row)
    batches = []
    for zone, rows in sorted(by_zone.items()):
        try:
            batches.append(
                BlockBatch.from_series(
                    usage_points=[series.places[row].id for row in rows],
                    reading_types=[series.kinds[row].code for row in rows],
                    start=series.start,
                    interval=series.interval,
                    values=series.values[rows],
                    quality=series.quality[rows],
                    zone=zone,
                )
            )
        except WrongInterval as problem:
            complain(None, f"{len(rows)} series cannot be cut into days: {problem}.", "interval")
    return batches


def _resolve(
    book: PointBook,
    owner: Owner,
    names: dict[str, str],
    lines: dict[str, int],
    *,
    options: ImportOptions,
    complain: Complain,
    zone: str,
    owner_name: str = "",
    area_name: str = "",
) -> dict[str, Place]:
    """Places of the codes; an unknown one is made if that is wanted, else complained of."""
    found = book.find(owner, names)
    unknown = {code: name for code, name in names.items() if code not in found}
    refused: dict[str, str] = {}
    if unknown and options.create_points:
        made, refused = book.create(
            owner, unknown, zone=zone, owner_name=owner_name, area_name=area_name
        )
        found |= made
    for code in unknown:
        if code in found:
            continue
        reason = f"Usage point {code} is unknown; --create-points makes it."
        if code in refused:
            reason = f"Usage point {code} cannot be made: {refused[code]}"
        complain(lines.get(code) or None, reason, "point-unknown")
    return found


def rows_of(deliveries: Iterable[Delivery]) -> int:
    """How many blocks deliveries have."""
    return sum(len(delivery.batch) for delivery in deliveries)
