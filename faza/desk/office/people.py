"""Who works here and with what: what the pages of users and roles show."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

import django_filters
from allauth.mfa.models import Authenticator
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django_tables2 import Column

from faza.accounts.models import User
from faza.audit import queries as audit
from faza.contracts.models import HouseManagement, OperatorArea, PersonalRight
from faza.contracts.permissions import PERSONAL, TABLE, Right
from faza.desk.lists import ListTable
from faza.desk.words import right_words
from faza.metering.models import NetworkNode
from faza.ui import formats

MOST_NODES = 12
MOST_PLACES = 3
STATES: list[tuple[str, str | Promise]] = [
    ("open", gettext_lazy("access is open")),
    ("closed", gettext_lazy("access is closed")),
    ("waiting", gettext_lazy("never signed in")),
]
FACTORS: list[tuple[str, str | Promise]] = [
    ("on", gettext_lazy("switched on")),
    ("off", gettext_lazy("switched off")),
]


def rows(user: User) -> QuerySet[User]:
    """Everybody who has an account, with whether a second factor guards it."""
    factors = Authenticator.objects.filter(user=OuterRef("pk"))
    guarded = factors.exclude(type=Authenticator.Type.RECOVERY_CODES)
    found = User.objects.annotate(has_second_factor=Exists(guarded))
    return found.filter(erased_at=None).order_by("full_name", "id")


class Filter(django_filters.FilterSet):
    """By name or address, role, state; subscribers only where they are asked for."""

    q = django_filters.CharFilter(label=gettext_lazy("Name, e-mail"), method="by_words")
    role = django_filters.ChoiceFilter(
        label=gettext_lazy("Role"),
        choices=User.Role.choices,
        empty_label=gettext_lazy("all but subscribers"),
    )
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("State"), choices=STATES, method="by_state",
        empty_label=gettext_lazy("any"),
    )  # fmt: skip
    factor = django_filters.ChoiceFilter(
        label=gettext_lazy("Second factor"), choices=FACTORS, method="by_factor",
        empty_label=gettext_lazy("any"),
    )  # fmt: skip

    def by_words(self, rows: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        return rows.filter(Q(full_name__iregex=re.escape(value)) | Q(email__icontains=value))

    def by_state(self, rows: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        if value == "waiting":
            return rows.filter(is_active=True, last_login=None)
        return rows.filter(is_active=value == "open")

    def by_factor(self, rows: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        return rows.filter(**{"has_second_factor": value == "on"})  # annotated by `rows`

    def filter_queryset(self, queryset: QuerySet[User]) -> QuerySet[User]:
        narrowed = super().filter_queryset(queryset)
        asked = self.form.cleaned_data.get("role")
        return narrowed if asked else narrowed.exclude(role=User.Role.SUBSCRIBER)


class Table(ListTable):
    """People, their roles, and where they work."""

    class Meta(ListTable.Meta):
        pass

    full_name = Column(verbose_name=gettext_lazy("Full name"))
    email = Column(verbose_name=gettext_lazy("E-mail"), visible=False)  # stands under the name
    role = Column(verbose_name=gettext_lazy("Role"))
    places = Column(verbose_name=gettext_lazy("Areas, houses"), empty_values=(), orderable=False)
    last_login = Column(verbose_name=gettext_lazy("Last sign-in"))
    has_second_factor = Column(verbose_name=gettext_lazy("Second factor"))
    is_active = Column(verbose_name=gettext_lazy("State"))

    def __init__(self, *args: object, places: dict[int, list[str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.of_user = places

    def render_full_name(self, record: User) -> SafeString:
        address = reverse("desk:user", args=[record.pk])
        whole = '<a href="{}">{}</a><div class="t3 sm">{}</div>'
        return format_html(whole, address, record.full_name or record.email, record.email)

    def value_full_name(self, record: User) -> str:
        return record.full_name

    def render_role(self, record: User) -> str:
        return str(record.get_role_display())

    def render_places(self, record: User) -> SafeString | str:
        names = self.of_user.get(record.pk, [])
        if not names:
            return _("no area yet") if record.role == User.Role.OPERATOR else formats.DASH
        shown = format_html_join(", ", "{}", ((name,) for name in names[:MOST_PLACES]))
        more = len(names) - MOST_PLACES
        return format_html("{} +{}", shown, more) if more > 0 else shown

    def value_places(self, record: User) -> str:
        return ", ".join(self.of_user.get(record.pk, []))

    def render_last_login(self, value: datetime) -> str:
        return formats.moment(localtime(value))

    def value_last_login(self, value: datetime) -> datetime:
        return value

    def render_has_second_factor(self, value: bool) -> SafeString:
        told = pgettext("second factor", "on") if value else pgettext("second factor", "off")
        return format_html('<span class="tag {}">{}</span>', "good" if value else "warn", told)

    def value_has_second_factor(self, value: bool) -> str:
        return pgettext("second factor", "on") if value else pgettext("second factor", "off")

    def render_is_active(self, record: User) -> SafeString:
        told, css = state_words(record)
        return format_html('<span class="tag {}">{}</span>', css, told)

    def value_is_active(self, record: User) -> str:
        return state_words(record)[0]


def state_words(user: User) -> tuple[str, str]:
    """Whether a person can sign in, in words and as a colour."""
    if not user.is_active:
        return (_("closed by the person") if user.closed_at else _("access is closed")), "bad"
    if user.last_login is None:
        return _("never signed in"), "warn"
    return _("access is open"), "good"


def second_factor(user: User) -> str:
    """What guards the sign-in besides the password, in words; empty where nothing does."""
    words = {
        Authenticator.Type.TOTP: _("codes from an app"),
        Authenticator.Type.WEBAUTHN: _("a device key"),
    }
    kinds = Authenticator.objects.filter(user=user).values_list("type", flat=True)
    return ", ".join(words[kind] for kind in sorted(set(kinds)) if kind in words)


def places(at: datetime) -> dict[int, list[str]]:
    """Names of areas and of the houses managed now, by user. Two queries."""
    found: dict[int, list[str]] = defaultdict(list)
    areas = OperatorArea.objects.order_by("node__name").values_list("user", "node__name")
    houses = HouseManagement.objects.valid_at(at).order_by("node__name")
    for user, name in [*areas, *houses.values_list("user", "node__name")]:
        found[user].append(name)
    return found


AREA_DEEDS = frozenset({"contracts.area.assigned", "contracts.area.withdrawn"})


def history(user: User) -> list[audit.Deed]:
    """What was done to a person, and to the areas, houses and rights given; newest first.

    Five queries. An area that was taken away is no more: its deeds name the person.
    """
    things = [user, *HouseManagement.objects.filter(user=user)]
    things += PersonalRight.objects.filter(user=user)
    named = Q(before__user=user.pk) | Q(after__user=user.pk)
    areas = audit.trail(audit.Filters(actions=AREA_DEEDS)).filter(named)
    found = [*audit.history_of(*things), *audit.deeds(areas[: audit.MOST])]
    return sorted(found, key=lambda deed: (deed.at, deed.id), reverse=True)[: audit.MOST]


@dataclass(frozen=True, slots=True)
class Granted:
    """A right by name, and who gave it."""

    right: PersonalRight
    words: str
    given_by: str
    is_valid: bool


def rights_of(user: User, at: datetime) -> list[Granted]:
    """Rights that a person has or had by name, with who gave them. Four queries at most."""
    held = list(PersonalRight.objects.filter(user=user).order_by("-valid_from"))
    asked = audit.trail(audit.Filters(action="contracts.right.granted"))
    numbers = [str(one.pk) for one in held]
    given = {deed.object_id: deed.who for deed in audit.deeds(asked.filter(object_id__in=numbers))}
    return [
        Granted(one, right_words(Right(one.right)), given.get(str(one.pk), ""), _holds(one, at))
        for one in held
    ]


def _holds(right: PersonalRight, at: datetime) -> bool:
    return right.valid_from <= at and (right.valid_to is None or at < right.valid_to)


def nodes(words: str) -> list[tuple[NetworkNode, str]]:
    """Parts of the network whose name or code has some words, with where they lie."""
    words = words.strip()
    if len(words) < 2:
        return []
    # Of letters other than Latin SQLite knows both cases in regular expressions only.
    named = Q(name__iregex=re.escape(words)) | Q(code__istartswith=words)
    found = NetworkNode.objects.filter(named)
    rows = list(found.order_by("path")[:MOST_NODES])
    above = {key for row in rows for key in _above(row)}
    names = dict(NetworkNode.objects.filter(pk__in=above).values_list("pk", "name"))
    return [(row, " / ".join(names[key] for key in _above(row) if key in names)) for row in rows]


def _above(node: NetworkNode) -> list[int]:
    keys = [int(key) for key in node.path.strip("/").split("/") if key.isdecimal()]
    return [key for key in keys if key != node.pk]


@dataclass(frozen=True, slots=True)
class Line:
    """A right, and of each role whether it has it."""

    words: str
    has: tuple[bool, ...]
    by_name: bool


def who_may() -> list[Line]:
    """The table of rights as it stands in code."""
    return [
        Line(
            right_words(right),
            tuple(role in TABLE[right] for role in User.Role),
            by_name=right in PERSONAL,
        )
        for right in Right
    ]


def searched(request: HttpRequest) -> str:
    """The words that a part of the network is looked for by."""
    return forms.CharField(required=False).clean(request.GET.get("node", "")[:100])
