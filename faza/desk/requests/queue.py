"""The queue of applications: tabs, order and filter, and what each row says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from statistics import median
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import Count, Q
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from faza.accounts.models import User
from faza.contracts import access
from faza.contracts.models import Application
from faza.contracts.queries import Checked, checked
from faza.contracts.querysets import ApplicationQuerySet
from faza.contracts.rules.applications import UNDO, State
from faza.desk.requests import matching, words

A_PAGE = 50
MOST_CHECKED = 300
"""So many waiting applications are compared with the papers at a time, the most urgent ones."""

WAITING, CORRECTION, DECIDED = "waiting", "correction", "decided"
TABS: dict[str, str | Promise] = {
    WAITING: _("Wait for a check"),
    CORRECTION: _("Being corrected"),
    DECIDED: pgettext_lazy("applications", "Decided"),
}
ORDERS: dict[str, tuple[str | Promise, tuple[str, ...]]] = {
    "urgent": (_("The urgent first"), ("due_at", "id")),
    "new": (_("The new first"), ("-submitted_at", "-id")),
}
FILTERS: dict[str, str | Promise] = {
    "": pgettext_lazy("applications", "All"),
    "persons": _("From persons"),
    "organisations": _("From organisations"),
    "mine": _("In my hands"),
    "free": _("In nobody's hands"),
    "overdue": _("Overdue"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the queue is asked for: all of it stands in the address."""

    tab: str = WAITING
    order: str = "urgent"
    which: str = ""
    q: str = ""
    matched: bool = False
    page: str = "1"

    @classmethod
    def of(cls, query: QueryDict) -> Asked:
        """From an address; what nobody knows is as if not asked."""
        tab, order = query.get("tab", WAITING), query.get("order", "urgent")
        which = query.get("which", "")
        return cls(
            tab=tab if tab in TABS else WAITING,
            order=order if order in ORDERS else "urgent",
            which=which if which in FILTERS else "",
            q=query.get("q", "").strip()[:100],
            matched=bool(query.get("matched")) and tab == WAITING,
            page=query.get("page", "1"),
        )

    def address(self, **extra: object) -> str:
        """A query string of it, with more parts; the usual ones are left out."""
        usual = Asked()
        own = {
            name: getattr(self, name)
            for name in ("tab", "order", "which", "q", "page")
            if getattr(self, name) != getattr(usual, name)
        }
        if self.matched:
            own["matched"] = "1"
        return f"?{urlencode({**own, **{k: v for k, v in extra.items() if v}})}"


@dataclass(frozen=True, slots=True)
class Row:
    """An application in the list."""

    application: Application
    mark: matching.Mark | None
    url: str


@dataclass(frozen=True, slots=True)
class Tab:
    label: str | Promise
    url: str
    count: int
    current: bool


@dataclass(frozen=True, slots=True)
class Choice:
    label: str | Promise
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """The list with what stands around it. `ids` are in the order of the rows."""

    asked: Asked
    rows: tuple[Row, ...]
    page: Page[Application]
    counts: dict[str, int]
    matching: int

    @property
    def ids(self) -> list[int]:
        return [row.application.pk for row in self.rows]

    @property
    def tabs(self) -> list[Tab]:
        return [
            Tab(label, Asked(tab=tab).address() or "?", self.counts[tab], tab == self.asked.tab)
            for tab, label in TABS.items()
        ]

    @property
    def orders(self) -> list[Choice]:
        return [
            Choice(label, self._with(order=name), name == self.asked.order)
            for name, (label, _columns) in ORDERS.items()
        ]

    @property
    def filters(self) -> list[Choice]:
        return [
            Choice(label, self._with(which=name), name == self.asked.which)
            for name, label in FILTERS.items()
        ]

    @property
    def order_words(self) -> str | Promise:
        return ORDERS[self.asked.order][0]

    @property
    def filter_words(self) -> str | Promise:
        return FILTERS[self.asked.which]

    @property
    def matched_url(self) -> str:
        return self._with(matched=not self.asked.matched)

    @property
    def earlier_url(self) -> str:
        return self._with(page=str(self.page.previous_page_number())) if (
            self.page.has_previous()
        ) else ""  # fmt: skip

    @property
    def later_url(self) -> str:
        return self._with(page=str(self.page.next_page_number())) if self.page.has_next() else ""

    @property
    def is_narrowed(self) -> bool:
        return bool(self.asked.q or self.asked.which or self.asked.matched)

    def _with(self, **changed: object) -> str:
        return replace(self.asked, **{"page": "1", **changed}).address()  # type: ignore[arg-type]  # named fields


