"""The sections of the desk: one line each, in the order of the menu, each with its right."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from faza.accounts.models import User
from faza.contracts.permissions import Right, may
from faza.desk.counts import Bar, Queue, bars, queues_of
from faza.desk.exceptions.term import term_words


@dataclass(frozen=True, slots=True)
class Section:
    """A place in the menu; `key` is the physical key that follows G, `queue` names its count."""

    label: str | Promise
    url_name: str
    icon: str
    right: Right
    group: str | Promise
    key: str = ""
    queue: str = ""
    term: str | Promise = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A section on a page: its address, whether the page is in it, and what waits there."""

    section: Section
    url: str
    current: bool
    queue: Queue | None


QUEUES, METERING, PAPERS = _("Queues"), _("Metering"), _("Papers")
OFFICE = _("Office")

SECTIONS = (
    Section(
        _("Summary"), "desk:home", icon="layout-dashboard",
        right=Right.OPEN_DESK, group=QUEUES, key="KeyS",
    ),
    Section(
        _("Applications"), "desk:requests", icon="user-check",
        right=Right.SEE_SUBSCRIBERS, group=QUEUES, key="KeyR", queue="requests",
        term=_("term: 1 working day"),
    ),
    Section(
        _("Withdrawn consents"), "desk:withdrawals", icon="user-off",
        right=Right.SEE_SUBSCRIBERS, group=QUEUES, queue="withdrawals",
        term=_("by the day set in each"),
    ),
    Section(
        pgettext_lazy("section", "Readings"), "desk:readings", icon="clipboard-check",
        right=Right.SEE_READINGS, group=QUEUES, key="KeyD", queue="readings",
        term=_("term: 2 days"),
    ),
    Section(
        _("Alarms"), "desk:alarms", icon="alert-triangle",
        right=Right.SEE_ALARMS, group=QUEUES, key="KeyL", queue="alarms",
        term=_("term: 1 day"),
    ),
    Section(
        _("Exceptions"), "desk:exceptions", icon="activity",
        right=Right.SEE_EXCEPTIONS, group=QUEUES, key="KeyE", queue="exceptions",
        term=term_words(),
    ),
    Section(
        _("Cases"), "desk:cases", icon="message-question",
        right=Right.SEE_CASES, group=QUEUES, key="KeyQ", queue="cases",
        term=_("term: 3 working days"),
    ),
    Section(
        _("Supply orders"), "desk:orders", icon="plug",
        right=Right.SEE_ORDERS, group=QUEUES, queue="orders",
        term=_("term: 1 day"),
    ),
    Section(
        _("Network and points"), "desk:network", icon="sitemap",
        right=Right.SEE_NETWORK, group=METERING, key="KeyN",
    ),
    Section(
        _("Usage points"), "desk:points", icon="map-pin",
        right=Right.SEE_NETWORK, group=METERING, key="KeyP",
    ),
    Section(
        _("Meters"), "desk:meters", icon="device-desktop-analytics",
        right=Right.SEE_NETWORK, group=METERING, key="KeyM",
    ),
    Section(
        _("Transformers"), "desk:transformers", icon="circles",
        right=Right.SEE_NETWORK, group=METERING,
    ),
    Section(
        _("Collection"), "desk:polling", icon="antenna",
        right=Right.SEE_COLLECTION, group=METERING, key="KeyO",
    ),
    Section(
        _("Route sheets"), "desk:rounds", icon="route",
        right=Right.SEE_ROUNDS, group=METERING, key="KeyH",
    ),
    Section(
        _("Balances"), "desk:balances", icon="scale",
        right=Right.SEE_NETWORK, group=METERING, key="KeyB",
    ),
    Section(
        _("Tariff calendars"), "desk:calendars", icon="calendar",
        right=Right.SEE_CALENDARS, group=METERING,
    ),
    Section(
        _("Grid import"), "desk:import", icon="table-import",
        right=Right.IMPORT_GRID, group=METERING, key="KeyI",
    ),
    Section(
        _("Subscribers"), "desk:subscribers", icon="users",
        right=Right.SEE_SUBSCRIBERS, group=PAPERS, key="KeyU",
    ),
    Section(
        _("Customers"), "desk:customers", icon="building",
        right=Right.SEE_SUBSCRIBERS, group=PAPERS, key="KeyC",
    ),
    Section(
        _("Agreements"), "desk:agreements", icon="file-text",
        right=Right.SEE_SUBSCRIBERS, group=PAPERS, key="KeyA",
    ),
    Section(
        pgettext_lazy("section", "Tariffs"), "desk:tariffs", icon="receipt-2",
        right=Right.SEE_TARIFFS, group=PAPERS, key="KeyF",
    ),
    Section(
        _("Entry windows"), "desk:windows", icon="calendar-time",
        right=Right.SEE_WINDOWS, group=PAPERS, key="KeyZ",
    ),
    Section(
        _("Reports"), "desk:reports", icon="clipboard-data",
        right=Right.SEE_NETWORK, group=PAPERS,
    ),
    Section(
        _("Import and export"), "desk:exchange", icon="arrows-exchange",
        right=Right.SEE_EXCHANGE, group=PAPERS, key="KeyX",
    ),
    Section(
        pgettext_lazy("menu", "News"), "desk:news", icon="news",
        right=Right.SEE_NEWS, group=PAPERS, key="KeyW",
    ),
    Section(
        _("Legal texts"), "desk:texts", icon="gavel",
        right=Right.SEE_OFFICE, group=OFFICE,
    ),
    Section(
        _("Organisation"), "desk:organisation", icon="id",
        right=Right.SEE_OFFICE, group=OFFICE,
    ),
    Section(
        _("Users and roles"), "desk:users", icon="shield",
        right=Right.SEE_OFFICE, group=OFFICE,
    ),
    Section(
        _("Applications of others"), "desk:clients", icon="key",
        right=Right.SEE_OFFICE, group=OFFICE,
    ),
    Section(
        _("Retention"), "desk:retention", icon="trash-x",
        right=Right.SEE_OFFICE, group=OFFICE,
    ),
    Section(
        _("Trail of deeds"), "desk:audit", icon="history",
        right=Right.SEE_AUDIT, group=OFFICE, key="KeyT",
    ),
    Section(
        _("Work in the background"), "desk:jobs", icon="progress",
        right=Right.OPEN_DESK, group=OFFICE, key="KeyJ",
    ),
)  # fmt: skip


