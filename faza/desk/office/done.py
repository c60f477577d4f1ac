"""The trail as its page asks for it: filters, pages by a key, rows of a file.

A page is found by the moment and number of the entry before it, never by counting: a million
entries are as quick as a thousand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import groupby
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from faza.audit import queries
from faza.audit.models import Entry, PersonRef
from faza.audit.services import NETWORK_ADDRESS
from faza.desk import deeds
from faza.desk.dates import validate_day
from faza.desk.forms import dressed

PER_PAGE = 50
MOST_COUNTED = 10_000
MOST_EXPORTED = 100_000
MOST_PEOPLE = 200
BATCH = 1_000
SYSTEM = "-"

ROOMS: dict[str, str | Promise] = {
    "accounts": gettext_lazy("Accounts and texts"),
    "collection": gettext_lazy("Exchange and imports"),
    "contracts": gettext_lazy("Agreements and access"),
    "demo": gettext_lazy("Demo"),
    "desk": gettext_lazy("Desk"),
    "metering": gettext_lazy("Network and meters"),
    "outbox": gettext_lazy("Mails"),
    "readings": gettext_lazy("Readings"),
}


def _actions() -> list[tuple[str, Any]]:
    """All codes of deeds with their words, by room; the room itself first."""
    found: list[tuple[str, Any]] = [("", _("any"))]
    for room, codes in groupby(sorted(deeds.ACTIONS), key=lambda code: code.split(".")[0]):
        name = str(ROOMS.get(room, room))
        whole = (f"{room}.", _("%(room)s: all") % {"room": name})
        told = sorted(((code, deeds.action_words(code)) for code in codes), key=lambda one: one[1])
        found.append((name, [whole, *told]))
    return found


def _kinds() -> list[tuple[str, str]]:
    told = [(label, str(capfirst(deeds.kind_words(label)))) for label in deeds.KINDS]
    return [("", _("any")), *sorted(told, key=lambda one: one[1])]


class Asked(forms.Form):
    """What the trail is asked for."""

    who = forms.CharField(label=gettext_lazy("Person"), required=False, max_length=100)
    action = forms.ChoiceField(label=gettext_lazy("Deed"), required=False, choices=_actions)
    kind = forms.ChoiceField(label=gettext_lazy("Object"), required=False, choices=_kinds)
    object = forms.CharField(label=gettext_lazy("Its number"), required=False, max_length=100)
    since = forms.DateField(
        label=gettext_lazy("From"), required=False, validators=[validate_day],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )  # fmt: skip
    until = forms.DateField(
        label=gettext_lazy("To"), required=False, validators=[validate_day],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )  # fmt: skip
    address = forms.GenericIPAddressField(label=gettext_lazy("Network address"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.fields["who"].widget.attrs["placeholder"] = _("name, number, “-” for the system")
        dressed(self)


def entries(form: Asked) -> QuerySet[Entry]:
    """The entries that a form asks for, newest first; of a form with a mistake none."""
    if not form.is_bound:
        return queries.trail()
    if not form.is_valid():
        return Entry.objects.none()
    told = form.cleaned_data
    who = told["who"].strip()
    found = queries.trail(
        queries.Filters(
            since=_start(told["since"]),
            until=_start(told["until"] + timedelta(days=1)) if told["until"] else None,
            by_system=who == SYSTEM,
            action=told["action"],
            kind=told["kind"],
            object_id=told["object"].strip(),
        )
    )
    if who and who != SYSTEM:
        found = found.filter(person__in=_people(who))
    if told["address"]:
        found = found.filter(address__name=NETWORK_ADDRESS, address__value=told["address"])
    return found


def _start(day: Any) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time())) if day else None


def _people(who: str) -> list[int]:
    """References of people by a part of the name, in whatever case, or by their number."""
    named = Q(name__iregex=re.escape(who))
    number = who.lstrip("#№ ")
    if number.isdecimal() and len(number) < 19:
        named |= Q(user=int(number))
    return list(PersonRef.objects.filter(named).values_list("pk", flat=True)[:MOST_PEOPLE])


@dataclass(frozen=True, slots=True)
class Page:
    """Deeds in words, and the key of the page with older ones ("" if there are none)."""

    deeds: Sequence[deeds.Told]
    older: str


def page(rows: QuerySet[Entry], before: str) -> Page:
    """The page that begins after the entry with the key `before`; of a wrong key the first."""
    found = list(_after(rows, before)[: PER_PAGE + 1])
    shown = found[:PER_PAGE]
    older = _key(shown[-1]) if len(found) > PER_PAGE else ""
    return Page(deeds.told(queries.deeds(shown)), older)


def count(rows: QuerySet[Entry], most: int = MOST_COUNTED) -> int:
    """How many there are; one more than `most` stands for any number above it."""
    return rows.order_by()[: most + 1].count()


def until_now(rows: QuerySet[Entry]) -> QuerySet[Entry]:
    """The entries that are there now: an export is not to find the one that tells of itself."""
    newest = Entry.objects.order_by("-pk").values_list("pk", flat=True).first()
    return rows.filter(pk__lte=newest or 0)


def _key(row: Entry) -> str:
    return f"{row.at.isoformat()}_{row.pk}"


def _after(rows: QuerySet[Entry], key: str) -> QuerySet[Entry]:
    moment, _underscore, number = key.rpartition("_")
    try:
        at = parse_datetime(moment)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not number.isdecimal() or len(number) > 18:
        return rows
    # The first condition is one an index bounds; the second parts those of the same moment.
    return rows.filter(at__lte=at).filter(Q(at__lt=at) | Q(pk__lt=int(number)))


def as_rows(rows: QuerySet[Entry]) -> Iterator[Sequence[object]]:
    """The head and the lines of a file."""
    yield (_("When"), _("Who"), _("Network address"), _("Deed"), _("Object"), _("Its number"),
           _("Its name"), _("What changed"), _("Code of the deed"))  # fmt: skip
    key, left = "", MOST_EXPORTED
    while left > 0 and (batch := list(_after(rows, key)[: min(BATCH, left)])):
        for one in deeds.told(queries.deeds(batch)):
            yield (one.at, one.who, one.address, one.action, one.kind, one.deed.object_id,
                   one.name, one.words, one.deed.action)  # fmt: skip
        key, left = _key(batch[-1]), left - len(batch)
