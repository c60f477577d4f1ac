"""Deeds as a page tells them: words for codes, names for numbers, places for what was erased."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from faza.accounts.models import LegalText, User
from faza.audit.queries import ERASED, Deed
from faza.contracts.models import ApplicationNote
from faza.contracts.permissions import STAFF, Right
from faza.desk.deeds.words import action_words, field_words, kind_words
from faza.desk.words import right_words
from faza.metering.models import UsagePoint
from faza.ui import formats

MOST_CHANGES = 14
MOST_NAMES = 8
LONGEST = 300

# Numbers of rows that tell a reader nothing.
HIDDEN = frozenset({"member", "message", "path", "session"})
# Lists of such numbers, told by how many they are.
COUNTED = frozenset({"bindings"})
# Fields that are told of objects which have no such column.
RELATIONS = {
    "agreement": "contracts.customeragreement",
    "complex": "metering.meteringcomplex",
    "customer": "contracts.customer",
    "meter": "metering.meter",
    "node": "metering.networknode",
    "note": "contracts.applicationnote",
    "parent": "metering.networknode",
    "points": "metering.usagepoint",
    "points_in": "metering.usagepoint",
    "points_out": "metering.usagepoint",
    "points_reversed": "metering.usagepoint",
    "transformers": "metering.instrumenttransformer",
    "usage_point": "metering.usagepoint",
    "user": "accounts.user",
}
COUNTING = {"collection.gridimport"}
"""Kinds whose entries tell how many of something there were, not which."""
STAFF_PAGE = "desk:user"
PAGES = {
    "cases.case": "desk:case",
    "accounts.legaltext": "desk:text",
    "accounts.user": "desk:subscriber",
    "contracts.application": "desk:request",
    "contracts.customer": "desk:customer",
    "contracts.customeragreement": "desk:agreement",
    "collection.gridimport": "desk:import_one",
    "jobs.job": "desk:job",
    "notifications.news": "desk:news-piece",
    "metering.instrumenttransformer": "desk:transformer",
    "metering.meter": "desk:meter",
    "metering.networknode": "desk:node",
    "metering.usagepoint": "desk:point",
}
# Codes told of objects which have no such column.
CHOICES = {
    ("accounts.acceptance", "kind"): LegalText.Kind,
    ("accounts.user", "factor"): Authenticator.Type,
}
# Rows that only join others are told by what they join.
JOINING = frozenset(
    {
        *("contracts.customermember", "contracts.agreementpoint", "contracts.operatorarea"),
        *("contracts.housemanagement", "contracts.personalright", "contracts.application"),
        *("metering.meteringcomplex", "accounts.acceptance", "accounts.withdrawal", "cases.case"),
    }
)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z")


@dataclass(frozen=True, slots=True)
class Change:
    """A field's name with what it was and what it is, all in words; empty where there was none."""

    name: str
    before: str
    after: str
    is_changed: bool
    """Whether a before is told at all: else only what it is."""


@dataclass(frozen=True, slots=True)
class Told:
    """A deed as a page shows it. `address` is empty where none is known."""

    deed: Deed
    who: str
    action: str
    kind: str
    name: str
    url: str
    address: str
    changes: tuple[Change, ...]
    more: int

    @property
    def at(self) -> datetime:
        return self.deed.at

    @property
    def when(self) -> str:
        """The moment on the wall clock of the installation."""
        return formats.moment(self.deed.at, ZoneInfo(settings.TIME_ZONE))

    @property
    def words(self) -> str:
        """The changes in one line, as an export holds them."""
        parts = []
        for one in self.changes:
            value = f"{one.before or '—'} → {one.after or '—'}" if one.is_changed else one.after
            parts.append(f"{one.name}: {value}")
        return "; ".join(parts)


@dataclass(frozen=True, slots=True)
class Row:
    """A row that a deed names, as words, and the address of its page ("" where it has none)."""

    words: str
    url: str


Key = tuple[str, int]
Names = Mapping[Key, Row]


def told(deeds: Iterable[Deed]) -> list[Told]:
    """Deeds in words; a query for each kind of rows that they name, however many deeds."""
    rows = list(deeds)
    names = _names(rows)
    return [_told(deed, names) for deed in rows]


def _told(deed: Deed, names: Names) -> Told:
    changes = [
        _change(deed, *one, names=names)
        for one in deed.changes
        if one[0] not in HIDDEN and (one[1], one[2]) != (None, None)
    ]
    of = _row_of(deed, names)
    return Told(
        deed=deed,
        who=_who(deed),
        action=action_words(deed.action),
        kind=kind_words(deed.kind),
        name=of.words,
        url=of.url,
        address=_("erased") if deed.address is ERASED else str(deed.address or ""),
        changes=tuple(changes[:MOST_CHANGES]),
        more=max(0, len(changes) - MOST_CHANGES),
    )


