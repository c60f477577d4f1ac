"""The page of typed readings: the queue, one with its evidence, the decision; and the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from faza.accounts.models import User
from faza.contracts.permissions import Right, may
from faza.desk import lists
from faza.desk.doors import needs
from faza.desk.forms import dressed
from faza.desk.lists import request_user
from faza.desk.readings import listing, picture, rows, words
from faza.desk.readings.asked import Asked
from faza.manual_entry import undoing
from faza.manual_entry.models import Entry
from faza.manual_entry.photos import queries as photos
from faza.manual_entry.rules.moves import WAITING, State
from faza.manual_entry.weighing import Line, Weighed, weigh

HIDDEN_HERE = ("state", "group")
"""Filters that the queue has as tabs, or not at all; its table has them as fields."""


@never_cache
@require_safe
@needs(Right.SEE_READINGS)
def readings(request: HttpRequest) -> HttpResponse:
    """The queue, one reading beside it."""
    return shown(request, Asked.of(request.GET))


def shown(
    request: HttpRequest, asked: Asked, *, error: str = "", typed: Mapping[int, str] | None = None,
    reason: str = "",
) -> HttpResponse:  # fmt: skip
    """The page of a reading in its queue; error, typed, reason: of a decision that was refused."""
    user, at = request_user(request), timezone.now()
    data = request.GET.copy()
    for name in HIDDEN_HERE:
        data.pop(name, None)
    filters = rows.QueueFilter(data, queryset=rows.within(user, at=at), request=request)
    for name in HIDDEN_HERE:
        filters.form.fields.pop(name)
    dressed(filters.form)
    listed = listing.listed(filters.qs, asked, user, at=at)
    may_check = may(user, Right.CHECK_READINGS)
    told: dict[str, object] = {
        "last": undoing.last_of(user, at=at) if may_check else None,
        "asked": asked,
        "listed": listed,
        "filter": filters,
        "may_check": may_check,
        "error": error,
        "reason": reason,
    }
    entry = _chosen(user, asked, listed, at)
    if entry is not None:
        (weighed,) = weigh([entry], at=at)
        told |= _told(weighed, user, typed or {}) | _neighbours(listed, entry)
    return render(request, "desk/readings/readings.html", told, status=422 if error else 200)


def reached(user: User, key: int, at: datetime) -> Entry:
    """A typed reading within reach. Raises Http404."""
    found = rows.within(user, at=at).filter(pk=key).first()
    if found is None:
        raise Http404("no such reading")
    return found


def _chosen(user: User, asked: Asked, listed: listing.Listed, at: datetime) -> Entry | None:
    """The reading that the address names, else the first of the queue."""
    if asked.key is not None:
        return reached(user, asked.key, at)
    return listed.items[0].entry if listed.items else None


def _neighbours(listed: listing.Listed, entry: Entry) -> dict[str, object]:
    """The readings before and after one in the queue, and its place in it."""
    items = listed.items
    keys = [item.entry.pk for item in items]
    if entry.pk not in keys:
        first = items[0] if items else None
        return {"current": entry.pk, "earlier_url": "", "next_url": first.url if first else "",
                "following": first.entry.pk if first else ""}  # fmt: skip
    place = keys.index(entry.pk)
    after = items[place + 1] if place + 1 < len(items) else None
    before = items[place - 1] if place else None
    other = after or before
    return {
        "current": entry.pk,
        "earlier_url": before.url if before else "",
        "next_url": after.url if after else "",
        "following": other.entry.pk if other else "",
        "item": items[place],
    }


@dataclass(frozen=True, slots=True)
class Face:
    """A register of the reading as its card shows it. field: what the form begins with."""

    register: int
    zone: str
    shown: str
    accepted: str
    last: str
    last_at: datetime | None
    counted: str
    expected: str
    most: str
    is_outside: bool
    explained: tuple[str, ...]
    chart: dict[str, Any]
    has_chart: bool
    field: str

    @property
    def chart_id(self) -> str:
        return f"rd-chart-{self.register}"

    @property
    def pairs(self) -> list[tuple[str, float | None]]:
        """The chart as a table: stretches, and what was counted in each."""
        return list(zip(self.chart["titles"], self.chart["values"], strict=True))


def _told(weighed: Weighed, user: User, typed: Mapping[int, str]) -> dict[str, object]:
    entry = weighed.entry
    photo = getattr(entry, "photo", None)
    has_photo = photo is not None and photo.removed_at is None
    tag, css = listing.remark(weighed)
    return {
        "entry": entry,
        "faces": [_face(line, entry, typed.get(line.register)) for line in weighed.lines],
        "bare": words.values_of(entry, entry.shown) if not weighed.lines else "",
        "tag": tag,
        "tag_css": css,
        "photo": photo if has_photo else None,
        "is_photo_gone": photo is not None and not has_photo,
        "same_photo": _same(user, entry) if photo is not None else [],
        "wants_photo": entry.rule is not None and entry.rule.wants_photo,
        "own": weighed.own,
        "own_values": _own_values(weighed),
        "state_css": words.STATES_CSS.get(entry.state, ""),
        "decided": words.decided(entry),
        "is_waiting": entry.state in WAITING,
        "is_asked": entry.state == State.ASKED,
        "said": list(entry.words.select_related("author")),
        "is_approved": entry.state == State.APPROVED,
        "is_own": rows.is_own(user, entry),
        "is_late": entry.sent_at <= timezone.now() - rows.TERM,
    }


def _same(user: User, entry: Entry) -> list[Entry]:
    """Readings within reach that came with the very same photo."""
    mine = rows.within(user, at=timezone.now()).values("pk")
    same = photos.same_before(entry.photo).filter(pk__in=mine)
    return list(same.select_related("usage_point")[:3])


def _own_values(weighed: Weighed) -> str:
    if weighed.own is None:
        return ""
    told = {str(key): value for key, value in weighed.own.values.items()}
    return words.values_of(weighed.entry, told)


def _face(line: Line, entry: Entry, typed: str | None) -> Face:
    low, high = line.band.low, line.band.high
    expected = ""
    if low is not None and high is not None:
        expected = f"{words.amount(line.register, low)}–{words.amount(line.register, high)}"
    most = line.band.most
    found = entry.doubts.get(str(line.register), line.doubts)
    return Face(
        register=line.register,
        zone=words.zone(line.register),
        shown=words.amount(line.register, line.shown, line.decimals),
        accepted="" if line.accepted in (None, line.shown)
        else words.amount(line.register, line.accepted, line.decimals),
        last="" if line.last is None else words.amount(line.register, line.last, line.decimals),
        last_at=None if line.last_at is None else datetime.fromtimestamp(
            line.last_at, timezone.get_current_timezone()
        ),
        counted="" if line.counted is None else words.with_unit(line.register, line.counted),
        expected=expected,
        most="" if most is None else words.with_unit(line.register, most),
        is_outside=bool(line.doubts),
        explained=tuple(str(words.EXPLAINED[one]) for one in found if one in words.EXPLAINED),
        chart=picture.chart(line, entry.of_at, entry.usage_point.zone),
        has_chart=bool(len(line.stretches)) and line.counted is not None,
        field=typed if typed is not None
        else words.amount(line.register, line.shown, line.decimals),
    )  # fmt: skip


@never_cache
@require_safe
@needs(Right.SEE_READINGS)
def table(request: HttpRequest) -> HttpResponse:
    """All typed readings as a list: to be sorted, taken away as a file, decided many at once."""
    user, at = request_user(request), timezone.now()
    may_check = may(user, Right.CHECK_READINGS)
    listed = lists.shown(
        request, rows.within(user, at=at), table=rows.EntryTable, filters=rows.EntryFilter,
        name="readings", exclude=() if may_check else ("chosen",),
    )  # fmt: skip
    file = lists.exported(request, listed, title=_("Typed readings"), personal=True)
    if file is not None:
        return file
    return render(request, "desk/readings/table.html", {"listed": listed, "may_check": may_check})
