"""What was sent before, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from faza.core.reading_types import BY_CODE
from faza.core.units import to_unit
from faza.manual_entry.models import Entry
from faza.manual_entry.rules.moves import WAITING, State
from faza.manual_entry.weighing import Line, Weighed, weigh
from faza.manual_entry.wording import name_of, values_of
from faza.readings.registers import meaning
from faza.ui import formats

ICONS = {
    State.SENT: ("clock", ""),
    State.ASKED: ("message-question", "warn"),
    State.APPROVED: ("circle-check", "good"),
    State.REFUSED: ("circle-x", "bad"),
    State.WITHDRAWN: ("arrow-back-up", "warn"),
    State.REPLACED: ("repeat", ""),
}
CHUNK = 2000
"""Sendings of a file that are held at a time."""
COUNTS = {*WAITING, State.APPROVED}


@dataclass(frozen=True, slots=True)
class Row:
    """One sending. values: a line for each register, with what counts; used: since the last."""

    entry: Entry
    when: str
    day: str
    point: str
    values: list[str]
    typed: str
    """What was typed, where the desk has corrected it."""
    used: str
    who: str
    state: str
    reason: str
    icon: str
    kind: str
    is_void: bool
    has_photo: bool


def rows(entries: QuerySet[Entry], *, at: datetime) -> list[Row]:
    """The sendings of a page, in their order. Four queries."""
    found = list(entries.select_related("usage_point", "sent_by", "photo"))
    return [_row(one) for one in weigh(found, at=at)]


def _row(weighed: Weighed) -> Row:
    entry = weighed.entry
    zone, state = ZoneInfo(entry.usage_point.zone), State(entry.state)
    decimals = weighed.lines[0].decimals if weighed.lines else 0
    counted = {str(key): value for key, value in entry.values.items()}
    icon, kind = ICONS[state]
    photo = getattr(entry, "photo", None)
    return Row(
        entry=entry,
        when=formats.moment(entry.of_at, zone),
        day=f"{entry.of_at.astimezone(zone):%d.%m}",
        point=entry.usage_point.name,
        values=[values_of({key: counted[key]}, decimals) for key in sorted(counted, key=int)],
        typed="" if entry.accepted is None else values_of(entry.shown, decimals),
        used=used(weighed.lines) if state in COUNTS else "",
        who=_who(entry),
        state=_state(entry, state, zone),
        reason=entry.reason if state in (State.REFUSED, State.WITHDRAWN) else "",
        icon=icon, kind=kind, is_void=state not in COUNTS,
        has_photo=photo is not None and photo.removed_at is None,
    )  # fmt: skip


def used(lines: Sequence[Line]) -> str:
    """What all registers of a sending counted since the last ones; empty where one is not known."""
    if not lines or any(line.counted is None for line in lines):
        return ""
    kind = BY_CODE[lines[0].reading_type]
    total = sum(round((line.counted or 0) * line.ratio) for line in lines)
    decimals = 0 if kind.unit in ("kWh", "kvarh") else 1
    return str(formats.quantity(to_unit(total, kind), kind.unit, decimals))


def _who(entry: Entry) -> str:
    if entry.way == Entry.Way.ROUND:
        return _("the network company, on a round")
    name = "" if entry.sent_by is None else entry.sent_by.full_name or entry.sent_by.email
    return name or _("an account that is closed")


def _state(entry: Entry, state: State, zone: ZoneInfo) -> str:
    """«Принято 21.10»."""
    word = str(Entry.State(entry.state).label)
    word = word[:1].upper() + word[1:]
    if entry.decided_at is None:
        return word
    return f"{word} {entry.decided_at.astimezone(zone):%d.%m}"


def table(entries: QuerySet[Entry]) -> Iterator[list[object]]:
    """All sendings as rows of a file, a row for a register; read as they are taken.

    In the language that is active now, whatever is active by then.
    """
    return _lines(entries, get_language() or "ru")


def _lines(entries: QuerySet[Entry], language: str) -> Iterator[list[object]]:
    with translation.override(language):
        yield [
            _("Read at"), _("Usage point"), _("Code"), pgettext("of a meter", "Register"),
            _("Reading"), _("As typed"), _("Unit"), _("Sent by"), _("State"), _("Reason"),
        ]  # fmt: skip
    rows = entries.select_related("usage_point", "sent_by").iterator(chunk_size=CHUNK)
    while chunk := list(islice(rows, CHUNK)):
        with translation.override(language):
            lines = [line for entry in chunk for line in _of_entry(entry)]
        yield from lines


def _of_entry(entry: Entry) -> Iterator[list[object]]:
    zone = ZoneInfo(entry.usage_point.zone)
    for register, value in sorted(entry.values.items()):
        kind = BY_CODE[meaning(register)[0]]
        yield [
            entry.of_at.astimezone(zone).replace(tzinfo=None), entry.usage_point.name,
            entry.usage_point.code, name_of(register) or "T0", to_unit(value, kind),
            to_unit(entry.shown[str(register)], kind), formats.unit_name(kind.unit),
            _who(entry), str(Entry.State(entry.state).label), entry.reason,
        ]  # fmt: skip
