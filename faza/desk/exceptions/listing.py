"""The list beside a finding: by rule, the oldest first, of each rule some or one rule wholly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.http import QueryDict

from faza.core.reading_types import A_PLUS, BY_CODE
from faza.desk.exceptions import words
from faza.desk.exceptions.asked import Asked, narrowed
from faza.desk.exceptions.rows import row_of
from faza.desk.exceptions.term import term
from faza.readings.models import Finding
from faza.readings.validation import RULES
from faza.readings.vee.findings import Row, State

OF_A_RULE = 5
PER_PAGE = 50
ORDER = ("found_at", "usage_point", "reading_type", "start")


@dataclass(frozen=True, slots=True)
class Line:
    """A finding in the list."""

    row: Row
    name: str
    zone: str
    url: str
    is_late: bool
    is_half: bool

    @property
    def when(self) -> str:
        """The stretch, and the channel unless it is the one that nearly all findings are of."""
        told = words.stretch_of(self.row, self.zone)
        kind = BY_CODE.get(self.row.key.reading_type)
        return told if kind is None or kind == A_PLUS else f"{told} · {kind.channel}"


@dataclass(frozen=True, slots=True)
class Group:
    """Findings of a rule; count: how many there are, `more` of them are not shown here."""

    rule: str
    title: str
    count: int
    lines: tuple[Line, ...]
    url: str

    @property
    def more(self) -> int:
        return self.count - len(self.lines)


@dataclass(frozen=True, slots=True)
class Listed:
    """total, overdue: of all that the filters find. earlier, later: pages of a single rule."""

    groups: tuple[Group, ...]
    total: int
    overdue: int
    earlier: str = ""
    later: str = ""

    @property
    def lines(self) -> list[Line]:
        return [line for group in self.groups for line in group.lines]


def listed(rows: QuerySet[Finding], asked: Asked, *, at: datetime) -> Listed:
    """The list that an address asks for; three queries at most."""
    late = Q(state=State.OPEN, found_at__lte=at - term())
    counted: Any = rows.order_by().values("rule")
    counted = counted.annotate(n=Count("rule"), late=Count("rule", filter=late))
    told = {one["rule"]: one for one in counted}
    total = sum(one["n"] for one in told.values())
    overdue = sum(one["late"] for one in told.values())
    query = QueryDict(asked.filters)
    chosen = rows.select_related("usage_point")
    page = Asked()
    if query.get("rule"):
        last = max(1, -(-total // PER_PAGE))
        page = replace(asked, page=min(asked.page, last))
        first = (page.page - 1) * PER_PAGE
        found = list(chosen.order_by(*ORDER)[first : first + PER_PAGE])
        earlier = _turned(page, -1) if page.page > 1 else ""
        later = _turned(page, 1) if page.page < last else ""
    else:
        found = _first_of_each(rows, chosen)
        earlier = later = ""
    groups = []
    for rule in sorted(told, key=lambda code: (code not in RULES, code)):
        lines = tuple(_line(one, page if query.get("rule") else asked, at) for one in found
                      if one.rule == rule)  # fmt: skip
        narrow = Asked(filters=_with(query, rule), span=asked.span)
        groups.append(
            Group(rule, words.title(rule), told[rule]["n"], lines, narrow.address())
        )  # fmt: skip
    return Listed(tuple(groups), total, overdue, earlier, later)


def _first_of_each(rows: QuerySet[Finding], chosen: QuerySet[Finding]) -> list[Finding]:
    """The oldest few of each rule; two queries: keys alone are sorted, for there may be many."""
    place = Window(RowNumber(), partition_by="rule", order_by=[F(name) for name in ORDER])
    keys = rows.order_by().annotate(place=place).filter(Q(place__lte=OF_A_RULE))
    wanted = Q()
    for point, kind, rule, start in keys.values_list(
        "usage_point_id", "reading_type", "rule", "start"
    ):
        wanted |= Q(usage_point=point, reading_type=kind, rule=rule, start=start)
    return list(chosen.filter(wanted).order_by("rule", *ORDER)) if wanted else []


def _turned(asked: Asked, by: int) -> str:
    return asked.address(page=asked.page + by, key="", deed="", method="")


def _with(query: Mapping[str, str], rule: str) -> str:
    return narrowed({**{name: str(query[name]) for name in query}, "rule": rule})


def _line(finding: Finding, asked: Asked, at: datetime) -> Line:
    row = row_of(finding)
    waits = finding.state == State.OPEN
    return Line(
        row=row,
        name=finding.usage_point.name,
        zone=finding.usage_point.zone,
        url=asked.of_finding(row.key.text),
        is_late=waits and finding.found_at <= at - term(),
        is_half=waits and finding.found_at <= at - term() / 2,
    )
