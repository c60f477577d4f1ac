"""Words of «why»: what is said of a stretch that is not simply measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from faza.cabinet import words
from faza.core.quality import ESTIMATED, Quality
from faza.core.reading_types import BY_CODE, ReadingType
from faza.events import catalogue
from faza.readings.estimation.words import EXPLAINS, TITLES
from faza.readings.models import Finding, Source
from faza.readings.validation import RULES, Shown, shown
from faza.readings.validation.shapes import Effect
from faza.readings.vee import why as vee
from faza.readings.vee.findings import Row
from faza.ui import formats

Line = tuple[str, str]


def title(what: str) -> str:
    """What the intervals of a stretch are, one word or two."""
    return {
        vee.MISSING: _("no data"),
        vee.REJECTED: _("value not accepted"),
        vee.DOUBTFUL: _("doubtful"),
        vee.ESTIMATED: _("estimated"),
        vee.EDITED: _("typed in"),
    }.get(what, "")


def lines(
    why: vee.Why, *, gap: str, came: str, zone: ZoneInfo, kind: ReadingType
) -> Iterator[Line]:
    """Reason, rule, what it was made of, when; in this order. came: what was delivered."""
    yield _("Reason"), _reason(why, gap)
    for row in _ruling(why):
        yield _("Check"), checked(row, zone)
    if came:
        yield _("The meter gave"), came
    yield from _made(why, zone, kind)


def _reason(why: vee.Why, gap: str) -> str:
    origin = why.origin
    if why.what == vee.EDITED:
        told = origin.reason if origin else ""
        return told or _("A person of the network company set the value.")
    if why.what == vee.DOUBTFUL:
        return _("The value has come, but a check doubts it.") if _ruling(why) else _(
            "The sender marked the value as doubtful."
        )  # fmt: skip
    if why.what == vee.REJECTED or (why.what == vee.ESTIMATED and why.had and origin):
        return _("A value has come, but it did not pass a check.")
    if why.what == vee.ESTIMATED and origin is None:
        return _("The values came from the sender marked as estimated.")
    return _("Nothing was measured: %(when)s") % {"when": gap}


def _ruling(why: vee.Why) -> list[Row]:
    """The findings that decided something here; those that a person accepted decide nothing."""
    return [
        row for row in why.findings
        if row.effect > Effect.TELL and row.state != Finding.State.ACCEPTED
    ]  # fmt: skip


def checked(row: Row, zone: ZoneInfo) -> str:
    """«Выброс: одно значение во много раз больше… Наибольшее значение — 12,000 кВт·ч»."""
    rule = RULES.get(row.key.rule)
    if rule is None:
        return _("A rule of the system that has no description yet")
    kind = BY_CODE.get(row.key.reading_type)
    compared = [
        f"{_(name)} — {text}"
        for key, name in rule.numbers.items()
        if key in row.numbers and (text := _number(key, row.numbers[key], kind, zone))
    ]
    told = f"{_(rule.title)}. {_(rule.explains)}"
    return f"{told} ({'; '.join(compared)})" if compared else told


def _number(key: str, value: Any, kind: ReadingType | None, zone: ZoneInfo) -> str:
    """A number that a rule compared, with its unit; empty where it says nothing to a reader."""
    match shown(key):
        case Shown.VALUE if kind is not None:
            return words.told(int(value), kind, 3)
        case Shown.COUNT:
            return formats.number(int(value))
        case Shown.MOMENT:
            return formats.moment(datetime.fromtimestamp(int(value), UTC), zone)
        case Shown.SECONDS:
            return formats.duration(timedelta(seconds=abs(int(value))))
        case Shown.EVENT:
            journal, _sep, code = str(value).partition("-")
            if journal.isdecimal() and code.isdecimal():
                return str(catalogue.find(int(journal), int(code)).words)
    return ""


def _made(why: vee.Why, zone: ZoneInfo, kind: ReadingType) -> Iterator[Line]:
    origin = why.origin
    if why.what == vee.ESTIMATED and origin is None:
        yield _("Rule"), _("The sender's own; it does not tell which.")
    if origin is None or why.what not in (vee.ESTIMATED, vee.EDITED):
        return
    if origin.is_override:
        yield _("Rule"), _("Set by a person of the network company")
    else:
        yield _("Rule"), _method(why)
        if made_of := _made_of(why):
            yield _("Made of"), made_of
        if why.residual:
            yield (
                _("Left over"),
                _("%(energy)s of the difference of readings")
                % {"energy": words.told(why.residual, kind, 3)},
            )
    yield _("Replaced"), formats.moment(origin.recorded_at, zone)


def _method(why: vee.Why) -> str:
    name = why.method
    if name not in TITLES:
        return _("A rule of the system that has no description yet")
    told = f"{_(TITLES[name])}. {_(EXPLAINS[name])}"
    if why.origin is not None and why.origin.kind == Source.Kind.OPERATOR:
        told += " " + _("A person of the network company chose the way.")
    return told


def _made_of(why: vee.Why) -> str:
    """«Дни: 13.11 и 12.11. Показания счётчика по краям промежутка»."""
    told = []
    if why.source_days:
        names = ", ".join(f"{day:%d.%m} ({words.weekday(day)})" for day in why.source_days)
        count = len(why.source_days)
        told.append(ngettext("The day %(days)s", "The days %(days)s", count) % {"days": names})
    inputs = why.origin.inputs if why.origin else {}
    if year := _day(inputs.get("year")):
        told.append(_("The day %(day)s a year before") % {"day": formats.day(year)})
    if why.registers:
        told.append(_("The meter's readings at the edges of the stretch"))
    elif why.residual is not None:
        told.append(_("The energy that came in one value after the silence"))
    return ". ".join(told)


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None


def after(why: vee.Why, *, wait: float, at: datetime) -> str:
    """What the reader may rely on, and what will happen next."""
    if why.what == vee.EDITED:
        return _("A person answers for these values; they can be withdrawn.")
    if why.what == vee.DOUBTFUL:
        return _("The value counts as it came until the network company has looked at it.")
    if why.what == vee.ESTIMATED:
        return _exact_sum() if why.registers and not why.residual else _all_estimated()
    if any(row.state == Finding.State.ACCEPTED for row in why.findings):
        return _("The network company looked at it and left it as it is.")
    left = why.ends_at + timedelta(hours=wait) - at
    if left > timedelta():
        hours = max(1, round(left / timedelta(hours=1)))
        return ngettext(
            "The meter is asked for it again; if it gives nothing within %(hours)s hour, "
            "an estimate takes its place.",
            "The meter is asked for it again; if it gives nothing within %(hours)s hours, "
            "an estimate takes its place.",
            hours,
        ) % {"hours": hours}
    return _(
        "There is nothing yet that it could be estimated from. It does not count as zero; the "
        "values will be here as soon as they come."
    )


def _exact_sum() -> str:
    return _(
        "The sum of the stretch is exact, how it spreads over the hours is an estimate. "
        "Measured values will replace it if the meter gives them."
    )


def _all_estimated() -> str:
    return _(
        "Both the sum and the hours are an estimate. Measured values will replace it if they come."
    )


def version(one: vee.Version, kind: ReadingType, zone: ZoneInfo) -> tuple[str, str, str, str]:
    """(value, quality, since when, why it was replaced) of what an interval was."""
    value = formats.DASH if one.value is None else words.told(one.value, kind, 3)
    since = formats.moment(one.known_from, zone)
    if one.known_to is None:
        return value, quality(one.quality), since, _("so it is now")
    parts = {"when": formats.moment(one.known_to, zone)}
    if one.by:
        return value, quality(one.quality), since, _(
            "replaced %(when)s by a person of the network company"
        ) % parts  # fmt: skip
    return value, quality(one.quality), since, _("replaced %(when)s") % parts


def quality(code: int) -> str:
    if code >= Quality.UNTOLD:
        return _("no data")
    if code in ESTIMATED:
        return _("estimated")
    if code in (Quality.QUESTIONABLE, Quality.MIXED):
        return _("doubtful")
    return _("typed in") if code == Quality.EDITED else _("measured")


def contiguous(found: Sequence[vee.Why], place: int) -> tuple[int, int]:
    """[start, end) of the run of neighbours of which nothing was delivered either."""

    def silent(one: vee.Why) -> bool:
        return not one.had and one.what in (vee.MISSING, vee.ESTIMATED)

    low = high = place
    while low and silent(found[low - 1]) and found[low - 1].end == found[low].start:
        low -= 1
    while high + 1 < len(found) and silent(found[high + 1]) and (
        found[high + 1].start == found[high].end
    ):  # fmt: skip
        high += 1
    return found[low].start, found[high].end


__all__ = ["after", "checked", "contiguous", "lines", "title", "version"]
