"""Who uses the cabinet: the list, its filters, and all that the desk knows of one person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import django_filters
import django_tables2 as tables
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from faza.accounts.models import Acceptance, SignIn, User
from faza.audit import queries as trail
from faza.contracts import access
from faza.contracts.models import (
    AgreementPoint,
    Application,
    Customer,
    CustomerAgreement,
    CustomerMember,
)
from faza.desk.lists import ChoiceColumn, ListTable
from faza.desk.requests import words

PUBLIC = (User.Role.SUBSCRIBER, User.Role.SUPPLIER, User.Role.HOUSE_MANAGER)
SIGN_INS = 12
"""So many of the last sign-ins a card shows."""
MOST_POINTS = 12
"""So many points of an agreement a card names; it always counts them all."""
LONG = timedelta(days=180)


def subscribers_of(user: User, *, at: datetime) -> QuerySet[User]:
    """Users of the cabinet within reach, each with `confirmed`."""
    proven = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
    people = access.people_of(user, at=at).filter(role__in=PUBLIC)
    return people.annotate(confirmed=Exists(proven))


class SubscriberFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(method="by_text", label=_("Name, e-mail, telephone"))
    state = django_filters.ChoiceFilter(
        method="by_state", label=_("State"), choices=words.STATES, empty_label=_("all")
    )
    role = django_filters.ChoiceFilter(
        label=_("Role"),
        choices=[(role.value, role.label) for role in PUBLIC],
        empty_label=_("all"),
    )
    seen = django_filters.ChoiceFilter(
        method="by_last_sign_in",
        label=_("Last sign-in"),
        choices=[
            ("never", pgettext_lazy("sign-in", "never")),
            ("month", _("within 30 days")),
            ("long", _("half a year ago or more")),
        ],
        empty_label=_("all"),
    )

    class Meta:
        model = User
        fields = ()

    def by_text(self, rows: QuerySet[User], name: str, text: str) -> QuerySet[User]:
        """People of whose name, address or telephone the text is a part."""
        part = words.pattern(text)
        told = Q(full_name__iregex=part) | Q(email__icontains=text.strip())
        digits = "".join(c for c in text if c.isdigit())
        if len(digits) > 3:
            told |= Q(phone__iregex=r"\D*".join(digits))
        return rows.filter(told)

    def by_state(self, rows: QuerySet[User], name: str, state: str) -> QuerySet[User]:
        """People in a state as `words.state_of` names it."""
        return rows.filter(words.STATE_CONDITIONS[state])

    def by_last_sign_in(self, rows: QuerySet[User], name: str, when: str) -> QuerySet[User]:
        """People by when they signed in last."""
        at = timezone.now()
        asked = {
            "never": Q(last_login=None),
            "month": Q(last_login__gte=at - timedelta(days=30)),
            "long": Q(last_login__lt=at - LONG),
        }
        return rows.filter(asked[when])


class SubscriberTable(ListTable):
    """`seen` are the customers that the reader may see; names of others are not shown."""

    choice = ChoiceColumn()
    full_name = tables.Column(verbose_name=pgettext_lazy("person", "Name"))
    email = tables.Column(verbose_name=_("E-mail"))
    phone = tables.Column(
        verbose_name=_("Telephone"), orderable=False, attrs={"td": {"class": "nw"}}
    )
    customers = tables.Column(
        verbose_name=_("Reads for"), orderable=False, empty_values=(), accessor="pk"
    )
    state = tables.Column(verbose_name=_("State"), orderable=False, empty_values=(), accessor="pk")
    role = tables.Column(verbose_name=_("Role"))
    last_login = tables.DateTimeColumn(verbose_name=_("Last sign-in"), format="d.m.Y H:i")
    created_at = tables.DateTimeColumn(verbose_name=_("Since"), format="d.m.Y")

    class Meta(ListTable.Meta):
        order_by = ("full_name",)

    def __init__(self, *args: Any, reader: User, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reader, self.at = reader, at
        self._customers: dict[int, list[tuple[int, str]]] | None = None

    def render_full_name(self, record: User) -> SafeString:
        url = reverse("desk:subscriber", args=[record.pk])
        return format_html('<a href="{}">{}</a>', url, record.full_name or f"#{record.pk}")

    def value_full_name(self, record: User) -> str:
        return record.full_name

    def render_customers(self, record: User) -> str | SafeString:
        named = self._of(record)
        links = ((reverse("desk:customer", args=[key]), name) for key, name in named)
        return format_html_join(", ", '<a href="{}">{}</a>', links) or "—"

    def value_customers(self, record: User) -> str:
        return ", ".join(name for _key, name in self._of(record))

    def render_state(self, record: User) -> SafeString:
        state = words.state_of(record, confirmed=record.confirmed)  # type: ignore[attr-defined]  # annotated
        return format_html('<span class="tag {}">{}</span>', state.css, state.words)

    def value_state(self, record: User) -> str:
        return str(words.state_of(record, confirmed=record.confirmed).words)  # type: ignore[attr-defined]

    def value_role(self, record: User) -> str:
        return str(record.get_role_display())

    def value_last_login(self, record: User) -> datetime | None:
        return record.last_login

    def value_created_at(self, record: User) -> datetime:
        return record.created_at

    def _of(self, record: User) -> list[tuple[int, str]]:
        if self._customers is None:
            rows = [row.record.pk for row in self.page.object_list] if self.page else None
            self._customers = self._asked(rows)
        return self._customers.get(record.pk, [])

    def _asked(self, users: Collection[int] | None) -> dict[int, list[tuple[int, str]]]:
        """Names of the customers that each person of the page reads for now; one query."""
        members = CustomerMember.objects.valid_at(self.at).filter(
            user__in=self.data.data.order_by().values("pk") if users is None else users,
            customer__in=access.customers_of(self.reader, at=self.at).values("pk"),
        )
        found = defaultdict(list)
        for user, key, name in members.order_by("customer__name", "id").values_list(
            "user", "customer", "customer__name"
        ):
            found[user].append((key, name))
        return dict(found)


@dataclass(frozen=True, slots=True)
class Paper:
    """An agreement with the points that it covers within the reader's reach."""

    agreement: CustomerAgreement
    points: tuple[AgreementPoint, ...]
    count: int

    @property
    def more(self) -> int:
        return self.count - len(self.points)


