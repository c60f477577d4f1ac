"""«Metering data»: the questions of the explorer joined into what its page shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from faza.accounts.models import User
from faza.cabinet import exports, forms, measured, picture, series, why, words, zones
from faza.cabinet import table as tables
from faza.cabinet.cases.links import contest
from faza.cabinet.choice import Chosen, Point
from faza.cabinet.columns import HUES, Column, columns
from faza.cabinet.measured import Heard
from faza.cabinet.series import Total
from faza.cases.rules import LONGEST, Subject
from faza.contracts import access
from faza.core.periods import Period
from faza.core.reading_types import A_PLUS, OF_COMMODITY, Commodity
from faza.core.windows import Windows
from faza.ui import addresses, formats, periods
from faza.ui import tree as trees
from faza.ui.contact import Contact, contact
from faza.ui.periods import Choice, Control

LISTED_GAPS = 12


@dataclass(frozen=True, slots=True)
class Channel:
    """A switch of a channel; without an address it says in `why` that there is nothing to show."""

    label: str
    hue: str
    url: str
    is_on: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Stat:
    """A number under the picture."""

    label: str
    value: str
    unit: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Explorer:
    """The page: the tree, the controls, and what the period comes to."""

    chosen: Chosen
    tree: trees.Tree
    view: forms.View
    control: Control
    steps: tuple[Choice, ...]
    layouts: tuple[Choice, ...]
    channels: tuple[Channel, ...]
    lead: SafeString | str
    under: str
    late: str
    title: str
    hue: str
    total: Total | None = None
    silent: str = ""
    picture: dict[str, Any] | None = None
    stats: tuple[Stat, ...] = ()
    table: tables.Table | None = None
    gaps: tuple[tuple[str, str, str], ...] = ()
    more_gaps: int = 0
    why_url: str = ""
    contest_url: str = ""
    night: str = ""
    compare_url: str = ""
    compare_label: str = ""
    compare_words: str = ""
    exports: tuple[tuple[str, str, str, str], ...] = ()
    link: str = ""
    problems: tuple[str, ...] = ()
    has_several_zones: bool = False
    legend: tuple[tuple[str, str], ...] = field(default=())

    @property
    def point(self) -> Point | None:
        return self.chosen.one


def explorer(user: User, chosen: Chosen, query: QueryDict, *, at: datetime) -> Explorer:
    """The explorer of chosen points for an address. At most ten questions."""
    here = chosen.asked.into(query)
    tree = trees.tree(user, chosen.asked, here, at=at)
    listed = {leaf.id for leaf in tree.leaves}
    whole, chosen = chosen, chosen.of_resource()
    every = access.windows_of(user, at=at, points=listed | set(chosen.ids))
    windows = every.of_points(chosen.ids)
    # Of one channel: whoever has none of the others is not silent.
    heard = measured.heard(every, list({A_PLUS, chosen.kind}), at=at)
    over = ended(windows, at=at)
    anchor = min(at, over) if over else at
    today = (anchor - timedelta(microseconds=1)).astimezone(ZoneInfo(chosen.zone)).date()
    points = max(1, len(chosen.points))
    until = heard.among(set(chosen.ids))
    is_asked = "period" in here or "on" in here
    usual = today if is_asked else measured.latest_day(until, today, chosen.zone)
    view = forms.read(here, today=usual, points=points, resource=chosen.resource)
    cut = at if over else measured.arrived(until, at=at)
    found = () if chosen.too_many else columns(chosen, view, windows, until=cut)
    known = measured.kinds_of(windows, view.shown.first, view.shown.end) if chosen.points else set()
    common: dict[str, Any] = {
        "chosen": chosen,
        "tree": trees.told(tree, _states(every, heard, at=at)),
        "view": view,
        "control": periods.control(view.shown, here, today=today, since=_since(windows, chosen)),
        "steps": _steps(view, here, len(chosen.points), _minutes(found)),
        "layouts": _layouts(view, here, len(chosen.points)),
        "channels": _channels(view, here, known, chosen.resource),
        "problems": (*view.problems, *words.left_out(len(whole.points) - len(chosen.points))),
        "has_several_zones": chosen.has_several_zones,
        "under": _under(chosen, until, over, at=at),
        "late": "",
        "contest_url": _contest(user, chosen, view, at=at),
        "title": "",
        "hue": HUES[view.kinds[0].code],
    }
    if not chosen.points or chosen.too_many:
        return Explorer(**common, lead=_nothing_chosen(chosen, tree.total))
    day_zones = zones.shared(user, chosen, view.shown, at=at) if view.is_fine else None
    common["late"] = "" if over or not contact(until, at=at).is_late else words.late(until, at=at)
    return Explorer(**(common | _content(chosen, view, found, here, today, until, day_zones)))


def _contest(user: User, chosen: Chosen, view: forms.View, *, at: datetime) -> str:
    """Where what is shown is contested: of one point, up to now; empty where nothing is."""
    point = chosen.one
    if point is None or (view.shown.end - view.shown.first) > LONGEST:
        return ""
    days = Period.of_days(view.shown.first, view.shown.end, point.zone)
    if days.start >= at:
        return ""
    end, zone = min(days.end, at), ZoneInfo(point.zone)
    return contest(user, point.code, view.kinds[0], days.start, end, zone, subject=Subject.VALUE)


def ended(windows: Windows, *, at: datetime) -> datetime | None:
    """When the reader's time with the points was over; None while it goes on for any of them."""
    last = max((window.period.end for window in windows), default=at)
    return last if last < at else None