def entries(request: HttpRequest, user: User) -> list[Entry]:
    """The sections that a user may open, the page's own marked, with what waits in each."""
    open_to = [section for section in SECTIONS if may(user, section.right)]
    found = [(section, reverse(section.url_name)) for section in open_to]
    inside = [url for _section, url in found if request.path.startswith(url)]
    here = max(inside, key=len, default=None)
    waiting = queues_of(user, request)
    return [
        Entry(section, url, current=url == here, queue=waiting.get(section.queue))
        for section, url in found
    ]


@dataclass(frozen=True, slots=True)
class Card:
    """A queue on the summary: what waits, drawn and said."""

    section: Section
    url: str
    waits: Queue

    @property
    def bars(self) -> list[Bar]:
        return bars(self.waits)

    @property
    def words(self) -> str:
        told = {
            "fresh": self.waits.fresh,
            "half": self.waits.half,
            "today": self.waits.today,
            "overdue": self.waits.overdue,
        }
        return (
            gettext(
                "fresh: %(fresh)s, past half: %(half)s, due today: %(today)s, overdue: %(overdue)s"
            )
            % told
        )


def cards(request: HttpRequest, user: User) -> list[Card]:
    """The queues that a user may open."""
    return [
        Card(entry.section, entry.url, entry.queue)
        for entry in entries(request, user)
        if entry.queue is not None
    ]