def _who(deed: Deed) -> str:
    if deed.user is None:
        return _("the system")
    if not deed.who or deed.who.startswith("#"):
        return _("user no. %(number)s") % {"number": deed.user}
    return deed.who


def _row_of(deed: Deed, names: Names) -> Row:
    """The object itself; of one that is no more only the number is left."""
    number = _number(deed.object_id)
    known = names.get((deed.kind, number)) if number is not None else None
    return known or Row(_("no. %(number)s") % {"number": deed.object_id}, "")


def _change(deed: Deed, name: str, before: object, after: object, *, names: Names) -> Change:
    return Change(
        name=field_words(name),
        before=_value(deed.kind, name, before, names),
        after=_value(deed.kind, name, after, names),
        is_changed=deed.before is not None and name in deed.before,
    )


def _value(kind: str, name: str, value: object, names: Names) -> str:
    if value is ERASED:
        return _("erased")
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list) and name in COUNTED:
        return str(len(value))
    if isinstance(value, list):
        return _listed([_value(kind, name, one, names) for one in value])
    if isinstance(value, Mapping):
        return _listed([f"{key}: {_value(kind, '', one, names)}" for key, one in value.items()])
    related = _related(kind, name)
    if related and (number := _number(value)) is not None:
        known = names.get((related, number))
        return known.words if known else _("no. %(number)s") % {"number": number}
    return _plain(kind, name, value)


def _plain(kind: str, name: str, value: object) -> str:
    if name == "right" and value in set(Right):
        return right_words(Right(str(value)))
    known = CHOICES.get((kind, name))
    choices = dict(known.choices if known else _choices(kind, name))
    if value in choices:
        return str(choices[value])
    text = str(value)
    if _MOMENT.match(text):
        return formats.moment(datetime.fromisoformat(text), ZoneInfo(settings.TIME_ZONE))
    if _DAY.match(text):
        return formats.day(date.fromisoformat(text))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _listed(words: Sequence[str]) -> str:
    shown = ", ".join(words[:MOST_NAMES])
    left = len(words) - MOST_NAMES
    if left <= 0:
        return shown
    more = ngettext("and %(count)s more", "and %(count)s more", left) % {"count": left}
    return f"{shown} {more}"


def _names(deeds: Sequence[Deed]) -> dict[Key, Row]:
    wanted: dict[str, set[int]] = defaultdict(set)
    for deed in deeds:
        if (number := _number(deed.object_id)) is not None:
            wanted[deed.kind].add(number)
        for name, *values in deed.changes:
            related = _related(deed.kind, name)
            if related:
                for value in values:
                    each = value if isinstance(value, list) else [value]
                    wanted[related] |= {n for one in each if (n := _number(one)) is not None}
    return {
        (label, row.pk): Row(_row_words(row), _page_of(row))
        for label, numbers in wanted.items()
        for row in _rows(label, numbers)
    }


def _rows(label: str, numbers: set[int]) -> list[models.Model]:
    """Rows of a model by their numbers, with what their words are made of."""
    model = _model(label)
    if model is None or not numbers:
        return []
    return list(model._default_manager.filter(pk__in=numbers).select_related(*_joins(model)))


def _joins(model: type[models.Model] | models.Model) -> list[str]:
    """The columns of a model that always point at another row."""
    return [f.name for f in model._meta.concrete_fields if f.many_to_one and not f.null]


def _row_words(row: models.Model) -> str:
    match row:
        case User(erased_at=datetime()):
            return _("user no. %(number)s") % {"number": row.pk}
        case ApplicationNote():
            return row.text[:LONGEST]
    if row._meta.label_lower in JOINING:
        return " · ".join(str(getattr(row, name)) for name in _joins(row))
    return str(row)


def _page_of(row: models.Model) -> str:
    name, key = PAGES.get(row._meta.label_lower, ""), row.pk
    if isinstance(row, User) and row.role in STAFF:
        name = STAFF_PAGE
    if isinstance(row, UsagePoint):
        key = row.code
    try:
        return reverse(name, args=[key]) if name else ""
    except NoReverseMatch:
        return ""


def _related(kind: str, name: str) -> str | None:
    """The model that a field's numbers belong to, if it is such a field."""
    field = _field(kind, name)
    if field is not None and field.is_relation and field.related_model:
        return str(field.related_model._meta.label_lower)
    return RELATIONS.get(name) if field is None and kind not in COUNTING else None


def _field(kind: str, name: str) -> models.Field[object, object] | None:
    model = _model(kind)
    if model is None or not name:
        return None
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return field if isinstance(field, models.Field) else None


def _choices(kind: str, name: str) -> Iterable[tuple[object, object]]:
    return getattr(_field(kind, name), "flatchoices", None) or ()


def _model(label: str) -> type[models.Model] | None:
    try:
        return apps.get_model(label)
    except (LookupError, ValueError):
        return None


def _number(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 19 else None
