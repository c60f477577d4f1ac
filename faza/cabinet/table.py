"""The explorer's table: the same numbers as in the picture, with what is missing in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from faza.cabinet import series, why, words
from faza.cabinet.columns import Column
from faza.cabinet.forms import View
from faza.cabinet.picture import lacking
from faza.cabinet.series import Cells, State, Total
from faza.cabinet.zones import Zones, split
from faza.core.units import decimals
from faza.ui import addresses, formats
from faza.ui.periods import Shown

MARKS = {
    State.ESTIMATED: "est",
    State.MISSING: "gap",
    State.NOT_YET: "yet",
    State.MANUAL: "man",
    State.DOUBTFUL: "doubt",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A number as written, or words where there is none; `css` repeats what `title` says."""

    text: str
    css: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A stretch of time. `toggle` opens or shuts the finer rows under a day."""

    label: str
    aside: str
    cells: tuple[Cell, ...]
    peak: str
    peak_at: str
    share: str
    said: str
    estimated: str = ""
    why: str = ""
    is_short: bool = False
    toggle: str = ""
    is_open: bool = False
    is_inner: bool = False
    is_yet: bool = False
    is_part: bool = False
    key: str = ""
    start: int = 0
    zones: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under the columns' names, and their sum. `step` names the first column."""

    step: str
    heads: tuple[tuple[str, str, str], ...]
    rows: tuple[Row, ...]
    foot: Row
    zones: tuple[str, ...] = ()

    @property
    def has_peaks(self) -> bool:
        """Whether any row has a greatest interval inside it."""
        return any(row.peak for row in self.rows)

    @property
    def has_toggles(self) -> bool:
        return any(row.toggle for row in self.rows)


def table(
    columns: Sequence[Column], view: View, zone: str, query: QueryDict, *,
    is_explained: bool, zones: Zones | None = None,
) -> Table:  # fmt: skip
    """The table of a view: days that open into intervals, or the steps themselves.

    is_explained: whether rows with estimates lead to why they are. zones: of days of one
    channel the tariff's zones are told too.
    """
    shown = view.shown
    is_one_day = shown.first == shown.last
    by_zone: tuple[Cells, ...] = ()
    rows: list[Row]
    if view.is_fine and not is_one_day:
        edges = series.day_edges(shown.first, shown.end, zone)
        days = [column.finest.by(edges) for column in columns]
        rows = list(_days(columns, days, view, zone, query))
        by_zone = _by_zone(columns, zones, zone)
        if by_zone:
            told = [_zone_cells(cells.by(edges), columns[0]) for cells in by_zone]
            rows = [_with_zones(row, told, edges) for row in rows]
    else:
        rows = _steps(columns, [column.points for column in columns], view.step, zone)
    if is_explained:
        rows = [_explained(row, columns[0], query) for row in rows]
    several = len(columns) > 1
    heads = tuple(
        (
            column.label if several else pgettext("column", "Total"),
            formats.unit_name(column.unit),
            column.hue if several else "",
        )
        for column in columns
    )
    first = {
        "interval": pgettext("column", "Interval"),
        "hour": pgettext("column", "Hour"),
        "day": pgettext("column", "Day"),
        "month": pgettext("column", "Month"),
    }[view.step if not (view.is_fine and not is_one_day) else "day"]
    names = tuple(one.label for one in zones.zones) if zones and by_zone else ()
    return Table(first, heads, tuple(_folded(rows)), _foot(columns, zone, by_zone), names)


def _by_zone(columns: Sequence[Column], zones: Zones | None, zone: str) -> tuple[Cells, ...]:
    """The intervals of each zone of the day; nothing where they do not tell zones apart."""
    if zones is None or len(columns) != 1 or not len(columns[0].finest):
        return ()
    return split(columns[0].finest, zones, zone)


def _with_zones(row: Row, told: Sequence[Sequence[Cell]], edges: np.ndarray) -> Row:
    """A day's row with its zones' cells; the intervals under it lie in one zone each."""
    if row.is_inner:
        return replace(row, zones=(Cell(""),) * len(told))
    place = int(np.searchsorted(edges, row.start))
    return replace(row, zones=tuple(days[place] for days in told))


def _zone_cells(cells: Cells, column: Column) -> list[Cell]:
    one = cells.together()
    states = one.states()
    made = [_cell(one, cells, states, place, column) for place in range(len(cells))]
    # Not all of the zone has arrived: hatched, as a stretch without data is in the picture.
    return [replace(cell, css="gap") if cell.title else cell for cell in made]


