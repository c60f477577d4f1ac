"""What notices say, in the language that is active: of a kind, its payload and a clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from faza.collection.models import SupplyOrder
from faza.core.reading_types import A_PLUS
from faza.core.units import to_unit
from faza.events import catalogue
from faza.events.kinds import Importance
from faza.manual_entry import wording as typed
from faza.notifications.templatetags.order_mails import order_deed, order_power
from faza.ui import formats

Payload = Mapping[str, Any]  # as JSON is


@dataclass(frozen=True, slots=True)
class Told:
    """A notice in words; kind: warn, bad, good or nothing. `place` is where, if anywhere."""

    icon: str
    kind: str
    title: str
    lines: tuple[str, ...] = ()
    place: str = ""

    @property
    def whole(self) -> str:
        """As one line of a mail."""
        parts = [part for part in (self.place, *self.lines) if part]
        return f"{self.title}. {'. '.join(parts)}." if parts else f"{self.title}."


def told(kind: str, payload: Payload, zone: str) -> Told:
    """A notice in words; moments by the clock of a zone."""
    tell = MAILS.get(kind)
    place = str(payload.get("place") or "")
    if tell is None:
        return Told(icon="bell", kind="", title=kind, place=place)
    one = tell(payload, ZoneInfo(zone))
    return replace(one, place=place)


def _events(payload: Payload, zone: ZoneInfo) -> Told:
    events, more = payload.get("events", ()), int(payload.get("more") or 0)
    kinds = [catalogue.find(journal, code) for _moment, journal, code in events]
    worst = max((one.importance for one in kinds), default=Importance.INFO)
    look = {Importance.ALARM: "bad", Importance.WARNING: "warn"}.get(worst, "")
    icon = "alert-triangle" if look else "list-details"
    if len(events) == 1 and not more:
        when = formats.moment(_moment_of(events[0][0]), zone)
        return Told(icon, look, title=str(kinds[0].words), lines=(when,))
    count = len(events) + more
    title = ngettext("%(count)s event of meters", "%(count)s events of meters", count)
    lines = [
        f"{formats.moment(_moment_of(event[0]), zone)} – {one.words}"
        for event, one in zip(events, kinds, strict=True)
    ]
    if more and lines:
        lines.append(ngettext("and %(count)s more", "and %(count)s more", more) % {"count": more})
    return Told(icon, look, title=title % {"count": formats.number(count)}, lines=tuple(lines))


def _late(payload: Payload, zone: ZoneInfo) -> Told:
    lines = []
    for journal, code, count, first, last in payload["counts"]:
        parts = {
            "what": catalogue.find(journal, code).words,
            "count": formats.number(count),
            "first": formats.day(_moment_of(first).astimezone(zone)),
            "last": formats.day(_moment_of(last).astimezone(zone)),
        }
        lines.append(_("%(what)s: %(count)s, from %(first)s to %(last)s") % parts)
    return Told(
        icon="list-details",
        kind="",
        title=_("Meters have told of earlier events"),
        lines=tuple(lines),
    )


def _outage(payload: Payload, zone: ZoneInfo) -> Told:
    start, end = _moment_of(payload["from"]), _moment_of(payload["to"])
    title = _("There was no power for %(time)s") % {"time": formats.duration(end - start)}
    parts = {"start": formats.moment(start, zone), "end": formats.moment(end, zone)}
    return Told(
        icon="plug-connected-x",
        kind="warn",
        title=title,
        lines=(_("From %(start)s to %(end)s") % parts,),
    )


def _verification(payload: Payload, zone: ZoneInfo) -> Told:
    due = date.fromordinal(payload["due"])
    parts = {"number": payload["number"], "day": formats.day(due)}
    last = formats.day(due - timedelta(days=1))
    is_meter = payload["what"] == "meter"
    if payload["is_over"]:
        title = (
            _("The verification of meter No. %(number)s has ended")
            if is_meter
            else _("The verification of transformer No. %(number)s has ended")
        )
        return Told(
            icon="calendar-due",
            kind="bad",
            title=title % parts,
            lines=(_("It held until %s") % last,),
        )
    title = (
        _("The verification of meter No. %(number)s ends soon")
        if is_meter
        else _("The verification of transformer No. %(number)s ends soon")
    )
    return Told(
        icon="calendar-due",
        kind="warn",
        title=title % parts,
        lines=(_("It holds until %s") % last,),
    )


def _threshold(payload: Payload, zone: ZoneInfo) -> Told:
    total, limit = _energy(payload["total"]), _energy(payload["limit"])
    parts = {
        "day": formats.day(date.fromordinal(payload["day"])), "total": total, "limit": limit,
    }  # fmt: skip
    title = _("%(total)s on %(day)s: above your limit") % parts
    lines = [_("The limit is %(limit)s a day") % parts]
    expected, present = payload["expected"], payload["present"]
    if expected and present < expected:
        share = {"share": formats.completeness(Decimal(100 * present) / expected)}
        lines.append(_("%(share)s of the data have come so far") % share)
    if present and payload["estimated"]:
        share = {"share": formats.percent(Decimal(100 * payload["estimated"]) / present)}
        lines.append(_("%(share)s of them are estimated") % share)
    return Told(icon="bolt", kind="warn", title=title, lines=tuple(lines))


def _answered(payload: Payload, zone: ZoneInfo) -> Told:
    return _case(_("An answer to your question No. %(number)s"), payload)


def _written(payload: Payload, zone: ZoneInfo) -> Told:
    return _case(_("A message about your question No. %(number)s"), payload)


def _closed(payload: Payload, zone: ZoneInfo) -> Told:
    return _case(_("Your question No. %(number)s is closed"), payload)


def _case(title: str, payload: Payload) -> Told:
    return Told(icon="message-question", kind="", title=title % {"number": payload["number"]})


def _planned(payload: Payload, zone: ZoneInfo) -> Told:
    return _order(_("Planned: %(deed)s"), _("Not before %(when)s"), "warn", payload, zone)


def _done(payload: Payload, zone: ZoneInfo) -> Told:
    return _order(_("Done: %(deed)s"), _("On %(when)s"), "", payload, zone)


def _failed(payload: Payload, zone: ZoneInfo) -> Told:
    return _order(_("Not done: %(deed)s"), _("On %(when)s"), "warn", payload, zone)


def _called_off(payload: Payload, zone: ZoneInfo) -> Told:
    return _order(_("Called off: %(deed)s"), _("On %(when)s"), "", payload, zone)


def _refused(payload: Payload, zone: ZoneInfo) -> Told:
    return _order(_("Refused: %(deed)s"), _("On %(when)s"), "warn", payload, zone)


def _order(title: str, when: str, kind: str, payload: Payload, zone: ZoneInfo) -> Told:
    lines = [when % {"when": formats.moment(_moment_of(payload["when"]), zone)}]
    ground = dict(SupplyOrder.Ground.choices).get(str(payload.get("ground")))
    if ground:
        lines.append(_("Ground: %s") % ground)
    power = order_power(payload.get("power")) if str(payload.get("power") or "").isdecimal() else ""
    if power:
        lines.append(_("Up to %s") % power)
    if payload.get("reason"):
        lines.append(str(payload["reason"]))
    return Told(
        icon="plug",
        kind=kind,
        title=title % {"deed": order_deed(payload.get("deed", ""))},
        lines=tuple(lines),
    )


def _news(payload: Payload, zone: ZoneInfo) -> Told:
    return Told(icon="news", kind="", title=_("News: %s") % payload.get("title", ""))


def _report_made(payload: Payload, zone: ZoneInfo) -> Told:
    return Told(icon="clipboard-data", kind="good", title=_("Ready: %s") % payload["title"])


def _report_sent(payload: Payload, zone: ZoneInfo) -> Told:
    title = _("Sent to you by e-mail: %s") % payload["title"]
    return Told(icon="clipboard-data", kind="", title=title)


def _report_failed(payload: Payload, zone: ZoneInfo) -> Told:
    title = _("The report was not made: %s") % payload["title"]
    lines = tuple(filter(None, [str(payload.get("why") or "").rstrip(".")]))
    return Told(icon="clipboard-data", kind="warn", title=title, lines=lines)


def _accepted(payload: Payload, zone: ZoneInfo) -> Told:
    return _entry(_("Your reading is accepted"), "good", payload, zone)


def _corrected(payload: Payload, zone: ZoneInfo) -> Told:
    return _entry(_("Your reading is accepted with another value"), "warn", payload, zone)


def _not_taken(payload: Payload, zone: ZoneInfo) -> Told:
    return _entry(_("Your reading is not accepted"), "bad", payload, zone)


def _taken_back(payload: Payload, zone: ZoneInfo) -> Told:
    return _entry(_("The acceptance of your reading is withdrawn"), "warn", payload, zone)


def _asked_about(payload: Payload, zone: ZoneInfo) -> Told:
    return _entry(_("The network company asks about your reading"), "warn", payload, zone)


def _checked_anew(payload: Payload, zone: ZoneInfo) -> Told:
    return _entry(_("Your reading is checked once more"), "warn", payload, zone)


def _entry(title: str, kind: str, payload: Payload, zone: ZoneInfo) -> Told:
    """One reading with its values, or how many there are."""
    if "count" in payload:
        count = int(payload["count"])
        said = ngettext("%(count)s reading", "%(count)s readings", count)
        return Told("edit", kind, title, (said % {"count": formats.number(count)},))
    shown = typed.values_of(payload["shown"], payload["decimals"])
    when = formats.moment(_moment_of(payload["of"]), zone)
    lines = [_("%(values)s on %(when)s") % {"values": shown, "when": when}]
    if payload.get("accepted"):
        other = typed.values_of(payload["accepted"], payload["decimals"])
        lines.append(_("Accepted: %s") % other)
    if payload.get("reason"):
        lines.append(_("The reason: %s") % str(payload["reason"]).rstrip("."))
    if payload.get("question"):
        lines.append(_("The question: %s") % str(payload["question"]).rstrip("."))
    return Told("edit", kind, title, tuple(lines))


def _window(payload: Payload, zone: ZoneInfo) -> Told:
    """Readings may be typed, or may soon be no more."""
    is_ending = payload["stage"] == "ending"
    last = {"when": _until(_moment_of(payload["closes"]).astimezone(zone))}
    lines: tuple[str, ...] = ()
    if is_ending:
        title = _("Readings may be typed only until %(when)s") % last
    else:
        title, lines = _("Time to type the readings"), (_("Until %(when)s") % last,)
    count = int(payload.get("count") or 0)
    if count:
        said = ngettext("At %(count)s point", "At %(count)s points", count)
        lines = (*lines, said % {"count": formats.number(count)})
    return Told(
        icon="edit",
        kind="warn" if is_ending else "",
        title=title,
        lines=lines,
    )


def _until(closes: datetime) -> str:
    """The end of a window: of one that ends with a day, that day."""
    if closes.time() == time():
        return _("the end of %s") % formats.day(closes - timedelta(days=1))
    return formats.moment(closes)


def _device(payload: Payload, zone: ZoneInfo) -> Told:
    parts = [payload.get("phone") or "", payload.get("address") or ""]
    when = formats.moment(_moment_of(payload["when"]), zone)
    return Told(
        icon="device-mobile",
        kind="warn",
        title=_("A new device is connected"),
        lines=(", ".join(part for part in (*parts, when) if part),),
    )


def _energy(watt_hours: int) -> str:
    value = to_unit(watt_hours, A_PLUS)
    return str(formats.energy(value, A_PLUS.unit, 1))


def _moment_of(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


MAILS = {
    "events.warning": _events,
    "events.subscribed": _events,
    "events.warning.late": _late,
    "outage": _outage,
    "verification": _verification,
    "threshold": _threshold,
    "cases.case.answered": _answered,
    "cases.case.message": _written,
    "cases.case.closed": _closed,
    "collection.order.planned": _planned,
    "collection.order.done": _done,
    "collection.order.failed": _failed,
    "collection.order.called_off": _called_off,
    "collection.order.refused": _refused,
    "contracts.device.connected": _device,
    "news": _news,
    "reports.run.made": _report_made,
    "reports.run.sent": _report_sent,
    "reports.run.failed": _report_failed,
    "manual_entry.entry.approved": _accepted,
    "manual_entry.entry.corrected": _corrected,
    "manual_entry.entry.refused": _not_taken,
    "manual_entry.entry.withdrawn": _taken_back,
    "manual_entry.entry.asked": _asked_about,
    "manual_entry.entry.reopened": _checked_anew,
    "entry.window": _window,
}
