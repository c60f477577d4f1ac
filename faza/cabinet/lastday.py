"""The last day with data, beside the same weekday of the week before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _

from faza.accounts.models import User
from faza.cabinet import picture, series, words, zones
from faza.cabinet.choice import Chosen
from faza.cabinet.columns import HUES
from faza.cabinet.series import Cells
from faza.ui import formats, periods


@dataclass(frozen=True, slots=True)
class Today:
    """The last day with data by its intervals."""

    title: str
    day: date
    total: str
    compare: str
    url: str
    picture: dict[str, Any]
    has_rest: bool
    night: str = ""


def last_day(
    recent: Cells, chosen: Chosen, until: datetime | None, zone: str, *, user: User, at: datetime
) -> Today | None:
    """The last day with data beside the same weekday of the week before; None without data.

    A subscriber's night is tinted: one question.
    """
    if until is None:
        return None
    tz = ZoneInfo(zone)
    day = (until - timedelta(microseconds=1)).astimezone(tz).date()
    shown, week = periods.around("day", day), periods.around("day", day - timedelta(days=7))
    now, before = series.during(recent, shown, zone), series.during(recent, week, zone)
    total = series.total(now)
    if not len(now) or total.value is None:
        return None
    both = series.pairs(now, before, zone, {day: week.first})
    cells = now.together()
    start, end = (datetime(d.year, d.month, d.day, tzinfo=tz) for d in (shown.first, shown.end))
    made: dict[str, Any] = {
        "unit": formats.unit_name(now.kind.unit),
        "decimals": 3,
        "zone": zone,
        "step": int(now.end[0] - now.start[0]),
        "start": start.isoformat(),
        "end": end.isoformat(),
        "until": until.astimezone(tz).isoformat() if until < end else None,
        "series": [
            {
                "id": "today",
                "label": words.CHANNELS[now.kind.code][0],
                "hue": HUES[now.kind.code],
                "start": (now.start * 1000).tolist(),
                "value": picture.numbers(cells),
                "quality": cells.pictured().tolist(),
            }
        ],
    }
    # Others' boards are as full of questions as they may be, and the tariff is not theirs.
    is_own = user.role == User.Role.SUBSCRIBER
    day_zones = zones.shared(user, chosen, shown, at=at) if is_own else None
    if day_zones:
        made["nights"] = zones.nights(day_zones, shown, zone)
    has_before = series.total(before).value is not None and bool((both >= 0).any())
    if has_before:
        there = picture.numbers(before.together())
        made["compare"] = {
            "label": words.last_weekday(week.first),
            "start": (now.start * 1000).tolist(),
            "value": [there[i] if i >= 0 else None for i in both.tolist()],
        }
    is_today = day == at.astimezone(tz).date()
    told = {"total": words.told(total.value, now.kind)}
    address = [*(("point", code) for code in chosen.codes), ("period", "day"), ("on", str(day))]
    return Today(
        title=_day_title(made["step"] // 60, is_today=is_today),
        day=day,
        total=_("today, %(total)s") % told if is_today else _("that day, %(total)s") % told,
        compare=words.last_weekday(week.first) if has_before else "",
        url=f"{reverse('cabinet:explorer')}?{urlencode(address)}",
        picture=made,
        has_rest=until < end,
        night=day_zones.legend if day_zones else "",
    )


def _day_title(minutes: int, *, is_today: bool) -> str:
    if minutes == 30:
        return _("Today by half-hours") if is_today else _("The last day with data by half-hours")
    title = (
        _("Today by %(minutes)s minutes")
        if is_today
        else _("The last day with data by %(minutes)s minutes")
    )
    return title % {"minutes": minutes}
