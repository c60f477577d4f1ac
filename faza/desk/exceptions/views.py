"""The page of exceptions: the list, one finding with its evidence, the decision; and the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from faza.accounts.models import User
from faza.collection.models import Command
from faza.collection.polling.work import Order
from faza.contracts import access
from faza.contracts.permissions import Right, may
from faza.desk import lists
from faza.desk.doors import needs
from faza.desk.exceptions import asked as address
from faza.desk.exceptions import listing, picture, rows, words
from faza.desk.exceptions.asked import Asked
from faza.desk.exceptions.evidence import Evidence, evidence, starts_in
from faza.desk.exceptions.term import term
from faza.desk.forms import dressed
from faza.desk.lists import request_user
from faza.events import catalogue
from faza.readings.vee import queue
from faza.readings.vee.findings import Row
from faza.ui import formats
from faza.ui.periods import Choice


@never_cache
@require_safe
@needs(Right.SEE_EXCEPTIONS)
def exceptions(request: HttpRequest) -> HttpResponse:
    """The list by rule, one finding beside it."""
    return shown(request, Asked.of(request.GET))


def shown(
    request: HttpRequest,
    asked: Asked,
    *,
    error: str = "",
    typed: Sequence[str] = (),
    reason: str = "",
) -> HttpResponse:
    """The page of a finding in its list; error, typed, reason: of an edit that was refused."""
    user, at = request_user(request), timezone.now()
    filters = rows.FindingFilter(request.GET, queryset=rows.within(user, at=at), request=request)
    dressed(filters.form)
    listed = listing.listed(filters.qs, asked, at=at)
    told: dict[str, object] = {
        "asked": asked,
        "listed": listed,
        "filter": filters,
        "term": formats.duration(term()),
        "may_solve": may(user, Right.SOLVE_EXCEPTIONS),
        "may_read": may(user, Right.RUN_COLLECTION),
        "done": _done(request, user, at),
        "error": error,
    }
    row = _chosen(user, asked, listed, at)
    if row is not None:
        found = evidence(user, row, asked, at=at)
        told |= _neighbours(listed, row)
        told |= _told(found, asked, at) | _editing(found, typed, reason)
    return render(
        request, "desk/exceptions/exceptions.html", told, status=422 if error else 200
    )  # fmt: skip


def reached(user: User, key: str, at: datetime) -> Row:
    """A finding within reach. Raises Http404."""
    points = access.worked_points_of(user, at=at).values_list("id", flat=True)
    found = queue.find(points, rows.key_of(key))
    if found is None:
        raise Http404("no such finding")
    return found.found


def _chosen(user: User, asked: Asked, listed: listing.Listed, at: datetime) -> Row | None:
    """The finding that the address names, else the first of the list."""
    if asked.key:
        return reached(user, asked.key, at)
    return listed.lines[0].row if listed.lines else None


@dataclass(frozen=True, slots=True)
class Done:
    """What was decided just now, to be taken back."""

    row: Row
    name: str
    zone: str

    @property
    def words(self) -> str:
        return f"{words.title(self.row.key.rule)}, {self.name}, " + words.stretch_of(
            self.row, self.zone
        )

    @property
    def state(self) -> str:
        return str(words.STATES[self.row.state])


def _done(request: HttpRequest, user: User, at: datetime) -> Done | None:
    """What the address says was decided, if it still is."""
    key = request.GET.get("done", "")
    if not key:
        return None
    points = access.worked_points_of(user, at=at).values_list("id", flat=True)
    found = queue.find(points, rows.key_of(key))
    if found is None or found.found.state not in (rows.State.ACCEPTED, rows.State.DECIDED):
        return None
    zone = timezone.get_current_timezone_name()
    return Done(found.found, found.name, zone)


def _neighbours(listed: listing.Listed, row: Row) -> dict[str, object]:
    """The findings before and after one in the list."""
    lines = listed.lines
    keys = [line.row.key for line in lines]
    if row.key not in keys:
        first = lines[0] if lines else None
        return {"current": row.key, "earlier_url": "", "next_url": first.url if first else "",
                "following": first.row.key.text if first else ""}  # fmt: skip
    place = keys.index(row.key)
    after = lines[place + 1] if place + 1 < len(lines) else None
    before = lines[place - 1] if place else None
    other = after or before
    return {
        "current": row.key,
        "earlier_url": before.url if before else "",
        "next_url": after.url if after else "",
        "following": other.row.key.text if other else "",
    }


@dataclass(frozen=True, slots=True)
class Method:
    """What a method gives, in words."""

    name: str
    amount: str
    residual: Decimal | None
    days: int
    places: int
    url: str
    current: bool


def _told(found: Evidence, asked: Asked, at: datetime) -> dict[str, object]:
    row, zone = found.row, found.point.zone
    here = Asked(filters=asked.filters, key=row.key.text, span=asked.span, page=asked.page)
    told: dict[str, object] = {
        "found": found,
        "key": row.key.text,
        "title": words.title(row.key.rule),
        "explains": words.explains(row.key.rule),
        "when": words.stretch_of(row, zone),
        "channel": words.channel(row.key.reading_type),
        "numbers": words.numbers(row, zone),
        "effect": words.EFFECTS.get(row.effect, ""),
        "effect_css": words.EFFECTS_CSS.get(row.effect, ""),
        "state": words.STATES[row.state],
        "state_css": words.STATES_CSS[row.state],
        "late": row.found_at + term(),
        "is_late": found.is_open and row.found_at + term() <= at,
        "decider": _decider(row),
        "others": [
            (other, words.title(other.key.rule), words.stretch_of(other, zone),
             words.numbers(other, zone), here.of_finding(other.key.text))
            for other in found.others[:6]
        ],
        "events": [
            (event.at, str(catalogue.find(event.journal, event.code).words))
            for event in found.events
        ],
        "deeds": {deed: here.address(deed=deed) for deed in address.DEEDS},
        "methods": [
            Method(
                name=str(words.METHODS.get(one.method, one.method)),
                amount=_amount(one.total, found),
                residual=None if one.residual is None else words.in_unit(one.residual, found.kind),
                days=len(one.source_days),
                places=words.places(words.in_unit(one.total, found.kind)),
                url=here.address(deed=address.ESTIMATE, method=one.method),
                current=one.method == found.method,
            )
            for one in found.candidates
            if found.kind is not None
        ],
        "spans": [
            Choice(name, here.address(span=span, deed=asked.deed, method=asked.method),
                   span == asked.span)
            for span, name in (
                ("day", pgettext("span", "Day")), ("days", pgettext("span", "3 days")),
                ("week", pgettext("span", "Week")),
            )
        ],
        "is_asked": _is_asked(found),
    }  # fmt: skip
    if found.beside is not None:
        told["before"], told["after"] = picture.before(found), picture.after(found)
        told["lines"] = picture.table(found)
        told["minutes"] = int(found.beside.effective.minutes[0])
        told["unit"] = formats.unit_name(found.kind.unit) if found.kind else ""
    return told


def _amount(total: int, found: Evidence) -> str:
    assert found.kind is not None
    amount = words.in_unit(total, found.kind)
    return formats.number(amount, words.places(amount))


def _decider(row: Row) -> str:
    """Who decided, by name; one query where somebody did."""
    if not (row.decided_by.isascii() and row.decided_by.isdecimal()):
        return ""
    person = User.objects.filter(pk=int(row.decided_by)).only("full_name").first()
    return person.full_name if person else ""


def _is_asked(found: Evidence) -> bool:
    """Whether the meter is to be read already."""
    if found.device is None:
        return False
    waits = Command.objects.filter(device=found.device, kind=Order.READ_NOW, state="waiting")
    return waits.exists()


def _editing(found: Evidence, typed: Sequence[str], reason: str) -> dict[str, object]:
    """The fields of intervals that are typed in: with what was typed, else with what stands."""
    if found.deed != address.EDIT or not found.may_edit or found.kind is None:
        return {}
    values = found.now[found.inside].tolist()
    kind = found.kind
    told = [
        "" if value != value else formats.number(words.in_unit(round(value), kind), 3)
        for value in values
    ]
    if len(typed) == len(told):
        told = list(typed)
    moments = [f"{start:%d.%m %H:%M}" for start in starts_in(found)]
    return {"cells": list(zip(moments, told, strict=True)), "reason": reason}


@never_cache
@require_safe
@needs(Right.SEE_EXCEPTIONS)
def table(request: HttpRequest) -> HttpResponse:
    """All findings as a list: to be sorted, taken away as a file, decided many at once."""
    user, at = request_user(request), timezone.now()
    may_solve = may(user, Right.SOLVE_EXCEPTIONS)
    found = rows.within(user, at=at).select_related("usage_point")
    listed = lists.shown(
        request, found, table=rows.FindingTable, filters=rows.FindingFilter, name="exceptions",
        exclude=() if may_solve else ("chosen",),
    )  # fmt: skip
    file = lists.exported(request, listed, title=_("Exceptions"), personal=True)
    if file is not None:
        return file
    told = {"listed": listed, "may_solve": may_solve}
    return render(request, "desk/exceptions/table.html", told)