def _explained(row: Row, column: Column, query: QueryDict) -> Row:
    """A row of a day or of a part of it, with the way to why it is not simply measured."""
    if not (row.estimated or row.said) or row.is_yet:
        return row
    day = date.fromisoformat(row.key)
    part = row.start if row.is_part else 0
    return replace(row, why=why.address(query, column.kind, Shown("day", day, day), interval=part))


def _days(
    columns: Sequence[Column], days: Sequence[Cells], view: View, zone: str, query: QueryDict
) -> Iterable[Row]:
    listed = query.getlist("day")
    for place, row in enumerate(_steps(columns, days, "day", zone)):
        if row.is_yet:
            yield row
            continue
        is_open = date.fromisoformat(row.key) in view.opened
        toggle = addresses.changed(query, day=addresses.toggled(listed, row.key))
        yield replace(row, toggle=toggle, is_open=is_open)
        if is_open:
            start, end = int(days[0].start[place]), int(days[0].end[place])
            inner = [_between(column.points, start, end) for column in columns]
            yield from _steps(columns, inner, view.step, zone, is_inner=True)


def _folded(rows: list[Row]) -> list[Row]:
    """Rows of which the last ones, that have not arrived yet, are made one."""
    count = 0
    while count < len(rows) and rows[-1 - count].is_yet:
        count += 1
    if count < 2:
        return rows
    first, last = rows[-count], rows[-1]
    # An interval's own end closes the stretch, a day's name does.
    closing = last.label.partition("–")[2] or last.label
    label = f"{first.label.partition('–')[0]} – {closing}"
    return [*rows[:-count], replace(first, label=label, aside="")]


def _between(cells: Cells, start: int, end: int) -> Cells:
    low, high = np.searchsorted(cells.start, (start, end)).tolist()
    sums = {name: getattr(cells, name)[:, low:high] for name in series._SUMS}
    return Cells(cells.kind, cells.points, cells.start[low:high], cells.end[low:high], **sums)


def _steps(
    columns: Sequence[Column], cells: Sequence[Cells], step: str, zone: str, *,
    is_inner: bool = False,
) -> list[Row]:  # fmt: skip
    """A row for each cell; `cells` are the columns' points at this step."""
    sums = [one.together() for one in cells]
    states = [one.states() for one in sums]
    starts, ends = (series.walls(edge, zone) for edge in (cells[0].start, cells[0].end))
    peaks = _peaks(columns[0], cells[0], zone) if len(columns) == 1 and step in LONG else None
    rows = []
    for i, (start, end) in enumerate(zip(starts, ends, strict=True)):
        told = tuple(
            _cell(one, many, state, i, column)
            for one, many, state, column in zip(sums, cells, states, columns, strict=True)
        )
        total = _total(sums, i)
        peak, peak_at = peaks[i] if peaks else ("", "")
        label, aside = _label(start, end, step)
        said, estimated = _said(total, cells, states, i, step)
        rows.append(
            Row(
                label=label,
                aside=aside,
                cells=told,
                peak=peak,
                peak_at=peak_at,
                share=formats.completeness(total.share) if step in LONG and total.expected else "",
                said=said,
                estimated=estimated,
                is_short=total.missing > 0,
                is_inner=is_inner,
                is_yet=all(state[i] == State.NOT_YET for state in states),
                is_part=step == "interval",
                key=start.date().isoformat(),
                start=int(cells[0].start[i]),
            )
        )
    return rows


LONG = frozenset({"day", "month"})
"""Steps that hold intervals: they have a greatest one and a completeness."""


def _label(start: datetime, end: datetime, step: str) -> tuple[str, str]:
    if step == "month":
        return f"{words.month(start)} {start.year}", ""
    if step == "day":
        return formats.day(start.date()), words.weekday(start.date())
    closing = "24:00" if (end.hour, end.minute) == (0, 0) else formats.clock(end)
    return f"{formats.clock(start)}–{closing}", ""


def _cell(one: Cells, many: Cells, states: np.ndarray, place: int, column: Column) -> Cell:
    state = State(int(states[place]))
    if state == State.NOT_YET:
        return Cell(formats.DASH, MARKS[state])
    if state == State.MISSING:
        return Cell(_("no data"), MARKS[state])
    text = formats.number(
        words.decimal(int(one.value[0, place]), column.kind), decimals(column.kind)
    )
    title = ""
    if one.missing[0, place]:
        title = (
            lacking(many, place)
            if len(many.points) > 1
            else _("%(time)s without data")
            % {"time": formats.duration(timedelta(minutes=int(one.missing[0, place])))}
        )
    return Cell(text, MARKS.get(state, ""), title)


def _total(sums: Sequence[Cells], place: int) -> Total:
    """What all columns have in a row; of energies of several units only the time counts."""
    counts = [
        sum(int(getattr(one, name)[0, place]) for one in sums)
        for name in ("value", "expected", "missing", "estimated", "doubtful")
    ]
    return Total(*counts)