def _under(
    chosen: Chosen, until: datetime | None, over: datetime | None, *, at: datetime
) -> str:  # fmt: skip
    if not chosen.points or chosen.too_many:
        return ""
    return words.over(over, chosen.zone) if over else words.until(until, chosen.zone, at=at)


def _since(windows: Windows, chosen: Chosen) -> date | None:
    first = min((window.period.start for window in windows), default=None)
    # Who sees a point for all time has no first day.
    if first is None or first.year < 1990:
        return None
    return first.astimezone(ZoneInfo(chosen.zone)).date()


def _states(windows: Windows, heard: Heard, *, at: datetime) -> dict[int, Contact]:
    ends = {window.usage_point: window.period.end for window in windows}
    return {point: contact(heard.of(point), at=at, ended=end) for point, end in ends.items()}


def _nothing_chosen(chosen: Chosen, total: int) -> str:
    if not total:
        return _("No usage points are open to you yet.")
    if chosen.too_many:
        return _("Too many points are chosen for one page.")
    return _("Choose points to see what they measured.")


def _content(
    chosen: Chosen, view: forms.View, found: Sequence[Column], query: QueryDict, today: date,
    until: datetime | None, day_zones: zones.Zones | None,
) -> dict[str, Any]:  # fmt: skip
    """What depends on the numbers."""
    main, zone, shown = found[0], chosen.zone, view.shown
    total = _all(found) if view.layout == "apart" else main.total
    gaps = [gap for column in _of_total(found, view) for gap in series.gaps(column.finest)]
    name = chosen.one.name if chosen.one else words.points(len(chosen.points))
    start, end = main.finest.start, main.finest.end
    has_any = total.value is not None
    # Of one point and one channel it can be told why.
    is_explained = chosen.one is not None and len(found) == 1
    tz = ZoneInfo(zone)
    edges = [datetime(day.year, day.month, day.day, tzinfo=tz) for day in (shown.first, shown.end)]
    nights = zones.nights(day_zones, shown, zone) if day_zones else []
    return {
        "lead": words.explorer_lead(
            main.kind, total, shown, today=today, who=name, only_day=_only_day(gaps, zone)
        ),
        "title": _title(found, view),
        "total": total,
        "picture": picture.profile(
            found, step=view.step, zone=zone, start=edges[0], end=edges[1], until=until,
            compare=words.before(shown) if view.compare else "",
            nights=nights,
        ) if has_any and len(start) and len(end) else None,
        "silent": words.silent(
            len(chosen.points) - sum(len(one.finest.points) for one in _of_total(found, view))
        ) if has_any else "",
        "stats": _stats(found, total, view, zone) if has_any else (),
        "table": tables.table(
            found, view, zone, query,
            is_explained=is_explained and (view.is_fine or view.step == "day"), zones=day_zones,
        ) if has_any else None,
        "gaps": _told(gaps, chosen),
        "more_gaps": max(0, len(gaps) - LISTED_GAPS),
        "why_url": why.address(query, main.kind, shown)
        if is_explained and (total.estimated or total.missing or total.doubtful) else "",
        "night": day_zones.legend if nights and day_zones else "",
        "compare_url": addresses.changed(query, compare=None if view.compare else "1")
        if len(found) == 1 else "",
        "compare_label": words.before(shown),
        "compare_words": words.compare_with(shown),
        "exports": exports.links(query, chosen, view),
        "link": exports.shared(query, chosen, view),
        "legend": tuple((column.hue, column.label) for column in found) if len(found) > 1 else (),
    }  # fmt: skip


