"""Completeness of the load profile: how much of it is there, where it is not, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from faza.core.periods import Period
from faza.core.windows import Windows
from faza.readings.queries import completeness
from faza.reports import wording
from faza.reports.gathering import (
    Point,
    Tally,
    asked_of,
    batches,
    civil,
    same,
    shares,
    texts,
)
from faza.reports.parameters import Parameters
from faza.reports.reasons import Reason, reasons
from faza.reports.registry import Field, KindOfReport
from faza.reports.table import Block, Cells, Chart, Column, Kind, Role, Series, Table
from faza.ui import formats

MOST_BARS = 40
"""Points of the chart; of more there is none."""
A_DAY = 48
HOUR = 3600


def make(windows: Windows, parameters: Parameters, at: datetime) -> Table:
    points, windows = asked_of(windows, parameters.commodity)
    counted, where = _("Intervals"), _("Where and why not measured")
    columns = (
        Column("point", _("Usage point")),
        Column("code", _("Code")),
        Column("expected", pgettext("intervals", "Expected"), Kind.COUNT, group=counted),
        Column("measured", pgettext("intervals", "Measured"), Kind.COUNT, group=counted),
        Column("estimated", pgettext("intervals", "Estimated"), Kind.COUNT, group=counted),
        Column("missing", pgettext("intervals", "Missing"), Kind.COUNT, group=counted),
        Column("complete", _("Completeness"), Kind.PERCENT, "%", 1),
        Column("from", pgettext("of a stretch", "From"), Kind.MOMENT, group=where),
        Column("to", pgettext("of a stretch", "To"), Kind.MOMENT, group=where),
        Column("hours", _("Length"), Kind.NUMBER, formats.unit_name("h"), 1, where),
        Column("why", pgettext("of a stretch", "Why"), group=where),
    )
    table = Table(
        str(KIND.title), wording.period(parameters.shown, points), columns, (), at,
        facts=wording.facts(parameters, points),
        notes=[*wording.nothing(points), *wording.unfinished(parameters.shown, points, at)],
    )  # fmt: skip
    drawn: list[tuple[str, float]] = []
    blocks = _blocks(table, points, windows, parameters, drawn)
    if len(points) > MOST_BARS:
        table.blocks = blocks
        return table
    table.blocks = made = list(blocks)
    table.n_rows = sum(len(block) for block in made)
    if drawn:
        names, values = zip(*drawn, strict=True)
        bars = Series(_("Completeness"), np.array(values, np.float64))
        table.chart = Chart(_("Completeness"), "%", tuple(names), (bars,))
    return table


def _blocks(
    table: Table, points: Sequence[Point], windows: Windows, parameters: Parameters,
    drawn: list[tuple[str, float]],
) -> Iterator[Block]:  # fmt: skip
    """Of each point a row for each stretch, then its sum: of a complete point the sum alone."""
    whole = Tally()
    days = (parameters.end - parameters.first).days
    n_complete = 0
    for some, seen in batches(points, windows):
        found = completeness(seen, [parameters.reading_type.code], parameters.first,
                             parameters.end, until=table.made_at)  # fmt: skip
        lacking = set(found.usage_points[found.come < found.expected].tolist())
        stretches: dict[int, list[Reason]] = {}
        bad = [point for point in some if point.id in lacking]
        for few, theirs in batches(bad, seen, days * A_DAY):
            stretches |= _reasons(few, theirs, parameters, table.made_at)
        rows = {point: row for row, point in enumerate(found.usage_points.tolist())}
        for point in some:
            row = rows.get(point.id)
            if row is None or not found.expected[row]:
                continue
            tally = Tally(
                0, int(found.expected[row]), int(found.present[row]), int(found.estimated[row])
            )
            whole.join(tally)
            n_complete += point.id not in lacking
            if len(drawn) < MOST_BARS:
                share = shares(found.come[[row]], found.expected[[row]])[0]
                drawn.append((wording.short(point.name), float(share)))
            if listed := stretches.get(point.id):
                yield _listed(point, listed)
            cells = (same(point.name, 1), same(point.code, 1), *_counts(tally), *_nowhere())
            yield Block(cells, Role.SUBTOTAL)
    if len(points) > 1 and whole.expected:
        cells = (same("", 1), same("", 1), *_counts(whole), *_nowhere())
        yield Block(cells, Role.TOTAL)
    if points:
        table.notes += wording.quality(whole)
        table.notes.append(
            _("Completeness counts what was measured; points of which all was: %(count)s of"
              " %(all)s.")
            % {"count": formats.number(n_complete), "all": formats.number(len(points))}
        )  # fmt: skip


def _reasons(
    points: Sequence[Point], windows: Windows, parameters: Parameters, at: datetime
) -> dict[int, list[Reason]]:
    """Stretches by point. Days of points of several zones are cut by the windows' own zones."""
    found: dict[int, list[Reason]] = {}
    for zone in dict.fromkeys(point.zone for point in points):
        mine = windows.of_points([point.id for point in points if point.zone == zone])
        period = Period.of_days(parameters.first, parameters.end, zone)
        for one in reasons(mine, parameters.reading_type.code, period, at=at):
            found.setdefault(one.point, []).append(one)
    return found


def _counts(tally: Tally) -> tuple[Cells, ...]:
    measured = tally.present - tally.estimated
    counts = (tally.expected, measured, tally.estimated, tally.expected - tally.present)
    return (
        *(Cells(np.array([float(count)])) for count in counts),
        Cells(shares(np.array([measured]), np.array([tally.expected]))),
    )


def _nowhere() -> tuple[Cells, ...]:
    """The columns of a stretch in a row that is of none."""
    nowhere = Cells(np.array(["NaT"], "datetime64[m]"))
    return nowhere, nowhere, Cells(np.array([np.nan])), same("", 1)


def _listed(point: Point, stretches: Sequence[Reason]) -> Block:
    """The stretches of a point, each with its own intervals: nothing of it was measured."""
    count = len(stretches)
    starts = np.array([one.start for one in stretches], np.int64)
    ends = np.array([one.end for one in stretches], np.int64)
    intervals = np.array([one.intervals for one in stretches], np.float64)
    is_estimated = np.array([one.is_estimated for one in stretches], bool)
    return Block(
        (
            same(point.name, count), same(point.code, count), Cells(intervals),
            Cells(np.zeros(count)), Cells(np.where(is_estimated, intervals, 0.0)),
            Cells(np.where(is_estimated, 0.0, intervals)), Cells(np.zeros(count)),
            Cells(civil(starts, point.zone)), Cells(civil(ends, point.zone)),
            Cells((ends - starts) / HOUR),
            texts(one.why for one in stretches),
        )
    )  # fmt: skip


def rows(parameters: Parameters, n_points: int) -> int:
    """A row a point; how many stretches there are nobody knows before."""
    return n_points


KIND = KindOfReport(
    code="completeness",
    title=gettext_lazy("Completeness of the load profile"),
    description=gettext_lazy("where there are no data, and why"),
    icon="progress-check",
    make=make,
    rows=rows,
    fields=frozenset({Field.RESOURCE, Field.CHANNEL}),
    place=7,
)
