"""A case in words, as pages of both sides tell it."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from faza.cases.models import Case
from faza.cases.queries import Shown
from faza.core.reading_types import BY_CODE
from faza.core.units import decimals, to_unit
from faza.ui import formats

EN_DASH = "–"


def stretch(case: Case) -> str:
    """The stretch of a case in the time of its point."""
    return between(case.start, case.end, case.usage_point.zone)


def between(start: datetime, end: datetime, zone: str) -> str:
    """[start, end) by the clock of a zone: whole days, hours of a day, or two moments."""
    start, end = start.astimezone(ZoneInfo(zone)), end.astimezone(ZoneInfo(zone))
    last = end - timedelta(microseconds=1)
    if _is_midnight(start) and _is_midnight(end):
        return formats.dates(start.date(), last.date())
    closing = "24:00" if _is_midnight(end) else formats.clock(end)
    if start.date() == last.date():
        return f"{formats.day(start)}, {formats.clock(start)}{EN_DASH}{closing}"
    return f"{formats.moment(start)} {EN_DASH} {formats.day(last)} {closing}"


def _is_midnight(moment: datetime) -> bool:
    return (moment.hour, moment.minute, moment.second) == (0, 0, 0)


def shown(told: Shown | None, case: Case) -> str:
    """«12,340 кВт·ч; 2 из 48 интервалов расчётные»; empty where there is no single channel."""
    if told is None or case.reading_type is None:
        return ""
    kind = BY_CODE[case.reading_type]
    if told.total is None:
        return _("no data")
    value = to_unit(told.total, kind)
    said = [str(formats.quantity(value, kind.unit, decimals(kind)))]
    parts = {"all": told.intervals, "estimated": told.estimated, "missing": told.missing}
    if told.estimated:
        said.append(_("%(estimated)s of %(all)s intervals estimated") % parts)
    if told.missing:
        said.append(_("%(missing)s of %(all)s intervals without data") % parts)
    if told.doubtful:
        said.append(
            _("%(doubtful)s of %(all)s intervals doubtful") % (parts | {"doubtful": told.doubtful})
        )
    if len(said) == 1:
        said.append(_("all measured"))
    return "; ".join(said)