def reached(user: User, *, at: datetime) -> ApplicationQuerySet:
    """The applications within reach that the desk works on: those whose address is proven."""
    return access.applications_of(user, at=at).exclude(state=State.UNCONFIRMED)


def listed(user: User, asked: Asked, *, at: datetime) -> Listed:
    """The list that is asked for; ten queries, however many applications."""
    mine = reached(user, at=at)
    found = _narrowed(mine, asked, user, at)
    passing: list[Checked] = []
    marks: dict[int, Checked] = {}
    if asked.tab == WAITING:
        waiting = list(mine.waiting().by_urgency()[:MOST_CHECKED])
        told = checked(waiting, at=at, among=access.agreements_of(user, at=at))
        marks = {one.application.pk: one for one in told}
        passing = [one for one in told if one.passes]
    if asked.matched:
        found = found.filter(pk__in=[one.application.pk for one in passing])
    page = Paginator(found.select_related("taken_by", "decided_by"), A_PAGE).get_page(asked.page)
    rows = tuple(
        Row(
            application=one,
            mark=matching.mark(marks[one.pk]) if one.pk in marks else None,
            url=asked.address(id=one.pk),
        )
        for one in page.object_list
    )
    return Listed(asked, rows, page, _counts(mine, at), len(passing))


def _narrowed(
    rows: ApplicationQuerySet, asked: Asked, user: User, at: datetime
) -> ApplicationQuerySet:
    by_tab = {
        WAITING: rows.waiting,
        CORRECTION: rows.in_correction,
        DECIDED: rows.decided,
    }
    found = by_tab[asked.tab]()
    conditions = {
        "persons": Q(kind=Application.Kind.PERSON),
        "organisations": Q(kind=Application.Kind.ORGANISATION),
        "mine": Q(decided_by=user) if asked.tab == DECIDED else Q(taken_by=user),
        "free": Q(taken_by=None),
        "overdue": Q(due_at__lte=at),
    }
    if asked.which:
        found = found.filter(conditions[asked.which])
    if asked.q:
        part = words.pattern(asked.q)
        found = found.filter(
            Q(full_name__iregex=part)
            | Q(organisation__iregex=part)
            | Q(agreement_number__iregex=part)
            | Q(email__icontains=asked.q)
        )
    if asked.tab == DECIDED and asked.order == "urgent":
        return found.order_by("-decided_at", "-id")
    return found.order_by(*ORDERS[asked.order][1])


def _counts(rows: ApplicationQuerySet, at: datetime) -> dict[str, int]:
    """How many stand in each tab, and how many of those that wait are overdue; one query."""
    waits = Q(state=State.WAITING)
    told: dict[str, int] = rows.order_by().aggregate(
        waiting=Count("pk", filter=waits),
        correction=Count("pk", filter=Q(state=State.CORRECTION)),
        decided=Count("pk", filter=Q(decided_at__isnull=False)),
        overdue=Count("pk", filter=waits & Q(due_at__lte=at)),
    )
    return told


@dataclass(frozen=True, slots=True)
class Pace:
    """How long answers took in the current month: half of them less; None where there were none."""

    month: datetime
    seconds: float | None


def pace(user: User, *, at: datetime) -> Pace:
    """The median time from a proven address to a decision in this month; one query."""
    month = at.astimezone(ZoneInfo(settings.TIME_ZONE)).replace(
        day=1, hour=0, minute=0, second=0, microsecond=0
    )
    decided = reached(user, at=at).decided().filter(decided_at__gte=month)
    pairs = decided.order_by().values_list("confirmed_at", "submitted_at", "decided_at")
    took = [(end - (began or sent)).total_seconds() for began, sent, end in pairs if end]
    return Pace(month, median(took) if took else None)


def last_decided(user: User, *, at: datetime) -> Application | None:
    """What this person decided last, while it can be taken back."""
    mine = reached(user, at=at).decided().filter(decided_by=user, decided_at__gt=at - UNDO)
    return mine.order_by("-decided_at", "-id").first()
