"""How a typed reading stands against the own history: in a word, a sentence and a scale."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from faza.core.reading_types import BY_CODE, ReadingType
from faza.core.units import round_half_up, to_unit
from faza.manual_entry.dials import Dial
from faza.manual_entry.rules.plausible import Doubt, Judged
from faza.ui import formats

DAY = 86_400
ROOM = Fraction(5, 4)
"""The scale goes so much beyond the largest of what it shows."""
GRAVE = {Doubt.LESS, Doubt.IMPOSSIBLE}


@dataclass(frozen=True, slots=True)
class Scale:
    """Places in per cent of the line, as SVG takes them; the numbers beside."""

    low: str
    width: str
    mark: str
    low_text: str
    high_text: str
    most_text: str
    mark_text: str
    high: str
    low_middle: str
    is_narrow: bool
    """The two ends of the band stand too close for two numbers."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said of one register: kind is good, warn, bad or empty."""

    stretch: str
    used: str
    word: str
    kind: str
    icon: str
    advice: str
    scale: Scale | None
    label: str


def words_of(doubt: Doubt) -> tuple[str, str]:
    """A word for the mark beside, and what the sender is asked to look at."""
    sure = _(
        "If all is right, send it: the operator sees the remark and does not refuse a reading "
        "for it alone. A photo makes the check quicker."
    )
    compare = _("Compare the digits with the meter.")
    match doubt:
        case Doubt.ROLLED:
            return pgettext("reading", "over zero"), _(
                "The meter has gone over its last digit and begun from zero? If so, send it."
            )
        case Doubt.LESS:
            word, text = (
                pgettext("reading", "less than before"),
                _(
                    "The last reading was larger. Compare all digits with the meter: one may be "
                    "missing."
                ),
            )
        case Doubt.SAME:
            word, text = (
                pgettext("reading", "nothing used"),
                _("Nothing has been used since the last reading, where something always was."),
            )
        case Doubt.LITTLE:
            word, text = pgettext("reading", "less than usual"), compare
        case Doubt.MUCH:
            word, text = pgettext("reading", "more than usual"), compare
        case Doubt.IMPOSSIBLE:
            word, text = (
                pgettext("reading", "more than the power permits"),
                _(
                    "The permitted power could not take so much in this time. Compare the digits "
                    "with the meter: one may be too many."
                ),
            )
    return word, f"{text} {sure}"


def verdict(dial: Dial, judged: Judged, *, ratio: Fraction, at: datetime) -> Verdict:
    """What is said of a value of a register, before it is sent."""
    kind = BY_CODE[dial.reading_type]
    told = [words_of(doubt) for doubt in judged.doubts]
    if told:
        word, level = told[-1][0], "bad" if GRAVE & set(judged.doubts) else "warn"
    elif judged.counted is None:
        word, level = pgettext("reading", "the first one"), ""
    elif dial.band.low is None:
        word, level = pgettext("reading", "nothing to compare with yet"), ""
    else:
        word, level = pgettext("reading", "as usual"), "good"
    return Verdict(
        stretch=_stretch(dial, at),
        used="" if judged.counted is None else _used(judged.counted, kind, ratio),
        word=word, kind=level,
        icon={"good": "circle-check", "": "info-circle"}.get(level, "alert-triangle"),
        advice=" ".join(dict.fromkeys(text for _word, text in told)),
        scale=scale(dial, judged.counted, kind, ratio),
        label=_label(dial, judged.counted, kind, ratio),
    )  # fmt: skip


def _stretch(dial: Dial, at: datetime) -> str:
    if dial.last_at is None:
        return ""
    days = max(round((at.timestamp() - dial.last_at) / DAY), 1)
    return ngettext(
        "Used in %(count)s day", "Used in %(count)s days", days
    ) % {"count": days}  # fmt: skip


def _primary(quanta: int, kind: ReadingType, ratio: Fraction) -> Fraction:
    """What a register counted, behind the transformers, in the unit that people read."""
    return Fraction(to_unit(round_half_up(quanta * ratio), kind))


def _used(quanta: int, kind: ReadingType, ratio: Fraction) -> str:
    decimals = 0 if kind.unit in ("kWh", "kvarh") else 1
    return str(formats.quantity(float(_primary(quanta, kind, ratio)), kind.unit, decimals))


def _label(dial: Dial, counted: int | None, kind: ReadingType, ratio: Fraction) -> str:
    low, high = dial.band.low, dial.band.high
    if counted is None:
        return ""
    if low is None or high is None:
        return _used(counted, kind, ratio)
    return _("%(used)s, usually from %(low)s to %(high)s") % {
        "used": _used(counted, kind, ratio),
        "low": _used(low, kind, ratio),
        "high": _used(high, kind, ratio),
    }


def scale(dial: Dial, counted: int | None, kind: ReadingType, ratio: Fraction) -> Scale | None:
    """None without a band or without a value that lies on the line."""
    low, high = dial.band.low, dial.band.high
    if counted is None or low is None or high is None or counted < 0:
        return None
    most = _round_up(max(_primary(high, kind, ratio), _primary(counted, kind, ratio)) * ROOM)
    if not most:
        return None
    start, end, mark = (_primary(one, kind, ratio) / most * 100 for one in (low, high, counted))
    decimals = 0 if most >= 10 else 1
    text = {one: formats.number(float(_primary(one, kind, ratio)), decimals)
            for one in (low, high, counted)}  # fmt: skip
    return Scale(
        low=_per_cent(start), width=_per_cent(max(end - start, Fraction(1))), high=_per_cent(end),
        mark=_per_cent(min(max(mark, Fraction(2)), Fraction(98))),
        low_text=text[low], high_text=text[high], mark_text=text[counted],
        most_text=f"{formats.number(float(most), decimals)} {formats.unit_name(kind.unit)}",
        low_middle=_per_cent((start + end) / 2), is_narrow=end - start < 12,
    )  # fmt: skip


def _per_cent(value: Fraction) -> str:
    return f"{float(value):.1f}%"


def _round_up(value: Fraction) -> Fraction:
    """To a round number of one digit or a quarter: 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8 times ten to n."""
    if value <= 0:
        return Fraction(0)
    step = Fraction(1)
    while value >= step * 10:
        step *= 10
    while value < step:
        step /= 10
    return next(
        Fraction(one, 2) * step for one in (2, 3, 4, 5, 6, 8, 10, 12, 16, 20)
        if Fraction(one, 2) * step >= value
    )  # fmt: skip