def _of_total(found: Sequence[Column], view: forms.View) -> Sequence[Column]:
    """The columns that the total stands for: all points, one channel."""
    return found if view.layout == "apart" else found[:1]


def _all(found: Sequence[Column]) -> Total:
    totals = [column.total for column in found]
    values = [total.value for total in totals if total.value is not None]
    return Total(
        sum(values) if values else None,
        *(sum(getattr(total, name) for total in totals)
          for name in ("expected", "missing", "estimated", "doubtful")),
    )  # fmt: skip


def _only_day(gaps: Sequence[series.Gap], zone: str) -> date | None:
    """The day on which everything missing lies, if there is one."""
    days = set()
    for gap in gaps:
        first, last = (
            datetime.fromtimestamp(at, ZoneInfo(zone)).date() for at in (gap.start, gap.end - 1)
        )
        days |= {first, last}
    return days.pop() if len(days) == 1 else None


def _told(gaps: Sequence[series.Gap], chosen: Chosen) -> tuple[tuple[str, str, str], ...]:
    """The longest gaps: when, how long, at which point."""
    names = {point.id: point.name for point in chosen.points}
    longest = sorted(gaps, key=lambda gap: gap.start - gap.end)[:LISTED_GAPS]
    tz = ZoneInfo(chosen.zone)
    return tuple(
        (
            words.stretch(
                datetime.fromtimestamp(gap.start, tz), datetime.fromtimestamp(gap.end, tz)
            ),
            formats.duration(gap.length),
            names[gap.point] if len(names) > 1 else "",
        )
        for gap in sorted(longest, key=lambda gap: gap.start)
    )


def _title(found: Sequence[Column], view: forms.View) -> str:
    """«Активная энергия, приём, кВт·ч за 30 минут»."""
    names = dict.fromkeys(str(words.CHANNELS[column.kind.code][1]) for column in found)
    units = dict.fromkeys(formats.unit_name(column.unit) for column in found)
    over = {
        "hour": pgettext("energy", "by hours"),
        "day": pgettext("energy", "by days"),
        "month": pgettext("energy", "by months"),
    }.get(view.step)
    if over is None:
        over = pgettext("energy", "by %(minutes)s minutes") % {"minutes": _minutes(found)}
    parts = {"name": ", ".join(names), "units": ", ".join(units), "over": over}
    return _("%(name)s, %(units)s %(over)s") % parts


