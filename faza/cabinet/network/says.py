"""What is said around the values: when, through what, from where angles come, what S means."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from faza.cabinet import words as common
from faza.cabinet.network import pictures, rows, words
from faza.cabinet.network.asked import Asked
from faza.cabinet.network.course import Times
from faza.collection.standing import Standing
from faza.readings.network.phasors import Angles, Vectors
from faza.readings.network.queries import Snapshot
from faza.readings.network.verdicts import TOLERANCE, quadrant
from faza.ui import formats
from faza.ui.contact import contact

ROMAN = ("I", "II", "III", "IV")
RESOLUTION = timedelta(minutes=1)


def under(shown: Snapshot, stands: Standing, tz: ZoneInfo) -> str:
    when = formats.moment(shown.at, tz)
    if shown.is_moment:
        said = [_("Values of the moment %(when)s") % {"when": when}]
    else:
        parts = {
            "minutes": formats.quantity(shown.minutes, "min", 0),
            "when": f"{formats.moment(shown.start, tz)}–{formats.clock(shown.at, tz)}",
        }
        said = [_("Averages over %(minutes)s, %(when)s") % parts]
    if stands.number:
        said.append(_("meter %(number)s") % {"number": f"№{formats.NBSP}{stands.number}"})
        said.append(_through(stands))
    if shown.doubtful:
        said.append(_("some values are doubted"))
    return ", ".join(said)


def _through(stands: Standing) -> str:
    if stands.ct == stands.vt == Fraction(1):
        return _("connected directly")
    ratio = " × ".join(str(one) for one in (stands.ct, stands.vt) if one != 1)
    return _("through transformers, %(ratio)s times") % {"ratio": ratio}


def late(asked: Asked, shown: Snapshot, now: datetime, *, is_over: bool) -> str:
    if asked.at is not None or is_over or not contact(shown.at, at=now).is_late:
        return ""
    return common.late(shown.at, at=now)


def notes(asked: Asked, shown: Snapshot, tz: ZoneInfo) -> tuple[str, ...]:
    if asked.is_unclear:
        return (_("The moment in the address is none; the last one with data is shown."),)
    if asked.at is None or asked.side or abs(asked.at - shown.at) < RESOLUTION:
        return ()
    parts = {"asked": formats.moment(asked.at, tz), "found": formats.moment(shown.at, tz)}
    return (_("Of %(asked)s there are no data; the nearest are of %(found)s.") % parts,)


def angles(now: Vectors) -> str:
    if now.angles is Angles.METER:
        return _("angles from the meter")
    if now.angles is Angles.BUILT:
        return _("angles built from powers; voltages drawn 120° apart")
    return _("no angles: the meter told neither them nor powers by phase")


def power(now: Vectors) -> str:
    total = now.total
    if total.active is None or total.reactive is None:
        return ""
    place = quadrant(total.active, total.reactive)
    told = {
        1: _("active and reactive power are consumed"),
        2: _("active power flows to the grid, reactive power is consumed"),
        3: _("active and reactive power flow to the grid"),
        4: _("active power is consumed, reactive power flows to the grid"),
    }[place]
    size = formats.quantity(total.apparent, "kVA", rows.places(now))
    parts = {"number": ROMAN[place - 1], "told": told, "size": size}
    said = [_("Quadrant %(number)s: %(told)s.") % parts]
    parts["shift"] = rows.degrees(total.shift)
    formula = _("S = %(size)s, φ = %(shift)s.") % parts
    said.append(formula.replace(" = ", f"{formats.NBSP}={formats.NBSP}"))
    if not now.is_one_phase and all(phase.active is not None for phase in now.phases):
        names = words.phase_names(now.phases)
        said.append(_("The vectors of phases %(names)s are added up.") % {"names": names})
    return " ".join(said)


def title(asked: Asked, quantity: str) -> str:
    unit = pictures.UNITS[asked.quantity]
    parts = {"over": over(asked), "quantity": quantity}
    named = _("Regime %(over)s: %(quantity)s") % parts
    return f"{named}, {formats.unit_name(unit)}" if unit else named


def over(asked: Asked) -> str:
    return {
        "day": _("over 24 hours"),
        "week": _("over 7 days"),
        "month": _("over 31 days"),
    }[asked.span]


def meta(times: Times, minutes: int, tz: ZoneInfo) -> str:
    parts = {"minutes": formats.quantity(minutes, "min", 0)}
    when = f"{formats.moment(times.start, tz)} – {formats.moment(times.end, tz)}"
    mean = _("average over %(minutes)s") % parts
    return f"{when} · {mean}"


def band(asked: Asked, agreed: float | None) -> str:
    if asked.quantity == "F":
        low, high = (formats.number(pictures.FREQUENCY[n], 1) for n in (0, 2))
        unit = formats.unit_name("Hz")
    elif asked.quantity == "U" and agreed:
        low, high = (formats.number(agreed * (1 + side * TOLERANCE)) for side in (-1, 1))
        unit = formats.unit_name("V")
    else:
        return ""
    return _("permitted, %(low)s–%(high)s %(unit)s") % {"low": low, "high": high, "unit": unit}