def _not_yet() -> str:
    return _("not arrived yet")


def _said(
    total: Total, cells: Sequence[Cells], states: Sequence[np.ndarray], place: int, step: str
) -> tuple[str, str]:
    """The state of a row in words; apart from it how much of it is estimated."""
    if all(state[place] == State.NOT_YET for state in states):
        return _not_yet() if any(one.minutes.any() for one in cells) else "", ""
    if step in LONG:
        said = []
        if total.missing:
            gap = formats.duration(total.gap)
            said.append(_("%(time)s without data") % {"time": gap})
        if total.doubtful:
            said.append(_("doubtful"))
        share = words.estimated_share(total) if total.estimated else ""
        return " · ".join(said), _("%(share)s estimated") % {"share": share} if share else ""
    names = {
        State.MEASURED: "",
        State.ESTIMATED: _("estimated"),
        State.MISSING: _("no data"),
        State.NOT_YET: _not_yet(),
        State.MANUAL: _("typed in"),
        State.DOUBTFUL: _("doubtful"),
    }
    worst = [State(int(state[place])) for state in states]
    said = list(dict.fromkeys(name for state in worst if (name := names[state])))
    if len(cells[0].points) > 1 and total.missing and State.MISSING not in worst:
        said.append(lacking(cells[0], place))
    if said == [names[State.ESTIMATED]]:
        return "", said[0]
    return ", ".join(said), ""


def _peaks(column: Column, cells: Cells, zone: str) -> list[tuple[str, str]]:
    """The greatest measured interval inside each cell, and when it was."""
    finest = column.finest.together()
    if len(finest) <= len(cells):
        return []
    is_good = (finest.present[0] > 0) & (finest.missing[0] == 0) & (finest.estimated[0] == 0)
    value = np.where(is_good, finest.value[0], -1)
    cuts = np.searchsorted(finest.start, np.append(cells.start, cells.end[-1]))
    found = []
    for low, high in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
        best = low + int(np.argmax(value[low:high])) if high > low else -1
        if best < 0 or value[best] < 0:
            found.append(("", ""))
            continue
        number = formats.number(words.decimal(int(value[best]), column.kind), decimals(column.kind))
        found.append((number, _when(finest, best, zone)))
    return found


def _when(cells: Cells, place: int, zone: str) -> str:
    start = series.walls(cells.start[place : place + 1], zone)[0]
    if cells.end[place] - cells.start[place] > 86_000:
        return f"{start:%d.%m}"
    return formats.clock(start)


def _foot(columns: Sequence[Column], zone: str, by_zone: Sequence[Cells] = ()) -> Row:
    totals = [column.total for column in columns]
    cells = tuple(
        Cell(
            formats.number(words.decimal(total.value, column.kind), decimals(column.kind)),
            "est" if total.estimated else "",
        )
        for total, column in zip(totals, columns, strict=True)
    )
    sums = Total(
        *(sum(getattr(total, name) or 0 for total in totals)
          for name in ("value", "expected", "missing", "estimated", "doubtful"))
    )  # fmt: skip
    said = []
    if sums.missing:
        said.append(_("%(time)s without data") % {"time": formats.duration(sums.gap)})
    if sums.estimated:
        said.append(_("%(share)s estimated") % {"share": words.estimated_share(sums)})
    peak = greatest(columns[0], zone) if len(columns) == 1 else None
    return Row(
        label=pgettext("column", "Sum"),
        aside="",
        cells=cells,
        peak=peak[0] if peak else "",
        peak_at=peak[1] if peak else "",
        share=formats.completeness(sums.share),
        said=" · ".join(said),
        is_short=sums.missing > 0,
        zones=tuple(
            Cell(
                formats.number(
                    words.decimal(series.total(cells).value, columns[0].kind),
                    decimals(columns[0].kind),
                )
            )
            for cells in by_zone
        ),
    )


def greatest(column: Column, zone: str) -> tuple[str, str] | None:
    """The greatest wholly measured cell as the store has it, as written, and when it was."""
    finest = column.finest.together()
    is_good = (finest.present[0] > 0) & (finest.missing[0] == 0) & (finest.estimated[0] == 0)
    if not is_good.any():
        return None
    value = np.where(is_good, finest.value[0], -1)
    best = int(np.argmax(value))
    start = series.walls(finest.start[best : best + 1], zone)[0]
    when = f"{start:%d.%m}"
    if finest.end[best] - finest.start[best] < 86_000:
        when += f" {formats.clock(start)}"
    number = formats.number(words.decimal(int(value[best]), column.kind), decimals(column.kind))
    return number, when


__all__ = ["Cell", "Row", "Table", "greatest", "table"]
