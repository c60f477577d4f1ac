"""What validation found on the stretch of a case; one query."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext

from faza.cases import words
from faza.cases.models import Case
from faza.readings.models import Finding
from faza.readings.validation.rules import RULES

SHOWN = 30
WHOLE_POINT = 0
"""The reading type of a finding that is about no single channel."""


@dataclass(frozen=True, slots=True)
class Found:
    """A finding as the page tells it."""

    code: str
    title: str
    stretch: str
    state: str


def findings(case: Case) -> list[Found]:
    """The first findings that share time with a case, of its channel and of the whole point."""
    rows = Finding.objects.filter(
        usage_point=case.usage_point_id, start__lt=case.end, end__gt=case.start
    )
    if case.reading_type is not None:
        rows = rows.filter(reading_type__in=[case.reading_type, WHOLE_POINT])
    zone = case.usage_point.zone
    return [
        Found(
            row.rule,
            gettext(RULES[row.rule].title) if row.rule in RULES else "",
            words.between(row.start, row.end, zone),
            row.get_state_display(),
        )
        for row in rows.order_by("start", "rule")[:SHOWN]
    ]