def _stats(
    found: Sequence[Column], total: Total, view: forms.View, zone: str
) -> tuple[Stat, ...]:  # fmt: skip
    main = found[0]
    several = len(found) > 1
    made = []
    for column in found if several and view.layout == "sum" else ():
        told = formats.energy(words.decimal(column.total.value, column.kind), column.unit)
        made.append(Stat(column.label, told.number, told.unit))
    if not made:
        told = formats.energy(words.decimal(total.value, main.kind), main.unit)
        made.append(Stat(_("In all"), told.number, told.unit))
    each = [column.finest.daily() for column in _of_total(found, view)]
    known = [one for one in each if one is not None]
    if known:
        told = formats.energy(words.decimal(round(sum(known)), main.kind), main.unit)
        hint = _("over the time that has data")
        made.append(Stat(_("A day on average"), told.number, told.unit, hint))
    peak = tables.greatest(main, zone) if not several else None
    if peak:
        label = _("Greatest, %(when)s") % {"when": peak[1]}
        made.append(Stat(label, peak[0], formats.unit_name(main.unit)))
    if not several:
        made.append(_change(main, view))
    return tuple(made)


def _change(column: Column, view: forms.View) -> Stat:
    found = column.compared
    label = words.previous(view.shown)
    if found is None or found.change is None:
        return Stat(label, formats.DASH, hint=_("nothing to compare with"))
    parts = {
        "now": words.told(found.now, column.kind),
        "before": words.told(found.before, column.kind),
    }
    hint = _("over the hours that both have: %(now)s and %(before)s") % parts
    if not found.is_whole:
        hint += f"; {words.compared(found)}"
    return Stat(label, formats.signed(found.change), "%", hint)


def _minutes(found: Sequence[Column]) -> int:
    """How long the shown intervals are; half an hour where none are."""
    if not found or not len(found[0].finest):
        return 30
    minutes = int(found[0].finest.end[0] - found[0].finest.start[0]) // 60
    return minutes if minutes < series.DAY // 2 else 30


def _steps(
    view: forms.View, query: QueryDict, points: int, minutes: int
) -> tuple[Choice, ...]:  # fmt: skip
    names = {
        "interval": pgettext("resolution", "%(minutes)s min") % {"minutes": minutes},
        "hour": pgettext("resolution", "hour"),
        "day": pgettext("resolution", "day"),
        "month": pgettext("resolution", "month"),
    }
    coarse = forms.coarse(view.shown, points=max(1, points), channels=len(view.kinds))
    made = []
    for step, name in names.items():
        why = coarse if step in forms.FINE else ""
        if step == "month" and not forms.spans_months(view.shown):
            why = _("The period is not longer than a month.")
        url = "" if why else addresses.changed(query, by=step, day=None)
        made.append(Choice(name, url, current=step == view.step, title=why))
    return tuple(made)


def _layouts(view: forms.View, query: QueryDict, points: int) -> tuple[Choice, ...]:
    if points < 2:
        return ()
    few = points <= forms.APART
    why = "" if few else _("Side by side there is room for eight points.")
    apart = addresses.changed(query, view="apart") if few else ""
    return (
        Choice(
            pgettext("points", "summed"), addresses.changed(query, view=None),
            current=view.layout == "sum",
        ),
        Choice(
            pgettext("points", "side by side"), apart, current=view.layout == "apart", title=why
        ),
    )  # fmt: skip


def _channels(
    view: forms.View, query: QueryDict, known: set[int], resource: str
) -> tuple[Channel, ...]:
    on = [kind.channel for kind in view.kinds]
    made = []
    for kind in OF_COMMODITY[Commodity(resource)]:
        label = str(words.CHANNELS[kind.code][0])
        is_on = kind in view.kinds
        if kind.code not in known and not is_on and kind != A_PLUS:
            why = _("The chosen points have no data of this channel in this period.")
            made.append(Channel(label, HUES[kind.code], "", is_on=False, why=why))
            continue
        if view.layout == "apart":
            chain = [kind.channel]
        else:
            chain = addresses.toggled(on, kind.channel) or [kind.channel]
        url = addresses.changed(query, channel=chain)
        made.append(Channel(label, HUES[kind.code], url, is_on=is_on))
    return tuple(made)
