"""What the staff typed from a round: a page of points, each sent as `services.send` would.

Of a point all registers are taken or none; those that are wrong or in doubt stay on the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from uuid import uuid4

from django.http import QueryDict

from faza.accounts.models import User
from faza.contracts import access
from faza.desk.rounds.finding import Stop
from faza.manual_entry import bulk, file_words, services, wording
from faza.manual_entry.dials import Dial
from faza.manual_entry.matching import Reach, matched
from faza.manual_entry.models import Entry
from faza.manual_entry.table import LONGEST, VALUE, Fault, Row, Told, number_of
from faza.readings.registers import SIZE

WAY = Entry.Way.ROUND
PER_PAGE = 25
_FIELD = re.compile(r"v_(\d{1,18})_(\d{1,2})")
_TOKEN = re.compile(r"[0-9a-f]{32}")
NOON = time(12)


@dataclass(slots=True)
class Typed:
    """What became of a page: by point's id. values: as typed, by point and register."""

    day: date
    token: str
    values: dict[tuple[int, int], str] = field(default_factory=dict)
    wrong: dict[int, list[str]] = field(default_factory=dict)
    doubted: dict[int, list[str]] = field(default_factory=dict)
    sent: set[int] = field(default_factory=set)

    @property
    def is_whole(self) -> bool:
        return not self.wrong and not self.doubted


@dataclass(frozen=True, slots=True)
class Cell:
    """A register to be typed."""

    dial: Dial
    name: str
    label: str
    last: str
    value: str


@dataclass(frozen=True, slots=True)
class Line:
    """A point of the page."""

    stop: Stop
    cells: Sequence[Cell]
    wrong: Sequence[str]
    doubted: Sequence[str]
    is_sent: bool


def fresh(day: date) -> Typed:
    """An empty page; its token makes sending it twice once."""
    return Typed(day, uuid4().hex)


def lines(stops: Sequence[Stop], typed: Typed) -> Iterator[Line]:
    """The page as it stands."""
    for stop in stops:
        key = stop.listed.due.point.pk
        yield Line(
            stop,
            [_cell(key, dial, typed) for dial in stop.listed.due.dials],
            typed.wrong.get(key, ()),
            typed.doubted.get(key, ()),
            key in typed.sent,
        )


def _cell(key: int, dial: Dial, typed: Typed) -> Cell:
    last = "—" if dial.last is None else wording.value_of(dial.register, dial.last, dial.decimals)
    return Cell(
        dial, f"v_{key}_{dial.register}", wording.name_of(dial.register), last,
        typed.values.get((key, dial.register), ""),
    )  # fmt: skip


def values_of(post: QueryDict) -> dict[tuple[int, int], str]:
    """What was typed, by point and register."""
    found = {}
    for name, value in post.items():
        told = _FIELD.fullmatch(name)
        if told and int(told[2]) < SIZE and str(value).strip():
            found[int(told[1]), int(told[2])] = str(value).strip()[:LONGEST]
    return found


def take(user: User, post: QueryDict, day: date, *, at: datetime) -> Typed:
    """Send what was typed; a point that is not the person's own to work with is not there."""
    token = post.get("token", "")
    typed = Typed(day, token if _TOKEN.fullmatch(token) else uuid4().hex)
    typed.values = values_of(post)
    keys = {key for key, _ in typed.values}
    worked = access.worked_points_of(user, at=at).filter(pk__in=keys)
    codes = dict(worked.values_list("pk", "code"))
    rows, places = _rows(typed, codes)
    sure = {key for key in codes if post.get(f"sure_{key}")}
    for part in matched(rows, Reach(user, WAY, at=at)):
        for is_sure in (False, True):
            sendings = [one for one in part.sendings if (one.due.point.pk in sure) == is_sure]
            outcomes = bulk.send_many(
                sendings, way=WAY, token=f"round:{typed.token}", by=user, at=at, confirmed=is_sure
            )
            _add(typed, outcomes)
        for fault in part.faults:
            _wrong(typed, places, fault)
    for fault in rows.faults:
        _wrong(typed, places, fault)
    return typed


def _rows(typed: Typed, codes: Mapping[int, str]) -> tuple[Told, dict[int, tuple[int, int]]]:
    """The values as rows of a file; which field each row is."""
    told, places = Told(), {}
    moment = datetime.combine(typed.day, NOON)
    for line, ((key, register), text) in enumerate(typed.values.items(), start=1):
        if key not in codes:
            continue
        places[line] = (key, register)
        value = number_of(" ".join(text.split()))
        if value is None:
            told.faults.append(Fault(line, "not-a-number", VALUE, text, point=codes[key]))
        else:
            told.rows.append(Row(line, codes[key], "", register, value, moment))
    return told, places


def _wrong(typed: Typed, places: Mapping[int, tuple[int, int]], fault: Fault) -> None:
    if fault.code == "with-other":
        return  # the other one is told
    key, register = places[fault.line]
    name = wording.name_of(register)
    text = file_words.sentence(fault)
    several = typed.wrong.setdefault(key, [])
    said = f"{name}: {text}" if name else text
    if said not in several:
        several.append(said)


def _add(typed: Typed, outcomes: Sequence[bulk.Outcome]) -> None:
    for outcome in outcomes:
        due = outcome.sending.due
        key = due.point.pk
        if outcome.refusal is None:
            typed.sent.add(key)
        elif isinstance(outcome.refusal, services.Doubtful):
            decimals = {dial.register: dial for dial in due.dials}
            typed.doubted[key] = [
                _doubt(number, said, outcome, decimals[number])
                for number, said in outcome.refusal.doubts.items()
            ]
        else:
            typed.wrong[key] = [file_words.sentence(Fault(0, f"closed-{due.standing.why}"))]


def _doubt(number: int, said: Sequence[str], outcome: bulk.Outcome, dial: Dial) -> str:
    """«T1 9 000 кВт·ч после 3 600 кВт·ч: больше обычного.»"""
    row = [0, "", number, [str(one) for one in said], outcome.sending.shown[number], dial.last,
           dial.decimals]  # fmt: skip
    (remark,) = file_words.doubted({"doubts": [row]})
    return " ".join(part for part in (remark.column, remark.text) if part)