@dataclass(frozen=True, slots=True)
class Reads:
    """A membership of a person, and what it lets them see."""

    member: CustomerMember
    papers: tuple[Paper, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """What the desk knows of a person, as far as the reader reaches."""

    person: User
    state: words.State
    is_confirmed: bool
    reads: tuple[Reads, ...]
    applications: tuple[Application, ...]
    acceptances: tuple[Acceptance, ...]
    sign_ins: tuple[SignIn, ...]
    sessions: int
    factors: tuple[words.Factor, ...]
    history: list[trail.Deed]

    @property
    def is_public(self) -> bool:
        """Whether the person is a user of the cabinet, and not one of the staff."""
        return self.person.role in PUBLIC


def card(person: User, *, reader: User, at: datetime) -> Card:
    """The card of a person; a dozen queries, however much there is."""
    confirmed = EmailAddress.objects.filter(user=person, verified=True).exists()
    members = list(
        CustomerMember.objects.filter(
            user=person, customer__in=access.customers_of(reader, at=at).values("pk")
        )
        .select_related("customer")
        .order_by(F("valid_to").desc(nulls_first=True), "customer__name", "id")
    )
    papers = _papers([member.customer for member in members], reader, at)
    applications = access.applications_of(reader, at=at).filter(user=person)
    factors = Authenticator.objects.filter(user=person).order_by("created_at")
    return Card(
        person=person,
        state=words.state_of(person, confirmed=confirmed),
        is_confirmed=confirmed,
        reads=tuple(Reads(one, tuple(papers.get(one.customer_id, ()))) for one in members),
        applications=tuple(
            applications.select_related("agreement", "decided_by").order_by("-submitted_at", "-id")
        ),
        acceptances=tuple(person.acceptances.select_related("text").order_by("-at", "-id")),
        sign_ins=tuple(person.sign_ins.order_by("-at", "-id")[:SIGN_INS]),
        sessions=UserSession.objects.filter(user=person).count(),
        factors=tuple(words.Factor(one.type, one.created_at, one.last_used_at) for one in factors),
        history=trail.history_of(person, *members, most=40),
    )


def _papers(customers: list[Customer], reader: User, at: datetime) -> dict[int, list[Paper]]:
    """The agreements of customers with their points; two queries."""
    agreements = list(
        access.agreements_of(reader, at=at)
        .filter(customer__in=customers)
        .order_by(F("valid_to").desc(nulls_first=True), "number")
    )
    bound = defaultdict(list)
    rows = AgreementPoint.objects.filter(
        agreement__in=agreements,
        usage_point__in=access.worked_points_of(reader, at=at).values("pk"),
    )
    for row in rows.select_related("usage_point").order_by("usage_point__name_key", "id"):
        bound[row.agreement_id].append(row)
    found = defaultdict(list)
    for agreement in agreements:
        points = bound[agreement.pk]
        paper = Paper(agreement, tuple(points[:MOST_POINTS]), len(points))
        found[agreement.customer_id].append(paper)
    return found
